"""Recording over the socket: asking everybody, starting once all agreed, stopping at the first no."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.meetings import recordings
from vestibule.meetings.backends import backend_named
from vestibule.meetings.carrying import SFU
from vestibule.meetings.models import Recording
from vestibule.meetings.ports import BackendError
from vestibule.people.errors import Refusal
from vestibule.web.live import carriers, shapes
from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import ID, Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

log = logging.getLogger(__name__)
SHAPES: Mapping[str, Shape] = {
    "record_ask": {},
    "record_answer": {"recording": (ID, True), "agree": (shapes.boolean, True)},
    "record_stop": {},
}


async def ask(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Ask everybody in the call whether it may be recorded."""
    session.require_inside()
    await hub.run(recordings.ask, session.seat)
    await proceed(hub, session.room.ref)


async def answer(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Agree, or say no, which ends it."""
    session.require_inside()
    told = await hub.run(recordings.answer, session.seat, message["recording"], message["agree"])
    await _end(hub, told)
    await proceed(hub, session.room.ref)


async def stop(hub: "Hub", session: VisitSession, message: Message) -> None:
    """End the recording."""
    session.require_inside()
    told = await hub.run(recordings.stop, session.seat)
    if told is not None:
        await _end(hub, told)
    hub.changed(session.room.ref)


async def proceed(hub: "Hub", meeting_ref: str) -> None:
    """Start the recording everybody in the call agreed to, if there is one; show how it stands."""
    try:
        start = await hub.run(recordings.claim_start, meeting_ref)
    except Refusal as refused:  # what it needs was taken away since it was asked for
        log.warning("a recording could not begin: %s", refused)
        start = None
    await hub.refresh(meeting_ref, tell_others=True)
    if start is not None:
        await _begin(hub, start)
        await hub.refresh(meeting_ref, tell_others=True)


async def _begin(hub: "Hub", start: recordings.Start) -> None:
    backend = backend_named(start.room.backend)
    try:
        if start.move is not None:
            await carriers.move(hub, start.move)
        name = await backend.start_recording(start.room, start.place)
        if not await hub.run(recordings.started, start.recording, name):
            await _stop(name)
    except (BackendError, Refusal) as failure:
        log.warning("a recording could not begin: %s", failure)
        await hub.run(recordings.failed, start.recording, recordings.NOT_STARTED)


async def stop_ended(hub: "Hub") -> None:
    """Ask again for the end of each recording that was ended here while the media server did not answer."""
    for name in await hub.run(recordings.still_to_stop):
        await _stop(name)


async def _end(hub: "Hub", recording: Recording) -> None:
    """Stop a recording on the media server; its room's end would stop it too."""
    if recording.state == Recording.State.STOPPING and recording.backend_ref:
        await _stop(recording.backend_ref)


async def _stop(name: str) -> None:
    try:
        await backend_named(SFU).stop_recording(name)
    except BackendError as failure:
        log.warning("a recording could not be stopped, this is tried again: %s", failure)


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "record_ask": ask,
    "record_answer": answer,
    "record_stop": stop,
}
