"""Somebody's calendar in Outlook: read by what changed, written event by event. Asked with the business' account.

An event of ours carries the appointment's UID as its `transactionId`, by which Outlook drops one that is handed over
twice, and by which we know it again. Only the mailbox' own calendar is used.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any, Self
from zoneinfo import ZoneInfo

from vestibule.calendars import tokens
from vestibule.calendars.ports import (
    Access,
    CalendarError,
    Changes,
    Conflict,
    Entry,
    Found,
    Item,
    OurEntry,
    Reading,
    Stored,
    Trouble,
)
from vestibule.integrations.microsoft365 import schedules
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import Graph, Json, of_user
from vestibule.integrations.microsoft365.progress import IN_PARTS, SAID_OF_SERIES, Progress, Read
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.configuration import Configuration

TAKEN = frozenset({"busy", "oof", "tentative", "unknown"})
"""What an event may be shown as for its time to be taken; `free` and `workingElsewhere` leave it open."""
PREFER = 'outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=100'
STARTS_ANEW = frozenset({"resyncRequired", "syncStateNotFound", "SyncStateNotFound", "ErrorInvalidSyncStateData"})
REPEATED = frozenset({"ErrorDuplicateTransactionId", "ErrorIrresolvableConflict"})
OF_SERIES = frozenset({"seriesMaster", "occurrence"})
DAY = 24 * 60


class Outlook:
    """Talks about one mailbox, named by `Access.url`."""

    def __init__(self, access: Access, graph: Graph) -> None:
        self._graph = graph
        self._address, self._only_times = access.url.strip(), access.only_times
        self._mailbox = of_user(self._address)

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for one mailbox; after 45 seconds it asks nothing more. Raises CalendarError."""
        allowed = tuple(configuration.items("GATEWAY_HOSTS"))
        if "@" not in access.url or any(sign.isspace() or sign in "/?#" for sign in access.url.strip()):
            raise CalendarError("this is no mailbox", Trouble.REFUSED, permanent=True)
        try:
            application = Application.read(access.account, allowed)
        except NotConnected:
            words = "the business' account at Microsoft 365 is missing or cannot be used"
            raise CalendarError(words, Trouble.CREDENTIALS, permanent=True) from None
        return cls(access, Graph.opened(application, allowed))

    def close(self) -> None:
        """Let connections go."""
        self._graph.close()

    def calendars(self) -> Sequence[Found]:
        """Return the mailbox' calendar."""
        try:
            if self._only_times:
                return [schedules.calendar(self._graph, self._address)]
            found = self._graph.get(f"{self._mailbox}/calendar")
        except GraphError as failure:
            raise trouble(failure) from failure
        return [
            Found("calendar", str(found.get("name") or "Outlook")[:200], can_write=found.get("canEdit") is not False)
        ]

    def changes(self, calendar: str, token: str, reading: Reading) -> Changes:
        """Return what changed, by Graph's delta link; everything where that is too old."""
        known, now = tokens.read(token), tokens.circumstances(reading)
        known = known if tokens.is_current(known, now) else {}
        try:
            if self._only_times:
                return schedules.changes(self._graph, self._address, reading)
            return self._changed_since(known, now, reading) or self._whole(Progress(), now, reading)
        except GraphError as failure:
            raise trouble(failure) from failure

    def put(self, calendar: str, entry: Entry, known: Stored | None) -> Stored:
        """Store an event, unless it was changed meanwhile; one handed over twice is stored once."""
        try:
            if known is not None and known.ref:
                return self._changed(entry, known)
            there = self._looked_for(entry.uid, entry)
            if there is None:
                return self._made(entry)
            if known is None:
                raise Conflict(there.etag)
            return self._changed(entry, Stored(there.ref, known.etag))
        except GraphError as failure:
            raise trouble(failure) from failure

    def delete(self, calendar: str, uid: str, known: Stored | None) -> None:
        """Take an event out, unless it was changed meanwhile. One we do not know where it stands is looked for."""
        there = known
        try:
            if there is None or not there.ref:
                there = self._looked_for(uid)
            if there is not None:
                self._graph.delete(self._at(there.ref), etag=there.etag)
        except GraphError as failure:
            if failure.status == 412 and there is not None:
                raise Conflict(self._etag(there.ref)) from failure
            if not failure.is_missing:
                raise trouble(failure) from failure

    # Reading.

    def _changed_since(self, known: Json, now: Json, reading: Reading) -> Changes | None:
        """Return what is new, or more of what is read in parts; None where everything has to be read anew."""
        begun, link = Progress.read(known), str(known.get("delta", ""))
        try:
            if begun is not None:
                return self._whole(begun, now, reading)
            if not link:
                return None
            read = self._read(link)
        except GraphError as failure:
            if failure.status != 410 and failure.code not in STARTS_ANEW:
                raise
            return None
        # Of a series Outlook names what is left of it, and not what was taken out.
        if any(event.get("type") in OF_SERIES for event in read.events.values()):
            return None
        found = _changes(json.dumps(now | {"delta": read.delta or read.next}), read.events, reading, is_whole=False)
        return replace(found, is_part=not read.delta)

    def _whole(self, begun: Progress, now: Json, reading: Reading) -> Changes:
        """Return everything, or as much of it as there is time for; `begun` is what was read of it before."""
        window = {"startDateTime": _text(reading.first), "endDateTime": _text(reading.last)}
        path = f"{self._mailbox}/calendarView/delta()"
        read = self._read(begun.next or path, None if begun.next else window, begun)
        if read.delta and not begun.next:
            return _changes(json.dumps(now | {"delta": read.delta}), read.events, reading, is_whole=True)
        after = begun.after(read)
        kept = {"delta": read.delta} if read.delta else after.kept()
        found = _changes(json.dumps(now | kept), read.events, reading, is_whole=False, series=begun.series)
        return replace(found, gone=(), is_part=not read.delta, remains=after.seen if read.delta else None)

    def _read(self, link: str, window: dict[str, str] | None = None, begun: Progress | None = None) -> Read:
        """Return the events of all pages as they were named last, by their ids, and the link to what comes after.

        Where there is no time for all of them, what was read and the link to the page that comes next.
        """
        begun = begun or Progress()
        events, delta, after, pages = dict[str, Json](), "", "", 0
        try:
            for page in self._graph.pages(link, window, PREFER):
                pages += 1
                events |= {_ref(event["id"]): event for event in _events(page)}
                begun.require_room(len(events), pages)
                delta = str(page.get("@odata.deltaLink", "")) or delta
                after = str(page.get("@odata.nextLink", ""))
        except GraphError as failure:
            if not after or failure.status not in IN_PARTS:
                raise
        else:
            if not delta:
                raise GraphError("Graph did not say how to go on", status=502)
        return Read(events, delta, after, pages)

    # Writing.

    def _made(self, entry: Entry) -> Stored:
        event = _event(entry)
        try:
            made = self._graph.post(f"{self._mailbox}/events", event | {"transactionId": entry.uid}, PREFER)
        except GraphError as failure:
            if failure.status != 409 and failure.code not in REPEATED:
                raise
            # It was made once and thrown away by somebody: Outlook keeps its id, so that this one gets another.
            again = {"transactionId": f"{entry.uid}#{entry.sequence}-{entry.stamp}"}
            made = self._graph.post(f"{self._mailbox}/events", event | again, PREFER)
        stored = Stored(str(made.get("id", "")), str(made.get("@odata.etag", "")))
        if not stored.ref:
            raise GraphError("Graph did not say where the event stands", status=502)
        return stored if _stands(made) == (entry.start, entry.end) else self._changed(entry, stored)

    def _changed(self, entry: Entry, known: Stored) -> Stored:
        try:
            changed = self._graph.patch(self._at(known.ref), _event(entry), etag=known.etag, prefer=PREFER)
        except GraphError as failure:
            if failure.status == 412:
                raise Conflict(self._etag(known.ref)) from failure
            if failure.is_missing:
                raise Conflict("") from failure
            raise
        return Stored(known.ref, str(changed.get("@odata.etag", "")) or self._etag(known.ref))

    def _etag(self, ref: str) -> str:
        try:
            return str(self._graph.get(self._at(ref), {"$select": "id"}).get("@odata.etag", ""))
        except GraphError as failure:
            if failure.is_missing:
                return ""
            raise trouble(failure) from failure

    def _looked_for(self, uid: str, entry: Entry | None = None) -> Stored | None:
        """Return where the event of a UID stands: near its time if that is known, else in two years around today."""
        today = clock.to_minute(clock.now())
        first, last = (
            (entry.start - DAY, entry.end + DAY) if entry is not None else (today - 365 * DAY, today + 400 * DAY)
        )
        window = {"startDateTime": _text(first), "endDateTime": _text(last)}
        for page in self._graph.pages(f"{self._mailbox}/calendarView", window, PREFER):
            for event in _events(page):
                if _uid(event) == uid and not event.get("isCancelled"):
                    return Stored(str(event["id"]), str(event.get("@odata.etag", "")))
        return None

    def _at(self, ref: str) -> str:
        return f"{self._mailbox}/events/{ref}"


def _events(page: Json) -> Iterator[Json]:
    value = page.get("value")
    for event in value if isinstance(value, list) else []:
        if isinstance(event, dict) and event.get("id"):
            yield event


def _ref(named: Any) -> str:
    return str(named)[:500]


def _changes(
    token: str, events: dict[str, Json], reading: Reading, *, is_whole: bool, series: Mapping[str, Json] | None = None
) -> Changes:
    there = {ref: event for ref, event in events.items() if "@removed" not in event}
    items = tuple(_item(ref, _completed(event, there, series or {}), reading) for ref, event in there.items())
    return Changes(token, items, () if is_whole else tuple(events.keys() - there.keys()), is_whole)


def _completed(event: Json, events: dict[str, Json], before: Mapping[str, Json]) -> Json:
    """Return an event with what is said of its series alone: of an occurrence Outlook tells when it is, no more."""
    master = _ref(event.get("seriesMasterId"))
    series = events.get(master) or before.get(tokens.short(master), {})
    return {name: series[name] for name in SAID_OF_SERIES if name in series} | event


def _item(ref: str, event: Json, reading: Reading) -> Item:
    etag, stretch = str(event.get("@odata.etag", "")), _stands(event, reading)
    uid = _uid(event)
    if stretch is None:
        return Item(ref, etag)
    if reading.host and uid.endswith(f"@{reading.host}"):
        return Item(ref, etag, (), OurEntry(uid, *stretch, cancelled=event.get("isCancelled") is True))
    is_taken = stretch[1] > stretch[0] and stretch[1] > reading.first and stretch[0] < reading.last
    return Item(ref, etag, (stretch,) if is_taken and _takes_time(event, reading) else ())


def _takes_time(event: Json, reading: Reading) -> bool:
    if event.get("isCancelled") is True or (event.get("isAllDay") is True and not reading.all_day_counts):
        return False
    response = event.get("responseStatus")
    if isinstance(response, dict) and str(response.get("response", "")).lower() == "declined":
        return False
    return event.get("type") != "seriesMaster" and str(event.get("showAs", "busy")).lower() in TAKEN


def _uid(event: Json) -> str:
    return str(event.get("transactionId") or "").partition("#")[0]


def _stands(event: Json, reading: Reading | None = None) -> tuple[int, int] | None:
    """Return from when to when an event is, in UTC minutes; None where that cannot be read.

    An all-day event names days, which begin where its owner lives.
    """
    times = [_moment(event.get(name)) for name in ("start", "end")]
    if times[0] is None or times[1] is None:
        return None
    if event.get("isAllDay") is True and reading is not None:
        zone = ZoneInfo(reading.zone)
        times = [one.replace(tzinfo=zone).astimezone(UTC) for one in times if one is not None]
    start, end = (clock.to_minute(one) for one in times if one is not None)
    return start, end


def _moment(given: Any) -> datetime | None:
    """Return an instant of Graph, which says times in UTC as we ask it to, with seven decimals."""
    if not isinstance(given, dict) or not isinstance(given.get("dateTime"), str):
        return None
    try:
        found = datetime.fromisoformat(given["dateTime"].partition(".")[0].removesuffix("Z"))
        zone = str(given.get("timeZone") or "UTC")
        return found.replace(
            tzinfo=UTC if zone.upper() in ("UTC", "ETC/UTC", "ETC/GMT") else ZoneInfo(zone)
        ).astimezone(UTC)
    except (ValueError, KeyError, OSError):
        return None


def _event(entry: Entry) -> Json:
    """Return an entry as Outlook takes it. Nobody is invited by it: our own messages do that."""
    text = "\n".join(part for part in (entry.text, entry.url) if part)
    return {
        "subject": entry.title,
        "body": {"contentType": "html", "content": escape(text).replace("\n", "<br>")},
        "start": {"dateTime": _text(entry.start).removesuffix("Z"), "timeZone": "UTC"},
        "end": {"dateTime": _text(entry.end).removesuffix("Z"), "timeZone": "UTC"},
        "location": {"displayName": entry.place},
        "showAs": "busy",
    }


def _text(minute: int) -> str:
    return f"{clock.from_minute(minute):%Y-%m-%dT%H:%M:%S}.0000000Z"


def trouble(failure: GraphError) -> CalendarError:
    """Return what a calendar's owner is told of an error."""
    words = str(failure) + (f", request {failure.request_id}" if failure.request_id else "")
    if isinstance(failure, SignInRefused) or failure.status in (401, 403):
        return CalendarError(words, Trouble.CREDENTIALS, permanent=True)
    if failure.is_passing:
        return CalendarError(words, Trouble.UNREACHABLE, permanent=False)
    return CalendarError(words, Trouble.REFUSED, permanent=True)
