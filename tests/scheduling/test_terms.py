"""A person's own reading of the rules, limits on all their appointments, and when a service can be booked at all."""

from datetime import date
from typing import Any

from tests.scheduling.kit import LONG_BEFORE, ask, at, booked, daily, held, instead, second, taken
from vestibule.scheduling import (
    Alignment,
    Assignment,
    Diary,
    Hours,
    Limits,
    Period,
    Person,
    Question,
    RollingAvailableDays,
    Rules,
    Scope,
    Verdict,
    check,
    explain,
    offer,
)

HOUR = Rules(duration=60)
NINE_TO_NOON = daily("09:00-12:00")


def asked(*people: Person, rules: Rules = HOUR, now: str = LONG_BEFORE, **more: Any) -> Question:
    return Question(rules, people, second(now), viewer="me", **more)


def person(name: str, *entries: Any, hours: Hours = NINE_TO_NOON, **more: Any) -> Person:
    return Person(Diary(name, hours, entries), **more)


def refusal(question: Question, start: str, provider: str | None = None) -> Verdict:
    found = check(question, at(start), provider)
    assert found is not None
    return found


def test_each_person_keeps_their_own_buffers() -> None:
    busy = taken("10:00", "10:30")
    careful = person("a", busy, rules=Rules(duration=60, before=30))
    assert ask(asked(careful, rules=Rules(duration=60, step=30))) == ["09:00", "11:00"]
    found = offer(asked(careful, person("b", busy), rules=Rules(duration=60, step=30)), at("00:00"), at("23:00"))
    assert found.by_provider() == {"a": [at("09:00"), at("11:00")], "b": [at("09:00"), at("10:30"), at("11:00")]}


def test_of_own_rules_only_buffers_notice_and_limits_are_read() -> None:
    other = Rules(duration=15, step=5, service=9, seats=4, alignment=Alignment.FREE, window=RollingAvailableDays(0))
    assert ask(asked(person("a", rules=other))) == ["09:00", "10:00", "11:00"]


def test_own_rules_replace_the_services_even_with_none() -> None:
    strict = Rules(duration=60, notice=60 * 24 * 30, before=60, limits=Limits(((Period.DAY, 0),)))
    assert ask(asked(person("a"), rules=strict)) == []
    assert ask(asked(person("a", rules=HOUR), rules=strict)) == ["09:00", "10:00", "11:00"]


def test_each_person_wants_their_own_notice() -> None:
    slow = person("slow", rules=Rules(duration=60, notice=120))
    found = offer(asked(slow, person("quick"), now="2024-06-03 08:00:01"), at("00:00"), at("23:00"))
    assert found.by_provider() == {"slow": [at("11:00")], "quick": [at("09:00"), at("10:00"), at("11:00")]}


def test_own_notice_may_be_shorter_than_the_services() -> None:
    quick = person("quick", rules=Rules(duration=60, notice=0))
    question = asked(quick, person("slow"), rules=Rules(duration=60, notice=120), now="2024-06-03 09:00")
    assert ask(question) == ["09:00", "10:00", "11:00"]
    assert ask(asked(person("slow"), rules=question.rules, now="2024-06-03 09:00")) == ["11:00"]


def test_in_a_team_every_members_own_rules_hold() -> None:
    team = (
        person("a", rules=Rules(duration=60, notice=120)),
        person("b", taken("12:00", "12:30"), rules=Rules(duration=60, after=10)),
    )
    question = asked(*team, now="2024-06-03 08:00", assignment=Assignment.ALL)
    assert ask(question) == ["10:00"]
    assert (refusal(question, "09:00").code, refusal(question, "09:00").provider) == ("too_soon", "a")
    assert (refusal(question, "11:00").rule, refusal(question, "11:00").provider) == ("buffer", "b")


def test_own_limits_on_the_service_replace_the_services() -> None:
    one_a_day = Rules(duration=60, limits=Limits(((Period.DAY, 1),)))
    entry = booked("09:00", "10:00")
    assert ask(asked(person("a", entry), person("b", entry, rules=HOUR), rules=one_a_day)) == ["10:00", "11:00"]
    question = asked(person("a", entry, rules=one_a_day), person("b", entry))
    assert offer(question, at("00:00"), at("23:00")).providers(at("10:00")) == ("b",)
    assert (refusal(question, "10:00", "a").code, refusal(question, "10:00", "a").provider) == ("limit_reached", "a")


def test_a_persons_limits_count_appointments_of_every_service() -> None:
    two_a_day = Limits(((Period.DAY, 2),))
    entries = [booked("07:00", "08:00", service=5), booked("20:00", "20:30", service=6)]
    full = asked(person("a", *entries, limits=two_a_day))
    assert ask(full) == []
    assert refusal(full, "09:00") == Verdict(
        "limit", False, "limit_reached", "a limit on all appointments is reached on 2024-06-03"
    )
    assert ask(asked(person("a", entries[0], limits=two_a_day))) == ["09:00", "10:00", "11:00"]


def test_a_persons_limits_count_minutes_of_every_service() -> None:
    limits = Limits(max_minutes_per=((Period.WEEK, 120),))
    assert ask(asked(person("a", booked("2024-06-07 09:00", "2024-06-07 10:00", service=5), limits=limits)))
    assert not ask(asked(person("a", booked("2024-06-07 09:00", "2024-06-07 10:01", service=5), limits=limits)))


def test_events_and_holds_are_no_appointments() -> None:
    limits = Limits(((Period.DAY, 1),))
    busy = person("a", taken("07:00", "08:00"), taken("18:00", "19:00", closes=True), limits=limits)
    assert ask(asked(busy, holds=[held("07:00", "08:00", service=1)])) == ["09:00", "10:00", "11:00"]


def test_a_persons_limits_never_count_a_colleagues_appointments() -> None:
    limits = Limits(((Period.DAY, 1),), scope=Scope.SERVICE)
    people = (person("a", limits=limits), person("b", booked("07:00", "08:00"), limits=limits))
    assert offer(asked(*people), at("00:00"), at("23:00")).providers(at("09:00")) == ("a",)


def test_the_services_limits_and_the_persons_both_hold() -> None:
    rules = Rules(duration=60, limits=Limits(((Period.DAY, 1),)))
    assert not ask(asked(person("a", booked("07:00", "08:00"), limits=Limits(((Period.DAY, 9),))), rules=rules))
    assert not ask(
        asked(person("a", booked("07:00", "08:00", service=2), limits=Limits(((Period.DAY, 1),))), rules=rules)
    )
    assert ask(asked(person("a", booked("07:00", "08:00", service=2), limits=Limits(((Period.DAY, 2),))), rules=rules))


def test_limits_count_the_weeks_of_the_new_year_through() -> None:
    limits = Limits(((Period.WEEK, 1),), week_start=0)
    entry = booked("2024-12-30 07:00", "2024-12-30 08:00", service=4)
    question = asked(person("a", entry, limits=limits))
    assert ask(question, "2025-01-01 00:00", "2025-01-06 00:00") == []
    assert ask(question, "2025-01-06 00:00", "2025-01-06 10:00") == ["2025-01-06 09:00"]


def test_a_service_is_booked_in_its_own_hours_and_its_grid_begins_there() -> None:
    question = asked(person("a"), hours=daily("09:20-11:30"))
    assert ask(question) == ["09:20", "10:20"]
    assert refusal(question, "11:20") == Verdict(
        "hours", False, "outside_hours", "2024-06-03T11:20Z to 2024-06-03T12:20Z is not within working hours"
    )
    assert (
        refusal(question, "10:50").detail
        == "2024-06-03T10:50Z to 2024-06-03T11:50Z is not within the hours of the service"
    )


def test_the_hours_of_a_service_are_in_their_own_zone_and_the_grid_in_the_providers() -> None:
    india = person("a", hours=daily("06:00-20:00", zone="Asia/Kolkata"))
    clocked = Rules(duration=60, alignment=Alignment.CLOCK)
    assert ask(asked(india, rules=clocked, hours=daily("05:00-07:00"))) == ["05:30"]


def test_a_date_on_which_a_service_has_no_hours_is_closed() -> None:
    weekend = asked(person("a"), hours=daily("09:00-12:00", days=[5, 6]))
    assert refusal(weekend, "09:00") == Verdict("hours", False, "closed", "the service cannot be booked on 2024-06-03")
    closed = asked(person("a"), hours=daily("09:00-12:00", overrides=instead("2024-06-03")))
    assert refusal(closed, "09:00").code == "closed"
    opened = asked(person("a"), hours=Hours("UTC", overrides=instead("2024-06-03", "10:00-12:00")))
    assert ask(opened) == ["10:00", "11:00"]
    assert refusal(opened, "09:00").code == "outside_hours"
    assert refusal(opened, "2024-06-04 09:00").code == "closed"


def test_closed_is_told_before_outside_hours() -> None:
    question = asked(person("a", hours=daily("20:00-21:00")), hours=daily("09:00-12:00", days=[6]))
    assert [each.code for each in explain(question, at("09:00")) if not each.ok] == ["closed"]


def test_where_the_grid_follows_free_time_it_begins_with_the_services_hours() -> None:
    rules = Rules(duration=60, alignment=Alignment.FREE, align_step=1)
    assert ask(asked(person("a"), rules=rules, hours=daily("09:07-11:30"))) == ["09:07", "10:07"]


def test_available_days_are_counted_by_what_people_may_really_take() -> None:
    slow = person("a", rules=Rules(duration=60, notice=2 * 1440))
    rules = Rules(duration=60, window=RollingAvailableDays(1))
    assert ask(asked(slow, rules=rules, now="2024-06-03 00:00"), last="2024-06-09 00:00") == [
        f"2024-06-05 {hour}:00" for hour in ("09", "10", "11")
    ]
    assert date(2024, 6, 5).weekday() == 2
