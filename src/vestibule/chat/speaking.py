"""What a program's people write and take back in a thread; each of them by a key, each act one short transaction.

On our own pages `verbs` is what is called: there a message is changed for a quarter of an hour, here without end.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from vestibule.chat import markup, participants, verbs
from vestibule.chat.errors import NothingToSend
from vestibule.chat.models import Message, Thread
from vestibule.chat.participants import Person
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.store.transactions import writing

MOST_BYTES: Final = 28 * 1024
"""Of what one message says, with its metadata, in UTF-8."""
FEW: Final = 20
"""In threads of more people nobody is shown who reads and writes."""
TURNS: Final = ((10, 10), (30, 60))
"""How often somebody writes, changes or takes back in one thread: (times, seconds)."""
TYPINGS: Final = (5, 10)
Metadata = Mapping[str, str]


class MessageTooBig(Invalid):
    """The message of a program has more bytes than a message may have."""

    def __init__(self, most: int) -> None:
        words = _("This message is larger than %(most)s KB, so it was not sent. Shorten it or send two.")
        super().__init__(words % {"most": most // 1024}, field="content")


@dataclass(frozen=True)
class Said:
    """What somebody wants to say: `text` is plain or, with `is_html`, HTML that is made harmless."""

    text: str
    is_html: bool = False
    name: str = ""
    metadata: Metadata | None = None


@contextmanager
def present(business_id: int, ref: str, key: str) -> Iterator[tuple[Thread, Person]]:
    """Run a block as one transaction on a thread that is locked, by who is in it. Raises NotPermitted."""
    with writing():
        rows = Thread.objects.select_for_update().filter(business_id=business_id, ref=ref)
        thread: Thread | None = rows.first()
        if thread is None:
            raise participants.refused()
        yield thread, participants.present(thread, key)


@contextmanager
def writer(business_id: int, ref: str, key: str) -> Iterator[tuple[Thread, Person]]:
    """Run a block as `present` does, by who may also write in the thread now. Raises NotPermitted."""
    with present(business_id, ref, key) as (thread, _person):
        yield thread, participants.writer(thread, key)


def say(business_id: int, ref: str, key: str, said: Said) -> Message:
    """Add a message and return it.

    Raises NotPermitted for whoever is not in the thread, TooMany beyond ten messages in ten seconds or thirty in a
    minute, NothingToSend, MessageTooBig (28 KB).
    """
    text = _words(said.text, said.metadata, is_html=said.is_html)
    kind = Message.Kind.HTML if said.is_html else Message.Kind.TEXT
    with writer(business_id, ref, key) as (thread, person):
        _take_turn(thread, key)
        return verbs.add(
            thread,
            key,
            _name(thread, person, said.name),
            secrets.token_urlsafe(12),
            text=text,
            kind=kind,
            metadata=dict(said.metadata or {}),
        )


def change(
    business_id: int, ref: str, key: str, stamp: int, *, text: str | None = None, metadata: Metadata | None = None
) -> Message:
    """Give an own message another text, or other metadata; None leaves them as they are.

    Raises NotFound, NotPermitted for another's or one taken back, and as `say` does.
    """
    with writer(business_id, ref, key) as (thread, person):
        _take_turn(thread, key)
        message = _own(thread, person, stamp)
        fields: dict[str, Any] = {}
        if text is not None:
            fields["text"] = _words(text, metadata, is_html=message.kind == Message.Kind.HTML)
        if metadata is not None:
            fields["metadata"] = dict(metadata)
        if fields:
            verbs.change(message, key, **fields)
        return message


def take_back(business_id: int, ref: str, key: str, stamp: int) -> Message:
    """Delete an own message: its place stays. Again: nothing changes. Raises NotFound, NotPermitted, TooMany."""
    with writer(business_id, ref, key) as (thread, person):
        _take_turn(thread, key)
        message = _own(thread, person, stamp, or_deleted=True)
        if message.deleted_at is None:
            verbs.take_back(message, key)
        return message


def show_typing(business_id: int, ref: str, key: str, name: str = "") -> None:
    """Show the others that somebody writes. Raises NotPermitted, also in a thread of more than twenty; TooMany."""
    thread = Thread.objects.filter(business_id=business_id, ref=ref).first()
    if thread is None:
        raise participants.refused()
    person = participants.writer(thread, key)
    require_few(thread)
    rates.limit("chat.typing", f"{thread.pk}.{key}", *TYPINGS)
    verbs.show_typing(thread, person.key, _name(thread, person, name))


def note_read(business_id: int, ref: str, key: str, stamp: int) -> None:
    """Note that somebody has read the message with `stamp` and all before it.

    Raises NotFound for a message they cannot read, NotPermitted also in a thread of more than twenty.
    """
    with present(business_id, ref, key) as (thread, person):
        require_few(thread)
        known = thread.messages.filter(stamp__lte=stamp, stamp__gte=person.from_stamp).order_by("-stamp")
        number = known.values_list("seq", flat=True).first() if stamp <= thread.last_stamp else None
        if number is None:
            raise unknown()
        verbs.mark_read(thread.pk, key, number, name=person.name)


def require_few(thread: Thread) -> None:
    """Raise NotPermitted for a thread in which more than twenty are."""
    if participants.count(thread) > FEW:
        words = _("In a conversation of more than %(few)s nobody is shown who reads or writes.")
        raise NotPermitted(words % {"few": FEW})


def unknown() -> NotFound:
    """Return the refusal for a message that is not there for who asks."""
    return NotFound(_("There is no such message here. Load the page again."))


def _name(thread: Thread, person: Person, wanted: str) -> str:
    """Return what somebody is called who writes: in a visit nobody takes a name but the one they are there by."""
    return (person.name if thread.is_of_meeting else "") or wanted or person.name


def _take_turn(thread: Thread, key: str) -> None:
    for times, seconds in TURNS:
        rates.limit(f"chat.turns.{seconds}", f"{thread.pk}.{key}", times, seconds)


def _own(thread: Thread, person: Person, stamp: int, *, or_deleted: bool = False) -> Message:
    rows = Message.objects.select_for_update(of=("self",)).filter(thread=thread, stamp=stamp)
    message: Message | None = rows.select_related("attachment").defer("attachment__content").first()
    if message is None or stamp < person.from_stamp:
        raise unknown()
    if message.author not in (person.key, person.also) or (message.deleted_at is not None and not or_deleted):
        raise NotPermitted(_("Only who wrote a message may change it or take it back."))
    message.thread = thread
    return message


def _words(text: str, metadata: Metadata | None, *, is_html: bool) -> str:
    size = len(text.encode()) + sum(
        len(name.encode()) + len(value.encode()) for name, value in (metadata or {}).items()
    )
    if size > MOST_BYTES:
        raise MessageTooBig(MOST_BYTES)
    clean = text.replace("\0", "")
    clean = markup.clean(clean) if is_html else clean
    # Tags that were left open may multiply.
    if is_html and len(clean.encode()) + size - len(text.encode()) > MOST_BYTES:
        raise MessageTooBig(MOST_BYTES)
    if not clean.strip():
        raise NothingToSend
    return clean


def require_metadata(given: Metadata, most: int = 1024) -> dict[str, str]:
    """Return metadata of a thread or of somebody in it. Raises Invalid beyond `most` bytes (1 KB)."""
    if _bytes(given) > most:
        raise Invalid(_("The metadata is larger than 1 KB. Nothing was changed."), field="metadata")
    return dict(given)


def _bytes(metadata: Metadata) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
