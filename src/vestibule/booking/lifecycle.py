"""The verbs that change an appointment. Each is one transaction: check, change, messages, audit entry.

Pages and every API dialect call these. What is returned is fresh from the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements, availability, contacts, holds, intake, links, seating, status
from vestibule.booking.acquaintance import providers_met
from vestibule.booking.companions import add_helper, remove_helper
from vestibule.booking.errors import ProviderNotOffered, rfc3339
from vestibule.booking.models import Appointment, Location, Service
from vestibule.booking.seating import Aim, Place
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.meetings import planning
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock, rows
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
    "remove_helper",
    "resize",
    "running_late",
    "set_label",
]

S = Appointment.Status
P = Permission


def book(actor: Actor, wish: Wish) -> Appointment:
    """Book `wish` and return the appointment, with meeting, links and messages made.

    The public, consumers and API keys book what is offered; staff also hidden services and times within the notice.
    Raises a refusal of `booking.errors`, or Invalid naming the field (`answers.<id>`).
    """
    service, business = wish.service, wish.service.business
    as_staff = _books_as_staff(actor, wish)
    availability.require_offered(service, wish.start, as_staff=as_staff)
    checked = _check(actor, wish, business)
    aim = Aim(
        service,
        to_minute(wish.start),
        checked.contact.timezone,
        wish.provider.pk if wish.provider else None,
        holder=wish.hold,
        as_staff=as_staff,
        length=wish.length_minutes,
        known=providers_met(business, checked.contact.email) if _prefers_known(wish) else (),
    )
    with writing():
        if wish.hold:
            holds.require(wish.hold, service, wish.start)
        return seating.take(aim, lambda place: _write(actor, wish, checked, place))


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
    Raises AlreadyCancelled, WrongStatus, TooLateToChange (consumers), and what booking the start would raise.
    """
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        if provider is not None and provider.pk != current.provider_id:
            _require_choice(actor, current.service, provider)
        as_staff = actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM)
        availability.require_offered(current.service, start, as_staff=True)
        aim = Aim(
            current.service,
            to_minute(start),
            current.timezone,
            provider.pk if provider else _same_provider(current),
            holder=hold,
            as_staff=as_staff,
            moving=current,
            length=length,
        )
        if hold:
            holds.require(hold, current.service, start)
        former = announcements.team_of(current)
        return seating.take(aim, lambda place: _rewrite(actor, current, former, place))


def cancel(actor: Actor, appointment: Appointment, *, reason: str = "") -> Appointment:
    """Cancel an appointment: its time is free at once, reminders are dropped, both sides are told.

    Raises AlreadyCancelled, WrongStatus, TooLateToChange (consumers).
    """
    with writing():
        current = access.locked(actor, appointment)
        status.require(current, S.CANCELLED)
        access.require_changeable(actor, current)
        team = announcements.team_of(current)
        current.cancel_reason = contacts.clean_text(reason, "reason", most=300)
        current.cancelled_by = announcements.side_of(actor)
        current.version += 1
        current.save(update_fields=["cancel_reason", "cancelled_by", "version"])
        status.become(actor, current, S.CANCELLED)
        seating.give_back(current)
        ids = links.of(current)
        if current.meeting is not None:
            planning.cancel(current.meeting)
            links.close(current)
        announcements.teller(current, ids, team=team, by=actor).cancelled()
        access.record(actor, current, "cancelled", reason=bool(current.cancel_reason))
        return current


def no_show(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the consumer did not come. From the start on, staff only."""
    return _conclude(actor, appointment, S.NO_SHOW, "no_show")


def complete(actor: Actor, appointment: Appointment) -> Appointment:
    """Note that the visit took place. From the start on, staff only."""
    return _conclude(actor, appointment, S.COMPLETED, "completed")


def running_late(actor: Actor, appointment: Appointment, minutes: int) -> Appointment:
    """Let the other side know that the consumer is `minutes` (1 to 120) late; shown on the desk."""
    if not 1 <= minutes <= 120:
        raise Invalid(_("Say how late you are: 1 to 120 minutes."), field="minutes")
    with writing():
        current = access.locked(actor, appointment)
        status.require(current, S.WAITING if current.status != S.WAITING else S.ARRIVED)
        current.running_late_minutes = minutes
        current.save(update_fields=["running_late_minutes"])
        access.record(actor, current, "running_late", minutes=minutes)
        return current


def cannot_come(actor: Actor, appointment: Appointment, reason: str = "") -> Appointment:
    """Cancel for a consumer who cannot come, however late: the change notice does not hold anybody who is ill.

    The business is told that it was late. Raises AlreadyCancelled, WrongStatus (it has begun, or is over).
    """
    raise NotImplementedError


def resize(actor: Actor, appointment: Appointment, length_minutes: int) -> Appointment:
    """Let an appointment take `length_minutes` from the same start; staff only. Raises what moving it would raise."""
    raise NotImplementedError


def set_label(actor: Actor, appointment: Appointment, label: str) -> Appointment:
    """Give an appointment a short label (40 characters at most, "" for none) that staff see; staff only."""
    raise NotImplementedError


def answer(actor: Actor, appointment: Appointment, answers: Mapping[str, Any]) -> Appointment:
    """Fill in, or change, the answers to the service's questions; ones not named stay. Until the appointment is over.

    Raises Invalid naming `answers.<id>`, AlreadyCancelled, WrongStatus.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class _Checked:
    contact: Contact
    answers: dict[str, Any]
    helpers: list[dict[str, str]]
    consents: list[str]
    note: str


def _prefers_known(wish: Wish) -> bool:
    return wish.provider is None and wish.service.prefers_known_provider


def _books_as_staff(actor: Actor, wish: Wish) -> bool:
    access.require_own_business(actor, wish.service)
    if actor.kind is not ActorKind.STAFF:
        return actor.kind is ActorKind.SYSTEM
    _require_own(actor, wish.provider)
    return True


def _require_own(actor: Actor, provider: Provider | None) -> None:
    """Raise NotPermitted for staff whose role books with themselves only, unless `provider` is who asks."""
    own = provider is not None and provider.pk == actor.provider_id
    if not (actor.may(P.CHANGE_APPOINTMENTS) or (own and actor.may(P.CHANGE_OWN_APPOINTMENTS))):
        raise NotPermitted(_("Your role books appointments with yourself only. Ask a scheduler for others."))


def _require_choice(actor: Actor, service: Service, provider: Provider) -> None:
    """Raise unless `actor` may have `provider` in particular: outside, where the service lets people choose."""
    if actor.kind is ActorKind.STAFF:
        _require_own(actor, provider)
    elif actor.kind is not ActorKind.SYSTEM and not service.consumer_chooses_provider:
        raise ProviderNotOffered


def _check(actor: Actor, wish: Wish, business: Business) -> _Checked:
    service = wish.service
    as_staff = actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM)
    availability.require_length(service, wish.length_minutes, as_staff=as_staff)
    if wish.provider is not None:
        _require_choice(actor, service, wish.provider)
    if len(wish.consents) > 20:
        raise Invalid(_("These are more consents than there are."), field="consents")
    return _Checked(
        contacts.clean_contact(business, wish.contact),
        intake.clean_answers(service.questions, wish.answers),
        contacts.clean_helpers(wish.helpers),
        [contacts.clean_text(one, "consents", most=80, least=1) for one in wish.consents],
        contacts.clean_text(wish.note, "note", most=2000, lines=True),
    )


def _write(actor: Actor, wish: Wish, checked: _Checked, place: Place) -> Appointment:
    service, contact = wish.service, checked.contact
    team = place.providers
    meeting, participants = _plan(wish, contact.name, place, team)
    appointment = Appointment(
        business=service.business,
        service=service,
        consumer=contacts.find_or_add(service.business, contact),
        provider=team[0],
        meeting=meeting,
        start_minute=place.start,
        end_minute=place.end,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        language=contact.language,
        answers=checked.answers,
        consents=checked.consents,
        helpers=checked.helpers,
        note=checked.note,
        price_minor=service.price_minor,
        currency=service.currency,
        booked_via=wish.via[:20],
        created_at=clock.now(),
    )
    rows.insert([appointment])
    place.seat(appointment=appointment)
    appointment.fresh_history = [status.note(actor, appointment)]
    ids = links.issue(appointment, participants)
    announcements.teller(appointment, ids, team=team).booked()
    access.record(actor, appointment, "booked", providers=[one.slug for one in team], via=appointment.booked_via)
    return appointment


def _plan(wish: Wish, name: str, place: Place, team: list[Provider]) -> tuple[Meeting | None, list[Participant]]:
    location = wish.service.location
    if location is not None and location.kind != Location.Kind.ONLINE:
        return None, []
    seats = [planning.Seat("consumer", "consumer", name), *_hosts(team)]
    business_id, title = wish.service.business_id, wish.service.name
    return planning.plan(business_id, title, from_minute(place.start), from_minute(place.end), seats)


def _same_provider(current: Appointment) -> int | None:
    """Return the provider to stay with; None when that person offers the service no longer."""
    still = current.service.offers.filter(provider_id=current.provider_id, provider__is_active=True).exists()
    return current.provider_id if still else None


def _rewrite(actor: Actor, current: Appointment, former: list[Provider], place: Place) -> Appointment:
    previous = current.start_minute
    team = place.providers
    current.start_minute, current.end_minute = place.start, place.end
    current.provider = team[0]
    current.version += 1
    current.running_late_minutes = None
    current.save(update_fields=["start_minute", "end_minute", "provider", "version", "running_late_minutes"])
    place.seat(appointment=current)
    begins_anew = current.meeting is None or planning.move(
        current.meeting, current.start, current.end, providers=_hosts(team)
    )
    if current.status != S.BOOKED and begins_anew:  # whoever waited for the old time waits no more
        current.status = S.BOOKED
        status.note(actor, current)
        current.save(update_fields=["status"])
    says = announcements.teller(current, links.renew(current), team=team, by=actor, previous=previous)
    says.moved()
    says.left([one for one in former if one not in team])
    access.record(actor, current, "moved", start=rfc3339(current.start), previous=rfc3339(from_minute(previous)))
    return current


def _hosts(team: list[Provider]) -> list[planning.Seat]:
    return [planning.Seat("provider", "presenter", one.name, one.pk) for one in team]


def _conclude(actor: Actor, appointment: Appointment, wanted: str, action: str) -> Appointment:
    with writing():
        current = access.locked(actor, appointment)
        if actor.kind is ActorKind.CONSUMER:
            raise NotPermitted(_("Only staff can say how a visit went."))
        if clock.now() < current.start:
            raise Invalid(_("The appointment has not begun yet. Cancel it if it will not take place."), field="status")
        status.become(actor, current, wanted)
        access.record(actor, current, action)
        return current
