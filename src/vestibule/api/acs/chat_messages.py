"""Chat: what identities write, read, change and take back in a thread, and how they show that they write and read."""

import re
from typing import Final

from vestibule.api.acs import chat_wire as wire
from vestibule.api.acs.asked import TOKEN, Asked
from vestibule.api.acs.chat_wire import ALL, Shapes
from vestibule.api.plain import Answer, Operations, shown
from vestibule.chat import reading, speaking
from vestibule.chat.speaking import Said

operations: Operations[Asked] = Operations()
AT: Final = "/chat/threads/{chatThreadId}"
_PLACE = re.compile(r"(\d{1,16})-(\d{1,16})", re.ASCII)


@operations.on(
    "POST", f"{AT}/messages", by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_SendChatMessage"
)  # fmt: skip
def send(asked: Asked) -> Answer:
    """Say something."""
    given = asked.body()
    content, kind = wire.text(given, "content"), given.get("type") or "text"
    if content is None:
        raise wire.wrong("content", "is what the message says")
    if kind not in ("text", "html"):
        raise wire.wrong("type", "is text or html")
    name = (wire.text(given, "senderDisplayName") or "").strip()
    said = Said(content, is_html=kind == "html", name=name, metadata=wire.metadata(given))
    message = speaking.say(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), said)
    location = wire.address_of(asked.call, message.thread, f"/messages/{message.stamp}")
    return shown(201, {"id": str(message.stamp)}, Location=location)


@operations.on(
    "GET", f"{AT}/messages", by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_ListChatMessages"
)  # fmt: skip
def list_messages(asked: Asked) -> Answer:
    """Show a page of what was said, and of who came and went meanwhile, the newest first."""
    before, since = _place(asked)
    size = wire.page_size(asked)
    thread, person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    found, more = reading.timeline(thread, person, before=before, since=since, limit=size)
    shapes = Shapes.of(asked, thread)
    link = None
    if more:
        link = wire.next_link(asked, syncState=f"{found[-1].stamp}-{since}", maxPageSize=size)
    return shown(200, wire.collection([shapes.entry(one) for one in found], link))


@operations.on(
    "GET", f"{AT}/messages/{{chatMessageId}}", by=TOKEN, service="chat", scopes=ALL,
    operation="ChatThread_GetChatMessage",
)  # fmt: skip
def get(asked: Asked) -> Answer:
    """Show one message."""
    thread, person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    found = reading.message(thread, person, wire.stamp_of(asked.params["chatMessageId"]))
    return shown(200, Shapes.of(asked, thread).entry(found))


@operations.on(
    "PATCH", f"{AT}/messages/{{chatMessageId}}", by=TOKEN, service="chat", scopes=ALL,
    operation="ChatThread_UpdateChatMessage",
)  # fmt: skip
def update(asked: Asked) -> Answer:
    """Change an own message."""
    given, stamp = asked.body(), wire.stamp_of(asked.params["chatMessageId"])
    content, metadata = wire.text(given, "content"), wire.metadata(given)
    speaking.change(
        asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), stamp, text=content, metadata=metadata
    )
    return Answer(204)


@operations.on(
    "DELETE", f"{AT}/messages/{{chatMessageId}}", by=TOKEN, service="chat", scopes=ALL,
    operation="ChatThread_DeleteChatMessage",
)  # fmt: skip
def delete(asked: Asked) -> Answer:
    """Take back an own message; its place stays."""
    stamp = wire.stamp_of(asked.params["chatMessageId"])
    speaking.take_back(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), stamp)
    return Answer(204)


@operations.on(
    "POST", f"{AT}/typing", by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_SendTypingNotification"
)  # fmt: skip
def show_typing(asked: Asked) -> Answer:
    """Show the others that one writes."""
    name = wire.text(asked.body(), "senderDisplayName") or ""
    speaking.show_typing(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), name[:120])
    return Answer(200)


@operations.on(
    "POST", f"{AT}/readReceipts", by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_SendChatReadReceipt"
)  # fmt: skip
def note_read(asked: Asked) -> Answer:
    """Note up to which message one has read."""
    stamp = wire.stamp_of(wire.text(asked.body(), "chatMessageId"))
    speaking.note_read(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked), stamp)
    return Answer(200)


@operations.on(
    "GET", f"{AT}/readReceipts", by=TOKEN, service="chat", scopes=ALL, operation="ChatThread_ListChatReadReceipts"
)  # fmt: skip
def list_receipts(asked: Asked) -> Answer:
    """Show how far each has read."""
    skip, size = wire.number(asked, "skip", 0), wire.page_size(asked)
    thread, person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    found = reading.receipts(thread, person)
    shapes = Shapes.of(asked, thread)
    value = [
        {
            "senderCommunicationIdentifier": shapes.identifier(one.key),
            "chatMessageId": str(one.stamp),
            "readOn": wire.time_of(one.at),
        }
        for one in found[skip : skip + size]
    ]
    is_more = len(found) > skip + size
    link = wire.next_link(asked, skip=skip + size, maxPageSize=size) if is_more else None
    return shown(200, wire.collection(value, link))


def _place(asked: Asked) -> tuple[int | None, int]:
    """Return before which stamp the page ends and with which the list begins."""
    place = asked.call.query.get("syncState")
    if place is None:
        return None, wire.since(asked)
    found = _PLACE.fullmatch(place)
    if found is None:
        raise wire.wrong("syncState", "is what a nextLink held")
    return int(found[1]), int(found[2])
