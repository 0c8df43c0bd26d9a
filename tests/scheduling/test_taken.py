"""Events, appointments and holds: what takes a provider's time, and how near one may come to it."""

import pytest

from tests.scheduling.kit import booked, daily, held, offered, taken
from vestibule.scheduling import BufferRule, outward

NINE_TO_NOON = daily("09:00-12:00")
MAX, NEW_ONLY = BufferRule.MAX, BufferRule.NEW_ONLY


def test_an_appointment_may_begin_the_instant_another_ends() -> None:
    assert offered(NINE_TO_NOON, taken("09:00", "10:00"), taken("11:00", "12:00")) == ["10:00"]


def test_an_event_without_length_is_ignored() -> None:
    assert offered(NINE_TO_NOON, taken("10:30", "10:30")) == ["09:00", "10:00", "11:00"]


def test_seconds_are_rounded_outward() -> None:
    assert outward(59, 61) == (0, 2)
    assert outward(60, 120) == (1, 2)
    assert offered(NINE_TO_NOON, taken("09:59", "10:00")) == ["10:00", "11:00"]


def test_buffers_may_lie_outside_working_hours() -> None:
    assert offered(daily("09:00-10:00"), before=30, after=30) == ["09:00"]


def test_buffers_keep_their_distance_from_events() -> None:
    assert offered(NINE_TO_NOON, taken("10:00", "10:30"), duration=30, before=15) == [
        "09:00",
        "09:30",
        "11:00",
        "11:30",
    ]
    assert offered(NINE_TO_NOON, taken("10:00", "10:30"), duration=30, after=15) == ["09:00", "10:30", "11:00", "11:30"]


def test_by_sum_both_buffers_fit_between_two_appointments() -> None:
    other = booked("10:00", "10:30", before=5, after=10)
    starts = offered(NINE_TO_NOON, other, duration=20, step=5, before=15, after=5)
    assert "09:30" in starts
    assert "09:35" not in starts
    assert "10:50" not in starts
    assert "10:55" in starts


def test_by_max_the_larger_buffer_fits_between_two_appointments() -> None:
    other = booked("10:00", "10:30", before=5, after=10)
    starts = offered(NINE_TO_NOON, other, duration=20, step=5, before=15, after=5, buffer_rule=MAX)
    assert "09:35" in starts
    assert "09:40" not in starts
    assert "10:40" not in starts
    assert "10:45" in starts


def test_by_new_only_the_older_buffers_do_not_count() -> None:
    other = booked("10:00", "10:30", before=50, after=50)
    starts = offered(NINE_TO_NOON, other, duration=20, step=5, before=15, after=0, buffer_rule=NEW_ONLY)
    assert "09:40" in starts
    assert "09:45" not in starts
    assert "10:40" not in starts
    assert "10:45" in starts


def test_an_appointment_of_another_service_blocks_too() -> None:
    assert offered(NINE_TO_NOON, booked("09:00", "11:00", service=9)) == ["11:00"]


def test_an_appointment_that_does_not_block_takes_no_time() -> None:
    assert offered(NINE_TO_NOON, booked("09:00", "11:00", blocks=False)) == ["09:00", "10:00", "11:00"]


def test_what_reaches_in_from_long_before_still_blocks() -> None:
    assert offered(NINE_TO_NOON, taken("2023-12-24 00:00", "2024-06-03 10:00")) == ["10:00", "11:00"]


def test_somebody_elses_hold_blocks() -> None:
    assert offered(NINE_TO_NOON, holds=[held("10:00", "11:00")]) == ["09:00", "11:00"]


def test_ones_own_hold_is_invisible_to_oneself() -> None:
    assert offered(NINE_TO_NOON, holds=[held("10:00", "11:00", holder="me")]) == ["09:00", "10:00", "11:00"]


@pytest.mark.parametrize(
    ("now", "starts"), [("08:59:59", ["09:00", "11:00"]), ("09:00:00", ["09:00", "10:00", "11:00"])]
)
def test_a_hold_ends_at_the_second_it_expires(now: str, starts: list[str]) -> None:
    holds = [held("10:00", "11:00", expires="09:00:00")]
    assert offered(NINE_TO_NOON, holds=holds, now=now) == starts


def test_a_hold_of_another_provider_does_not_block() -> None:
    assert offered(NINE_TO_NOON, holds=[held("10:00", "11:00", provider="t")]) == ["09:00", "10:00", "11:00"]
    assert offered(NINE_TO_NOON, holds=[held("10:00", "11:00", provider="s")]) == ["09:00", "11:00"]


def test_seats_of_the_same_start_stay_on_offer_until_full() -> None:
    assert offered(NINE_TO_NOON, booked("10:00", "11:00", seats=2), seats=3) == ["09:00", "10:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("10:00", "11:00", seats=3), seats=3) == ["09:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("10:00", "11:00"), booked("10:00", "11:00"), seats=2) == ["09:00", "11:00"]


def test_starts_that_overlap_a_group_are_not_on_offer() -> None:
    starts = offered(NINE_TO_NOON, booked("10:00", "11:00"), seats=3, step=30)
    assert starts == ["09:00", "10:00", "11:00"]


def test_a_group_does_not_share_with_another_service_or_an_event() -> None:
    assert offered(NINE_TO_NOON, booked("10:00", "11:00", service=2), seats=3) == ["09:00", "11:00"]
    assert offered(NINE_TO_NOON, taken("10:00", "11:00"), seats=3) == ["09:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("10:00", "11:00"), taken("10:30", "10:40"), seats=3) == ["09:00", "11:00"]


def test_the_buffers_of_a_group_do_not_refuse_its_own_seats() -> None:
    group = booked("10:00", "11:00", before=15, after=15)
    assert offered(NINE_TO_NOON, group, before=15, after=15, seats=2) == ["10:00"]


def test_a_hold_takes_one_seat_of_its_start() -> None:
    hold = held("10:00", "11:00", service=1)
    assert offered(NINE_TO_NOON, holds=[hold], seats=2) == ["09:00", "10:00", "11:00"]
    assert offered(NINE_TO_NOON, booked("10:00", "11:00"), holds=[hold], seats=2) == ["09:00", "11:00"]


def test_a_group_start_keeps_its_place_when_the_grid_follows_free_time() -> None:
    from vestibule.scheduling import Alignment

    starts = offered(NINE_TO_NOON, booked("10:00", "11:00"), seats=2, alignment=Alignment.FREE)
    assert starts == ["09:00", "10:00", "11:00"]
