"""Collections that grow without end, page by page from the database: customers, and appointments."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Q, QuerySet

from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_lists import NOT_HERE, refuse
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer

USUAL = 500
"""At once, where a program does not say: many never follow the address of a next page, as Bookings gives none."""
MOST = 1000
FURTHEST = 100_000


@dataclass(frozen=True)
class Page:
    """Some rows, the address of the next page ("" after the last), and how many there are in all, where asked for."""

    rows: Sequence[Any]
    next_link: str
    count: int | None


def page(asked: Asked, rows: QuerySet[Any], order: str) -> Page:
    """Return the page asked for of `rows` by (`order`, id): `$top` at once, 500 without it and 1,000 at most.

    Raises Fault (400) for a token that was not given here, and for what narrows or orders collections.
    """
    refuse(asked, NOT_HERE)
    count = rows.count() if asked.call.query.get("$count", "").casefold() == "true" else None
    at_once = min(_number(asked, "$top", USUAL), MOST)
    token = asked.call.query.get("$skiptoken", "")
    if token:
        value, last = _read(token)
        rows = rows.filter(Q(**{f"{order}__gt": value}) | Q(**{order: value, "pk__gt": last}))
    skip = 0 if token else min(_number(asked, "$skip", 0), FURTHEST)
    found = list(rows.order_by(order, "pk")[skip : skip + at_once + 1])
    if len(found) <= at_once or not at_once:
        return Page(found[:at_once], "", count)
    last_row = found[at_once - 1]
    return Page(found[:at_once], _next(asked, _write(getattr(last_row, order), last_row.pk)), count)


def counted(asked: Asked, rows: QuerySet[Any]) -> Answer:
    """Return how many rows there are, as `/$count` does: the number alone."""
    refuse(asked, NOT_HERE)
    return Answer(200, str(rows.count()).encode(), kind="text/plain")


def _number(asked: Asked, name: str, otherwise: int) -> int:
    given = asked.call.query.get(name, "")
    if not given:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Fault(400, "invalidRequest", f"{name} takes a whole number.", target=name)
    return int(given)


def _next(asked: Asked, token: str) -> str:
    """Return the address that was called, to go on from `token`."""
    rest = {name: value for name, value in asked.call.query.items() if name not in ("$skip", "$skiptoken")}
    return f"{asked.call.origin}{asked.call.raw_path}?{urlencode({**rest, '$skiptoken': token}, safe='$,')}"


def _write(value: int, last: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([value, last])).rstrip(b"=").decode()


def _read(token: str) -> tuple[int, int]:
    try:
        if len(token) > 80:
            raise ValueError
        value, last = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
        if any(type(one) is not int or abs(one) >= 1 << 62 for one in (value, last)):
            raise ValueError
    except (ValueError, TypeError) as error:
        words = "This $skiptoken was not given here. Begin with the first page."
        raise Fault(400, "invalidRequest", words, target="$skiptoken") from error
    return value, last
