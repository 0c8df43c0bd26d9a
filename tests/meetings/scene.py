"""A meeting with the people of a usual visit, for tests that look into its room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.factories import make_business, make_membership, make_provider, make_user
from vestibule.booking.models import Appointment, Service
from vestibule.meetings import areas, calls, planning, waiting
from vestibule.meetings.models import Meeting, Participant, WaitingArea
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import Business, Consumer, Membership, Provider
from vestibule.people.permissions import Actor, Role
from vestibule.store import clock

Kind, PartRole = Participant.Kind, Participant.Role


@dataclass(frozen=True)
class Visit:
    """One planned visit: its meeting, the consumer's and the provider's seat, and the provider as an actor."""

    meeting: Meeting
    consumer: Participant
    provider: Participant
    host: Actor

    def state(self) -> str:
        """The consumer's state as stored."""
        return str(Participant.objects.get(pk=self.consumer.pk).state)

    def seat(self, which: Participant) -> Participant:
        """A seat as stored."""
        found: Participant = Participant.objects.get(pk=which.pk)
        return found


def make_staff(
    business: Business, *, role: Role = Role.PROVIDER, name: str = "Dr Bo Lund"
) -> tuple[Membership, Provider]:
    """A provider who can sign in."""
    membership = make_membership(business=business, user=make_user(), role=role)
    provider = make_provider(business=business, name=name)
    provider.membership = membership
    provider.save()
    return membership, provider


def actor_of(membership: Membership) -> Actor:
    """The actor of a member of staff, as the database has it."""
    fresh = Membership.objects.select_related("user", "provider").get(pk=membership.pk)
    return actor_of_membership(fresh)


def make_visit(
    *,
    business: Business | None = None,
    staff: tuple[Membership, Provider] | None = None,
    starts_in: timedelta = timedelta(minutes=5),
    name: str = "Ada Ng",
) -> Visit:
    """A half-hour visit of one consumer with one provider; by default its waiting room is open."""
    business = business or make_business()
    membership, provider = staff or make_staff(business)
    start = clock.now() + starts_in
    seats = [
        planning.Seat(Kind.CONSUMER, PartRole.COLLABORATOR, name),
        planning.Seat(Kind.PROVIDER, PartRole.PRESENTER, provider.name, provider.pk),
    ]
    meeting, (consumer, host) = planning.plan(business.pk, "First visit", start, start + timedelta(minutes=30), seats)
    return Visit(meeting, consumer, host, actor_of(membership))


def make_appointment(visit: Visit) -> Appointment:
    """Booked time whose online place is the meeting of `visit`."""
    meeting, provider = visit.meeting, visit.provider.provider
    assert provider is not None
    service, _ = Service.objects.get_or_create(business=meeting.business, slug="first-visit", name="First visit")
    email = f"{visit.consumer.ref}@example.org"
    consumer = Consumer.objects.create(
        business=meeting.business, name=visit.consumer.name, email=email, email_normal=email
    )
    made: Appointment = Appointment.objects.create(
        business=meeting.business,
        service=service,
        consumer=consumer,
        provider=provider,
        meeting=meeting,
        start_minute=clock.to_minute(meeting.starts_at),
        end_minute=clock.to_minute(meeting.ends_at),
        name=visit.consumer.name,
        email=email,
        timezone="UTC",
    )
    return made


def add_helper(visit: Visit, name: str = "Ines Interpreter") -> Participant:
    """One more person from outside in the same meeting."""
    seat: Participant = Participant.objects.create(
        meeting=visit.meeting, kind=Kind.HELPER, role=PartRole.ATTENDEE, name=name
    )
    return seat


def joined(visit: Visit, *more: Participant) -> Visit:
    """Everybody of `visit`, and `more`, let in and in the call."""
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    for seat in (visit.consumer, *more):
        waiting.arrive(seat.ref)
        waiting.enter_waiting(seat.ref)
        waiting.admit(visit.host, seat.ref)
        calls.join_call(seat.ref)
    return visit


KNOWN = {"name": "Ada Ng", "birth_date": "1980-05-17", "phone": "+447700900123", "postcode": "SW1A 1AA"}


def known(meeting: Meeting) -> Mapping[str, str]:
    """What the business knows in these tests."""
    return KNOWN


def default_area(business: Business) -> WaitingArea:
    """The waiting area for everybody of a business, stored or not."""
    return next(area for area in areas.areas_of(business) if area.is_default)
