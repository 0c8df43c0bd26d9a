"""Events of threads for subscribers, as `subscriptions.kinds` names their facts; written down where they happen."""

from collections.abc import Iterable
from typing import Any, Final

from vestibule.chat import participants
from vestibule.chat.listeners import Change
from vestibule.chat.models import Member, Message, Thread
from vestibule.store import clock
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.outbox import Event

_KINDS: Final = {
    Change.MESSAGE: Kind.MESSAGE_RECEIVED,
    Change.EDITED: Kind.MESSAGE_EDITED,
    Change.DELETED: Kind.MESSAGE_DELETED,
    Change.THREAD_CREATED: Kind.THREAD_CREATED,
    Change.THREAD_UPDATED: Kind.THREAD_UPDATED,
    Change.THREAD_DELETED: Kind.THREAD_DELETED,
    Change.MEMBERS_ADDED: Kind.MEMBER_ADDED,
    Change.MEMBERS_REMOVED: Kind.MEMBER_REMOVED,
}
_WHEN: Final = {
    Change.EDITED: "edited_at",
    Change.DELETED: "deleted_at",
    Change.THREAD_UPDATED: "updated_at",
    Change.THREAD_DELETED: "deleted_at",
    Change.MEMBERS_ADDED: "at",
    Change.MEMBERS_REMOVED: "at",
}


def of_message(kind: Change, thread: Thread, message: Message) -> None:
    """Write down what became of a message, for whoever subscribed."""
    _tell(kind, thread, lambda: _message(kind, thread, message))


def of_thread(kind: Change, thread: Thread, by: str, members: Iterable[Member] = ()) -> None:
    """Write down what became of a thread, or who came and went (`members`), for whoever subscribed."""
    _tell(kind, thread, lambda: _thread(kind, thread, by, list(members)))


def _tell(kind: Change, thread: Thread, facts: Any) -> None:
    outbox.tell(thread.business_id, Event(_KINDS[kind], f"threads/{thread.wire_id}", facts))


def _message(kind: Change, thread: Thread, message: Message) -> dict[str, Any]:
    facts = {
        "thread": thread.wire_id,
        "message": str(message.stamp),
        "version": str(message.version),
        "author": message.author,
        "author_name": message.author_name,
        "type": str(message.kind),
        "metadata": message.metadata,
        "written_at": message.at,
        "readers": participants.keys(thread),
    }
    if kind != Change.DELETED:
        facts["text"] = message.text
    if kind in _WHEN:
        facts[_WHEN[kind]] = message.edited_at if kind == Change.EDITED else message.deleted_at
    return facts


def _thread(kind: Change, thread: Thread, by: str, members: list[Member]) -> dict[str, Any]:
    facts = {
        "thread": thread.wire_id,
        "version": str(max(thread.last_stamp, clock.to_milliseconds(clock.now()))),
        "topic": thread.topic,
        "metadata": thread.metadata,
        "created_at": thread.created_at,
        "by": by,
        "readers": list(dict.fromkeys([*participants.keys(thread), *(one.key for one in members)])),
    }
    if kind in _WHEN:
        facts[_WHEN[kind]] = thread.deleted_at or clock.now()
    if members:
        facts["members"] = [_member(one) for one in members]
    return facts


def _member(one: Member) -> dict[str, Any]:
    return {"key": one.key, "name": one.name, "shared_from": one.shared_from, "metadata": one.metadata}
