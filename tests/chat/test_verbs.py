"""Threads: messages are counted without gaps, stored once, and read marks only go forward."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from tests.factories import make_thread
from vestibule.chat import verbs
from vestibule.chat.models import Attachment, Message, Thread
from vestibule.people.errors import Invalid, Refusal
from vestibule.store import clock


def say(thread: Thread, text: str, *, author: str = "ada", client_id: str = "") -> Message:
    message, _is_new = verbs.post(thread.pk, author, author.title(), client_id or text, text)
    return message


@pytest.mark.django_db
def test_messages_count_from_one() -> None:
    thread = make_thread()
    assert [say(thread, text).seq for text in ("one", "two", "three")] == [1, 2, 3]


@pytest.mark.django_db
def test_a_message_sent_twice_is_stored_once() -> None:
    thread = make_thread()
    first, again = (verbs.post(thread.pk, "ada", "Ada", "c1", "Hello") for _ in range(2))
    assert first[0].pk == again[0].pk
    assert (first[1], again[1]) == (True, False)
    assert say(thread, "Hello", author="bo", client_id="c1").seq == 2


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", " \n ", "\0", "x" * 4001])
def test_a_message_has_one_to_four_thousand_characters(text: str) -> None:
    with pytest.raises(Invalid):
        verbs.post(make_thread().pk, "ada", "Ada", "c1", text)


@pytest.mark.django_db
def test_history_pages_backwards() -> None:
    thread = make_thread()
    for number in range(1, 8):
        say(thread, f"message {number}")
    latest, more = verbs.history(thread.pk, limit=3)
    assert ([row.seq for row in latest], more) == ([5, 6, 7], True)
    oldest, more = verbs.history(thread.pk, before=5, limit=10)
    assert ([row.seq for row in oldest], more) == ([1, 2, 3, 4], False)


@pytest.mark.django_db
def test_a_read_mark_never_goes_back_nor_past_the_end() -> None:
    thread = make_thread()
    for text in ("one", "two", "three"):
        say(thread, text)
    assert verbs.mark_read(thread.pk, "bo", 2) == 2
    assert verbs.mark_read(thread.pk, "bo", 1) == 2
    assert verbs.unread(thread.pk, "bo") == 1
    assert verbs.mark_read(thread.pk, "bo", 99) == 3
    assert verbs.unread(thread.pk, "ada") == 0


@pytest.mark.django_db
def test_an_own_message_can_be_changed_for_a_quarter_of_an_hour() -> None:
    thread = make_thread()
    say(thread, "at tree")
    changed, was_changed = verbs.edit(thread.pk, "ada", 1, " at three ")
    assert (changed.text, was_changed, changed.edited_at is not None) == ("at three", True, True)
    assert verbs.edit(thread.pk, "ada", 1, "at three")[1] is False
    with pytest.raises(Refusal):
        verbs.edit(thread.pk, "bo", 1, "never")
    with pytest.raises(Invalid):
        verbs.edit(thread.pk, "ada", 1, " ")
    clock.advance(15 * 60 + 1)
    with pytest.raises(Refusal):
        verbs.edit(thread.pk, "ada", 1, "too late")
    with pytest.raises(Refusal):
        verbs.delete(thread.pk, "ada", 1)
    assert verbs.history(thread.pk)[0][0].text == "at three"


@pytest.mark.django_db
def test_a_message_taken_back_keeps_its_number_and_none_of_its_words() -> None:
    thread = make_thread()
    for text in ("one", "two", "three"):
        say(thread, text)
    assert [verbs.delete(thread.pk, "ada", 2)[1] for _twice in range(2)] == [True, False]
    with pytest.raises(Refusal):
        verbs.edit(thread.pk, "ada", 2, "again")
    assert [(row.seq, row.text) for row in verbs.history(thread.pk)[0]] == [(1, "one"), (2, ""), (3, "three")]
    assert verbs.unread(thread.pk, "bo") == 2


@pytest.mark.django_db
def test_history_may_begin_after_somebody_came_in_or_first_wrote() -> None:
    thread = make_thread()
    say(thread, "before", author="bo")
    clock.advance(60)
    say(thread, "of the late one", author="ines")
    clock.advance(60)
    came = clock.now()
    clock.advance(60)
    say(thread, "after", author="bo")
    assert verbs.last_before(thread.pk, "stranger", came) == 2
    assert verbs.last_before(thread.pk, "ines", came) == 1
    assert [row.text for row in verbs.history(thread.pk, after=2)[0]] == ["after"]
    assert verbs.history(thread.pk, after=2, before=3)[0] == []


@pytest.mark.django_db
def test_old_messages_go_with_their_files_and_the_numbers_go_on() -> None:
    thread = make_thread()
    file = Attachment.objects.create(
        business=thread.business, thread=thread, author="ada", author_name="Ada", name="x.pdf", size=1
    )
    verbs.post(thread.pk, "ada", "Ada", "c1", "", attachment=file)
    clock.advance(100)
    say(thread, "young")
    assert verbs.forget(thread.business_id, clock.now() - timedelta(seconds=50)) == 1
    assert not Attachment.objects.exists()
    assert [row.text for row in verbs.history(thread.pk)[0]] == ["young"]
    assert say(thread, "next").seq == 3


@pytest.mark.usefixtures("each_database")
def test_many_writers_leave_no_gap() -> None:
    thread = make_thread()

    def write(number: int) -> None:
        try:
            say(thread, f"message {number}", author=f"author{number % 4}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert list(Message.objects.filter(thread=thread).values_list("seq", flat=True)) == list(range(1, 41))


@pytest.mark.usefixtures("each_database")
def test_a_message_taken_back_by_several_at_once_is_taken_back_once() -> None:
    thread = make_thread()
    say(thread, "oops")

    def take_back(_number: int) -> bool:
        try:
            return verbs.delete(thread.pk, "bo", 1, any_message=True)[1]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take_back, range(4))) == [False, False, False, True]
    with pytest.raises(Refusal):
        verbs.edit(thread.pk, "ada", 1, "back")
