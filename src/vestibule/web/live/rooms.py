"""One meeting's room in this process: who is connected, who is in the call, and what each has been told."""

import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.meetings import roles
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import Participant
from vestibule.meetings.ports import BackendError
from vestibule.people.errors import Refusal
from vestibule.web.live import at_the_door, carriers, snapshots, threads
from vestibule.web.live.farewells import Farewell
from vestibule.web.live.seats import Remote, Seat, seat_facts
from vestibule.web.live.sessions import Bucket, Session, Staff
from vestibule.web.live.snapshots import Json, Person, View

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

State = Participant.State
REMOTE_SECONDS = 40.0
PAGE_CLOSED = (1000, 1001)
"""How a browser closes the socket of a page that goes away; a lost network closes nothing."""
AWAY_SECONDS = 6.0


class NotInCall(Refusal):
    """The message only makes sense inside the call."""

    code = "not_in_call"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("You are not in the call. Join it first."))


class RoomSession(Session):
    """A session that hears what is said in a room: a participant's, or a page's that shows the thread."""

    def __init__(self, owner: str, room: "Room", staff: Staff | None) -> None:
        super().__init__(owner, staff)
        self.room = room


class VisitSession(RoomSession):
    """A participant's session."""

    def __init__(self, seat: str, room: "Room", staff: Staff | None, provider_id: int | None = None) -> None:
        super().__init__(f"seat:{seat}", room, staff)
        self.seat = seat
        self.provider_id = provider_id
        self.opened_with: View | None = None
        self.inside = False
        self.saw_host = False
        self.reactions = Bucket(2, 6)
        self.captions = Bucket(6, 30)
        self.logs = Bucket(1, 10)
        self.deeds = Bucket(0.5, 30)

    def kept_for(self, grace: float, close_code: int) -> float:
        """As any session; but somebody at the door whose page was closed or left is gone as soon as it could be back.

        One that is only loaded anew is back by then, and later the place in the queue is still found again.
        """
        has_gone = close_code in PAGE_CLOSED and not self.inside and self.staff is None
        return min(grace, AWAY_SECONDS) if has_gone else grace

    def require_inside(self) -> None:
        """Raise NotAdmitted unless somebody let this participant in."""
        if not self.inside:
            raise NotAdmitted

    def require_seat(self) -> Seat:
        """Return the place of this participant in the call. Raises NotAdmitted, NotInCall."""
        self.require_inside()
        seat = self.room.seats.get(self.seat)
        if seat is None:
            raise NotInCall
        return seat


class Room:
    """The people of one meeting. `view` is the stored state as last read; nothing is let through without it."""

    def __init__(self, hub: "Hub", ref: str, business_id: int) -> None:
        self.hub = hub
        self.ref = ref
        self.business_id = business_id
        self.view: View | None = None
        self.members: dict[str, VisitSession] = {}
        self.readers: dict[str, Session] = {}
        self.seats: dict[str, Seat] = {}
        self.remote: dict[str, Remote] = {}
        self._last_order = 0

    # --- what the stored state means for everyone here ---------------------------------------------------------

    def apply(self, view: View) -> None:
        """Take `view` as the stored state, unless a newer one is known, and show everyone what changed for them."""
        carriers.follow_roles(self, view)
        self.learn(view)
        gone = [ref for ref, seat in self.seats.items() if seat.since < view.read_at and not view.is_in_call(ref)]
        for ref in gone:
            del self.seats[ref]
        if gone:
            self.announce()
        for ref in gone:
            carriers.put_out(self, ref)
        if view.is_over:
            carriers.close(self.hub, view)
        for session in list(self.members.values()):
            self.show(session)

    def learn(self, view: View) -> None:
        """Keep `view` if it is the newest."""
        if self.view is None or view.read_at >= self.view.read_at:
            self.view = view

    def show(self, session: VisitSession) -> None:
        """Bring one session up to date, or say goodbye to it."""
        view = self.view
        assert view is not None, "a room is shown after it was read"
        person = view.people.get(session.seat)
        farewell = farewell_for(view, person)
        if farewell is not None or person is None:
            self.end(session, farewell or Farewell("removed"))
            return
        told = session.told
        if was_moved(told.get("meeting"), view) and not person.staff:
            self.end(session, Farewell("moved"))
            return
        session.show("meeting", {"meeting": view.facts})
        at_the_door.show_way_out(view, session, person)
        facts = {"state": person.state, "since": person.since, "role_in_call": person.role_in_call}
        if session.show("state", facts | {"abilities": roles.abilities(person.role_in_call, shares=person.shares)}):
            told.pop("queue", None)
        if person.call_request is not None or "call_request" in told:
            session.show("call_request", {"request": person.call_request})
        if at_the_door.is_outside(person):
            at_the_door.show_door(self, session, person)
        if person.staff:
            session.show("waiting", {"people": self.guests(view)})
        if person.inside:
            if not session.inside:
                session.inside = True
                self.hub.spawn(self._bring_in(session))
            session.show("roster", {"people": self.roster()})
            session.show("recording", view.recording)
            carriers.bring(self, session, view)
        else:
            session.inside = False
            told.pop("roster", None)

    def show_roster(self) -> None:
        """Show the call's people to everyone inside."""
        people = self.roster()
        for session in self.insiders():
            session.show("roster", {"people": people})

    def show_links(self) -> None:
        """Somebody lost the connection or came back: show it to the call and to staff."""
        self.announce()
        self._show_links_here()

    def _show_links_here(self) -> None:
        self.show_roster()
        if self.view is not None:
            for session in self.staff():
                session.show("waiting", {"people": self.guests(self.view)})
        if self.business_id in self.hub.desks:
            self.hub.desks[self.business_id].connection_changed(self.ref)

    def show_notice(self, item: Json, by: Session | None, client_id: str) -> None:
        """Show one message of a waiting conversation to its person and to staff in the room."""
        for session in list(self.members.values()):
            if session.seat == item["participant"] or session.staff is not None:
                session.push({"type": "notice", **item, **_own(session is by, client_id)})

    def to_insiders(self, message: Json, *, but: Session | None = None, numbered: bool = True) -> None:
        """Send `message` to everybody who was let in, and what is said in the thread to who reads it, except one."""
        for session in threads.audience(message, self.insiders(), self.readers):
            if session is not but:
                session.push(dict(message)) if numbered else session.tell(message)

    def say(self, message: Json, *, but: Session | None = None, numbered: bool = True) -> None:
        """Send `message` to everybody who was let in, in every process, except one."""
        self.to_insiders(message, but=but, numbered=numbered)
        self.hub.publish(self.business_id, "say", meeting=self.ref, message=message, numbered=numbered)

    def to_one(self, ref: str, message: Json) -> None:
        """Send `message` to one participant, in whichever process they are."""
        if ref in self.members:
            self.members[ref].push(message)
        else:
            self.hub.publish(self.business_id, "one", meeting=self.ref, to=ref, message=message)

    # --- who is here ---------------------------------------------------------------------------------------------

    def insiders(self) -> Iterator[VisitSession]:
        """Yield the sessions of those who were let in."""
        return (session for session in list(self.members.values()) if session.inside)

    def staff(self) -> Iterator[VisitSession]:
        """Yield the sessions of staff."""
        return (session for session in list(self.members.values()) if session.staff is not None)

    @property
    def is_waited_in(self) -> bool:
        """Tell whether anybody waits here."""
        return self.view is not None and self.view.waiting_for()

    def staff_readers(self) -> Iterator[Session]:
        """Yield the sessions of staff who read the thread outside the call."""
        return (session for session in list(self.readers.values()) if session.staff is not None)

    def waits_for(self, provider_id: int) -> bool:
        """Tell whether somebody here waits for that provider."""
        return self.view is not None and self.view.provider_id == provider_id and self.view.waiting_for()

    def is_hosted_by(self, provider_id: int) -> bool:
        """Tell whether that provider's visit is here, with staff in the call of this process."""
        is_theirs = self.view is not None and self.view.provider_id == provider_id
        return is_theirs and any(session.seat in self.seats for session in self.staff())

    async def show_next(self) -> None:
        """Show staff in the call who waits next for this provider, in another visit."""
        view = self.view
        if view is None or view.provider_id is None or not self.is_hosted_by(view.provider_id):
            return
        facts = await self.hub.run(snapshots.next_waiting, view.provider_id, view.business_id, view.ref)
        for session in self.staff():
            if session.seat in self.seats and (facts["count"] or "next_waiting" in session.told):
                session.show("next_waiting", facts)

    def roster(self) -> list[Json]:
        """Return the people in the call, earliest first."""
        if self.view is None:
            return []
        shown = []
        for seat in sorted(self.all_seats().values(), key=lambda seat: seat.order):
            person = self.view.people.get(seat.ref)
            if person is not None and person.inside:
                shown.append(person.as_json() | seat_facts(seat, person))
        return shown

    def all_seats(self) -> dict[str, Seat]:
        """Return the seats in the call by participant, those of other processes included."""
        seats: dict[str, Seat] = {}
        for remote in self.remote.values():
            seats |= remote.seats
        return seats | self.seats

    def guests(self, view: View) -> list[Json]:
        """Return everyone who is not staff, for staff."""
        shown = []
        for person in view.people.values():
            if not person.staff:
                shown.append(door_person(person, self.link(person.ref)))
        return shown

    def link(self, ref: str) -> str:
        """Return how a participant is connected: ok, reconnecting or gone."""
        session = self.members.get(ref)
        if session is not None:
            seat = self.seats.get(ref)
            return "reconnecting" if session.socket is None or (seat and seat.connection != "ok") else "ok"
        return next((remote.links[ref] for remote in self.remote.values() if ref in remote.links), "gone")

    # --- the call ------------------------------------------------------------------------------------------------

    def sit(self, ref: str, media: Json, kept: Json | None = None) -> Seat:
        """Give a participant a place in the call; the latest has the highest order.

        `kept` is the `join` and `order` they had in a process that is gone: with those again, what the others send
        them goes on. Not where somebody else has that order, or where it lies in the future.
        """
        epoch = self.view.epoch if self.view is not None else 1
        now = int(time.time() * 1000)
        taken = {seat.order for seat in self.all_seats().values() if seat.ref != ref}
        if kept is not None and kept["order"] <= now and kept["order"] not in taken:
            self.seats[ref] = Seat(ref, kept["join"], kept["order"], media, epoch=epoch, offered=epoch)
            self.announce()
            return self.seats[ref]
        highest = max((seat.order for seat in self.all_seats().values()), default=0)
        # Milliseconds keep the order right between processes that cannot ask each other.
        self._last_order = max(self._last_order + 1, highest + 1, now)
        self.seats[ref] = Seat(ref, secrets.token_urlsafe(9), self._last_order, media, epoch=epoch, offered=epoch)
        self.announce()
        return self.seats[ref]

    def stand_up(self, ref: str) -> None:
        """Take a participant out of the call, on a media server too: who is not shown in it hears nothing of it."""
        if self.seats.pop(ref, None) is not None:
            carriers.put_out(self, ref)
            self.announce()
            self.show_roster()

    def lower_hand(self, ref: str) -> None:
        """Lower the hand of somebody in the call, in whichever process they are."""
        if ref not in self.seats:
            self.hub.publish(self.business_id, "lower", meeting=self.ref, to=ref)
            return
        self.seats[ref].hand = None
        self.announce()
        self.show_roster()

    def set_connection(self, ref: str, connection: str) -> None:
        """Note whether somebody's connection is `ok` or `reconnecting`, and show it to the others."""
        seat = self.seats.get(ref)
        if seat is not None:
            seat.connection = connection
        self.show_links()

    def relay(self, to: str, to_join: str, message: Json) -> bool:
        """Hand a signal to somebody in the call; False if they are not. One for an older `to_join` is dropped."""
        seat = self.seats.get(to)
        if seat is not None:
            session = self.members.get(to)
            if session is not None and session.inside and to_join in ("", seat.join):
                session.push(message)
            return True
        if to in self.all_seats():
            self.hub.publish(self.business_id, "signal", meeting=self.ref, to=to, to_join=to_join, message=message)
            return True
        return False

    # --- coming and going ----------------------------------------------------------------------------------------

    def enter(self, session: VisitSession) -> None:
        """Let `session` stand for its participant from now on; an older one is told that it was taken over."""
        old = self.members.get(session.seat)
        self.members[session.seat] = session
        if old is not None:
            end_session(old, Farewell("taken_over"))
            self.stand_up(session.seat)
        self.hub.publish(self.business_id, "taken", meeting=self.ref, participant=session.seat)
        self.show_links()

    def end(self, session: VisitSession, farewell: Farewell) -> None:
        """Say goodbye to a session, for good."""
        end_session(session, farewell)
        if self.members.get(session.seat) is session:
            del self.members[session.seat]
            self.stand_up(session.seat)
        self.hub.forget_room(self)

    def look_after(self, now: float, silence: float) -> None:
        """Note who in the call has gone silent, and who is heard again."""
        for ref, seat in list(self.seats.items()):
            session = self.members.get(ref)
            quiet = session is None or session.socket is None or now - session.heard_at > silence
            if quiet != (seat.connection == "reconnecting"):
                self.set_connection(ref, "reconnecting" if quiet else "ok")
        stale = [origin for origin, remote in self.remote.items() if now - remote.at > REMOTE_SECONDS]
        for origin in stale:
            del self.remote[origin]
        if stale:
            self.show_roster()

    # --- other processes -----------------------------------------------------------------------------------------

    def announce(self) -> None:
        """Tell the other processes about the people of this one."""
        links = {ref: self.link(ref) for ref in self.members}
        seats = [seat.as_row() for seat in self.seats.values()]
        self.hub.publish(self.business_id, "seats", meeting=self.ref, seats=seats, links=links)

    def on_bus(self, kind: str, message: Json) -> None:
        """Act on what another process says about this room."""
        if kind == "who":
            self.announce()
        elif kind == "seats":
            seats = {row[0]: Seat(*row) for row in message["seats"]}
            self.remote[message["origin"]] = Remote(self.hub.loop.time(), seats, message["links"])
            self._show_links_here()
        elif kind == "taken":
            old = self.members.get(message["participant"])
            if old is not None:
                self.end(old, Farewell("taken_over"))
        elif kind == "say":
            self.to_insiders(message["message"], numbered=message["numbered"])
        else:
            self._for_one(kind, message)

    def _for_one(self, kind: str, message: Json) -> None:
        """Act on what another process has for one person, if they are here."""
        to = message["to"]
        if kind == "signal" and to in self.seats:
            self.relay(to, message["to_join"], message["message"])
        elif kind == "one" and to in self.members:
            self.members[to].push(message["message"])
        elif kind == "lower" and to in self.seats:
            self.lower_hand(to)

    # --- pieces --------------------------------------------------------------------------------------------------

    async def _bring_in(self, session: VisitSession) -> None:
        assert self.view is not None, "somebody is inside, so the room was read"
        try:
            talker, page = await self.hub.run(threads.first_page, session.seat, session.staff, self.ref)
        except Refusal:  # taken out again meanwhile
            return
        session.reads_after = talker.reads_after
        try:
            info = None if self.view.for_staff else await carriers.credentials(self.view, session.seat)
        except BackendError:
            info = None  # joining will try again, and say what is wrong
        if session.inside and self.members.get(session.seat) is session:
            if info is not None:
                session.push(carriers.ice(info))
            session.push(page)


def farewell_for(view: View, person: Person | None) -> Farewell | None:
    """Return how to say goodbye to a person, or None while they may stay."""
    if person is None:
        return Farewell("not_authorised")
    if view.state == "cancelled":
        return Farewell("cancelled")
    if view.is_over:
        return Farewell("ended")
    if person.state == State.DENIED:
        return Farewell("denied", person.words)
    return Farewell("removed") if person.state == State.REMOVED else None


def was_moved(told: Json | None, view: View) -> bool:
    """Tell whether the meeting has another start than was `told`, and is not open now."""
    return told is not None and not view.is_open and told["meeting"]["starts_at"] != view.facts["starts_at"]


def door_person(person: Person, connection: str) -> Json:
    """Return somebody who is not staff as staff see them."""
    return person.as_json() | {
        "state": person.state,
        "since": person.since,
        "devices": person.devices,
        "connection": connection,
        "unanswered": person.unanswered,
        "call_request": person.call_request,
        "waiting_since": person.waiting_since,
        "identity": person.identity.for_staff() if person.identity is not None else None,
    }


def end_session(session: Session, farewell: Farewell) -> None:
    """Send the last frame and close; the session cannot be resumed."""
    with translation.override(session.language):
        session.tell(farewell.as_json())
    if session.socket is not None:
        session.socket.close(farewell.close_code, farewell.code)
    session.socket = None
    session.ended = True
    if session.grace is not None:
        session.grace.cancel()


def _own(is_own: bool, client_id: str) -> Json:
    return {"client_id": client_id} if is_own and client_id else {}
