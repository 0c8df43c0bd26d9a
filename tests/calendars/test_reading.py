"""What events mean for the time of whose calendar they stand in."""

from datetime import UTC, datetime

import pytest

from tests.calendars.kit import busy, calendar, event, reading
from vestibule.calendars.ports import CalendarError, OurEntry, Trouble
from vestibule.calendars.reading import read
from vestibule.store.clock import to_minute

NINE = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
DAILY = ("DTSTART;TZID=Europe/London:20260327T090000", "DTEND;TZID=Europe/London:20260327T093000")


def test_an_event_makes_busy_from_start_to_end() -> None:
    assert busy(event(*NINE)) == ["03-02 09:00 to 10:00"]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "ATTENDEE;CN=Ada;PARTSTAT=DECLINED:mailto:Ada@Clinic.example",
    ],
)
def test_what_says_it_takes_no_time_takes_none(line: str) -> None:
    assert busy(event(*NINE, line), addresses=frozenset({"ada@clinic.example"})) == []


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:OPAQUE",
        "STATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@else.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@clinic.example",
    ],
)
def test_what_does_not_say_so_counts(line: str) -> None:
    assert busy(event(*NINE, line), addresses=frozenset({"ada@clinic.example"})) == ["03-02 09:00 to 10:00"]


def test_the_owner_is_also_known_by_a_calendar_called_by_their_address() -> None:
    declined = event(*NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@mail.example")
    assert busy("X-WR-CALNAME:Ada@mail.example", declined) == []
    assert busy("X-WR-CALNAME:Ada", declined) == ["03-02 09:00 to 10:00"]


def test_an_all_day_event_is_busy_from_midnight_to_midnight_of_its_owner() -> None:
    day = event("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260304")
    assert busy(day, zone="America/New_York") == ["03-02 05:00 to 03-04 05:00"]
    assert busy(day, zone="Pacific/Auckland") == ["03-01 11:00 to 03-03 11:00"]


def test_an_all_day_event_counts_only_where_that_is_wanted() -> None:
    assert busy(event("DTSTART;VALUE=DATE:20260302"), event(*NINE, uid="two"), all_day_counts=False) == [
        "03-02 09:00 to 10:00"
    ]


def test_an_all_day_event_follows_the_day_its_clock_changes() -> None:
    day = event("DTSTART;VALUE=DATE:20260329")
    assert busy(day, zone="Europe/Berlin") == ["03-28 23:00 to 03-29 22:00"]


def test_without_an_end_a_date_is_one_day_and_a_time_is_nothing() -> None:
    assert busy(event("DTSTART;VALUE=DATE:20260302")) == ["03-02 00:00 to 03-03 00:00"]
    assert busy(event("DTSTART:20260302T090000Z")) == []


@pytest.mark.parametrize("end", ["DTEND:20260302T090000Z", "DURATION:PT0S", "DTEND:20260302T080000Z", "DURATION:-PT1H"])
def test_no_length_makes_nobody_busy(end: str) -> None:
    assert busy(event("DTSTART:20260302T090000Z", end)) == []


def test_a_duration_of_days_follows_the_calendar_one_of_hours_the_clock() -> None:
    start = "DTSTART;TZID=Europe/London:20260328T120000"
    assert busy(event(start, "DURATION:P1D")) == ["03-28 12:00 to 03-29 11:00"]
    assert busy(event(start, "DURATION:PT24H")) == ["03-28 12:00 to 03-29 12:00"]


def test_parts_of_a_minute_are_rounded_outward() -> None:
    assert busy(event("DTSTART:20260302T090030Z", "DTEND:20260302T091001Z")) == ["03-02 09:00 to 09:11"]


def test_a_time_without_a_zone_is_the_owners() -> None:
    assert busy(event("DTSTART:20260302T090000", "DTEND:20260302T100000"), zone="Asia/Tokyo") == [
        "03-02 00:00 to 01:00"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        "W. Europe Standard Time",
        "/mozilla.org/20070129_1/Europe/Berlin",
        '"Europe/Berlin"',
        '"GMT+01:00"',
        "UTC+0100",
    ],
)
def test_a_zone_is_known_by_any_of_its_names(name: str) -> None:
    found = busy(event(f"DTSTART;TZID={name}:20260302T100000", f"DTEND;TZID={name}:20260302T110000"))
    assert found == ["03-02 09:00 to 10:00"]


HOUSE_TIME = "\r\n".join(
    [
        "BEGIN:VTIMEZONE",
        "TZID:House time",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0330",
        "TZOFFSETTO:+0230",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0230",
        "TZOFFSETTO:+0330",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]
)


def in_house_time(start: str, end: str) -> str:
    return event(f"DTSTART;TZID=House time:{start}", f"DTEND;TZID=House time:{end}")


@pytest.mark.parametrize("is_behind", [False, True])
def test_a_zone_of_the_calendars_own_is_followed_wherever_it_stands(is_behind: bool) -> None:
    winter, summer = (
        in_house_time("20260302T100000", "20260302T110000"),
        event("DTSTART;TZID=House time:20260601T100000", "DTEND;TZID=House time:20260601T110000", uid="two"),
    )
    parts = (winter, summer, HOUSE_TIME) if is_behind else (HOUSE_TIME, winter, summer)
    assert busy(*parts) == ["03-02 07:30 to 08:30", "06-01 06:30 to 07:30"]


def test_a_zone_nobody_knows_is_the_owners() -> None:
    found = busy(in_house_time("20260302T100000", "20260302T110000"), zone="Asia/Tokyo")
    assert found == ["03-02 01:00 to 02:00"]


def test_a_rule_keeps_its_local_time_across_a_clock_change() -> None:
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=4")) == [
        "03-27 09:00 to 09:30",
        "03-28 09:00 to 09:30",
        "03-29 08:00 to 08:30",
        "03-30 08:00 to 08:30",
    ]


def test_until_is_the_last_instant_that_counts() -> None:
    assert len(busy(event(*DAILY, "RRULE:FREQ=DAILY;UNTIL=20260329T080000Z"))) == 3
    assert len(busy(event(*DAILY, "RRULE:FREQ=DAILY;UNTIL=20260329T075959Z"))) == 2
    assert len(busy(event(*DAILY, "RRULE:FREQ=DAILY;UNTIL=20260329"))) == 3


def test_dates_are_taken_out_and_added() -> None:
    lines = (*DAILY, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/London:20260328T090000", "RDATE:20260401T100000Z")
    assert busy(event(*lines)) == ["03-27 09:00 to 09:30", "03-29 08:00 to 08:30", "04-01 10:00 to 10:30"]


def test_a_date_taken_out_may_be_written_in_utc_or_as_a_day() -> None:
    for exdate in ("EXDATE:20260329T080000Z", "EXDATE;VALUE=DATE:20260329"):
        assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=3", exdate)) == [
            "03-27 09:00 to 09:30",
            "03-28 09:00 to 09:30",
        ]


def test_a_period_may_be_added_to_an_event() -> None:
    lines = (*DAILY, "RDATE;VALUE=PERIOD:20260402T100000Z/PT2H,20260403T100000Z/20260403T103000Z")
    assert busy(event(*lines))[1:] == ["04-02 10:00 to 12:00", "04-03 10:00 to 10:30"]


MOVED = (
    "RECURRENCE-ID;TZID=Europe/London:20260328T090000",
    "DTSTART;TZID=Europe/London:20260328T140000",
    "DTEND;TZID=Europe/London:20260328T150000",
)


def test_one_occurrence_can_be_moved() -> None:
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=3"), event(*MOVED)) == [
        "03-27 09:00 to 09:30",
        "03-28 14:00 to 15:00",
        "03-29 08:00 to 08:30",
    ]


def test_one_occurrence_can_be_cancelled_or_free() -> None:
    for line in ("STATUS:CANCELLED", "TRANSP:TRANSPARENT"):
        assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=2"), event(*MOVED, line)) == ["03-27 09:00 to 09:30"]


def test_an_occurrence_may_be_busy_though_the_rest_is_free() -> None:
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=3", "TRANSP:TRANSPARENT"), event(*MOVED)) == [
        "03-28 14:00 to 15:00"
    ]


def test_an_occurrence_moved_here_from_far_away_counts() -> None:
    old = ("DTSTART:20200101T090000Z", "DTEND:20200101T100000Z", "RRULE:FREQ=YEARLY;COUNT=3")
    moved = event("RECURRENCE-ID:20210101T090000Z", *NINE)
    assert busy(event(*old), moved) == ["03-02 09:00 to 10:00"]


def test_the_latest_change_of_an_occurrence_counts() -> None:
    newer = ("SEQUENCE:2", MOVED[0], "DTSTART:20260328T160000Z", "DTEND:20260328T163000Z")
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=2"), event(*newer), event("SEQUENCE:1", *MOVED)) == [
        "03-27 09:00 to 09:30",
        "03-28 16:00 to 16:30",
    ]


def test_a_change_may_hold_for_all_that_follow() -> None:
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/London:20260329T090000",
        "DTSTART;TZID=Europe/London:20260329T110000",
        "DTEND;TZID=Europe/London:20260329T120000",
    )
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=4"), later) == [
        "03-27 09:00 to 09:30",
        "03-28 09:00 to 09:30",
        "03-29 10:00 to 11:00",
        "03-30 10:00 to 11:00",
    ]


def test_all_that_follow_may_be_cancelled() -> None:
    ended = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20260328T090000Z", "DTSTART:20260328T090000Z", "STATUS:CANCELLED")
    assert busy(event(*DAILY, "RRULE:FREQ=DAILY"), ended) == ["03-27 09:00 to 09:30"]


def test_free_busy_components_count_but_for_what_is_free() -> None:
    told = "\r\n".join(
        [
            "BEGIN:VFREEBUSY",
            "FREEBUSY:20260302T090000Z/20260302T100000Z,20260303T090000Z/PT30M",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260304T090000Z/PT30M",
            "FREEBUSY;FBTYPE=FREE:20260305T090000Z/PT30M",
            "END:VFREEBUSY",
        ]
    )
    assert busy(told) == ["03-02 09:00 to 10:00", "03-03 09:00 to 09:30", "03-04 09:00 to 09:30"]


def test_what_overlaps_or_touches_is_one_stretch() -> None:
    two = event("DTSTART:20260302T100000Z", "DTEND:20260302T110000Z", uid="two")
    assert busy(event(*NINE), two) == ["03-02 09:00 to 11:00"]


def test_only_the_time_that_is_looked_at_counts() -> None:
    long = event("DTSTART:20200101T000000Z", "DTEND:20990101T000000Z")
    assert busy(long) == ["03-01 00:00 to 04-01 00:00"]
    assert busy(event("DTSTART:20250302T090000Z", "DTEND:20250302T100000Z")) == []


def test_alarms_and_tasks_are_not_time() -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:PT5H", "REPEAT:2", "END:VALARM")
    todo = "\r\n".join(["BEGIN:VTODO", "UID:t", "DTSTART:20260303T090000Z", "DURATION:PT5H", "END:VTODO"])
    assert busy(event(*NINE, *alarm), todo) == ["03-02 09:00 to 10:00"]


def test_folded_lines_belong_together() -> None:
    assert busy(event("DTSTART:2026030\r\n 2T090000Z", "DT\r\n\tEND:20260302T100000Z")) == ["03-02 09:00 to 10:00"]


def test_our_own_entries_never_count() -> None:
    ours = event(*NINE, uid="23456789abcdefgh@clinic.example")
    found = read(calendar(ours, event(*NINE, uid="23456789abcdefgh@other.example")), reading())
    assert len(found.busy) == 1
    start = to_minute(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert found.ours == (OurEntry("23456789abcdefgh@clinic.example", start, start + 60),)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in</html>", b'{"error": 1}', b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", calendar(event(*NINE))[:-20]],
)
def test_what_is_no_whole_calendar_is_not_believed(body: bytes) -> None:
    with pytest.raises(CalendarError) as refused:
        read(body, reading())
    assert refused.value.kind is Trouble.MALFORMED


def test_what_makes_no_sense_in_one_event_does_not_spoil_the_others() -> None:
    odd = event("DTSTART:soon", "DTEND:20261399T000000Z", "RRULE:FREQ=SOMETIMES", "EXDATE:,,;", uid="odd")
    assert busy(odd, event(*NINE, "RRULE:FREQ=DAILY;INTERVAL=0", "SEQUENCE:x")) == ["03-02 09:00 to 10:00"]
