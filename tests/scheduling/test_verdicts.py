"""Each rule says no in its own words, and what is offered is refused by none."""

from datetime import date
from typing import Any

import pytest

from tests.scheduling.kit import at, booked, daily, held, instead, question, taken
from vestibule.scheduling import (
    Alignment,
    Assignment,
    DateRange,
    Diary,
    Limits,
    Period,
    Pool,
    Question,
    RollingAvailableDays,
    RollingDays,
    RollingMinutes,
    Rules,
    Verdict,
    check,
    explain,
)

RULES = {"provider", "notice", "window", "hours", "busy", "buffer", "hold", "seats", "limit", "grid", "resource"}
NINE_TO_NOON = daily("09:00-12:00")


def about(*entries: Any, hours: Any = NINE_TO_NOON, now: str = "2024-05-20 00:00", **more: Any) -> Question:
    asked = {key: more.pop(key) for key in ("holds", "resources", "assignment", "chosen") if key in more}
    return question(Rules(**{"duration": 60, **more}), Diary("s", hours, entries), now=now, viewer="me", **asked)


def broken(asked: Question, start: str, provider: str | None = None) -> list[tuple[str, str]]:
    return [(each.rule, each.code) for each in explain(asked, at(start), provider) if not each.ok]


def test_a_free_start_is_refused_by_no_rule() -> None:
    verdicts = explain(about(), at("10:00"))
    assert {each.rule for each in verdicts} == RULES
    assert all(each.ok and not each.code for each in verdicts)
    assert check(about(), at("10:00"), "s") is None


@pytest.mark.parametrize(
    ("asked", "start", "rule", "code"),
    [
        (about(now="2024-06-03 09:30", notice=60), "10:00", "notice", "too_soon"),
        (about(now="2024-06-03 09:30"), "09:00", "notice", "too_soon"),
        (about(window=RollingDays(3)), "10:00", "window", "too_far"),
        (about(window=RollingMinutes(60)), "10:00", "window", "too_far"),
        (about(window=RollingAvailableDays(2)), "10:00", "window", "too_far"),
        (about(window=RollingAvailableDays(0)), "10:00", "window", "too_far"),
        (about(window=DateRange(date(2024, 6, 4), None)), "10:00", "window", "too_soon"),
        (about(window=DateRange(None, date(2024, 6, 2))), "10:00", "window", "too_far"),
        (about(), "08:00", "hours", "outside_hours"),
        (about(), "11:30", "hours", "outside_hours"),
        (about(hours=daily("09:00-12:00", overrides=instead("2024-06-03"))), "10:00", "hours", "closed"),
        (about(taken("09:30", "17:00", closes=True)), "10:00", "hours", "closed"),
        (about(), "10:30", "grid", "off_grid"),
        (about(alignment=Alignment.CLOCK), "10:30", "grid", "off_grid"),
        (about(alignment=Alignment.FREE), "10:30", "grid", "off_grid"),
        (about(taken("10:30", "10:40")), "10:00", "busy", "slot_taken"),
        (about(booked("10:30", "10:40")), "10:00", "busy", "slot_taken"),
        (about(taken("10:30", "10:40"), alignment=Alignment.FREE), "10:00", "busy", "slot_taken"),
        (about(taken("11:00", "11:30"), after=10), "10:00", "buffer", "slot_taken"),
        (about(booked("09:00", "10:00", after=10)), "10:00", "buffer", "slot_taken"),
        (about(holds=[held("10:00", "11:00")]), "10:00", "hold", "slot_taken"),
        (about(booked("10:00", "11:00", seats=2), seats=2), "10:00", "seats", "slot_taken"),
        (about(booked("09:30", "10:30"), seats=2), "10:00", "busy", "slot_taken"),
        (about(resources=[Pool([Diary("x", None, [taken("10:59", "11:01")])])]), "10:00", "resource", "resource_taken"),
        (about(booked("20:00", "21:00"), limits=Limits(((Period.DAY, 1),))), "10:00", "limit", "limit_reached"),
    ],
)
def test_one_broken_rule_is_named(asked: Question, start: str, rule: str, code: str) -> None:
    assert broken(asked, start) == [(rule, code)]
    refused = check(asked, at(start), "s")
    assert refused is not None
    assert (refused.rule, refused.code) == (rule, code)


def test_a_provider_who_does_not_offer_the_service_is_said_so() -> None:
    assert broken(about(), "10:00", "z") == [("provider", "provider_not_offered")]
    not_chosen = about(assignment=Assignment.SPECIFIC, chosen=("t",))
    assert broken(not_chosen, "10:00") == [("provider", "provider_not_offered")]


def test_a_taken_start_is_called_taken_even_if_it_also_used_up_a_limit() -> None:
    asked = about(booked("10:00", "11:00"), limits=Limits(((Period.DAY, 1),)))
    assert broken(asked, "10:00") == [("busy", "slot_taken"), ("limit", "limit_reached")]
    refused = check(asked, at("10:00"), "s")
    assert refused is not None
    assert refused.code == "slot_taken"


def test_a_detail_tells_the_fact() -> None:
    details = {each.rule: each.detail for each in explain(about(taken("10:15", "10:45")), at("10:00"))}
    assert details["busy"] == "2024-06-03T10:15Z to 2024-06-03T10:45Z"


def test_of_several_providers_the_one_closest_to_free_is_explained() -> None:
    rules = Rules(duration=60)
    away, busy = (
        Diary("away", daily("20:00-21:00"), [taken("10:00", "11:00")]),
        Diary("busy", NINE_TO_NOON, [taken("10:00", "11:00")]),
    )
    asked = question(rules, away, busy)
    assert broken(asked, "10:00") == [("busy", "slot_taken")]
    assert broken(asked, "10:00", "away") == [("hours", "outside_hours"), ("busy", "slot_taken")]


def test_of_a_team_whoever_objects_is_named() -> None:
    asked = question(
        Rules(duration=60),
        Diary("a", NINE_TO_NOON),
        Diary("b", NINE_TO_NOON, [taken("10:00", "11:00")]),
        assignment=Assignment.ALL,
    )
    refused = check(asked, at("10:00"))
    assert refused == Verdict("busy", False, "slot_taken", "2024-06-03T10:00Z to 2024-06-03T11:00Z")
    assert refused.provider == "b"


def test_the_dates_of_a_window_are_counted_over_everybody_even_for_one_provider() -> None:
    early, late = Diary("early", daily("09:00-10:00", days=[0, 1])), Diary("late", daily("09:00-10:00", days=[2]))
    asked = question(Rules(duration=60, window=RollingAvailableDays(2)), early, late, now="2024-06-03 00:00")
    assert broken(asked, "2024-06-05 09:00", "late") == [("window", "too_far")]
    assert check(asked, at("2024-06-04 09:00"), "early") is None
