"""Hours at which text messages rest, in the reader's own time: when they end, and when a reminder leaves instead."""

from datetime import UTC, datetime, timedelta

from vestibule.notifications import when
from vestibule.notifications.models import MessageRules

ENOUGH = timedelta(minutes=30)
"""A reminder this long before the start is still of use; one that would be nearer leaves the evening before."""
BEFORE_REST = timedelta(hours=1)
"""So long before the evening's rest: time to try again, should a gateway be down just then."""


def is_quiet(at: datetime, zone: str, rules: MessageRules) -> bool:
    """Tell whether text messages rest at `at`, by the clocks of `zone`. From the first minute to before the last."""
    local = at.astimezone(when.zone(zone))
    minute = local.hour * 60 + local.minute
    first, last = rules.quiet_from, rules.quiet_to
    if first == last:
        return False
    return first <= minute < last if first < last else minute >= first or minute < last


def ends(at: datetime, zone: str, rules: MessageRules) -> datetime:
    """Return when the rest that goes on at `at` ends. Where clocks skip that minute: the next there is."""
    local = at.astimezone(when.zone(zone))
    minute = local.hour * 60 + local.minute
    day = local.date() + timedelta(days=1 if minute >= rules.quiet_to else 0)
    ended = _instant(day.year, day.month, day.day, rules.quiet_to, zone)
    # Clocks that go back can come to the quiet hours a second time: then these end at their second end.
    return ended if ended > at else _instant(day.year, day.month, day.day, rules.quiet_to, zone, fold=1)


def instead(due: datetime, start: datetime, zone: str, rules: MessageRules) -> datetime:
    """Return when a reminder due at `due` leaves: then, or when the rest ends, or else the evening before it began."""
    if not is_quiet(due, zone, rules):
        return due
    ended = ends(due, zone, rules)
    if ended <= start - ENOUGH:
        return ended
    local = due.astimezone(when.zone(zone))
    minute = local.hour * 60 + local.minute
    day = local.date() - timedelta(days=1 if minute < rules.quiet_from else 0)
    awake = timedelta(minutes=(rules.quiet_from - rules.quiet_to) % (24 * 60))
    return _instant(day.year, day.month, day.day, rules.quiet_from, zone) - min(BEFORE_REST, awake / 2)


def _instant(year: int, month: int, day: int, minute: int, zone: str, fold: int = 0) -> datetime:
    wall = datetime(year, month, day, minute // 60, minute % 60, tzinfo=when.zone(zone), fold=fold)
    return wall.astimezone(UTC)
