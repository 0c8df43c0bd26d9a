"""One account on a CalDAV server: found by its address, read by what changed, written entry by entry."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Self
from urllib.parse import quote

import httpx

from vestibule.calendars import tokens, writing
from vestibule.calendars.ports import (
    Access,
    CalendarError,
    Changes,
    Conflict,
    Entry,
    Found,
    Item,
    Reading,
    Stored,
    Trouble,
)
from vestibule.calendars.reading import read
from vestibule.calendars.reading.bounds import Budget
from vestibule.integrations.caldav import xml
from vestibule.integrations.caldav.xml import CAL, CS, DAV, Response
from vestibule.integrations.guarded import Answer, Guarded, PrivateHosts, unreachable
from vestibule.store.configuration import Configuration

SECONDS = 45.0
AT_ONCE = 100
MOST_ROUNDS = 20
WRITERS = {f"{DAV}all", f"{DAV}write", f"{DAV}write-content", f"{DAV}bind"}
_XML = "application/xml; charset=utf-8"


class CalDavAccount:
    """Talks to one account; signs in by Basic, or by Digest where the server wants that."""

    def __init__(self, access: Access, http: Guarded) -> None:
        """Raises CalendarError for an address without TLS, unless the operator vouches for the host."""
        self._access, self._http = access, http
        self._auth: httpx.Auth = httpx.BasicAuth(access.username, access.password)
        self._url = _address(access.url)
        if self._url.scheme != "https" and not http.is_private(self._url):
            words = "the address must begin with https, so that the password cannot be read on its way"
            raise CalendarError(words, Trouble.REFUSED, permanent=True)

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for one account; it lasts 45 seconds."""
        private = PrivateHosts(tuple(configuration.items("CALENDAR_PRIVATE_HOSTS")))
        return cls(access, Guarded(private, seconds=SECONDS))

    def close(self) -> None:
        """Let connections go."""
        self._http.close()

    def calendars(self) -> Sequence[Found]:
        """Return the account's calendars of events, wherever the address given leads to."""
        found = {one.address: one for home in self._homes() for one in self._calendars_in(home)}
        if not found:
            raise CalendarError("this account has no calendar", Trouble.REFUSED, permanent=True)
        return list(found.values())

    def changes(self, calendar: str, token: str, reading: Reading) -> Changes:
        """Return what changed: by sync token, else by the calendar's tag; once a day, everything anew."""
        known, now = tokens.read(token), tokens.circumstances(reading)
        budget = Budget()
        if tokens.is_current(known, now):
            if known.get("sync"):
                found = self._since(calendar, str(known["sync"]), now, reading, budget)
                if found is not None:
                    return found
            elif known.get("ctag") and self._marks(calendar)["ctag"] == known["ctag"]:
                return Changes(token)
        marks = self._marks(calendar)  # before the entries: what changes meanwhile is told again
        answer = self._report(calendar, xml.query(reading.first, reading.last))
        items = tuple(self._items(_require(answer), reading, budget))
        return Changes(json.dumps(now | marks), items, is_whole=True)

    def put(self, calendar: str, entry: Entry, known: Stored | None) -> Stored:
        """Store an entry under its own name, unless it was changed meanwhile."""
        path = _path(calendar, entry.uid, known)
        guard = {"If-Match": known.etag} if known and known.etag else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **guard}
        answer = self._ask("PUT", self._at(calendar, path), writing.single(entry), headers)
        if answer.status == 412:
            raise Conflict(self._etag(calendar, path))
        _require_written(answer)
        etag = answer.headers.get("ETag", "")
        return Stored(path, etag if etag and not etag.startswith("W/") else self._etag(calendar, path))

    def delete(self, calendar: str, uid: str, known: Stored | None) -> None:
        """Take an entry out, unless it was changed meanwhile."""
        path = _path(calendar, uid, known)
        guard = {"If-Match": known.etag} if known and known.etag else {}
        answer = self._ask("DELETE", self._at(calendar, path), None, guard)
        if answer.status == 412:
            raise Conflict(self._etag(calendar, path))
        if answer.status not in (404, 410):
            _require_written(answer)

    # Finding calendars.

    def _homes(self) -> Iterator[httpx.URL]:
        """Yield where calendars are, by way of who the account is."""
        refused: CalendarError | None = None
        for start in dict.fromkeys((self._url, self._url.join("/.well-known/caldav"), self._url.join("/"))):
            try:
                answer = self._propfind(start, "0", "d:current-user-principal", "c:calendar-home-set", "d:resourcetype")
                one = next(iter(_require(answer)), None)
            except CalendarError as error:
                if error.kind in (Trouble.CREDENTIALS, Trouble.UNREACHABLE):
                    raise
                refused = error
                continue
            homes = self._homes_of(answer, one) if one is not None else []
            if homes:
                yield from homes
                return
        raise refused or CalendarError("no calendars are found at this address", Trouble.REFUSED, permanent=True)

    def _homes_of(self, answer: Answer, one: Response) -> list[httpx.URL]:
        homes = one.hrefs(f"{CAL}calendar-home-set")
        for principal in one.hrefs(f"{DAV}current-user-principal") if not homes else []:
            answer = self._propfind(answer.url.join(principal), "0", "c:calendar-home-set")
            homes += [home for found in _require(answer) for home in found.hrefs(f"{CAL}calendar-home-set")]
        if not homes and f"{CAL}calendar" in one.names(f"{DAV}resourcetype"):
            return [answer.url]
        return [answer.url.join(home) for home in homes[:5]]

    def _calendars_in(self, home: httpx.URL) -> Iterator[Found]:
        wanted = ("d:resourcetype", "d:displayname", "c:supported-calendar-component-set")
        answer = self._propfind(home, "1", *wanted, "d:current-user-privilege-set")
        for one in _require(answer):
            if f"{CAL}calendar" not in one.names(f"{DAV}resourcetype"):
                continue
            kinds = one.properties.get(f"{CAL}supported-calendar-component-set")
            if kinds is not None and "VEVENT" not in {kind.get("name") for kind in kinds}:
                continue
            rights = one.names(f"{DAV}current-user-privilege-set")
            address = str(answer.url.join(quote(one.path, safe=_SAFE)))
            name = one.text(f"{DAV}displayname") or one.path.rstrip("/").rpartition("/")[2]
            if len(address) <= 500:
                yield Found(address, name[:200], can_write=not rights or bool(rights & WRITERS))

    # Reading.

    def _marks(self, calendar: str) -> dict[str, str]:
        answer = self._propfind(httpx.URL(calendar), "0", "d:sync-token", "s:getctag")
        one = next(iter(_require(answer)), None)
        if one is None:
            raise CalendarError("the calendar is not there any more", Trouble.REFUSED, permanent=True)
        return {"sync": one.text(f"{DAV}sync-token"), "ctag": one.text(f"{CS}getctag")}

    def _since(
        self, calendar: str, token: str, now: dict[str, Any], reading: Reading, budget: Budget
    ) -> Changes | None:
        """Return what changed since a sync token, or None when the server does not know the token any more."""
        changed: dict[str, None] = {}
        gone: dict[str, None] = {}
        own = xml.path_of(calendar).rstrip("/")
        for _round in range(MOST_ROUNDS):
            answer = self._report(calendar, xml.sync_collection(token))
            if answer.status in (400, 403, 409, 410, 412, 415, 501, 507):
                return None
            found = _require(answer)
            for one in found:
                if one.path.rstrip("/") != own:
                    (gone if one.status == 404 else changed)[one.path] = None
            token = xml.parsed(answer.body).findtext(f"{DAV}sync-token", token)
            if not any(one.status == 507 for one in found):
                break
        else:
            return None
        wanted = [path for path in changed if path not in gone]
        items = tuple(self._fetched(calendar, wanted, reading, budget))
        missing = set(wanted) - {one.ref for one in items}
        return Changes(json.dumps({**now, "sync": token, "ctag": ""}), items, tuple(gone) + tuple(sorted(missing)))

    def _fetched(self, calendar: str, paths: list[str], reading: Reading, budget: Budget) -> Iterator[Item]:
        for first in range(0, len(paths), AT_ONCE):
            hrefs = [quote(path, safe=_SAFE) for path in paths[first : first + AT_ONCE]]
            yield from self._items(_require(self._report(calendar, xml.multiget(hrefs))), reading, budget)

    def _items(self, found: Sequence[Response], reading: Reading, budget: Budget) -> Iterator[Item]:
        for one in found:
            text = one.properties.get(f"{CAL}calendar-data")
            if text is None or not text.text:
                continue
            try:
                understood = read(text.text.encode(), reading, budget)
            except CalendarError as wrong:
                if wrong.kind is not Trouble.MALFORMED:
                    raise
                continue  # one broken entry is not the whole calendar
            ours = understood.ours[0] if understood.ours else None
            yield Item(one.path, one.text(f"{DAV}getetag"), understood.busy, ours)

    # Asking.

    def _etag(self, calendar: str, path: str) -> str:
        answer = self._propfind(self._at(calendar, path), "0", "d:getetag")
        if answer.status in (404, 410):
            return ""
        return next((one.text(f"{DAV}getetag") for one in _require(answer)), "")

    def _at(self, calendar: str, path: str) -> httpx.URL:
        return httpx.URL(calendar).join(quote(path, safe=_SAFE))

    def _propfind(self, url: httpx.URL, depth: str, *names: str) -> Answer:
        return self._ask("PROPFIND", url, xml.propfind(*names), {"Depth": depth, "Content-Type": _XML})

    def _report(self, calendar: str, body: bytes) -> Answer:
        return self._ask("REPORT", httpx.URL(calendar), body, {"Depth": "1", "Content-Type": _XML})

    def _ask(self, method: str, url: httpx.URL, body: bytes | None, headers: dict[str, str]) -> Answer:
        answer = self._send(method, url, body, headers)
        wants = answer.headers.get("WWW-Authenticate", "").lower()
        if answer.status == 401 and "digest" in wants and isinstance(self._auth, httpx.BasicAuth):
            self._auth = httpx.DigestAuth(self._access.username, self._access.password)
            answer = self._send(method, url, body, headers)
        if answer.status == 401:
            raise CalendarError("the user name or password is not accepted", Trouble.CREDENTIALS, permanent=True)
        if answer.status in (408, 425, 429) or (answer.status >= 500 and answer.status not in (501, 507)):
            raise unreachable(f"the calendar's server answered {answer.status}")
        return answer

    def _send(self, method: str, url: httpx.URL, body: bytes | None, headers: dict[str, str]) -> Answer:
        return self._http.request(method, str(url), headers=headers, content=body, auth=self._auth, family_of=self._url)


_SAFE = "/~!$&'()*+,;=:@"


def _address(url: str) -> httpx.URL:
    try:
        return httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError) as wrong:
        raise CalendarError("this is no web address", Trouble.REFUSED, permanent=True) from wrong


def _require(answer: Answer) -> list[Response]:
    """Return what a multistatus answer speaks of. Raises CalendarError for any other."""
    if answer.status == 207:
        return list(xml.responses(xml.parsed(answer.body)))
    if answer.status == 403:
        raise CalendarError("this account may not read there", Trouble.CREDENTIALS, permanent=True)
    raise CalendarError(f"the calendar's server answered {answer.status}", Trouble.REFUSED, permanent=True)


def _require_written(answer: Answer) -> None:
    if answer.status in (200, 201, 204):
        return
    if answer.status == 403:
        words = "this account may not write in that calendar"
    elif answer.status == 507:
        words = "the calendar has no room left"
    else:
        words = f"the calendar's server answered {answer.status}"
    raise CalendarError(words, Trouble.REFUSED, permanent=answer.status != 507)


def _path(calendar: str, uid: str, known: Stored | None) -> str:
    """Return where an entry stands, or is to stand: its name follows from its UID, so that it is found again."""
    if known is not None and known.ref:
        return known.ref
    name = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in uid)[:200]
    return f"{xml.path_of(calendar).rstrip('/')}/{name}.ics"
