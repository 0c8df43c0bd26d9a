"""Finding what is to be booked, by plain queries: a service by its names, and who offers it.

A service is kept for as long as its row, its business' and its location's stay as they are, and made anew when one
of them changed. What is returned is shared between threads: read it, never change it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from vestibule.booking.models import Service
from vestibule.people.errors import NotFound

_SERVICE = (
    "SELECT s.id, s.*, b.*, l.* FROM booking_service s JOIN people_business b ON b.id = s.business_id"
    " LEFT JOIN booking_location l ON l.id = s.location_id WHERE b.slug = %s AND s.slug = %s AND s.is_active"
)
_OFFERS = (
    'SELECT p.id, p.mask_version, o.role, o."group", p.last_booked_at, p.position, p.slug'
    " FROM booking_serviceprovider o JOIN people_provider p ON p.id = o.provider_id"
    " WHERE o.service_id = %s AND p.is_active ORDER BY p.position, p.name, p.id"
)


@dataclass(frozen=True, slots=True)
class Offered:
    """That a provider offers a service, as the engine needs it. `last_booked` sorts by time; "" is never."""

    provider: int
    version: int
    role: str
    group: str
    last_booked: str
    position: int
    slug: str


def service_named(business: str, service: str) -> Service:
    """Return the active service with that slug, its business and location at hand. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVICE, [business, service])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(_("There is no business or service of that name here."))
    return _made(row[0], tuple(str(value) if isinstance(value, dict | list) else value for value in row))


def offers_of(service: int) -> list[Offered]:
    """Return who offers a service, in the order they are shown."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, [service])
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return [
        Offered(one, version, role, group, str(last or ""), position, slug)
        for one, version, role, group, last, position, slug in rows
    ]


@lru_cache(maxsize=2048)
def _made(service: int, row: tuple[Any, ...]) -> Service:
    """Return the service of a row; the same row gives the same object."""
    found: Service = Service.objects.select_related("business", "location").get(pk=service)
    return found
