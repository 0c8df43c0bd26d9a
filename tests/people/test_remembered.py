"""A repeated request changes nothing and gets the same answer; of parallel duplicates one executes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.factories import make_business
from vestibule.people import remembered
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, RememberedRequest
from vestibule.people.remembered import IdempotencyMismatch, answer_once
from vestibule.store import clock


class Work:
    """Something to do that counts how often it is done, in the database."""

    def __init__(self, body: bytes = b"secret link") -> None:
        self.body = body

    def __call__(self) -> tuple[int, bytes]:
        make_business(name="made")
        return 201, self.body

    @property
    def done(self) -> int:
        return Business.objects.filter(name="made").count()


def test_a_repetition_gets_the_same_answer_and_changes_nothing(each_database: str) -> None:
    work = Work()
    assert answer_once("scope", "key", "f", work) == (201, b"secret link", False)
    assert answer_once("scope", "key", "f", work) == (201, b"secret link", True)
    assert work.done == 1


def test_parallel_duplicates_execute_once_and_all_get_the_answer(each_database: str) -> None:
    work = Work()
    together = threading.Barrier(8)

    def attempt(_number: int) -> tuple[int, bytes, bool]:
        try:
            together.wait(60)
            return answer_once("scope", "key", "f", work)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))
    assert {(status, body) for status, body, _replayed in answers} == {(201, b"secret link")}
    assert sum(not replayed for _status, _body, replayed in answers) == 1
    assert work.done == 1


@pytest.mark.django_db
def test_the_key_of_another_request_is_refused() -> None:
    answer_once("scope", "key", "f", Work())
    with pytest.raises(IdempotencyMismatch) as refused:
        answer_once("scope", "key", "other", Work())
    assert (refused.value.code, refused.value.status) == ("idempotency_mismatch", 422)


@pytest.mark.django_db
def test_scopes_do_not_share_keys() -> None:
    assert answer_once("one", "key", "f", Work(b"1"))[1] == b"1"
    assert answer_once("two", "key", "f", Work(b"2"))[1] == b"2"


def test_a_refusal_undoes_everything_and_the_key_may_try_again(each_database: str) -> None:
    work = Work()

    def refuse() -> tuple[int, bytes]:
        work()
        raise NotFound("gone")

    with pytest.raises(NotFound):
        answer_once("scope", "key", "f", refuse)
    assert work.done == 0
    assert answer_once("scope", "key", "f", work)[2] is False


@pytest.mark.django_db
def test_after_a_day_a_key_is_free_again() -> None:
    answer_once("scope", "key", "f", Work())
    clock.advance(24 * 3600 + 1)
    assert answer_once("scope", "key", "other", Work())[2] is False


@pytest.mark.django_db
def test_old_answers_are_purged_and_young_ones_kept() -> None:
    answer_once("scope", "old", "f", Work())
    clock.advance(20 * 3600)
    answer_once("scope", "young", "f", Work())
    clock.advance(5 * 3600)
    assert remembered.purge() == 1
    assert RememberedRequest.objects.get().key == "young"


@pytest.mark.django_db
def test_the_database_holds_no_readable_answer() -> None:
    answer_once("scope", "key", "f", Work())
    assert "secret" not in RememberedRequest.objects.get().answer


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b"])
def test_a_key_of_the_wrong_shape_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        answer_once("scope", key, "f", Work())
