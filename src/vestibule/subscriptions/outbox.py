"""What subscribers are to be told is written here, in the transaction of what happened."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from vestibule.store import clock, rows, transactions
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery, Subscription

LOOKS_AGAIN = 1.0
"""For so many seconds of the machine a process believes that nobody asked; it knows its own changes at once."""
MOST_KNOWN = 10_000

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened: `facts` as `kinds.FACTS` names them, or what makes them if anybody wants to know.

    `subject` is a path, such as `threads/<ref>`. An `id` of one's own lets two tell of the same.
    """

    kind: Kind
    subject: str
    facts: Facts | Callable[[], Facts] = field(repr=False)
    at: datetime = field(default_factory=clock.now)
    id: UUID = field(default_factory=uuid4)


def tell(business_id: int, event: Event) -> int:
    """Write down `event` for all who asked for it, and return how many that are.

    Call it inside the writing block of what happened. Where nobody subscribed it asks the database once a second.
    """
    wanting = [key for key, kinds, begins in _listening(business_id) if _wants(kinds, begins, event)]
    if not wanting:
        return 0
    facts = event.facts() if callable(event.facts) else event.facts
    about: dict[str, Any] = {"event": event.id, "kind": str(event.kind), "subject": event.subject[:200]}
    rows.insert([Delivery(subscription_id=key, facts=facts, at=event.at, **about) for key in wanting])
    transactions.after_commit(_ready.set)
    return len(wanting)


def is_heard(business_id: int, *kinds: Kind) -> bool:
    """Tell whether anybody asked for one of `kinds`; for whoever would have to look things up to tell them."""
    return any(not wanted or set(kinds) & set(wanted) for _key, wanted, _begins in _listening(business_id))


def subscribers_changed(business_id: int) -> None:
    """Look at who subscribed anew. Call it in the writing block that changes them."""
    _nobody.drop(business_id)
    transactions.after_commit(lambda: _nobody.drop(business_id))


def wait(seconds: float) -> None:
    """Wait until something was written in this process, at most so many seconds."""
    _ready.wait(seconds)
    _ready.clear()


def wake() -> None:
    """Let the worker of this process look at once."""
    _ready.set()


def _listening(business_id: int) -> list[tuple[int, list[str], str]]:
    """Return the key of each subscription, the kinds it is told, and how their subjects begin."""
    if _nobody.has(business_id):
        return []
    lasts = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    told = Subscription.objects.filter(lasts, business_id=business_id, state=Subscription.State.ACTIVE)
    found = list(told.order_by("pk").values_list("pk", "kinds", "subject"))
    if not found and not transactions.is_pretending():
        _nobody.add(business_id)
    return found


def _wants(kinds: list[str], begins: str, event: Event) -> bool:
    return (not kinds or event.kind in kinds) and event.subject.startswith(begins)


class _Nobody:
    """Businesses nobody subscribed to a moment ago, as this process saw it."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def has(self, business_id: int) -> bool:
        return self._until.get(business_id, 0.0) > time.monotonic()

    def add(self, business_id: int) -> None:
        if len(self._until) >= MOST_KNOWN:
            self._until = {}
        self._until[business_id] = time.monotonic() + LOOKS_AGAIN

    def drop(self, business_id: int) -> None:
        self._until.pop(business_id, None)


_nobody = _Nobody()
_ready = threading.Event()
