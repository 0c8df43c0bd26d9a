"""When a business and its providers are open, laid out on the local days of a calendar."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule.booking import timetables
from vestibule.booking.holidays import public_holidays
from vestibule.booking.models import DateOverride, TimeOff
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Hours
from vestibule.scheduling.hours import open_hours
from vestibule.store.clock import from_minute, now, to_minute
from vestibule.web.times import day_bounds

DAY = 1440


@dataclass(frozen=True)
class Stretch:
    """Part of a local day: `start` in minutes since midnight as clocks show it, `length` in minutes."""

    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


class Wall:
    """One local date as the clock on the wall shows it."""

    def __init__(self, on: date, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self.first, self.last = day_bounds(on, zone)
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
    """The usual hours of a business and some of its providers, in a few queries however many they are.

    Travel and public holidays count, these from the year of `since` on (of the present one, if it is not given).
    """

    def __init__(self, business: Business, providers: Sequence[Provider] = (), *, since: date | None = None) -> None:
        self._business = business
        house = Provider(pk=0, business=business, uses_business_hours=True)
        for provider in providers:
            provider.business = business
        begin = day_bounds(since, business.timezone)[0] if since else to_minute(now())
        found = timetables.hours_of([house, *providers], begin)
        self._hours = {pk: by_schedule[timetables.USUAL] for pk, by_schedule in found.items()}
        mine = {provider.pk for provider in providers}
        closed = DateOverride.objects.filter(business=business, schedule__isnull=True, is_closed=True).exclude(note="")
        self._notes = {(one, on): note for one, on, note in closed.values_list("provider_id", "date", "note")}
        self._off: dict[int | None, list[TimeOff]] = defaultdict(list)
        for off in TimeOff.objects.filter(business=business):
            if off.provider_id is None or off.provider_id in mine:
                self._off[off.provider_id].append(off)

    def of_business(self) -> Hours:
        """Return the hours of the business itself."""
        return self._hours[0]

    def of_provider(self, provider: Provider) -> Hours:
        """Return the hours a provider works, in the zone the provider is in."""
        return self._hours[provider.pk]

    def has_hours(self, provider: Provider | None = None) -> bool:
        """Tell whether any weekly hours are set, for a provider or the business."""
        return bool(self._hours[provider.pk if provider else 0].weekly)

    def closed_note(self, on: date, provider: Provider | None = None) -> str:
        """Return what to call a date without hours: its holiday or note if it has one, else "Closed"."""
        mine = self._notes.get((provider.pk, on)) if provider else None
        return mine or self._notes.get((None, on)) or self._holiday(on) or _("Closed")

    def _holiday(self, on: date) -> str:
        house = self._business
        if not house.holiday_country or on.isoformat() in house.open_holidays:
            return ""
        return public_holidays(house.holiday_country, house.holiday_region, on.year, house.language).get(on, "")

    def off(self, provider: Provider | None = None) -> list[TimeOff]:
        """Return the time off that counts for a provider, the business' included."""
        return self._off[None] + (self._off[provider.pk] if provider else [])


def open_stretches(hours: Hours, on: date, zone: str) -> list[Stretch]:
    """Return when `hours` are open on local date `on` of `zone`."""
    first, last = day_bounds(on, zone)
    return on_day(open_hours(hours).intervals(first, last), on, zone)
