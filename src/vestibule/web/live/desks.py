"""The desks of one business in this process: each tab of staff sees its day, and every change of it."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.people.permissions import GRANTS, Permission, Role
from vestibule.web import times
from vestibule.web.live import desk_setting, entries
from vestibule.web.live.entries import Entry
from vestibule.web.live.farewells import Farewell
from vestibule.web.live.rooms import end_session
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub


@dataclass(frozen=True)
class Reader:
    """Who reads a desk: provider if they are one, and whether they see everyone's day."""

    provider_id: int | None
    sees_all: bool
    zone: str

    def may_see(self, entry: Entry) -> bool:
        return self.sees_all or entry.is_for(self.provider_id)


class DeskSession(Session):
    """One tab of one member of staff. `known` is what it was last told of each appointment."""

    def __init__(self, staff: Staff, desk: "Desk", reader: Reader, day: date) -> None:
        super().__init__(f"staff:{staff.user_id}:{staff.business_id}", staff)
        self.desk = desk
        self.reader = reader
        self.day = day
        self.first, self.end = times.day_bounds(day, reader.zone)
        self.known: dict[str, Json] = {}
        self.entries: dict[str, Entry] = {}
        self.by_meeting: dict[str, str] = {}
        self.about: Json = {}

    def fits(self, role: Role) -> bool:
        """Tell whether somebody of `role` may see what this tab shows."""
        granted = GRANTS[role]
        return Permission.SEE_APPOINTMENTS in granted or (
            not self.reader.sees_all and Permission.SEE_OWN_APPOINTMENTS in granted
        )

    def entry_of(self, meeting_ref: str) -> Entry | None:
        """Return what is shown of a meeting."""
        return self.entries.get(self.by_meeting.get(meeting_ref, ""))

    def turn_to(self, day: date) -> None:
        """Show another day from now on."""
        self.day = day
        self.first, self.end = times.day_bounds(day, self.reader.zone)

    def shows(self, entry: Entry) -> bool:
        """Tell whether `entry` belongs on this desk."""
        return self.first <= entry.start_minute < self.end and self.reader.may_see(entry)


class Desk:
    """All open desks of a business."""

    def __init__(self, hub: "Hub", business_id: int) -> None:
        self.hub = hub
        self.business_id = business_id
        self.sessions: dict[str, DeskSession] = {}
        self._elsewhere: dict[str, dict[str, dict[str, str]]] = {}
        self._is_reload_due = False
        # One reading at a time: what is shown later was also read later.
        self._reading = asyncio.Lock()

    def providers(self) -> frozenset[int]:
        """Return the providers who have a desk open here."""
        every = (session.reader.provider_id for session in self.sessions.values())
        return frozenset(one for one in every if one is not None)

    async def show_day(self, session: DeskSession) -> None:
        """Send the whole day of a session."""
        async with self._reading:
            rows = await self.hub.run(entries.of_day, self.business_id, session.first, session.end)
            session.entries = {row.ref: row for row in rows if session.shows(row)}
            session.by_meeting = {row.meeting: row.ref for row in session.entries.values() if row.meeting}
            session.known = {row.ref: self._shown(session, row) for row in session.entries.values()}
            shown = list(session.known.values())
            session.push({"type": "queue", "day": session.day.isoformat(), "entries": shown})

    async def reload(self) -> None:
        """Read every day that is open again and send what changed; calls meanwhile become one more reading."""
        if self._is_reload_due:
            return
        self._is_reload_due = True
        async with self._reading:
            self._is_reload_due = False
            for first, end in {(session.first, session.end) for session in self.sessions.values()}:
                rows = await self.hub.run(entries.of_day, self.business_id, first, end)
                self._compare(first, end, {row.ref: row for row in rows})

    async def meeting_changed(self, meeting_ref: str) -> None:
        """Read one appointment again and send it to whom it concerns."""
        async with self._reading:
            entry = await self.hub.run(entries.of_meeting, self.business_id, meeting_ref)
            if entry is not None:
                for session in list(self.sessions.values()):
                    self._update(session, entry.ref, entry)

    async def appointments_changed(self, refs: Collection[str]) -> None:
        """Read some appointments again, all at once, and send what changed."""
        async with self._reading:
            rows = {row.ref: row for row in await self.hub.run(entries.of_appointments, self.business_id, refs)}
            for session in list(self.sessions.values()):
                for ref in refs:
                    self._update(session, ref, rows.get(ref))

    async def setting_changed(self) -> None:
        """Read areas, prepared texts and who is there again, and send what changed."""
        async with self._reading:
            setting = await self.hub.run(desk_setting.of, self.business_id)
        for session in list(self.sessions.values()):
            for kind, facts in setting.items():
                session.show(kind, facts)

    def connection_changed(self, meeting_ref: str) -> None:
        """Somebody at the door lost the connection or came back."""
        for session in list(self.sessions.values()):
            entry = session.entry_of(meeting_ref)
            if entry is not None:
                self._update(session, entry.ref, entry)

    def heard_links(self, meeting_ref: str, origin: str, links: dict[str, str]) -> None:
        """Another process said how the people of a meeting are connected to it."""
        self._elsewhere.setdefault(meeting_ref, {})[origin] = links
        if not links:
            del self._elsewhere[meeting_ref][origin]
        self.connection_changed(meeting_ref)

    def show_notice(self, meeting_ref: str, item: Json, by: Session | None, client_id: str) -> None:
        """Show one message of a waiting conversation at the desks that have its appointment."""
        for session in list(self.sessions.values()):
            entry = session.entry_of(meeting_ref)
            if entry is not None:
                own = {"client_id": client_id} if session is by and client_id else {}
                session.push({"type": "notice", **item, "entry": entry.ref, **own})

    def end(self, session: DeskSession, farewell: Farewell) -> None:
        """Say goodbye to one tab."""
        end_session(session, farewell)
        self.sessions.pop(session.id, None)
        self.hub.attendance.announce(self.business_id)
        self.hub.spawn(self.hub.show_presence(session.reader.provider_id, self.business_id))
        self.hub.forget_desk(self)

    def _compare(self, first: int, end: int, rows: dict[str, Entry]) -> None:
        for session in list(self.sessions.values()):
            if (session.first, session.end) == (first, end):
                for ref in [*rows, *(ref for ref in list(session.entries) if ref not in rows)]:
                    self._update(session, ref, rows.get(ref))

    def _update(self, session: DeskSession, ref: str, entry: Entry | None) -> None:
        if entry is None or not session.shows(entry):
            if session.known.pop(ref, None) is not None:
                gone = session.entries.pop(ref, None)
                session.by_meeting.pop(gone.meeting if gone is not None else "", None)
                session.push({"type": "entry_gone", "id": ref})
            return
        shown = self._shown(session, entry)
        session.entries[ref] = entry
        if entry.meeting:
            session.by_meeting[entry.meeting] = ref
        before = session.known.get(ref)
        if before != shown:
            session.known[ref] = shown
            session.push({"type": "entry", "entry": shown})
            self._warn(session, before, shown)

    def _warn(self, session: DeskSession, before: Json | None, now: Json) -> None:
        """Say it when somebody's guesses have locked their place."""
        was = {person["id"] for person in (before or {"people": []})["people"] if _is_locked(person)}
        for person in now["people"]:
            if before is not None and _is_locked(person) and person["id"] not in was:
                words = _("%(name)s gave a wrong date of birth too often, so the place is locked. Call or unlock.")
                facts = {"kind": "locked", "entry": now["id"], "participant": person["id"]}
                session.push({"type": "warning", **facts, "sentence": words % {"name": person["name"]}})

    def _shown(self, session: DeskSession, entry: Entry) -> Json:
        links = {ref: link for each in self._elsewhere.get(entry.meeting, {}).values() for ref, link in each.items()}
        room = self.hub.rooms.get(entry.meeting)
        if room is not None:
            links |= {ref: room.link(ref) for ref in room.members}
        with translation.override(session.language):
            return entry.shown_to(session.reader.provider_id, links)


def _is_locked(person: Json) -> bool:
    return person["identity"] is not None and person["identity"]["state"] == "locked"
