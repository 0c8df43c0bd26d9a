"""The log of a call: what support needs, never too much of it, and only for who may see the visit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.factories import make_business, make_membership, make_user
from tests.meetings.scene import actor_of, make_staff, make_visit
from vestibule.meetings import call_log, conversation, waiting
from vestibule.meetings.models import MeetingEvent
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nine_in_the_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_an_event_is_dated_when_it_happened_and_says_words_and_numbers_only() -> None:
    visit = make_visit()
    events = [{"kind": "quality", "ago_ms": 4000, "level": 1, "detail": "loss", "about": "p1", "text": "Dear Ada"}]
    assert call_log.record(visit.consumer.ref, events) == 1
    (kept,) = MeetingEvent.objects.all()
    assert kept.at == NOW - timedelta(seconds=4)
    assert kept.details == {"detail": "loss", "about": "p1", "level": 1}


@pytest.mark.parametrize("detail", ["10.0.0.7", "fe80::1", "a" * 61, "name@example.org", 7, None])
def test_what_might_be_an_address_is_left_out(detail: object) -> None:
    visit = make_visit()
    call_log.record(visit.consumer.ref, [{"kind": "route", "detail": detail}])
    assert MeetingEvent.objects.get().details == {}


def test_a_browser_cannot_fill_the_table() -> None:
    visit = make_visit()
    for _turn in range(25):
        call_log.record(visit.consumer.ref, [{"kind": "restart"}] * 30)
    assert MeetingEvent.objects.count() == call_log.MOST_OF_A_SEAT


@pytest.mark.parametrize("kind", [[], {}, 7, None, "nonsense"])
def test_what_is_no_kind_of_event_is_left_out(kind: object) -> None:
    assert call_log.record(make_visit().consumer.ref, [{"kind": kind}, {"kind": "state"}]) == 1


def test_an_event_of_long_ago_or_of_the_future_is_not_believed() -> None:
    visit = make_visit()
    call_log.record(visit.consumer.ref, [{"kind": "state", "ago_ms": 10**8}, {"kind": "state", "ago_ms": -5}])
    first, last = MeetingEvent.objects.order_by("at")
    assert (first.at, last.at) == (NOW - timedelta(hours=1), NOW)


def test_the_story_is_told_in_order_without_what_people_wrote() -> None:
    visit = make_visit()
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    conversation.notify(visit.host, visit.consumer.ref, "Five more minutes")
    call_log.record(visit.consumer.ref, [{"kind": "route", "detail": "host/host udp"}])
    story = call_log.story(visit.host, visit.meeting.ref)
    assert [(entry.kind, entry.from_browser) for entry in story] == [
        ("arrived", False),
        ("waiting", False),
        ("route", True),
    ]
    assert call_log.as_json(story)[-1]["detail"] == "host/host udp"


def test_a_colleague_and_another_business_read_nothing_of_it() -> None:
    visit = make_visit()
    colleague, _provider = make_staff(visit.meeting.business, name="Dr Cy Colleague")
    with pytest.raises(NotPermitted):
        call_log.story(actor_of(colleague), visit.meeting.ref)
    stranger, _provider = make_staff(make_business())
    with pytest.raises(NotFound):
        call_log.story(actor_of(stranger), visit.meeting.ref)


def test_whoever_sees_every_appointment_reads_it() -> None:
    visit = make_visit()
    viewer = make_membership(business=visit.meeting.business, user=make_user(), role=Role.VIEWER)
    assert call_log.story(actor_of(viewer), visit.meeting.ref) == []
