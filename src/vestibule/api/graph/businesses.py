"""Businesses: listed, told, made, changed, taken away; their booking page opened and closed."""

from collections.abc import Sequence

from vestibule.api.graph import (
    bookings_business,
    bookings_kept,
    bookings_lists,
    bookings_names,
    narrowing,
    offerings,
    questions,
    staff,
    values,
)
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import MANAGES, READS, WRITES
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer, Operations
from vestibule.booking import beside, setup
from vestibule.booking.setup import companies
from vestibule.people import brand
from vestibule.people.models import Business
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()
KIND = "business"
ALL = "solutions/bookingBusinesses"
ONE = "/solutions/bookingBusinesses/{business}"
MEMBERS = narrowing.told(texts=("id", "displayName"))
"""What the list is asked by: all that it tells."""
NAMES = {"name": "displayName", "language": "languageTag", "timezone": "bookingPageSettings/businessTimeZone"} | {
    "privacy_url": "bookingPageSettings/privacyPolicyWebUrl",
    "terms_url": "bookingPageSettings/termsAndConditionsWebUrl",
    "colour": "bookingPageSettings/bookingPageColorCode",
    "window_days": "schedulingPolicy/maximumAdvance",
    "window_minutes": "schedulingPolicy/maximumAdvance",
}


@operations.on("GET", f"/{ALL}", permissions=READS, operation="solutions.ListBookingBusinesses")
def list_businesses(asked: Asked) -> Answer:
    """List what a program may name, by id and name alone; `query` finds by a part of the name."""
    return bookings_lists.listed(asked, ALL, _named(asked), MEMBERS)


@operations.on("GET", f"/{ALL}/$count", permissions=READS, operation="Get.Count.bookingBusinesses-b75b")
def count(asked: Asked) -> Answer:
    """Say how many there are."""
    return bookings_lists.counted(asked, _named(asked), MEMBERS)


@operations.on("POST", f"/{ALL}", permissions=MANAGES, operation="solutions.CreateBookingBusinesses")
def create(asked: Asked) -> Answer:
    """Make one more business, where whoever runs the server lets programs do so."""
    body = values.without_notes(asked.body())
    name = values.text(body.get("displayName"), "displayName", 120)
    if not name:
        raise Fault(400, "invalidRequest", "A business needs a displayName.", target="displayName")
    with writing(), bookings_names.members(NAMES):
        made = companies.make_beside(asked.actor, asked.business, name)
        _change(bookings_names.within(asked, made), body)
    return bookings_lists.one(asked, ALL, shown(bookings_names.within(asked, made).business), status=201)


@operations.on("GET", ONE, permissions=READS, operation="solutions.GetBookingBusinesses")
def get(asked: Asked) -> Answer:
    """Tell of one business."""
    return bookings_lists.one(asked, ALL, shown(asked.business) | _expanded(asked))


@operations.on("PATCH", ONE, permissions=WRITES, operation="solutions.UpdateBookingBusinesses")
def change(asked: Asked) -> Answer:
    """Change what is named, and leave all else."""
    with writing(), bookings_names.members(NAMES):
        _change(asked, values.without_notes(asked.body()))
    return Answer(204)


@operations.on("DELETE", ONE, permissions=MANAGES, operation="solutions.DeleteBookingBusinesses")
def delete(asked: Asked) -> Answer:
    """Take away a business that a program made and nobody has an appointment with."""
    companies.take_away(asked.actor, asked.business)
    return Answer(204)


@operations.on(
    "POST", f"{ONE}/publish", permissions=MANAGES, operation="solutions.bookingBusinesses.bookingBusiness.publish"
)
def publish(asked: Asked) -> Answer:
    """Let consumers book by themselves."""
    setup.change_business(asked.actor, asked.business, is_published=True)
    return Answer(204)


@operations.on(
    "POST", f"{ONE}/unpublish", permissions=MANAGES, operation="solutions.bookingBusinesses.bookingBusiness.unpublish"
)
def unpublish(asked: Asked) -> Answer:
    """Take no more bookings by consumers themselves; what is booked stays."""
    setup.change_business(asked.actor, asked.business, is_published=False)
    return Answer(204)


def shown(business: Business) -> Json:
    """Return a business as this API tells it."""
    return bookings_kept.told(bookings_business.told(business), beside.of(business.pk, KIND, business.ref))


def _named(asked: Asked) -> Sequence[Json]:
    wanted = asked.query.get("query", "").strip().casefold()
    found = [one for one in bookings_names.mine(asked) if wanted in one.name.casefold()]
    return [{"id": bookings_names.business_id(one), "displayName": one.name} for one in found]


def _expanded(asked: Asked) -> Json:
    tell = {"services": offerings.all_of, "staffMembers": staff.all_of, "customQuestions": questions.all_of}
    return {name: tell[name](asked.business) for name in bookings_lists.expanded(asked, list(tell))}


def _change(asked: Asked, body: Json) -> None:
    """Change a business by the members present, and keep beside it what was written of them."""
    actor, business = asked.actor, asked.business
    kept = bookings_kept.written(body, bookings_business.KEPT)
    tag = kept.get("languageTag") or shown(business)["languageTag"]
    wanted = bookings_business.read(body, business, tag)
    if wanted.fields:
        business = setup.change_business(actor, business, **wanted.fields)
    if wanted.hours is not None:
        setup.set_hours(actor, business, wanted.hours)
    if wanted.rules:
        business = setup.change_booking_rules(actor, business, **wanted.rules)
    if wanted.colour is not None:
        business = brand.change(actor, business, colour=wanted.colour)
    beside.keep(business.pk, KIND, business.ref, bookings_kept.beside(kept, bookings_business.told(business)))
