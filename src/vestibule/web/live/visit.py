"""The door `/ws/visit`: one participant of one meeting."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from django.utils.translation import gettext as _

from vestibule.meetings import calls, elsewhere, identity, recordings, roles, waiting
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.web import languages
from vestibule.web.live import (
    authorise,
    carriers,
    chatting,
    hosting,
    inviting,
    moderating,
    moving,
    recording,
    snapshots,
)
from vestibule.web.live.authorise import Credentials, Visitor
from vestibule.web.live.farewells import Farewell, Refused
from vestibule.web.live.messages import VISIT, BadMessage
from vestibule.web.live.rooms import VisitSession, farewell_for
from vestibule.web.live.sessions import Session
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json, Person, View

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub


TOPICS = (chatting, moderating, moving, recording, inviting)
"""What is said in a visit besides coming, going and signalling. Each has `SHAPES` and `HANDLERS` by type."""


SHAPES: Mapping[str, Shape] = {**VISIT, **{kind: shape for topic in TOPICS for kind, shape in topic.SHAPES.items()}}


WRITTEN_DOWN = frozenset(
    {"enter_waiting", "leave_waiting", "give_identity", "join_call", "leave_call", "line_failed", "record_answer"}
)
"""What leaves a line in the meeting's log each time. Nobody from outside fills that."""


class VisitDoor:
    """Opens, runs and loses the sessions of participants."""

    shapes = SHAPES

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self._handlers: dict[str, Callable[[VisitSession, Message], Awaitable[None]]] = {
            "devices": self._devices,
            "set_name": self._set_name,
            "enter_waiting": self._enter_waiting,
            "leave_waiting": self._leave_waiting,
            "give_identity": self._give_identity,
            "get_ice": self._get_ice,
            "join_call": self._join_call,
            "leave_call": self._leave_call,
            "media": self._media,
            "signal": self._signal,
            "end_for_all": self._end_for_all,
            "make_again": self._about_the_place,
            "meet_here": self._about_the_place,
        }
        for topic in TOPICS:
            self._handlers |= {kind: partial(handle, hub) for kind, handle in topic.HANDLERS.items()}

    async def find(self, given: Credentials, hello: Message) -> tuple[Session | None, Visitor]:
        """Return whom the credentials stand for, and the session they have, if any. Raises Refused."""
        who = await self.hub.run(authorise.visitor, given, hello.get("meeting", ""))
        if who is None:
            raise Refused(Farewell("not_authorised"))
        if who.staff is None:
            languages.settle(who.business)
        room = self.hub.rooms.get(who.meeting)
        return (room.members.get(who.seat) if room is not None else None), who

    async def open(self, who: Visitor, hello: Message) -> VisitSession:
        """Begin a session. Raises Refused when the meeting is over or the person was turned away."""
        await self.hub.run_and_show(waiting.arrive, who.seat)
        view = await self.hub.run(snapshots.view, who.meeting)
        farewell = farewell_for(view, view.people.get(who.seat)) if view is not None else Farewell("not_authorised")
        if farewell is not None or view is None:
            raise Refused(farewell or Farewell("not_authorised"))
        room = self.hub.room(who.meeting, who.business.pk)
        room.learn(view)
        session = VisitSession(who.seat, room, who.staff, who.provider_id)
        room.enter(session)
        session.opened_with = view
        return session

    def greeting(self, session: Session) -> Json:
        """Return the fields of `welcome` that belong to this door."""
        assert isinstance(session, VisitSession)
        view = session.room.view
        assert view is not None, "a session opens after its meeting was read"
        session.told.setdefault("meeting", {"meeting": view.facts})
        return greeting_of(view, view.people[session.seat])

    async def opened(self, session: Session) -> None:
        """The welcome is out: show the new session everything, and the others that it came."""
        assert isinstance(session, VisitSession)
        view, session.opened_with = session.opened_with, None
        if view is not None:
            await self.hub.show(view, tell_others=True)
        await self._show_presence(session)

    def resumed(self, session: Session) -> None:
        """The session has a new socket."""
        assert isinstance(session, VisitSession)
        session.room.set_connection(session.seat, "ok")

    def lost(self, session: Session) -> None:
        """The session has no socket; it may come back within the grace."""
        assert isinstance(session, VisitSession)
        session.room.set_connection(session.seat, "reconnecting")

    async def expired(self, session: Session) -> None:
        """Nobody came back in time: the participant has left."""
        assert isinstance(session, VisitSession)
        room = session.room
        if room.members.get(session.seat) is not session:
            return
        session.ended = True
        del room.members[session.seat]
        room.stand_up(session.seat)
        await self.hub.run_and_show(waiting.gone, session.seat)
        await self.hub.refresh(room.ref, tell_others=True)
        self.hub.forget_room(room)
        await self._show_presence(session)

    def end(self, session: Session, farewell: Farewell) -> None:
        """Say goodbye for good."""
        assert isinstance(session, VisitSession)
        session.room.end(session, farewell)

    async def handle(self, session: Session, message: Message) -> None:
        """Act on one message. Raises Refusal when it may not or cannot be done."""
        assert isinstance(session, VisitSession)
        kind = message["type"]
        if session.staff is None and kind in WRITTEN_DOWN and not session.deeds.take(self.hub.loop.time()):
            raise moderating.too_many()
        handler = self._handlers.get(kind)
        if handler is not None:
            await handler(session, message)
        else:
            await hosting.act(self.hub, session, message)

    # --- at the door ---------------------------------------------------------------------------------------------

    async def _devices(self, session: VisitSession, message: Message) -> None:
        report = {key: message[key] for key in waiting.DEVICE_STATES if key in message}
        await self.hub.run(waiting.report_devices, session.seat, report)
        self.hub.changed(session.room.ref)

    async def _set_name(self, session: VisitSession, message: Message) -> None:
        await self.hub.run(waiting.set_name, session.seat, message["name"])
        self.hub.changed(session.room.ref)

    async def _enter_waiting(self, session: VisitSession, message: Message) -> None:
        await self.hub.run_and_show(waiting.enter_waiting, session.seat, message.get("name", ""))
        self.hub.changed(session.room.ref)

    async def _leave_waiting(self, session: VisitSession, message: Message) -> None:
        if session.staff is not None:
            raise NotPermitted(_("Staff do not wait."))
        await self.hub.run_and_show(waiting.leave_waiting, session.seat)
        self.hub.changed(session.room.ref)

    async def _give_identity(self, session: VisitSession, message: Message) -> None:
        try:
            await self.hub.run_and_show(identity.give, session.seat, message["fields"])
        finally:  # staff see wrong tries too
            self.hub.changed(session.room.ref)

    # --- the call ------------------------------------------------------------------------------------------------

    async def _get_ice(self, session: VisitSession, message: Message) -> None:
        await self.hub.run(calls.require_in, session.seat)
        assert session.room.view is not None, "a room is read before anybody is in it"
        session.push(carriers.ice(await carriers.path(session.room.view, session.seat)))

    async def _join_call(self, session: VisitSession, message: Message) -> None:
        room = session.room
        seat = await self.hub.run(calls.require_in, session.seat)
        await self.hub.run(elsewhere.require_here, seat)
        _require_allowed(seat.role, message["media"], shares=_shares(session))
        await self.hub.run(recordings.require_consent, session.seat)
        await carriers.before_joining(self.hub, room, session.seat)
        info = await carriers.joining(self.hub, room, session.seat)
        await self.hub.run_and_show(recordings.join_call, session.seat)
        if session.ended:
            return
        place = room.sit(session.seat, _flags(message["media"]), message.get("keep"))
        session.push({"type": "joined", "join": place.join, "order": place.order, "backend": info.as_json()})
        session.push(carriers.ice(info))
        await self.hub.refresh(room.ref, tell_others=True)
        if session.staff is not None:
            self.hub.spawn(room.show_next())
        self.hub.spawn(self._show_presence(session))

    async def _leave_call(self, session: VisitSession, message: Message) -> None:
        session.require_inside()
        session.room.stand_up(session.seat)
        await self.hub.run_and_show(calls.leave_call, session.seat, message.get("reason", ""))
        await recording.proceed(self.hub, session.room.ref)  # who had not agreed may be the one who left
        self.hub.spawn(self._show_presence(session))
        # Whoever may no longer come straight back is no longer told what is said inside.
        self.hub.loop.call_later(waiting.REJOIN.total_seconds() + 1, self.hub.changed, session.room.ref)

    async def _media(self, session: VisitSession, message: Message) -> None:
        seat = session.require_seat()
        person = session.room.view.people.get(session.seat) if session.room.view is not None else None
        if person is not None:
            _require_allowed(person.role_in_call, message, shares=person.shares)
        seat.media = _flags(message)
        session.room.announce()
        session.room.show_roster()

    async def _signal(self, session: VisitSession, message: Message) -> None:
        seat = session.require_seat()
        try:
            data = orjson.Fragment(orjson.dumps(message["data"]))
        except orjson.JSONEncodeError as too_deep:
            raise BadMessage("bad_message", ref=message.get("ref", ""), field="data") from too_deep
        relayed = {
            "type": "signal",
            "from": session.seat,
            "join": seat.join,
            "epoch": message["epoch"],
            "data": data,
        }
        if not session.room.relay(message["to"], message.get("to_join", ""), relayed):
            raise NotFound(_("That person is not in the call."))

    async def _end_for_all(self, session: VisitSession, message: Message) -> None:
        here = list(session.room.staff())
        await hosting.act(self.hub, session, {**message, "meeting": session.room.ref})
        for one in here:
            self.hub.spawn(self._show_presence(one))

    async def _about_the_place(self, session: VisitSession, message: Message) -> None:
        await hosting.act(self.hub, session, {**message, "meeting": session.room.ref})

    async def _show_presence(self, session: VisitSession) -> None:
        """A provider came to the page of a visit or its call, or left it: those who wait for them are told."""
        if session.provider_id is not None:
            self.hub.attendance.announce(session.room.business_id)
            await self.hub.show_presence(session.provider_id, session.room.business_id)


def greeting_of(view: View, person: Person) -> Json:
    """Return the fields of `welcome` that tell somebody who they are, and where."""
    shown = person.as_json() | {"staff": person.staff, "state": person.state, "since": person.since}
    if person.identity is not None and person.identity.hides_name:
        shown["name"] = ""
    can = roles.abilities(person.role_in_call, shares=person.shares)
    shown |= {"role_in_call": person.role_in_call, "abilities": can}
    return {"participant": shown, "meeting": view.facts}


def _shares(session: VisitSession) -> bool:
    """Tell whether the business lets somebody in this seat show a screen, as far as the room was read."""
    person = session.room.view.people.get(session.seat) if session.room.view is not None else None
    return person is None or person.shares


def _require_allowed(role: str, media: dict[str, Any], *, shares: bool) -> None:
    """Raise NotPermitted if `media` says that something is sent which the role, or the business, does not allow."""
    refused = roles.beyond(role, media, shares=shares)
    if "mic" in refused or "cam" in refused:
        raise NotPermitted(_("You are here to look on: your role in this call has no microphone and no camera."))
    if refused:
        raise NotPermitted(_("Your role in this call does not share a screen. Ask the host if you need to."))


def _flags(media: dict[str, Any]) -> Json:
    return {"mic": media["mic"], "cam": media["cam"], "screen": media["screen"]}
