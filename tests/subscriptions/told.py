"""Who is told what, in tests: a subscription that was agreed to, and things that happen."""

from datetime import UTC, datetime
from typing import Any

from tests.factories import make_business, manager_of
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.store.transactions import writing
from vestibule.subscriptions import outbox, verbs
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.outbox import Event
from vestibule.subscriptions.verbs import Wish

ADDRESS = "https://example.com/events?key=hidden-from-all"
THREAD = "19:thread@thread.v2"


def subscribed(business: Business | None = None, **wish: Any) -> Subscription:
    """A subscription of a business' office, in Event Grid's words to everything unless said otherwise."""
    business = business or make_business()
    asked = {"shape": "event_grid", "name": "receiver", "address": ADDRESS, **wish}
    return verbs.add(manager_of(business), business, Wish(**asked))


def message(**facts: Any) -> dict[str, Any]:
    """The facts of a message by somebody of ours that one other reads."""
    return {
        "thread": THREAD,
        "message": "1792000000000",
        "version": "1792000000000",
        "author": "user:1",
        "author_name": "Dr Ada Blum",
        "type": "text",
        "text": "Good morning",
        "metadata": {"kind": "greeting"},
        "written_at": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "readers": ["user:1", "acs:0123456789abcdef0123456789abcdef"],
        **facts,
    }


def happens(
    business: Business, kind: Kind = Kind.MESSAGE_RECEIVED, subject: str = f"threads/{THREAD}", **facts: Any
) -> int:
    """Let something happen; return how many are told."""
    with writing():
        return outbox.tell(business.pk, Event(kind, subject, message(**facts), clock.now()))
