"""What verbs may rely on when they say something."""

from datetime import timedelta

import pytest

from tests.notifications.letters import facts, queue
from vestibule.notifications import outbox
from vestibule.notifications.facts import AppointmentFacts, Kind
from vestibule.notifications.models import MessageEvent, OutboxMessage
from vestibule.notifications.testing import FakeMail, fakes
from vestibule.notifications.worker import send_due
from vestibule.store import clock
from vestibule.store.transactions import writing

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


def test_a_key_written_again_replaces_what_is_still_due() -> None:
    first = queue(key="a", due_at=clock.now() + timedelta(hours=1), to="old@example.org")
    again = queue(key="a", due_at=clock.now() + timedelta(hours=2), to="new@example.org", about=facts(version=3))
    assert again.pk == first.pk
    assert OutboxMessage.objects.count() == 1
    assert (again.to, again.facts["version"]) == ("new@example.org", 3)
    assert again.next_at == again.due_at > first.due_at


def test_what_was_sent_is_not_queued_again() -> None:
    queue(key="a")
    mail = FakeMail()
    send_due(fakes(mail))
    assert queue(key="a", to="again@example.org").state == State.DONE
    assert send_due(fakes(mail)) == 0
    assert [sent.to for sent in mail.taken] == ["jo@example.org"]


def test_what_was_dropped_is_wanted_again_when_written_again() -> None:
    queue(key="a")
    with writing():
        outbox.drop("abcdefgh23456789")
    assert queue(key="a").state == State.QUEUED


def test_drop_takes_back_only_what_it_names() -> None:
    reminder = queue(kind=Kind.REMINDER)
    other_kind = queue(kind=Kind.CONFIRMATION)
    other_subject = queue(subject_ref="another")
    with writing():
        assert outbox.drop("abcdefgh23456789", [Kind.REMINDER]) == 1
    for row in (reminder, other_kind, other_subject):
        row.refresh_from_db()
    assert [row.state for row in (reminder, other_kind, other_subject)] == [State.DROPPED, State.QUEUED, State.QUEUED]


def test_nothing_is_queued_when_the_change_is_undone() -> None:
    def book_and_fail() -> None:
        with writing():
            queue(key="a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        book_and_fail()
    assert not OutboxMessage.objects.exists()


def test_facts_survive_a_row() -> None:
    told = facts(reason="Fire drill", previous_start_minute=5, visit_link=7)
    assert AppointmentFacts.from_json(queue(about=told).facts) == told


def test_facts_of_a_later_version_can_be_read() -> None:
    assert AppointmentFacts.from_json({**facts().as_json(), "not_known_yet": 1}) == facts()


def test_what_was_of_use_longer_ago_than_reports_look_back_is_forgotten_with_what_happened_to_it() -> None:
    said, ahead = queue(key="said"), queue(key="ahead", not_after=clock.now() + timedelta(days=900))
    due = queue(key="due", due_at=clock.now() + timedelta(days=900))
    MessageEvent.objects.create(message=said, what="refused")
    send_due(fakes())
    clock.advance((outbox.FORGOTTEN_AFTER - timedelta(hours=1)).total_seconds())
    assert outbox.purge() == 0
    clock.advance(7200)
    young = queue(key="young")
    assert outbox.purge() == 1
    assert set(OutboxMessage.objects.all()) == {ahead, due, young}
    assert not MessageEvent.objects.exists()
