"""What reading one calendar may cost."""

import time
from dataclasses import dataclass, field

from vestibule.calendars.ports import CalendarError, Trouble

LONGEST_LINE = 256 * 1024
DEEPEST = 8
MOST_EVENTS = 20_000
MOST_DATES = 50_000
MOST_ZONES = 200
MOST_OCCURRENCES = 9_800
MOST_BUSY = 10_000
CPU_SECONDS = 1.25
_LOOK_EVERY = 1024


@dataclass
class Budget:
    """The work that may still be done for one calendar: `cpu_seconds` of this thread, and a number of dates."""

    cpu_seconds: float = CPU_SECONDS
    began: float = field(default_factory=time.thread_time)
    dates: int = 0
    _steps: int = 0

    def step(self, steps: int = 1) -> None:
        """Count work done. Raises CalendarError once it was too much."""
        self._steps += steps
        if self._steps >= _LOOK_EVERY:
            self._steps = 0
            if time.thread_time() - self.began > self.cpu_seconds:
                raise too_big("reading it takes too long")

    def date(self) -> None:
        """Count one more date of a list. Raises CalendarError once there were too many."""
        self.dates += 1
        self.step()
        if self.dates > MOST_DATES:
            raise too_big(f"it lists more than {MOST_DATES} single dates")


def too_big(why: str) -> CalendarError:
    """Return the error that says a calendar is more than can be read."""
    return CalendarError(f"the calendar is too big: {why}", Trouble.TOO_BIG, permanent=True)


def malformed(why: str) -> CalendarError:
    """Return the error that says that this is no calendar."""
    return CalendarError(f"this is not a calendar: {why}", Trouble.MALFORMED, permanent=True)
