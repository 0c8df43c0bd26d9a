"""How Graph writes lengths, times, zones and choices: all that programs send is read, one form goes out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vestibule.api.graph import values
from vestibule.booking.setup import Hours
from vestibule.people.errors import Invalid

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("PT30M", 30),
        ("PT1H30M", 90),
        ("pt90m", 90),
        ("P1D", 1440),
        ("P1DT2H", 1560),
        ("P2W", 20160),
        ("PT600.0S", 10),
        ("PT0S", 0),
        ("0:30:00", 30),
        ("1:30:00", 90),
        ("1 day, 0:30:00", 1470),
        ("10 days, 0:00:00", 14400),
        ("01:30", 90),
    ],
)
def test_a_length_is_read_as_iso_and_as_python_write_it(written: str, minutes: int) -> None:
    assert values.length(written, "f") == minutes


@pytest.mark.parametrize(("written", "minutes"), [("-PT1H", -60), ("-P1D", -1440), ("-1 day, 23:00:00", -60)])
def test_a_length_may_be_negative_where_that_is_meant(written: str, minutes: int) -> None:
    assert values.length(written, "f", least=-2000) == minutes
    with pytest.raises(Invalid):
        values.length(written, "f")


@pytest.mark.parametrize("written", ["", "P", "PT", "P1DT", "30", "soon", 30, None, "PT30S", "PT1.5M", "PT99999H"])
def test_what_is_no_length_in_minutes_is_refused_and_never_guessed(written: Any) -> None:
    with pytest.raises(Invalid) as refused:
        values.length(written, "defaultDuration")
    assert refused.value.facts["field"] == "defaultDuration"


@pytest.mark.parametrize("minutes", [0, 1, 30, 60, 90, 1440, 1470, 2880, 525600, -60, -1500])
def test_a_length_goes_out_as_iso_and_comes_back_the_same(minutes: int) -> None:
    written = values.written_length(minutes)
    assert written.lstrip("-").startswith(("PT", "P"))
    assert values.length(written, "f", least=-5000) == minutes


@pytest.mark.parametrize("written", ["08:00", "8:00", "08:00:00", "08:00:00.0", "08:00:00.0000000", "08:00:00Z"])
def test_a_time_of_day_is_read_with_none_to_seven_decimals(written: str) -> None:
    assert values.minute_of_day(written, "f") == 480


def test_a_time_of_day_goes_out_with_seven_decimals() -> None:
    assert values.written_minute(480) == "08:00:00.0000000"


@pytest.mark.parametrize("written", ["24:01", "08:60", "noon", 8, None, "08:00:00.12345678", "-01:00"])
def test_what_is_no_time_of_day_is_refused(written: Any) -> None:
    with pytest.raises(Invalid):
        values.minute_of_day(written, "f")


def test_a_week_goes_out_with_all_its_days_and_comes_back_the_same() -> None:
    hours = [Hours(0, 480, 720), Hours(0, 780, 1020), Hours(6, 0, 1440)]
    written = values.written_week(hours)
    assert [one["day"] for one in written] == list(values.DAYS)
    assert written[1]["timeSlots"] == []
    assert values.week(written, "f") == hours


def test_what_runs_past_midnight_is_told_as_the_two_days_it_is_on() -> None:
    written = values.written_week([Hours(4, 1320, 120)])
    assert values.week(written, "f") == [Hours(4, 1320, 1440), Hours(5, 0, 120)]


def test_days_are_read_in_any_case_and_midnight_as_the_end_in_any_form() -> None:
    for end in ("00:00:00", "23:59:59.9999999", "24:00"):
        day = {"day": "MONDAY", "timeSlots": [{"startTime": "20:00", "endTime": end}]}
        assert values.week([day], "f") == [Hours(0, 1200, 1440)]


@pytest.mark.parametrize(
    "slot", [{"startTime": "10:00", "endTime": "09:00"}, {"startTime": "10:00"}, {"startTime": 1, "endTime": 2}]
)
def test_a_slot_that_cannot_be_is_refused_by_its_place(slot: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        values.week([{"day": "monday", "timeSlots": [slot]}], "businessHours")
    assert refused.value.facts["field"].startswith("businessHours/0/timeSlots/0/")


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("pacific standard time", "America/Los_Angeles"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Europe/Zurich", "Europe/Zurich"),
        ("europe/zurich", "Europe/Zurich"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
    ],
)
def test_a_zone_is_known_by_its_windows_and_its_iana_name(written: str, known: str) -> None:
    assert values.zone(written, "f") == known


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid):
        values.zone("Mars Standard Time", "f")


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T09:00:00Z",
        "2026-03-02T10:00:00+01:00",
        {"dateTime": "2026-03-02T09:00:00.0000000Z", "timeZone": "UTC"},
        {"dateTime": "2026-03-02T09:00:00.0000000+00:00", "timeZone": "Pacific Standard Time"},
        {"dateTime": "2026-03-02T01:00:00", "timeZone": "Pacific Standard Time"},
        {"dateTime": "2026-03-02T10:00", "timeZone": "Europe/Zurich"},
        {"dateTime": "2026-03-02T09:00:00"},
        {"dateTime": "2026-03-02T09:00:00", "timeZone": None},
    ],
)
def test_an_instant_is_read_with_an_offset_with_z_or_bare_beside_its_zone(written: Any) -> None:
    assert values.instant(written, "f") == NINE


def test_an_instant_goes_out_in_utc_with_seven_decimals() -> None:
    assert values.written_instant(NINE) == {"dateTime": "2026-03-02T09:00:00.0000000Z", "timeZone": "UTC"}


@pytest.mark.parametrize(
    "written", ["today", None, 5, {}, {"dateTime": "2026-02-30T09:00:00Z"}, "0001-01-01T00:00+14:00"]
)
def test_what_is_no_instant_is_refused(written: Any) -> None:
    with pytest.raises(Invalid):
        values.instant(written, "f")


def test_a_choice_is_taken_in_any_case_and_goes_out_in_one() -> None:
    assert values.choice("FIXEDPRICE", ("fixedPrice", "free"), "f") == "fixedPrice"
    with pytest.raises(Invalid):
        values.choice("cheap", ("fixedPrice", "free"), "f")


def test_a_choice_that_a_program_does_not_know_itself_changes_nothing() -> None:
    assert values.choice("unknownFutureValue", ("fixedPrice", "free"), "f") is None


def test_notes_on_types_are_left_out_wherever_they_stand() -> None:
    given = {"@odata.type": "#a", "role@odata.type": "#b", "role": "guest", "list": [{"@odata.type": "#c", "x": 1}]}
    assert values.without_notes(given) == {"role": "guest", "list": [{"x": 1}]}


@pytest.mark.parametrize("given", [True, 1.5, "3", None, 1e300, -1])
def test_a_number_is_whole_and_within_its_bounds(given: Any) -> None:
    with pytest.raises(Invalid):
        values.number(given, "f", least=0, most=1000)
    assert values.number(3.0, "f", least=0, most=1000) == 3
