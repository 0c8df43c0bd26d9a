"""Several at one draft at the same moment: nobody meets a fault, nothing is published twice. On both databases."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.booking.crowds import at_once, told
from tests.factories import make_business, make_provider, manager_of
from vestibule.experience import document, drafts
from vestibule.experience.models import Draft, Version
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

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
