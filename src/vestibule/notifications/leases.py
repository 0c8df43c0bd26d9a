"""How workers share the outbox: each takes a batch for a while, and only its taker may finish a message.

Leases are measured by the machine's clock, not the product's: moving a test clock must not end them.
Every statement here is short and commits by itself; nothing waits for a gateway while it holds a lock.
"""

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from vestibule.notifications import happenings, reporting
from vestibule.notifications.facts import Kind
from vestibule.notifications.gateways import Carrier
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.outcomes import NOT_IN_TIME, HeldBack, Lost, NotSent, Outcome, PutOff, Sent
from vestibule.store import transactions
from vestibule.store.pauses import spread

State = OutboxMessage.State

# The state is a literal in these because SQLite uses a partial index only then.
LONGEST_DUE = """
    SELECT next_at <= %s FROM notifications_outboxmessage
    WHERE state = 'queued' AND channel = %s AND next_at <= %s AND due_at <= %s {without} ORDER BY next_at LIMIT 1
"""
CLAIM_SQLITE = """
    UPDATE notifications_outboxmessage
    SET state = 'leased', leased_by = %s, leased_until = %s, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM notifications_outboxmessage
        WHERE state = 'queued' AND channel = %s AND next_at <= %s AND due_at <= %s {without}
        ORDER BY {order} LIMIT %s
    ) RETURNING id
"""
CLAIM_POSTGRESQL = """
    UPDATE notifications_outboxmessage
    SET state = 'leased', leased_by = %s, leased_until = %s, attempts = attempts + 1
    WHERE id = ANY (ARRAY(
        SELECT id FROM notifications_outboxmessage
        WHERE state = 'queued' AND channel = %s AND next_at <= %s AND due_at <= %s {without}
        ORDER BY {order} LIMIT %s FOR UPDATE SKIP LOCKED
    )) RETURNING id
"""
IN_TIME = "next_at"
NEAREST = "next_at >= due_at, COALESCE(not_after, due_at), next_at"
BEHIND = timedelta(minutes=2)
"""Once messages wait for longer, what is urgent leaves first, then what soonest becomes of no use."""
MOST_ATTEMPTS = 30
GIVES_UP_AFTER = timedelta(days=3)
"""How long a message waits for a gateway that takes nothing."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_WHILE_DOWN = timedelta(minutes=1)


def claim(
    worker: str,
    channel: str,
    *,
    now: datetime,
    most: int,
    lease: timedelta,
    without: Collection[int | None] = (),
) -> list[OutboxMessage]:
    """Take up to `most` due messages of one channel for `worker`, the longest due first, and return them.

    After downtime it is what soonest becomes of no use. Those of the businesses `without` (None: of no business) are
    left where they are.
    """
    clause, left = _without(without)
    due = [channel, _db(now), _db(now), *left]
    is_behind = _is_behind(clause, [_db(now - BEHIND), *due])
    if is_behind is None:
        return []
    statement = CLAIM_POSTGRESQL if connection.vendor == "postgresql" else CLAIM_SQLITE
    statement = statement.format(without=clause, order=NEAREST if is_behind else IN_TIME)
    with transactions.writing(), connection.cursor() as cursor:
        cursor.execute(statement, [worker, _db(_machine_now() + lease), *due, most])
        taken = [row[0] for row in cursor.fetchall()]
    rows = OutboxMessage.objects.filter(pk__in=taken).select_related("business")
    return sorted(rows, key=_nearest if is_behind else _in_time)


def _in_time(message: OutboxMessage) -> datetime:
    return message.next_at


def _nearest(message: OutboxMessage) -> tuple[bool, datetime, datetime]:
    return message.next_at >= message.due_at, message.not_after or message.due_at, message.next_at


def _without(businesses: Collection[int | None]) -> tuple[str, list[int]]:
    """Return the clause that leaves `businesses` out, and its values."""
    keys = sorted(one for one in businesses if one is not None)
    named = f"business_id NOT IN ({', '.join(['%s'] * len(keys))})" if keys else "TRUE"
    if None in businesses:
        return f"AND business_id IS NOT NULL AND {named}", keys
    return (f"AND (business_id IS NULL OR {named})", keys) if keys else ("", [])


def _is_behind(clause: str, values: Sequence[Any]) -> bool | None:
    """Tell whether something has waited for long; None: nothing is due.

    It looks before taking the writer's turn: an idle worker must not slow down bookings.
    """
    with connection.cursor() as cursor:
        cursor.execute(LONGEST_DUE.format(without=clause), values)
        found = cursor.fetchone()
    return None if found is None else bool(found[0])


def still_mine(messages: Sequence[OutboxMessage], worker: str) -> list[OutboxMessage]:
    """Return those of `messages` that `worker` is still to send: some may be dropped, or the lease lost."""
    mine = set(_held(messages, worker).values_list("pk", flat=True))
    return [message for message in messages if message.pk in mine]


def renew(worker: str, lease: timedelta) -> set[int]:
    """Keep everything `worker` still has for another `lease`, and return the keys of it."""
    with transactions.writing():
        held = OutboxMessage.objects.extra(where=["state = 'leased'"]).filter(leased_by=worker)
        held.update(leased_until=_machine_now() + lease)
        return set(held.values_list("pk", flat=True))


def finish(worker: str, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what came of messages, unless `worker` has lost them meanwhile.

    One of which there is nothing more to note is one statement: whoever books does not wait while we think.
    """
    noted = [outcome for outcome in outcomes if happenings.is_noted(outcome) or _is_reported(outcome)]
    for outcome in outcomes:
        if outcome not in noted:
            _write(worker, outcome, now)
    if noted:
        with transactions.writing():
            written = [outcome for outcome in noted if _write(worker, outcome, now)]
            happenings.note([outcome for outcome in written if happenings.is_noted(outcome)], now)
            if reporting.is_heard([outcome.message for outcome in written]):
                reporting.tell([outcome.message.pk for outcome in written])
    happenings.note_taken(outcomes, now)


def _is_reported(outcome: Outcome) -> bool:
    """Tell whether a message is through by being kept here, and somebody asked to be told."""
    return isinstance(outcome, Sent) and outcome.carrier.gateway is None and reporting.is_heard([outcome.message])


def _write(worker: str, outcome: Outcome, now: datetime) -> bool:
    held = _held([outcome.message], worker)
    return bool(held.update(**_told(outcome, now), leased_by="", leased_until=None))


def _told(outcome: Outcome, now: datetime) -> dict[str, Any]:
    if isinstance(outcome, Sent):
        return _done(outcome, now)
    if isinstance(outcome, NotSent):
        return _after(outcome, now)
    if isinstance(outcome, PutOff):
        return {"state": State.QUEUED, "next_at": outcome.until, "attempts": max(outcome.message.attempts - 1, 0)}
    if isinstance(outcome, Lost):
        return {"state": State.QUEUED, "attempts": max(outcome.message.attempts - 1, 0)}
    words = outcome.words if isinstance(outcome, HeldBack) else NOT_IN_TIME
    return {"state": State.DROPPED, "last_error": words[:500]}


def _done(sent: Sent, now: datetime) -> dict[str, Any]:
    """Return the last state of a row. Sign-in codes are not kept once they are sent."""
    is_secret = sent.message.kind == Kind.SIGN_IN and not sent.kept
    return {
        "state": State.DONE,
        "gateway": sent.carrier.name,
        "used_gateway_id": _still_there(sent.carrier),
        "gateway_id": sent.gateway_id[:200],
        "sent_at": now,
        "report_by": reporting.due(sent.message, now),
        "sent": sent.kept,
        "facts": {} if is_secret else sent.message.facts,
        # A report may have overtaken the gateway's own answer: what it said of a failure stays.
        **({"last_error": ""} if sent.message.last_error else {}),
    }


def _after(failed: NotSent, now: datetime) -> dict[str, Any]:
    message, longest = failed.message, LONGEST_WHILE_DOWN if failed.is_down else LONGEST_PAUSE
    is_over = failed.permanent or (message.attempts >= MOST_ATTEMPTS and not failed.is_down)
    told = {
        "state": State.FAILED if is_over or now - message.due_at > GIVES_UP_AFTER else State.QUEUED,
        "next_at": now + max(min(pause(message.attempts), longest), min(failed.wait or timedelta(0), LONGEST_PAUSE)),
        "last_error": failed.error[:500],
    }
    # Tries at a gateway that is down wear a message out by its age alone: the gateway is what is spared, not asked.
    return {**told, "attempts": min(message.attempts, MOST_ATTEMPTS // 2)} if failed.is_down else told


def _still_there(carrier: Carrier[Any]) -> int | None:
    """Return the key of a business' gateway, unless it was removed while the message was handed over."""
    if carrier.own is None:
        return None
    return Gateway.objects.filter(pk=carrier.own).values_list("pk", flat=True).first()


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling up to an hour, spread so that retries do not meet."""
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return spread(whole, 0.5, 1.0)


def give_back(worker: str, messages: Sequence[OutboxMessage]) -> Sequence[OutboxMessage]:
    """Put messages back that were taken but not tried, as when the worker is told to stop; return them."""
    with transactions.writing():
        tried_less = F("attempts") - 1
        _held(messages, worker).update(state=State.QUEUED, attempts=tried_less, leased_by="", leased_until=None)
    return messages


def expire(channel: str, now: datetime) -> int:
    """Drop what is due but of no use any more, as while nobody takes it up; return how many messages."""
    due = OutboxMessage.objects.extra(where=["state = 'queued'"]).filter(channel=channel, next_at__lte=now)
    late = due.filter(not_after__lte=now)
    if not late.exists():
        return 0
    with transactions.writing():
        return late.update(state=State.DROPPED, last_error=NOT_IN_TIME)


def reap(now: datetime) -> int:
    """Put back what workers took and, by ending, never finished; return how many messages."""
    overdue = OutboxMessage.objects.extra(where=["state = 'leased'"]).filter(leased_until__lt=_machine_now())
    if not overdue.exists():
        return 0
    with transactions.writing():
        worn_out = overdue.filter(attempts__gte=MOST_ATTEMPTS)
        worn_out.update(state=State.FAILED, last_error="the worker ended each time this was sent", leased_by="")
        return overdue.update(state=State.QUEUED, next_at=now, leased_by="", leased_until=None)


def _held(messages: Sequence[OutboxMessage], worker: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(pk__in=_keys(messages), state=State.LEASED, leased_by=worker)


def _keys(messages: Sequence[OutboxMessage]) -> list[int]:
    return [message.pk for message in messages]


def _machine_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _db(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)
