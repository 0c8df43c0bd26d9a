"""Collections that grow without end, page by page from the database: customers, and appointments."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from vestibule.api.graph import expressions, narrowing, odata
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.expressions import Compared, fault
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.narrowing import INSTANT, TEXT
from vestibule.api.plain import Answer

USUAL = 500
"""At once, where a program does not say: many never follow the address of a next page, as Bookings gives none."""
MOST = 1000
FURTHEST = 100_000
MINUTE = "minute"
"""The kind of a column that holds an instant in whole UTC minutes."""
NOBODY = Q(pk__in=())
_LOOKUPS = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte", "eq": "exact"}
_OF_TEXTS = {"startswith": "istartswith", "endswith": "iendswith", "contains": "icontains"}


@dataclass(frozen=True)
class Column:
    """A column that a collection is asked by: its kind, and where it stands. A text that is not there is empty."""

    kind: str
    path: str


Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Page:
    """Some rows, the address of the next page ("" after the last), and how many there are in all, where asked for."""

    rows: Sequence[Any]
    next_link: str
    count: int | None


def page(asked: Asked, rows: QuerySet[Any], columns: Columns, usual: Column) -> Page:
    """Return the page asked for of `rows`: `$top` at once, 500 without it and 1,000 at most, in the `usual` order.

    `columns` are what rows can be filtered and ordered by. Raises Fault (400) for a token that was not given here, and
    for what this collection is not asked by.
    """
    rows = narrowed(asked, rows, columns)
    count = rows.count() if odata.is_counted(asked) else None
    by, is_down = _order(asked, columns, usual)
    at_once = min(odata.number(asked, "$top", USUAL), MOST)
    token = asked.query.get("$skiptoken", "")
    if token:
        value, last = _read(token, by.kind)
        beyond = "lt" if is_down else "gt"
        rows = rows.filter(Q(**{f"{by.path}__{beyond}": value}) | Q(**{by.path: value, f"pk__{beyond}": last}))
    skip = 0 if token else odata.number(asked, "$skip", 0, FURTHEST)
    sign = "-" if is_down else ""
    found = list(rows.order_by(f"{sign}{by.path}", f"{sign}pk")[skip : skip + at_once + 1])
    if len(found) <= at_once or not at_once:
        return Page(found[:at_once], "", count)
    last_row = found[at_once - 1]
    token = _write(attrgetter(by.path.replace("__", "."))(last_row), last_row.pk)
    return Page(found[:at_once], odata.next_link(asked, skiptoken=token), count)


def counted(asked: Asked, rows: QuerySet[Any], columns: Columns) -> Answer:
    """Return how many rows there are, as `/$count` does: the number alone."""
    return Answer(200, str(narrowed(asked, rows, columns).count()).encode(), kind="text/plain")


def narrowed(asked: Asked, rows: QuerySet[Any], columns: Columns) -> QuerySet[Any]:
    """Return the rows that `$filter` wants. Raises Fault (400)."""
    odata.refuse(asked, "$search")
    given = asked.query.get("$filter", "").strip()
    if not given:
        return rows
    known = {name.casefold(): column for name, column in columns.items()}

    def leaf(one: Compared) -> Q:
        return _condition(one, narrowing.find(one.member, known, list(columns), "$filter"))

    return rows.filter(narrowing.made_of(expressions.read(given), leaf, _joined, lambda part: ~part))


def _joined(parts: list[Q], is_all: bool) -> Q:
    return Q(*parts, _connector=Q.AND if is_all else Q.OR)


def _condition(one: Compared, column: Column) -> Q:
    kind = INSTANT if column.kind == MINUTE else column.kind
    value = narrowing.value_of(one, kind)
    if one.how == "ne":
        return ~_is(column, value)
    if one.how == "eq":
        return _is(column, value)
    if column.kind == TEXT:
        if one.how not in _OF_TEXTS:
            raise fault(f"“{one.member}” is not greater or less than anything here.")
        return Q(**{f"{column.path}__{_OF_TEXTS[one.how]}": value})
    if column.kind == MINUTE:
        minutes = value.timestamp() / 60
        value = math.floor(minutes) if one.how in ("gt", "le") else math.ceil(minutes)
    return Q(**{f"{column.path}__{_LOOKUPS[one.how]}": value})


def _is(column: Column, value: Any) -> Q:
    """Return what holds where a column is `value`; nothing is an empty text."""
    if column.kind == TEXT:
        return Q(**{f"{column.path}__iexact": value or ""})
    if value is None:
        return NOBODY
    if column.kind == MINUTE:
        minute, rest = divmod(value.timestamp(), 60)
        return NOBODY if rest else Q(**{column.path: int(minute)})
    return Q(**{column.path: value})


def _order(asked: Asked, columns: Columns, usual: Column) -> tuple[Column, bool]:
    keys = narrowing.order_of(asked.query.get("$orderby", ""))
    if not keys:
        return usual, False
    if len(keys) > 1:
        raise fault("This collection is ordered by one member at a time.", "$orderby")
    known = {name.casefold(): column for name, column in columns.items()}
    return narrowing.find(keys[0][0], known, list(columns), "$orderby"), keys[0][1]


def _write(value: Any, last: int) -> str:
    told = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(orjson.dumps([told, last])).rstrip(b"=").decode()


def _read(token: str, kind: str) -> tuple[Any, int]:
    """Return where a page ended: the value it was ordered by, which has to be of `kind`, and the row."""
    try:
        if len(token) > 2000:
            raise ValueError
        value, last = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
        numbers = [last] if kind in (TEXT, INSTANT) else [value, last]
        if any(type(one) is not int or abs(one) >= 1 << 62 for one in numbers):
            raise ValueError
        if kind == INSTANT:
            value = _moment(value)
        if kind == TEXT and (type(value) is not str or "\0" in value):
            raise ValueError
    except (ValueError, TypeError, OverflowError) as error:
        words = "This $skiptoken was not given here. Begin with the first page."
        raise Fault(400, "invalidRequest", words, target="$skiptoken") from error
    return value, last


def _moment(given: str) -> datetime:
    """Return an instant in UTC. Raises ValueError for one without offset, OverflowError for one of no year."""
    value = datetime.fromisoformat(given)
    if value.tzinfo is None:
        raise ValueError
    return value.astimezone(UTC)
