"""Which minutes are working time."""

from datetime import date

import pytest

from tests.scheduling.kit import at, daily, instead, offered, offered_on
from vestibule.scheduling import Hours, InvalidRules, Override, Trip, UnknownZone, WeeklyWindow
from vestibule.scheduling.hours import open_hours


def test_the_last_appointment_ends_by_closing_time() -> None:
    assert offered(daily("09:00-11:59")) == ["09:00", "10:00"]


def test_a_window_shorter_than_the_appointment_offers_nothing() -> None:
    assert offered(daily("09:00-09:59")) == []


def test_touching_windows_join() -> None:
    assert offered(daily("09:00-10:30", "10:30-12:00")) == ["09:00", "10:00", "11:00"]


def test_overlapping_windows_join() -> None:
    assert offered(daily("09:00-11:00", "10:30-12:00")) == ["09:00", "10:00", "11:00"]


def test_windows_that_touch_at_midnight_join() -> None:
    hours = daily(zone="UTC", overrides=(*instead("2024-06-03", "22:30-24:00"), *instead("2024-06-04", "00:00-01:00")))
    assert offered_on(hours, "2024-06-03 00:00", "2024-06-05 00:00") == ["22:30", "23:30"]


def test_a_window_that_ends_where_it_starts_is_empty() -> None:
    assert offered(daily("09:00-09:00")) == []
    assert offered(daily("00:00-00:00")) == []


def test_midnight_to_24_00_is_the_whole_day() -> None:
    assert len(offered(daily("00:00-24:00"))) == 24


def test_an_end_before_the_start_runs_past_midnight() -> None:
    hours = daily("23:00-01:00", days=[0])
    assert offered_on(hours, "2024-06-03 00:00", "2024-06-05 00:00") == ["23:00", "2024-06-04 00:00"]


def test_an_override_replaces_every_weekly_window_of_its_date() -> None:
    assert offered(daily("09:00-17:00", overrides=instead("2024-06-03", "08:00-09:00", "20:00-21:00"))) == [
        "08:00",
        "20:00",
    ]


def test_a_closed_date_has_no_hours_even_if_another_override_gives_some() -> None:
    closed = instead("2024-06-03")
    assert offered(daily("09:00-17:00", overrides=closed)) == []
    assert offered(daily("09:00-17:00", overrides=(*closed, *instead("2024-06-03", "09:00-10:00")))) == []


def test_an_override_cuts_off_what_spills_from_the_evening_before() -> None:
    night = daily("22:00-02:00")
    assert offered(night) == ["00:00", "01:00", "22:00", "23:00"]
    cut = daily("22:00-02:00", overrides=instead("2024-06-03", "12:00-13:00"))
    assert offered(cut) == ["12:00"]


def test_an_override_lets_the_night_before_it_reach_midnight() -> None:
    cut = daily("22:00-02:00", overrides=instead("2024-06-04"))
    assert offered_on(cut, "2024-06-03 12:00", "2024-06-04 12:00") == ["22:00", "23:00"]


def test_an_overnight_override_spills_into_the_next_weekday() -> None:
    hours = daily("09:00-10:00", overrides=instead("2024-06-03", "23:00-01:00"))
    assert offered_on(hours, "2024-06-03 00:00", "2024-06-05 00:00") == [
        "23:00",
        "2024-06-04 00:00",
        "2024-06-04 09:00",
    ]


def test_a_trip_moves_the_hours_to_the_zone_of_its_dates_both_included() -> None:
    trip = Trip(date(2024, 6, 4), date(2024, 6, 5), "Asia/Tokyo")
    hours = daily("09:00-10:00", zone="Europe/Berlin", trips=(trip,))
    assert offered_on(hours, "2024-06-03 00:00", "2024-06-07 00:00") == [
        "07:00",
        "2024-06-04 00:00",
        "2024-06-05 00:00",
        "2024-06-06 07:00",
    ]


def test_a_trip_without_end_lasts() -> None:
    hours = daily("09:00-10:00", zone="Europe/Berlin", trips=(Trip(date(2024, 6, 3), None, "America/New_York"),))
    assert offered_on(hours, "2034-06-02 00:00", "2034-06-03 00:00") == ["2034-06-02 13:00"]


def test_of_overlapping_trips_the_later_one_counts() -> None:
    moved = Trip(date(2024, 1, 1), None, "America/New_York")
    visit = Trip(date(2024, 6, 3), date(2024, 6, 3), "Asia/Tokyo")
    for trips in ((moved, visit), (visit, moved)):
        assert offered(daily("09:00-10:00", trips=trips)) == ["00:00"]


def test_of_trips_that_begin_together_the_shorter_one_counts() -> None:
    moved = Trip(date(2024, 6, 3), None, "America/New_York")
    visit = Trip(date(2024, 6, 3), date(2024, 6, 3), "Asia/Tokyo")
    for trips in ((moved, visit), (visit, moved)):
        assert offered(daily("09:00-10:00", trips=trips)) == ["00:00"]


def test_a_stretch_that_always_was_open_has_no_beginning() -> None:
    assert open_hours(daily("00:00-24:00")).began(28_000_000) is None
    assert open_hours(None).began(28_000_000) is None


def test_a_stretch_begins_after_the_last_closed_minute_however_long_ago() -> None:
    hours = open_hours(daily("00:00-24:00", overrides=instead("2024-01-31")))
    assert hours.began(at("2024-06-03 12:00")) == at("2024-02-01 00:00") == hours.began(at("2024-02-01 00:00"))
    assert hours.began(at("2024-01-30 23:59")) is None


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../zoneinfo/UTC", "/etc/localtime", "europe/berlin ", "\0"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(UnknownZone, match="not a known IANA time zone"):
        open_hours(Hours(name))


def test_impossible_times_are_refused() -> None:
    with pytest.raises(InvalidRules, match="0 to 1440"):
        WeeklyWindow(0, 0, 1441)
    with pytest.raises(InvalidRules, match="weekday"):
        WeeklyWindow(7, 0, 60)
    with pytest.raises(InvalidRules, match="both start and end"):
        Override(date(2024, 6, 3), 60)
