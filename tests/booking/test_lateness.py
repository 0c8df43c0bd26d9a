"""Who does not come is noted by itself, where a service says so."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service
from tests.factories import manager_of
from vestibule.booking import lateness, lifecycle
from vestibule.booking.models import Appointment, Location, Service
from vestibule.meetings import waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.notifications.models import OutboxMessage
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    """Waits ten minutes for whoever is late."""
    clock.set_to(at("09:00") - timedelta(days=1))
    return make_service(no_show_after_minutes=10)


def status_at(time: str, appointment: Appointment) -> str:
    clock.set_to(at(time))
    lateness.note_missed()
    appointment.refresh_from_db()
    return appointment.status


def missed() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind="missed", state="queued"))


def test_nobody_came_within_the_time_to_wait(service: Service) -> None:
    booked = book(service, at("09:00"))
    assert status_at("09:09", booked) == "booked"
    assert status_at("09:10", booked) == "no_show"
    assert [mail.to for mail in missed()] == ["cleo@example.org"]
    assert missed()[0].facts["service_slug"] == service.slug


def test_whoever_said_they_are_late_is_waited_for(service: Service) -> None:
    booked = book(service, at("09:00"))
    lifecycle.running_late(holder_of(booked), booked, 15)
    assert status_at("09:24", booked) == "booked"
    assert status_at("09:25", booked) == "no_show"


@pytest.mark.parametrize("kind", ["consumer", "helper"])
def test_somebody_of_the_consumers_side_came(service: Service, kind: str) -> None:
    booked = book(service, at("09:00"))
    Participant.objects.filter(meeting=booked.meeting, kind="consumer").update(kind=kind)
    clock.set_to(at("08:55"))
    waiting.arrive(Participant.objects.get(meeting=booked.meeting, kind=kind).ref)
    assert status_at("09:30", booked) in ("booked", "arrived")


def test_staff_who_started_the_visit_say_themselves_how_it_went(service: Service) -> None:
    booked = book(service, at("09:00"))
    Meeting.objects.filter(appointment=booked).update(state="live")
    assert status_at("09:30", booked) == "booked"


def test_in_person_nobody_is_seen_coming(service: Service) -> None:
    service.location = Location.objects.create(business=service.business, kind="place", name="Room 1")
    service.save()
    assert status_at("09:30", book(service, at("09:00"))) == "booked"


def test_without_a_time_to_wait_staff_note_it_and_the_consumer_is_told_as_well() -> None:
    clock.set_to(at("08:00"))
    booked = book(make_service(), at("09:00"))
    assert status_at("09:40", booked) == "booked"
    manager = manager_of(booked.business)
    lifecycle.no_show(manager, booked)
    assert len(missed()) == 1
    lifecycle.complete(manager, booked)
    assert missed() == []
