"""How often an appointment is to repeat, as the booking page asks it and the address carries it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Series, Service

WEEK, MONTH = Series.Unit.WEEK, Series.Unit.MONTH
EVERY: dict[str, tuple[str, int]] = {"week": (WEEK, 1), "fortnight": (WEEK, 2), "month": (MONTH, 1)}
NAMES: dict[str, str | Promise] = {
    "week": gettext_lazy("Every week"),
    "fortnight": gettext_lazy("Every two weeks"),
    "month": gettext_lazy("Every month"),
}
USUAL_TIMES = 4


@dataclass(frozen=True)
class Repeat:
    """`every` is a key of EVERY; `times` counts all occurrences, the first included."""

    every: str
    times: int

    @property
    def name(self) -> str:
        """How it is said: "Every two weeks"."""
        return str(NAMES[self.every])

    def query(self) -> dict[str, str]:
        """Return what the address says of it."""
        return {"repeat": self.every, "times": str(self.times)}


def read_repeat(service: Service, given: Mapping[str, str]) -> Repeat | None:
    """Return how often `given` asks to repeat, within what `service` allows; None for once, and for anything else."""
    every = given.get("repeat", "")
    if every not in EVERY or service.most_occurrences < 2:
        return None
    text = given.get("times", "")
    times = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else USUAL_TIMES
    return Repeat(every, min(max(times, 2), service.most_occurrences))
