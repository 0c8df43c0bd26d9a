"""Chat as Communication Services writes it: what requests say, read strictly, and what is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from vestibule.api.acs.asked import Asked, origin
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Call
from vestibule.chat import markup, participants
from vestibule.chat.members import Newcomer
from vestibule.chat.models import PREFIX, SUFFIX, Attachment, Message, Notice, Thread
from vestibule.chat.participants import Person
from vestibule.people import identities
from vestibule.store import clock

ALL: Final = frozenset({"chat", "chat.join", "chat.join.limited"})
JOINING: Final = frozenset({"chat", "chat.join"})
OWNING: Final = frozenset({"chat"})
"""The scopes of tokens that may read and write; also add and remove people; also begin, change and delete threads."""
PAGE, LARGEST_PAGE = 100, 200
VERSION = "2025-03-15"
LONGEST_ID = 400
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_STAMP = re.compile(r"\d{1,16}", re.ASCII)
_TYPES: Final = {
    Notice.Kind.TOPIC: "topicUpdated",
    Notice.Kind.ADDED: "participantAdded",
    Notice.Kind.REMOVED: "participantRemoved",
}
Json = dict[str, Any]


def key_of(asked: Asked) -> str:
    """Return by what the chat knows who asks."""
    assert asked.caller.bearer is not None, "operations of the chat are asked for by token"
    return asked.caller.bearer.key


def ref_of(asked: Asked) -> str:
    """Return our name of the thread in the address, "" for what is no thread's name."""
    name = asked.params["chatThreadId"]
    if not name.startswith(PREFIX) or not name.endswith(SUFFIX):
        return ""
    return plain_ref(name[len(PREFIX) : -len(SUFFIX)])


def plain_ref(text: str) -> str:
    """Return `text` if it may be a reference of ours, else ""."""
    return text if len(text) == 16 and text.isascii() and text.isalnum() else ""


def stamp_of(text: Any) -> int:
    """Return the stamp that a message's id is; 0, which no message has, for what is none."""
    return int(text) if isinstance(text, str) and _STAMP.fullmatch(text) else 0


def address_of(call: Call, thread: Thread, rest: str = "") -> str:
    """Return the address of a thread, or of something in it."""
    return f"{origin(call)}/chat/threads/{quote(thread.wire_id, safe='@')}{rest}"


def next_link(asked: Asked, **query: object) -> str:
    """Return the address of the next page: the one that was called, with `query` for its place."""
    version = asked.call.query.get("api-version", VERSION)
    return f"{asked.origin}{asked.call.raw_path}?{urlencode({**query, 'api-version': version})}"


def page_size(asked: Asked) -> int:
    """Return how many a page has: 100 unless `maxPageSize` says it, at most 200."""
    return max(1, min(number(asked, "maxPageSize", PAGE), LARGEST_PAGE))


def number(asked: Asked, name: str, usual: int) -> int:
    """Return a number of the query. Raises Fault (400)."""
    text = asked.call.query.get(name)
    if text is None:
        return usual
    if not _NUMBER.fullmatch(text):
        raise wrong(name, "is a whole number")
    return int(text)


def since(asked: Asked) -> int:
    """Return `startTime` in milliseconds, 0 for none. Raises Fault (400)."""
    read = instant(asked.call.query, "startTime")
    return max(0, clock.to_milliseconds(read)) if read is not None else 0


def text(given: Mapping[str, Any], name: str) -> str | None:
    """Return a text of the body, None where it is not said. Raises Fault (400)."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong(name, "is a text")
    return value


def metadata(given: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the metadata of the body, None where it is not said. Raises Fault (400)."""
    value = given.get("metadata")
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise wrong("metadata", "is an object of texts")
    return value


def instant(given: Mapping[str, Any], name: str) -> datetime | None:
    """Return an instant of the body or query, None where it is not said. Raises Fault (400)."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise wrong(name, "is a time such as 2026-05-17T09:30:00Z")
    try:
        read = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(name, "is a time such as 2026-05-17T09:30:00Z") from None


def raw_id(given: Any) -> str:
    """Return the name of whom an identifier means: its `rawId`, or the id of its user. Raises Fault (400)."""
    if isinstance(given, dict):
        user = given.get("communicationUser")
        named = given.get("rawId") or (user.get("id") if isinstance(user, dict) else None)
        if isinstance(named, str) and 0 < len(named) <= LONGEST_ID:
            return named
    raise wrong("communicationIdentifier", 'names somebody: {"communicationUser": {"id": "8:acs:…"}}')


def newcomers(asked: Asked, given: Any) -> tuple[list[Newcomer], list[Json]]:
    """Return who of `participants` can be in a thread, and errors for the others, as the answer tells them.

    Only identities of this resource that are not deleted can. Raises Fault (400) for what cannot be read.
    """
    if given is None:
        given = []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise wrong("participants", "is a list of participants")
    named = {raw_id(one.get("communicationIdentifier")): one for one in given}
    guids = {raw: identities.guid_of(asked.caller.resource, raw) for raw in named}
    known = identities.known(asked.caller.of, [guid for guid in guids.values() if guid is not None]) if guids else set()
    people: dict[str, Newcomer] = {}
    refused = []
    for raw, one in named.items():
        guid = guids[raw]
        newcomer = _newcomer(one, guid) if guid is not None else None
        if newcomer is not None and guid in known:
            people[newcomer.key] = newcomer
        else:
            refused.append(_refused(raw, is_ours=guid is not None))
    return list(people.values()), refused


def _newcomer(given: Mapping[str, Any], guid: UUID) -> Newcomer:
    return Newcomer(
        identities.key_of_guid(guid),
        text(given, "displayName") or "",
        instant(given, "shareHistoryTime"),
        metadata(given) or {},
    )


def _refused(raw: str, *, is_ours: bool) -> Json:
    if is_ours:
        return {"target": raw, "code": "404", "message": "Not found"}
    return {"target": raw, "code": "403", "message": "Permissions check failed"}


def wrong(name: str, what: str) -> Fault:
    """Return the fault of a value that cannot be used."""
    return Fault(400, "BadRequest", f"`{name}` {what}. Nothing was changed.", target=name)


def time_of(at: datetime) -> str:
    """Return an instant as answers write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Shapes:
    """How a thread and what is in it are written, for one request.

    `also` gives the key of whom the chat knows by another one too: of an identity that has a seat in the meeting.
    """

    resource: UUID
    call: Call
    thread: Thread
    also: Mapping[str, str]

    @classmethod
    def of(cls, asked: Asked, thread: Thread) -> "Shapes":
        """Return how `thread` is written for who asks."""
        people = participants.of(thread) if thread.is_of_meeting else ()
        also = {one.also: one.key for one in people if one.also}
        return cls(asked.caller.resource, asked.call, thread, also)

    def identifier(self, key: str) -> Json:
        """Return whom the chat knows by `key`."""
        name = identities.mri(self.resource, self.also.get(key, key))
        return {"kind": "communicationUser", "rawId": name, "communicationUser": {"id": name}}

    def properties(self) -> Json:
        """Return the thread itself."""
        thread, days = self.thread, self.thread.retention_days
        told: Json = {
            "id": thread.wire_id,
            "topic": topic_of(thread),
            "createdOn": time_of(thread.created_at),
            "createdByCommunicationIdentifier": self.identifier(thread.created_by),
            "retentionPolicy": {"kind": "none"},
        }
        if days is not None:
            told["retentionPolicy"] = {"kind": "threadCreationDate", "deleteThreadAfterDays": days}
        if thread.metadata:
            told["metadata"] = thread.metadata
        if thread.deleted_at is not None:
            told["deletedOn"] = time_of(thread.deleted_at)
        return told

    def participant(self, person: Person) -> Json:
        """Return somebody who is in the thread."""
        told: Json = {
            "communicationIdentifier": self.identifier(person.key),
            "displayName": person.name,
            "shareHistoryTime": time_of(clock.from_milliseconds(person.from_stamp)),
        }
        return told | ({"metadata": person.metadata} if person.metadata else {})

    def entry(self, one: Message | Notice) -> Json:
        """Return a message or a notice."""
        return self._message(one) if isinstance(one, Message) else self._notice(one)

    def _message(self, one: Message) -> Json:
        told: Json = {
            "id": str(one.stamp),
            "type": "html" if _picture(one) else str(one.kind),
            "sequenceId": str(one.position),
            "version": str(one.version),
            "senderDisplayName": one.author_name,
            "createdOn": time_of(one.at),
            "senderCommunicationIdentifier": self.identifier(one.author),
        }
        if one.deleted_at is not None:
            return told | {
                "deletedOn": time_of(one.deleted_at),
                "content": {},
            }  # Java's package reads no message without
        told["content"] = self._content(one)
        if one.edited_at is not None:
            told["editedOn"] = time_of(one.edited_at)
        if one.metadata:
            told["metadata"] = one.metadata
        return told

    def _content(self, one: Message) -> Json:
        file = one.attachment
        if file is None or file.state != Attachment.State.READY:
            return {"message": one.text}
        said = markup.of_picture(one.text, file.ref, file.name) if _picture(one) else one.text
        return {"message": said, "attachments": [self.attachment(file)]}

    def attachment(self, file: Attachment) -> Json:
        """Return a file that is handed out to whoever is in the thread, by their token."""
        told = {"id": file.ref, "name": file.name}
        if not file.width:
            return {**told, "attachmentType": "file", "url": self._file(f"/files/{file.ref}")}
        views = f"/images/{file.ref}/views/"
        addresses = {"url": self._file(f"{views}original"), "previewUrl": self._file(f"{views}small")}
        return {**told, "attachmentType": "image", **addresses}

    def _file(self, rest: str) -> str:
        return f"{address_of(self.call, self.thread, rest)}?api-version={VERSION}"

    def _notice(self, one: Notice) -> Json:
        content: Json = {"initiatorCommunicationIdentifier": self.identifier(one.by)}
        if one.kind == Notice.Kind.TOPIC:
            content["topic"] = one.facts.get("topic", "")
        else:
            content["participants"] = [self._member(facts) for facts in one.facts.get("members", [])]
        return {
            "id": str(one.stamp),
            "type": _TYPES[Notice.Kind(one.kind)],
            "sequenceId": str(one.position),
            "version": str(one.stamp),
            "content": content,
            "createdOn": time_of(one.at),
        }

    def _member(self, facts: Mapping[str, Any]) -> Json:
        return {
            "communicationIdentifier": self.identifier(facts["key"]),
            "displayName": facts["name"],
            "shareHistoryTime": time_of(clock.from_milliseconds(facts["from_stamp"])),
        }


def topic_of(thread: Thread) -> str:
    """Return what a thread is about: of a meeting's, until a program says otherwise, what the meeting is called."""
    return thread.topic or (thread.meeting.title if thread.is_of_meeting and hasattr(thread, "meeting") else "")


def collection(value: Sequence[Json], link: str | None) -> Json:
    """Return a page, with the address of the next one if there is one."""
    return {"value": list(value)} | ({"nextLink": link} if link else {})


def _picture(one: Message) -> bool:
    file = one.attachment
    return file is not None and bool(file.width) and file.state == Attachment.State.READY and one.deleted_at is None
