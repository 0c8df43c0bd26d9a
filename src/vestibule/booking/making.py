"""Making an appointment: what is checked before its time is taken, and the rows that are written with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import (
    access,
    announcements,
    availability,
    companions,
    contacts,
    documents,
    intake,
    links,
    status,
    texts,
)
from vestibule.booking.acquaintance import providers_met
from vestibule.booking.errors import ProviderNotOffered, rfc3339
from vestibule.booking.links import LinkIds
from vestibule.booking.models import Appointment, Location, Series, Service
from vestibule.booking.own_calendar import telling
from vestibule.booking.seating import Aim, Place
from vestibule.booking.wishes import Contact, Wish
from vestibule.meetings import planning, visit_rules
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock, rows
from vestibule.store.clock import from_minute, to_minute

S = Appointment.Status
P = Permission


@dataclass(frozen=True)
class Checked:
    """A wish as it may be stored."""

    contact: Contact
    answers: dict[str, Any]
    helpers: list[dict[str, str]]
    consents: list[dict[str, str]]
    language_need: str
    note: str

    @property
    def written_to(self) -> list[str]:
        """Every address and telephone number that is written to, "" for who gave none."""
        helpers = [helper.get(name, "") for helper in self.helpers for name in ("email", "phone")]
        return [self.contact.email, self.contact.phone, *helpers]


@dataclass(frozen=True)
class Ties:
    """What an appointment belongs to beside its consumer. `is_told` False: somebody else confirms it."""

    series: Series | None = None
    follow_up_of: Appointment | None = None
    is_told: bool = True


@dataclass(frozen=True)
class Made:
    """An appointment just written, and the links of who takes part."""

    appointment: Appointment
    ids: LinkIds


ALONE = Ties()


def books_as_staff(actor: Actor, wish: Wish) -> bool:
    """Tell whether `actor` may book what is not offered. Raises NotFound or NotPermitted."""
    access.require_own_business(actor, wish.service)
    if actor.kind is not ActorKind.STAFF:
        return actor.kind is ActorKind.SYSTEM
    _require_own(actor, wish.provider)
    return True


def require_choice(actor: Actor, service: Service, provider: Provider) -> None:
    """Raise unless `actor` may have `provider` in particular: outside, where the service lets people choose."""
    if actor.kind is ActorKind.STAFF:
        _require_own(actor, provider)
    elif actor.kind is not ActorKind.SYSTEM and not service.consumer_chooses_provider:
        raise ProviderNotOffered


def check(actor: Actor, wish: Wish, *, partly: bool = False) -> Checked:
    """Return `wish` as it may be stored; `partly` lets answers follow later, but for consents that consumers must give.

    Raises Invalid or InvalidContact naming the field, ProviderNotOffered.
    """
    service = wish.service
    as_staff = actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM)
    availability.require_length(service, wish.length_minutes, as_staff=as_staff)
    if wish.provider is not None:
        require_choice(actor, service, wish.provider)
    if len(wish.consents) > 20:
        raise Invalid(_("These are more consents than there are."), field="consents")
    if wish.helpers:
        companions.require_links(service.business_id)
    given = intake.agreed(service.questions, wish.consents, wish.answers)
    answers = intake.clean_answers(service.questions, given, partly=partly)
    if partly and not as_staff:
        intake.require_consents(service.questions, answers)
    return Checked(
        contacts.clean_contact(service.business, wish.contact),
        answers,
        contacts.clean_helpers(wish.helpers),
        intake.kept_consents(service.questions, wish.consents, answers, rfc3339(clock.now())),
        contacts.clean_text(wish.language_need, "language_need", most=60),
        contacts.clean_text(wish.note, "note", most=2000, lines=True),
    )


def aim_of(wish: Wish, contact: Contact, *, as_staff: bool) -> Aim:
    """Return what is to be taken for a wish of `contact` (cleaned)."""
    return Aim(
        wish.service,
        to_minute(wish.start),
        contact.timezone,
        wish.provider.pk if wish.provider else None,
        holder=wish.hold,
        as_staff=as_staff,
        length=wish.length_minutes,
        known=providers_met(wish.service.business, contact.email) if _prefers_known(wish) else (),
    )


def _prefers_known(wish: Wish) -> bool:
    return wish.provider is None and wish.service.prefers_known_provider


def write(
    actor: Actor, wish: Wish, checked: Checked, place: Place, ties: Ties = ALONE, *, is_approved: bool = False
) -> Made:
    """Write the appointment for time just taken, with meeting, links, messages and audit entry.

    Where the service needs approval and no staff books, it is a request unless it `is_approved` already: meeting and
    visit links are made when it is approved.
    """
    service, team = wish.service, place.providers
    is_approved = is_approved or actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM)
    waits = service.needs_approval and not is_approved
    meeting: Meeting | None = None
    participants: list[Participant] = []
    helpers = checked.helpers
    if not waits:
        meeting, participants, helpers = meet(
            service, checked.contact.name, place.start, place.end, team, checked.helpers
        )
    appointment = _as_wished(wish, checked, place, ties)
    appointment.meeting, appointment.helpers = meeting, helpers
    if waits:
        appointment.status, appointment.request_expires_at = S.REQUESTED, _answered_by(service, place.start)
    rows.insert([appointment])
    place.seat(appointment=appointment)
    documents.tie(appointment, checked.answers)
    texts.keep(service.business, checked.contact, wish.via, appointment.ref)
    appointment.fresh_history = [status.note(actor, appointment)]
    made = Made(appointment, links.issue(appointment, participants))
    _tell(made, team, ties)
    action = "requested" if waits else "booked"
    access.record(actor, appointment, action, providers=[one.slug for one in team], via=appointment.booked_via)
    return made


def _as_wished(wish: Wish, checked: Checked, place: Place, ties: Ties) -> Appointment:
    service, contact = wish.service, checked.contact
    return Appointment(
        business=service.business,
        service=service,
        consumer=contacts.find_or_add(service.business, contact),
        provider=place.providers[0],
        status=S.BOOKED,
        start_minute=place.start,
        end_minute=place.end,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        takes_texts=texts.may_be_sent(service.business, contact),
        takes_mails=contact.takes_mails,
        session=place.session,
        timezone=contact.timezone,
        language=contact.language,
        answers=checked.answers,
        consents=checked.consents,
        language_need=checked.language_need,
        note=checked.note,
        price_minor=service.price_minor,
        currency=service.currency,
        booked_via=wish.via[:20],
        series=ties.series,
        follow_up_of=ties.follow_up_of,
        created_at=clock.now(),
    )


def meet(
    service: Service, name: str, start: int, end: int, team: Sequence[Provider], helpers: Sequence[Mapping[str, str]]
) -> tuple[Meeting | None, list[Participant], list[dict[str, str]]]:
    """Make the online place of an appointment; return it, who is invited, and the helpers with their seats.

    There is none for appointments in person or by telephone.
    """
    location = service.location
    if location is not None and location.kind != Location.Kind.ONLINE:
        return None, [], [dict(one) for one in helpers]
    brought = [planning.Seat("helper", "attendee", one["name"]) for one in helpers]
    role = visit_rules.role_of_consumers(service.business_id)
    seats = [planning.Seat("consumer", role, name), *hosts(team), *brought]
    meeting, invited = planning.plan(service.business_id, service.name, from_minute(start), from_minute(end), seats)
    there = invited[len(invited) - len(brought) :]
    return meeting, invited, [{**one, "seat": seat.ref} for one, seat in zip(helpers, there, strict=True)]


def hosts(team: Sequence[Provider]) -> list[planning.Seat]:
    """Return the seats of providers in a meeting."""
    return [planning.Seat("provider", "presenter", one.name, one.pk) for one in team]


def _tell(made: Made, team: list[Provider], ties: Ties) -> None:
    telling.came(made.appointment, team)
    says = announcements.teller(made.appointment, made.ids, team=team)
    if made.appointment.status == S.REQUESTED:
        says.requested()
    elif ties.is_told:
        says.booked()
    else:
        says.reminders()


def _answered_by(service: Service, start: int) -> Any:
    """Return until when a request is answered: its time, but at the latest its start."""
    return min(clock.now() + timedelta(minutes=service.approval_minutes), from_minute(start))


def _require_own(actor: Actor, provider: Provider | None) -> None:
    """Raise NotPermitted for staff whose role books with themselves only, unless `provider` is who asks."""
    own = provider is not None and provider.pk == actor.provider_id
    if not (actor.may(P.CHANGE_APPOINTMENTS) or (own and actor.may(P.CHANGE_OWN_APPOINTMENTS))):
        raise NotPermitted(_("Your role books appointments with yourself only. Ask a scheduler for others."))
