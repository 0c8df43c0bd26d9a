"""Several at one draft at the same moment: nobody meets a fault, nothing is published twice. On both databases."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection

from tests.booking.crowds import at_once, told
from tests.booking.factories import make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.experience import document, drafts
from vestibule.experience.models import Draft, Version
from vestibule.notifications import reminders, rules
from vestibule.notifications.reminders import Wanted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store.transactions import is_pretending

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("each_database")]
Work = Callable[..., object]


def begun() -> tuple[Actor, Business]:
    business = make_business()
    make_provider(business=business)
    return manager_of(business), business


def test_a_draft_is_published_once() -> None:
    actor, business = begun()
    drafts.begin(actor, business)
    outcomes = at_once([partial(drafts.publish, actor, business)] * 6)
    assert told(outcomes) == Counter({"done": 1, "not_found": 5})
    assert (Version.objects.count(), Draft.objects.count()) == (2, 0)


def test_files_taken_in_at_once_leave_one_of_them_as_the_draft() -> None:
    actor, business = begun()
    taglines = [f"Number {number}" for number in range(6)]
    wanted = [{"format": document.FORMAT, "business": {"tagline": one}} for one in taglines]
    outcomes = at_once([partial(drafts.load, actor, business, one) for one in wanted])
    assert told(outcomes) == Counter({"done": 6})
    assert Draft.objects.get().document["business"]["tagline"] in taglines


def test_whoever_begins_changes_publishes_and_lets_go_at_once_meets_no_fault() -> None:
    actor, business = begun()
    changed = {"business": {"tagline": "By the lake"}}
    works: list[Work] = [
        *[partial(drafts.begin, actor, business)] * 2,
        *[partial(drafts.change, actor, business, changed)] * 2,
        *[partial(drafts.publish, actor, business)] * 2,
        *[partial(drafts.discard, actor, business)] * 2,
        partial(drafts.load, actor, business, {"format": document.FORMAT}),
    ]
    assert set(told(at_once(works))) <= {"done", "not_found", "overtaken"}
    numbers = list(Version.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(len(numbers)))
    assert Draft.objects.count() <= 1


def test_going_back_twice_at_once_makes_two_versions_of_the_same() -> None:
    actor, business = begun()
    drafts.begin(actor, business)
    drafts.publish(actor, business)
    outcomes = at_once([partial(drafts.roll_back, actor, business, 1)] * 3)
    assert told(outcomes) == Counter({"done": 3})
    assert sorted(Version.objects.values_list("number", flat=True)) == [0, 1, 2, 3, 4]


def begins(actor: Actor, business: Business) -> object:
    return drafts.begin(actor, business)


def loads(actor: Actor, business: Business) -> object:
    return drafts.load(actor, business, {"format": document.FORMAT})


def publishes(actor: Actor, business: Business) -> object:
    return drafts.publish(actor, business)


def changes(actor: Actor, business: Business) -> object:
    return drafts.change(actor, business, {**CHANGED, "texts": {"en": {"book_introduction": "Come in."}}})


def sets_up_messages(actor: Actor, business: Business) -> object:
    return rules.change(actor, business, mail_footer="By the sea")


def sets_up_reminders(actor: Actor, business: Business) -> object:
    return reminders.put(actor, business, [Wanted("before", 60, ("consumer",), "email")])


CHANGED = {
    "services": [{"slug": "talk", "name": "A talk"}],
    "reminders": {"mail_footer": "By the lake", "list": []},
}


@pytest.mark.parametrize("each_database", ["postgres"], indirect=True)  # on SQLite there is one who writes at a time
@pytest.mark.parametrize(
    ("parts", "first", "second", "outcome"),
    [
        ({}, loads, begins, "done"),
        (CHANGED, publishes, loads, "done"),
        (CHANGED, publishes, changes, "overtaken"),
        (CHANGED, publishes, sets_up_messages, "done"),
        (CHANGED, publishes, sets_up_reminders, "done"),
    ],
)
def test_who_comes_in_the_middle_waits_and_neither_meets_a_fault(
    parts: dict[str, Any], first: Work, second: Work, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, business = begun()
    make_service(business=business, slug="talk")
    reminders.put(actor, business, [Wanted("before", 60, ("consumer",), "sms")])
    if parts:
        drafts.change(actor, business, parts)
    with ThreadPoolExecutor(1) as pool:
        came = come_in_the_middle(pool, partial(second, actor, business), monkeypatch)
        assert told(at_once([partial(first, actor, business)])) == Counter({"done": 1})
        assert told(came[0].result()) == Counter({outcome: 1})
    assert Draft.objects.count() == (1 if loads in (first, second) else 0)


def come_in_the_middle(
    pool: ThreadPoolExecutor, work: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> list[Future[list[object]]]:
    """Have `work` done, as far as it gets, when somebody has read what holds in order to write it.

    They go on once it is done or waits for them. What comes of it is put into the list returned.
    """
    reading, is_there, came = document.read, Event(), list[Future[list[object]]]()

    def read(business: Business) -> document.Document:
        held = reading(business)
        if not is_there.is_set() and not is_pretending():
            is_there.set()
            came.append(pool.submit(at_once, [work]))
            while not is_waited_for() and not came[0].done():
                wait(came, timeout=0.01)
        return held

    monkeypatch.setattr(document, "read", read)
    return came


def is_waited_for() -> bool:
    """Tell whether another waits for what this thread's transaction holds."""
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({waiting})")
        return bool(cursor.fetchone()[0])
