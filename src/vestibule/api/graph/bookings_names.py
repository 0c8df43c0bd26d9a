"""What businesses are called in this API, and which of them a program may name.

A program belongs to one business. Those it made itself are its own too, and nobody else's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings

from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.people.errors import Refusal
from vestibule.people.models import Business

READS = frozenset(
    {"Bookings.Read.All", "BookingsAppointment.ReadWrite.All", "Bookings.ReadWrite.All", "Bookings.Manage.All"}
)
WRITES = frozenset({"Bookings.ReadWrite.All", "Bookings.Manage.All"})
MANAGES = frozenset({"Bookings.Manage.All"})


def business_id(business: Business) -> str:
    """Return what a business is called here: written like an address of a mailbox, as Bookings' own ids are."""
    return f"{business.slug}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}"


def context_of(business: Business, part: str) -> str:
    """Return what a part of a business (`services`) is in `@odata.context`."""
    return f"solutions/bookingBusinesses('{business_id(business).replace('@', '%40')}')/{part}"


def mine(asked: Asked) -> list[Business]:
    """Return the businesses a program may name: its own, then those it made."""
    made = Business.objects.filter(
        graph_tenant__made_by__business=asked.actor.business_id, graph_tenant__is_on=True
    ).order_by("name", "pk")
    return [asked.business, *made]


def at(asked: Asked) -> Asked:
    """Return the request as one to the business that its address names. Raises Fault (404) for another's.

    What stands behind the @ decides nothing: it is another one once the server has moved.
    """
    slug = asked.params["business"].strip().casefold().partition("@")[0]
    if slug == asked.business.slug:
        return asked
    made = Business.objects.filter(slug=slug, graph_tenant__made_by__business=asked.actor.business_id)
    found = made.filter(graph_tenant__is_on=True).first()
    if found is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such business among those of this program.")
    return within(asked, found)


def within(asked: Asked, business: Business) -> Asked:
    """Return the request as one to another business of the program."""
    return replace(asked, actor=replace(asked.actor, business_id=business.pk))


@contextmanager
def members(names: Mapping[str, str]) -> Iterator[None]:
    """Let what is refused in the block be said of members by their names here: `names` has them by our own."""
    try:
        yield
    except Refusal as refusal:
        where = str(refusal.facts.get("field", ""))
        if where:
            first, _dot, rest = where.partition(".")
            refusal.facts["field"] = "/".join(filter(None, (names.get(first, first), rest.replace(".", "/"))))
        raise
