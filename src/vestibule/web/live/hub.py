"""One process' live side: rooms and desks in memory, the database in a few threads, other processes over the bus.

Everything here runs on one event loop, so there are no locks. What must outlive the process is in the database:
the hub re-reads it when told that something changed, and shows everyone the difference.
"""

import asyncio
import gc
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar

import orjson
from django.conf import settings
from django.db import connections
from django.utils import translation

from vestibule.meetings import areas, housekeeping, prepared, presence, waiting
from vestibule.meetings.conversation import Notice
from vestibule.meetings.ports import LiveBus
from vestibule.people import audit
from vestibule.store.threads import fresh_connection, let_go
from vestibule.web.live import authorise, carriers, recording, recovery, snapshots, talk_door, threads
from vestibule.web.live.attendance import SETTLE_SECONDS, Attendance
from vestibule.web.live.bus import InProcessBus
from vestibule.web.live.changes import News, Trail
from vestibule.web.live.desks import Desk
from vestibule.web.live.farewells import Farewell
from vestibule.web.live.lines import Lines
from vestibule.web.live.rooms import Room, VisitSession
from vestibule.web.live.sessions import Session

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
GRACE_SECONDS = 60.0
SILENCE_SECONDS = 6.0
ANNOUNCE_SECONDS = 15.0
TRAIL_SECONDS = 1.0
STAFF_SECONDS = 3.0
HOUSE_SECONDS = 60.0
WORDS_SECONDS = 10.0
FILES_SECONDS = 5.0
RECORDER_SECONDS = 10.0
FILES_WAIT = timedelta(seconds=20)
THREADS = 4


class Hub:
    """Rooms by meeting and desks by business, for one event loop."""

    def __init__(self, bus: LiveBus | None = None, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self.loop = asyncio.get_running_loop()
        self.grace_seconds = grace_seconds
        self.origin = secrets.token_hex(6)
        self.rooms: dict[str, Room] = {}
        self.desks: dict[int, Desk] = {}
        self._bus: LiveBus = bus or InProcessBus()
        self.is_alone = bus is None
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
        self._files = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._outside = ThreadPoolExecutor(THREADS, thread_name_prefix="outside")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._refreshing: dict[str, asyncio.Future[None]] = {}
        self._wanted: dict[str, tuple[bool, bool]] = {}
        self._listeners: dict[int, int] = {}
        self._trail = Trail()
        self.lines = Lines(self)
        self.attendance = Attendance(self)
        self._announced = self.loop.time()

    async def start(self) -> None:
        """Connect the bus and begin to look after silent sessions."""
        # What is loaded by now stays for good; walking it at each full collection would stall everyone for 0.2 s.
        gc.collect()
        gc.freeze()
        await self._bus.start(self._on_bus)
        self.spawn(self._every(1, self._look_after))
        self.spawn(self._every(TRAIL_SECONDS, self._follow_trail))
        self.spawn(self._every(HOUSE_SECONDS, self._keep_house))
        self.spawn(self._every(WORDS_SECONDS, self._send_due_words))
        self.spawn(self._every(STAFF_SECONDS, self._watch_staff))
        self.spawn(self._every(FILES_SECONDS, self._check_left_files))
        self.spawn(self._every(RECORDER_SECONDS, self._stop_recordings))
        self.spawn(self._every(SETTLE_SECONDS, self.attendance.settle))
        if self.is_alone:
            self.spawn(self._let_go_of_the_lost())

    async def stop(self) -> None:
        """Stop all work and let go of the database; the web server has closed the sockets (1012)."""
        for task in list(self._tasks):
            task.cancel()
        await self._bus.stop()
        await asyncio.to_thread(self._close_connections)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work`, which may use the database, in one of the hub's threads, in the language of who asks for it."""
        guarded = partial(_with_fresh_connection, translation.get_language(), partial(work, *args, **kwargs))
        return await self.loop.run_in_executor(self._pool, guarded)

    async def run_and_show(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` as `run` does. The caller shows what it changed, so what it wrote into the trail is no news."""
        noted, result = await self.run(_noting, partial(work, *args, **kwargs))
        self._trail.own.extend(noted)
        return result

    async def run_outside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work`, which asks somebody else's server, where nothing that is said here waits for it."""
        guarded = partial(_with_fresh_connection, translation.get_language(), partial(work, *args, **kwargs))
        return await self.loop.run_in_executor(self._outside, partial(_and_close, guarded))

    def _close_connections(self) -> None:
        let_go(self._pool, THREADS)
        let_go(self._files, 1)
        self._outside.shutdown(cancel_futures=True)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` beside everything else; what it raises is logged."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def room(self, meeting_ref: str, business_id: int) -> Room:
        """Return the room of a meeting, making it when its first person comes."""
        found = self.rooms.get(meeting_ref)
        if found is None:
            found = self.rooms[meeting_ref] = Room(self, meeting_ref, business_id)
            self._listen(business_id)
            self.publish(business_id, "who", meeting=meeting_ref)
        return found

    def desk(self, business_id: int) -> Desk:
        """Return the desks of a business, making them when the first one opens."""
        found = self.desks.get(business_id)
        if found is None:
            found = self.desks[business_id] = Desk(self, business_id)
            self._listen(business_id)
            self.publish(business_id, "who")
        return found

    def forget_room(self, room: Room) -> None:
        """Drop a room nobody of this process is in any more."""
        if self.rooms.get(room.ref) is room and not room.members and not room.readers:
            room.announce()
            del self.rooms[room.ref]
            self._unlisten(room.business_id)

    def forget_desk(self, desk: Desk) -> None:
        """Drop a business' desks when the last one has closed."""
        if self.desks.get(desk.business_id) is desk and not desk.sessions:
            del self.desks[desk.business_id]
            self._unlisten(desk.business_id)

    def changed(self, meeting_ref: str) -> None:
        """The stored state of a meeting changed: show everyone, in every process."""
        if self.rooms or self.desks or not self.is_alone:
            self.spawn(self.refresh(meeting_ref, tell_others=True))

    def desk_changed(self, business_id: int) -> None:
        """Something about a business' day changed that no single meeting stands for."""
        self.publish(business_id, "desk")
        if business_id in self.desks:
            self.spawn(self.desks[business_id].reload())

    async def refresh(self, meeting_ref: str, *, tell_others: bool = False, queue: bool = True) -> None:
        """Read a meeting again and show the difference; calls during a reading become one more reading.

        `tell_others`: in other processes too. `queue`: also to those who wait behind it.
        """
        tell, line = self._wanted.get(meeting_ref, (False, False))
        self._wanted[meeting_ref] = (tell or tell_others, line or queue)
        if meeting_ref in self._refreshing:
            await asyncio.shield(self._refreshing[meeting_ref])
            return
        finished = self._refreshing[meeting_ref] = self.loop.create_future()
        try:
            while meeting_ref in self._wanted:
                tell, line = self._wanted.pop(meeting_ref)
                view = await self.run(snapshots.view, meeting_ref)
                if view is not None:
                    await self.show(view, tell_others=tell, queue=line)
        finally:
            self._wanted.pop(meeting_ref, None)
            del self._refreshing[meeting_ref]
            finished.set_result(None)

    async def show_presence(self, provider_id: int | None, business_id: int) -> None:
        """A provider came to, or left, desk or call: store it and tell those who wait for them."""
        if provider_id is None:
            return
        at_desk = provider_id in self.attendance.of(business_id)
        if await self.run(presence.show, provider_id, at_desk=at_desk) is not None:
            self.setting_changed(business_id)

    def say(self, business_id: int, meeting_ref: str, message: snapshots.Json, *, numbered: bool = True) -> None:
        """Show `message` to everybody inside a meeting, and what is said in its thread to who reads it, everywhere."""
        if meeting_ref in self.rooms:
            self.rooms[meeting_ref].say(message, numbered=numbered)
        else:
            self.publish(business_id, "say", meeting=meeting_ref, message=message, numbered=numbered)

    async def check_files(self, waited: timedelta = timedelta(0)) -> None:
        """Look into files that came whole so long ago, one after the other, and show what came of it."""
        look = partial(_with_fresh_connection, None, partial(threads.checked, waited))
        for business_id, meeting_ref, message in await self.loop.run_in_executor(self._files, look):
            self.say(business_id, meeting_ref, message)

    def spread_notice(self, notice: Notice, business_id: int, role: str, by: Session | None = None) -> None:
        """Show one message of a waiting conversation to the waiting person and to staff, everywhere."""
        item = snapshots.notice_item(notice, role)
        self.publish(business_id, "notice", meeting=notice.meeting, item=item)
        self._show_notice(business_id, notice.meeting, item, by, notice.client_id)

    def publish(self, business_id: int, kind: str, **facts: Any) -> None:
        """Tell the other processes."""
        if not self.is_alone:
            message = {"origin": self.origin, "kind": kind, **facts}
            self._bus.publish(_channel(business_id), orjson.dumps(message))

    def _show_notice(
        self, business_id: int, meeting: str, item: dict[str, Any], by: Session | None = None, client_id: str = ""
    ) -> None:
        if meeting in self.rooms:
            self.rooms[meeting].show_notice(item, by, client_id)
        if business_id in self.desks:
            self.desks[business_id].show_notice(meeting, item, by, client_id)

    async def show(self, view: snapshots.View, *, tell_others: bool, queue: bool = True) -> None:
        """Show everyone what `view`, just read, changes for them."""
        if tell_others:
            self.publish(view.business_id, "changed", meeting=view.ref)
        room = self.rooms.get(view.ref)
        if room is not None:
            room.apply(view)
            if room.readers:
                self.spawn(talk_door.look_again(self, room))
        elif view.is_over and tell_others:
            carriers.close(self, view)  # nobody of ours is in it; somebody without a socket may be
        if view.business_id in self.desks:
            await self.desks[view.business_id].meeting_changed(view.ref)
        if queue:
            self.lines.changed(view.business_id)
        if queue and view.provider_id is not None:
            for other in list(self.rooms.values()):
                if other.ref != view.ref and other.is_hosted_by(view.provider_id):
                    self.spawn(other.show_next())

    def _on_bus(self, channel: str, raw: bytes) -> None:
        message = orjson.loads(raw)
        if message["origin"] == self.origin:
            return
        kind, meeting, business_id = message["kind"], message.get("meeting", ""), int(channel.rpartition(".")[2])
        if not meeting:
            self._on_business(business_id, kind, message)
        elif kind == "changed":
            self.spawn(self.refresh(meeting))
        elif kind == "notice":
            self._show_notice(business_id, meeting, message["item"])
        else:
            if meeting in self.rooms:
                self.rooms[meeting].on_bus(kind, message)
            if kind == "who":
                self.attendance.announce(business_id)
            if kind == "seats" and business_id in self.desks:
                self.desks[business_id].heard_links(meeting, message["origin"], message["links"])

    def _on_business(self, business_id: int, kind: str, message: snapshots.Json) -> None:
        """Act on what another process says about a business as a whole."""
        if kind == "desk" and business_id in self.desks:
            self.spawn(self.desks[business_id].reload())
        elif kind == "setting":
            self._show_setting(business_id)
        elif kind == "at_desk":
            self.attendance.heard(business_id, message["origin"], message["providers"])
        elif kind == "who":
            self.attendance.announce(business_id)
            for room in self.rooms.values():
                if room.business_id == business_id:
                    room.announce()

    def _listen(self, business_id: int) -> None:
        self._listeners[business_id] = self._listeners.get(business_id, 0) + 1
        if self._listeners[business_id] == 1:
            self._bus.subscribe(_channel(business_id))
            self.attendance.listens(business_id, on=True)

    def _unlisten(self, business_id: int) -> None:
        self._listeners[business_id] -= 1
        if not self._listeners[business_id]:
            del self._listeners[business_id]
            self._bus.unsubscribe(_channel(business_id))
            self.attendance.listens(business_id, on=False)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` again and again. No fault ends it: nobody would notice until somebody is missed."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception:
                log.exception("%s failed and is tried again", work.__name__)

    async def _look_after(self) -> None:
        now = self.loop.time()
        announce = not self.is_alone and now - self._announced >= ANNOUNCE_SECONDS
        self._announced = now if announce else self._announced
        for room in list(self.rooms.values()):
            room.look_after(now, SILENCE_SECONDS)
            if announce:
                room.announce()
        for business_id in list(self._listeners) if announce else ():
            self.attendance.announce(business_id)

    async def _follow_trail(self) -> None:
        looked_at = {room.business_id for room in self.rooms.values()} | set(self.desks)
        news = await self.run(self._trail.news, looked_at)
        for meeting in {*news.meetings, *news.meeting_of.values()} & set(self.rooms):
            self.spawn(self.refresh(meeting))
        for business_id in set(news.settings):
            self._show_setting(business_id)
        for business_id in {*news.meetings.values(), *news.appointments.values()} & set(self.desks):
            self._show_elsewhere(business_id, news)

    def _show_elsewhere(self, business_id: int, news: News) -> None:
        """Show the desks what changed of meetings that nobody of this process is in; the others were shown already."""
        desk = self.desks[business_id]
        for meeting, business in news.meetings.items():
            if business == business_id and meeting not in self.rooms:
                self.spawn(desk.meeting_changed(meeting))
        changed = [ref for ref, business in news.appointments.items() if business == business_id]
        elsewhere = [ref for ref in changed if news.meeting_of.get(ref, "") not in self.rooms]
        if elsewhere:
            self.spawn(desk.appointments_changed(elsewhere))

    def setting_changed(self, business_id: int) -> None:
        """An area, a prepared text or a provider of a business changed: show every desk and queue, everywhere."""
        self.publish(business_id, "setting")
        self._show_setting(business_id)

    def _show_setting(self, business_id: int) -> None:
        areas.forget(business_id)
        if business_id in self.desks:
            self.spawn(self.desks[business_id].setting_changed())
        for room in list(self.rooms.values()):
            if room.business_id == business_id and not room.is_waited_in:
                self.spawn(self.refresh(room.ref, queue=False))
        self.lines.changed(business_id)  # shows it to those who wait, however many they are

    async def _send_due_words(self) -> None:
        for business_id, notice in await self.run(prepared.send_due):
            self.spread_notice(notice, business_id, "manager")
        self.lines.changed_everywhere()

    async def _keep_house(self) -> None:
        for meeting in await self.run(housekeeping.end_forgotten):
            self.changed(meeting)
        await self.run(housekeeping.forget_old_events)
        for desk in list(self.desks.values()):
            self.spawn(desk.setting_changed())  # hours begin and end

    async def _check_left_files(self) -> None:
        """Files whose process went away, or whose scanner was silent, are looked into by whoever is there."""
        await self.check_files(FILES_WAIT)

    async def _stop_recordings(self) -> None:
        await recording.stop_ended(self)

    async def _watch_staff(self) -> None:
        """Whoever no longer works for a business sees no more of it, also in a page that was open."""
        watched: list[tuple[Session, Callable[[Farewell], None]]] = [
            *((one, partial(room.end, one)) for room in self.rooms.values() for one in room.staff()),
            *((one, partial(desk.end, one)) for desk in self.desks.values() for one in desk.sessions.values()),
            *(
                (one, partial(talk_door.end_reader, one))
                for room in self.rooms.values()
                for one in room.staff_readers()
            ),
        ]
        people = {one.staff for one, _end in watched if one.staff is not None}
        roles = await self.run(authorise.roles, people) if people else {}
        for session, end in watched:
            role = roles.get(session.staff) if session.staff is not None else None
            if not session.ended and (role is None or not session.fits(role)):
                end(Farewell("not_authorised"))
                if isinstance(session, VisitSession):  # a media server still has them in the call
                    self.spawn(self._let_go(session.seat, session.room.ref))

    async def _let_go_of_the_lost(self) -> None:
        before = await self.run(recovery.left_behind)
        await asyncio.sleep(self.grace_seconds)
        for seat, meeting in before:
            room = self.rooms.get(meeting)
            if room is None or seat not in room.members:
                self.spawn(self._let_go(seat, meeting))

    async def _let_go(self, seat: str, meeting: str) -> None:
        await self.run(waiting.gone, seat)
        await self.refresh(meeting)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("live work failed", exc_info=task.exception())


def _and_close(work: Callable[[], T]) -> T:
    """Do `work` in a thread that may wait for minutes until its next: it keeps no connection meanwhile."""
    try:
        return work()
    finally:
        connections.close_all()


def _with_fresh_connection(language: str | None, work: Callable[[], T]) -> T:
    with fresh_connection(), translation.override(language or settings.LANGUAGE_CODE):
        return work()


def _noting(work: Callable[[], T]) -> tuple[list[int], T]:
    with audit.noting() as noted:
        result = work()
    return noted, result


def _channel(business_id: int) -> str:
    return f"vestibule.live.{business_id}"
