"""The appointment follows what its consumer does in the meeting."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import lifecycle
from vestibule.booking.attendance import on_meeting_event
from vestibule.booking.models import Appointment
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def after(*events: str, kind: str = "consumer", appointment: Appointment | None = None) -> Appointment:
    """The appointment after its consumer (or another kind of participant) did `events`."""
    appointment = appointment or book(make_service(), at("09:00"))
    meeting = appointment.meeting
    assert meeting is not None
    participant = meeting.participants.get(kind=kind)
    if "joined" in events:
        meeting.participants.filter(kind="provider").update(joined_at=clock.now())
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
        (["arrived", "waiting", "admitted", "ended"], "not_seen"),
        (["ended"], "booked"),
        (["waiting", "ended"], "not_seen"),
        (["arrived", "ended"], "not_seen"),
        (["waiting", "left_waiting", "ended"], "not_seen"),
    ],
)
def test_the_status_follows_the_consumer(events: list[str], status: str) -> None:
    assert after(*events).status == status


def test_the_provider_alone_changes_nothing() -> None:
    assert after("arrived", "joined", kind="provider").status == "booked"


def ended_by_staff(*, starts_in: timedelta, opened: bool) -> Appointment:
    """An appointment to which nobody came, after its meeting has ended."""
    appointment = book(make_service(), at("09:00"))
    meeting = appointment.meeting
    assert meeting is not None
    clock.set_to(appointment.start - starts_in)
    meeting.went_live_at = clock.now() if opened else None
    meeting.save()
    return after("ended", appointment=Appointment.objects.get(pk=appointment.pk))


def test_staff_who_waited_in_vain_need_not_say_so() -> None:
    appointment = ended_by_staff(starts_in=-timedelta(minutes=10), opened=True)
    assert appointment.status == "no_show"
    assert OutboxMessage.objects.filter(kind="missed", subject_ref=appointment.ref).count() == 1


@pytest.mark.parametrize(("starts_in", "opened"), [(timedelta(minutes=10), True), (-timedelta(minutes=10), False)])
def test_whoever_was_not_waited_for_is_not_said_to_have_stayed_away(starts_in: timedelta, opened: bool) -> None:
    assert ended_by_staff(starts_in=starts_in, opened=opened).status == "booked"


@pytest.mark.parametrize("other", ["completed", "no_show", "not_seen"])
def test_staff_put_right_how_it_ended_and_the_trail_says_so(other: str) -> None:
    appointment = after("arrived", "waiting", "ended")
    verbs = {"completed": lifecycle.complete, "no_show": lifecycle.no_show, "not_seen": lifecycle.not_seen}
    clock.set_to(appointment.end)
    for name in ("completed" if other != "completed" else "no_show", other):
        verbs[name](SYSTEM, appointment)
    appointment.refresh_from_db()
    assert appointment.status == other
    trail = AuditEntry.objects.filter(subject_ref=appointment.ref).order_by("-pk")
    assert trail[0].action == f"appointment.{other}"


def test_a_cancelled_appointment_stays_cancelled() -> None:
    appointment = book(make_service(), at("09:00"))
    lifecycle.cancel(SYSTEM, appointment)
    assert after("arrived", "waiting", appointment=appointment).status == "cancelled"


def test_each_step_is_on_record_with_who_did_it() -> None:
    changes = after("arrived", "waiting", "admitted", "joined", "ended").status_changes.all()
    assert [(one.status, one.by_kind) for one in changes] == [
        ("booked", "public"),
        ("arrived", "consumer"),
        ("waiting", "consumer"),
        ("in_visit", "consumer"),
        ("completed", "system"),
    ]


def test_each_step_is_in_the_audit_trail_in_order() -> None:
    appointment = after("arrived", "waiting", "admitted", "joined", "ended")
    trail = AuditEntry.objects.filter(subject_ref=appointment.ref).order_by("pk")
    assert [entry.action.removeprefix("appointment.") for entry in trail] == [
        "booked",
        "arrived",
        "waiting",
        "in_visit",
        "completed",
    ]


@pytest.mark.parametrize(("minutes", "status"), [(15, "waiting"), (24 * 60, "booked")])
def test_a_move_keeps_the_place_of_somebody_waiting_while_the_room_stays_open(minutes: int, status: str) -> None:
    appointment = book(make_service(interval_minutes=15), at("09:00"))
    clock.set_to(at("08:50"))
    guest = Participant.objects.get(meeting=appointment.meeting, kind="consumer")
    waiting.enter_waiting(guest.ref)
    lifecycle.move(SYSTEM, appointment, at("09:00") + timedelta(minutes=minutes))
    appointment.refresh_from_db()
    guest.refresh_from_db()
    assert appointment.status == status
    assert (guest.state == "waiting") == (status == "waiting")
