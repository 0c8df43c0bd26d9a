"""Diaries keep their masks, and carry them over when an entry comes or goes."""

import pytest

from tests.scheduling.kit import ask, at, booked, daily, question, taken
from vestibule.scheduling import Diary, Rules, free_starts
from vestibule.scheduling.bits import pages
from vestibule.scheduling.diary import shape_of

RULES = Rules(duration=60, before=5, after=10)
MONTH = (at("2024-06-01 00:00"), at("2024-07-01 00:00"))


def masks(diary: Diary) -> list[int]:
    return [diary.clear(span, shape_of(RULES)) for span in pages(*MONTH)]


def test_adding_and_removing_come_to_the_same_as_building_anew() -> None:
    morning, noon, same_noon = taken("09:00", "10:00"), booked("12:00", "13:00", after=30), booked("12:30", "13:30")
    diary = Diary(1, daily("09:00-17:00"), [morning])
    masks(diary)
    grown = diary.adding(noon, same_noon, version=2)
    assert grown.version == 2
    assert grown._clear.keys() == diary._clear.keys() != set()
    assert masks(grown) == masks(Diary(1, diary.hours, [morning, noon, same_noon]))
    shrunk = grown.removing(noon, version=3)
    assert shrunk._clear.keys() == diary._clear.keys()
    assert masks(shrunk) == masks(Diary(1, diary.hours, [morning, same_noon]))


def test_a_diary_never_changes() -> None:
    diary = Diary(1, daily("09:00-11:00"), [taken("09:00", "10:00")])
    asked = question(Rules(duration=60), diary)
    assert ask(asked) == ["10:00"]
    diary.adding(taken("10:00", "11:00"))
    diary.removing(taken("09:00", "10:00"))
    assert ask(asked) == ["10:00"]


def test_removing_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in"):
        Diary(1, None).removing(taken("09:00", "10:00"))


def test_of_two_equal_entries_one_stays() -> None:
    twice = Diary(1, daily("09:00-11:00"), [taken("09:00", "10:00")] * 2)
    assert ask(question(Rules(duration=60), twice.removing(taken("09:00", "10:00")))) == ["10:00"]


def test_providers_with_equal_hours_share_their_masks() -> None:
    one, other = Diary(1, daily("09:00-17:00")), Diary(2, daily("09:00-17:00"))
    assert one.open_hours is other.open_hours


def test_a_diary_forgets_masks_rather_than_grow_without_end() -> None:
    diary = Diary(1, daily("09:00-10:00"))
    asked = question(Rules(duration=60), diary, now="2024-01-01 00:00")
    starts = free_starts(asked, at("2024-06-01 00:00"), at("2044-06-01 00:00"))
    assert len(starts) == 365 * 20 + 5
    assert len(diary._clear) <= 64
    assert len(diary.open_hours._kept) <= 64
