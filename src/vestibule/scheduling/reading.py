"""Reading JSON with care: every complaint names the key at fault."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

Value = TypeVar("Value")


class Malformed(ValueError):
    """Input that does not have the documented shape; `key` is the path to the fault."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}" if key else problem)
        self.key, self.problem = key, problem


class Given:
    """A JSON object being read, at a path. A key that is null counts as absent."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed(path, f"must be an object, not {shown(value)}")
        self._value: Mapping[str, object] = value
        self._path = path

    def key(self, name: str) -> str:
        """The full path of a key."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def read(self, name: str, how: Callable[[object, str], Value]) -> Value:
        """What `how` makes of a required key. Raises Malformed."""
        if not self.has(name):
            raise Malformed(self.key(name), "is missing")
        return how(self._value[name], self.key(name))

    def get(self, name: str, how: Callable[[object, str], Value], default: Value) -> Value:
        """What `how` makes of a key, or `default` without one. Raises Malformed."""
        return self.read(name, how) if self.has(name) else default

    def each(self, name: str, how: Callable[["Given"], Value]) -> tuple[Value, ...]:
        """What `how` makes of each object of a list; nothing without one. Raises Malformed."""
        nothing: tuple[object, ...] = ()
        found = enumerate(self.get(name, items, nothing))
        return tuple(how(Given(item, f"{self.key(name)}[{position}]")) for position, item in found)

    def child(self, name: str) -> "Given":
        """A required object. Raises Malformed."""
        return self.read(name, Given)

    def items(self) -> list[str]:
        """The keys that are not null."""
        return [name for name in self._value if self.has(name)]


def shown(value: object) -> str:
    """A value as a short piece of a message."""
    words = repr(value)
    return words if len(words) <= 40 else f"{words[:37]}..."


def items(value: object, path: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise Malformed(path, f"must be a list, not {shown(value)}")
    return tuple(value)


def text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed(path, f"must be text, not {shown(value)}")
    return value


def name(value: object, path: str) -> str:
    """An id, as text or as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value, path)


def names(value: object, path: str) -> tuple[str, ...]:
    return tuple(name(item, f"{path}[{position}]") for position, item in enumerate(items(value, path)))


def flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise Malformed(path, f"must be true or false, not {shown(value)}")
    return value


def number(least: int, most: int = 10**9) -> Callable[[object, str], int]:
    """Read a whole number from `least` to `most`."""

    def read(value: object, path: str) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Malformed(path, f"must be a whole number from {least} to {most}, not {shown(value)}")
        return value

    return read


def instant(value: object, path: str) -> int:
    """Seconds since the epoch, the fraction cut, of an RFC 3339 time."""
    words = text(value, path)
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        raise Malformed(path, f"must be a time such as 2026-03-02T09:00:00Z, not {words!r}") from None
    if at.tzinfo is None:
        raise Malformed(path, f"must name its offset from UTC, as in 2026-03-02T09:00:00Z, not {words!r}")
    if not 1900 <= at.year <= 2300:
        raise Malformed(path, f"must lie between the years 1900 and 2300, not {words!r}")
    return int(at.replace(microsecond=0).timestamp())


def day(value: object, path: str) -> date:
    words = text(value, path)
    try:
        found = date.fromisoformat(words)
    except ValueError:
        raise Malformed(path, f"must be a date such as 2026-03-02, not {words!r}") from None
    if not 1900 <= found.year <= 2300:
        raise Malformed(path, f"must lie between the years 1900 and 2300, not {words!r}")
    return found


def time_of_day(value: object, path: str) -> int:
    """Minutes after midnight; 24:00 is legal."""
    words = text(value, path)
    hours, colon, minutes = words.partition(":")
    sound = colon and len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdigit()
    if not sound or int(minutes) > 59 or int(hours) * 60 + int(minutes) > 1440:
        raise Malformed(path, f"must be a time of day from 00:00 to 24:00, not {words!r}")
    return int(hours) * 60 + int(minutes)


def weekday(value: object, path: str) -> int:
    """0 for mon."""
    words = text(value, path)
    short = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if words.lower()[:3] not in short:
        raise Malformed(path, f"must be one of {', '.join(short)}, not {words!r}")
    return short.index(words.lower()[:3])


def one_of(kind: Callable[[str], Value], allowed: Any) -> Callable[[object, str], Value]:
    """Read one of a few words."""

    def read(value: object, path: str) -> Value:
        words = text(value, path)
        if words not in list(allowed):
            raise Malformed(path, f"must be one of {', '.join(allowed)}, not {words!r}")
        return kind(words)

    return read
