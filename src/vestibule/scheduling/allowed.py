"""How far ahead a service may be booked, and how much of it: notice, booking window, limits."""

from collections.abc import Callable, Iterable

from vestibule.scheduling.bits import Span, mask_of, merged
from vestibule.scheduling.periods import Usage, last_day
from vestibule.scheduling.values import (
    STAFF,
    BookingWindow,
    DateRange,
    Limits,
    Period,
    RollingAvailableDays,
    RollingDays,
    RollingMinutes,
    Rules,
)
from vestibule.scheduling.zones import Clock, clock_of, day_of, weekday_of

Days = tuple[int, int]
ALL_DAYS: Days = (-(10**7), 10**7)


def earliest(rules: Rules, now: int) -> int:
    """The first minute that is not too soon; notice is compared to the second."""
    return -(-(now + rules.notice * 60) // 60)


def latest(rules: Rules, now: int) -> int | None:
    """The last minute that is not too far ahead, where the window is counted in minutes."""
    if isinstance(rules.window, RollingMinutes):
        return (now + rules.window.minutes * 60) // 60
    return None


def window_clock(dated: BookingWindow | Limits | None, own: Clock) -> Clock:
    """The clock by which the dates of a window or limit are told, for somebody whose clock is `own`."""
    name = getattr(dated, "timezone", STAFF)
    return own if name == STAFF else clock_of(name)


def bookable_days(window: BookingWindow | None, clock: Clock, now: int) -> Days:
    """The first and last local date a window allows; rolling available days are counted elsewhere."""
    if isinstance(window, DateRange):
        first = ALL_DAYS[0] if window.first is None else day_of(window.first)
        return first, ALL_DAYS[1] if window.last is None else day_of(window.last)
    if isinstance(window, RollingDays):
        today = clock.day(now // 60)
        return ALL_DAYS[0], _business_days_on(today, window.days) if window.business_days else today + window.days
    return ALL_DAYS


def last_available_day(window: RollingAvailableDays, offered: Iterable[int]) -> int | None:
    """The date on which the window ends, of sorted dates that have a start; None if they do not fill it."""
    counted = [day for day in offered if not window.business_days or weekday_of(day) < 5]
    if window.days == 0:
        return ALL_DAYS[0]
    return counted[window.days - 1] if len(counted) >= window.days else None


def used_up(limits: Limits, minutes: int, usage: Callable[[Period], Usage]) -> list[Days]:
    """The stretches of dates on which one more booking of `minutes` would break a limit."""
    found: list[Days] = []
    for period, most in limits.max_per:
        if most < 1:
            return [ALL_DAYS]
        found += [(day, last_day(day, period)) for day, have in usage(period).bookings.items() if have + 1 > most]
    for period, most in limits.max_minutes_per:
        if minutes > most:
            return [ALL_DAYS]
        found += [(day, last_day(day, period)) for day, have in usage(period).minutes.items() if have + minutes > most]
    return found


def mask_of_days(days: Iterable[Days], clock: Clock, span: Span) -> int:
    """The minutes at which a clock shows one of these dates; a pair is the first and the last."""
    return mask_of(merged(part for first, last in days for part in clock.spans_of(first, last, span)), span)


def _business_days_on(day: int, days: int) -> int:
    """The date `days` times Monday to Friday later; from a weekend they count as from Friday."""
    if not days:
        return day
    day -= max(weekday_of(day) - 4, 0)
    weeks, days = divmod(days, 5)
    beyond_friday = weekday_of(day) + days > 4
    return day + weeks * 7 + days + 2 * beyond_friday
