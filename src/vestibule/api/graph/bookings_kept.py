"""What a program wrote, told as it wrote it for as long as what it stands for here is unchanged.

Much that Bookings knows is coarser or finer here: a price that is "starting at" is a price, `en-US` is English. Beside
each thing stands what was written, and what it came to here. A reader gets the first while the second still holds, and
the truth once somebody of the office has changed it. What has no like here comes to nothing, and so always holds.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vestibule.api.graph import values
from vestibule.api.graph.values import Json
from vestibule.people.errors import Invalid

IS, AS = "is", "as"
_OTHER_SCHEME = re.compile(r"\s*(?!https?:)[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
Clean = Callable[[Any, str], Any]


def written(body: Mapping[str, Any], kept: Mapping[str, Clean]) -> Json:
    """Return the members of `body` that are kept, by their paths (`schedulingPolicy/allowStaffSelection`), cleaned.

    Null is None: nothing is kept of it any more. What changes nothing is left out.
    """
    found: Json = {}
    for path, clean in kept.items():
        part, name = _within(body, path)
        if part is None or name not in part:
            continue
        value = None if part[name] is None else clean(part[name], path)
        if value is not None or part[name] is None:
            found[path] = value
    return found


def beside(wrote: Mapping[str, Any], now: Mapping[str, Any]) -> Json:
    """Return what is to be kept: what was written, each with what it has come to in `now`, the thing as it is told."""
    return {path: {IS: value, AS: value_at(now, path)} if value is not None else None for path, value in wrote.items()}


def told(now: Mapping[str, Any], kept: Mapping[str, Any], *, leaving_out: Iterable[str] = ()) -> Json:
    """Return a thing as it is told by itself, with what was written where that still holds."""
    found = dict(now)
    for path, pair in kept.items():
        if path in leaving_out or not isinstance(pair, dict) or pair.get(AS) != value_at(now, path):
            continue
        if "/" not in path:
            found[path] = pair.get(IS)
            continue
        outer, _slash, name = path.partition("/")
        if isinstance(found.get(outer), dict):
            found[outer] = {**found[outer], name: pair.get(IS)}
    return found


def value_at(told: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path; None for nothing."""
    part, name = _within(told, path)
    return part.get(name) if part is not None else None


def _within(told: Mapping[str, Any], path: str) -> tuple[Mapping[str, Any] | None, str]:
    outer, slash, name = path.partition("/")
    if not slash:
        return told, outer
    part = told.get(outer)
    return (part, name) if isinstance(part, Mapping) else (None, name)


def a_text(most: int, *, lines: bool = False) -> Clean:
    """Keep a text."""
    return lambda given, field: values.text(given, field, most, lines=lines)


def a_site(given: Any, field: str) -> str:
    """Keep the address of a site; one that a browser would run, as javascript:, is refused wherever it may be shown."""
    text = values.text(given, field, 500)
    if _OTHER_SCHEME.match(text):
        raise Invalid("The address of a site begins with https:// or http://.", field=field)
    return text


def a_choice(*options: str) -> Clean:
    """Keep one of `options`, as Graph writes it; what a program does not know itself is kept as nothing."""
    return lambda given, field: values.choice(given, options, field)


def a_zone(given: Any, field: str) -> str:
    """Keep the name of a zone as it was written; it has to be known."""
    values.zone(given, field)
    return str(given).strip()


def a_week(given: Any, field: str) -> list[Json]:
    """Keep weekly hours with the days that were named, in their order."""
    named = [one.get("day") for one in values.objects(given, field)]
    whole = {one["day"]: one for one in values.written_week(values.week(given, field))}
    days = [values.choice(one, values.DAYS, field) for one in named]
    return [whole[one] for one in dict.fromkeys(days) if one is not None]


ADDRESS = ("street", "city", "state", "countryOrRegion", "postalCode")


def an_address(given: Any, field: str) -> Json:
    """Keep a `physicalAddress`."""
    there = values.an_object(given, field)
    return {name: values.text(there.get(name), f"{field}/{name}", 200) for name in ADDRESS if name in there}
