"""Chat: threads that identities begin, find, change and delete."""

import hashlib
from typing import Any

from vestibule.api.acs import chat_wire as wire
from vestibule.api.acs.asked import TOKEN, Asked
from vestibule.api.acs.chat_wire import ALL, OWNING, Shapes
from vestibule.api.plain import Answer, Operations, shown
from vestibule.chat import participants, reading, threads
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Thread
from vestibule.chat.threads import Wish
from vestibule.store import clock

operations: Operations[Asked] = Operations()


@operations.on(
    "POST", "/chat/threads", by=TOKEN, service="chat", scopes=OWNING, operation="Chat_CreateChatThread"
)  # fmt: skip
def create(asked: Asked) -> Answer:
    """Begin a thread; the same `repeatability-request-id` gives the same thread."""
    given, key = asked.body(), wire.key_of(asked)
    people, refused = wire.newcomers(asked, given.get("participants"))
    wish = Wish(
        _topic(given),
        people,
        wire.metadata(given) or {},
        _retention(given.get("retentionPolicy")),
        _client_id(asked),
    )
    me = next((one for one in people if one.key == key), Newcomer(key))
    thread = threads.begin(asked.caller.business_id, me, wish)
    told: dict[str, Any] = {"chatThread": Shapes.of(asked, thread).properties()}
    if refused:
        told["invalidParticipants"] = refused
    return shown(201, told, Location=wire.address_of(asked.call, thread))


@operations.on("GET", "/chat/threads", by=TOKEN, service="chat", scopes=ALL, operation="Chat_ListChatThreads")
def list_threads(asked: Asked) -> Answer:
    """Show a page of the threads somebody is in, the newest first."""
    since, size = wire.since(asked), wire.page_size(asked)
    mine = participants.threads_of(asked.caller.business_id, wire.key_of(asked))
    rows = mine.filter(last_stamp__gte=since).select_related("meeting").order_by("-pk")
    after = asked.call.query.get("syncState", "")
    if after:
        rows = rows.filter(pk__lt=mine.filter(ref=wire.plain_ref(after)).values_list("pk", flat=True).first() or 0)
    found = list(rows[: size + 1])
    link = None
    if len(found) > size:
        times = {"startTime": asked.call.query["startTime"]} if since else {}
        link = wire.next_link(asked, syncState=found[size - 1].ref, maxPageSize=size, **times)
    return shown(200, wire.collection([_item(one) for one in found[:size]], link))


@operations.on(
    "GET", "/chat/threads/{chatThreadId}", by=TOKEN, service="chat", scopes=ALL,
    operation="ChatThread_GetChatThreadProperties",
)  # fmt: skip
def get(asked: Asked) -> Answer:
    """Show a thread."""
    thread, _person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), or_deleted=True)
    return shown(200, Shapes.of(asked, thread).properties())


@operations.on(
    "PATCH", "/chat/threads/{chatThreadId}", by=TOKEN, service="chat", scopes=OWNING,
    operation="ChatThread_UpdateChatThreadProperties",
)  # fmt: skip
def update(asked: Asked) -> Answer:
    """Give a thread another topic, metadata or retention; what is not said, or null, stays."""
    given = asked.body()
    fields: dict[str, Any] = {}
    if given.get("topic") is not None:
        fields["topic"] = _topic(given)
    if given.get("metadata") is not None:
        fields["metadata"] = wire.metadata(given)
    if given.get("retentionPolicy") is not None:
        fields["retention_days"] = _retention(given["retentionPolicy"])
    threads.change(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), **fields)
    return Answer(204)


@operations.on(
    "DELETE", "/chat/threads/{chatThreadId}", by=TOKEN, service="chat", scopes=OWNING,
    operation="Chat_DeleteChatThread",
)  # fmt: skip
def delete(asked: Asked) -> Answer:
    """Delete a thread; its people see in their lists that it was."""
    threads.delete(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    return Answer(204)


def _item(thread: Thread) -> dict[str, Any]:
    told: dict[str, Any] = {"id": thread.wire_id, "topic": wire.topic_of(thread)}
    if thread.deleted_at is not None:
        told["deletedOn"] = wire.time_of(thread.deleted_at)
    if thread.last_stamp:
        told["lastMessageReceivedOn"] = wire.time_of(clock.from_milliseconds(thread.last_stamp))
    return told


def _topic(given: dict[str, Any]) -> str:
    topic = wire.text(given, "topic")
    if topic is None:
        raise wire.wrong("topic", "says what the thread is about")
    return topic


def _retention(given: Any) -> int | None:
    if given is None or given == {"kind": "none"}:
        return None
    days = given.get("deleteThreadAfterDays") if isinstance(given, dict) else None
    if not isinstance(given, dict) or given.get("kind") != "threadCreationDate" or type(days) is not int:
        words = 'is {"kind": "none"} or {"kind": "threadCreationDate", "deleteThreadAfterDays": 30}'
        raise wire.wrong("retentionPolicy", words)
    return days


def _client_id(asked: Asked) -> str:
    name = asked.call.headers.get("repeatability-request-id", "")
    return name if len(name) <= 64 else hashlib.sha256(name.encode()).hexdigest()
