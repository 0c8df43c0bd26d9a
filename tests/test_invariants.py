"""The invariants find what they are for: each is shown one fault that no verb would ever write."""

from collections.abc import Callable

import pytest

from tests import invariants
from tests.booking.factories import at, make_service
from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment, Occupancy, StatusChange
from vestibule.booking.wishes import Contact, Wish
from vestibule.meetings.models import Participant
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import AuditEntry, CapabilityLink
from vestibule.people.permissions import PUBLIC, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    contact = Contact("Jo Smith", "jo@example.org", "+41795550111")
    return lifecycle.book(PUBLIC, Wish(service=make_service(), start=at("09:00"), contact=contact))


def found() -> set[str]:
    """The checks that find something."""
    return {sentence.partition(":")[0] for sentence in invariants.broken()}


def test_what_the_verbs_write_is_sound(appointment: Appointment) -> None:
    assert invariants.broken() == []
    moved = lifecycle.move(SYSTEM, appointment, at("11:00"))
    assert invariants.broken() == []
    lifecycle.cancel(SYSTEM, moved)
    assert invariants.broken() == []


@pytest.mark.parametrize(
    ("stretches", "pairs"),
    [
        ([(1, 0, 30), (1, 30, 60)], 0),
        ([(1, 0, 30), (2, 0, 30)], 0),
        ([(1, 0, 30), (1, 29, 60)], 1),
        ([(1, 0, 90), (1, 10, 20), (1, 80, 95)], 2),
        ([(1, 0, 30), (1, 0, 30)], 1),
    ],
)
def test_overlaps_are_counted_by_provider(stretches: list[tuple[int, int, int]], pairs: int) -> None:
    assert len(list(invariants.overlaps(stretches))) == pairs


def frees_the_time(appointment: Appointment) -> None:
    Occupancy.objects.update(is_active=False)


def leaves_time_blocked(appointment: Appointment) -> None:
    appointment.seats.all().delete()


def moves_without_time(appointment: Appointment) -> None:
    Appointment.objects.update(start_minute=appointment.start_minute + 60, end_minute=appointment.end_minute + 60)


def loses_a_link(appointment: Appointment) -> None:
    CapabilityLink.objects.filter(subject=appointment.ref).delete()


def doubles_a_link(appointment: Appointment) -> None:
    link = CapabilityLink.objects.get(subject=Participant.objects.filter(kind="consumer").get().ref)
    link.pk, link.token_hash = None, "another"
    link.save()


def loses_the_confirmation(appointment: Appointment) -> None:
    OutboxMessage.objects.filter(kind="confirmation").delete()


def doubles_a_reminder(appointment: Appointment) -> None:
    row = OutboxMessage.objects.get(kind="reminder", channel="email", to="jo@example.org")
    row.pk, row.ref, row.key = None, "another", "another"
    row.save()


def forgets_the_trail(appointment: Appointment) -> None:
    AuditEntry.objects.filter(action="appointment.booked").delete()


def forgets_a_status(appointment: Appointment) -> None:
    StatusChange.objects.all().delete()


def tells_of_nothing(appointment: Appointment) -> None:
    row = AuditEntry.objects.get(action="appointment.booked")
    row.pk, row.subject_ref = None, "nothing"
    row.save()


def mixes_businesses(appointment: Appointment) -> None:
    Appointment.objects.update(service=make_service())


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (frees_the_time, "used_time_is_that_of_appointments"),
        (leaves_time_blocked, "no_session_is_oversold"),
        (moves_without_time, "used_time_is_that_of_appointments"),
        (loses_a_link, "each_participant_has_one_link"),
        (doubles_a_link, "each_participant_has_one_link"),
        (loses_the_confirmation, "each_appointment_is_told_once"),
        (doubles_a_reminder, "each_appointment_is_told_once"),
        (forgets_the_trail, "each_change_is_in_the_trail_once"),
        (forgets_a_status, "each_change_is_in_the_trail_once"),
        (tells_of_nothing, "each_change_is_in_the_trail_once"),
        (mixes_businesses, "nothing_crosses_tenants"),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_a_fault_is_found(appointment: Appointment, fault: Callable[[Appointment], None], check: str) -> None:
    fault(appointment)
    assert check in found()
