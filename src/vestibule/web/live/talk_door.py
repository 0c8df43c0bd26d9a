"""The door `/ws/talk`: an appointment's thread outside the call, on any number of pages, without a place in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import Meeting
from vestibule.meetings.talking import Talker
from vestibule.people.errors import NotPermitted, Refusal
from vestibule.people.models import Business
from vestibule.web import languages
from vestibule.web.consumer import link_cookie
from vestibule.web.live import authorise, chatting, messages, threads
from vestibule.web.live.authorise import Credentials
from vestibule.web.live.farewells import Farewell, Refused
from vestibule.web.live.rooms import Room, RoomSession, end_session
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

MOST_PAGES = 20
"""How many pages one person may have open on a thread: what each was told is kept for a while after it is gone."""
OWN_UPLOADS = "/appointment/uploads"
SHAPES: Mapping[str, Shape] = {"ping": messages.VISIT["ping"], **chatting.SHAPES}


@dataclass(frozen=True)
class Reader:
    """Who opened a thread: as they were then, how they are asked for again, and where their page sends files."""

    talker: Talker
    title: str
    business: Business
    ask: Callable[[], Talker]
    staff: Staff | None
    uploads: str


class TalkSession(RoomSession):
    """One page that shows a thread outside the call."""

    def __init__(self, reader: Reader, room: Room) -> None:
        super().__init__(f"talk:{reader.talker.meeting}:{reader.talker.key}", room, reader.staff)
        self.reader = reader
        self.reads_after = reader.talker.reads_after


class TalkDoor:
    """Opens and runs the sessions of pages that show a thread."""

    shapes = SHAPES

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self._handlers: dict[str, Callable[[TalkSession, Message], Awaitable[None]]] = {
            "chat_send": self._send,
            "chat_edit": self._change,
            "chat_delete": self._change,
            "typing": self._typing,
            "chat_read": self._read,
            "get_chat": self._history,
        }

    async def find(self, given: Credentials, hello: Message) -> tuple[Session | None, Reader]:
        """Return who may read the thread that is asked for, and the session to go on with, if any. Raises Refused."""
        try:
            reader = await self.hub.run(_reader, given, hello.get("meeting", ""))
        except Refusal:
            raise Refused(Farewell("not_authorised")) from None
        if reader.staff is None:
            languages.settle(reader.business)
        room = self.hub.rooms.get(reader.talker.meeting)
        known = room.readers.get(hello.get("resume", "")) if room is not None else None
        is_theirs = isinstance(known, TalkSession) and known.reader.talker.key == reader.talker.key
        return (known if is_theirs else None), reader

    async def open(self, who: Reader, hello: Message) -> TalkSession:
        """Begin a session."""
        room = self.hub.room(who.talker.meeting, who.talker.business_id)
        session = TalkSession(who, room)
        room.readers[session.id] = session
        theirs = [one for one in room.readers.values() if one.owner == session.owner]
        for oldest in theirs[:-MOST_PAGES]:
            end_reader(oldest, Farewell("taken_over"))
        return session

    def greeting(self, session: Session) -> Json:
        """Return the fields of `welcome` that belong to this door."""
        assert isinstance(session, TalkSession)
        reader = session.reader
        talker = reader.talker
        me = {"id": talker.key, "name": talker.name, "role": talker.role, "staff": reader.staff is not None}
        return {
            "participant": me,
            "meeting": {"id": talker.meeting, "title": reader.title, "business": reader.business.name},
        }

    async def opened(self, session: Session) -> None:
        """The welcome is out: show what was said."""
        assert isinstance(session, TalkSession)
        await self._history(session, {})

    def resumed(self, session: Session) -> None:
        """Nobody else sees whether a page is connected."""

    def lost(self, session: Session) -> None:
        """Nobody else sees whether a page is connected."""

    async def expired(self, session: Session) -> None:
        """Nobody came back in time."""
        self.end(session, Farewell("not_authorised"))

    def end(self, session: Session, farewell: Farewell) -> None:
        """Say goodbye for good."""
        end_reader(session, farewell)

    async def handle(self, session: Session, message: Message) -> None:
        """Act on one message. Raises Refusal when it may not or cannot be done."""
        assert isinstance(session, TalkSession)
        try:
            await self._handlers[message["type"]](session, message)
        except NotAReader:
            self.end(session, Farewell("not_authorised"))

    async def _send(self, session: TalkSession, message: Message) -> None:
        await chatting.say(self.hub, session, session.reader.ask, message)

    async def _change(self, session: TalkSession, message: Message) -> None:
        await chatting.change(self.hub, session, session.reader.ask, message)

    async def _typing(self, session: TalkSession, message: Message) -> None:
        talker = session.reader.talker
        await chatting.show_typing(self.hub, session, talker.key, talker.name, message)

    async def _read(self, session: TalkSession, message: Message) -> None:
        await chatting.note_read(self.hub, session, session.reader.ask, message)

    async def _history(self, session: TalkSession, message: Message) -> None:
        await chatting.send_page(self.hub, session, session.reader.ask, message, session.reader.uploads)


class NotAReader(NotPermitted):
    """Whoever opened the page may not read the thread any more."""

    def __init__(self) -> None:
        super().__init__(_("This page is no longer signed in. Open it again from your link, or sign in."))


def end_reader(session: Session, farewell: Farewell) -> None:
    """Close one page's session and forget it."""
    assert isinstance(session, TalkSession)
    end_session(session, farewell)
    session.room.readers.pop(session.id, None)
    session.room.hub.forget_room(session.room)


async def look_again(hub: "Hub", room: Room) -> None:
    """Close the pages of those who may not read the room's thread any more, such as somebody taken out."""
    for session in list(room.readers.values()):
        if isinstance(session, TalkSession) and not session.ended:
            try:
                await hub.run(session.reader.ask)
            except Refusal:
                end_reader(session, Farewell("not_authorised"))


def _reader(given: Credentials, meeting_ref: str) -> Reader:
    """Return who stands behind the credentials. Raises Refusal for whoever may not read the thread."""
    if not authorise.is_still_framed(given):
        raise NotAdmitted
    uploads, staff = threads.UPLOADS, authorise.staff_of_meeting(given, meeting_ref) if meeting_ref else None
    if given.own_cookie:
        ask, uploads, staff = partial(_of_link, given.own_cookie), OWN_UPLOADS, None
    elif staff is not None:
        ask = partial(_of_staff, staff, meeting_ref)
    else:
        ask = partial(_of_visit, given.visit_cookie)
    talker = ask()
    meeting = Meeting.objects.select_related("business").get(ref=talker.meeting)
    return Reader(talker, meeting.title, meeting.business, ask, staff, uploads)


def _of_link(cookie: str) -> Talker:
    return _still(partial(threads.of_link, link_cookie.live(cookie)))


def _of_staff(staff: Staff, meeting_ref: str) -> Talker:
    return _still(partial(threads.of_staff, staff, meeting_ref))


def _of_visit(cookie: str) -> Talker:
    return _still(partial(threads.of_visit, cookie))


def _still(ask: Callable[[], Talker]) -> Talker:
    try:
        return ask()
    except Refusal:
        raise NotAReader from None
