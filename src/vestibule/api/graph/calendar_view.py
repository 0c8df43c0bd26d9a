"""The calendar of a business: its appointments in a stretch of time, to be read and changed as any others."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from vestibule.api.graph import appointments, appointments_rows, bookings_lists, bookings_pages, odata, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, context_of
from vestibule.api.graph.customers import BOOKS
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.booking.own_calendar.entries import LONGEST
from vestibule.store.clock import to_minute

operations: Operations[Asked] = Operations()
HERE = "/solutions/bookingBusinesses/{business}/calendarView"
_OF = "solutions.bookingBusinesses"


@operations.on("GET", HERE, permissions=READS, operation=f"{_OF}.ListCalendarView")
def listed(asked: Asked) -> Answer:
    """All that take place, in part at least, from `start` to `end`, by start. Cancelled ones are not there."""
    bookings_lists.expanded(asked, ())
    page = bookings_pages.page(asked, _rows(asked), appointments.COLUMNS, appointments.COLUMNS[appointments.START])
    told = [bookings_lists.selected(asked, one) for one in appointments_rows.listed(asked, page.rows)]
    context = context_of(asked.business, "calendarView")
    return odata.collection(asked, context, told, next_link=page.next_link, count=page.count)


@operations.on("GET", HERE + "/$count", permissions=READS, operation="Get.Count.calendarView-f3a3")
def count(asked: Asked) -> Answer:
    """How many take place in a stretch."""
    return bookings_pages.counted(asked, _rows(asked), appointments.COLUMNS)


operations.on("POST", HERE, permissions=BOOKS, operation=f"{_OF}.CreateCalendarView")(appointments.create)
operations.on("GET", HERE + "/{appointment}", permissions=READS, operation=f"{_OF}.GetCalendarView")(appointments.show)
operations.on("PATCH", HERE + "/{appointment}", permissions=BOOKS, operation=f"{_OF}.UpdateCalendarView")(
    appointments.change
)
operations.on("DELETE", HERE + "/{appointment}", permissions=BOOKS, operation=f"{_OF}.DeleteCalendarView")(
    appointments.delete
)
operations.on(
    "POST",
    HERE + "/{appointment}/cancel",
    permissions=BOOKS,
    operation=f"{_OF}.bookingBusiness.calendarView.bookingAppointment.cancel",
)(appointments.cancel)


def _rows(asked: Asked) -> QuerySet[Any]:
    start, end = _instant(asked, "start"), _instant(asked, "end")
    if end < start:
        raise Fault(400, "invalidRequest", "The stretch ends before it starts.", target="end")
    first, last = to_minute(start), to_minute(end) + bool(end.second or end.microsecond)
    rows = appointments_rows.leading(asked)
    return rows.filter(start_minute__lt=last, end_minute__gt=first, start_minute__gt=first - LONGEST)


def _instant(asked: Asked, name: str) -> datetime:
    """Return one end of the stretch."""
    given = asked.query.get(name, "")
    if not given:
        words = "Both start and end are needed, as 2026-03-02T00:00:00Z or with an offset."
        raise Fault(400, "invalidRequest", words, target=name)
    return values.instant(values.with_plus(given), name)
