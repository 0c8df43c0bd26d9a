"""Recurrence rules, held against two other readers of them."""

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # no stubs here
from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.calendars.reading.bounds import Budget
from vestibule.calendars.reading.rules import rule, starts

FIRST, LAST = datetime(2026, 3, 1), datetime(2027, 4, 5)


def ours(text: str, start: datetime) -> list[datetime]:
    found = rule(text)
    assert found is not None
    return list(starts(found, start, FIRST, LAST, Budget()))


def theirs(text: str, start: datetime) -> list[datetime]:
    found: list[datetime] = rrulestr(text, dtstart=start).between(FIRST, LAST, inc=True)
    return found


RFC_EXAMPLES = [
    "FREQ=DAILY;INTERVAL=10;COUNT=5",
    "FREQ=YEARLY;UNTIL=20270131T140000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261224T000000;WKST=SU;BYDAY=MO,WE,FR",
    "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
    "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
    "FREQ=MONTHLY;BYMONTHDAY=-3",
    "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
    "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
    "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
    "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO,SU",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
    "FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,20,40",
    "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=HOURLY;INTERVAL=3;UNTIL=20260402T170000",
    "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
    "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
    "FREQ=HOURLY;BYDAY=MO;BYHOUR=9,17;BYMINUTE=0,30",
    "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10;BYMONTHDAY=1",
]


@pytest.mark.parametrize("text", RFC_EXAMPLES)
@pytest.mark.parametrize("start", [datetime(2026, 3, 3, 9, 0), datetime(2019, 10, 31, 9, 0)])
def test_the_examples_of_the_standard(text: str, start: datetime) -> None:
    assert ours(text, start) == theirs(text, start)


def joined(values: st.SearchStrategy[object], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(lambda them: ",".join(map(str, them)))


days = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
numbered = st.builds("{}{}".format, st.sampled_from([1, 2, 3, 5, -1, -2]), days)
parts = st.fixed_dictionaries(
    {"INTERVAL": st.integers(1, 5)},
    optional={
        "COUNT": st.integers(1, 60),
        "UNTIL": st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: f"{at:%Y%m%dT%H%M%S}"),
        "BYMONTH": joined(st.integers(1, 12)),
        "BYMONTHDAY": joined(st.integers(1, 31) | st.integers(-31, -1)),
        "BYDAY": joined(days) | joined(numbered),
        "BYHOUR": joined(st.integers(0, 23), 2),
        "BYMINUTE": joined(st.integers(0, 59), 2),
        "WKST": st.sampled_from(["MO", "SU", "SA"]),
    },
)
yearly = st.fixed_dictionaries(
    {},
    optional={
        "BYYEARDAY": joined(st.integers(1, 366) | st.integers(-366, -1)),
        "BYSETPOS": joined(st.integers(-3, -1)),
    },
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    parts,
    yearly,
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)),
)
def test_any_rule_means_what_it_means_elsewhere(
    freq: str, given: dict[str, object], more: dict[str, object], start: datetime
) -> None:
    start = start.replace(second=0, microsecond=0)
    named = {"FREQ": freq, **given, **(more if freq == "YEARLY" else {})}
    if "COUNT" in named:
        named.pop("UNTIL", None)
    if "BYSETPOS" in named and not any(part in named for part in ("BYDAY", "BYMONTHDAY", "BYYEARDAY")):
        del named["BYSETPOS"]
    if "BYDAY" in named and "BYMONTHDAY" in named and freq == "YEARLY" and "BYMONTH" not in named:
        del named["BYDAY"]
    text = ";".join(f"{name}={value}" for name, value in named.items())
    assert ours(text, start) == theirs(text, start)


def test_a_rule_as_old_as_the_calendar_costs_no_more() -> None:
    recent, old = Budget(), Budget()
    found = rule("FREQ=WEEKLY;BYDAY=MO")
    assert found is not None
    list(starts(found, FIRST, FIRST, LAST, recent))
    list(starts(found, datetime(1, 1, 1), FIRST, LAST, old))
    assert old._steps <= recent._steps + 100


@pytest.mark.parametrize("text", ["", "FREQ=NEVER", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "COUNT=3"])
def test_a_rule_that_says_nothing_is_none(text: str) -> None:
    assert rule(text) is None


def test_a_rule_ends_with_the_calendar() -> None:
    found = rule("FREQ=YEARLY;INTERVAL=999999999;UNTIL=99991231T235959Z")
    assert found is not None
    assert list(starts(found, FIRST + timedelta(days=1), FIRST, LAST, Budget())) == [FIRST + timedelta(days=1)]
