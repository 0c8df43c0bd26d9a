"""Telling what shows threads to people of every change of one, once it is stored.

`settings.CHAT_LISTENERS` names functions that take a `ChatChange`, such as pages of visits and sockets of programs.
They are called where something changed, after its transaction, so they may query but must not keep it waiting.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.chat.models import Member, Message, Thread
from vestibule.store.transactions import after_commit

log = logging.getLogger(__name__)


class Change(StrEnum):
    """What happened to a thread."""

    MESSAGE = "message"
    EDITED = "edited"
    DELETED = "deleted"
    TYPING = "typing"
    READ = "read"
    THREAD_CREATED = "thread_created"
    THREAD_UPDATED = "thread_updated"
    THREAD_DELETED = "thread_deleted"
    MEMBERS_ADDED = "members_added"
    MEMBERS_REMOVED = "members_removed"


@dataclass(frozen=True)
class ChatChange:
    """One change of `thread`, which is as it is now. The rows are for reading: they are shared with who changed them.

    `by` is the key of who did it, with the name they have. `message` is there for MESSAGE, EDITED (as it is now),
    DELETED, and for READ as the last one read. `members` are those who were added or removed, and everybody at
    THREAD_CREATED. `shown_by` names the listener ("live") that has shown it to its people already, or will.
    """

    kind: Change
    thread: Thread
    at: datetime
    by: str = ""
    by_name: str = ""
    message: Message | None = None
    members: Sequence[Member] = ()
    shown_by: str = ""

    @property
    def business_id(self) -> int:
        """The business whose thread it is."""
        return self.thread.business_id

    @property
    def thread_id(self) -> int:
        """The thread's key in the database."""
        return self.thread.pk


Listener = Callable[[ChatChange], None]


def tell(change: ChatChange) -> None:
    """Tell every listener of `change` once the current transaction is stored; never if it is undone."""
    after_commit(partial(_tell, change))


def _tell(change: ChatChange) -> None:
    for path in settings.CHAT_LISTENERS:
        try:
            _load(path)(change)
        except Exception:  # what is stored stays so: whoever shows it catches up by reading
            log.exception("%s failed to show a change of a conversation", path)


@cache
def _load(path: str) -> Listener:
    return cast(Listener, import_string(path))
