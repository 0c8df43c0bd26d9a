"""From changes of threads to events for browsers (`settings.CHAT_LISTENERS`).

Runs in the thread that changed something, after its transaction: where no browser listens it ends at once.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from vestibule.api.acs.realtime import events, exchange
from vestibule.api.acs.realtime.events import Event
from vestibule.chat import markup, participants
from vestibule.chat.listeners import Change, ChatChange
from vestibule.chat.models import Attachment, Member, Message
from vestibule.chat.participants import Person
from vestibule.chat.speaking import FEW
from vestibule.people import communication, identities
from vestibule.store import clock

_ABOUT_A_MESSAGE: Final = frozenset({Change.EDITED, Change.DELETED, Change.READ})
_AMONG_FEW: Final = frozenset({Change.TYPING, Change.READ})


@dataclass(frozen=True)
class _Told:
    """A change with who is in its thread, and the resource in whose names they are told of it."""

    change: ChatChange
    people: Sequence[Person]
    resource: UUID

    @property
    def thread(self) -> str:
        return self.change.thread.wire_id

    @property
    def version(self) -> str:
        return str(self.change.thread.last_stamp or clock.to_milliseconds(self.change.at))

    def name(self, key: str) -> str:
        """Return the name on the wire of `key`, which may be the seat of somebody who has an identity."""
        known = next((one.key for one in self.people if one.also and one.also == key), key)
        return identities.mri(self.resource, known)

    def by(self) -> events.Person:
        return events.Person(self.name(self.change.by), self.change.by_name)


def thread_changed(change: ChatChange) -> None:
    """Tell the browsers of a thread's people of a change."""
    if not exchange.has_listeners(change.business_id):
        return
    resource = _resource(change.business_id)
    if resource is None:
        return
    people = participants.of(change.thread)
    if change.kind in _AMONG_FEW and len(people) > FEW:
        return
    keys = _readers(change, people)
    if keys:
        exchange.tell(change.business_id, keys, _SHAPES[change.kind](_Told(change, people, resource)))


def _resource(business_id: int) -> UUID | None:
    for resource in communication.answering().values():
        if resource.business_id == business_id and "chat" in resource.services:
            return resource.resource
    return None


def _readers(change: ChatChange, people: Sequence[Person]) -> list[str]:
    """Return the identities that may know of a change: of an earlier message only those who may read it."""
    found = [one.key for one in people if identities.is_key(one.key) and _may_know(change, one)]
    if change.kind == Change.MEMBERS_REMOVED:
        found += [row.key for row in change.members if identities.is_key(row.key) and row.key not in found]
    return found


def _may_know(change: ChatChange, person: Person) -> bool:
    is_earlier = change.kind in _ABOUT_A_MESSAGE and change.message is not None
    return not is_earlier or change.message is None or change.message.stamp >= person.from_stamp


def _said(told: _Told) -> events.Said:
    message = _message(told)
    is_there = message.deleted_at is None
    file = _file(message) if is_there and message.attachment_id is not None else None
    is_picture = file is not None and bool(file.width)
    said = markup.of_picture(message.text, file.ref, file.name) if file is not None and is_picture else message.text
    return events.Said(
        thread=told.thread,
        id=str(message.stamp),
        version=str(message.version),
        by=told.name(message.author),
        by_name=message.author_name,
        at=message.at,
        type="html" if is_picture else str(message.kind),
        text=said if is_there else "",
        client_id=message.client_id,
        metadata=message.metadata if is_there else None,
        attachments=[_attachment(told, file)] if file is not None else (),
    )


def _file(message: Message) -> Attachment | None:
    ready = Attachment.objects.filter(message=message, state=Attachment.State.READY)
    found: Attachment | None = ready.defer("content", "thumbnail").first()
    return found


def _attachment(told: _Told, file: Attachment) -> dict[str, str]:
    """Return a file as messages name it; the library puts its own endpoint before the addresses of pictures."""
    at = f"/chat/threads/{quote(told.thread, safe='@')}"
    shown = {"id": file.ref, "name": file.name}
    if not file.width:
        return {**shown, "attachmentType": "file", "url": f"{at}/files/{file.ref}"}
    views = f"{at}/images/{file.ref}/views/"
    return {**shown, "attachmentType": "image", "url": f"{views}original", "previewUrl": f"{views}small"}


def _message(told: _Told) -> Message:
    message = told.change.message
    assert message is not None, "changes of messages carry them"
    return message


def _people(told: _Told) -> list[events.Person]:
    return [_person(told, row) for row in told.change.members]


def _person(told: _Told, row: Member) -> events.Person:
    return events.Person(told.name(row.key), row.name, row.shared_from if row.from_stamp else None, row.metadata)


def _created(told: _Told) -> Event:
    change = told.change
    return events.thread_created(told.thread, told.version, told.by(), change.at, _people(told), _properties(told))


def _updated(told: _Told) -> Event:
    return events.thread_updated(told.thread, told.version, told.by(), told.change.at, _properties(told))


def _properties(told: _Told) -> dict[str, str]:
    thread = told.change.thread
    return events.properties_of(thread.topic, thread.metadata, thread.retention_days)


def _thread_deleted(told: _Told) -> Event:
    by = told.by() if told.change.by else None
    return events.thread_deleted(told.thread, told.version, by, told.change.at)


def _typing(told: _Told) -> Event:
    by = told.by()
    # Pages show it for some seconds by their own clock, which is the world's and not the product's.
    now = clock.from_milliseconds(int(time.time() * 1000))
    return events.typing(told.thread, by.id, by.name, now)


def _read(told: _Told) -> Event:
    return events.read(told.thread, told.by().id, str(_message(told).stamp), told.change.at)


def _members(shape: Callable[..., Event]) -> Callable[[_Told], Event]:
    def shaped(told: _Told) -> Event:
        return shape(told.thread, told.version, told.by(), told.change.at, _people(told))

    return shaped


_SHAPES: Mapping[Change, Callable[[Any], Event]] = {
    Change.MESSAGE: lambda told: events.message(_said(told)),
    Change.EDITED: lambda told: events.edited(_said(told), told.change.at),
    Change.DELETED: lambda told: events.deleted(_said(told), told.change.at),
    Change.TYPING: _typing,
    Change.READ: _read,
    Change.THREAD_CREATED: _created,
    Change.THREAD_UPDATED: _updated,
    Change.THREAD_DELETED: _thread_deleted,
    Change.MEMBERS_ADDED: _members(events.members_added),
    Change.MEMBERS_REMOVED: _members(events.members_removed),
}
