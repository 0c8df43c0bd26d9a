"""What is noted of gateways while messages leave: who refused, who stood in, who works and who does not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from vestibule.notifications import browsers
from vestibule.notifications.gateways import Carrier
from vestibule.notifications.handing import Refused
from vestibule.notifications.models import Gateway, MessageEvent, OutboxMessage
from vestibule.notifications.outcomes import HeldBack, Lost, NotSent, Outcome, PutOff, Sent, TooLate

NOTED_EACH = timedelta(minutes=1)
"""How exact `last_taken_at` is: a gateway that works is not written to for each message."""
What = MessageEvent.What


def is_noted(outcome: Outcome) -> bool:
    """Tell whether `note` has anything to say of an outcome."""
    return not isinstance(outcome, TooLate | Lost | Sent) or (isinstance(outcome, Sent) and bool(outcome.refusals))


def note(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down refusals and fall-backs of messages, and which gateways were down. Inside a writing block."""
    events: list[MessageEvent] = []
    down: dict[int, str] = {}
    for outcome in outcomes:
        if isinstance(outcome, TooLate | Lost):
            continue
        if isinstance(outcome, HeldBack | PutOff):
            events.append(_stayed(outcome, now))
            continue
        if not _is_told(outcome):
            events += [_refusal(outcome.message, refused, now) for refused in outcome.refusals]
        down.update({one.carrier.own: one.words for one in outcome.refusals if one.carrier.own and one.is_down})
        if isinstance(outcome, Sent):
            events.append(_event(outcome.message, What.FELL_BACK, outcome.carrier, "", now))
    if events:
        MessageEvent.objects.bulk_create(events)
    _forget_gone(outcomes)
    for key, words in down.items():
        failed(key, words, now)


def note_taken(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Note which gateways of businesses took something, and that they were not down besides."""
    refusals = [one for outcome in outcomes if isinstance(outcome, Sent | NotSent) for one in outcome.refusals]
    down = {one.carrier.own for one in refusals if one.is_down}
    works({one.carrier.own for one in outcomes if isinstance(one, Sent) and one.carrier.own} - down, now)


def _forget_gone(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, NotSent) and any(one.is_gone for one in outcome.refusals):
            browsers.left(outcome.message)


def _is_told(outcome: Sent | NotSent) -> bool:
    """Tell whether this try failed as the one before did: a long failure fills no history; tries are counted."""
    message = outcome.message
    return isinstance(outcome, NotSent) and message.attempts > 1 and message.last_error == outcome.error[:500]


def works(keys: set[int], now: datetime) -> None:
    """Note that gateways took something."""
    if not keys:
        return
    worth_noting = Q(last_taken_at=None) | Q(last_taken_at__lt=now - NOTED_EACH) | Q(failing_since__isnull=False)
    rows = Gateway.objects.filter(worth_noting, pk__in=keys)
    if rows.exists():  # an UPDATE of nothing takes the writer's turn too
        rows.update(last_taken_at=now, failing_since=None, problem="", alerted_at=None)


def failed(key: int, words: str, now: datetime) -> None:
    """Note that a gateway could take nothing. Inside a writing block."""
    rows = Gateway.objects.filter(pk=key)
    rows.update(failing_since=Coalesce(F("failing_since"), now), problem=words[:300])


def _stayed(outcome: HeldBack | PutOff, now: datetime) -> MessageEvent:
    what = What.HELD_BACK if isinstance(outcome, HeldBack) else What.PUT_OFF
    return MessageEvent(message=outcome.message, at=now, what=what, words=outcome.words[:300])


def _refusal(message: OutboxMessage, refused: Refused, now: datetime) -> MessageEvent:
    return _event(message, What.REFUSED, refused.carrier, refused.words, now)


def _event(message: OutboxMessage, what: str, carrier: Carrier[Any], words: str, now: datetime) -> MessageEvent:
    name = (carrier.title or carrier.name)[:40]
    return MessageEvent(message=message, at=now, what=what, gateway=name, words=words[:300])
