"""Random scenarios, drawn towards the hours in which clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CHANGES = [
    ("Europe/Berlin", date(2024, 3, 31)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Africa/Casablanca", date(2024, 3, 10)),
    ("Africa/Casablanca", date(2024, 4, 14)),
    ("America/Havana", date(2024, 11, 3)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2019, 2, 17)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("Africa/Cairo", date(2024, 4, 26)),
    ("Antarctica/Troll", date(2024, 3, 31)),
    ("Asia/Kathmandu", date(2024, 6, 3)),
    ("Pacific/Chatham", date(2024, 4, 7)),
    ("America/Vancouver", date(2026, 11, 1)),
    ("UTC", date(2024, 2, 29)),
    ("Asia/Kolkata", date(2024, 12, 31)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Africa/Monrovia", date(1972, 1, 7)),
    ("Europe/Amsterdam", date(1937, 7, 1)),
    ("America/Nuuk", date(2023, 3, 25)),
    ("Europe/Berlin", date(2024, 4, 29)),  # where one page of the masks ends and the next begins
    ("Australia/Lord_Howe", date(2025, 10, 27)),
]
ZONES = sorted({name for name, _ in CHANGES} | {"Europe/London", "Pacific/Kiritimati", "America/Los_Angeles"})


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def rarely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), st.none(), strategy)


def near(day: date, before: int, after: int, *, grain: int = 60) -> st.SearchStrategy[datetime]:
    """Instants within some days of a date, in multiples of `grain` seconds."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    low, high = -before * 86400 // grain, after * 86400 // grain
    return st.integers(low, high).map(lambda number: noon + timedelta(seconds=number * grain))


def grains() -> st.SearchStrategy[int]:
    """Mostly whole half hours, sometimes odd minutes or seconds."""
    return st.sampled_from([1800, 1800, 1800, 300, 60, 1])


@st.composite
def stretches(draw: st.DrawFn, day: date, longest: int = 300) -> Json:
    grain = draw(grains())
    start = draw(near(day, 3, 3, grain=grain))
    length = draw(st.integers(0, longest * 60 // grain)) * grain
    return {"start": stamp(start), "end": stamp(start + timedelta(seconds=length))}


def times(*, end: bool = False) -> st.SearchStrategy[str]:
    sizes = st.sampled_from([60, 60, 30, 5, 1])
    minutes = sizes.flatmap(lambda size: st.integers(0, (1440 if end else 1439) // size).map(lambda n: n * size))
    return minutes.map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@st.composite
def windows(draw: st.DrawFn) -> Json:
    kind = draw(st.integers(0, 5))
    if kind < 2:
        return {"start": "00:00", "end": "24:00"} if kind else {"start": "08:00", "end": "18:00"}
    return {"start": draw(times()), "end": draw(times(end=True))}


def dates(day: date, span: int = 4) -> st.SearchStrategy[str]:
    return st.integers(-span, span).map(lambda days: (day + timedelta(days=days)).isoformat())


@st.composite
def overrides(draw: st.DrawFn, day: date) -> Json:
    what = {"closed": True} if draw(st.booleans()) else draw(windows())
    return {"date": draw(dates(day)), **what}


@st.composite
def trips(draw: st.DrawFn, day: date) -> Json:
    first = draw(dates(day))
    last = draw(st.one_of(st.none(), st.integers(0, 4)))
    until = None if last is None else (date.fromisoformat(first) + timedelta(days=last)).isoformat()
    return {"from": first, "to": until, "timezone": draw(st.sampled_from(ZONES))}


@st.composite
def bookings(draw: st.DrawFn, day: date) -> Json:
    found: Json = draw(stretches(day, 90))
    for key, values in (
        ("buffer_before_min", st.integers(0, 30)),
        ("buffer_after_min", st.integers(0, 30)),
        ("same_service", st.booleans()),
        ("seats_taken", st.integers(0, 3)),
        ("blocks", st.booleans()),
    ):
        value = draw(rarely(values))
        if value is not None:
            found[key] = value
    return found


@st.composite
def staff(draw: st.DrawFn, number: int, home: str, day: date) -> Json:
    days = st.one_of(st.just(DAYS), st.just(DAYS), st.lists(st.sampled_from(DAYS), min_size=1, max_size=5, unique=True))
    weekly = st.builds(lambda days, window: {"days": days, **window}, days, windows())
    return {
        "id": f"s{number}",
        "timezone": draw(st.one_of(st.just(home), st.just(home), st.sampled_from(ZONES))),
        "weekly": draw(st.lists(weekly, min_size=draw(st.sampled_from([0, 1, 1, 1])), max_size=3)),
        "overrides": draw(st.lists(overrides(day), max_size=draw(st.sampled_from([0, 0, 3])))),
        "timezone_changes": draw(st.lists(trips(day), max_size=draw(st.sampled_from([0, 0, 0, 2])))),
        "busy": draw(st.lists(stretches(day), max_size=3)),
        "bookings": draw(st.lists(bookings(day), max_size=4)),
        "role": draw(st.sampled_from(["fixed", None, None])),
        "group": draw(st.sampled_from([None, None, "g"])),
    }


@st.composite
def booking_windows(draw: st.DrawFn, day: date) -> Json:
    zone = {"timezone": draw(st.sampled_from(["staff", "staff", *ZONES]))}
    kind = draw(st.sampled_from(["rolling_days", "rolling_available_days", "range", "rolling_minutes", "none"]))
    if kind == "range":
        first, last = draw(dates(day - timedelta(days=2), 2)), draw(dates(day + timedelta(days=2), 2))
        return {"type": kind, "from": first, "to": last, **zone}
    if kind == "rolling_minutes":
        return {"type": kind, "minutes": draw(st.integers(1440, 9 * 1440))}
    rolling = {"days": draw(st.integers(0, 6)), "business_days": draw(st.booleans())}
    return {"type": kind, **rolling, **zone} if kind != "none" else {"type": kind}


@st.composite
def limits(draw: st.DrawFn) -> Json:
    periods = st.sampled_from(["day", "week", "month", "year"])
    return {
        "max_per": draw(st.dictionaries(periods, st.integers(0, 4), max_size=2)),
        "max_minutes_per": draw(st.dictionaries(periods, st.integers(0, 300), max_size=2)),
        "timezone": draw(st.sampled_from(["staff", "staff", *ZONES])),
        "week_start": draw(st.sampled_from(DAYS)),
        "scope": draw(st.sampled_from(["staff", "service"])),
    }


@st.composite
def services(draw: st.DrawFn, day: date) -> Json:
    sizes = st.sampled_from([60, 60, 30, 15, 20, 45, 90, 7, 50, 120])
    found: Json = {"duration_min": draw(sizes)}
    seldom = ("min_notice_min", "limits", "booking_window", "seats")
    for key, values in (
        ("slot_interval_min", sizes),
        ("buffer_before_min", st.integers(0, 40)),
        ("buffer_after_min", st.integers(0, 40)),
        ("buffer_rule", st.sampled_from(["sum", "max", "new_only"])),
        ("min_notice_min", st.integers(0, 2000)),
        ("alignment", st.sampled_from(["window", "clock", "free"])),
        ("align_step_min", st.sampled_from([5, 15, 25, 60, 90])),
        ("alignment_timezone", st.sampled_from(["staff", *ZONES])),
        ("booking_window", booking_windows(day)),
        ("limits", limits()),
        ("seats", st.integers(1, 3)),
    ):
        value = draw(rarely(values) if key in seldom else st.one_of(st.none(), values))
        if value is not None:
            found[key] = value
    return found


@st.composite
def holds(draw: st.DrawFn, day: date, now: datetime, length: int) -> Json:
    found: Json = draw(stretches(day, 90))
    if draw(st.booleans()):
        start = datetime.fromisoformat(found["start"])
        found["end"] = stamp(start + timedelta(minutes=length))
    return {
        **found,
        "staff": draw(st.sampled_from([None, "s0", "s1"])),
        "expires": stamp(now + timedelta(seconds=draw(st.integers(-2, 2)))),
        "holder": draw(st.sampled_from(["me", "other"])),
    }


@st.composite
def scenarios(draw: st.DrawFn, most_days: int = 2, most_staff: int = 3) -> Json:
    """One scenario of the documented shape, within a few days of a change of clocks."""
    home, day = draw(st.sampled_from(CHANGES))
    now = draw(near(day, 4, 1, grain=draw(grains())))
    service = draw(services(day))
    first = draw(near(day, 3, 2, grain=draw(grains())))
    length = timedelta(minutes=draw(st.integers(1, most_days * 1440)))
    people = draw(st.integers(1, most_staff))
    return {
        "id": "drawn",
        "now": stamp(now),
        "viewer_timezone": "UTC",
        "service": service,
        "staff": [draw(staff(number, home, day)) for number in range(people)],
        "assignment": draw(st.sampled_from(["any", "any", "all", "specific", "mixed"])),
        "specific_staff": ["s0"],
        "holds": draw(st.lists(holds(day, now, service["duration_min"]), max_size=draw(st.sampled_from([0, 2])))),
        "viewer_holder": "me",
        "query": {"from": stamp(first), "to": stamp(first + length)},
    }


@st.composite
def units(draw: st.DrawFn, name: str, home: str, day: date) -> Json:
    given = draw(staff(0, home, day)) if draw(st.integers(0, 3)) == 0 else {}
    busy, booked = draw(st.lists(stretches(day), max_size=2)), draw(st.lists(bookings(day), max_size=2))
    return {**given, "id": name, "busy": busy, "bookings": booked}


@st.composite
def resources(draw: st.DrawFn, home: str, day: date) -> list[Json]:
    found: list[Json] = []
    for pool in range(draw(st.sampled_from([1, 1, 2]))):
        wanted = draw(st.sampled_from([1, 1, 2]))
        count = wanted + draw(st.sampled_from([0, 0, 1, 1, 2, -1]))
        have = [draw(units(f"u{pool}{number}", home, day)) for number in range(count)]
        found.append({"wanted": wanted, "units": have})
    return found


@st.composite
def own_rules(draw: st.DrawFn) -> Json:
    return {
        "buffer_before_min": draw(st.integers(0, 40)),
        "buffer_after_min": draw(st.integers(0, 40)),
        "min_notice_min": draw(st.sampled_from([0, 0, 30, 1500])),
        "limits": draw(rarely(limits())),
    }


@st.composite
def long_hours(draw: st.DrawFn) -> list[Json]:
    """Hours that leave something to offer."""
    start, end = draw(st.sampled_from([("08:00", "18:00"), ("07:50", "17:00"), ("08:20", "24:00"), ("00:00", "24:00")]))
    return [{"days": draw(st.sampled_from([DAYS, DAYS, DAYS[:5], DAYS[3:]])), "start": start, "end": end}]


@st.composite
def wider(draw: st.DrawFn, most_days: int = 2, most_staff: int = 4) -> Json:
    """One scenario with what scenarios have no words for (see `wider.py`)."""
    found: Json = draw(scenarios(most_days, most_staff))
    home, day = found["staff"][0]["timezone"], datetime.fromisoformat(found["query"]["from"]).date()
    plenty = draw(st.booleans())
    if draw(st.booleans()):
        size = draw(st.integers(1, len(found["staff"]))) if plenty else draw(st.integers(1, 4))
        found |= {"assignment": "some", "team_size": size}
    if draw(st.booleans()):
        hours = draw(staff(0, home, day))
        found["hours"] = {key: hours[key] for key in ("timezone", "weekly", "overrides")}
    if draw(st.booleans()):
        found["resources"] = draw(resources(home, day))
    for each in found["staff"]:
        each["own"], each["limits"] = draw(rarely(own_rules())), draw(rarely(limits()))
    if plenty:
        found["now"] = stamp(datetime.fromisoformat(found["query"]["from"]) - timedelta(days=1))
        for each in (*found["staff"], *([found["hours"]] if "hours" in found else [])):
            each |= {"weekly": draw(long_hours()), "overrides": each["overrides"][: draw(st.integers(0, 1))]}
    shared = draw(sessions(found))
    for each in (*found["staff"], *(unit for pool in found.get("resources", ()) for unit in pool["units"])):
        if draw(st.booleans()) and shared:
            each["bookings"] = [*each["bookings"], *shared]
    for hold in found["holds"]:
        hold["staff"] = draw(st.sampled_from([hold["staff"], "u00"]))
    return found


@st.composite
def sessions(draw: st.DrawFn, world: Json) -> list[Json]:
    """Bookings that several may have in common: of the service, and as long as it takes."""
    length = timedelta(minutes=world["service"]["duration_min"])
    first, last = (datetime.fromisoformat(world["query"][key]) for key in ("from", "to"))
    starts = st.integers(0, int((last - first).total_seconds()) // 1800).map(
        lambda n: first + n * timedelta(minutes=30)
    )
    chosen = draw(st.lists(starts.map(lambda at: at.replace(minute=at.minute // 30 * 30, second=0)), max_size=2))
    return [{"start": stamp(at), "end": stamp(at + length)} for at in chosen]
