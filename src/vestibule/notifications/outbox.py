"""What verbs say to people goes through here: rows written in the transaction of the change, sent by the worker."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from vestibule.notifications.facts import AppointmentFacts
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock, transactions

State = OutboxMessage.State
OPEN = (State.QUEUED, State.LEASED)
URGENT = timedelta(days=1)

_due = threading.Event()


def enqueue(
    *,
    key: str,
    business_id: int | None,
    subject_ref: str,
    kind: str,
    channel: str,
    to: str,
    to_name: str,
    language: str,
    timezone: str,
    facts: AppointmentFacts | Mapping[str, Any],
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    is_urgent: bool = False,
) -> OutboxMessage:
    """Store one message to one person. Call it inside the writing block of the change it tells about.

    `key` (at most 160 characters) says what the message is for, such as
    `{appointment}:{kind}:{recipient}:{channel}:{start minute}`. Writing a key again replaces what has not left yet
    and revives what was dropped; what is being sent, was sent or has failed for good stays as it is. A message leaves
    at `due_at` (now, if unset) or soon after, never before, and never after `not_after`: then it is dropped.
    `is_urgent` lets it pass everything else that is due.
    """
    due = due_at or clock.now()
    wanted: dict[str, Any] = {
        "business_id": business_id,
        "subject_ref": subject_ref,
        "kind": str(kind),
        "channel": str(channel),
        "to": to,
        "to_name": to_name,
        "language": language,
        "timezone": timezone,
        "facts": facts.as_json() if isinstance(facts, AppointmentFacts) else dict(facts),
        "due_at": due,
        "not_after": not_after,
        "next_at": due - URGENT if is_urgent else due,
        "state": State.QUEUED,
    }
    message, is_new = OutboxMessage.objects.get_or_create(key=key, defaults=wanted)
    if not is_new and message.state in (State.QUEUED, State.DROPPED):
        replaceable = OutboxMessage.objects.filter(pk=message.pk, state__in=(State.QUEUED, State.DROPPED))
        replaceable.update(**wanted, attempts=0, last_error="", leased_by="", leased_until=None)
        message.refresh_from_db()
    transactions.after_commit(wake)
    return message


def drop(subject_ref: str, kinds: Iterable[str] | None = None) -> int:
    """Take back what has not left yet for a subject, or only those kinds of it; return how many messages.

    A message already in a gateway's hands cannot be taken back. Call it inside a writing block.
    """
    unsent = OutboxMessage.objects.filter(subject_ref=subject_ref, state__in=OPEN)
    if kinds is not None:
        unsent = unsent.filter(kind__in=[str(kind) for kind in kinds])
    return unsent.update(state=State.DROPPED, leased_by="", leased_until=None)


def wake() -> None:
    """Tell the worker of this process that something may be due. Workers elsewhere look by themselves."""
    _due.set()


def wait(seconds: float) -> None:
    """Wait until `wake` is called, at most `seconds`; the call is used up by it."""
    _due.wait(seconds)
    _due.clear()
