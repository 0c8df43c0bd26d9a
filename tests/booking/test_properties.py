"""Whatever is booked, moved, cancelled, held and waited for, in whatever order: the invariants hold."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.booking.factories import MONDAY, book, make_resource, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, diaries, holds, lifecycle, resources
from vestibule.booking.models import Appointment, Hold, Occupancy, ResourceUse, Seat, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people import masks, rates
from vestibule.people.errors import Refusal
from vestibule.people.models import AuditEntry, CapabilityLink
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
STEPS = ("book", "book", "book", "move", "cancel", "hold", "book held", "wait")
Step = tuple[str, int, int, int]


class Town:
    """Two providers and three services: single, with buffers, and for groups of three; two of them need one device."""

    def __init__(self) -> None:
        self.business = make_business()
        self.people = [make_provider(business=self.business, name=name) for name in ("Ada", "Bo")]
        ada, bo = self.people
        self.services = [
            make_service(providers=[ada, bo], interval_minutes=15),
            make_service(providers=[ada], duration_minutes=20, interval_minutes=10, buffer_after_minutes=10),
            make_service(providers=[ada, bo], duration_minutes=45, interval_minutes=45, seats=3),
        ]
        make_resource(needed_by=self.services[:2])
        self.held: list[tuple[Hold, Service]] = []
        rates.forget_all()
        clock.set_to(MONDAY - timedelta(days=1))
        masks.raise_versions_of(self.business)

    def do(self, step: Step) -> None:
        """Do one thing; what the rules refuse changes nothing."""
        kind, which, time, who = step
        service = self.services[which % 3]
        start = MONDAY + timedelta(hours=8, minutes=15 * time)
        provider = [None, *self.people][who]
        booked = list(Appointment.objects.filter(status="booked").order_by("id"))
        try:
            if kind == "book":
                book(service, start, provider=provider)
            elif kind == "hold":
                self.held.append((holds.hold(service, start, provider=provider), service))
            elif kind == "book held" and self.held:
                held, its_service = self.held.pop(which % len(self.held))
                book(its_service, clock.from_minute(held.start_minute), hold=held.ref)
            elif kind == "move" and booked:
                lifecycle.move(SYSTEM, booked[which % len(booked)], start, provider=provider)
            elif kind == "cancel" and booked:
                lifecycle.cancel(SYSTEM, booked[which % len(booked)])
            elif kind == "wait":
                clock.advance(100)
        except Refusal:
            pass

    def offered(self) -> list[list[availability.Slot]]:
        return [availability.free_starts(one, MONDAY, MONDAY + timedelta(days=1)) for one in self.services]

    def check(self) -> None:
        """What has to hold after every step."""
        kept = self.offered()
        diaries.forget()
        resources.forget()
        assert kept == self.offered(), "what is kept differs from what is stored"
        for provider in self.people:
            used = sorted(
                Occupancy.objects.filter(provider=provider, is_active=True).values_list("start_minute", "end_minute")
            )
            assert all(end <= start for (_s, end), (start, _e) in pairwise(used))
        in_use = ResourceUse.objects.filter(is_active=True)
        stretches = sorted(in_use.values_list("start_minute", "end_minute"))
        assert all(end <= start for (_s, end), (start, _e) in pairwise(stretches))
        needing = Occupancy.objects.filter(is_active=True, service__in=self.services[:2])
        assert set(in_use.values_list("occupancy", flat=True)) == set(needing.values_list("pk", flat=True))
        booked = Appointment.objects.filter(status="booked")
        assert Seat.objects.filter(appointment__in=booked, occupancy__is_active=True).count() == booked.count()
        assert not Seat.objects.filter(appointment__status="cancelled", occupancy__is_active=True).exists()
        assert not Seat.objects.filter(number__gte=3).exists()
        assert not Occupancy.objects.filter(seats=None).exists()
        for appointment in Appointment.objects.all():
            self.check_one(appointment)

    def check_one(self, appointment: Appointment) -> None:
        assert appointment.meeting is not None
        refs = [appointment.ref, *appointment.meeting.participants.values_list("ref", flat=True)]
        live = CapabilityLink.objects.filter(subject__in=refs, revoked_at=None, expires_at__gt=clock.now())
        is_booked = appointment.status == "booked"
        assert live.count() == (3 if is_booked else 1)
        reminders = OutboxMessage.objects.filter(
            subject_ref=appointment.ref, kind__startswith="reminder", state="queued"
        )
        assert reminders.count() == (2 if is_booked else 0)
        changes = AuditEntry.objects.filter(subject_ref=appointment.ref)
        assert changes.count() == appointment.version + 1


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    diaries.forget()
    resources.forget()


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.integers(0, 11), st.integers(0, 2)),
        min_size=6,
        max_size=14,
    )
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_events_breaks_what_has_to_hold(steps: list[Step]) -> None:
    _empty()
    town = Town()
    for step in steps:
        town.do(step)
        town.check()


def _empty() -> None:
    """Begin with an empty database: Hypothesis runs many examples in one test."""
    clock.reset()
    call_command("flush", interactive=False, verbosity=0)
