"""A provider with a calendar outside."""

from dataclasses import dataclass
from datetime import timedelta

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import availability
from vestibule.booking.models import Appointment, Service
from vestibule.calendars import connections, worker
from vestibule.calendars.connections import Use
from vestibule.calendars.models import BusyInterval, Connection, LinkedCalendar, ShownAppointment
from vestibule.calendars.ports import Access, CalendarError, Trouble
from vestibule.calendars.testing import World
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.clock import to_minute

ADDRESS = "https://calendar.example/secret-4711"
DOWN = CalendarError("the calendar's server cannot be reached", Trouble.UNREACHABLE, permanent=False)


@dataclass
class Scene:
    """Everybody in it; `look` lets the worker do what is due."""

    world: World
    ada: Provider
    visit: Service
    manager: Actor
    connection: Connection

    @property
    def calendar(self) -> LinkedCalendar:
        return self.connection.calendars.get()

    def receive(self) -> None:
        """Let appointments be shown in the calendar."""
        connections.change(self.manager, self.connection, {self.calendar.pk: Use(receives=True)})

    def look(self, *, after: timedelta = timedelta(hours=2)) -> int:
        """Let time pass, and the worker do what is due then."""
        clock.advance(after.total_seconds())
        return worker.sync_due()

    def busy(self) -> list[tuple[int, int, bool]]:
        rows = BusyInterval.objects.filter(provider=self.ada).order_by("start_minute")
        return list(rows.values_list("start_minute", "end_minute", "closes"))

    def shown(self) -> ShownAppointment:
        row: ShownAppointment = ShownAppointment.objects.get()
        return row

    def book(self, time: str) -> Appointment:
        return book(self.visit, at(time) + timedelta(days=1))

    def refusal(self, time: str) -> str:
        """The code with which a start on Tuesday is refused; "" if it is free."""
        try:
            self.book(time)
        except Exception as refused:
            return str(getattr(refused, "code", refused))
        return ""

    def again(self) -> Connection:
        self.connection.refresh_from_db()
        return self.connection


def minutes(time: str, end: str) -> tuple[int, int]:
    """A stretch of the Tuesday after the Monday the tests book on."""
    day = timedelta(days=1)
    return to_minute(at(time) + day), to_minute(at(end) + day)


def make_scene(world: World) -> Scene:
    """It is Monday, 06:00 UTC; the calendar is empty and was read."""
    clock.set_to(MONDAY + timedelta(hours=6))
    business = make_business()
    ada = make_provider(business=business)
    Provider.objects.filter(pk=ada.pk).update(email="ada@clinic.example")
    visit = make_service(providers=[ada])
    manager = manager_of(business)
    connection = connections.connect(manager, ada, "caldav", Access(ADDRESS, "ada", "open-sesame"), name="Work")
    worker.sync_due()
    assert availability is not None
    return Scene(world, ada, visit, manager, connection)
