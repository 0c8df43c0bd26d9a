"""What is told of a thread, as the browser's library expects it: a number for what happened, and a JSON object.

One event goes to many people and differs in one place, the name of its reader. So it is encoded once, for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import orjson

from vestibule.store import clock

MESSAGE, TYPING, READ, EDITED, DELETED = 200, 245, 246, 247, 248
THREAD_CREATED, THREAD_UPDATED, THREAD_DELETED, MEMBERS_ADDED, MEMBERS_REMOVED = 257, 258, 259, 260, 261
TYPES: Final[Mapping[str, str]] = {"text": "Text", "html": "RichText/Html"}
BY_POLICY: Final = "deletedByPolicy"
_READER: Final = "8:reader"
_HEAD: Final = '"method":"POST","headers":{},"body":'


@dataclass(frozen=True)
class Event:
    """An event in two pieces: what comes before the name of its reader, and what after."""

    before: str
    after: str

    def frame(self, number: int, place: str, reader: str) -> str:
        """Return the packet for `reader`, whose connection counts it as `number` and is called `place`."""
        return f'3:::{{"id":{number},"url":"{place}",{self.before}{reader}{self.after}}}'

    @property
    def size(self) -> int:
        """How many characters a packet has, about."""
        return len(self.before) + len(self.after) + 150


def event(kind: int, facts: Mapping[str, Any]) -> Event:
    """Return an event of `kind` with `facts`, JSON."""
    inner = orjson.dumps({"recipientMri": _READER, "eventId": kind, **facts}).decode()
    before, _reader, after = orjson.dumps(inner).decode().partition(_READER)  # the first is ours: it comes first
    return Event(_HEAD + before, after)


@dataclass(frozen=True)
class Person:
    """Somebody in a thread by their name on the wire; `since` is when the thread began to be shared with them."""

    id: str
    name: str = ""
    since: datetime | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Said:
    """A message: who says it where, `type` as in `TYPES`. `attachments` is as in the REST answers."""

    thread: str
    id: str
    version: str
    by: str
    by_name: str
    at: datetime
    type: str = "text"
    text: str = ""
    client_id: str = ""
    metadata: Mapping[str, str] | None = None
    attachments: Sequence[Mapping[str, Any]] = ()


def message(said: Said) -> Event:
    """Somebody wrote something."""
    return event(MESSAGE, _message(said))


def edited(said: Said, at: datetime) -> Event:
    """A message has other words now."""
    return event(EDITED, {**_message(said), "edittime": _moment(at)})


def deleted(said: Said, at: datetime) -> Event:
    """A message was taken back: nothing of what it said is told."""
    return event(DELETED, {**_head(said), "deletetime": _moment(at)})


def typing(thread: str, by: str, by_name: str, at: datetime) -> Event:
    """Somebody is writing."""
    facts = {"senderId": by, "senderDisplayName": by_name, "groupId": thread, "messageId": _milliseconds(at)}
    return event(TYPING, facts | {"version": _milliseconds(at), "originalArrivalTime": _moment(at)})


def read(thread: str, by: str, message_id: str, at: datetime) -> Event:
    """Somebody has read up to a message."""
    horizon = {"user": by, "consumptionhorizon": f"{message_id};{_milliseconds(at)};{message_id}"}
    body = horizon | {"messageVisibilityTime": 0, "version": _milliseconds(at)}
    facts = {"senderId": by, "groupId": thread, "messageId": message_id, "clientMessageId": ""}
    return event(READ, facts | {"messageBody": orjson.dumps(body).decode()})


def thread_created(
    thread: str, version: str, by: Person, at: datetime, people: Sequence[Person], properties: Mapping[str, str]
) -> Event:
    """A thread begins with `people`; `properties` as of `properties_of`."""
    facts = {"createTime": _moment(at), "createdBy": _escaped(_person(by)), "members": _people(people)}
    return event(THREAD_CREATED, {"threadId": thread, "version": version, **facts, "properties": _escaped(properties)})


def thread_updated(thread: str, version: str, by: Person, at: datetime, properties: Mapping[str, str]) -> Event:
    """A thread has another topic, metadata or retention."""
    facts = {"editTime": _moment(at), "editedBy": _escaped(_person(by))}
    return event(THREAD_UPDATED, {"threadId": thread, "version": version, **facts, "properties": _escaped(properties)})


def thread_deleted(thread: str, version: str, by: Person | None, at: datetime) -> Event:
    """A thread is gone; without `by` its time was over."""
    facts = {"threadId": thread, "version": version, "deleteTime": _moment(at)}
    facts |= {"deletedBy": _escaped(_person(by))} if by is not None else {"reason": BY_POLICY}
    return event(THREAD_DELETED, facts)


def members_added(thread: str, version: str, by: Person, at: datetime, people: Sequence[Person]) -> Event:
    """People were added."""
    facts = {"time": _moment(at), "addedBy": _escaped(_person(by)), "participantsAdded": _people(people)}
    return event(MEMBERS_ADDED, {"threadId": thread, "version": version, **facts})


def members_removed(thread: str, version: str, by: Person, at: datetime, people: Sequence[Person]) -> Event:
    """People were removed, or left."""
    facts = {"time": _moment(at), "removedBy": _escaped(_person(by)), "participantsRemoved": _people(people)}
    return event(MEMBERS_REMOVED, {"threadId": thread, "version": version, **facts})


def properties_of(topic: str, metadata: Mapping[str, str], retention_days: int | None) -> dict[str, str]:
    """Return what a thread is like, as its events say it."""
    properties = {"topic": topic, "acsChatThreadMetadata": orjson.dumps(dict(metadata)).decode()}
    if retention_days is not None:
        policy = {"retentionPolicyType": "DeleteAfterCreationTime", "executeAfter": f"{retention_days}.00:00:00"}
        properties["retentionPolicy"] = orjson.dumps(policy).decode()
    return properties


def _head(said: Said) -> dict[str, Any]:
    return {
        "senderId": said.by,
        "groupId": said.thread,
        "messageId": said.id,
        "clientMessageId": said.client_id,
        "senderDisplayName": said.by_name,
        "messageType": TYPES[said.type],
        "version": said.version,
        "originalArrivalTime": _moment(said.at),
    }


def _message(said: Said) -> dict[str, Any]:
    facts = _head(said) | {"messageBody": said.text}
    facts["acsChatMessageMetadata"] = orjson.dumps(dict(said.metadata or {})).decode()
    if said.attachments:
        facts["attachments"] = orjson.dumps([dict(one) for one in said.attachments]).decode()
    return facts


def _person(person: Person) -> dict[str, str]:
    shown = {"participantId": person.id, "displayName": person.name}
    if person.since is not None:
        shown["shareHistoryTime"] = _moment(person.since)
    if person.metadata:
        shown["memberMetaData"] = orjson.dumps(dict(person.metadata)).decode()
    return shown


def _people(people: Sequence[Person]) -> str:
    return _escaped([_person(one) for one in people])


def _escaped(value: Any) -> str:
    return escape(orjson.dumps(value).decode())


def escape(text: str) -> str:
    """Return `text` so that JavaScript's old `unescape`, which knows no UTF-8, gives it back."""
    if text.isascii():
        return quote(text, safe="@*_+-./")
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[at] << 8 | units[at + 1] for at in range(0, len(units), 2))
    return "".join(quote(chr(one), safe="@*_+-./") if one < 0x80 else f"%u{one:04X}" for one in pairs)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _milliseconds(at: datetime) -> str:
    return str(clock.to_milliseconds(at))
