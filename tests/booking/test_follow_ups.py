"""What follows an appointment: thanks and the question how it was, for who came; nobody else is thanked."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import manager_of
from vestibule.booking import attendance, lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.experience import survey
from vestibule.meetings.models import Meeting
from vestibule.notifications import reminders
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.reminders import Wanted
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=2))
    made = make_service()
    reminders.put(manager_of(made.business), made.business, [Wanted("after", 60, ("consumer",), "email")])
    return made


def follow_up() -> OutboxMessage:
    return OutboxMessage.objects.get(kind="follow_up")


def test_where_a_business_asks_how_it_was_the_follow_up_asks(service: Service) -> None:
    book(service, at("09:00"))
    assert follow_up().facts["has_survey"] is False
    survey.put(manager_of(service.business), service.business, "consumer", [survey.Wanted("stars", "How was it?")])
    OutboxMessage.objects.all().delete()
    book(service, at("10:00"))
    assert follow_up().facts["has_survey"] is True


@pytest.mark.parametrize("verb", [lifecycle.no_show, lifecycle.not_seen])
def test_who_did_not_come_or_was_not_seen_is_not_thanked(service: Service, verb: object) -> None:
    booked = book(service, at("09:00"))
    clock.set_to(at("09:20"))
    if verb is lifecycle.not_seen:
        Appointment.objects.filter(pk=booked.pk).update(status="waiting")
    verb(manager_of(service.business), booked)  # type: ignore[operator]  # one of the two above
    assert follow_up().state == "dropped"


def test_put_right_by_staff_it_follows_after_all(service: Service) -> None:
    booked = book(service, at("09:00"))
    clock.set_to(at("09:20"))
    lifecycle.no_show(manager_of(service.business), booked)
    lifecycle.complete(manager_of(service.business), booked)
    assert follow_up().state == "queued"
    assert follow_up().due_at == at("10:30")


def test_a_visit_nobody_was_let_into_is_not_thanked_for(service: Service) -> None:
    booked = book(service, at("09:00"))
    Appointment.objects.filter(pk=booked.pk).update(status="waiting")
    clock.set_to(at("09:40"))
    assert booked.meeting is not None
    attendance.on_meeting_event(Meeting.objects.get(pk=booked.meeting.pk), None, "ended")
    assert Appointment.objects.get(pk=booked.pk).status == "not_seen"
    assert follow_up().state == "dropped"
