"""Seeing and changing one appointment, by key or by the consumer's own link."""

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from vestibule.api.v1 import shown
from vestibule.api.v1.callers import answer, known_caller, once
from vestibule.api.v1.openness import provider_named
from vestibule.api.v1.schemas import (
    AppointmentOut,
    CancelIn,
    ChangeIn,
    DeclineIn,
    LinkIn,
    LinkOut,
    RescheduleIn,
    Word,
    instant,
)
from vestibule.booking import companions, lifecycle, requests, series
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Helper
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

own = Router(tags=["Appointments"])
HELPERS_PER_HOUR = 20
Verb = Callable[[Actor, Appointment], Appointment]


@own.get("/{id}", response=AppointmentOut, summary="One appointment")
def show(request: HttpRequest, id: Word) -> HttpResponse:
    """By API key, or by the token of the consumer's own link."""
    actor = known_caller(request)
    return answer(200, orjson.dumps(_shown(actor, _visible(actor, id))))


@own.patch("/{id}", response=AppointmentOut, summary="Change what is not its time")
def change(request: HttpRequest, id: Word, given: ChangeIn) -> HttpResponse:
    """Say that the consumer runs late, answer the service's questions, label it. The rest is moving or cancelling."""
    return _once(request, id, lambda actor, row: _changed(actor, row, given))


@own.post("/{id}/cancel", response=AppointmentOut, summary="Cancel")
def cancel(request: HttpRequest, id: Word, given: CancelIn | None = None) -> HttpResponse:
    """Frees the time at once and tells both sides. Consumers keep the change notice. `rest` takes the series along."""
    asked = given or CancelIn()
    if asked.rest:
        return _once(request, id, lambda actor, row: _cancelled_from(actor, row, asked.reason))
    return _once(request, id, lambda actor, row: lifecycle.cancel(actor, row, reason=asked.reason))


@own.post("/{id}/cannot-come", response=AppointmentOut, summary="Cancel, however late")
def cannot_come(request: HttpRequest, id: Word, given: CancelIn | None = None) -> HttpResponse:
    """For a consumer who cannot come: the change notice does not count, until the appointment is over."""
    reason = given.reason if given is not None else ""
    return _once(request, id, lambda actor, row: lifecycle.cannot_come(actor, row, reason))


@own.post("/{id}/reschedule", response=AppointmentOut, summary="Move")
def reschedule(request: HttpRequest, id: Word, given: RescheduleIn) -> HttpResponse:
    """Moves to a free start; links stay, reminders follow. Consumers keep the change notice."""
    return _once(request, id, lambda actor, row: _moved(actor, row, given))


@own.post("/{id}/approve", response=AppointmentOut, summary="Approve a request")
def approve(request: HttpRequest, id: Word) -> HttpResponse:
    """Books it: the meeting and its links are made, both sides are told. By API key."""
    return _once(request, id, requests.approve)


@own.post("/{id}/decline", response=AppointmentOut, summary="Decline a request")
def decline(request: HttpRequest, id: Word, given: DeclineIn | None = None) -> HttpResponse:
    """Frees the time and tells the consumer, with the reason. By API key."""
    reason = given.reason if given is not None else ""
    return _once(request, id, lambda actor, row: requests.decline(actor, row, reason=reason))


@own.post("/{id}/no-show", response=AppointmentOut, summary="The consumer did not come")
def no_show(request: HttpRequest, id: Word) -> HttpResponse:
    """From the start on, by API key."""
    return _once(request, id, lifecycle.no_show)


@own.post("/{id}/not-seen", response=AppointmentOut, summary="The consumer came, but left before being seen")
def not_seen(request: HttpRequest, id: Word) -> HttpResponse:
    """By API key, for somebody who came to the waiting room, or after the visit was said to have ended otherwise."""
    return _once(request, id, lifecycle.not_seen)


@own.post("/{id}/complete", response=AppointmentOut, summary="The visit took place")
def complete(request: HttpRequest, id: Word) -> HttpResponse:
    """From the start on, by API key."""
    return _once(request, id, lifecycle.complete)


@own.post("/{id}/links", response={201: LinkOut}, summary="Let a helper or interpreter join")
def link(request: HttpRequest, id: Word, given: LinkIn) -> HttpResponse:
    """The address is theirs alone and shown this once; null where there is nothing to join, or not yet."""
    actor = known_caller(request)
    row = _visible(actor, id)
    if actor.kind is ActorKind.CONSUMER:  # each may write to an address of the caller's choice
        rates.limit("appointment.helper", row.ref, HELPERS_PER_HOUR, 3600)

    def do() -> tuple[int, Any]:
        made = companions.invite(actor, row, Helper(given.name, given.email, given.role))
        told = {"url": made.url or None, "expires_at": instant(made.expires_at)}
        return 201, told | {"role": given.role, "name": given.name}

    return once(request, actor, do)


def _once(request: HttpRequest, ref: str, verb: Verb) -> HttpResponse:
    actor = known_caller(request)
    row = _visible(actor, ref)
    return once(request, actor, lambda: (200, _shown(actor, verb(actor, row))))


def _visible(actor: Actor, ref: str) -> Appointment:
    """Return the appointment `actor` may see; a request whose time is over has ended. Raises NotFound."""
    rows = Appointment.objects.visible_to(actor).filter(ref=ref)
    row: Appointment | None = rows.select_related("business", "service", "provider", "series").first()
    if row is None:
        raise NotFound(_("There is no such appointment here. Check the id and the key or link."))
    if row.request_expires_at is not None and row.request_expires_at <= clock.now() and requests.expire(row):
        row.refresh_from_db()
    return row


def _shown(actor: Actor, row: Appointment) -> dict[str, Any]:
    return shown.appointment(row, for_staff=actor.kind is ActorKind.API_KEY)


def _changed(actor: Actor, row: Appointment, given: ChangeIn) -> Appointment:
    if given == ChangeIn():
        raise Invalid(_("Nothing was given that could be changed."), field="body")
    with writing():
        if given.running_late_minutes is not None:
            row = lifecycle.running_late(actor, row, given.running_late_minutes)
        if given.answers is not None:
            row = lifecycle.answer(actor, row, given.answers)
        if given.label is not None:
            row = lifecycle.set_label(actor, row, given.label)
    return row


def _cancelled_from(actor: Actor, row: Appointment, reason: str) -> Appointment:
    """Cancel it and the rest of its series; where it is over itself, it is told as it is."""
    cancelled = series.cancel_rest(actor, row, reason=reason)
    return next((one for one in cancelled if one.pk == row.pk), row)


def _moved(actor: Actor, row: Appointment, given: RescheduleIn) -> Appointment:
    if given.length_minutes is not None and actor.kind is ActorKind.CONSUMER:
        raise NotPermitted(_("Only staff can change how long an appointment takes."))
    provider = provider_named(row.business, given.provider) if given.provider else None
    return lifecycle.move(
        actor, row, given.start, provider=provider, length=given.length_minutes, hold=given.hold or ""
    )
