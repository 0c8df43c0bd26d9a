"""An office to test in: a clinic with a provider, services, two appointments, and a person for each role."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from tests.booking.factories import MONDAY, at, book, open_on_weekdays
from tests.factories import make_business, make_membership, make_provider, make_user
from vestibule.booking.models import Appointment, Location, Service, ServiceProvider
from vestibule.people.models import Business, Membership, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock


@dataclass
class Office:
    """One business and the people who work there; `ada` meets consumers, and signs in as a provider."""

    business: Business
    ada: Provider
    visit: Service
    staff: dict[Role, Membership]
    appointments: list[Appointment] = field(default_factory=list)

    def as_(self, role: Role) -> Client:
        """A browser in which somebody of that role is signed in."""
        client = Client()
        client.force_login(self.staff[role].user)
        return client

    @property
    def manager(self) -> Client:
        return self.as_(Role.MANAGER)

    @property
    def booked(self) -> Appointment:
        """Cleo's appointment, on Tuesday at nine."""
        return self.appointments[0]


def make_office(*, slug: str = "lakeside-clinic", name: str = "Lakeside Clinic") -> Office:
    """A clinic on a Monday at 06:00 UTC, with Cleo coming on Tuesday at nine and Samir at ten."""
    clock.set_to(MONDAY + timedelta(hours=6))
    business = make_business(slug=slug, name=name)
    open_on_weekdays(business)
    staff = {
        role: make_membership(business=business, user=make_user(email=f"{role}@{slug}.example"), role=role)
        for role in Role
    }
    ada = make_provider(business=business, name="Dr Ada Blum", slug="dr-ada-blum")
    Provider.objects.filter(pk=ada.pk).update(membership=staff[Role.PROVIDER], email=f"ada@{slug}.example")
    ada.refresh_from_db()
    place = Location.objects.create(business=business, name="Video visit")
    visit = Service.objects.create(
        business=business, slug="first-visit", name="First visit", location=place, notice_minutes=0, window_days=3000
    )
    ServiceProvider.objects.create(service=visit, provider=ada)
    office = Office(business, ada, visit, staff)
    tuesday = timedelta(days=1)
    office.appointments = [
        book(visit, at("09:00") + tuesday),
        book(visit, at("10:00") + tuesday),
    ]
    return office


def url(name: str, *args: Any, **query: Any) -> str:
    """The address of a page by its name."""
    address = reverse(f"manage-{name}" if name else "manage", args=args)
    return f"{address}?{urlencode(query)}" if query else address
