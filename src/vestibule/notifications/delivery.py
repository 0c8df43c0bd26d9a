"""What a gateway says later about a message it took."""

from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import STATUSES
from vestibule.store.transactions import writing


def record_of_installation(ref: str, status: str, error: str = "") -> bool:
    """Do as `record` does for what the installation's own gateway says: of a message that one of a business took,
    nothing is believed.
    """
    mine = OutboxMessage.objects.filter(ref=ref, channel=OutboxMessage.Channel.SMS, used_gateway=None)
    return mine.exists() and record(ref, status, error)


def record(ref: str, status: str, error: str = "") -> bool:
    """Note the delivery status of message `ref`; return whether that was news.

    A report may come twice, late, or out of order: a status never goes back. An unknown `ref` changes nothing.
    """
    earlier = STATUSES[: STATUSES.index(status)] if status != "failed" else STATUSES[:2]
    with writing():
        waiting = OutboxMessage.objects.filter(
            ref=ref, state__in=(OutboxMessage.State.DONE, OutboxMessage.State.LEASED), delivery__in=("", *earlier)
        )
        changes = {"delivery": status, **({"last_error": error[:500]} if status == "failed" else {})}
        return waiting.update(**changes) == 1
