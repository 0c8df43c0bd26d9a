"""What a thread looks like in the protocol. Runs in threads; reads the database."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment
from vestibule.chat import checking, files
from vestibule.chat import verbs as chat
from vestibule.chat.listeners import Change, ChatChange
from vestibule.chat.models import Attachment, Message, Thread
from vestibule.meetings import talking, thread_people
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import Meeting
from vestibule.meetings.talking import Talker
from vestibule.people import actors
from vestibule.people.errors import NotFound
from vestibule.people.models import CapabilityLink
from vestibule.web.live import authorise
from vestibule.web.live.sessions import Session, Staff
from vestibule.web.live.snapshots import Json, stamp

UPLOADS = "/uploads"
SPOKEN = frozenset({"chat", "chat_changed", "chat_programs", "typing", "read"})
"""What is shown to everybody who reads the thread, in the call or not."""
PASSING = frozenset({"typing"})
"""What nobody is told again who was not there."""
SHOWN_BY = "live"
"""How our pages say that they have shown a change themselves (`ChatChange.shown_by`)."""


def in_visit(seat_ref: str, staff: Staff | None, meeting_ref: str) -> Talker:
    """Return who speaks in the call from a seat, or raise as `talking.in_call` and `talking.staff` do."""
    return talking.in_call(seat_ref) if staff is None else of_staff(staff, meeting_ref)


def of_staff(staff: Staff, meeting_ref: str) -> Talker:
    """Return a member of staff as the database has them now."""
    actor = authorise.actor_of(staff)
    if actor is None:
        raise NotAdmitted
    return talking.staff(actor, meeting_ref)


def of_link(link: CapabilityLink | None) -> Talker:
    """Return the consumer of the appointment that a live link opens.

    Raises NotFound where it opens no thread, NotAdmitted as `talking.own`.
    """
    seen = Appointment.objects.visible_to(actors.actor_of_link(link)).select_related("meeting") if link else None
    appointment = seen.filter(meeting__isnull=False).first() if seen is not None else None
    if appointment is None or appointment.meeting is None:
        raise _unknown()
    return talking.own(appointment.meeting)


def of_visit(cookie: str) -> Talker:
    """Return whom staff let in, by the cookie of their visit link. Raises NotFound, NotAdmitted as `talking.let_in`."""
    seat = authorise.read_visit(cookie)
    if seat is None:
        raise _unknown()
    return talking.let_in(seat)


def first_page(seat_ref: str, staff: Staff | None, meeting_ref: str) -> tuple[Talker, Json]:
    """Return who speaks from a seat, and the latest of what was said."""
    talker = in_visit(seat_ref, staff, meeting_ref)
    return talker, page(talker)


def audience(message: Json, insiders: Iterable[Session], readers: Mapping[str, Session]) -> Iterator[Session]:
    """Yield the sessions that `message` is for: of an older message that changed only those that may read it."""
    kind = message["type"]
    for session in (*insiders, *(readers.values() if kind in SPOKEN else ())):
        if kind != "chat_changed" or (session.reads_after is not None and message["number"] > session.reads_after):
            yield session


def page(talker: Talker, before: int | None = None, limit: int = 50, *, at: str = UPLOADS) -> Json:
    """Return a `chat_history` for `talker`; `at` is where their page sends files."""
    rows, more = chat.history(talker.thread_id, before=before, after=talker.reads_after, limit=limit)
    roles = talking.roles(talker.meeting)
    marks = dict(chat.read_marks(talker.thread_id))
    return {
        "type": "chat_history",
        "items": [item(row, roles) for row in rows],
        "more": more,
        "read": marks.pop(talker.key, 0),
        "marks": marks,
        "programs": thread_people.through_programs(talker.business_id, talker.thread_id),
        "write": talker.may_write,
        "files": _files(at) if talker.may_write and talker.may_send_files and files.are_taken() else None,
    }


def checked(waited: timedelta) -> list[tuple[int, str, Json]]:
    """Look into the files that came whole so long ago; return business, meeting and `chat_changed` of the decided."""
    told = []
    for file in checking.check_due(waited=waited):
        message = Message.objects.select_related("thread__meeting").filter(attachment=file).first()
        if message is not None:
            message.attachment = file
            chat.file_decided(message, shown_by=SHOWN_BY)
            meeting = message.thread.meeting
            told.append((meeting.business_id, meeting.ref, _changed(message, meeting.ref)))
    return told


def tell_of_typing(meeting_ref: str, key: str, name: str) -> None:
    """Tell whoever else shows the thread, such as programs, that somebody writes on our pages."""
    thread = Thread.objects.filter(meeting__ref=meeting_ref).first()
    if thread is not None:
        chat.show_typing(thread, key, name, shown_by=SHOWN_BY)


def of_change(change: ChatChange) -> tuple[str, Json] | None:
    """Return the meeting and what its pages are told of a change of its thread; None for what they do not show."""
    shown = _of_change(change)
    meeting_ref = Meeting.objects.filter(thread=change.thread).values_list("ref", flat=True).first() if shown else None
    if shown is None or meeting_ref is None:
        return None
    if change.message is not None and shown["type"] != "read":
        shown |= item(change.message, talking.roles(meeting_ref))
    return meeting_ref, shown


def _of_change(change: ChatChange) -> Json | None:
    match change.kind:
        case Change.MESSAGE:
            return {"type": "chat"}
        case Change.EDITED | Change.DELETED:
            return {"type": "chat_changed"}
        case Change.TYPING:
            return {"type": "typing", "from": change.by, "name": change.by_name, "on": True}
        case Change.MEMBERS_ADDED | Change.MEMBERS_REMOVED:
            names = thread_people.through_programs(change.business_id, change.thread_id)
            return {"type": "chat_programs", "programs": names}
        case Change.READ if change.message is not None:
            return {"type": "read", "from": change.by, "number": change.message.seq}
    return None


def _changed(message: Message, meeting_ref: str) -> Json:
    return {"type": "chat_changed", **item(message, talking.roles(meeting_ref))}


def item(row: Message, roles: Mapping[str, str]) -> Json:
    """Return one chat message as everyone sees it; `roles` by author."""
    shown: Json = {
        "id": f"m{row.pk}",
        "number": row.seq,
        "from": {"id": row.author, "name": row.author_name, "role": _role(row.author, roles)},
        "text": row.words,
        "at": stamp(row.at),
    }
    if row.edited_at is not None:
        shown["edited_at"] = stamp(row.edited_at)
    if row.deleted_at is not None:
        shown["deleted"] = True
    elif row.attachment is not None:
        shown["attachment"] = attachment(row.attachment)
    return shown


def attachment(file: Attachment) -> Json:
    """Return a file as everyone sees it; only of a ready one there is an address."""
    shown: Json = {
        "ref": file.ref,
        "name": file.name,
        "type": file.media_type,
        "size": file.size,
        "state": str(file.state),
    }
    if file.refusal:
        shown["refusal"] = file.refusal
    if file.state != Attachment.State.READY:
        return shown
    shown |= {"url": f"{UPLOADS}/{file.ref}", "scanned": file.is_scanned}
    if file.width and file.height:
        shown |= {"width": file.width, "height": file.height, "thumbnail": f"{UPLOADS}/{file.ref}/small"}
    return shown


def _files(at: str) -> Json:
    return {"at": at, "most_bytes": files.MOST_BYTES, "part_bytes": files.PART_BYTES, "accept": files.ACCEPT}


def _role(author: str, roles: Mapping[str, str]) -> str:
    return roles.get(author, "manager" if author.startswith(talking.STAFF_KEY) else "helper")


def _unknown() -> NotFound:
    return NotFound(_("Open the link from your message again."))
