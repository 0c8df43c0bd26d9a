"""Messages nobody has read: shown to staff, and told once by mail, never with what they say."""

import pytest

from tests.meetings.scene import Visit, make_appointment, make_visit
from tests.web.files.browsers import signed_in
from vestibule.booking import unread
from vestibule.booking.models import Appointment
from vestibule.chat import verbs
from vestibule.meetings.models import Meeting
from vestibule.notifications.facts import Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    from datetime import timedelta

    made = make_visit(starts_in=timedelta(days=2))
    make_appointment(made)
    assert made.provider.provider is not None
    made.provider.provider.email = "bo@lakeside.example"
    made.provider.provider.save()
    return made


def say(visit: Visit, author: str, text: str) -> None:
    verbs.post(visit.meeting.thread_id, author, author, text, text)


def told() -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(kind=Kind.MESSAGE_WAITS).order_by("pk")
    return [(row.to, row.key.rpartition(":")[2]) for row in rows]


def test_each_side_is_told_once_of_a_stretch_it_does_not_read(visit: Visit) -> None:
    consumer, provider = f"{visit.consumer.ref}@example.org", "bo@lakeside.example"
    say(visit, visit.consumer.ref, "secret question")
    assert unread.tell_due() == 0
    clock.advance(181)
    assert unread.tell_due() == 1
    say(visit, visit.consumer.ref, "one more")
    clock.advance(181)
    assert unread.tell_due() == 0
    assert told() == [(provider, "1")]
    say(visit, visit.provider.ref, "secret answer")
    clock.advance(181)
    assert unread.tell_due() == 1
    assert told() == [(provider, "1"), (consumer, "3")]
    verbs.mark_read(visit.meeting.thread_id, visit.consumer.ref, 3)
    say(visit, visit.provider.ref, "another")
    clock.advance(181)
    assert unread.tell_due() == 1
    assert told()[-1] == (consumer, "4")
    assert "secret" not in str(list(OutboxMessage.objects.values()))


def test_who_has_read_or_is_in_the_visit_is_not_told(visit: Visit) -> None:
    say(visit, visit.consumer.ref, "hello")
    verbs.mark_read(visit.meeting.thread_id, visit.provider.ref, 1)
    say(visit, visit.provider.ref, "hello too")
    verbs.mark_read(visit.meeting.thread_id, visit.consumer.ref, 2)
    clock.advance(181)
    assert unread.tell_due() == 0
    say(visit, visit.consumer.ref, "in the call")
    Meeting.objects.update(state=Meeting.State.LIVE)
    clock.advance(181)
    assert unread.tell_due() == 0


def test_staff_see_who_waits_for_an_answer(visit: Visit) -> None:
    appointment = Appointment.objects.get()
    assert unread.of_staff(visit.host) == []
    for text in ("one", "two"):
        say(visit, visit.consumer.ref, text)
    (waiting,) = unread.of_staff(visit.host)
    assert (waiting.appointment, waiting.count, waiting.first) == (appointment, 2, 1)
    assert unread.of_staff(make_visit().host) == []
    page = signed_in(visit).get("/desk").content.decode()
    assert f"/desk/visit/{visit.meeting.ref}/messages" in page
    assert "New messages" in page
    say(visit, "user:7", "answered by the office")
    assert unread.of_staff(visit.host) == []
