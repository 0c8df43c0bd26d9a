"""Holding, booking, and changing what is booked."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from vestibule.api.v1 import shown
from vestibule.api.v1.callers import answer, caller, known_caller, once
from vestibule.api.v1.openness import provider_named
from vestibule.api.v1.schemas import (
    AppointmentIn,
    AppointmentOut,
    CancelIn,
    ChangeIn,
    HoldIn,
    HoldOut,
    RescheduleIn,
    Word,
    instant,
)
from vestibule.booking import catalogue, holds, lifecycle
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.people import rates
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Actor
from vestibule.store.clock import from_minute

flow = Router(tags=["Booking"])
own = Router(tags=["Appointments"])


@flow.post("/{business}/holds", response={201: HoldOut}, summary="Keep a start for five minutes")
def keep(request: HttpRequest, business: Word, given: HoldIn) -> HttpResponse:
    """Nobody else can book the start until `expires_at`. An address keeps at most twenty at once."""
    actor = caller(request)

    def do() -> tuple[int, Any]:
        service = catalogue.service_named(business, given.service)
        provider = provider_named(service.business, given.provider) if given.provider else None
        client = rates.client_key(request)
        made = holds.hold(service, given.start, provider=provider, client=client, most=holds.MOST_PER_ADDRESS)
        start, end = from_minute(made.start_minute), from_minute(made.end_minute)
        return 201, {
            "id": made.ref,
            "start": instant(start),
            "end": instant(end),
            "expires_at": instant(made.expires_at),
        }

    return once(request, actor, do)


@flow.post("/{business}/appointments", response={201: AppointmentOut}, summary="Book")
def book(request: HttpRequest, business: Word, given: AppointmentIn) -> HttpResponse:
    """Book a start. 409 `slot_taken` names the nearest free starts; 422 has a code for the rule that refused."""
    actor = caller(request)
    who = given.consumer.email.strip().lower()
    return once(request, actor, lambda: _book(actor, business, given), who=who)


@own.get("/{id}", response=AppointmentOut, summary="One appointment")
def show(request: HttpRequest, id: Word) -> HttpResponse:
    """By API key, or by the token of the consumer's own link."""
    return _told(_visible(known_caller(request), id))


@own.patch("/{id}", response=AppointmentOut, summary="Say that the consumer runs late")
def change(request: HttpRequest, id: Word, given: ChangeIn) -> HttpResponse:
    """Nothing else changes without moving or cancelling."""
    actor = known_caller(request)
    row = _visible(actor, id)
    return once(request, actor, lambda: _changed(lifecycle.running_late(actor, row, given.running_late_minutes)))


@own.post("/{id}/cancel", response=AppointmentOut, summary="Cancel")
def cancel(request: HttpRequest, id: Word, given: CancelIn | None = None) -> HttpResponse:
    """Frees the time at once and tells both sides. Consumers keep the change notice."""
    actor = known_caller(request)
    row = _visible(actor, id)
    reason = given.reason if given is not None else ""
    return once(request, actor, lambda: _changed(lifecycle.cancel(actor, row, reason=reason)))


@own.post("/{id}/reschedule", response=AppointmentOut, summary="Move")
def reschedule(request: HttpRequest, id: Word, given: RescheduleIn) -> HttpResponse:
    """Moves to a free start; links stay, reminders follow. Consumers keep the change notice."""
    actor = known_caller(request)
    row = _visible(actor, id)

    def do() -> tuple[int, Any]:
        provider = provider_named(row.business, given.provider) if given.provider else None
        return _changed(lifecycle.move(actor, row, given.start, provider=provider))

    return once(request, actor, do)


@own.post("/{id}/no-show", response=AppointmentOut, summary="The consumer did not come")
def no_show(request: HttpRequest, id: Word) -> HttpResponse:
    """From the start on, by API key."""
    actor = known_caller(request)
    row = _visible(actor, id)
    return once(request, actor, lambda: _changed(lifecycle.no_show(actor, row)))


@own.post("/{id}/complete", response=AppointmentOut, summary="The visit took place")
def complete(request: HttpRequest, id: Word) -> HttpResponse:
    """From the start on, by API key."""
    actor = known_caller(request)
    row = _visible(actor, id)
    return once(request, actor, lambda: _changed(lifecycle.complete(actor, row)))


def _book(actor: Actor, business: str, given: AppointmentIn) -> tuple[int, Any]:
    who = given.consumer
    service = catalogue.service_named(business, given.service)
    wish = Wish(
        service=service,
        start=given.start,
        contact=Contact(who.name, who.email, who.phone, who.timezone, who.language),
        provider=provider_named(service.business, given.provider) if given.provider else None,
        length_minutes=given.length_minutes,
        hold=given.hold or "",
        answers=given.answers,
        consents=tuple(given.consents),
        helpers=tuple(Helper(one.name, one.email, one.kind) for one in given.helpers),
        note=given.note,
        via="api",
    )
    return 201, shown.appointment(lifecycle.book(actor, wish), with_links=True)


def _visible(actor: Actor, ref: str) -> Appointment:
    """Return the appointment `actor` may see. Raises NotFound."""
    rows = Appointment.objects.visible_to(actor).filter(ref=ref)
    row: Appointment | None = rows.select_related("business", "service", "provider").first()
    if row is None:
        raise NotFound(_("There is no such appointment here. Check the id and the key or link."))
    return row


def _changed(row: Appointment) -> tuple[int, Any]:
    return 200, shown.appointment(row)


def _told(row: Appointment) -> HttpResponse:
    return answer(200, orjson.dumps(shown.appointment(row)))
