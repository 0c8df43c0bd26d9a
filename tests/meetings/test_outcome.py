"""How a visit went is written down as it happens; each number is worked out by hand."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from tests.meetings.scene import Visit, make_visit
from vestibule.meetings import call_log, calls, planning, waiting
from vestibule.meetings.models import VisitRecord
from vestibule.store import clock

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2030-03-04T09:00:00+00:00")


@pytest.fixture
def visit(settings: LazySettings) -> Visit:
    settings.MEETING_LISTENERS = []
    clock.set_to(START)
    return make_visit(starts_in=timedelta())


def after(minutes: float) -> None:
    clock.set_to(START + timedelta(minutes=minutes))


def record(visit: Visit) -> VisitRecord:
    found: VisitRecord = VisitRecord.objects.get(meeting=visit.meeting)
    return found


def minutes(*times: datetime | None) -> list[int | None]:
    """Whole minutes after the start; the clock runs on while a test does."""
    return [round((one - START) / timedelta(minutes=1)) if one is not None else None for one in times]


def waited(visit: Visit) -> int:
    """Minutes waited."""
    return round(record(visit).wait_seconds / 60)


def test_a_visit_from_the_door_to_the_end(visit: Visit) -> None:
    waiting.arrive(visit.consumer.ref)
    after(1)
    waiting.enter_waiting(visit.consumer.ref)
    after(4)
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    after(5)
    calls.join_call(visit.consumer.ref)
    after(25)
    calls.leave_call(visit.consumer.ref)
    after(60)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    found = record(visit)
    assert minutes(found.came_at, found.waited_from) == [0, 1]
    assert minutes(found.host_at, found.seen_at, found.joined_at) == [4, 4, 5]
    assert minutes(found.both_at, found.parted_at, found.ended_at) == [5, 25, 60]
    assert (waited(visit), found.result) == (3, "seen")


def test_waiting_in_two_parts_adds_up(visit: Visit) -> None:
    waiting.enter_waiting(visit.consumer.ref)
    after(2)
    waiting.leave_waiting(visit.consumer.ref)
    after(10)
    waiting.enter_waiting(visit.consumer.ref)
    after(13)
    waiting.admit(visit.host, visit.consumer.ref)
    assert (minutes(record(visit).waited_from), waited(visit)) == ([0], 5)


def test_who_left_the_door_unseen_is_told_from_who_never_came(visit: Visit) -> None:
    waiting.enter_waiting(visit.consumer.ref)
    after(9)
    waiting.gone(visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert (record(visit).result, waited(visit)) == ("not_seen", 9)
    other = make_visit(business=visit.meeting.business, staff=None)
    waiting.end_for_all(other.host, other.meeting.ref)
    assert record(other).result == "not_come"


def test_coming_back_lengthens_the_time_together(visit: Visit) -> None:
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    calls.join_call(visit.consumer.ref)
    after(10)
    calls.leave_call(visit.consumer.ref)
    after(11)
    calls.join_call(visit.consumer.ref)
    after(20)
    calls.leave_call(visit.provider.ref)
    assert minutes(record(visit).both_at, record(visit).parted_at) == [0, 20]


def test_trouble_is_counted_once_a_person_and_cause(visit: Visit) -> None:
    trouble = [{"kind": "failed"}, {"kind": "failed"}, {"kind": "relay_refused"}, {"kind": "route"}]
    call_log.record(visit.consumer.ref, trouble)
    call_log.record(visit.provider.ref, [{"kind": "failed"}])
    failures = record(visit).failures
    assert {cause: len(who) for cause, who in failures.items()} == {"connection": 2, "relay": 1}


@pytest.mark.parametrize(
    ("kind", "detail", "cause"),
    [
        ("device", "camera lost", "device"),
        ("device", "microphone stuck", "device"),
        ("device", "camera not sent- no right", "device"),
        ("device", "microphone fell back", ""),
        ("device", "microphone interrupted", ""),
        ("device", "camera restored", ""),
        ("device", "blur ended- processor", ""),
        ("failed", "backend_failed", "connection"),
        ("failed", "removed", ""),
        ("failed", "taken_over", ""),
        ("state", "failed", "connection"),
        ("state", "reconnecting", ""),
        ("move_failed", "livekit timeout", "media_server"),
    ],
)
def test_only_real_failures_are_trouble(visit: Visit, kind: str, detail: str, cause: str) -> None:
    call_log.record(visit.consumer.ref, [{"kind": kind, "detail": detail}])
    found = VisitRecord.objects.filter(meeting=visit.meeting).first()
    assert list(found.failures if found is not None else {}) == ([cause] if cause else [])


def test_what_happened_at_the_old_time_does_not_count_at_the_new_one(visit: Visit) -> None:
    waiting.enter_waiting(visit.consumer.ref)
    later = START + timedelta(days=2)
    planning.move(visit.meeting, later, later + timedelta(minutes=30))
    assert not VisitRecord.objects.filter(meeting=visit.meeting).exists()
