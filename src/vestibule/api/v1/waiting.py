"""The waitlist: joining it, and answering what is offered by the link that came by mail."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from vestibule.api.v1 import paging, shown
from vestibule.api.v1.booking import consents_of, contact_of
from vestibule.api.v1.callers import answer, caller, key_with, known_caller, once
from vestibule.api.v1.openness import provider_named
from vestibule.api.v1.records import Cursor, Limit
from vestibule.api.v1.schemas import AcceptIn, AppointmentOut, WaitIn, WaitOut, WaitsOut, Word
from vestibule.booking import catalogue, waitlist
from vestibule.booking.models import Appointment, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock

joining = Router(tags=["Waitlist"])
router = Router(tags=["Waitlist"])
Verb = Callable[[Actor, WaitlistEntry], WaitlistEntry]


@joining.post("/{business}/waitlist", response={201: WaitOut}, summary="Wait for a time that becomes free")
def join(request: HttpRequest, business: Word, given: WaitIn) -> HttpResponse:
    """What becomes free is offered by mail in the order people came, and held for half an hour.

    With `appointment` (and its key or link) an earlier time is wanted, to which it then moves.
    """
    actor = caller(request)
    if actor.kind is not ActorKind.API_KEY:
        rates.limit_others("waitlist.join", rates.client_key(request), waitlist.JOINS_PER_HOUR, 3600)
    who = given.consumer.email.strip().lower() if given.consumer is not None else rates.client_key(request)
    return once(request, actor, lambda: (201, shown.waiting(_join(actor, business, given))), who=f"{business} {who}")


@router.get("/waitlist", response=WaitsOut, summary="Who waits")
def entries(
    request: HttpRequest,
    status: Annotated[WaitlistEntry.Status | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """By API key, in the order people came."""
    actor = key_with(request, Permission.SEE_APPOINTMENTS)
    rows = WaitlistEntry.objects.visible_to(actor).select_related("service", "provider", "appointment")
    if status is not None:
        rows = rows.filter(status=status)
    found, after = paging.page(rows, "id", cursor, limit)
    return answer(200, orjson.dumps({"entries": [shown.waiting(row) for row in found], "next": after}))


@router.get("/waitlist/{id}", response=WaitOut, summary="One place on the waitlist")
def show(request: HttpRequest, id: Word) -> HttpResponse:
    """By API key, or by the token of the link that came by mail."""
    return answer(200, orjson.dumps(shown.waiting(_visible(known_caller(request), id))))


@router.post("/waitlist/{id}/accept", response=AppointmentOut, summary="Take the time that is offered")
def accept(request: HttpRequest, id: Word, given: AcceptIn | None = None) -> HttpResponse:
    """Books it, or moves the appointment that waits for an earlier time. 422 `hold_expired` when it is too late."""
    actor = known_caller(request)
    row, asked = _visible(actor, id), given or AcceptIn()

    def do() -> tuple[int, Any]:
        consents = consents_of(asked.consents)
        made = waitlist.accept(actor, row, answers=asked.answers, consents=consents)
        return 200, shown.appointment(made, with_links=True)

    return once(request, actor, do)


@router.post("/waitlist/{id}/decline", response=WaitOut, summary="Let the offered time pass")
def decline(request: HttpRequest, id: Word) -> HttpResponse:
    """It goes to the next; the place on the list stays."""
    return _once(request, id, waitlist.decline)


@router.post("/waitlist/{id}/leave", response=WaitOut, summary="Leave the waitlist")
def leave(request: HttpRequest, id: Word) -> HttpResponse:
    """Twice is once."""
    return _once(request, id, waitlist.leave)


def _join(actor: Actor, business: str, given: WaitIn) -> WaitlistEntry:
    service = catalogue.service_named(business, given.service)
    appointment = _own(actor, given.appointment, service.pk) if given.appointment else None
    if (given.consumer is None) == (appointment is None):
        raise Invalid(_("Say who waits: give `consumer`, or `appointment` for an earlier time."), field="consumer")
    began = clock.now()
    entry = waitlist.join(
        actor,
        service,
        contact_of(service, given.consumer) if given.consumer is not None else Contact("", ""),
        provider=provider_named(service.business, given.provider) if given.provider else None,
        first=given.first,
        last=given.last,
        day_parts=given.day_parts,
        length=given.length_minutes,
        appointment=appointment,
        via="api",
    )
    if actor.kind is ActorKind.PUBLIC and entry.created_at < began:
        # Anybody can type an address: how its owner's wait goes is for the holder of the link.
        entry.status, entry.created_at = WaitlistEntry.Status.WAITING, began
    return entry


def _own(actor: Actor, ref: str, service: int) -> Appointment:
    found: Appointment | None = Appointment.objects.visible_to(actor).filter(ref=ref, service_id=service).first()
    if found is None:
        raise NotFound(_("There is no such appointment here. Check the id and the key or link."))
    return found


def _visible(actor: Actor, ref: str) -> WaitlistEntry:
    """Return the entry `actor` may see. Raises NotFound."""
    if actor.kind is ActorKind.CONSUMER:
        row = waitlist.entry_of(actor)
        if row.ref == ref:
            return row
    elif actor.kind is ActorKind.API_KEY:
        actor.require(Permission.SEE_APPOINTMENTS)
    found: WaitlistEntry | None = (
        WaitlistEntry.objects.visible_to(actor).select_related("service", "provider", "appointment").filter(ref=ref)
    ).first()
    if found is None:
        raise NotFound(_("There is no such place on the waitlist. Check the id and the key or link."))
    return found


def _once(request: HttpRequest, ref: str, verb: Verb) -> HttpResponse:
    actor = known_caller(request)
    row = _visible(actor, ref)
    return once(request, actor, lambda: (200, shown.waiting(verb(actor, row))))
