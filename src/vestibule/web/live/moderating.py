"""What somebody in the call does to the call: raising a hand, reacting, muting others, locking the room, captions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vestibule.meetings import call_log, calls
from vestibule.meetings.backends import backend_named
from vestibule.meetings.models import VisitRules
from vestibule.meetings.ports import RoomRef
from vestibule.people.errors import NotFound, NotPermitted, TooMany
from vestibule.store import clock
from vestibule.web.live import hosting, shapes, snapshots
from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import ID, SEAT, Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

REACTIONS = ("thumbs_up", "clap", "heart", "laugh", "question", "wave")
SHAPES: Mapping[str, Shape] = {
    "raise_hand": {"on": (shapes.boolean, True), "participant": (ID, False)},
    "react": {"reaction": (shapes.one_of(*REACTIONS), True)},
    "mute": {**SEAT, "source": (shapes.one_of("mic", "cam", "screen"), True)},
    "mute_others": {},
    "lock_room": {"on": (shapes.boolean, True)},
    "caption": {
        "line": (shapes.integer(1), True),
        "text": (shapes.text(500, 1), True),
        "final": (shapes.boolean, True),
        "spoken": (shapes.boolean, True),
    },
    "log": {"events": (lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value), True)},
}


async def raise_hand(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Raise or lower the own hand; who moderates lowers others' too."""
    seat = session.require_seat()
    whose = message.get("participant", session.seat)
    if whose != session.seat:
        await hub.run(calls.may_moderate, session.seat)
        if message["on"]:
            raise NotPermitted(_("Only they can raise their hand."))
        session.room.lower_hand(whose)
        return
    seat.hand = (seat.hand or snapshots.stamp(clock.now())) if message["on"] else None
    session.room.announce()
    session.room.show_roster()


async def react(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Show a reaction to everybody inside, the sender too. It is not kept."""
    session.require_seat()
    if not session.reactions.take(hub.loop.time()):
        raise too_many()
    session.room.say({"type": "reaction", "from": session.seat, "reaction": message["reaction"]}, numbered=False)


async def mute(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Silence one source of somebody: the media server does it, or their browser is told to."""
    by = await hub.run(calls.may_moderate, session.seat)
    if message["participant"] not in session.room.all_seats():
        raise NotFound(_("That person is not in the call."))
    await _silence(session, by.name, message["participant"], message["source"])


async def mute_others(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Silence every other microphone that is on."""
    by = await hub.run(calls.may_moderate, session.seat)
    for ref, seat in session.room.all_seats().items():
        if ref != session.seat and seat.media["mic"]:
            await _silence(session, by.name, ref, "mic")


async def lock_room(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Let nobody new in, or again."""
    session.require_inside()
    await hub.run(calls.lock, session.seat, message["on"])
    hub.changed(session.room.ref)


async def remove(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Take somebody out: staff as hosts, others if their role moderates."""
    if session.staff is None:
        if not session.inside:
            hosting.staff_only(session)
        await hub.run(calls.put_out, session.seat, message["participant"])
        hub.changed(session.room.ref)
        return
    await hub.run(calls.may_moderate, session.seat)
    await hosting.act(hub, session, message)


async def caption(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Show words as a caption under the speaker's name. They are not kept."""
    session.require_seat()
    view = session.room.view
    assert view is not None, "a room is read before anybody is in it"
    if message["spoken"] and view.facts["rules"]["captions"] != VisitRules.Captions.BROWSER:
        raise NotPermitted(_("This business does not use speech recognition. You can type captions."))
    if not session.captions.take(hub.loop.time()):
        raise too_many()
    facts = {key: message[key] for key in ("line", "text", "final", "spoken")}
    # What is still being said comes again a moment later; what is final must not get lost.
    session.room.say({"type": "caption", "from": session.seat, **facts}, numbered=message["final"])


async def keep_log(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Keep what the browser says about its side of the call, for support."""
    session.require_inside()
    if session.logs.take(hub.loop.time()):
        await hub.run(call_log.record, session.seat, message["events"])


async def _silence(session: VisitSession, by: str, ref: str, source: str) -> None:
    room = session.room
    assert room.view is not None, "a room is read before anybody is in it"
    backend = backend_named(room.view.backend)
    forced = backend.capabilities.remote_mute
    if forced:
        await backend.mute(RoomRef(room.view.backend, room.ref, epoch=room.view.epoch), ref, source)
    room.to_one(ref, {"type": "muted", "by": by, "source": source, "forced": forced})


def too_many() -> TooMany:
    """Return the refusal of what one session does too often."""
    return TooMany(_("Too much at once, so this was not done. Wait a moment and try again."), retry_after=1)


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "raise_hand": raise_hand,
    "react": react,
    "mute": mute,
    "mute_others": mute_others,
    "lock_room": lock_room,
    "remove": remove,
    "caption": caption,
    "log": keep_log,
}
