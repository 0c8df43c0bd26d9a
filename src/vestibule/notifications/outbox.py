"""What verbs say to people goes through here: rows written in the transaction of the change, sent by the worker."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from vestibule.notifications.facts import AppointmentFacts
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock, rows, transactions

State = OutboxMessage.State
OPEN = (State.QUEUED, State.LEASED)
REPLACEABLE = (State.QUEUED, State.DROPPED)
URGENT = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(days=800)
"""How long what is settled can be read, and is known not to be said again: as far as reports look back."""
FORGOTTEN_AT_ONCE = 500
_TAKEN_BACK: dict[str, Any] = {"state": State.DROPPED, "leased_by": "", "leased_until": None, "last_error": ""}
"""Nobody wants it any more; with a `last_error` beside it, a dropped row says that it was held back."""

_due = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to one person over one channel.

    `key` (at most 160 characters) says what it is for, such as
    `{appointment}:{kind}:{recipient}:{channel}:{start minute}`. It leaves at `due_at` (now, if unset) or soon after,
    never before, and never after `not_after`: then it is dropped. `is_urgent` lets it pass everything else due.
    """

    key: str
    business_id: int | None
    subject_ref: str
    kind: str
    channel: str
    to: str
    to_name: str
    language: str
    timezone: str
    facts: AppointmentFacts | Mapping[str, Any]
    due_at: datetime | None = None
    not_after: datetime | None = None
    is_urgent: bool = False
    service_ref: str = ""


def enqueue(**message: Any) -> None:
    """Store one message; takes what `Message` takes. For several at once `enqueue_all` is cheaper."""
    enqueue_all([Message(**message)])


def enqueue_all(messages: Sequence[Message]) -> None:
    """Store messages. Call it inside the writing block of the change they tell about.

    Writing a key again replaces what has not left yet and revives what was dropped; what is being sent, was sent or
    has failed for good stays as it is.
    """
    wanted = {message.key: _row(message) for message in messages}
    new = rows.insert([OutboxMessage(key=key, **row) for key, row in wanted.items()], unless=("key",))
    for key in wanted.keys() - {message.key for message in new}:
        OutboxMessage.objects.filter(key=key, state__in=REPLACEABLE).update(**wanted[key])
    transactions.after_commit(wake)


def enqueue_new(messages: Iterable[Message]) -> int:
    """Store, in a transaction of its own, the messages whose keys were never written; return how many that are.

    For what is looked for again and again: safe to call twice at once.
    """
    wanted = {message.key: message for message in messages}
    known = set(OutboxMessage.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    new = [message for key, message in wanted.items() if key not in known]
    if new:
        with transactions.writing():
            enqueue_all(new)
    return len(new)


def _row(message: Message) -> dict[str, Any]:
    due = message.due_at or clock.now()
    facts = message.facts
    return {
        "business_id": message.business_id,
        "subject_ref": message.subject_ref,
        "kind": str(message.kind),
        "audience": facts.audience if isinstance(facts, AppointmentFacts) else "",
        "service_ref": message.service_ref,
        "channel": str(message.channel),
        "to": message.to,
        "to_name": message.to_name,
        "language": message.language,
        "timezone": message.timezone,
        "facts": facts.as_json() if isinstance(facts, AppointmentFacts) else dict(facts),
        "due_at": due,
        "not_after": message.not_after,
        "next_at": due - URGENT if message.is_urgent else due,
        "state": State.QUEUED,
        "attempts": 0,
        "last_error": "",
        "leased_by": "",
        "leased_until": None,
    }


def drop(subject_ref: str, kinds: Iterable[str] | None = None, *, but: Iterable[Message] = ()) -> int:
    """Take back what has not left yet for a subject, or only those kinds of it; return how many messages.

    What is due already stays where it is the same as one of `but`: of that kind, by that way, to that address, due at
    that time. A message already in a gateway's hands cannot be taken back. Call it inside a writing block.
    """
    unsent = OutboxMessage.objects.filter(subject_ref=subject_ref, state__in=OPEN)
    if kinds is not None:
        unsent = unsent.filter(kind__in=[str(kind) for kind in kinds])
    now = clock.now()
    for one in but:
        if one.due_at is not None and one.due_at <= now:
            unsent = unsent.exclude(kind=str(one.kind), channel=str(one.channel), to=one.to, due_at=one.due_at)
    return unsent.update(**_TAKEN_BACK)


def drop_for(subject_ref: str, recipient: str) -> int:
    """Take back what has not left yet for a subject and one recipient, as named in the keys; return how many."""
    unsent = OutboxMessage.objects.filter(subject_ref=subject_ref, key__contains=f":{recipient}:", state__in=OPEN)
    return unsent.update(**_TAKEN_BACK)


def purge() -> int:
    """Delete messages that were last of use longer than `FORGOTTEN_AFTER` ago, with what happened; return how many.

    What is still due stays, and so does what tells of an appointment to come, however long ago it was said.
    """
    before = clock.now() - FORGOTTEN_AFTER
    first = OutboxMessage.objects.order_by("pk").values_list("created_at", flat=True).first()
    if first is None or first >= before:
        return 0  # the first written is the oldest; no index knows the others' age
    over = Q(not_after__lt=before) | Q(not_after=None, due_at__lt=before)
    settled = OutboxMessage.objects.filter(over, created_at__lt=before).exclude(state__in=OPEN)
    count = 0
    while keys := list(settled.order_by("pk").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        with transactions.writing():
            OutboxMessage.objects.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def wake() -> None:
    """Tell the worker of this process that something may be due. Workers elsewhere look by themselves."""
    _due.set()


def wait(seconds: float) -> None:
    """Wait until `wake` is called, at most `seconds`; the call is used up by it."""
    _due.wait(seconds)
    _due.clear()
