"""Late, next, arrived, waiting too long: said once, to those it is for, while it is true."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service
from tests.factories import manager_of
from vestibule.booking import lifecycle, timely
from vestibule.booking.models import Appointment, Service
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant
from vestibule.notifications import choices
from vestibule.notifications.choices import Choice
from vestibule.notifications.models import MessageRules, OutboxMessage
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=1))
    made = make_service()
    provider = made.offers.get().provider
    provider.email, provider.phone = "ada@clinic.example", "+41795550999"
    provider.save()
    return made


@pytest.fixture
def booked(service: Service) -> Appointment:
    return book(service, at("09:00"))


def switch_on(service: Service, *wanted: Choice) -> None:
    choices.choose(manager_of(service.business), service.business, [(one, True) for one in wanted])


def said(kind: str, state: str = "queued") -> list[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(kind=kind, state=state).order_by("id")
    return list(rows.values_list("channel", "to"))


def waits_since(appointment: Appointment, minutes: int) -> Participant:
    seat = Participant.objects.get(meeting=appointment.meeting, kind="consumer")
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)
    Participant.objects.filter(pk=seat.pk).update(waiting_since=clock.now() - timedelta(minutes=minutes))
    return seat


def test_a_late_provider_tells_the_consumer_by_text_message_and_only_once(booked: Appointment) -> None:
    staff = manager_of(booked.business)
    assert timely.provider_late(staff, booked, 15).provider_late_minutes == 15
    timely.provider_late(staff, booked, 15)
    assert said("provider_late") == [("sms", "+41795550111")]
    assert OutboxMessage.objects.get(kind="provider_late").not_after == at("09:30")


def test_on_time_again_takes_back_what_has_not_left(booked: Appointment) -> None:
    timely.provider_late(manager_of(booked.business), booked, 15)
    assert timely.provider_late(manager_of(booked.business), booked, 0).provider_late_minutes is None
    assert said("provider_late") == []
    timely.provider_late(manager_of(booked.business), booked, 15)
    clock.set_to(clock.now() + timedelta(seconds=1))
    assert len(said("provider_late")) == 1


def test_only_staff_say_that_the_provider_is_late(booked: Appointment) -> None:
    with pytest.raises(NotPermitted):
        timely.provider_late(holder_of(booked), booked, 15)
    with pytest.raises(Invalid):
        timely.provider_late(manager_of(booked.business), booked, 181)
    lifecycle.cancel(manager_of(booked.business), booked)
    with pytest.raises(Invalid):
        timely.provider_late(manager_of(booked.business), booked, 15)
    assert said("provider_late") == []


def test_a_moved_appointment_is_late_no_more(booked: Appointment) -> None:
    timely.provider_late(manager_of(booked.business), booked, 15)
    moved = lifecycle.move(manager_of(booked.business), booked, at("14:00"))
    assert moved.provider_late_minutes is None
    assert said("provider_late") == []


def test_staff_learn_of_an_arrival_where_that_is_chosen(service: Service, booked: Appointment) -> None:
    other = book(service, at("09:30"))
    clock.set_to(at("09:25"))
    waits_since(other, 0)
    assert said("arrived") == []
    switch_on(service, ("arrived", "provider", "email"))
    waits_since(booked, 0)
    assert said("arrived") == [("email", "ada@clinic.example")]


def test_who_is_next_and_waits_a_while_is_told_once(service: Service, booked: Appointment) -> None:
    second = book(service, at("09:30"))
    clock.set_to(at("09:25"))
    waits_since(booked, 3)
    waits_since(second, 3)
    assert timely.tell_due() == 0
    switch_on(service, ("next", "consumer", "sms"))
    assert (timely.tell_due(), timely.tell_due()) == (1, 0)
    assert OutboxMessage.objects.get(kind="next").subject_ref == booked.ref


def test_providers_and_office_learn_of_a_long_wait(service: Service, booked: Appointment) -> None:
    service.business.email = "office@clinic.example"
    service.business.save()
    MessageRules.objects.create(business=service.business, waits_too_long_minutes=20)
    clock.set_to(at("09:05"))
    waits_since(booked, 19)
    switch_on(service, ("waits_too_long", "provider", "sms"), ("waits_too_long", "office", "email"))
    assert timely.tell_due() == 0
    Participant.objects.filter(kind="consumer").update(waiting_since=clock.now() - timedelta(minutes=21))
    assert timely.tell_due() == 2
    assert said("waits_too_long") == [("sms", "+41795550999"), ("email", "office@clinic.example")]
    assert timely.tell_due() == 0
