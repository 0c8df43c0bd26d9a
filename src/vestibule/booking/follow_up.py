"""The next appointment, from the desk in one step: same consumer, same service, same provider."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule.booking import access, availability, lifecycle
from vestibule.booking.making import Ties
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock

NEAR = timedelta(days=3)
AHEAD = timedelta(days=28)


def suggest(actor: Actor, appointment: Appointment, *, weeks: Sequence[int] = (1, 2, 4)) -> list[datetime]:
    """Return a free start (aware UTC) about each of `weeks` after the appointment, at about the same time of day.

    Weeks with nothing free are left out. Raises NotFound, and what asking for free starts raises.
    """
    current = _seen(actor, appointment)
    zone = ZoneInfo(current.business.timezone)
    wall = current.start.astimezone(zone)
    found = []
    for number in weeks:
        day = wall.date() + timedelta(weeks=number)
        aim = datetime.combine(day, wall.time(), tzinfo=zone).astimezone(UTC)
        begin = max(aim - NEAR, clock.now())
        if begin >= aim + NEAR:
            continue
        slots = availability.free_starts(
            current.service,
            begin,
            aim + NEAR,
            provider=current.provider,
            length=current.end_minute - current.start_minute,
            as_staff=True,
        )
        if slots:
            found.append(min((slot.start for slot in slots), key=lambda one: (_apart(one, aim, zone), one)))
    return sorted(set(found))


def book(actor: Actor, appointment: Appointment, start: datetime, *, length_minutes: int | None = None) -> Appointment:
    """Book the consumer of `appointment` again, with the same service and provider; `follow_up_of` is set.

    As long as the first, if no length is given. Staff and keys only. Answers are taken over from the first, but no
    consents or files: those are of their time. Raises what booking raises, and NotPermitted.
    """
    if actor.kind not in (ActorKind.STAFF, ActorKind.API_KEY, ActorKind.SYSTEM):
        raise NotPermitted(_("Only staff can book a follow-up. You can book another appointment yourself."))
    current = _seen(actor, appointment)
    wish = _wish(current, start, length_minutes, "desk" if actor.kind is ActorKind.STAFF else "api")
    return lifecycle.book(actor, wish, ties=Ties(follow_up_of=current), answers_later=True)


def offer(appointment: Appointment, *, most: int = 3) -> list[datetime]:
    """Return the next starts its consumer may book with the same provider, at most `most`, on different days.

    Of each day the one nearest to the time of day it was. Raises what asking for free starts raises: a service that is
    hidden offers nothing.
    """
    since = max(clock.now(), appointment.end)
    slots = availability.free_starts(
        appointment.service, since, since + AHEAD, provider=appointment.provider, length=_own_length(appointment)
    )
    zone = ZoneInfo(appointment.timezone)
    by_day: dict[date, list[datetime]] = {}
    for slot in slots:
        by_day.setdefault(slot.start.astimezone(zone).date(), []).append(slot.start)
    days = sorted(by_day)[:most]
    return [min(by_day[day], key=lambda one: (_apart(one, appointment.start, zone)[1], one)) for day in days]


def consents_of(appointment: Appointment) -> list[dict[str, Any]]:
    """Return the questions of consent that must be answered anew for the next appointment."""
    asked = appointment.service.questions
    return [question for question in asked if question["type"] == "consent" and question["required"]]


def book_again(appointment: Appointment, start: datetime, consents: tuple[str, ...] = ()) -> Appointment:
    """Book the next appointment as its consumer: same service and provider, with `follow_up_of` set.

    Answers are taken over, consents (ids, or `id@version`) and files are not. Raises what booking raises.
    """
    subjects = frozenset({appointment.ref})
    actor = Actor(ActorKind.CONSUMER, appointment.name, appointment.business_id, subjects=subjects)
    wish = replace(_wish(appointment, start, None, "page"), consents=consents)
    return lifecycle.book(actor, wish, ties=Ties(follow_up_of=appointment), answers_later=True)


def booked_after(appointment: Appointment) -> Appointment | None:
    """Return the follow-up of `appointment` that is to come, if there is one."""
    rows = Appointment.objects.filter(follow_up_of=appointment, status__in=Appointment.OPEN)
    return rows.order_by("start_minute").first()


def _wish(current: Appointment, start: datetime, length: int | None, via: str) -> Wish:
    known = {question["id"] for question in current.service.questions if question["type"] not in ("file", "consent")}
    length = length or current.end_minute - current.start_minute
    return Wish(
        service=current.service,
        start=start,
        contact=Contact(
            *(current.name, current.email, current.phone, current.timezone, current.language),
            sms_consent=None if current.takes_texts else False,
        ),
        provider=current.provider,
        length_minutes=None if length == current.service.duration_minutes else length,
        answers={name: answer for name, answer in current.answers.items() if name in known},
        language_need=current.language_need,
        via=via,
    )


def _own_length(current: Appointment) -> int | None:
    """Return how long it took, if consumers may choose that length."""
    length = current.end_minute - current.start_minute
    return length if length in availability.lengths_of(current.service) else None


def _seen(actor: Actor, appointment: Appointment) -> Appointment:
    rows = Appointment.objects.visible_to(actor).filter(pk=appointment.pk)
    found: Appointment | None = rows.select_related(
        "business", "service__business", "service__location", "provider"
    ).first()
    if found is None or not access.is_staff(actor):
        raise NotFound(_("There is no such appointment here. Check the link, or ask for a new one."))
    return found


def _apart(one: datetime, aim: datetime, zone: ZoneInfo) -> tuple[int, float]:
    """Return how far `one` is from `aim`: first by days, then by the time of day."""
    here, there = one.astimezone(zone), aim.astimezone(zone)
    minutes = abs((here.hour * 60 + here.minute) - (there.hour * 60 + there.minute))
    return abs((here.date() - there.date()).days), minutes
