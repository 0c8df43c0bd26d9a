"""The desk rings somebody who asked to be called, where a telephone service is set up."""

from typing import TYPE_CHECKING

from vestibule.meetings import call_requests, dial_out
from vestibule.meetings.ports import DialOrder
from vestibule.web.live.hosting import staff_only, still_staff
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.shapes import Message

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub


async def call_now(hub: "Hub", session: Session, message: Message) -> None:
    """Place the call and note it as made. Raises Refusal; a request whose call was not placed stays open."""
    staff = staff_only(session)
    wanted = await hub.run(_order, staff, message["participant"])
    await dial_out.place(wanted)
    await hub.run_and_show(_done, staff, wanted.participant)
    hub.changed(wanted.meeting)


def _order(staff: Staff, seat: str) -> DialOrder:
    return dial_out.order(still_staff(staff), seat)


def _done(staff: Staff, seat: str) -> None:
    call_requests.done(still_staff(staff), seat)
