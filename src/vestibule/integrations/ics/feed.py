"""A calendar as a file behind a web address, such as every calendar program publishes one."""

import hashlib
import json
from collections.abc import Sequence
from typing import Self

from vestibule.calendars import tokens
from vestibule.calendars.ports import Access, CalendarError, Changes, Found, Item, Reading, Trouble
from vestibule.calendars.reading import read
from vestibule.integrations.guarded import Answer, Guarded, PrivateHosts, unreachable
from vestibule.store.configuration import Configuration

SECONDS = 10.0
_GONE = frozenset({404, 410})


class IcsFeed:
    """Reads the file when it has changed: the server is asked by ETag and date, and what came is compared.

    A token also names the day it was read on, so that each day the window moves on and repeating events with it.
    """

    def __init__(self, access: Access, http: Guarded) -> None:
        self._url = _web(access.url)
        self._http = http

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for one feed; it lasts ten seconds."""
        private = PrivateHosts(tuple(configuration.items("CALENDAR_PRIVATE_HOSTS")))
        return cls(access, Guarded(private, seconds=SECONDS))

    def calendars(self) -> Sequence[Found]:
        """Return the one calendar there is, after reading it."""
        answer = self._http.request("GET", self._url)
        _require_calendar(answer)
        first = Reading(0, 1, "UTC")
        read(answer.body, first)
        return [Found("", _name(answer.body), can_write=False)]

    def changes(self, calendar: str, token: str, reading: Reading) -> Changes:
        """Return the whole calendar, or nothing new."""
        known, now = tokens.read(token), tokens.circumstances(reading)
        is_current = tokens.is_current(known, now)
        answer = self._http.request("GET", self._url, headers=_conditions(known) if is_current else {})
        if answer.status == 304 and is_current:
            return Changes(token)
        _require_calendar(answer)
        digest = hashlib.sha256(answer.body).hexdigest()
        fresh = json.dumps(
            {
                "etag": answer.headers.get("ETag", "")[:200],
                "date": answer.headers.get("Last-Modified", "")[:60],
                "digest": digest,
                **now,
            }
        )
        if is_current and known.get("digest") == digest:
            return Changes(fresh)
        return Changes(fresh, (Item("", busy=read(answer.body, reading).busy),), is_whole=True)

    def close(self) -> None:
        """Let connections go."""
        self._http.close()


def _web(url: str) -> str:
    scheme, colon, rest = url.strip().partition(":")
    return f"https:{rest}" if colon and scheme.lower() in ("webcal", "webcals") else url.strip()


def _conditions(known: dict[str, object]) -> dict[str, str]:
    given = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("date")}
    return {name: str(value) for name, value in given.items() if value}


def _require_calendar(answer: Answer) -> None:
    status = answer.status
    if status == 200:
        return
    if status in (401, 403):
        raise CalendarError("the calendar may not be read with this address", Trouble.CREDENTIALS, permanent=True)
    if status in _GONE:
        raise CalendarError("there is no calendar at this address", Trouble.REFUSED, permanent=True)
    if status == 429 or status >= 500 or status == 408:
        raise unreachable(f"the calendar's server answered {status}")
    raise CalendarError(f"the calendar's server answered {status}", Trouble.REFUSED, permanent=True)


def _name(body: bytes) -> str:
    """Return the name a calendar gives itself, or ""."""
    for line in body[:20_000].splitlines()[:200]:
        if line.upper().startswith(b"X-WR-CALNAME"):
            return line.partition(b":")[2].decode("utf-8", "replace").strip()[:120]
    return ""
