"""What happens when the clocks change: open is what the wall clock says, lengths are elapsed time."""

from datetime import UTC, datetime
from itertools import pairwise

from tests.scheduling.kit import at, daily, instead, offered_on
from vestibule.scheduling import Alignment
from vestibule.scheduling.zones import clock_of, zone


def test_in_a_spring_gap_there_is_nothing_to_book() -> None:
    hours = daily("02:00-03:00", zone="Europe/Berlin")
    assert offered_on(hours, "2024-03-30 23:00", "2024-03-31 22:00") == []


def test_a_window_around_a_gap_is_as_much_shorter_and_stays_one_window() -> None:
    hours = daily("01:00-04:00", zone="Europe/Berlin")
    assert offered_on(hours, "2024-03-31 00:00", "2024-03-31 12:00") == ["2024-03-31 00:00", "2024-03-31 01:00"]


def test_half_an_hour_is_missing_on_lord_howe() -> None:
    hours = daily("01:00-04:00", zone="Australia/Lord_Howe")
    starts = offered_on(hours, "2024-10-05 13:30", "2024-10-06 13:00")
    assert starts == ["2024-10-05 14:30", "2024-10-05 15:30"]


def test_both_passes_of_a_repeated_hour_are_open() -> None:
    hours = daily("02:00-03:00", zone="Europe/Berlin")
    assert offered_on(hours, "2024-10-26 22:00", "2024-10-27 23:00") == ["2024-10-27 00:00", "2024-10-27 01:00"]


def test_a_window_that_ends_inside_a_repeated_hour_opens_twice() -> None:
    hours = daily("01:30-02:30", zone="Europe/Berlin")
    starts = offered_on(hours, "2024-10-26 22:00", "2024-10-27 23:00", duration=30)
    assert starts == ["2024-10-26 23:30", "2024-10-27 00:00", "2024-10-27 01:00"]


def test_a_date_that_was_skipped_has_no_hours() -> None:
    friday = daily("09:00-17:00", zone="Pacific/Apia", days=[4])
    assert offered_on(friday, "2011-12-26 10:00", "2012-01-02 10:00") == []


def test_a_night_before_a_skipped_date_does_not_spill_over_it() -> None:
    thursday = daily("22:00-02:00", zone="Pacific/Apia", days=[3])
    assert offered_on(thursday, "2011-12-29 12:00", "2011-12-31 12:00") == ["2011-12-30 08:00", "2011-12-30 09:00"]


def test_ramadan_moves_the_clocks_of_casablanca_twice() -> None:
    hours = daily("09:00-10:00", zone="Africa/Casablanca")
    starts = offered_on(hours, "2024-03-09 00:00", "2024-03-12 00:00")
    assert starts == ["2024-03-09 08:00", "2024-03-10 09:00", "2024-03-11 09:00"]
    starts = offered_on(hours, "2024-04-13 00:00", "2024-04-16 00:00")
    assert starts == ["2024-04-13 09:00", "2024-04-14 08:00", "2024-04-15 08:00"]


def test_windows_join_across_a_midnight_that_does_not_exist() -> None:
    hours = daily(
        zone="America/Sao_Paulo",
        overrides=(*instead("2018-11-03", "23:30-24:00"), *instead("2018-11-04", "00:00-02:00")),
    )
    assert offered_on(hours, "2018-11-03 12:00", "2018-11-05 00:00", duration=90) == ["2018-11-04 02:30"]


def test_on_the_clock_starts_are_round_local_times_before_and_after_a_change() -> None:
    hours = daily("01:00-05:00", zone="Australia/Lord_Howe")
    starts = offered_on(hours, "2024-10-05 13:30", "2024-10-06 13:00", alignment=Alignment.CLOCK)
    assert starts == ["2024-10-05 14:30", "2024-10-05 16:00", "2024-10-05 17:00"]


def test_from_the_window_on_steps_are_elapsed_time_through_a_change() -> None:
    hours = daily("00:00-06:00", zone="Europe/Berlin")
    starts = offered_on(hours, "2024-03-30 23:00", "2024-03-31 22:00", step=90)
    assert starts == ["2024-03-30 23:00", "2024-03-31 00:30", "2024-03-31 02:00"]


def test_notice_is_elapsed_time_through_a_change() -> None:
    hours = daily("12:00-16:00", zone="America/New_York")
    starts = offered_on(hours, "2024-03-10 05:00", "2024-03-11 04:00", now="2024-03-09 18:00", notice=1440)
    assert starts == ["2024-03-10 18:00", "2024-03-10 19:00"]


def test_the_zones_are_those_of_the_packaged_data() -> None:
    assert clock_of("America/Vancouver").reading(at("2026-12-01 16:00")) % 1440 == 9 * 60
    assert zone("America/Vancouver") is zone("America/Vancouver")


def test_a_clock_reads_the_same_as_zoneinfo_on_every_side_of_every_change() -> None:
    for name in ("Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Asia/Gaza"):
        pieces = clock_of(name).pieces(at("2009-01-01 00:00"), at("2030-01-01 00:00"))
        assert len(pieces) > 30
        for (_, end, offset), (start, _, other) in pairwise(pieces):
            assert (end, offset) != (start, other)
            for minute, shown in ((end - 1, offset), (start, other)):
                local = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone(name))
                assert local.utcoffset() is not None
                assert local.replace(tzinfo=UTC).timestamp() == (minute + shown) * 60
