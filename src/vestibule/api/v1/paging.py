"""Opaque cursors: where a list goes on. Whoever makes one up gets a refusal, never somebody else's rows."""

import base64
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid

MOST = 200


def page(rows: QuerySet[Any], order: str, cursor: str, limit: int) -> tuple[list[Any], str | None]:
    """Return up to `limit` rows by (`order`, id), from after `cursor` on, and the cursor of the next page.

    Raises Invalid for a cursor that was not made here.
    """
    if cursor:
        value, last = _read(cursor)
        rows = rows.filter(Q(**{f"{order}__gt": value}) | Q(**{order: value, "pk__gt": last}))
    found = list(rows.order_by(order, "pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last_row = found[limit - 1]
    return found[:limit], _write(getattr(last_row, order), last_row.pk)


def _write(value: int, last: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([value, last])).rstrip(b"=").decode()


def _read(cursor: str) -> tuple[int, int]:
    try:
        if len(cursor) > 80:
            raise ValueError
        value, last = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        if any(type(one) is not int or abs(one) >= 1 << 62 for one in (value, last)):
            raise ValueError
    except (ValueError, TypeError) as error:
        raise Invalid(_("This cursor was not given here. Begin with the first page."), field="cursor") from error
    return value, last
