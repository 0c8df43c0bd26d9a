"""How long something took, without what the machine did to everybody meanwhile."""

import threading
import time
from typing import Self


class Stopwatch:
    """Measures within a block, in seconds, for how long this process ran: `ran` never grows faster than time passes.

    What holds it up is left out: a machine busy with everything else is no delay of the product. What the process
    waits for or works on meanwhile is time it ran.
    """

    TICK = 0.01
    MOST = 0.05
    """A longer tick was held up; no more of it counts than this, and what the process worked in it."""

    def __init__(self) -> None:
        self.ran = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _tick(self) -> None:
        now, worked = time.monotonic(), time.process_time()
        while not self._is_over.wait(self.TICK):
            before, worked_before = now, worked
            now, worked = time.monotonic(), time.process_time()
            self.ran += min(now - before, self.MOST + worked - worked_before)
