"""How soon and how far ahead one may book, and how much."""

from datetime import date

import pytest

from tests.scheduling.kit import ask, booked, daily, instead, offered, offered_on, question, taken
from vestibule.scheduling import (
    DateRange,
    Diary,
    Limits,
    Period,
    RollingAvailableDays,
    RollingDays,
    RollingMinutes,
    Rules,
    Scope,
)

NINE_TO_NOON = daily("09:00-12:00")
WEEK = ("2024-06-03 00:00", "2024-06-10 00:00")


def dates(starts: list[str]) -> list[int]:
    """Days of June."""
    return sorted({3 if len(start) == 5 else int(start[8:10]) for start in starts})


def test_notice_is_compared_to_the_second() -> None:
    assert offered(NINE_TO_NOON, now="08:00:00", notice=120) == ["10:00", "11:00"]
    assert offered(NINE_TO_NOON, now="08:00:01", notice=120) == ["11:00"]


def test_notice_cuts_starts_and_never_moves_the_grid() -> None:
    assert offered(NINE_TO_NOON, now="09:05", step=25, duration=25)[:2] == ["09:25", "09:50"]


def test_the_past_is_not_on_offer() -> None:
    assert offered(NINE_TO_NOON, now="10:00:00") == ["10:00", "11:00"]


def test_rolling_days_end_with_the_local_date_that_many_days_after_today() -> None:
    starts = offered_on(NINE_TO_NOON, *WEEK, now="2024-06-03 23:59:59", window=RollingDays(2))
    assert dates(starts) == [4, 5]


def test_today_is_told_by_the_zone_of_the_window() -> None:
    window = RollingDays(1, timezone="Pacific/Kiritimati")
    assert dates(offered_on(NINE_TO_NOON, *WEEK, now="2024-06-03 09:59", window=window)) == [3, 4]
    assert dates(offered_on(daily("08:00-09:00"), *WEEK, now="2024-06-03 10:00", window=window)) == [4, 5]


def test_business_days_skip_the_weekend_when_counting_and_not_when_booking() -> None:
    starts = offered_on(
        NINE_TO_NOON,
        "2024-06-07 00:00",
        "2024-06-20 00:00",
        now="2024-06-07 00:00",
        window=RollingDays(2, business_days=True),
    )
    assert dates(starts) == [7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    ("today", "days", "last"),
    [
        ("2024-06-07", 0, "2024-06-07"),
        ("2024-06-08", 0, "2024-06-08"),
        ("2024-06-07", 1, "2024-06-10"),
        ("2024-06-08", 1, "2024-06-10"),
        ("2024-06-09", 5, "2024-06-14"),
        ("2024-06-03", 4, "2024-06-07"),
        ("2024-06-03", 5, "2024-06-10"),
        ("2024-06-05", 13, "2024-06-24"),
    ],
)
def test_business_days_are_monday_to_friday(today: str, days: int, last: str) -> None:
    hours = daily("00:00-24:00")
    window = RollingDays(days, business_days=True)
    starts = offered_on(hours, f"{today} 00:00", "2024-07-31 00:00", now=f"{today} 00:00", window=window)
    assert starts[-1].startswith(last)


def test_available_days_are_the_first_dates_that_have_a_start() -> None:
    hours = daily("09:00-10:00", overrides=instead("2024-06-04"))
    full = taken("2024-06-05 09:30", "2024-06-05 10:00")
    starts = offered_on(hours, *WEEK, full, now="2024-06-03 00:00", window=RollingAvailableDays(2))
    assert dates(starts) == [3, 6]


def test_available_days_are_counted_from_now_whatever_dates_are_asked_for() -> None:
    window = RollingAvailableDays(2)
    assert offered_on(NINE_TO_NOON, "2024-06-05 00:00", "2024-06-10 00:00", now="2024-06-03 00:00", window=window) == []
    today_is_over = offered_on(NINE_TO_NOON, *WEEK, now="2024-06-03 11:00:01", window=window)
    assert dates(today_is_over) == [4, 5]


def test_available_days_may_be_far_apart() -> None:
    hours = daily(
        overrides=(
            *instead("2024-06-03", "09:00-10:00"),
            *instead("2024-12-24", "09:00-10:00"),
            *instead("2025-03-01", "09:00-10:00"),
        )
    )
    found = offered_on(
        hours, "2024-06-01 00:00", "2025-12-31 00:00", now="2024-06-01 00:00", window=RollingAvailableDays(2)
    )
    assert found == ["09:00", "2024-12-24 09:00"]


def test_weekends_do_not_fill_available_business_days() -> None:
    window = RollingAvailableDays(1, business_days=True)
    starts = offered_on(NINE_TO_NOON, "2024-06-08 00:00", "2024-06-15 00:00", now="2024-06-08 00:00", window=window)
    assert dates(starts) == [8, 9, 10]


def test_available_business_days_end_on_the_last_one_even_if_a_weekend_follows() -> None:
    hours = daily(overrides=(*instead("2024-06-07", "09:00-10:00"), *instead("2024-06-08", "09:00-10:00")))
    window = RollingAvailableDays(1, business_days=True)
    assert offered_on(hours, *WEEK, now="2024-06-03 00:00", window=window) == ["2024-06-07 09:00"]


def test_no_available_days_means_nothing() -> None:
    assert offered(NINE_TO_NOON, window=RollingAvailableDays(0)) == []


def test_a_range_includes_both_its_local_dates() -> None:
    hours = daily("22:00-24:00", zone="America/New_York")
    window = DateRange(date(2024, 6, 4), date(2024, 6, 5))
    assert offered_on(hours, *WEEK, window=window) == [
        "2024-06-05 02:00",
        "2024-06-05 03:00",
        "2024-06-06 02:00",
        "2024-06-06 03:00",
    ]


def test_rolling_minutes_include_the_last_second() -> None:
    window = RollingMinutes(60)
    assert offered(NINE_TO_NOON, now="09:00:00", window=window) == ["09:00", "10:00"]
    assert offered(NINE_TO_NOON, now="08:59:59", window=window) == ["09:00"]


def test_a_total_equal_to_the_limit_is_allowed() -> None:
    limits = Limits(max_minutes_per=((Period.DAY, 120),))
    assert offered(NINE_TO_NOON, booked("15:00", "16:00"), limits=limits) == ["09:00", "10:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("15:00", "16:01"), limits=limits) == []


def test_a_limit_counts_bookings_in_the_period_of_their_start() -> None:
    limits = Limits(max_per=((Period.DAY, 1),))
    overnight = booked("2024-06-02 23:30", "2024-06-03 00:30")
    assert offered(NINE_TO_NOON, overnight, limits=limits) == ["09:00", "10:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("23:30", "2024-06-04 00:30"), limits=limits) == []


def test_periods_are_told_by_the_zone_of_the_limits() -> None:
    limits = Limits(max_per=((Period.DAY, 1),), timezone="Pacific/Kiritimati")
    starts = offered(daily("08:00-12:00"), booked("2024-06-02 20:00", "2024-06-02 21:00"), limits=limits)
    assert starts == ["10:00", "11:00"]


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        (Period.DAY, "2024-06-03", "2024-06-04"),
        (Period.WEEK, "2024-06-09", "2024-06-10"),
        (Period.MONTH, "2024-06-30", "2024-07-01"),
        (Period.YEAR, "2024-01-01", "2023-12-31"),
    ],
)
def test_each_period_ends_with_its_last_date(period: Period, inside: str, outside: str) -> None:
    limits = Limits(max_per=((period, 1),))
    assert offered(NINE_TO_NOON, booked(f"{inside} 20:00", f"{inside} 21:00"), limits=limits) == []
    assert offered(NINE_TO_NOON, booked(f"{outside} 20:00", f"{outside} 21:00"), limits=limits) != []


@pytest.mark.parametrize(
    ("period", "last", "next_first"),
    [
        (Period.DAY, "2024-02-05", "2024-02-06"),
        (Period.WEEK, "2024-02-11", "2024-02-12"),
        (Period.MONTH, "2024-02-29", "2024-03-01"),
        (Period.YEAR, "2024-12-31", "2025-01-01"),
    ],
)
def test_a_used_up_period_is_closed_to_its_end_and_no_longer(period: Period, last: str, next_first: str) -> None:
    spent = booked("2024-02-05 20:00", "2024-02-05 21:00")
    limits = Limits(max_per=((period, 1),))
    starts = offered_on(NINE_TO_NOON, f"{last} 00:00", f"{next_first} 23:00", spent, limits=limits)
    assert starts == [f"{next_first} 09:00", f"{next_first} 10:00", f"{next_first} 11:00"]


def test_a_week_starts_on_the_day_it_is_said_to() -> None:
    sunday = booked("2024-06-02 09:00", "2024-06-02 10:00")
    assert offered(NINE_TO_NOON, sunday, limits=Limits(max_per=((Period.WEEK, 1),))) != []
    assert offered(NINE_TO_NOON, sunday, limits=Limits(max_per=((Period.WEEK, 1),), week_start=6)) == []


def test_bookings_that_do_not_block_count_and_other_services_and_holds_do_not() -> None:
    limits = Limits(max_per=((Period.DAY, 1),))
    assert offered(NINE_TO_NOON, booked("15:00", "16:00", blocks=False), limits=limits) == []
    assert offered(NINE_TO_NOON, booked("15:00", "16:00", service=2), limits=limits) != []
    assert offered(NINE_TO_NOON, taken("15:00", "16:00"), limits=limits) != []
    assert offered(NINE_TO_NOON, booked("15:00", "16:00", held=True), limits=limits) != []


def test_a_limit_smaller_than_one_appointment_refuses_all() -> None:
    assert offered(NINE_TO_NOON, limits=Limits(max_per=((Period.YEAR, 0),))) == []
    assert offered(NINE_TO_NOON, limits=Limits(max_minutes_per=((Period.DAY, 59),))) == []


def both(scope: Scope, most: int) -> list[str]:
    """Starts of a, who has two of the day's bookings, and of b, who has one."""
    rules = Rules(duration=60, limits=Limits(max_per=((Period.DAY, most),), scope=scope))
    bookings = [booked("15:00", "16:00"), booked("17:00", "18:00")]
    one, other = Diary("a", daily("09:00-10:00"), bookings), Diary("b", daily("10:00-11:00"), bookings[:1])
    return ask(question(rules, one, other))


def test_a_limit_counts_each_providers_bookings_or_everybodys() -> None:
    assert both(Scope.STAFF, 2) == ["10:00"]
    assert both(Scope.SERVICE, 3) == []
    assert both(Scope.SERVICE, 4) == ["09:00", "10:00"]


def test_an_appointment_of_a_team_counts_once_for_the_service() -> None:
    rules = Rules(duration=60, limits=Limits(max_per=((Period.DAY, 2),), scope=Scope.SERVICE))
    shared = booked("15:00", "16:00", appointment=77)
    people = [Diary(name, daily("09:00-10:00"), [shared]) for name in ("a", "b")]
    assert ask(question(rules, *people)) == ["09:00"]
