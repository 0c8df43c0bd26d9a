"""Checks from which the shapes of client messages are put together: fields, and whether each must be there."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
Message = dict[str, Any]
Shape = Mapping[str, tuple[Check, bool]]
_JOIN = re.compile(r"[A-Za-z0-9_-]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def text(longest: int, shortest: int = 0) -> Check:
    """Text of `shortest` to `longest` characters, without NUL."""
    return lambda value: isinstance(value, str) and shortest <= len(value) <= longest and "\0" not in value


def integer(smallest: int, largest: int = 2**31 - 1) -> Check:
    """A whole number within the bounds."""
    return lambda value: type(value) is int and smallest <= value <= largest


def one_of(*values: str) -> Check:
    """One of the given words."""
    return lambda value: isinstance(value, str) and value in values


def boolean(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    """An object."""
    return isinstance(value, dict)


def texts(value: Any) -> bool:
    """An object of at most ten texts, each of at most 200 characters."""
    return (
        isinstance(value, dict)
        and len(value) <= 10
        and all(isinstance(one, str) and len(one) <= 200 and "\0" not in one for one in value.values())
    )


def media(value: Any) -> bool:
    """What somebody sends: booleans `mic`, `cam`, `screen`."""
    return isinstance(value, dict) and all(isinstance(value.get(key), bool) for key in ("mic", "cam", "screen"))


def seat(value: Any) -> bool:
    """A place in the call as `joined` gave it: `join` and `order`."""
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("join"), str) and bool(_JOIN.fullmatch(value["join"])) and _order(value.get("order"))


def day(value: Any) -> bool:
    """A date as YYYY-MM-DD; whether there is such a day is asked elsewhere."""
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


ID = text(64, 1)
NAME = text(120, 1)
SLUG = text(60, 1)
CLIENT_ID = text(40, 1)
SEAT: Shape = {"participant": (ID, True)}
_order = integer(1, 2**53)
