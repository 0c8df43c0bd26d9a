"""Appointments: listed, booked, changed, cancelled and deleted, by the verbs that pages call too."""

from vestibule.api.graph import (
    appointments_booking,
    appointments_changing,
    appointments_rows,
    bookings_lists,
    bookings_pages,
    odata,
    values,
)
from vestibule.api.graph.appointments_reading import told_here
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, context_of
from vestibule.api.graph.bookings_pages import MINUTE, Column
from vestibule.api.graph.customers import BOOKS
from vestibule.api.graph.narrowing import INSTANT, TEXT
from vestibule.api.graph.past_rules import applied
from vestibule.api.plain import Answer, Operations
from vestibule.booking import sessions

operations: Operations[Asked] = Operations()
HERE = "/solutions/bookingBusinesses/{business}/appointments"
START = "startDateTime/dateTime"
COLUMNS = {
    START: Column(MINUTE, "start_minute"),
    "endDateTime/dateTime": Column(MINUTE, "end_minute"),
    "createdDateTime": Column(INSTANT, "created_at"),
    "serviceId": Column(TEXT, "service__ref"),
    "serviceName": Column(TEXT, "service__name"),
}
"""What appointments are asked by: what is the same for all who take part at one time."""
_OF = "solutions.bookingBusinesses"


@operations.on("GET", HERE, permissions=READS, operation=f"{_OF}.ListAppointments")
def listed(asked: Asked) -> Answer:
    """All that are not cancelled, by start; for a stretch of time there is calendarView."""
    bookings_lists.expanded(asked, ())
    page = bookings_pages.page(asked, appointments_rows.leading(asked), COLUMNS, COLUMNS[START])
    told = [bookings_lists.selected(asked, one) for one in appointments_rows.listed(asked, page.rows)]
    return odata.collection(asked, context(asked), told, next_link=page.next_link, count=page.count)


@operations.on("GET", HERE + "/$count", permissions=READS, operation="Get.Count.appointments-205a")
def count(asked: Asked) -> Answer:
    """How many there are."""
    return bookings_pages.counted(asked, appointments_rows.leading(asked), COLUMNS)


@operations.on("POST", HERE, permissions=BOOKS, operation=f"{_OF}.CreateAppointments")
def create(asked: Asked) -> Answer:
    """Book, by the rules unless an administrator says otherwise."""
    with told_here():
        made = appointments_booking.book(asked)
    found = appointments_rows.of_session(asked, made)
    return applied(asked, odata.single(asked, context(asked), appointments_rows.told(asked, found), status=201))


@operations.on("GET", HERE + "/{appointment}", permissions=READS, operation=f"{_OF}.GetAppointments")
def show(asked: Asked) -> Answer:
    """One of them, with its reminders and what was noted of it."""
    bookings_lists.expanded(asked, ())
    found = appointments_rows.members(asked)
    return bookings_lists.one(asked, context(asked), appointments_rows.told(asked, found))


@operations.on("PATCH", HERE + "/{appointment}", permissions=BOOKS, operation=f"{_OF}.UpdateAppointments")
def change(asked: Asked) -> Answer:
    """Move it, give it to others of the staff, put right whom it is for; what is not named stays."""
    with told_here():
        appointments_changing.change(asked, appointments_rows.members(asked))
    return applied(asked, Answer(204))


@operations.on("DELETE", HERE + "/{appointment}", permissions=BOOKS, operation=f"{_OF}.DeleteAppointments")
def delete(asked: Asked) -> Answer:
    """Cancel it without anybody being told."""
    sessions.cancel(asked.actor, appointments_rows.members(asked), is_told=False)
    return Answer(204)


@operations.on(
    "POST",
    HERE + "/{appointment}/cancel",
    permissions=BOOKS,
    operation=f"{_OF}.bookingBusiness.appointments.bookingAppointment.cancel",
)
def cancel(asked: Asked) -> Answer:
    """Cancel it and tell everybody, in the words given."""
    said = {name.casefold(): value for name, value in asked.body().items()}
    words = values.text(said.get("cancellationmessage"), "cancellationMessage", 4000, lines=True)
    with told_here():
        sessions.cancel(asked.actor, appointments_rows.members(asked), reason=" ".join(words.split()))
    return Answer(204)


def context(asked: Asked) -> str:
    """Return what appointments of this business are in `@odata.context`."""
    return context_of(asked.business, "appointments")
