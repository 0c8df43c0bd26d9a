"""What carries the call of a room: credentials for each person in it, moving it live, and whom the server lets stay.

Nothing here is known by heart: the stored meeting says what carries the call, and every process brings its own people
there.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from vestibule.meetings import carrying, outside_calls, roles
from vestibule.meetings.backends import backend_named
from vestibule.meetings.ports import BackendError, JoinInfo, RoomRef
from vestibule.people.errors import Refusal
from vestibule.people.ways import Join
from vestibule.web.live import snapshots
from vestibule.web.live.snapshots import Json, View

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub
    from vestibule.web.live.rooms import Room, VisitSession

log = logging.getLogger(__name__)
GUARD_SECONDS = 660.0
"""How long a token that was given may still admit: so long somebody who was removed is looked for.

Ours last five minutes, but a media server hands those who are inside newer ones: LiveKit's last ten.
"""
LOOK_SECONDS = 3.0
LINGER_SECONDS = 8.0
TRIES = 5


def where(view: View) -> RoomRef:
    """Return where the call of a meeting is."""
    return RoomRef(view.backend, view.ref, epoch=view.epoch)


def is_outside(view: View | None) -> bool:
    """Tell whether Microsoft carries the call of a meeting, joined on our page."""
    return view is not None and view.facts.get("join_by") == Join.ACS_CALLING


async def credentials(view: View, ref: str) -> JoinInfo:
    """Return what a participant who was let in needs to join. Raises BackendError."""
    backend = backend_named(view.backend)
    person = view.people[ref]
    room = await backend.ensure_room(view.ref, view.epoch)
    return await backend.join_info(room, ref, person.name, roles.may_send(person.role_in_call, shares=person.shares))


async def path(view: View, ref: str) -> JoinInfo:
    """Return fresh credentials of the network path for somebody in the call. Raises BackendError."""
    return await backend_named(view.backend).refresh(where(view), ref)


def ice(info: JoinInfo) -> Json:
    """Return an `ice` message."""
    servers = [server.as_json() for server in info.ice_servers]
    return {"type": "ice", "servers": servers, "expires_at": snapshots.stamp(info.expires_at)}


async def move(hub: "Hub", step: carrying.Move) -> None:
    """Make the new room, then store the move; every process brings its people. Raises BackendSilent."""
    try:
        await backend_named(step.room.backend).ensure_room(step.meeting, step.room.epoch)
    except BackendError as failure:
        log.warning("a call could not move: %s", failure)
        raise carrying.silent(step.room.backend) from failure
    if await hub.run(carrying.moved, step):
        await hub.refresh(step.meeting, tell_others=True)


async def before_joining(hub: "Hub", room: "Room", ref: str) -> None:
    """Make room for one more, where that takes a move. Raises CallFull or BackendSilent."""
    if is_outside(room.view):
        return  # how many fit is Microsoft's to say
    step = await hub.run(carrying.before_joining, ref)
    if step is not None:
        await move(hub, step)


async def joining(hub: "Hub", room: "Room", ref: str) -> JoinInfo:
    """Return what somebody needs to join; where the media server is silent and four fit, the browsers carry the call.

    Raises BackendSilent when nothing else can carry it, and where Microsoft carries it as `outside_calls.join_info`.
    """
    assert room.view is not None, "a room is read before anybody is in it"
    if is_outside(room.view):
        return await hub.run_outside(outside_calls.join_info, ref)
    try:
        return await credentials(room.view, ref)
    except BackendError as failure:
        log.warning("no credentials for a call: %s", failure)
        step = await hub.run(carrying.after_silence, ref)
        if step is None:
            raise carrying.silent(room.view.backend) from failure
        await move(hub, step)
        return await credentials(room.view, ref)


def bring(room: "Room", session: "VisitSession", view: View, why: str = "") -> None:
    """Tell somebody in the call, who was told of an older epoch, where it is carried now."""
    seat = room.seats.get(session.seat)
    if seat is None or seat.offered >= view.epoch:
        return
    seat.offered = view.epoch
    room.hub.spawn(_bring(room, session, view.epoch, why))


async def _bring(room: "Room", session: "VisitSession", epoch: int, why: str) -> None:
    for attempt in range(TRIES):
        view, seat = room.view, room.seats.get(session.seat)
        if view is None or seat is None or view.epoch != epoch or not session.inside:
            return
        try:
            info = await joining_again(room, view, session.seat)
        except (BackendError, Refusal) as failure:
            log.warning("nobody can be brought to %s: %s", view.backend, failure)
            await asyncio.sleep(1 + attempt)
            continue
        session.push(ice(info))
        session.push({"type": "backend", "backend": info.as_json(), "why": why})
        return


async def joining_again(room: "Room", view: View, ref: str) -> JoinInfo:
    """Return what somebody in the call needs to be brought to where it is carried now."""
    if is_outside(view):
        return await room.hub.run_outside(outside_calls.join_info, ref)
    return await credentials(view, ref)


def follow_roles(room: "Room", view: View) -> None:
    """Let the media server take or give what a changed role takes or gives; call it before `view` is taken in."""
    before = room.view
    if before is None or before.read_at > view.read_at or not backend_named(view.backend).capabilities.remote_mute:
        return
    for ref in room.seats:
        old, new = before.people.get(ref), view.people.get(ref)
        if old is not None and new is not None and old.role_in_call != new.role_in_call:
            room.hub.spawn(_allow(view, ref, roles.may_send(new.role_in_call, shares=new.shares)))


async def _allow(view: View, ref: str, may_send: frozenset[str]) -> None:
    try:
        await backend_named(view.backend).allow(where(view), ref, may_send)
    except BackendError as failure:
        log.warning("a role could not be changed on the media server: %s", failure)


def put_out(room: "Room", ref: str) -> None:
    """Take somebody who is no longer in the call out of the media server's room too, and keep them out."""
    view = room.view
    if view is not None and backend_named(view.backend).capabilities.remote_kick:
        room.hub.spawn(_keep_out(room.hub, view, ref))


async def _keep_out(hub: "Hub", view: View, ref: str) -> None:
    """A token cannot be taken back, so until it has expired somebody removed is put out as often as they come.

    The media server tells of each who comes (`/hooks/livekit`), and they are put out then. Where its word gets lost, or
    nobody set it up, a look now and then finds them: soon after the removal, then ever more rarely.
    """
    if not await hub.run(carrying.is_shut_out, ref):
        # They left, or their page loads anew: only what is still there after a while is a leftover.
        await asyncio.sleep(LINGER_SECONDS)
        if await hub.run(carrying.is_in_call, ref):
            return
    until, pause = hub.loop.time() + GUARD_SECONDS, LOOK_SECONDS / 2
    while True:
        # Whoever came again may be trying: look again soon. Nobody there, and the looks become rare.
        pause = LOOK_SECONDS if await _put_out_now(view, ref) else pause * 2
        await asyncio.sleep(pause)
        if hub.loop.time() > until or not await hub.run(carrying.is_shut_out, ref):
            return


async def _put_out_now(view: View, ref: str) -> bool:
    """Put somebody out if they are in the room; tell whether they were, as far as the media server answers."""
    backend, room = backend_named(view.backend), where(view)
    try:
        is_there = ref in await backend.participants(room)
        if is_there:
            await backend.remove(room, ref)
    except BackendError as failure:
        log.warning("somebody could not be put out of a call: %s", failure)
        return False
    return is_there


def close(hub: "Hub", view: View) -> None:
    """The meeting is over: nobody stays in the media server's room."""
    if backend_named(view.backend).capabilities.remote_kick:
        hub.spawn(_close(view))


async def _close(view: View) -> None:
    try:
        await backend_named(view.backend).end(where(view))
    except BackendError as failure:
        log.warning("a room could not be closed, it will close when it is empty: %s", failure)
