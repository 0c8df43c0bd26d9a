"""The door `/ws/desk`: one tab of one member of staff."""

from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vestibule.meetings import dial_out
from vestibule.meetings.access import host_name
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.web.live import authorise, desk_setting, dialling, entries, hosting
from vestibule.web.live.authorise import Credentials
from vestibule.web.live.desks import DeskSession, Reader
from vestibule.web.live.farewells import Farewell, Refused
from vestibule.web.live.messages import DESK
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.shapes import Message
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

TABS = 8


class DeskDoor:
    """Opens, runs and loses the sessions of staff."""

    shapes = DESK

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub

    async def find(self, given: Credentials, hello: Message) -> tuple[Session | None, Staff]:
        """Return whom the credentials stand for, and the session the hello resumes, if it is theirs. Raises Refused."""
        who = await self.hub.run(authorise.staff, given, hello.get("business", ""))
        if who is None:
            raise Refused(Farewell("not_authorised"))
        desk = self.hub.desks.get(who.business_id)
        found = desk.sessions.get(hello.get("resume", "")) if desk is not None else None
        return (found if found is not None and found.staff == who else None), who

    async def open(self, who: Staff, hello: Message) -> DeskSession:
        """Begin a session. Raises Refused for somebody whose role has no desk."""
        actor, business, about, setting = await self.hub.run(_read, who)
        reader = Reader(actor.provider_id, actor.may(Permission.SEE_APPOINTMENTS), business.timezone)
        day = _day(hello["day"]) if "day" in hello else entries.today(business.timezone)
        desk = self.hub.desk(who.business_id)
        session = DeskSession(who, desk, reader, day)
        mine = [other for other in desk.sessions.values() if other.staff == who]
        desk.sessions[session.id] = session
        for oldest in mine[: max(0, len(mine) - TABS + 1)]:
            desk.end(oldest, Farewell("taken_over"))
        session.about, session.told = about, setting
        return session

    def greeting(self, session: Session) -> Json:
        """Return the fields of `welcome` that belong to this door."""
        assert isinstance(session, DeskSession)
        scope = "all" if session.reader.sees_all else "mine"
        setting = {name: value for facts in session.told.values() for name, value in facts.items()}
        return {
            **session.about,
            **setting,
            "day": session.day.isoformat(),
            "scope": scope,
            "calls_out": dial_out.is_set_up(),
        }

    async def opened(self, session: Session) -> None:
        """The welcome is out: send the day, and let those who wait know that the provider is here."""
        assert isinstance(session, DeskSession)
        await session.desk.show_day(session)
        self.hub.attendance.announce(session.desk.business_id)
        self.hub.spawn(self.hub.show_presence(session.reader.provider_id, session.desk.business_id))

    def resumed(self, session: Session) -> None:
        """The session has a new socket; nobody else is told."""

    def lost(self, session: Session) -> None:
        """The session has no socket; nobody else is told yet."""

    async def expired(self, session: Session) -> None:
        """The tab did not come back."""
        self.end(session, Farewell("taken_over"))

    def end(self, session: Session, farewell: Farewell) -> None:
        """Say goodbye for good."""
        assert isinstance(session, DeskSession)
        session.desk.end(session, farewell)

    async def handle(self, session: Session, message: Message) -> None:
        """Act on one message. Raises Refusal when it may not or cannot be done."""
        assert isinstance(session, DeskSession)
        if message["type"] == "show_day":
            session.turn_to(_day(message["day"]))
            await session.desk.show_day(session)
        elif message["type"] == "call_now":
            await dialling.call_now(self.hub, session, message)
        else:
            await hosting.act(self.hub, session, message)


def _read(who: Staff) -> tuple[Actor, Business, Json, dict[str, Json]]:
    actor = authorise.actor_of(who)
    if actor is None or not (actor.may(Permission.SEE_APPOINTMENTS) or actor.may(Permission.SEE_OWN_APPOINTMENTS)):
        raise Refused(Farewell("not_authorised"))
    business = authorise.business_of(who)
    return actor, business, _about(actor, business), desk_setting.of(business.pk)


def _about(actor: Actor, business: Business) -> Json:
    role = "provider" if actor.provider_id is not None else "manager"
    return {
        "staff": {"id": f"user:{actor.user_id}", "name": host_name(actor), "role": role},
        "business": {"slug": business.slug, "name": business.name, "timezone": business.timezone},
        **desk_setting.own(actor),
    }


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as unreal:
        raise Invalid(_("There is no such date."), field="day") from unreal
    if not 2000 <= day.year <= 2200:
        raise Invalid(_("That date is too far away."), field="day")
    return day
