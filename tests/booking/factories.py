"""The smallest valid bookable things. A test passes only what it is about."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.factories import make_business, make_provider
from vestibule.booking import availability, lifecycle
from vestibule.booking.models import (
    Appointment,
    Occupancy,
    Resource,
    ResourceUnit,
    Service,
    ServiceProvider,
    ServiceResource,
    WeeklyHours,
)
from vestibule.booking.wishes import Contact, Helper, Wish
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import PUBLIC, Actor, ActorKind

MONDAY = datetime(2030, 3, 4, tzinfo=UTC)
_numbers = count(1)
INES = Helper("Ines", "ines@example.org", "interpreter")


def make_service(
    *, business: Business | None = None, providers: list[Provider] | None = None, **values: object
) -> Service:
    """A half-hour service without notice, offered by one provider who works Monday to Friday, 08 to 17 UTC."""
    if business is None:
        business = providers[0].business if providers else make_business()
    if providers is None:
        providers = [make_provider(business=business)]
    if not business.weekly_hours.exists():
        open_on_weekdays(business)
    number = next(_numbers)
    defaults: dict[str, object] = {"slug": f"service-{number}", "name": f"Service {number}", "notice_minutes": 0}
    service = Service.objects.create(business=business, **{**defaults, "window_days": 3000, **values})
    for provider in providers:
        ServiceProvider.objects.create(service=service, provider=provider)
    return service


def make_resource(
    *, business: Business | None = None, quantity: int = 1, needed_by: list[Service] | None = None, **values: Any
) -> Resource:
    """A device of which there are `quantity`; each service of `needed_by` needs one."""
    if business is None:
        business = needed_by[0].business if needed_by else make_business()
    number = next(_numbers)
    resource = Resource.objects.create(
        **{"business": business, "slug": f"device-{number}", "name": f"Device {number}", **values}
    )
    ResourceUnit.objects.bulk_create(ResourceUnit(resource=resource, number=one + 1) for one in range(quantity))
    for service in needed_by or ():
        ServiceResource.objects.create(service=service, resource=resource)
    return resource


def open_on_weekdays(business: Business, *, start: int = 480, end: int = 1020) -> None:
    """Let `business` work Monday to Friday."""
    WeeklyHours.objects.bulk_create(
        WeeklyHours(business=business, weekday=day, start_minute=start, end_minute=end) for day in range(5)
    )


def make_occupancy(*, start: int, end: int, provider: Provider | None = None) -> Occupancy:
    """Time in use, written past every verb."""
    provider = provider or make_provider()
    return Occupancy.objects.create(
        business=provider.business,
        provider=provider,
        service=make_service(providers=[provider]),
        start_minute=start,
        end_minute=end,
        shown_start=start,
        shown_end=end,
    )


def at(time: str) -> datetime:
    """That time of the Monday the tests book on, in UTC."""
    hour, minute = map(int, time.split(":"))
    return MONDAY.replace(hour=hour, minute=minute)


def wish_for(service: Service, start: datetime, **values: Any) -> Wish:
    """A wish of Cleo, who has an e-mail address and a phone."""
    contact = Contact(name="Cleo Baumann", email="cleo@example.org", phone="+41795550111")
    return Wish(**{"service": service, "start": start, "contact": contact, **values})


def book(service: Service, start: datetime, **values: Any) -> Appointment:
    """An appointment booked by the public."""
    return lifecycle.book(PUBLIC, wish_for(service, start, **values))


def holder_of(appointment: Appointment) -> Actor:
    """The consumer who holds the appointment's link."""
    return Actor(ActorKind.CONSUMER, "consumer", appointment.business_id, subjects=frozenset({appointment.ref}))


def starts(service: Service, day: datetime = MONDAY) -> list[str]:
    found = availability.free_starts(service, day, day + timedelta(days=1))
    return [f"{slot.start:%H:%M}" for slot in found]
