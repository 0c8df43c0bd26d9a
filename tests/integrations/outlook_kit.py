"""What tests of calendars in Outlook share."""

from tests.calendars.kit import said
from vestibule.calendars.ports import Changes

CALENDAR = "calendar"


class Naps:
    """Sleep that takes no time, and how long it would have been."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def told(changes: Changes) -> list[str]:
    """When the mailbox is taken, in words."""
    return sorted(said(*stretch) for item in changes.items for stretch in item.busy)
