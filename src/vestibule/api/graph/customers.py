"""Customers: the consumers of a business."""

from typing import Any

from django.db.models import QuerySet

from vestibule.api.graph import bookings_lists, bookings_pages, odata
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, context_of
from vestibule.api.graph.bookings_pages import Column
from vestibule.api.graph.customers_values import given, shown
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.narrowing import INSTANT, NUMBER, TEXT
from vestibule.api.graph.values import Json, written_moment
from vestibule.api.plain import Answer, Operations
from vestibule.booking import beside, consumers
from vestibule.booking.beside import CUSTOMER
from vestibule.people.models import Consumer
from vestibule.people.permissions import Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()
HERE = "/solutions/bookingBusinesses/{business}/customers"
MADE = Column(NUMBER, "id")
COLUMNS = {
    "id": Column(TEXT, "ref"),
    "displayName": Column(TEXT, "name"),
    "emailAddress": Column(TEXT, "email"),
    "createdDateTime": Column(INSTANT, "created_at"),
}
"""What customers are asked by."""
BOOKS = READS - {"Bookings.Read.All"}
"""The permissions that let a program book, and know who does."""


@operations.on("GET", HERE, permissions=READS, operation="solutions.bookingBusinesses.ListCustomers")
def listed(asked: Asked) -> Answer:
    """Everybody known, in the order in which they came to be."""
    page = bookings_pages.page(asked, rows_of(asked), COLUMNS, MADE)
    kept = beside.of_all(asked.business.pk, CUSTOMER, [row.ref for row in page.rows])
    told = [bookings_lists.selected(asked, shown(row, kept.get(row.ref, {}))) for row in page.rows]
    return odata.collection(asked, _context(asked), told, next_link=page.next_link, count=page.count)


@operations.on("GET", HERE + "/$count", permissions=READS, operation="Get.Count.customers-1771")
def count(asked: Asked) -> Answer:
    """How many are known."""
    return bookings_pages.counted(asked, rows_of(asked), COLUMNS)


@operations.on("POST", HERE, permissions=BOOKS, operation="solutions.bookingBusinesses.CreateCustomers")
def add(asked: Asked) -> Answer:
    """Make somebody known, or find them by their e-mail address; they keep the name they are known by."""
    said = given(asked.business, asked.body(), is_new=True)
    with writing():
        row = consumers.add(asked.actor, asked.business, said.known)
        before = beside.of(row.business_id, CUSTOMER, row.ref)
        fresh = {name: value for name, value in said.kept.items() if not before.get(name)}
        beside.keep(row.business_id, CUSTOMER, row.ref, fresh)
    return odata.single(asked, _context(asked), _shown(row), status=201)


@operations.on("GET", HERE + "/{customer}", permissions=READS, operation="solutions.bookingBusinesses.GetCustomers")
def show(asked: Asked) -> Answer:
    """One of them."""
    return bookings_lists.one(asked, _context(asked), _shown(_one(asked)))


@operations.on(
    "PATCH", HERE + "/{customer}", permissions=BOOKS, operation="solutions.bookingBusinesses.UpdateCustomers"
)
def change(asked: Asked) -> Answer:
    """Put right what is known of somebody; their appointments keep what was given with them."""
    row = _one(asked)
    said = given(asked.business, asked.body(), is_new=False)
    with writing():
        row = consumers.change(asked.actor, row, said.known)
        changed = {**said.kept, "lastUpdatedDateTime": written_moment(clock.now())}
        beside.keep(row.business_id, CUSTOMER, row.ref, changed)
    return odata.single(asked, _context(asked), _shown(row))


@operations.on(
    "DELETE", HERE + "/{customer}", permissions=BOOKS, operation="solutions.bookingBusinesses.DeleteCustomers"
)
def remove(asked: Asked) -> Answer:
    """Forget somebody who never had an appointment."""
    consumers.remove(asked.actor, _one(asked))
    return Answer(204)


def rows_of(asked: Asked) -> QuerySet[Any]:
    """Return the customers a program may see."""
    asked.actor.require(Permission.SEE_APPOINTMENTS)
    rows: QuerySet[Any] = Consumer.objects.visible_to(asked.actor)
    return rows


def _one(asked: Asked) -> Consumer:
    row: Consumer | None = rows_of(asked).filter(ref=asked.params[CUSTOMER].strip().casefold()).first()
    if row is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such customer in this business.")
    return row


def _shown(row: Consumer) -> Json:
    return shown(row, beside.of(row.business_id, CUSTOMER, row.ref))


def _context(asked: Asked) -> str:
    return context_of(asked.business, "customers")
