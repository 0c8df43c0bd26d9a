"""Texts people sent: which ones nobody has looked at yet, and that somebody did."""

from collections.abc import Iterable

from vestibule.notifications.models import IncomingText
from vestibule.people import audit
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing


def mark_seen(actor: Actor, keys: Iterable[int]) -> int:
    """Note that staff looked at texts that came in; return how many were new. Those of others are passed over."""
    business_id = actor.business_of(Permission.CHANGE_APPOINTMENTS)
    with writing():
        rows = IncomingText.objects.visible_to(actor).filter(pk__in=list(keys), seen_at=None)
        count = rows.update(seen_at=clock.now())
        if count:
            audit.record(actor, business_id, "texts.seen", "business", "", count=count)
    return count
