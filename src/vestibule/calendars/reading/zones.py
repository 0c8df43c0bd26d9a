"""Which UTC minute a local time means: zones by name, by Windows name, and as a calendar defines them itself."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ToMinute = Callable[[datetime], float]
_EPOCH = datetime(1970, 1, 1)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(?::?(\d\d))?")
_FIXED = re.compile(r"(?:UTC|GMT|Z)?([+-]\d\d:?\d\d)")


@dataclass
class Observance:
    """A stretch of one offset: from each of `onsets` (local times by the offset before) on."""

    before: int
    after: int
    onsets: list[datetime]


@dataclass
class Definition:
    """A zone as a calendar defines it."""

    name: str = ""
    location: str = ""
    observances: list[Observance] = field(default_factory=list)


def offset(text: str) -> int | None:
    """Return an offset such as +0130 in seconds."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
    return -seconds if found[1] == "-" else seconds


class Zones:
    """Every zone one calendar uses. `own` is the owner's, for times without a zone or with an unknown one."""

    def __init__(self, own: str, definitions: Iterable[Definition] = ()) -> None:
        self._own = _known(own) or UTC
        self._definitions = {one.name: one for one in definitions}
        self._found: dict[str, ToMinute] = {"": _by(self._own), "UTC": _by(UTC)}

    def minutes(self, name: str) -> ToMinute:
        """Return what gives the minutes since 1970 in UTC, with fractions, of a local time in zone `name`."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._find(name)
        return found

    def _find(self, name: str) -> ToMinute:
        known = _by_any_name(name)
        if known is not None:
            return _by(known)
        defined = self._definitions.get(name)
        if defined is not None:
            place = _by_any_name(defined.location)
            if place is not None:
                return _by(place)
            if defined.observances:
                return _by_definition(defined.observances)
        return self._found[""]


def zone_named(name: str) -> str:
    """Return the IANA name of a zone by that or by its Windows name; "" for one that is not known."""
    bare = name.strip()
    candidates = (bare, _of_windows(bare))
    return next((one for one in candidates if one and _known(one) is not None), "")


def _of_windows(name: str) -> str:
    """Return what Windows calls `name` by its IANA name, or "". The table comes with a library of 2 MB."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return str(WINDOWS_TO_OLSON.get(name, ""))


def _by_any_name(name: str) -> tzinfo | None:
    """Return the zone that somebody means by `name`, as far as that is known."""
    bare = name.strip().strip("/")
    candidates = [bare, _of_windows(bare)]
    parts = bare.split("/")
    if len(parts) > 2:  # "/mozilla.org/20070129_1/Europe/Berlin"
        candidates += ["/".join(parts[-2:]), "/".join(parts[-3:])]
    fixed = _FIXED.fullmatch(bare.upper())
    if fixed and (seconds := offset(fixed[1])) is not None and abs(seconds) < 86400:
        return _fixed(seconds)
    return next((zone for one in candidates if one and (zone := _known(one))), None)


@lru_cache(maxsize=1024)
def _known(name: str) -> tzinfo | None:
    if name.upper() in {"UTC", "GMT", "Z", "ETC/UTC"}:
        return UTC
    if len(name) > 64 or not name.isascii():
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fixed(seconds: int) -> tzinfo:
    from datetime import timezone

    return timezone(timedelta(seconds=seconds))


def _by(zone: tzinfo) -> ToMinute:
    if zone is UTC:
        return _since_1970
    # fold=0: what occurs twice is the first of the two, what is left out is read by the offset before (3.3.5).
    return lambda local: local.replace(tzinfo=zone).timestamp() / 60


def _since_1970(local: datetime) -> float:
    return (local - _EPOCH).total_seconds() / 60


def _by_definition(observances: list[Observance]) -> ToMinute:
    changes = sorted((onset, one.before, one.after) for one in observances for onset in one.onsets)
    first = changes[0][1]

    def minutes(local: datetime) -> float:
        from bisect import bisect_right

        at = bisect_right(changes, local, key=lambda change: change[0])
        if not at:
            return _since_1970(local) - first / 60
        onset, before, after = changes[at - 1]
        is_left_out = local < onset + timedelta(seconds=after - before)
        return _since_1970(local) - (before if is_left_out else after) / 60

    return minutes
