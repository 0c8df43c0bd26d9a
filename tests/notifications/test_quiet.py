"""Quiet hours by the reader's own clocks, also on the days these are changed."""

from datetime import UTC, datetime, timedelta

import pytest

from vestibule.notifications import quiet
from vestibule.notifications.models import MessageRules

NIGHT = MessageRules(quiet_from=21 * 60, quiet_to=8 * 60)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "rests"),
    [
        ("2026-03-02T20:59", "UTC", False),
        ("2026-03-02T21:00", "UTC", True),
        ("2026-03-03T07:59", "UTC", True),
        ("2026-03-03T08:00", "UTC", False),
        ("2026-03-03T12:00", "Asia/Tokyo", True),
        ("2026-03-03T12:00", "America/New_York", True),
        ("2026-03-03T13:00", "America/New_York", False),
    ],
)
def test_it_is_quiet_by_the_readers_clock(at: str, zone: str, rests: bool) -> None:
    assert quiet.is_quiet(utc(at), zone, NIGHT) is rests


def test_hours_of_one_day_and_none_at_all() -> None:
    noon = MessageRules(quiet_from=12 * 60, quiet_to=13 * 60)
    assert quiet.is_quiet(utc("2026-03-02T12:30"), "UTC", noon)
    assert not quiet.is_quiet(utc("2026-03-02T13:00"), "UTC", noon)
    never = MessageRules(quiet_from=0, quiet_to=0)
    assert not quiet.is_quiet(utc("2026-03-02T00:00"), "UTC", never)


@pytest.mark.parametrize(
    ("zone", "at", "ends"),
    [
        ("UTC", "2026-03-02T22:00", "2026-03-03T08:00"),
        ("UTC", "2026-03-03T02:00", "2026-03-03T08:00"),
        # New York goes forward at 02:00 on 8 March, back at 02:00 on 1 November.
        ("America/New_York", "2026-03-08T03:30", "2026-03-08T12:00"),
        ("America/New_York", "2026-11-01T03:30", "2026-11-01T13:00"),
        # Zurich: 29 March and 25 October; Lord Howe by half an hour: 5 April and 4 October.
        ("Europe/Zurich", "2026-03-28T22:00", "2026-03-29T06:00"),
        ("Europe/Zurich", "2026-10-24T22:00", "2026-10-25T07:00"),
        ("Australia/Lord_Howe", "2026-04-04T13:00", "2026-04-04T21:30"),
        ("Australia/Lord_Howe", "2026-10-03T13:00", "2026-10-03T21:00"),
    ],
)
def test_the_rest_ends_at_its_minute_on_the_wall(zone: str, at: str, ends: str) -> None:
    assert quiet.ends(utc(at), zone, NIGHT) == utc(ends)


def test_a_reminder_by_day_leaves_when_it_is_due() -> None:
    due = utc("2026-03-02T10:00")
    assert quiet.instead(due, due + timedelta(hours=1), "UTC", NIGHT) == due


def test_a_reminder_at_night_leaves_in_the_morning_where_that_is_early_enough() -> None:
    assert quiet.instead(utc("2026-03-03T06:30"), utc("2026-03-03T08:30"), "UTC", NIGHT) == utc("2026-03-03T08:00")


@pytest.mark.parametrize("due", ["2026-03-03T07:15", "2026-03-02T22:15"])
def test_and_else_the_evening_before(due: str) -> None:
    assert quiet.instead(utc(due), utc("2026-03-03T08:15"), "UTC", NIGHT) == utc("2026-03-02T20:00")


def test_where_the_day_is_short_the_evening_before_is_in_it() -> None:
    siesta = MessageRules(quiet_from=13 * 60, quiet_to=12 * 60)
    leaves = quiet.instead(utc("2026-03-03T10:00"), utc("2026-03-03T11:00"), "UTC", siesta)
    assert leaves == utc("2026-03-02T12:30")


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Zurich", "Australia/Lord_Howe", "America/Santiago"])
@pytest.mark.parametrize("until", [90, 105, 120, 150, 1410])
def test_the_rest_always_ends_later_also_where_clocks_come_to_it_twice(zone: str, until: int) -> None:
    rules = MessageRules(quiet_from=22 * 60 if until < 1320 else 0, quiet_to=until)
    for day in ("2026-03-07", "2026-03-28", "2026-04-04", "2026-09-05", "2026-10-03", "2026-10-24", "2026-10-31"):
        for minutes in range(0, 2 * 1440, 15):
            at = utc(f"{day}T00:00") + timedelta(minutes=minutes)
            if quiet.is_quiet(at, zone, rules):
                ended = quiet.ends(at, zone, rules)
                assert ended > at, (at, ended)
                assert ended - at <= timedelta(hours=25)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Zurich", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_through_a_whole_year_no_reminder_leaves_in_the_rest_or_after_the_start(zone: str) -> None:
    start = utc("2026-01-01T00:10")
    for hours in range(0, 366 * 24, 7):
        at = start + timedelta(hours=hours)
        leaves = quiet.instead(at - timedelta(hours=1), at, zone, NIGHT)
        assert leaves < at
        assert not quiet.is_quiet(leaves, zone, NIGHT), (zone, at, leaves)
        assert leaves >= at - timedelta(hours=14)
