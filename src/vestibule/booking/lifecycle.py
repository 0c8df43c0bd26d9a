"""The verbs that change an appointment. Each is one transaction: check, change, messages, audit entry.

Pages and every API dialect call these. What is returned is fresh from the database.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import (
    access,
    announcements,
    availability,
    contacts,
    documents,
    holds,
    intake,
    links,
    making,
    quota,
    seating,
    status,
    waitlist_offers,
)
from vestibule.booking.calling_off import call_off
from vestibule.booking.companions import add_helper, remove_helper
from vestibule.booking.errors import WrongStatus, rfc3339
from vestibule.booking.making import ALONE, Ties
from vestibule.booking.models import Appointment, Seat, Service
from vestibule.booking.outside import asking
from vestibule.booking.own_calendar import telling
from vestibule.booking.seating import Aim, Place
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.meetings import planning
from vestibule.notifications import outbox
from vestibule.notifications.facts import Kind
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.transactions import writing

__all__ = [
    "Contact",
    "Helper",
    "Wish",
    "add_helper",
    "answer",
    "book",
    "cancel",
    "cannot_come",
    "complete",
    "move",
    "no_show",
    "not_seen",
    "remove_helper",
    "resize",
    "running_late",
    "set_label",
]

S = Appointment.Status
MOVES_PER_HOUR = LATE_PER_HOUR = 20


def book(actor: Actor, wish: Wish, *, ties: Ties = ALONE, answers_later: bool = False) -> Appointment:
    """Book `wish` and return the appointment, with meeting, links and messages made.

    The public, consumers and API keys book what is offered; staff also hidden services and times within the notice.
    Where the service needs approval, all but staff get a request. `ties` say what it belongs to; `answers_later` lets
    answers follow, but for required consents.
    Raises a refusal of `booking.errors`, or Invalid naming the field (`answers.<id>`).
    """
    as_staff = making.books_as_staff(actor, wish)
    availability.require_published(actor, wish.service)
    availability.require_offered(wish.service, wish.start, as_staff=as_staff)
    checked = making.check(actor, wish, partly=answers_later)
    aim = making.aim_of(wish, checked.contact, as_staff=as_staff)
    asking.before(actor, wish.service, wish.provider, aim.start, aim.end)
    with writing():
        refusal = None if as_staff else quota.lack_of_room(wish.service, checked.contact)
        if wish.hold:
            holds.require(wish.hold, wish.service, wish.start)
        made = seating.take(aim, lambda place: making.write(actor, wish, checked, place, ties))
        if refusal is not None:  # only now: a booking that cannot be made anyhow must not tell who has appointments
            raise refusal
        if not access.is_staff(actor):
            quota.count_written_to(*checked.written_to)
        return made.appointment


def move(
    actor: Actor,
    appointment: Appointment,
    start: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    hold: str = "",
) -> Appointment:
    """Move an appointment to `start` (aware), to `provider` if given, else with the same; links stay, messages follow.

    `length` in minutes; as long as now, if left out. `hold` is the reference of an own hold on the new start.
    Raises AlreadyCancelled, WrongStatus, TooLateToChange or TooMany (consumers), and what booking it would raise.
    """
    if asking.is_asked_for(actor):
        begin = to_minute(start)
        end = begin + (length or appointment.end_minute - appointment.start_minute)
        asking.before(actor, appointment.service, provider or appointment.provider, begin, end)
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        if actor.kind is ActorKind.CONSUMER:  # each writes to the address it was booked with, whosever that is
            rates.limit_others("appointment.move", current.ref, MOVES_PER_HOUR, 3600)
        if provider is not None and provider.pk != current.provider_id:
            making.require_choice(actor, current.service, provider)
        availability.require_offered(current.service, start, as_staff=True)
        if hold:
            holds.require(hold, current.service, start)
        aim = Aim(
            current.service,
            to_minute(start),
            current.timezone,
            provider.pk if provider else _same_provider(current, hold),
            holder=hold,
            as_staff=actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM),
            moving=current,
            length=length,
        )
        former = announcements.team_of(current)
        moved = seating.take(aim, lambda place: rewritten(actor, current, former, place))
        waitlist_offers.when_free(current.business_id)
        return moved


def cancel(actor: Actor, appointment: Appointment, *, reason: str = "", is_told: bool = True) -> Appointment:
    """Cancel an appointment: its time is free at once, reminders are dropped, both sides are told.

    Staff may cancel without anybody being told (`is_told`), as programs do that tell people themselves.
    Raises AlreadyCancelled, WrongStatus, TooLateToChange (consumers).
    """
    if not is_told:
        _require_staff(actor)
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        is_refused = current.status == S.REQUESTED and access.is_staff(actor)
        to_consumer = Kind.DECLINED if is_refused else Kind.CANCELLED
        return call_off(actor, current, reason=reason, to_consumer=to_consumer, is_told=is_told)


def cannot_come(actor: Actor, appointment: Appointment, reason: str = "") -> Appointment:
    """Cancel for a consumer who cannot come, however late: the change notice does not hold anybody who is ill.

    The audit trail says so. Raises AlreadyCancelled, WrongStatus (the visit has begun, or is over).
    """
    with writing():
        current = access.locked(actor, appointment)
        if clock.now() >= current.end:
            status.require(current, S.CANCELLED)
            raise WrongStatus(str(current.status))
        return call_off(actor, current, reason=reason, action="cannot_come")


def no_show(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the consumer did not come, and tell them the way to another time. From the start on, staff only."""
    return _conclude(actor, appointment, S.NO_SHOW, "no_show")


def not_seen(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the consumer came, but left before they were seen. From the start on, staff only."""
    return _conclude(actor, appointment, S.NOT_SEEN, "not_seen")


def complete(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the visit took place. From the start on, staff only."""
    return _conclude(actor, appointment, S.COMPLETED, "completed")


def running_late(actor: Actor, appointment: Appointment, minutes: int) -> Appointment:
    """Let the other side know that the consumer is `minutes` (1 to 120) late; shown on the desk.

    Said again it stays as it was. Raises Invalid, WrongStatus, AlreadyCancelled and, for consumers, TooMany.
    """
    if not 1 <= minutes <= 120:
        raise Invalid(_("Say how late you are: 1 to 120 minutes."), field="minutes")
    with writing():
        current = access.locked(actor, appointment)
        status.require(current, S.WAITING if current.status != S.WAITING else S.ARRIVED)
        if current.running_late_minutes == minutes:
            return current
        if actor.kind is ActorKind.CONSUMER:
            rates.limit("appointment.late", current.ref, LATE_PER_HOUR, 3600)
        current.running_late_minutes = minutes
        current.save(update_fields=["running_late_minutes"])
        access.record(actor, current, "running_late", minutes=minutes)
        return current


def resize(actor: Actor, appointment: Appointment, length_minutes: int) -> Appointment:
    """Let an appointment take `length_minutes` from the same start; staff only. Raises what moving it would raise."""
    _require_staff(actor)
    return move(actor, appointment, appointment.start, length=length_minutes)


def set_label(actor: Actor, appointment: Appointment, label: str) -> Appointment:
    """Give an appointment a short label (40 characters at most, "" for none) that staff see; staff only."""
    _require_staff(actor)
    with writing():
        current = access.locked(actor, appointment)
        current.label = contacts.clean_text(label, "label", most=40)
        current.save(update_fields=["label"])
        access.record(actor, current, "labelled", label=current.label)
        return current


def answer(actor: Actor, appointment: Appointment, answers: Mapping[str, Any]) -> Appointment:
    """Fill in, or change, the answers to the service's questions; ones not named stay. Until the appointment is over.

    What was agreed to stays agreed to. Raises Invalid naming `answers.<id>`, AlreadyCancelled, WrongStatus.
    """
    with writing():
        current = access.locked(actor, appointment)
        if current.status != S.IN_VISIT:
            status.require(current, S.CANCELLED)
        questions = current.service.questions
        known = {question["id"] for question in questions}
        agreed = {one["id"] for one in current.consents}
        before = {name: given for name, given in current.answers.items() if name in known}
        new = {name: given for name, given in answers.items() if name not in agreed}
        current.answers = intake.clean_answers(questions, {**before, **new}, partly=True)
        at = rfc3339(clock.now())
        fresh = [one for one in intake.kept_consents(questions, (), current.answers, at) if one["id"] not in agreed]
        current.consents = [*current.consents, *fresh]
        current.save(update_fields=["answers", "consents"])
        documents.tie(current, current.answers)
        access.record(actor, current, "answered", questions=sorted(new))
        return current


def _require_staff(actor: Actor) -> None:
    if not access.is_staff(actor):
        raise NotPermitted(_("Only staff can change this."))


def _same_provider(current: Appointment, hold: str) -> int | None:
    """Return the provider to stay with; None when that person offers the service no longer.

    An own hold says with whom instead, where one provider of several takes the appointment.
    """
    if current.service.assignment == Service.Assignment.ANY and hold:
        held = Seat.objects.filter(hold__ref=hold).values_list("occupancy__provider_id", flat=True).first()
        if held is not None:
            return int(held)
    still = current.service.offers.filter(provider_id=current.provider_id, provider__is_active=True).exists()
    return current.provider_id if still else None


def rewritten(actor: Actor, current: Appointment, former: list[Provider], place: Place) -> Appointment:
    """Return an appointment (locked) that was brought to time just taken; links stay, messages follow.

    `former` are the providers who took part until now.
    """
    previous = current.start_minute
    team = place.providers
    current.start_minute, current.end_minute = place.start, place.end
    current.provider, current.session = team[0], place.session
    current.version += 1
    current.running_late_minutes = current.provider_late_minutes = None
    if current.request_expires_at is not None:
        current.request_expires_at = min(current.request_expires_at, current.start)
    current.confirmed_at = None
    changed = ["start_minute", "end_minute", "provider", "session", "version", "request_expires_at"]
    current.save(update_fields=[*changed, "running_late_minutes", "provider_late_minutes", "confirmed_at"])
    place.seat(appointment=current)
    begins_anew = current.meeting is None or planning.move(
        current.meeting, current.start, current.end, providers=making.hosts(team)
    )
    if current.status not in (S.BOOKED, S.REQUESTED) and begins_anew:  # whoever waited for the old time waits no more
        current.status = S.BOOKED
        status.note(actor, current)
        current.save(update_fields=["status"])
    says = announcements.teller(current, links.renew(current), team=team, by=actor, previous=previous)
    if current.status == S.REQUESTED:
        says.requested()
    else:
        says.moved()
    says.left([one for one in former if one not in team])
    telling.moved(current, former, team)
    access.record(actor, current, "moved", start=rfc3339(current.start), previous=rfc3339(from_minute(previous)))
    return current


def _conclude(actor: Actor, appointment: Appointment, wanted: str, action: str) -> Appointment:
    with writing():
        current = access.locked(actor, appointment)
        if actor.kind is ActorKind.CONSUMER:
            raise NotPermitted(_("Only staff can say how a visit went."))
        if clock.now() < current.start:
            raise Invalid(_("The appointment has not begun yet. Cancel it if it will not take place."), field="status")
        status.become(actor, current, wanted)
        says = announcements.teller(current)
        if wanted == S.NO_SHOW:
            says.missed()
        else:
            outbox.drop(current.ref, [Kind.MISSED])
        if wanted == S.COMPLETED:
            says.planned()
        elif wanted == S.NOT_SEEN:
            outbox.drop(current.ref, [Kind.FOLLOW_UP])
        access.record(actor, current, action)
        return current
