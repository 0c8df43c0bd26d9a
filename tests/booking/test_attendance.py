"""The appointment follows what its consumer does in the meeting."""

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import lifecycle
from vestibule.booking.attendance import on_meeting_event
from vestibule.booking.models import Appointment
from vestibule.people.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def after(*events: str, kind: str = "consumer", appointment: Appointment | None = None) -> Appointment:
    """The appointment after its consumer (or another kind of participant) did `events`."""
    appointment = appointment or book(make_service(), at("09:00"))
    meeting = appointment.meeting
    assert meeting is not None
    participant = meeting.participants.get(kind=kind)
    for event in events:
        on_meeting_event(meeting, None if event == "ended" else participant, event)
    appointment.refresh_from_db()
    return appointment


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (["arrived"], "arrived"),
        (["arrived", "waiting"], "waiting"),
        (["arrived", "waiting", "left_waiting"], "arrived"),
        (["arrived", "waiting", "admitted"], "in_visit"),
        (["arrived", "waiting", "admitted", "joined", "left"], "in_visit"),
        (["arrived", "waiting", "admitted", "joined", "ended"], "completed"),
        (["ended"], "booked"),
        (["waiting", "ended"], "waiting"),
    ],
)
def test_the_status_follows_the_consumer(events: list[str], status: str) -> None:
    assert after(*events).status == status


def test_the_provider_alone_changes_nothing() -> None:
    assert after("arrived", "joined", kind="provider").status == "booked"


def test_a_cancelled_appointment_stays_cancelled() -> None:
    appointment = book(make_service(), at("09:00"))
    lifecycle.cancel(SYSTEM, appointment)
    assert after("arrived", "waiting", appointment=appointment).status == "cancelled"


def test_each_step_is_on_record_with_who_did_it() -> None:
    changes = after("arrived", "waiting", "admitted", "ended").status_changes.all()
    assert [(one.status, one.by_kind) for one in changes] == [
        ("booked", "public"),
        ("arrived", "consumer"),
        ("waiting", "consumer"),
        ("in_visit", "consumer"),
        ("completed", "system"),
    ]
