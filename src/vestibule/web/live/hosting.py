"""What staff may do to people at the door, from the desk and from inside a visit alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vestibule.meetings import areas, call_requests, conversation, identity, outside, presence, transfers, waiting
from vestibule.meetings.conversation import Notice
from vestibule.meetings.models import Meeting
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import Actor
from vestibule.web.live import authorise, snapshots
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.shapes import Message
from vestibule.web.live.snapshots import Json

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub


@dataclass(frozen=True)
class Outcome:
    """What a command did: which meeting to show again, what to say to the person, what to answer.

    `setting`: an area or a provider changed, so desks and queues are shown again.
    """

    meeting: str = ""
    notice: Notice | None = None
    role: str = "manager"
    answer: Json | None = None
    setting: bool = False


async def act(hub: "Hub", session: Session, message: Message) -> None:
    """Do one command of staff and show everyone its effect. Raises Refusal when it may not or cannot be done."""
    staff = staff_only(session)
    done = await hub.run_and_show(_perform, staff, message)
    if done.notice is not None:
        hub.spread_notice(done.notice, staff.business_id, done.role, session)
    if done.answer is not None:
        session.push(done.answer)
    if done.meeting:
        hub.changed(done.meeting)
    if done.setting:
        hub.setting_changed(staff.business_id)


def staff_only(session: Session) -> Staff:
    """Return the member of staff behind `session`; raise NotPermitted for anybody else."""
    if session.staff is None:
        raise NotPermitted(_("Only staff can do this."))
    return session.staff


def still_staff(staff: Staff) -> Actor:
    """Return the actor as the database has them now. Raises NotPermitted once they are no longer staff."""
    actor = authorise.actor_of(staff)
    if actor is None:
        raise NotPermitted(_("You are no longer a member of this business. Sign in again."))
    return actor


def _perform(staff: Staff, message: Message) -> Outcome:
    return COMMANDS[message["type"]](still_staff(staff), message)


def _admit(actor: Actor, message: Message) -> Outcome:
    seat = waiting.admit(actor, message["participant"], confirmed=message.get("confirmed", False))
    return Outcome(seat.meeting.ref)


def _deny(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.deny(actor, message["participant"], message.get("text", "")).meeting.ref)


def _remove(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.remove(actor, message["participant"]).meeting.ref)


def _notice(actor: Actor, message: Message) -> Outcome:
    notice = conversation.notify(actor, message["participant"], message["text"], message.get("client_id", ""))
    return Outcome(notice.meeting, notice, "provider" if actor.provider_id else "manager")


def _get_notices(actor: Actor, message: Message) -> Outcome:
    items = conversation.notices_for(actor, message["participant"])
    return Outcome(answer=snapshots.notices_page(message["participant"], items))


def _call_done(actor: Actor, message: Message) -> Outcome:
    return Outcome(call_requests.done(actor, message["participant"]).meeting.ref)


def _start(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.start(actor, message["meeting"], confirmed=message.get("confirmed", False)).ref)


def _hold(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.hold(actor, message["participant"]).meeting.ref)


def _back_to_queue(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.back_to_queue(actor, message["participant"]).meeting.ref)


def _transfer(actor: Actor, message: Message) -> Outcome:
    to = {name: message.get(name, "") for name in ("provider", "area")}
    return Outcome(transfers.transfer(actor, message["participant"], **to).ref)


def _confirm_identity(actor: Actor, message: Message) -> Outcome:
    return Outcome(identity.confirm(actor, message["participant"]).meeting.ref)


def _unlock(actor: Actor, message: Message) -> Outcome:
    return Outcome(identity.unlock(actor, message["participant"]).meeting.ref)


def _close_area(actor: Actor, message: Message) -> Outcome:
    areas.close(actor, message["area"], minutes=message.get("minutes"), words=message.get("text", ""))
    return Outcome(setting=True)


def _open_area(actor: Actor, message: Message) -> Outcome:
    areas.reopen(actor, message["area"])
    return Outcome(setting=True)


def _step_away(actor: Actor, message: Message) -> Outcome:
    presence.step_away(actor, message.get("text", ""))
    return Outcome(setting=True)


def _come_back(actor: Actor, message: Message) -> Outcome:
    presence.come_back(actor)
    return Outcome(setting=True)


def _end_for_all(actor: Actor, message: Message) -> Outcome:
    return Outcome(waiting.end_for_all(actor, message["meeting"]).ref)


def _make_again(actor: Actor, message: Message) -> Outcome:
    return Outcome(outside.again(actor, _visible(actor, message["meeting"])).ref)


def _meet_here(actor: Actor, message: Message) -> Outcome:
    return Outcome(outside.meet_here(actor, _visible(actor, message["meeting"])).ref)


def _visible(actor: Actor, ref: str) -> Meeting:
    found: Meeting | None = Meeting.objects.visible_to(actor).filter(ref=ref).first()
    if found is None:
        raise NotFound(_("There is no such visit here. Load the page again to see who is waiting."))
    return found


COMMANDS: dict[str, Callable[[Actor, Message], Outcome]] = {
    "admit": _admit,
    "deny": _deny,
    "remove": _remove,
    "notice": _notice,
    "get_notices": _get_notices,
    "call_done": _call_done,
    "start": _start,
    "end_for_all": _end_for_all,
    "make_again": _make_again,
    "meet_here": _meet_here,
    "hold": _hold,
    "back_to_queue": _back_to_queue,
    "transfer": _transfer,
    "confirm_identity": _confirm_identity,
    "unlock": _unlock,
    "close_area": _close_area,
    "open_area": _open_area,
    "step_away": _step_away,
    "come_back": _come_back,
}
