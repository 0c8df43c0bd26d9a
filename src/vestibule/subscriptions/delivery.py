"""What waits for a subscription: taken by a worker for a while, and written down as it went.

A subscription is taken as a whole: of each, one request is under way at a time, and what is down costs one request.
Leases are measured by the machine's clock, everything else by the product's.
"""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vestibule.store import clock
from vestibule.store.pauses import spread
from vestibule.store.transactions import writing
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.ports import Reply, Request, Told
from vestibule.subscriptions.shapes import shape

State = Delivery.State

BATCH = 50
HEAVIEST = 4 * 1024 * 1024
"""Of what is put into words at once, in characters: an event may be said once more for each who reads of it."""
WHILE_FAILING = 1
"""So many events try whether an address that failed is back."""
LEASE = timedelta(seconds=90)
"""Longer than a job takes: see `worker.JOB_SECONDS`."""
OF_ONE_BUSINESS = 4
"""So many of a business are under way at a time, whatever else is free: what it named may all hang."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 600, 1800, 3600))
"""After so many failures in a row; the last one goes on. Event Grid begins alike."""
SLOW_SECONDS = 2.0
CANDIDATES = 200
MOST_WAITING = 10_000
"""Of one subscription, which fails or is slower than what happens; what is older is given up."""
TOO_SLOW = "takes events more slowly than they come"
MISSED_SUBJECT = "subscription"
UNSAYABLE = "could not be put into the words of this kind of subscription"
_OF_THE_EVENT = frozenset({400, 413, 422})
"""Answers that refuse what was said, not who said it: the same again is refused again."""


@dataclass(frozen=True)
class Batch:
    """What one worker has taken of one subscription."""

    row: Subscription = field(repr=False)
    deliveries: tuple[Delivery, ...] = field(repr=False)

    def told(self) -> list[Told]:
        """Return the events, the longest waiting first."""
        return [Told(one.event, Kind(one.kind), one.subject, one.facts, one.at) for one in self.deliveries]


@dataclass(frozen=True)
class Result:
    """What came of one request: an answer, or words for why there was none; `seconds` is how long it took."""

    request: Request
    reply: Reply | None = None
    words: str = ""
    seconds: float = 0.0

    @property
    def is_taken(self) -> bool:
        return self.reply is not None and self.reply.is_success

    @property
    def is_refused(self) -> bool:
        """Tell whether it was refused for what it said."""
        return self.reply is not None and self.reply.status in _OF_THE_EVENT

    @property
    def problem(self) -> str:
        """Why it was not taken, in words that go on after "it"."""
        return f"answered {self.reply.status}" if self.reply is not None else self.words


def claim(worker: str, *, most: int, running: Mapping[int, int], but_slow: bool = False) -> list[Batch]:
    """Take up to `most` subscriptions that something waits for, the longest due first.

    `running` says how many of each business are under way. With `but_slow` those that fail or answer slowly are left
    for later. One that is due in a far future, because a test clock was set back, is due too.
    """
    full = [business for business, count in running.items() if count >= OF_ONE_BUSINESS]
    due = _due(but_slow=but_slow).exclude(business_id__in=full)
    if not due.exists():
        return []
    with writing():
        busy: Counter[int] = Counter(running)
        rows: list[Subscription] = []
        for row in due.select_for_update(of=("self",), skip_locked=True).order_by("next_at", "pk")[:CANDIDATES]:
            if len(rows) < most and busy[row.business_id] < OF_ONE_BUSINESS:
                busy[row.business_id] += 1
                rows.append(row)
        mine = Subscription.objects.filter(pk__in=[row.pk for row in rows])
        mine.update(leased_by=worker, leased_until=_machine_now() + LEASE)
        return [Batch(row, _waiting(row)) for row in rows]


def _due(*, but_slow: bool) -> Any:
    now = clock.now()
    waits = Delivery.objects.filter(subscription=OuterRef("pk"), state=State.QUEUED)
    is_due = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * PAUSES[-1])
    is_free = Q(leased_by="") | Q(leased_until__lt=_machine_now())
    lasts = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = Subscription.objects.filter(is_due, is_free, lasts, Exists(waits), state=Subscription.State.ACTIVE)
    return rows.filter(failures=0, slow_seconds__lt=SLOW_SECONDS) if but_slow else rows


def _waiting(row: Subscription) -> tuple[Delivery, ...]:
    """Return what is to be told next: several together, but one alone that was refused among others."""
    found = list(row.deliveries.filter(state=State.QUEUED).order_by("pk")[: WHILE_FAILING if row.failures else BATCH])
    alone = next((place for place, one in enumerate(found) if one.is_alone), len(found))
    heavy = accumulate(_weight(one) for one in found)
    few = next((place for place, all_of_it in enumerate(heavy) if all_of_it > HEAVIEST), len(found))
    return tuple(found[: max(min(alone, few), 1)])


def _weight(one: Delivery) -> int:
    """Return about how many characters it takes to tell of an event."""
    readers = one.facts.get("readers")
    size = 1000 + len(str({name: fact for name, fact in one.facts.items() if name != "readers"}))
    return size * (1 + (len(readers) if isinstance(readers, list) else 0))


def write(
    worker: str,
    batch: Batch,
    results: Sequence[Result],
    *,
    nothing_of: Collection[UUID] = (),
    left: Collection[UUID] = (),
) -> bool:
    """Write down what came of a batch, unless `worker` has lost the subscription meanwhile; tell whether it had it.

    `nothing_of` are events that this subscription does not want after all, `left` are those of which not all was said.
    """
    with writing():
        row, now = _held(worker, batch), clock.now()
        if row is None:
            return False
        of_life = {one.event for one in batch.deliveries if one.kind == Kind.MISSED}
        lost = [one for one in results if not one.is_taken and set() < one.request.events <= of_life]
        failed = next((one for one in results if not one.is_taken and not one.is_refused and one not in lost), None)
        asked = {event for one in results for event in one.request.events} | set(nothing_of)
        _queued(batch, asked).update(attempts=F("attempts") + 1)
        _close(_taken(batch, results, asked, left), next((one for one in results if one.is_taken), None), now)
        for result in results:
            if result.is_refused or result in lost:  # that something was missed is said once, and holds nothing up
                _refused(batch, result, now)
        if failed is not None:
            _queued(batch).update(status=_status(failed), problem=failed.problem[:300])
        _give_up(row, failed, now)
        _note(row, results, failed, now, is_asked_for=row.next_at != batch.row.next_at)
        return True


def unsayable(worker: str, batch: Batch) -> None:
    """Note that a batch cannot be put into words: of several events each is tried alone, a single one is given up."""
    with writing():
        if (row := _held(worker, batch)) is None:
            return
        if len(batch.deliveries) > 1:
            _queued(batch).update(is_alone=True)
        else:
            _queued(batch).update(state=State.FAILED, finished_at=clock.now(), problem=UNSAYABLE)
        Subscription.objects.filter(pk=row.pk).update(leased_by="", leased_until=None)


def _held(worker: str, batch: Batch) -> Subscription | None:
    mine = Subscription.objects.select_for_update().filter(pk=batch.row.pk, leased_by=worker)
    found: Subscription | None = mine.filter(state=Subscription.State.ACTIVE).first()
    return found


def _queued(batch: Batch, events: Collection[UUID] | None = None) -> QuerySet[Delivery]:
    keys = [one.pk for one in batch.deliveries if events is None or one.event in events]
    return Delivery.objects.filter(pk__in=keys, state=State.QUEUED)


def _taken(batch: Batch, results: Sequence[Result], asked: Collection[UUID], left: Collection[UUID]) -> list[int]:
    """Return the keys of those of which everything that was to be said was taken."""
    untaken = {event for one in results if not one.is_taken for event in one.request.events} | set(left)
    return [one.pk for one in batch.deliveries if one.event in asked and one.event not in untaken]


def _close(taken: Sequence[int], result: Result | None, now: datetime) -> None:
    """Write down what was taken; its facts are not kept."""
    done: dict[str, Any] = {"state": State.DONE, "finished_at": now, "status": _status(result), "problem": ""}
    Delivery.objects.filter(pk__in=taken, state=State.QUEUED).update(facts={}, **done)


def _refused(batch: Batch, result: Result, now: datetime) -> None:
    """Give up an event that was refused by itself; of several, each is tried alone."""
    of_it = _queued(batch, result.request.events)
    told: dict[str, Any] = {"status": _status(result), "problem": result.problem[:300]}
    if len(result.request.events) == 1:
        of_it.update(state=State.FAILED, finished_at=now, **told)
    else:
        of_it.update(is_alone=True, **told)


def _give_up(row: Subscription, failed: Result | None, now: datetime) -> None:
    """Give up what has waited for too long where it fails; what is more than may wait also where it is only slow."""
    waiting = row.deliveries.filter(state=State.QUEUED)
    problem = failed.problem if failed is not None else TOO_SLOW
    over: dict[str, Any] = {"state": State.FAILED, "finished_at": now, "problem": problem[:300]}
    late = waiting.filter(queued_at__lte=now - shape(row.shape).lasts)
    given_up = late.update(**over) if failed is not None else 0
    if oldest := list(waiting.order_by("-pk").values_list("pk", flat=True)[MOST_WAITING : MOST_WAITING + 1]):
        given_up += waiting.filter(pk__lte=oldest[0]).update(**over)
    if given_up and row.life_address:
        _tell_missed(row, now)


def _tell_missed(row: Subscription, now: datetime) -> None:
    """Write down that a subscription missed something, to be told where it is told of its own life; once at a time."""
    missed: dict[str, Any] = {"subscription": row, "kind": Kind.MISSED, "state": State.QUEUED}
    if not Delivery.objects.filter(**missed).exists():
        Delivery.objects.create(event=uuid4(), subject=MISSED_SUBJECT, facts={}, at=now, **missed)


def _note(
    row: Subscription, results: Sequence[Result], failed: Result | None, now: datetime, *, is_asked_for: bool
) -> None:
    """Note how the subscription does, and when it is tried next: at once, where somebody asked for it meanwhile."""
    values: dict[str, Any] = {"leased_by": "", "leased_until": None}
    if results:
        values["slow_seconds"] = max(one.seconds for one in results)
    if failed is None:
        values |= {"failures": 0, "failing_since": None, "problem": "", "next_at": now}
        if any(one.is_taken for one in results):
            values["told_at"] = now
    else:
        failures = row.failures + 1
        wait = failed.reply.wait if failed.reply is not None else None
        values |= {
            "failures": failures,
            "failing_since": row.failing_since or now,
            "problem": failed.problem[:300],
        }
        if not is_asked_for:
            values["next_at"] = now + max(pause(failures), wait or timedelta(0))
    Subscription.objects.filter(pk=row.pk).update(**values)


def pause(failures: int) -> timedelta:
    """Return how long an address is left alone after so many failures in a row, spread so that tries do not meet."""
    whole = PAUSES[min(failures, len(PAUSES)) - 1]
    return spread(whole, 0.8, 1.0)


def _status(result: Result | None) -> int:
    return result.reply.status if result is not None and result.reply is not None else 0


def _machine_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
