"""Resources: units with hours and taken time, so many at once; a session that exists has its own."""

from typing import Any

import pytest

from tests.scheduling.kit import LONG_BEFORE, ask, at, booked, daily, held, second, taken
from vestibule.scheduling import (
    Assignment,
    BufferRule,
    Diary,
    InvalidRules,
    Person,
    Pool,
    Question,
    Rules,
    check,
    explain,
    offer,
)

HOUR = Rules(duration=60)
GROUP = Rules(duration=60, seats=3)
NINE_TO_NOON = daily("09:00-12:00")


def unit(name: str, *entries: Any, hours: Any = None) -> Diary:
    return Diary(name, hours, entries)


def asked(pool: Pool, *people: Diary, rules: Rules = HOUR, **more: Any) -> Question:
    team = [Person(diary) for diary in people or (Diary("a", NINE_TO_NOON),)]
    return Question(rules, team, second(LONG_BEFORE), viewer="me", resources=[pool], **more)


def test_several_units_must_be_free_at_once() -> None:
    units = [unit("u1"), unit("u2", taken("09:00", "10:00")), unit("u3", taken("09:30", "11:00"))]
    assert ask(asked(Pool(units, wanted=1))) == ["09:00", "10:00", "11:00"]
    assert ask(asked(Pool(units, wanted=2))) == ["10:00", "11:00"]
    assert ask(asked(Pool(units, wanted=3))) == ["11:00"]
    assert ask(asked(Pool(units, wanted=4))) == []


def test_less_than_one_unit_cannot_be_wanted() -> None:
    with pytest.raises(InvalidRules, match="wanted: must be at least 1, not 0"):
        Pool([], wanted=0)


def test_a_unit_may_have_hours() -> None:
    assert ask(asked(Pool([unit("room", hours=daily("09:30-11:00"))]))) == ["10:00"]


def test_around_a_unit_the_buffers_of_the_service_are_kept() -> None:
    pool = Pool([unit("u", booked("09:00", "10:00", after=5))])
    assert ask(asked(pool, rules=Rules(duration=60, step=30, before=25))) == ["10:30", "11:00"]
    assert ask(asked(pool, rules=Rules(duration=60, step=30, before=26))) == ["11:00"]
    only_new = Rules(duration=60, step=30, before=26, buffer_rule=BufferRule.NEW_ONLY)
    assert ask(asked(pool, rules=only_new)) == ["10:30", "11:00"]
    quick = Question(Rules(duration=60, before=60), [Person(Diary("a", NINE_TO_NOON), rules=HOUR)], 0, resources=[pool])
    assert ask(quick) == []


def test_units_that_are_free_are_named() -> None:
    units = [unit("u1"), unit("u2", taken("09:00", "10:00")), unit("u3")]
    found = offer(asked(Pool(units, wanted=2)), at("00:00"), at("23:00"))
    assert found.units(at("09:00")) == (("u1", "u3"),)
    assert found.units(at("10:00")) == (("u1", "u2", "u3"),)


def test_a_hold_that_names_a_unit_holds_it_and_one_of_everybody_does_not() -> None:
    pool = Pool([unit("u")])
    assert ask(asked(pool, holds=[held("09:00", "10:00", provider="u")])) == ["10:00", "11:00"]
    mine = held("09:00", "10:00", provider="u", holder="me")
    assert ask(asked(pool, holds=[mine])) == ["09:00", "10:00", "11:00"]
    everybody = asked(pool, holds=[held("09:00", "10:00")])
    assert offer(everybody, at("00:00"), at("23:00")).units(at("09:00")) == (("u",),)


def test_a_refusal_says_how_many_units_there_are() -> None:
    question = asked(Pool([unit("u1"), unit("u2", taken("09:00", "10:00"))], wanted=2))
    refused = check(question, at("09:00"))
    assert refused is not None
    assert (refused.rule, refused.code) == ("resource", "resource_taken")
    assert refused.detail == "1 of 2 units are free, and 2 are needed"


def test_a_session_that_exists_needs_no_unit_again() -> None:
    entry = booked("10:00", "11:00", appointment=7)
    question = asked(Pool([unit("u", entry)]), Diary("a", NINE_TO_NOON, [entry]), rules=GROUP)
    assert ask(question) == ["09:00", "10:00", "11:00"]
    verdicts = {each.rule: each for each in explain(question, at("10:00"))}
    assert verdicts["resource"].detail == "the session has what it needs"
    assert offer(question, at("10:00"), at("11:00")).units(at("10:00")) == ((),)


def test_a_new_session_beside_it_does_need_a_unit() -> None:
    entry = booked("10:00", "11:00", appointment=7)
    people = Diary("a", NINE_TO_NOON, [entry]), Diary("b", NINE_TO_NOON)
    one = offer(asked(Pool([unit("u", entry)]), *people, rules=GROUP), at("00:00"), at("23:00"))
    assert (one.providers(at("09:00")), one.providers(at("10:00"))) == (("a", "b"), ("a",))
    assert one.by_provider()["b"] == [at("09:00"), at("11:00")]
    two = offer(asked(Pool([unit("u", entry), unit("v")]), *people, rules=GROUP), at("00:00"), at("23:00"))
    assert two.providers(at("10:00")) == ("a", "b")


def test_a_full_session_is_refused_for_its_seats_and_not_for_its_unit() -> None:
    entry = booked("10:00", "11:00", seats=3)
    question = asked(Pool([unit("u", entry)]), Diary("a", NINE_TO_NOON, [entry]), rules=GROUP)
    assert [each.rule for each in explain(question, at("10:00")) if not each.ok] == ["seats"]


def test_a_team_joins_a_session_only_together() -> None:
    entry = booked("10:00", "11:00")
    pool = Pool([unit("u", entry)])
    both = [Diary("a", NINE_TO_NOON, [entry]), Diary("b", NINE_TO_NOON, [entry])]
    assert "10:00" in ask(asked(pool, *both, rules=GROUP, assignment=Assignment.ALL))
    half = [both[0], Diary("b", NINE_TO_NOON)]
    assert "10:00" not in ask(asked(pool, *half, rules=GROUP, assignment=Assignment.ALL))


def test_seats_left_are_those_of_the_emptiest_session() -> None:
    people = [Diary("a", NINE_TO_NOON, [booked("10:00", "11:00", seats=2)]), Diary("b", daily("10:00-11:00"))]
    people[1] = people[1].adding(booked("10:00", "11:00"))
    question = Question(GROUP, [Person(each) for each in people], 0)
    found = offer(question, at("00:00"), at("23:00"))
    assert [found.seats_left(at(start)) for start in ("09:00", "10:00", "11:00", "12:00")] == [3, 2, 3, 0]
    joint = Question(GROUP, question.people, 0, assignment=Assignment.ALL)
    assert offer(joint, at("00:00"), at("23:00")).seats_left(at("10:00")) == 1


def test_a_hold_counts_as_a_seat_that_is_gone() -> None:
    question = Question(GROUP, [Person(Diary("a", NINE_TO_NOON))], 0, holds=[held("10:00", "11:00", service=1)])
    assert offer(question, at("00:00"), at("23:00")).seats_left(at("10:00")) == 2


def test_appointments_of_one_consumer_have_no_seats_to_count() -> None:
    found = offer(Question(HOUR, [Person(Diary("a", NINE_TO_NOON))], 0), at("00:00"), at("23:00"))
    assert found.seats_left(at("10:00")) is None
