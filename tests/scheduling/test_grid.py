"""Where the grid of starts begins, and that the dates asked for never move it."""

from typing import Any

import pytest

from tests.scheduling.kit import at, booked, daily, instead, offered, offered_on, taken
from vestibule.scheduling import Alignment, InvalidRules, Rules

FREE, CLOCK, WINDOW = Alignment.FREE, Alignment.CLOCK, Alignment.WINDOW


def test_the_step_is_the_length_unless_told_otherwise() -> None:
    assert offered(daily("09:00-10:00"), duration=20) == ["09:00", "09:20", "09:40"]
    assert offered(daily("09:00-10:00"), duration=20, step=15) == ["09:00", "09:15", "09:30"]


def test_window_starts_count_from_the_start_of_each_window() -> None:
    assert offered(daily("09:10-11:30", "13:05-14:05"), step=30) == ["09:10", "09:40", "10:10", "13:05"]


def test_taken_time_does_not_move_the_grid_of_a_window() -> None:
    assert offered(daily("09:00-12:00"), taken("09:00", "09:20"), step=30) == ["09:30", "10:00", "10:30", "11:00"]


def test_clock_starts_are_multiples_since_local_midnight() -> None:
    assert offered(daily("09:10-11:30"), alignment=CLOCK, step=30) == ["09:30", "10:00", "10:30"]
    assert offered(daily("09:00-13:00"), alignment=CLOCK, step=100) == ["10:00", "11:40"]


def test_clock_starts_begin_anew_at_midnight_if_the_step_does_not_divide_the_day() -> None:
    hours = daily("23:00-01:00", days=[0])
    starts = offered_on(hours, "2024-06-03 12:00", "2024-06-04 12:00", duration=10, step=50, alignment=CLOCK)
    assert starts == ["23:20", "2024-06-04 00:00", "2024-06-04 00:50"]


def test_midnight_is_the_local_one() -> None:
    hours = daily("23:00-01:00", days=[0], zone="America/New_York")
    starts = offered_on(hours, "2024-06-03 12:00", "2024-06-04 12:00", duration=10, step=50, alignment=CLOCK)
    assert starts == ["2024-06-04 03:20", "2024-06-04 04:00", "2024-06-04 04:50"]


def test_the_clock_is_the_providers_unless_a_zone_is_given() -> None:
    kathmandu = daily("09:00-11:00", zone="Asia/Kathmandu")
    assert offered(kathmandu, alignment=CLOCK) == ["03:15", "04:15"]
    assert offered(kathmandu, alignment=CLOCK, alignment_timezone="UTC") == ["04:00"]


def test_free_starts_begin_anew_after_each_taken_time() -> None:
    starts = offered(daily("09:00-13:00"), taken("09:50", "10:20"), duration=30, step=20, alignment=FREE)
    assert starts == ["09:00", "09:20", "10:20", "10:40", "11:00", "11:20", "11:40", "12:00", "12:20"]


def test_free_starts_are_rounded_up_to_the_align_step() -> None:
    starts = offered(daily("09:00-12:00"), taken("09:00", "09:35"), alignment=FREE, align_step=15, step=60)
    assert starts == ["09:45", "10:45"]
    assert offered(daily("09:10-12:00"), alignment=FREE) == ["10:00", "11:00"]


@pytest.mark.parametrize(
    ("step", "align"), [(60, 60), (90, 30), (40, 20), (45, 15), (50, 10), (25, 5), (7, 1), (120, 60)]
)
def test_the_align_step_is_the_largest_round_one_that_divides_the_step(step: int, align: int) -> None:
    assert Rules(duration=30, step=step).align_step == align


def test_a_free_gap_begins_where_buffers_end() -> None:
    event = booked("09:00", "09:30", after=10)
    assert offered(daily("09:00-11:00"), event, alignment=FREE, align_step=5, before=5) == ["09:45"]


def test_rounding_follows_the_alignment_zone() -> None:
    hours = daily("09:10-12:00", zone="Asia/Kathmandu")
    assert offered(hours, alignment=FREE) == ["04:15", "05:15"]
    assert offered(hours, alignment=FREE, alignment_timezone="UTC") == ["04:00", "05:00"]


@pytest.mark.parametrize("alignment", Alignment)
def test_the_dates_asked_for_never_move_the_grid(alignment: Alignment) -> None:
    hours = daily("22:10-04:00", zone="Europe/Berlin")
    rules: dict[str, Any] = {"duration": 35, "step": 35, "alignment": alignment}
    whole = offered_on(hours, "2024-06-03 00:00", "2024-06-05 00:00", taken("23:07", "23:31"), **rules)
    late = offered_on(hours, "2024-06-03 23:17", "2024-06-05 00:00", taken("23:07", "23:31"), **rules)
    assert late
    assert late == [start for start in whole if start >= "23:17" or start.startswith("2024-06-04")]


def test_a_grid_without_beginning_begins_anew_on_monday() -> None:
    always = daily("00:00-24:00", zone="Asia/Kolkata")
    assert offered_on(always, "2024-06-02 18:30", "2024-06-02 23:00", step=100) == [
        "2024-06-02 18:30",
        "2024-06-02 20:10",
        "2024-06-02 21:50",
    ]
    assert offered_on(always, "2024-06-02 17:00", "2024-06-02 18:30", step=100) == ["2024-06-02 17:10"]


def test_a_grid_begins_with_its_window_even_weeks_ago() -> None:
    open_since = daily("00:00-24:00", overrides=instead("2024-01-31"))
    assert offered_on(open_since, "2024-06-03 00:00", "2024-06-03 05:00", step=100) == ["01:20", "03:00", "04:40"]
    since = at("2024-06-03 01:20") - at("2024-02-01 00:00")
    assert since % 100 == 0


def test_rules_must_have_a_length() -> None:
    with pytest.raises(InvalidRules, match="duration: must be at least 1"):
        Rules(duration=0)
    with pytest.raises(InvalidRules, match="before: must be at least 0"):
        Rules(duration=30, before=-1)
