"""Holding and booking, one appointment or a series."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from vestibule.api.v1 import shown
from vestibule.api.v1.callers import caller, once
from vestibule.api.v1.openness import provider_named
from vestibule.api.v1.schemas import (
    AppointmentIn,
    AppointmentOut,
    ConsentIn,
    ConsumerIn,
    HoldIn,
    HoldOut,
    RepeatIn,
    Word,
    instant,
)
from vestibule.booking import catalogue, holds, lifecycle, making, series
from vestibule.booking.models import Service
from vestibule.booking.series import Occurrence
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.notifications import consent
from vestibule.people import rates
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store.clock import from_minute

flow = Router(tags=["Booking"])
SERIES_PER_TEN_MINUTES = 120
RHYTHMS = {"week": (series.WEEK, 1), "fortnight": (series.WEEK, 2), "month": (series.MONTH, 1)}


@flow.post("/{business}/holds", response={201: HoldOut}, summary="Keep a start for five minutes")
def keep(request: HttpRequest, business: Word, given: HoldIn) -> HttpResponse:
    """Nobody else can book the start until `expires_at`. An address keeps at most twenty at once."""
    actor = caller(request)
    client = rates.client_key(request)
    most = holds.MOST_LOCAL if rates.is_local(request) else holds.MOST_PER_ADDRESS

    def do() -> tuple[int, Any]:
        service = catalogue.service_named(business, given.service)
        provider = provider_named(service.business, given.provider) if given.provider else None
        if provider is not None:
            making.require_choice(actor, service, provider)
        made = holds.hold(
            service,
            given.start,
            provider=provider,
            length=given.length_minutes,
            client=client,
            most=most,
        )
        start, end = from_minute(made.start_minute), from_minute(made.end_minute)
        return 201, {
            "id": made.ref,
            "start": instant(start),
            "end": instant(end),
            "expires_at": instant(made.expires_at),
        }

    return once(request, actor, do, who=f"{business} {client}")


@flow.post("/{business}/appointments", response={201: AppointmentOut}, summary="Book")
def book(request: HttpRequest, business: Word, given: AppointmentIn) -> HttpResponse:
    """Book a start. 409 `slot_taken` names the nearest free starts; 422 has a code for the rule that refused.

    With `repeat` a series is booked: the answer is its first appointment, with every date in `occurrences`. Where
    the service needs approval the status is `requested`, and there is no `visit_url` until staff have approved.
    """
    actor = caller(request)
    who = f"{business} {given.consumer.email.strip().lower()}"
    if given.repeat is not None and actor.kind is not ActorKind.API_KEY:  # each date is looked into
        rates.limit_others("book.series", rates.client_key(request), SERIES_PER_TEN_MINUTES, 600)
    return once(request, actor, lambda: _book(actor, business, given), who=who)


def consents_of(given: Sequence[str | ConsentIn]) -> tuple[str, ...]:
    """Return consents as a wish takes them: the id, or `id@version`."""
    return tuple(one if isinstance(one, str) else f"{one.id}@{one.version}" if one.version else one.id for one in given)


def contact_of(service: Service, given: ConsumerIn) -> Contact:
    """Return who books, as given."""
    contact = Contact(given.name, given.email, given.phone, given.timezone, given.language)
    if given.sms_consent is None:
        return contact
    wording = consent.sms_wording(service.business) if given.sms_consent else ""
    return replace(contact, sms_consent=given.sms_consent, sms_wording=wording)


def _book(actor: Actor, business: str, given: AppointmentIn) -> tuple[int, Any]:
    service = catalogue.service_named(business, given.service)
    wish = Wish(
        service=service,
        start=given.start,
        contact=contact_of(service, given.consumer),
        provider=provider_named(service.business, given.provider) if given.provider else None,
        length_minutes=given.length_minutes,
        hold=given.hold or "",
        answers=given.answers,
        consents=consents_of(given.consents),
        helpers=tuple(Helper(one.name, one.email, one.kind) for one in given.helpers),
        language_need=given.language_need,
        note=given.note,
        via="api",
    )
    if given.repeat is not None:
        return 201, _book_series(actor, wish, given.repeat)
    return 201, shown.appointment(lifecycle.book(actor, wish), with_links=True)


def _book_series(actor: Actor, wish: Wish, repeat: RepeatIn) -> dict[str, Any]:
    """Book every date, or those that are free. Where none may be booked, the first is asked for, to say why."""
    unit, step = RHYTHMS[repeat.every]
    planned = series.plan(actor, wish, unit=unit, step=step, count=repeat.count)
    wanted = [one.start for one in planned if one.is_free or repeat.policy == "all"] or [planned[0].start]
    made = {one.start: one for one in series.book(actor, wish, unit=unit, step=step, starts=wanted)}

    def told(one: Occurrence) -> dict[str, Any]:
        return shown.occurrence(made[one.start]) if one.start in made else shown.refused(one)

    first = made[min(made)]
    return shown.appointment(first, with_links=True) | {"occurrences": [told(one) for one in planned]}
