"""What happened to appointments: how many, cancelled by whom, not come to, and how far ahead they are booked.

Aggregated by the database over one business, in integer minutes; days, weeks and months are those of its zone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Case, Count, F, Func, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment
from vestibule.booking.rules import WEEKDAYS
from vestibule.booking.setup import values
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.scheduling import zones
from vestibule.store.clock import from_minute

DAY = 24 * 60
HOUR = 60
MOST_DAYS = 800
# A booking is made at most this long after it began (walk-ins), or before (windows are shorter); bounds a query.
LATEST_NOTE_DAYS, FURTHEST_AHEAD_DAYS = 7, 1200
S = Appointment.Status
_SHIFT = 1 << 20  # hours: keeps what is divided positive, since databases cut towards zero
LEADS = (0, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)


class Bucket(StrEnum):
    """What one line of a report is about."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Asked:
    """What to report on: local dates of the business, both included; ids narrow it to a provider, service or area.

    Only how visits went is known by area; bookings are not.

    Raises Invalid naming `to` for a stretch that is reversed or longer than 800 days.
    """

    first: date
    last: date
    bucket: Bucket = Bucket.DAY
    provider: int | None = None
    service: int | None = None
    area: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            words = _("Ask for a stretch of at most %(days)s days, the earlier date first.")
            raise Invalid(words % {"days": MOST_DAYS}, field="to", days=MOST_DAYS)

    def minutes(self, zone: str) -> tuple[int, int]:
        """Return the UTC minutes at which the first date begins and the last one ends in `zone`."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)

    def begins(self, week_start: int = 0) -> list[date]:
        """Return the first date of each bucket, the first one cut off where the stretch begins."""
        found, day = [], self.first
        while day <= self.last:
            found.append(day)
            day = self._next(day, week_start)
        return found

    def _next(self, day: date, week_start: int) -> date:
        if self.bucket is Bucket.DAY:
            return day + timedelta(days=1)
        if self.bucket is Bucket.WEEK:
            return day + timedelta(days=7 - (day.weekday() - week_start) % 7)
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass
class Line:
    """Appointments that start in one bucket, by what became of them; `made` were booked in it, whenever they start.

    `kept` counts those that took place or still may: all that are neither cancelled nor a request.
    """

    first: date
    last: date
    made: int = 0
    kept: int = 0
    completed: int = 0
    no_shows: int = 0
    not_seen: int = 0
    requested: int = 0
    cancelled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("consumer", "provider", "business"), 0))

    @property
    def all_cancelled(self) -> int:
        return sum(self.cancelled.values())


@dataclass(frozen=True)
class Lead:
    """How many were booked at least `least` minutes ahead and less than `under`.

    Without `under`: that and more; without `least`: after they began.
    """

    least: int | None
    under: int | None
    count: int


@dataclass(frozen=True)
class LeadTimes:
    """How far ahead appointments were booked; `median` in minutes, to the hour, None without any."""

    bins: Sequence[Lead]
    count: int
    median: int | None


class EpochMinute(Func):
    """A time column as whole UTC minutes since 1970."""

    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps times as text."""
        return self.as_sql(compiler, connection, template="(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / 60)")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL keeps times as such."""
        return self.as_sql(compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 60)::bigint")


def midnight(day: date, zone: str) -> int:
    """Return the UTC minute at which a local date begins: the first that shows it, where clocks skip midnight."""
    number = zones.day_of(day)
    guess = number * DAY
    spans = zones.clock_of(zone).spans_of(number, number, (guess - 2 * DAY, guess + 3 * DAY))
    return spans[0][0] if spans else guess


def counts(actor: Actor, business: Business, asked: Asked) -> list[Line]:
    """Return a line for each day, week or month of the stretch, in order. Raises NotPermitted, NotFound."""
    values.permit(actor, business.pk, Permission.SEE_RESULTS)
    zone = business.timezone
    begin, end = asked.minutes(zone)
    begins = begins_of(business, asked)
    lasts = [*(day - timedelta(days=1) for day in begins[1:]), asked.last]
    lines = [Line(first, last) for first, last in zip(begins, lasts, strict=True)]
    at = _finder(lines)
    rows = _rows(business, asked).filter(start_minute__gte=begin, start_minute__lt=end)
    by_day = _by_day(rows, F("start_minute"), zone, begin, end)
    grouped = by_day.values_list("day", "status", "cancelled_by").annotate(n=Count("pk")).order_by()
    for number, status, by, count in grouped:
        _add(at[number], status, by, count)
    for number, count in _made(business, asked, begin, end):
        at[number].made += count
    return lines


def begins_of(business: Business, asked: Asked) -> list[date]:
    """Return the first date of each bucket; weeks begin as the business says."""
    return asked.begins(_week_start(business))


def lead_times(actor: Actor, business: Business, asked: Asked) -> LeadTimes:
    """Return how long before their start the appointments of the stretch were booked; cancelled ones do not count."""
    values.permit(actor, business.pk, Permission.SEE_RESULTS)
    begin, end = asked.minutes(business.timezone)
    rows = _rows(business, asked).filter(start_minute__gte=begin, start_minute__lt=end)
    hours = (F("start_minute") - EpochMinute("created_at") + Value(_SHIFT * HOUR)) / Value(HOUR) - Value(_SHIFT)
    kept = rows.exclude(status__in=(S.CANCELLED, S.REQUESTED)).annotate(hours=hours)
    by_hour = dict(kept.values_list("hours").annotate(n=Count("pk")).order_by())
    edges: list[tuple[int | None, int | None]] = [(None, 0), *zip(LEADS, (*LEADS[1:], None), strict=True)]
    bins = [Lead(least, under, _between(by_hour, least, under)) for least, under in edges]
    return LeadTimes(bins if bins[0].count else bins[1:], sum(by_hour.values()), _median(by_hour))


def _between(by_hour: Mapping[int, int], least: int | None, under: int | None) -> int:
    return sum(
        count
        for hour, count in by_hour.items()
        if (least is None or least <= hour * HOUR) and (under is None or hour * HOUR < under)
    )


def _median(by_hour: Mapping[int, int]) -> int | None:
    total, seen = sum(by_hour.values()), 0
    for hour in sorted(by_hour):
        seen += by_hour[hour]
        if 2 * seen >= total:
            return hour * HOUR
    return None


def _rows(business: Business, asked: Asked) -> QuerySet[Appointment]:
    rows: QuerySet[Appointment] = Appointment.objects.filter(business=business)
    if asked.provider is not None:
        rows = rows.filter(provider_id=asked.provider)
    if asked.service is not None:
        rows = rows.filter(service_id=asked.service)
    return rows


def _made(business: Business, asked: Asked, begin: int, end: int) -> Iterator[tuple[int, int]]:
    near = _rows(business, asked).filter(
        start_minute__gte=begin - LATEST_NOTE_DAYS * DAY, start_minute__lt=end + FURTHEST_AHEAD_DAYS * DAY
    )
    made = near.filter(created_at__gte=from_minute(begin), created_at__lt=from_minute(end))
    by_day = _by_day(made, EpochMinute("created_at"), business.timezone, begin, end)
    yield from by_day.values_list("day").annotate(n=Count("pk")).order_by()


def _add(line: Line, status: str, by: str, count: int) -> None:
    if status == S.CANCELLED:
        side = by if by in line.cancelled else "business"
        line.cancelled[side] += count
    elif status == S.REQUESTED:
        line.requested += count
    else:
        line.kept += count
        line.completed += count if status == S.COMPLETED else 0
        line.no_shows += count if status == S.NO_SHOW else 0
        line.not_seen += count if status == S.NOT_SEEN else 0


def _finder(lines: Sequence[Line]) -> Mapping[int, Line]:
    """Return the line of each local day, by the day's number."""
    return {number: line for line in lines for number in range(zones.day_of(line.first), zones.day_of(line.last) + 1)}


def _by_day(rows: QuerySet[Appointment], minute: Any, zone: str, begin: int, end: int) -> Any:
    """Annotate each row with the number of the local `day` on which `minute` lies.

    Between two changes of the clock one offset counts, so the database has integers to add and to divide.
    """
    pieces = zones.clock_of(zone).pieces(begin, end)
    offset: Any = Value(pieces[-1][2])
    if len(pieces) > 1:
        changes = [When(at__lt=until, then=Value(shown)) for _from, until, shown in pieces[:-1]]
        offset = Case(*changes, default=offset, output_field=IntegerField())
    return rows.annotate(at=minute).annotate(day=(F("at") + offset) / Value(DAY))


def _week_start(business: Business) -> int:
    return WEEKDAYS.index(business.week_start)
