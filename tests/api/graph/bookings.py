"""A business with somebody to book with, and what programs say when they book there."""

from datetime import datetime, timedelta
from typing import Any

from tests.api.graph.program import Program, Reply, program_of
from tests.booking.factories import make_service
from tests.factories import make_business, make_provider
from vestibule.booking.models import Service
from vestibule.people.models import Business, Provider

Json = dict[str, Any]
BOOKS = "BookingsAppointment.ReadWrite.All"
MANAGES = "Bookings.Manage.All"
READS = "Bookings.Read.All"


def clinic(*, timezone: str = "UTC", name: str = "Lakeside Clinic") -> tuple[Business, Provider, Service]:
    """A business, whom one meets there Monday to Friday, and an online half hour with them."""
    business = make_business(name=name, timezone=timezone)
    ada = make_provider(business=business)
    ada.email = "ada@lakeside.example"
    ada.save()
    return business, ada, make_service(providers=[ada], name="First visit")


def books(business: Business, *permissions: str) -> Program:
    """A program that may book in `business`, or what else `permissions` say."""
    return program_of(business, *(permissions or (BOOKS,)))


def home(business: Business) -> str:
    """Where a business is in this API, below the version."""
    return f"/solutions/bookingBusinesses/{business.slug}%40localhost"


def utc(moment: datetime) -> Json:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000Z", "timeZone": "UTC"}


def visit(service: Service, start: datetime, *, minutes: int = 30, **more: Any) -> Json:
    """An appointment of Cleo as a program written for Bookings says it."""
    return {
        "@odata.type": "#microsoft.graph.bookingAppointment",
        "serviceId": service.ref,
        "startDateTime": utc(start),
        "endDateTime": utc(start + timedelta(minutes=minutes)),
        "customers": [cleo()],
    } | more


def cleo(**more: Any) -> Json:
    return {
        "@odata.type": "#microsoft.graph.bookingCustomerInformation",
        "name": "Cleo Baumann",
        "emailAddress": "cleo@example.org",
        "phone": "+41795550111",
        "timeZone": "Europe/Zurich",
    } | more


def booked(program: Program, service: Service, start: datetime, **more: Any) -> Json:
    """Book, and return what was answered."""
    reply = program.post(f"{home(program.business)}/appointments", visit(service, start, **more))
    assert reply.status == 201, reply.json
    told: Json = reply.json
    return told


def in_view(program: Program, first: str, last: str, **more: str) -> Reply:
    """Ask for the calendar from `first` to `last`."""
    return program.get(f"{home(program.business)}/calendarView", start=first, end=last, **more)
