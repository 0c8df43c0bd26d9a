"""Which gateways are left alone for a while because they failed again and again, as one worker has seen them.

Without this each message would wait for a gateway that hangs, and behind them everybody else's. Times are the
machine's: moving a test clock neither ends a rest nor draws it out.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vestibule.notifications.gateways import Carrier
from vestibule.notifications.outcomes import NotSent, Outcome, Sent
from vestibule.store.pauses import spread

FAILURES = 3
"""So many in a row, and a gateway is left alone; then one message at a time tries it."""
FIRST_REST, LONGEST_REST = 2.0, 120.0
"""Seconds; each rest is twice the one before."""
TRYING = 1.0


@dataclass
class _Circuit:
    """How one gateway did lately: `rests` so far, the monotonic second this one ends, and whether one tries it now."""

    failures: int = 0
    rests: int = 0
    until: float = 0.0
    is_tried: bool = False


class Circuits:
    """What one worker knows of the gateways it used. For the thread that collects outcomes alone."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._known: defaultdict[str, _Circuit] = defaultdict(_Circuit)

    def usable(self, carriers: Sequence[Carrier[Any]]) -> list[Carrier[Any]]:
        """Return those of `carriers` that may be asked now, in their order."""
        return [one for one in carriers if self._may_be_asked(self._known[one.key])]

    def rest(self, carriers: Sequence[Carrier[Any]]) -> float:
        """Return after how many seconds the first of `carriers`, none of them usable, may be asked."""
        left = min((self._known[one.key].until for one in carriers), default=0.0) - self._seconds()
        return left if left > 0 else TRYING

    def asked(self, carrier: Carrier[Any]) -> None:
        """Note that a message leaves for a gateway: after a rest it alone tries it."""
        circuit = self._known[carrier.key]
        circuit.is_tried = circuit.failures >= FAILURES

    def not_asked(self, carrier: Carrier[Any]) -> None:
        """Note that the message that was to try a gateway did not reach it."""
        self._known[carrier.key].is_tried = False

    def learn(self, carrier: Carrier[Any], outcome: Outcome) -> None:
        """Take in what came of a message that left for `carrier` first."""
        refusals = outcome.refusals if isinstance(outcome, Sent | NotSent) else ()
        for refused in refusals:
            if refused.is_down:
                self._failed(self._known[refused.carrier.key])
            else:
                self._known[refused.carrier.key] = _Circuit()
        if isinstance(outcome, Sent):
            self._known[outcome.carrier.key] = _Circuit()
        self.not_asked(carrier)

    def _failed(self, circuit: _Circuit) -> None:
        circuit.failures += 1
        now = self._seconds()
        if circuit.failures >= FAILURES and now >= circuit.until:
            whole = min(FIRST_REST * 2.0**circuit.rests, LONGEST_REST)
            circuit.rests += 1
            circuit.until = now + spread(whole, 0.75, 1.0)

    def _may_be_asked(self, circuit: _Circuit) -> bool:
        if circuit.failures < FAILURES:
            return True
        return not circuit.is_tried and self._seconds() >= circuit.until
