"""The month of free starts, as fast as it goes: two plain queries, kept masks, JSON put together by hand.

Used by the hot path beside Django and by the documented operation alike, so both say the same.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.api.v1.schemas import instant, read_instant
from vestibule.booking import availability
from vestibule.booking.availability import Offered
from vestibule.booking.contacts import clean_zone
from vestibule.booking.errors import ProviderNotOffered
from vestibule.booking.models import Service
from vestibule.people.errors import Invalid, NotFound
from vestibule.scheduling import zones
from vestibule.store.clock import from_minute, to_minute

DAY = 24 * 60
_BETWEEN = '","'
_DAY_OF_EPOCH = date(1970, 1, 1).toordinal()
_TIMES = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY))
_SERVICE = (
    "SELECT b.timezone, b.buffer_rule, b.week_start, s.id, s.* FROM booking_service s"
    " JOIN people_business b ON b.id = s.business_id WHERE b.slug = %s AND s.slug = %s"
)
_OFFERS = (
    'SELECT p.id, p.mask_version, o.role, o."group", p.slug FROM booking_serviceprovider o'
    " JOIN people_provider p ON p.id = o.provider_id WHERE o.service_id = %s AND p.is_active"
    " ORDER BY p.position, p.name, p.id"
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `since` and `until` as written, an instant or a local date."""

    business: str
    service: str
    since: str
    until: str
    provider: str = ""
    timezone: str = ""


def month(query: Query) -> bytes:
    """Return the answer to `GET …/slots` as JSON.

    Raises NotFound, ServiceHidden, ProviderNotOffered, or Invalid naming `from`, `to` or `timezone`.
    """
    service, offers, slugs = _look_up(query)
    availability.require_visible(service)
    zone = query.timezone or service.business.timezone
    clock = zones.clock_of(clean_zone(zone))
    since, until = _read(query.since, zone, "from"), _read(query.until, zone, "to")
    if not timedelta(0) < until - since <= timedelta(days=availability.MOST_DAYS):
        words = _("Ask for a stretch of at most %(days)s days, the earlier time first.")
        raise Invalid(words % {"days": availability.MOST_DAYS}, field="to")
    provider = _provider(query.provider, slugs)
    question = availability.question_of(service, offers, provider)
    first, last = to_minute(since + timedelta(seconds=59)), to_minute(until + timedelta(seconds=59))
    free = scheduling.offer(question, first, last).by_provider()
    slots = _slots(free, slugs, service.duration_minutes, clock)
    after = None if slots else _next(service, until, provider, question)
    told = orjson.dumps({"timezone": zone, "next": after})
    return b'{"slots":[' + ",".join(slots).encode() + b"]," + told[1:]


def _look_up(query: Query) -> tuple[Service, list[Offered], dict[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_SERVICE, [query.business, query.service])
        row = cursor.fetchone()
        if row is None:
            raise NotFound(_("There is no such business or service here."))
        service = _service(row[3], tuple(_hashable(value) for value in row))
        cursor.execute(_OFFERS, [service.pk])
        rows = cursor.fetchall()
    return service, [Offered(*row[:4]) for row in rows], {row[0]: row[4] for row in rows}


def _hashable(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


@lru_cache(maxsize=2048)
def _service(service: int, row: tuple[Any, ...]) -> Service:
    """Return the service of a row; the same row gives the same object, made once."""
    found: Service = Service.objects.select_related("business").get(pk=service)
    return found


def _read(given: str, zone: str, field: str) -> datetime:
    """Return an instant; of a local date, its midnight in `zone`."""
    try:
        if len(given) == 10:
            day = date.fromisoformat(given)
            if not 2000 <= day.year <= 2200:
                raise ValueError
            return datetime(day.year, day.month, day.day, tzinfo=zones.zone(zone))
        return read_instant(given)
    except ValueError as error:
        words = _("Write it as 2026-03-02T09:00:00Z, or as a date.")
        raise Invalid(words, field=field) from error


def _provider(slug: str, slugs: dict[int, str]) -> int | None:
    if not slug:
        return None
    found = [one for one, known in slugs.items() if known == slug]
    if not found:
        raise ProviderNotOffered
    return found[0]


def _slots(
    free: dict[scheduling.ProviderId, list[int]], slugs: dict[int, str], duration: int, clock: zones.Clock
) -> list[str]:
    """Return each free start as JSON text, earliest first."""
    able: dict[int, list[str]] = {start: [] for start in sorted(set().union(*free.values()))}
    for provider, starts in free.items():
        name = slugs[int(provider)]
        for start in starts:
            able[start].append(name)
    ordered = list(able)
    slots: list[str] = []
    index = 0
    for _begin, end, offset in clock.pieces(ordered[0], ordered[-1] + 1) if ordered else ():
        shown = _offset(offset)
        until = bisect_left(ordered, end)
        slots += [
            f'{{"start":"{_stamp(start)}","end":"{_stamp(start + duration)}",'
            f'"label":"{_TIMES[(start + offset) % DAY]}","offset":"{shown}","providers":["{_BETWEEN.join(able[start])}"]}}'
            for start in ordered[index:until]
        ]
        index = until
    return slots


@lru_cache(maxsize=1 << 16)
def _stamp(minute: int) -> str:
    """Return a minute as RFC 3339."""
    day = date.fromordinal(minute // DAY + _DAY_OF_EPOCH)
    return f"{day.isoformat()}T{_TIMES[minute % DAY]}:00Z"


def _offset(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _next(service: Service, until: datetime, provider: int | None, question: scheduling.Question) -> str | None:
    """Return the first free start at or after `until`, within 400 days."""
    first = to_minute(until + timedelta(seconds=59))
    for begin in range(first, first + availability.HORIZON_DAYS * DAY, 31 * DAY):
        starts = scheduling.free_starts(question, begin, begin + 31 * DAY)
        if starts:
            return instant(from_minute(starts[0]))
    return None
