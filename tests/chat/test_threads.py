"""Threads of programs: what their people are told, and when they go."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.factories import make_business, make_thread
from vestibule.chat import listeners, members, speaking, threads, verbs
from vestibule.chat.errors import NotYours
from vestibule.chat.listeners import Change, ChatChange
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Message, Thread
from vestibule.chat.speaking import Said
from vestibule.chat.threads import Wish
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.transactions import writing

ADA, BO = Newcomer("acs:ada", "Ada"), Newcomer("acs:bo", "Bo")
_told: list[ChatChange] = []


def note(change: ChatChange) -> None:
    """A listener that remembers."""
    _told.append(change)


def fail(_change: ChatChange) -> None:
    """A listener that cannot show anything."""
    raise RuntimeError("nobody there")


@pytest.fixture
def told(settings: Settings) -> Iterator[list[ChatChange]]:
    listeners._load.cache_clear()
    settings.CHAT_LISTENERS = [f"{__name__}.fail", f"{__name__}.note"]
    rates.forget_all()
    _told.clear()
    yield _told
    clock.reset()


def begun(business: Business, **more: object) -> Thread:
    return threads.begin(business.pk, ADA, Wish("Lunch", [BO], **more))  # type: ignore[arg-type]  # passed on as given


def test_every_change_is_told_once_it_is_stored_whoever_fails_to_show_it(
    db: None, told: list[ChatChange], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    business = make_business()
    with django_capture_on_commit_callbacks(execute=True):
        thread = begun(business)
        message = speaking.say(business.pk, thread.ref, "acs:ada", Said("Hello"))
        speaking.change(business.pk, thread.ref, "acs:ada", message.stamp, text="Hello all")
        speaking.show_typing(business.pk, thread.ref, "acs:bo")
        speaking.note_read(business.pk, thread.ref, "acs:bo", message.stamp)
        speaking.note_read(business.pk, thread.ref, "acs:bo", message.stamp)
        speaking.take_back(business.pk, thread.ref, "acs:ada", message.stamp)
        threads.change(business.pk, thread.ref, "acs:ada", topic="Dinner")
        members.add(business.pk, thread.ref, "acs:ada", [Newcomer("acs:eve"), BO])
        members.remove(business.pk, thread.ref, "acs:ada", "acs:eve")
        threads.delete(business.pk, thread.ref, "acs:ada")
        assert told == [], "nothing is told before it is stored"
    assert [change.kind for change in told] == [
        Change.THREAD_CREATED,
        Change.MESSAGE,
        Change.EDITED,
        Change.TYPING,
        Change.READ,
        Change.DELETED,
        Change.THREAD_UPDATED,
        Change.MEMBERS_ADDED,
        Change.MEMBERS_REMOVED,
        Change.THREAD_DELETED,
    ]
    assert [one.key for one in told[0].members] == ["acs:ada", "acs:bo"]
    assert [one.key for one in told[7].members] == ["acs:eve"]
    assert (told[4].by, told[4].message) == ("acs:bo", message)


def test_what_is_undone_is_told_to_nobody(
    db: None, told: list[ChatChange], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    business = make_business()
    thread = begun(business)

    def say_and_fail() -> None:
        with writing():
            speaking.say(business.pk, thread.ref, "acs:ada", Said("Hello"))
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        say_and_fail()
    assert told == []


def test_stamps_rise_among_messages_and_notices_however_fast_they_come(db: None, told: list[ChatChange]) -> None:
    business = make_business()
    thread = begun(business)
    for number in range(5):
        speaking.say(business.pk, thread.ref, "acs:ada", Said(f"message {number}"))
    members.remove(business.pk, thread.ref, "acs:ada", "acs:bo")
    rows = [*thread.messages.values_list("stamp", "position"), *thread.notices.values_list("stamp", "position")]
    assert [position for _stamp, position in sorted(rows)] == list(range(1, 9))
    assert len({stamp for stamp, _position in rows}) == 8
    assert [one.seq for one in thread.messages.all()] == [1, 2, 3, 4, 5]


def test_a_message_of_our_pages_may_be_changed_for_a_quarter_of_an_hour_and_a_program_s_for_ever(
    db: None, told: list[ChatChange]
) -> None:
    business = make_business()
    thread = begun(business)
    message = speaking.say(business.pk, thread.ref, "acs:ada", Said("Hello"))
    clock.advance(3600)
    with pytest.raises(NotYours):
        verbs.edit(thread.pk, "acs:ada", message.seq, "Bye")
    assert speaking.change(business.pk, thread.ref, "acs:ada", message.stamp, text="Bye").text == "Bye"


@pytest.mark.parametrize(("days", "lives"), [(29, True), (31, False)])
def test_a_thread_goes_after_the_days_its_program_gave_it(
    db: None, told: list[ChatChange], days: int, lives: bool
) -> None:
    business = make_business()
    thread, kept = begun(business, retention_days=30), begun(business)
    for one in (thread, kept):
        speaking.say(business.pk, one.ref, "acs:ada", Said("Hello"))
    clock.advance(days * 24 * 3600)
    assert threads.retire_due() == (0 if lives else 1)
    thread.refresh_from_db()
    assert (thread.deleted_at is None) is lives
    assert thread.messages.exists() is lives
    assert kept.messages.exists()
    assert threads.retire_due() == 0


def test_each_thread_goes_after_its_own_days(db: None, told: list[ChatChange]) -> None:
    business = make_business()
    short, long = begun(business, retention_days=30), begun(business, retention_days=90)
    clock.advance(31 * 24 * 3600)
    assert threads.retire_due() == 1
    short.refresh_from_db()
    long.refresh_from_db()
    assert (short.deleted_at is None, long.deleted_at is None) == (False, True)
    clock.advance(60 * 24 * 3600)
    assert threads.retire_due() == 1


def test_a_deleted_thread_is_forgotten_after_a_month(db: None, told: list[ChatChange]) -> None:
    business = make_business()
    thread = begun(business)
    speaking.say(business.pk, thread.ref, "acs:ada", Said("Hello"))
    threads.delete(business.pk, thread.ref, "acs:ada")
    clock.advance(29 * 24 * 3600)
    assert threads.purge() == 0
    clock.advance(2 * 24 * 3600)
    assert threads.purge() == 1
    assert not Thread.objects.filter(pk=thread.pk).exists()
    assert Message.objects.count() == 0


@pytest.mark.parametrize("days", [29, 91, 0])
def test_a_thread_is_kept_thirty_to_ninety_days_or_for_ever(db: None, told: list[ChatChange], days: int) -> None:
    with pytest.raises(Invalid):
        begun(make_business(), retention_days=days)


def test_messages_a_business_keeps_no_longer_go_with_their_notices(db: None, told: list[ChatChange]) -> None:
    business = make_business()
    thread = begun(business)
    speaking.say(business.pk, thread.ref, "acs:ada", Said("Hello"))
    clock.advance(3600)
    while verbs.forget(business.pk, clock.now() - timedelta(minutes=1)):
        pass
    assert not thread.messages.exists()
    assert not thread.notices.exists()
    assert speaking.say(business.pk, thread.ref, "acs:ada", Said("again")).seq == 2


def test_the_thread_of_a_meeting_takes_nobody_who_is_not_in_it(db: None, told: list[ChatChange]) -> None:
    thread = make_thread()
    with pytest.raises(NotPermitted):
        speaking.say(thread.business_id, thread.ref, "acs:ada", Said("Hello"))
    members.add_to_meeting(thread, [ADA])
    assert speaking.say(thread.business_id, thread.ref, "acs:ada", Said("Hello")).seq == 1
