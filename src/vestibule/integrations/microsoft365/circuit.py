"""While Microsoft does not answer, an application asks once a minute for everybody together, and waits for nothing.

Kept for each application in this process, by the product's clock: others find out by themselves.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vestibule.integrations.microsoft365.errors import GraphError
from vestibule.store import clock

MOST_FAILURES = 5
"""So many requests one after the other without an answer of use, whoever asked them, and it is taken to be away."""
PAUSE = timedelta(minutes=1)
MOST_KEPT = 500


@dataclass
class Circuit:
    """How one application fares. Used by several threads."""

    failures: int = 0
    asks_at: datetime | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def require(self) -> None:
        """Let a request pass, or none but one a minute while nothing is answered. Raises GraphError."""
        now = clock.now()
        with self._guard:
            if self.failures < MOST_FAILURES:
                return
            if self.asks_at is None or not now < self.asks_at <= now + PAUSE:  # also once a test clock was set back
                self.asks_at = now + PAUSE
                return
        raise GraphError("Microsoft does not answer at present, and is asked again within a minute", status=0)

    def note(self, *, is_answered: bool) -> None:
        """Learn how a request went: whether an answer came, be it a refusal."""
        with self._guard:
            self.failures = 0 if is_answered else self.failures + 1
            if self.failures == MOST_FAILURES:
                self.asks_at = clock.now() + PAUSE


_known: dict[str, Circuit] = {}
_guard = threading.Lock()


def of(name: str) -> Circuit:
    """Return that of an application."""
    with _guard:
        if name not in _known and len(_known) >= MOST_KEPT:
            _known.clear()
        return _known.setdefault(name, Circuit())
