"""The month of free starts, as fast as it goes: two plain queries, kept masks, JSON put together by hand.

Used by the hot path beside Django and by the documented operation alike, so both say the same.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import orjson
from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.api.v1.schemas import instant, read_instant
from vestibule.booking import availability, catalogue
from vestibule.booking.contacts import clean_zone
from vestibule.booking.errors import ProviderNotOffered
from vestibule.booking.questions import Asked
from vestibule.people.errors import Invalid
from vestibule.scheduling import zones
from vestibule.store.clock import from_minute

DAY = 24 * 60
_BETWEEN = '","'
_DAY_OF_EPOCH = date(1970, 1, 1).toordinal()
_TIMES = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY))


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `since` and `until` as written, an instant or a local date."""

    business: str
    service: str
    since: str
    until: str
    provider: str = ""
    timezone: str = ""
    length_minutes: str = ""


def month(query: Query) -> bytes:
    """Return the answer to `GET …/slots` as JSON.

    Raises NotFound, ServiceHidden, ProviderNotOffered, or Invalid naming `from`, `to`, `timezone` or
    `length_minutes`.
    """
    service = catalogue.service_named(query.business, query.service)
    offers = catalogue.offers_of(service.pk)
    slugs = {offer.provider: offer.slug for offer in offers}
    availability.require_visible(service)
    zone = query.timezone or service.business.timezone
    clock = zones.clock_of(clean_zone(zone))
    since, until = _read(query.since, zone, "from"), _read(query.until, zone, "to")
    first, last = availability.stretch(since, until)
    length = _length(query.length_minutes)
    asked = availability.asked_of(service, offers, _provider(query.provider, slugs), length=length)
    free = asked.offer(first, last).by_provider()
    slots = _slots(free, slugs, asked, clock)
    following = None if slots else availability.first_free(asked, last)
    after = None if following is None else instant(from_minute(following))
    told = orjson.dumps({"timezone": zone, "next": after})
    return b'{"slots":[' + ",".join(slots).encode() + b"]," + told[1:]


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


def _length(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit()):
        raise Invalid(_("Write the length as a number of minutes."), field="length_minutes")
    return int(given)


def _provider(slug: str, slugs: dict[int, str]) -> int | None:
    if not slug:
        return None
    found = [one for one, known in slugs.items() if known == slug]
    if not found:
        raise ProviderNotOffered
    return found[0]


def _slots(
    free: dict[scheduling.ProviderId, list[int]], slugs: dict[int, str], asked: Asked, clock: zones.Clock
) -> list[str]:
    """Return each free start as JSON text, earliest first."""
    able: dict[int, list[str]] = {start: [] for start in sorted(set().union(*free.values()))}
    for provider, starts in free.items():
        name = slugs[int(provider)]
        for start in starts:
            able[start].append(name)
    ordered, duration, seats = list(able), asked.rules.duration, _seats(free, asked)
    slots: list[str] = []
    index = 0
    for _begin, end, offset in clock.pieces(ordered[0], ordered[-1] + 1) if ordered else ():
        shown = _offset(offset)
        until = bisect_left(ordered, end)
        slots += [
            f'{{"start":"{_stamp(start)}","end":"{_stamp(start + duration)}",'
            f'"label":"{_TIMES[(start + offset) % DAY]}","offset":"{shown}",'
            f'"providers":["{_BETWEEN.join(able[start])}"]{seats.get(start, "")}}}'
            for start in ordered[index:until]
        ]
        index = until
    return slots


def _seats(free: dict[scheduling.ProviderId, list[int]], asked: Asked) -> dict[int, str]:
    """Return what is said of seats at each start of a group service; nothing of others."""
    if asked.rules.seats is None:
        return {}
    left = availability.seats_left(asked)
    able: dict[int, list[int]] = {}
    for provider, starts in free.items():
        for start in starts:
            able.setdefault(start, []).append(int(provider))
    return {start: f',"seats_left":{left(start, who)}' for start, who in able.items()}


@lru_cache(maxsize=1 << 16)
def _stamp(minute: int) -> str:
    """Return a minute as RFC 3339."""
    day = date.fromordinal(minute // DAY + _DAY_OF_EPOCH)
    return f"{day.isoformat()}T{_TIMES[minute % DAY]}:00Z"


def _offset(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
