"""Who is in a thread: its members, and in that of a meeting also who sits in the meeting.

Of meetings `settings.THREAD_PEOPLE` knows, which names a Source.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Protocol, cast

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.chat.models import Member, Thread
from vestibule.people.errors import NotPermitted


@dataclass(frozen=True)
class Person:
    """Somebody in a thread: they read what has a stamp from `from_stamp` to `until_stamp` (None: to its end).

    `key` is by whom they are known; `also` is a key under which they write too, "" for none: the identity of a program
    that has a seat in the meeting writes under the seat's key on our pages. Whoever was removed has `until_stamp`.
    """

    key: str
    name: str
    from_stamp: int = 0
    until_stamp: int | None = None
    joined_at: datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    also: str = ""


class Source(Protocol):
    """What knows of meetings who is in their threads."""

    def of(self, thread: Thread) -> Sequence[Person]:
        """Return who of the meeting that `thread` belongs to is in it."""
        ...

    def threads_of(self, key: str) -> Sequence[int]:
        """Return the threads (their keys in the database) of meetings in which `key`, an identity's, is."""
        ...

    def is_open(self, thread: Thread) -> bool:
        """Tell whether anybody may write in the thread of a meeting now."""
        ...


def of(thread: Thread) -> list[Person]:
    """Return everybody who is in a thread now, in the order they came to it; nobody twice."""
    members = [_person(row) for row in thread.members.filter(removed_at=None)]
    return _with_meeting(thread, members)


def keys(thread: Thread) -> list[str]:
    """Return the keys of everybody who is in a thread now."""
    if thread.is_of_meeting:
        return [person.key for person in of(thread)]
    return list(thread.members.filter(removed_at=None).values_list("key", flat=True))


def count(thread: Thread) -> int:
    """Return how many are in a thread now."""
    return len(of(thread)) if thread.is_of_meeting else thread.members.filter(removed_at=None).count()


def threads_of(business_id: int, key: str) -> QuerySet[Thread]:
    """Return the threads somebody is in, deleted ones too."""
    mine = Member.objects.filter(key=key, removed_at=None).values("thread")
    seated = source().threads_of(key)
    rows: QuerySet[Thread] = Thread.objects.filter(business_id=business_id)
    return rows.filter(Q(pk__in=mine) | Q(pk__in=seated)) if seated else rows.filter(pk__in=mine)


def reader(thread: Thread, key: str) -> Person:
    """Return who reads a thread by `key`; also whoever was removed, until then. Raises NotPermitted for others."""
    row = thread.members.filter(key=key).first()
    seated = _seated(thread, key)
    if row is not None and row.removed_at is None:
        return _with_seat(_person(row), seated)
    if seated is not None:
        return seated
    if row is None or thread.deleted_at is not None:
        raise refused()
    return _person(row)


def present(thread: Thread, key: str) -> Person:
    """Return who is in a thread now by `key`. Raises NotPermitted for whoever is not in it, or not any more."""
    person = reader(thread, key)
    if thread.deleted_at is not None or person.until_stamp is not None:
        raise refused()
    return person


def writer(thread: Thread, key: str) -> Person:
    """Return who writes in a thread by `key`. Raises NotPermitted as `present`, and while nobody may write in it."""
    person = present(thread, key)
    if thread.is_of_meeting and not source().is_open(thread):
        raise NotPermitted(_("Nobody may write in this conversation now, so nothing was sent."))
    return person


def refused() -> NotPermitted:
    """Return the one refusal for threads that are not one's own, are gone, or never were."""
    return NotPermitted(_("You are not in this conversation, or not any more."))


def _with_meeting(thread: Thread, members: list[Person]) -> list[Person]:
    if not thread.is_of_meeting:
        return members
    seated = {one.key: one for one in _meeting(thread)}
    known = {person.key for person in members}
    return [
        *(one for key, one in seated.items() if key not in known),
        *(_with_seat(one, seated.get(one.key)) for one in members),
    ]


def _with_seat(member: Person, seated: Person | None) -> Person:
    """Return a member who may have a seat too: what they write from there is theirs."""
    return replace(member, also=seated.also) if seated is not None else member


def _seated(thread: Thread, key: str) -> Person | None:
    if not thread.is_of_meeting:
        return None
    return next((one for one in _meeting(thread) if one.key == key), None)


def _meeting(thread: Thread) -> Sequence[Person]:
    return source().of(thread)


def _person(row: Member) -> Person:
    return Person(
        key=row.key,
        name=row.name,
        from_stamp=row.from_stamp,
        until_stamp=row.until_stamp,
        joined_at=row.joined_at,
        metadata=row.metadata,
    )


def source() -> Source:
    """Return what knows of meetings."""
    return _made(settings.THREAD_PEOPLE)


@cache
def _made(path: str) -> Source:
    return cast(Source, import_string(path)())
