"""What a gateway says later about a message it took."""

from typing import Any

from vestibule.notifications import reporting
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import STATUSES
from vestibule.store import clock
from vestibule.store.transactions import writing


def record_of_installation(ref: str, status: str, error: str = "") -> bool:
    """Do as `record` does for what the installation's own gateway says: of a message that one of a business took,
    nothing is believed.
    """
    mine = OutboxMessage.objects.filter(ref=ref, channel=OutboxMessage.Channel.SMS, used_gateway=None)
    return mine.exists() and record(ref, status, error)


def record(ref: str, status: str, error: str = "", *, fault: str = "") -> bool:
    """Note the delivery status of message `ref`; return whether that was news.

    A report may come twice, late, or out of order: a status never goes back. An unknown `ref` changes nothing.
    `fault` is what it tells of the address.
    """
    earlier = STATUSES[: STATUSES.index(status)] if status != "failed" else STATUSES[:2]
    with writing():
        waiting = OutboxMessage.objects.filter(
            ref=ref,
            state__in=(OutboxMessage.State.DONE, OutboxMessage.State.LEASED),
            delivery__in=("", reporting.SILENT, *earlier),
        )
        changes: dict[str, Any] = {"delivery": status}
        if status == "failed":
            changes["last_error"] = error[:500]
        if status == "delivered":
            changes["delivered_at"] = clock.now()
        key = waiting.values_list("pk", flat=True).first()
        if key is None or waiting.update(**changes) != 1:
            return False
        reporting.tell([key], fault=fault)
        return True
