"""Calendars of the people here: what stands in them, what has changed, and what programs put in.

Appointments, time off and what connected calendars say is read; only what a program put down is changed here.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vestibule.api.graph import narrowing, odata, reading_events, users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.reading_events import Json
from vestibule.api.graph.writing_events import Shown, of_calendar
from vestibule.api.plain import Answer, Operations, shown
from vestibule.booking.own_calendar import changes, entries, events
from vestibule.booking.own_calendar.changes import Page
from vestibule.booking.own_calendar.entries import Entry
from vestibule.people.models import Provider
from vestibule.store import clock

WRITE = frozenset({"Calendars.ReadWrite"})
FULL = frozenset({"Calendars.Read"}) | WRITE
READ = frozenset({"Calendars.ReadBasic"}) | FULL
USUAL, MOST, FURTHEST = 100, 1000, 1_000_000
BACK, AHEAD = 400 * 24 * 60, 800 * 24 * 60
"""Minutes around now of which events are listed; a view names its own."""
LONGEST = 1900 * 24 * 60
_TOKEN = re.compile(r"([0-9a-z]{16})(?:\.(\d{1,6}))?")
_ETAG = re.compile(r'(?:W/)?"?([0-9a-f]{16})"?')

operations: Operations[Asked] = Operations()
on = users.of_users(operations)


@on("GET", "/calendar", permissions=READ, operation="users.GetCalendar")
def calendar(asked: Asked) -> Answer:
    """Show the one calendar somebody has here."""
    provider = users.user_of(asked)
    return odata.single(asked, f"users('{provider.ref}')/calendar", of_calendar(provider))


@on("GET", "/calendarView", permissions=READ, operation="users.ListCalendarView")
@on("GET", "/calendar/calendarView", permissions=READ, operation="users.calendar.ListCalendarView")
def view(asked: Asked) -> Answer:
    """Show what a calendar holds between two instants."""
    provider, (first, last) = users.user_of(asked), _window(asked)
    found = entries.between(asked.actor, provider, first, last, in_full=_is_full(asked))
    return _listed(asked, provider, found, "calendarView")


@on("GET", "/events", permissions=READ, operation="users.ListEvents")
@on("GET", "/calendar/events", permissions=READ, operation="users.calendar.ListEvents")
def listed(asked: Asked) -> Answer:
    """List what a calendar holds, from a year ago to two years ahead."""
    provider, now = users.user_of(asked), clock.to_minute(clock.now())
    first, last = now - BACK, now + AHEAD
    found = entries.between(asked.actor, provider, first, last, in_full=_is_full(asked))
    return _listed(asked, provider, found, "events")


@on("GET", "/calendarView/delta()", permissions=FULL, operation="users.user.calendarView.delta")
@on("GET", "/calendar/calendarView/delta()", permissions=FULL, operation="users.user.calendar.calendarView.delta")
@on("GET", "/events/delta()", permissions=FULL, operation="users.user.events.delta")
def delta(asked: Asked) -> Answer:
    """Show what has changed since a program read last; all there is where it begins."""
    provider, query, size = users.user_of(asked), asked.query, _size(asked)
    _refuse_shaping(asked)
    token = query.get("$deltatoken") or query.get("$skiptoken") or ""
    if not token:
        page = changes.begun(asked.actor, provider, *_window(asked), size=size, in_full=True)
        return _changed(asked, provider, page)
    known = _TOKEN.fullmatch(token)
    if known is None:
        raise Fault(400, "ErrorInvalidSyncStateData", "This token is none of ours. Begin without one.")
    try:
        if known[2] is None:
            page = changes.since(asked.actor, provider, known[1], size=size, in_full=True)
        else:
            page = changes.more(asked.actor, provider, known[1], int(known[2]), size=size, in_full=True)
    except changes.TooOld as refused:
        raise Fault(410, "syncStateNotFound", str(refused)) from refused
    return _changed(asked, provider, page)


@on("POST", "/events", permissions=WRITE, operation="users.CreateEvents")
@on("POST", "/calendar/events", permissions=WRITE, operation="users.calendar.CreateEvents")
def create(asked: Asked) -> Answer:
    """Put an event into a calendar; by its transactionId it is put there once."""
    provider, told = users.user_of(asked), asked.body()
    name = values.text(told.get("transactionId"), "transactionId", 255)
    made = events.put_down(asked.actor, provider, reading_events.wish(told, provider), transaction=name)
    return _single(asked, provider, made, status=201)


@on("GET", "/events/{eventId}", permissions=READ, operation="users.GetEvents")
def get(asked: Asked) -> Answer:
    """Show one event."""
    provider = users.user_of(asked)
    return _single(asked, provider, _found(asked, provider))


@on("PATCH", "/events/{eventId}", permissions=WRITE, operation="users.UpdateEvents")
def change(asked: Asked) -> Answer:
    """Change what is said of an event; the rest stays."""
    provider = users.user_of(asked)
    entry, state = _found(asked, provider), _state(asked)
    wish = reading_events.wish(asked.body(), provider, before=entry)
    return _single(asked, provider, _doing(events.change, asked, provider, entry, wish, state=state))


@on("DELETE", "/events/{eventId}", permissions=WRITE, operation="users.DeleteEvents")
def remove(asked: Asked) -> Answer:
    """Take an event away."""
    provider = users.user_of(asked)
    _doing(events.take_away, asked, provider, _found(asked, provider), state=_state(asked))
    return Answer(204)


@on("POST", "/events/{eventId}/cancel", permissions=WRITE, operation="users.user.events.event.cancel")
def cancel(asked: Asked) -> Answer:
    """Take an event away; nobody was invited by it, so there is nobody to write to."""
    provider = users.user_of(asked)
    entry = _found(asked, provider)
    if entry.kind != entries.EVENT:
        words = "Only who organised an event may cancel it; this one comes from elsewhere."
        raise Fault(400, "ErrorInvalidRequest", words)
    events.take_away(asked.actor, provider, entry)
    return Answer(202)


def _doing(do: Any, asked: Asked, provider: Provider, entry: Entry, *rest: Any, state: str) -> Any:
    try:
        return do(asked.actor, provider, entry, *rest, state=state)
    except events.Changed as refused:
        raise Fault(412, "ErrorIrresolvableConflict", str(refused)) from refused
    except events.NotYours as refused:
        raise Fault(403, "ErrorAccessDenied", str(refused)) from refused


def _found(asked: Asked, provider: Provider) -> Entry:
    found = entries.find(asked.actor, provider, asked.params["eventId"], in_full=_is_full(asked))
    if found is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such event in this calendar.")
    return found


def _state(asked: Asked) -> str:
    """Return the state that the caller saw last, by its If-Match; "" for whichever it is."""
    given = asked.call.headers.get("if-match", "").strip()
    if given in ("", "*"):
        return ""
    found = _ETAG.fullmatch(given)
    return found[1] if found is not None else "0" * 16


def _is_full(asked: Asked) -> bool:
    return bool(asked.permissions & FULL)


def _window(asked: Asked) -> tuple[int, int]:
    found = []
    for name in ("startDateTime", "endDateTime"):
        given = asked.query.get(name.casefold())
        if not given:
            words = "A view of a calendar takes startDateTime and endDateTime."
            raise Fault(400, "ErrorInvalidParameter", words, target=name)
        found.append(_instant(asked, given, name))
    first, last = clock.to_minute(found[0]), -int(-found[1].timestamp() // 60)
    if not 0 <= last - first <= LONGEST:
        raise Fault(400, "ErrorInvalidParameter", "The view ends after it begins, within five years.", target=name)
    return first, last


def _instant(asked: Asked, given: str, name: str) -> datetime:
    """Return an instant of the query, which is in the zone that is preferred where it names no offset."""
    zone = users.preferred(asked, users.ZONE) or "UTC"
    return values.instant({"dateTime": values.with_plus(given), "timeZone": values.known_zone(zone) or "UTC"}, name)


def _size(asked: Asked) -> int:
    preferred = users.preferred(asked, users.PAGE)
    return min(max(int(preferred), 1), MOST) if preferred else USUAL


def _listed(asked: Asked, provider: Provider, found: Sequence[Entry], what: str) -> Answer:
    odata.refuse(asked, "$search")
    wanted = narrowing.narrowed(found, asked.query, reading_events.MEMBERS)
    skip, top = odata.number(asked, "$skip", 0, FURTHEST), odata.number(asked, "$top", _size(asked), MOST)
    form = Shown.asked(asked)
    some = [form.event(one, provider) for one in wanted[skip : skip + top]]
    is_more = skip + top < len(wanted) and top > 0
    rest = odata.next_link(asked, skip=skip + top, top=top) if is_more else ""
    return odata.collection(asked, f"users('{provider.ref}')/{what}", some, next_link=rest, count=len(wanted))


def _changed(asked: Asked, provider: Provider, page: Page) -> Answer:
    form = Shown.asked(asked)
    gone: list[Json] = [
        {"@odata.type": "#microsoft.graph.event", "id": one, "@removed": {"reason": "deleted"}} for one in page.gone
    ]
    told: Json = {"@odata.context": f"{asked.root}/$metadata#Collection(event)"}
    if page.after is None:
        told["@odata.deltaLink"] = f"{asked.address}?$deltatoken={page.reading}"
    else:
        told["@odata.nextLink"] = f"{asked.address}?$skiptoken={page.reading}.{page.after}"
    return shown(200, told | {"value": [form.event(one, provider) for one in page.there] + gone})


def _refuse_shaping(asked: Asked) -> None:
    for name in ("$select", "$filter", "$expand", "$orderby", "$search"):
        if name in asked.query:
            raise Fault(400, "ErrorInvalidUrlQuery", f"{name} is not taken where changes are read.", target=name)


def _single(asked: Asked, provider: Provider, entry: Entry, *, status: int = 200) -> Answer:
    form = Shown.asked(asked)
    return odata.single(asked, f"users('{provider.ref}')/events", form.event(entry, provider), status=status)
