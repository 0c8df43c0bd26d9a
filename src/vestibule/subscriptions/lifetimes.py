"""What ends by itself: subscriptions that were made for a while, and what was told of long ago."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from vestibule.people import applications, audit
from vestibule.people.permissions import SYSTEM, Actor
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery, Subscription

KEPT = timedelta(days=7)
"""How long it can be looked up what was told, and what was given up can be tried again."""
ENDED_KEPT = timedelta(days=30)
UNCONFIRMED = timedelta(minutes=10)
"""How long one that never said that it wants to be told, and was given no time of its own for that, keeps its place."""
AT_ONCE = 1000


def end(row: Subscription, actor: Actor, *, why: str = "ended") -> None:
    """End a subscription and all that waits for it. Inside a writing block."""
    row.state, row.ended_at, row.leased_by, row.leased_until = Subscription.State.ENDED, clock.now(), "", None
    row.save(update_fields=["state", "ended_at", "leased_by", "leased_until"])
    row.deliveries.exclude(state=Delivery.State.DONE).delete()
    outbox.subscribers_changed(row.business_id)
    record(actor, row, why)


def record(actor: Actor, row: Subscription, what: str) -> None:
    """Write into the audit trail what was done with a subscription."""
    audit.record(
        actor,
        row.business_id,
        f"subscription.{what}",
        "subscription",
        str(row.guid),
        summary=f"{row.name} ({row.shown})",
        shape=row.shape,
    )


def owner_of(actor: Actor) -> str:
    """Return by what name a program owns what it asked to be told: other programs of its business do not see that."""
    return f"graph:{actor.program}"


def end_due() -> int:
    """End what was made for a while and not renewed, was never confirmed, or is of a program that was shut out.

    Return how many.
    """
    live = Subscription.objects.exclude(state=Subscription.State.ENDED)
    expired, unconfirmed = live.filter(expires_at__lte=clock.now()), live.filter(_unconfirmed())
    ended = _end(expired, _keys(expired), "expired") + _end(live, _shut_out(), "expired")
    return ended + _end(unconfirmed, _keys(unconfirmed), "lapsed")


def _keys(rows: QuerySet[Subscription]) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def _end(still: QuerySet[Subscription], due: Collection[int], why: str) -> int:
    """End those of `due` that are `still` what they were found for once they are locked: one may be renewed between."""
    if not due:
        return 0
    with writing():
        rows = list(still.select_for_update().filter(pk__in=list(due)))
        for row in rows:
            end(row, SYSTEM, why=why)
    return len(rows)


def _unconfirmed() -> Q:
    """Return what is true of those whose address had its time to agree, and did not."""
    now = clock.now()
    had_theirs = Q(validate_by__lte=now) | Q(validate_by=None, created_at__lte=now - UNCONFIRMED)
    return Q(state=Subscription.State.PENDING) & had_theirs


def _shut_out() -> list[int]:
    """Return the keys of subscriptions whose program may not call any more: it may not be told either."""
    owned = Subscription.objects.exclude(state=Subscription.State.ENDED).exclude(owner="")
    welcome: dict[int, set[str]] = {}
    found = []
    for key, business, owner in owned.values_list("pk", "business_id", "owner"):
        if business not in welcome:
            welcome[business] = {f"graph:{name}" for name in applications.callers(business)}
        if owner not in welcome[business]:
            found.append(key)
    return found


def forget_said(kept: Iterable[tuple[int, datetime]]) -> int:
    """Forget what people wrote and nobody was told of yet, from before each business keeps it; return how many.

    `kept` says since when each business, by its key, keeps what people write.
    """
    said = Q(kind__startswith="chat.message.") | Q(kind=Kind.SMS_RECEIVED)
    untold = Delivery.objects.filter(said, state__in=[Delivery.State.QUEUED, Delivery.State.FAILED])
    whose = set(untold.order_by().values_list("subscription__business_id", flat=True).distinct())
    count = 0
    for business_id, until in kept:
        if business_id in whose:
            with writing():
                count += untold.filter(subscription__business_id=business_id, at__lt=until).delete()[0]
    return count


def purge() -> int:
    """Forget what was told of long ago, and ended subscriptions; return how many rows."""
    now = clock.now()
    told = Delivery.objects.filter(finished_at__lt=now - KEPT).order_by("pk")
    ended = Subscription.objects.filter(state=Subscription.State.ENDED, ended_at__lt=now - ENDED_KEPT)
    forgotten = 0
    # As often as it takes: a busy business is told of more than one batch in the time between two rounds.
    while keys := list(told.values_list("pk", flat=True)[:AT_ONCE]):
        with writing():
            forgotten += Delivery.objects.filter(pk__in=keys).delete()[0]
    if ended.exists():
        with writing():
            forgotten += ended.delete()[0]
    return forgotten
