"""So many of those who offer a service, and teams of people whose hours differ."""

from itertools import combinations, permutations
from typing import Any

import pytest

from tests.scheduling.kit import LONG_BEFORE, ask, at, booked, daily, second, taken
from vestibule.scheduling import (
    Alignment,
    Assignment,
    Diary,
    Hours,
    InvalidRules,
    Person,
    Question,
    Rules,
    check,
    explain,
    offer,
)

HOUR = Rules(duration=60)
NINE_TO_NOON = daily("09:00-12:00")


def some(size: int, *people: Diary | Person, rules: Rules = HOUR, **more: Any) -> Question:
    team = [each if isinstance(each, Person) else Person(each) for each in people]
    return Question(rules, team, second(LONG_BEFORE), assignment=Assignment.SOME, team_size=size, **more)


def who(*names: str, hours: Hours = NINE_TO_NOON) -> list[Diary]:
    return [Diary(name, hours) for name in names]


def test_a_start_needs_so_many_people_free() -> None:
    people = [*who("a"), Diary("b", NINE_TO_NOON, [taken("09:00", "10:00")])]
    people.append(Diary("c", NINE_TO_NOON, [taken("09:30", "11:00")]))
    assert ask(some(1, *people)) == ["09:00", "10:00", "11:00"]
    assert ask(some(2, *people)) == ["10:00", "11:00"]
    assert ask(some(3, *people)) == ["11:00"]


def test_the_teams_are_named_one_at_a_time() -> None:
    found = offer(some(2, *who("c", "a", "b")), at("00:00"), at("23:00"))
    assert list(found.teams(at("09:00"))) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found.providers(at("09:00")) == ("c", "a", "b")
    assert found.by_provider()["c"] == [at("09:00"), at("10:00"), at("11:00")]


def test_of_very_many_teams_the_first_comes_at_once_and_any_can_be_asked_for() -> None:
    names = [f"p{number:02}" for number in range(60)]
    found = offer(some(20, *who(*names)), at("00:00"), at("23:00"))
    assert next(found.teams(at("09:00"))) == tuple(names[:20])
    assert found.has_team(at("09:00"), names[40:])
    assert not found.has_team(at("09:00"), names[41:])
    assert not found.has_team(at("09:00"), ["stranger", *names[41:]])
    assert not found.has_team(at("09:00"), [names[0]] * 20)


def test_whoever_is_asked_for_is_on_every_team() -> None:
    people = [*who("a", "b"), Diary("c", daily("10:00-11:00"))]
    question = some(2, *people)
    assert check(question, at("09:00"), "a") is None
    refused = check(question, at("09:00"), "c")
    assert refused is not None
    assert (refused.code, refused.provider) == ("outside_hours", "c")
    assert check(question, at("10:00"), "c") is None


def test_with_fewer_people_than_are_needed_nothing_is_offered() -> None:
    question = some(3, *who("a", "b"))
    assert ask(question) == []
    refused = check(question, at("09:00"))
    assert refused is not None
    assert (refused.code, refused.detail) == ("provider_not_offered", "3 are needed, and 2 offer this service")


def test_a_team_of_nobody_cannot_be_asked_for() -> None:
    with pytest.raises(InvalidRules, match="team_size: must be at least 1"):
        some(0, *who("a"))


def test_the_grid_is_laid_in_the_hours_a_team_shares() -> None:
    early, late, later = (
        Diary("a", daily("09:00-13:00")),
        Diary("b", daily("09:20-13:00")),
        Diary("c", daily("10:40-13:00")),
    )
    assert ask(some(2, early, late)) == ["09:20", "10:20", "11:20"]
    assert ask(some(2, early, late, later)) == ["09:20", "10:20", "10:40", "11:20", "11:40"]
    found = offer(some(2, early, late, later), at("00:00"), at("23:00"))
    assert list(found.teams(at("11:20"))) == [("a", "b")]
    assert list(found.teams(at("11:40"))) == [("a", "c"), ("b", "c")]


def test_too_few_are_explained_by_whoever_is_missing() -> None:
    question = some(2, *who("a"), Diary("b", NINE_TO_NOON, [taken("09:00", "10:00")]))
    broken = [(each.rule, each.provider) for each in explain(question, at("09:00")) if not each.ok]
    assert broken == [("busy", "b")]


def test_a_team_of_a_group_service_has_the_seats_of_its_fullest_member() -> None:
    rules = Rules(duration=60, seats=5)
    people = [
        Diary(name, NINE_TO_NOON, [booked("09:00", "10:00", seats=seats)])
        for name, seats in zip("abc", (4, 1, 2), strict=True)
    ]
    found = offer(some(2, *people, rules=rules), at("00:00"), at("23:00"))
    assert found.seats_left(at("09:00")) == 3
    assert offer(some(3, *people, rules=rules), at("00:00"), at("23:00")).seats_left(at("09:00")) == 1


@pytest.mark.parametrize("alignment", Alignment)
def test_the_order_of_people_does_not_matter(alignment: Alignment) -> None:
    people = [
        Diary("a", daily("09:00-12:00", zone="Asia/Kolkata")),
        Diary("b", daily("04:00-12:00"), [taken("06:07", "06:20")]),
        Diary("c", daily("05:00-13:00", zone="Asia/Kathmandu")),
        Diary("d", daily("05:00-13:00", zone="Asia/Kathmandu"), [taken("03:00", "04:10")]),
    ]
    rules = Rules(duration=30, step=20, alignment=alignment)
    answers = [offer(some(2, *order, rules=rules), at("00:00"), at("23:00")) for order in permutations(people)]
    assert len({tuple(each.starts) for each in answers}) == 1
    assert len({frozenset(each.teams(each.starts[0])) for each in answers}) == 1


@pytest.mark.parametrize("alignment", Alignment)
@pytest.mark.parametrize("assignment", ["some", "mixed"])
def test_all_teams_together_offer_what_each_does_by_itself(alignment: Alignment, assignment: str) -> None:
    """Whatever is done to look at many teams at once, it must come to what looking at each gives."""
    rules = Rules(duration=40, step=25, alignment=alignment, alignment_timezone="Europe/Berlin")
    diaries = [
        Diary("a", daily("09:00-12:00", "13:10-18:00"), [taken("10:00", "10:07")]),
        Diary("b", daily("08:45-17:00"), [taken("11:11", "11:40"), taken("15:00", "15:01")]),
        Diary("c", daily("10:05-02:00"), [taken("13:00", "13:30")]),
        Diary("d", daily("00:00-24:00"), [taken("2024-06-02 20:00", "09:30")]),
        Diary("e", daily("00:00-24:00", zone="Asia/Kolkata")),
    ]
    teams: list[tuple[Diary, ...]]
    if assignment == "some":
        whole = some(3, *diaries, rules=rules)
        teams = list(combinations(diaries, 3))
    else:
        groups = ["g", "g", "h", "h", "h"]
        people = [Person(diary, group=group) for diary, group in zip(diaries, groups, strict=True)]
        whole = Question(rules, people, 0, assignment=Assignment.MIXED)
        teams = [(one, other) for one in diaries[:2] for other in diaries[2:]]
    found = offer(whole, at("00:00"), at("2024-06-04 00:00"))
    alone: dict[int, set[frozenset[str | int]]] = {}
    for team in teams:
        question = Question(rules, [Person(each) for each in team], 0, assignment=Assignment.ALL)
        for start in offer(question, at("00:00"), at("2024-06-04 00:00")).starts:
            alone.setdefault(start, set()).add(frozenset(each.provider for each in team))
    assert {start: {frozenset(team) for team in found.teams(start)} for start in found.starts} == alone
    assert len(found.starts) > 10
