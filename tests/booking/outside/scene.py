"""A practice whose appointments stand in a scheduler outside too: two providers, two services, Monday morning."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from tests.booking.factories import MONDAY, book, make_service
from tests.booking.outside.their_bookings import BUSINESS, WORLDS, World
from tests.factories import make_business, make_provider
from vestibule.booking.models import Appointment, OutsideAppointment, OutsideName, OutsideStray, SchedulerLink, Service
from vestibule.booking.outside import worker
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import Business, BusinessWays, OutsideAccount, Provider
from vestibule.store import clock

NINE = MONDAY + timedelta(hours=9)
DOOR = {"bookings": "tests.booking.outside.their_bookings.Door"}
QUARTER = timedelta(minutes=15)


@dataclass
class Scene:
    """The practice here, and its world there."""

    world: World
    business: Business
    ada: Provider
    bo: Provider
    visit: Service
    talk: Service

    def book(self, start: datetime = NINE, **values: Any) -> Appointment:
        """Cleo books on our page, with Ada if nobody else is named."""
        return book(self.visit, start, **{"provider": self.ada, **values})

    def link(self) -> SchedulerLink:
        """How the link stands."""
        return SchedulerLink.objects.get(business=self.business)

    def row(self, appointment: Appointment) -> OutsideAppointment:
        """How one appointment stands outside."""
        return OutsideAppointment.objects.get(appointment=appointment)

    def there(self, appointment: Appointment) -> Any:
        """The one that stands there for an appointment of ours."""
        (found,) = self.world.with_key(appointment.ref)
        return found

    def here(self, name: str = "Bea Brown") -> Appointment:
        """The appointment of ours for somebody who booked there."""
        return Appointment.objects.get(business=self.business, name=name)

    def strays(self) -> list[OutsideStray]:
        """What stands there and could not be made here."""
        return list(OutsideStray.objects.filter(business=self.business))

    def later(self, minutes: float = 4) -> int:
        """Let time go by, until the next reading is due, and do all that is due."""
        clock.advance(minutes * 60)
        return worker.keep_in_step()

    def leave_no_lease(self) -> None:
        """Let the lease of a worker that died be over: that is measured by the machine's clock."""
        SchedulerLink.objects.filter(business=self.business).update(leased_until=F("leased_until") - timedelta(hours=1))


def make_scene(**ways: str) -> Scene:
    """It is Monday, 06:00 UTC; both sides are empty, and were read once."""
    clock.set_to(MONDAY + timedelta(hours=6))
    business = make_business()
    ada, bo = (make_provider(business=business, name=name) for name in ("Ada Blum", "Bo Chen"))
    visit = make_service(providers=[ada, bo], name="Visit", interval_minutes=15, change_notice_minutes=0)
    talk = make_service(providers=[ada], name="Talk", interval_minutes=15)
    BusinessWays.objects.create(business=business, scheduler="bookings", **ways)
    world = WORLDS[business.ref] = World(staff=["staff-ada", "staff-bo"])
    OutsideAccount.objects.create(
        business=business,
        kind="microsoft365",
        access=secrets.encrypt(outside_accounts.PURPOSE, json.dumps({"tenant": business.ref}).encode()),
    )
    link = SchedulerLink.objects.create(business=business, external_id=BUSINESS, name="Practice", is_on=True)
    for kind, ours, external in (
        ("service", visit.ref, "service-visit"),
        ("service", talk.ref, "service-talk"),
        ("provider", ada.ref, "staff-ada"),
        ("provider", bo.ref, "staff-bo"),
    ):
        OutsideName.objects.create(link=link, kind=kind, ours=ours, external_id=external)
    for one in (visit, talk):
        one.business.refresh_from_db()
    worker.keep_in_step()
    return Scene(world, business, ada, bo, visit, talk)
