"""Reads hot enough to be plain ASGI functions beside Django: the month of free starts.

What is asked in any unusual way (unknown or repeated parameters, strange text) is left to the documented operation.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from django.db import InterfaceError, OperationalError, connection

from vestibule.api.v1.free import Query, month
from vestibule.api.v1.problems import fault
from vestibule.people import problems
from vestibule.people.errors import Refusal

log = logging.getLogger(__name__)

PATH = re.compile(r"/api/v1/businesses/([A-Za-z0-9_-]{1,60})/slots")
NAMES = {
    "service": "service",
    "from": "since",
    "to": "until",
    "provider": "provider",
    "timezone": "timezone",
    "length_minutes": "length_minutes",
}
THREADS = 2
KEY = "vestibule.slots"
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="slots")


def takes(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether this request is answered here; if so, note in `scope` what it asks."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    found = PATH.fullmatch(scope["path"])
    if found is None:
        return False
    query = _read(found[1], scope["query_string"])
    if query is None:
        return False
    scope[KEY] = query
    return True


async def answer(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer a request that `takes` accepted."""
    status, kind, body = await asyncio.get_running_loop().run_in_executor(_pool, _compute, scope[KEY])
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _read(business: str, query_string: bytes) -> Query | None:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        given = {NAMES[name]: value for name, value in pairs}
        if len(given) < len(pairs) or any("\0" in value or len(value) > 64 for value in given.values()):
            return None
        return Query(business=business, **given)
    except (KeyError, TypeError, ValueError):
        return None


def _compute(query: Query) -> tuple[int, bytes, bytes]:
    try:
        return 200, b"application/json", _month(query)
    except Refusal as refusal:
        body = problems.body(refusal.status, refusal.code, refusal.sentence, **refusal.facts)
        return refusal.status, problems.CONTENT_TYPE.encode(), body
    except Exception:
        log.exception("the free starts of %s failed", query.business)
        return 500, problems.CONTENT_TYPE.encode(), fault()


def _month(query: Query) -> bytes:
    try:
        return month(query)
    except (InterfaceError, OperationalError):
        connection.close()  # the database was restarted: a fresh connection may do
        return month(query)
