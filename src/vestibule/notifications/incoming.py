"""Texts people sent: that somebody looked at them, and that they go after their time."""

from collections.abc import Iterable
from datetime import datetime

from vestibule.notifications.models import IncomingText
from vestibule.people import audit
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

AT_ONCE = 500


def mark_seen(actor: Actor, keys: Iterable[int]) -> int:
    """Note that staff looked at texts that came in; return how many were new. Those of others are passed over."""
    business_id = actor.business_of(Permission.CHANGE_APPOINTMENTS)
    with writing():
        rows = IncomingText.objects.visible_to(actor).filter(pk__in=list(keys), seen_at=None)
        count = rows.update(seen_at=clock.now())
        if count:
            audit.record(actor, business_id, "texts.seen", "business", "", count=count)
    return count


def forget(business_id: int, before: datetime) -> int:
    """Delete what came in for a business before `before`, seen or not; return how many texts.

    What was said in them about being written to stays, with its words, as `ConsentEntry`.
    """
    old = IncomingText.objects.filter(business_id=business_id, received_at__lt=before)
    count = 0
    while keys := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with writing():
            count += IncomingText.objects.filter(pk__in=keys).delete()[0]
    return count
