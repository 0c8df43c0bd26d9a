"""When a business and its providers are open, laid out on the local days of a calendar."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vestibule.booking.models import DateOverride, TimeOff, WeeklyHours
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours, Override, WeeklyWindow
from vestibule.scheduling.hours import open_hours
from vestibule.store.clock import from_minute, to_minute

DAY = 1440


@dataclass(frozen=True)
class Stretch:
    """Part of a local day: `start` in minutes since midnight as clocks show it, `length` in minutes."""

    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def bounds(on: date, zone: str, days: int = 1) -> tuple[int, int]:
    """Return the UTC minutes at which local date `on` begins and at which the last of `days` ends."""
    begins = datetime.combine(on, time(), ZoneInfo(zone))
    ends = datetime.combine(on + timedelta(days=days), time(), ZoneInfo(zone))
    return to_minute(begins), to_minute(ends)


class Wall:
    """One local date as the clock on the wall shows it."""

    def __init__(self, on: date, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self.first, self.last = bounds(on, zone)
        self._is_even = self.last - self.first == DAY

    def part(self, start: int, end: int) -> Stretch | None:
        """Return that part of a UTC stretch that lies on this date, or None."""
        if start >= self.last or end <= self.first:
            return None
        begins, ends = max(start, self.first), min(end, self.last)
        wall = self._reading(begins)
        return Stretch(wall, min(ends - begins, DAY - wall))

    def _reading(self, minute: int) -> int:
        if self._is_even or minute == self.first:
            return minute - self.first
        at = from_minute(minute).astimezone(self._zone)
        return at.hour * 60 + at.minute


def on_day(spans: Iterable[tuple[int, int]], on: date, zone: str) -> list[Stretch]:
    """Return those parts of UTC stretches that lie on local date `on`."""
    day = Wall(on, zone)
    return [part for start, end in spans if (part := day.part(start, end))]


class Openings:
    """The working hours of a business and some of its providers, read in four queries however many they are."""

    def __init__(self, business: Business, providers: Sequence[Provider] = ()) -> None:
        self._business = business
        mine = {provider.pk for provider in providers}
        self._weekly: dict[int | None, list[WeeklyWindow]] = defaultdict(list)
        self._overrides: dict[int | None, list[Override]] = defaultdict(list)
        self._off: dict[int | None, list[TimeOff]] = defaultdict(list)
        for hours in WeeklyHours.objects.filter(business=business):
            self._weekly[hours.provider_id].append(WeeklyWindow(hours.weekday, hours.start_minute, hours.end_minute))
        for override in DateOverride.objects.filter(business=business):
            self._overrides[override.provider_id].append(_override(override))
        for off in TimeOff.objects.filter(business=business):
            if off.provider_id is None or off.provider_id in mine:
                self._off[off.provider_id].append(off)

    def of_business(self) -> Hours:
        """Return the hours of the business itself."""
        return Hours(self._business.timezone, tuple(self._weekly[None]), tuple(self._overrides[None]))

    def of_provider(self, provider: Provider) -> Hours:
        """Return the hours a provider works: own days go first, then the business' closed days, and its other hours
        for whoever follows them."""
        weekly = self._weekly[None if provider.uses_business_hours else provider.pk]
        own = self._overrides[provider.pk]
        dates = {override.day for override in own}
        shared = [
            override
            for override in self._overrides[None]
            if override.day not in dates and (override.closed or provider.uses_business_hours)
        ]
        return Hours(provider.timezone or self._business.timezone, tuple(weekly), (*own, *shared))

    def has_hours(self, provider: Provider | None = None) -> bool:
        """Tell whether any weekly hours are set, for a provider or the business."""
        return bool(self._weekly[None if provider is None or provider.uses_business_hours else provider.pk])

    def off(self, provider: Provider | None = None) -> list[TimeOff]:
        """Return the time off that counts for a provider, the business' included."""
        return self._off[None] + (self._off[provider.pk] if provider else [])


def open_stretches(hours: Hours, on: date, zone: str) -> list[Stretch]:
    """Return when `hours` are open on local date `on` of `zone`."""
    first, last = bounds(on, zone)
    return on_day(open_hours(hours).intervals(first, last), on, zone)


def _override(row: DateOverride) -> Override:
    return Override(row.date) if row.is_closed else Override(row.date, row.start_minute, row.end_minute)
