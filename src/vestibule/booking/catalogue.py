"""Finding what is to be booked, by plain queries: a service by its names, and who offers it.

A service is kept for as long as its row, its business' and its location's stay as they are, and made anew when one
of them changed. What is returned is shared between threads: read it, never change it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from vestibule.booking.models import Service
from vestibule.people.errors import NotFound

_SERVICE = (
    "SELECT s.id, s.*, b.*, l.* FROM booking_service s JOIN people_business b ON b.id = s.business_id"
    " LEFT JOIN booking_location l ON l.id = s.location_id WHERE b.slug = %s AND s.slug = %s AND s.is_active"
)
_OFFERS = (
    'SELECT p.id, p.mask_version, o.role, o."group", p.last_booked_at, p.position, p.slug, o.schedule_id, o.weight,'
    " o.turn, EXISTS(SELECT 1 FROM booking_serviceresource n WHERE n.service_id = o.service_id), r.provider_id,"
    " r.buffer_before_minutes, r.buffer_after_minutes, r.notice_minutes, r.limits"
    " FROM booking_serviceprovider o JOIN people_provider p ON p.id = o.provider_id"
    " LEFT JOIN booking_providerrules r ON r.provider_id = p.id"
    " WHERE o.service_id = %s AND p.is_active ORDER BY p.position, p.name, p.id"
)
MOST_KEPT = 2048
_kept: dict[int, tuple[tuple[Any, ...], Service]] = {}


@dataclass(frozen=True, slots=True)
class OwnRules:
    """What counts for one provider in place of a service's rules, in minutes; None is the service's."""

    before: int | None
    after: int | None
    notice: int | None
    limits: Mapping[str, Any]


class Offered(NamedTuple):
    """That a provider offers a service, as the engine needs it. `last_booked` sorts by time; "" is never.

    `schedule` is the one this service is pinned to, None the usual hours; `needs_resources` says it of the service.
    """

    provider: int
    version: int
    role: str
    group: str
    last_booked: str
    position: int
    slug: str
    schedule: int | None
    weight: int
    turn: int
    needs_resources: bool
    own_rules: OwnRules | None


def service_named(business: str, service: str) -> Service:
    """Return the active service with that slug, its business and location at hand. Raises NotFound."""
    row = _row(business, service)
    known = _kept.get(row[0])
    if known is not None and known[0] == row:
        return known[1]
    found: Service = Service.objects.select_related("business", "location").get(pk=row[0])
    if _row(business, service) == row:  # else it changed in between, and belongs to another row
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[row[0]] = row, found
    return found


def offers_of(service: int) -> list[Offered]:
    """Return who offers a service, in the order they are shown."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, [service])
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return [_offered(row) for row in rows]


def _offered(row: tuple[Any, ...]) -> Offered:
    own = None if row[11] is None else OwnRules(row[12], row[13], row[14], orjson.loads(row[15]))
    return Offered._make((*row[:4], str(row[4] or ""), *row[5:10], bool(row[10]), own))


def _row(business: str, service: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_SERVICE, [business, service])
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise NotFound(_("There is no business or service of that name here."))
    return row
