"""Bringing somebody in: helpers by a one-time link, colleagues by a seat, and asking to be called by telephone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.booking import bringing_in
from vestibule.booking.wishes import Helper
from vestibule.meetings import call_requests
from vestibule.web.live import shapes, snapshots
from vestibule.web.live.hosting import staff_only, still_staff
from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.sessions import Staff
from vestibule.web.live.shapes import Message, Shape
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {
    "invite": {
        "name": (shapes.NAME, True),
        "kind": (shapes.text(40), False),
        "role": (shapes.one_of("attendee", "collaborator", "presenter"), False),
        "email": (shapes.text(254), False),
        "phone": (shapes.text(32), False),
    },
    "get_colleagues": {},
    "invite_colleague": {"provider": (shapes.text(60, 1), True), "hand_over": (shapes.boolean, False)},
    "ask_for_call": {"phone": (shapes.text(32, 1), True)},
}


async def invite(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Give a helper a seat and a one-time link; the address goes to whoever asked, and to nobody else here."""
    helper = Helper(
        message["name"],
        message.get("email", ""),
        message.get("kind", "") or "helper",
        message.get("phone", ""),
        message.get("role", "attendee"),
    )
    session.push(await hub.run(_invite, session.seat, session.staff, helper))
    hub.changed(session.room.ref)


async def show_colleagues(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Say who may be asked into this visit."""
    found = await hub.run(_colleagues, staff_only(session), session.room.ref)
    session.push({"type": "colleagues", "people": found})


async def invite_colleague(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Give a colleague a seat, and the visit too if it is handed over."""
    given = message["provider"], bool(message.get("hand_over"))
    await hub.run(_invite_colleague, staff_only(session), session.room.ref, *given)
    hub.changed(session.room.ref)


async def ask_for_call(hub: "Hub", session: VisitSession, message: Message) -> None:
    """Note that somebody wants to be telephoned; staff see it at once."""
    await hub.run(call_requests.ask, session.seat, message["phone"])
    hub.changed(session.room.ref)


def _invite(seat_ref: str, staff: Staff | None, helper: Helper) -> Json:
    made = bringing_in.invite(seat_ref, helper, still_staff(staff) if staff is not None else None)
    return {
        "type": "invited",
        "participant": made.seat,
        "name": helper.name,
        "url": made.url,
        "expires_at": snapshots.stamp(made.expires_at),
        "told": [way for way, to in (("email", helper.email), ("sms", helper.phone)) if to],
    }


def _colleagues(staff: Staff, meeting_ref: str) -> list[Json]:
    return [
        {"provider": one.slug, "name": one.name, "presence": one.presence, "invited": one.invited}
        for one in bringing_in.colleagues(still_staff(staff), meeting_ref)
    ]


def _invite_colleague(staff: Staff, meeting_ref: str, provider: str, hand_over: bool) -> None:
    bringing_in.invite_colleague(still_staff(staff), meeting_ref, provider, hand_over=hand_over)


HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {
    "invite": invite,
    "get_colleagues": show_colleagues,
    "invite_colleague": invite_colleague,
    "ask_for_call": ask_for_call,
}
