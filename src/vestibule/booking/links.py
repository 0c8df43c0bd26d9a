"""The addresses of one appointment: to manage it, and to join the visit, for each who takes part."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from vestibule.booking.models import Appointment
from vestibule.meetings.models import Participant
from vestibule.people import links
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

MANAGE_DAYS = timedelta(days=30)
VISIT_DAYS = timedelta(days=1)
Purpose = CapabilityLink.Purpose


@dataclass(frozen=True)
class Addresses:
    """Absolute addresses with their tokens: secret, to be shown once or sent to their person. "" where none."""

    manage: str
    visit: str


@dataclass(frozen=True)
class LinkIds:
    """Ids of the links of one appointment: the consumer's two, each provider's visit link by the provider's id, and
    each helper's by the reference of the seat."""

    manage: int | None = None
    visit: int | None = None
    providers: dict[int, int] = field(default_factory=dict)
    helpers: dict[str, int] = field(default_factory=dict)


def addresses(appointment: Appointment) -> Addresses:
    """Return the consumer's two addresses."""
    if appointment.fresh_addresses is not None:
        return Addresses(*appointment.fresh_addresses)
    ids = of(appointment)
    found = CapabilityLink.objects.in_bulk([one for one in (ids.manage, ids.visit) if one is not None])
    return Addresses(
        _address("appointment", found.get(ids.manage) if ids.manage else None),
        _address("visit", found.get(ids.visit) if ids.visit else None),
    )


def visits(appointments: Sequence[Appointment]) -> dict[int, str]:
    """Return the address by which the consumer of each appointment joins the visit, by key, where it still opens."""
    meetings = {one.meeting_id: one.pk for one in appointments if one.meeting_id is not None}
    consumers = Participant.objects.filter(meeting_id__in=meetings, kind=Participant.Kind.CONSUMER)
    seats: dict[str, int] = dict(consumers.values_list("ref", "meeting_id"))
    live = CapabilityLink.objects.filter(
        subject__in=seats, purpose=Purpose.VISIT, revoked_at__isnull=True, expires_at__gt=clock.now()
    )
    return {meetings[seats[one.subject]]: _address("visit", one) for one in live.order_by("pk")}


def provider_visit(appointment: Appointment) -> str:
    """Return the visit address of the appointment's provider, or "" without a meeting."""
    found = of(appointment).providers.get(appointment.provider_id)
    return _address("visit", CapabilityLink.objects.get(pk=found)) if found is not None else ""


def issue(appointment: Appointment, participants: list[Participant]) -> LinkIds:
    """Make every link of a new appointment. Call it inside the writing block of the booking."""
    until = appointment.end + MANAGE_DAYS
    manage = links.draft(appointment.business_id, Purpose.MANAGE, "consumer", appointment.ref, until)
    made = links.store([manage, *(_invitation(appointment, one) for one in participants)])
    visits = {one.pk: link.pk for one, link in zip(participants, made[1:], strict=True)}
    ids = _by_reader(made[0].pk, participants, visits)
    own = [link for link in made[1:] if link.pk == ids.visit]
    appointment.fresh_addresses = _address("appointment", made[0]), _address("visit", own[0] if own else None)
    return ids


def invite(appointment: Appointment, seat: Participant) -> tuple[int, str]:
    """Make the visit link of somebody who joins later; return its id and the address, which is shown this once."""
    (link,) = links.store([_invitation(appointment, seat)])
    return link.pk, _address("visit", link)


def address_of(link: CapabilityLink) -> str:
    """Return the address of one visit link, to be shown once or sent to its person."""
    return _address("visit", link)


def expiry(appointment: Appointment) -> datetime:
    """Return the instant visit links of an appointment expire (aware UTC)."""
    until: datetime = appointment.end + VISIT_DAYS
    return until


def uninvite(seat_ref: str) -> None:
    """Revoke the visit links of a seat."""
    links.revoke(seat_ref, Purpose.VISIT)


def renew(appointment: Appointment) -> LinkIds:
    """Let the links follow a moved appointment, and make them for participants who are new."""
    links.extend(appointment.ref, appointment.end + MANAGE_DAYS)
    participants = _participants(appointment)
    known = _live([one.ref for one in participants])
    for one in participants:
        if one.ref in known:
            links.extend(one.ref, appointment.end + VISIT_DAYS)
        else:
            links.store([_invitation(appointment, one)])
    return of(appointment)


def hand_over(appointment: Appointment) -> LinkIds:
    """Make new links for the consumer of an appointment that is somebody else's now; the former ones open nothing."""
    links.revoke(appointment.ref, Purpose.MANAGE)
    for one in _participants(appointment):
        if one.kind == Participant.Kind.CONSUMER:
            links.revoke(one.ref, Purpose.VISIT)
    until = appointment.end + MANAGE_DAYS
    links.store([links.draft(appointment.business_id, Purpose.MANAGE, "consumer", appointment.ref, until)])
    appointment.fresh_addresses = None
    return renew(appointment)


def close(appointment: Appointment) -> None:
    """Let the visit links of a cancelled appointment expire now: they still say so, but open nothing."""
    refs = [one.ref for one in _participants(appointment)]
    CapabilityLink.objects.filter(subject__in=refs, revoked_at__isnull=True, expires_at__gt=clock.now()).update(
        expires_at=clock.now()
    )


def of(appointment: Appointment) -> LinkIds:
    """Return the links of an appointment that are not revoked, even if they have expired."""
    participants = _participants(appointment)
    known = _live([appointment.ref, *(one.ref for one in participants)])
    visits = {one.pk: known[one.ref] for one in participants if one.ref in known}
    return _by_reader(known.get(appointment.ref), participants, visits)


def _by_reader(manage: int | None, participants: list[Participant], visits: dict[int, int]) -> LinkIds:
    consumers = [visits[one.pk] for one in participants if one.kind == Participant.Kind.CONSUMER and one.pk in visits]
    providers = {
        one.provider_id: visits[one.pk]
        for one in participants
        if one.kind == Participant.Kind.PROVIDER and one.provider_id is not None and one.pk in visits
    }
    helpers = {
        one.ref: visits[one.pk] for one in participants if one.kind == Participant.Kind.HELPER and one.pk in visits
    }
    return LinkIds(manage, consumers[0] if consumers else None, providers, helpers)


def _invitation(appointment: Appointment, participant: Participant) -> CapabilityLink:
    until = appointment.end + VISIT_DAYS
    once = participant.kind == Participant.Kind.HELPER
    return links.draft(appointment.business_id, Purpose.VISIT, participant.role, participant.ref, until, once=once)


def _participants(appointment: Appointment) -> list[Participant]:
    if appointment.meeting_id is None:
        return []
    rows = Participant.objects.filter(meeting_id=appointment.meeting_id)
    return list(rows.exclude(kind=Participant.Kind.HELPER, state=Participant.State.REMOVED))


def _live(subjects: list[str]) -> dict[str, int]:
    rows = CapabilityLink.objects.filter(subject__in=subjects, revoked_at__isnull=True).order_by("pk")
    return dict(rows.values_list("subject", "pk"))


def _address(page: str, link: CapabilityLink | None) -> str:
    return f"{settings.PUBLIC_URL}/{page}?v={links.token(link)}" if link is not None else ""
