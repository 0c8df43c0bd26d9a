"""Helpers and interpreters: a seat and a link of their own, told of changes, taken out again."""

from datetime import timedelta

import pytest

from tests.booking.factories import INES, at, book, holder_of, make_service
from tests.factories import manager_of
from vestibule.booking import lifecycle, links, requests
from vestibule.booking.errors import AlreadyCancelled, InvalidContact
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Helper
from vestibule.meetings.models import Participant
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links as capability
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=7))
    return make_service()


def mails_to(address: str) -> list[str]:
    rows = OutboxMessage.objects.filter(to=address, state="queued").order_by("id")
    return list(rows.values_list("kind", flat=True))


def seat_of(address: str) -> Participant | None:
    """Who an address lets in."""
    link = capability.resolve(address.partition("v=")[2], CapabilityLink.Purpose.VISIT)
    return Participant.objects.get(ref=link.subject) if link is not None else None


def test_a_helper_named_when_booking_has_a_seat_and_is_told(service: Service) -> None:
    booked = book(service, at("09:00"), helpers=(INES,))
    seat = Participant.objects.get(kind="helper")
    assert (seat.name, seat.role, seat.meeting) == ("Ines", "attendee", booked.meeting)
    assert mails_to("ines@example.org") == ["helper_invited", "reminder"]


def test_one_added_later_gets_an_address_of_their_own(service: Service) -> None:
    booked = book(service, at("09:00"))
    address = lifecycle.add_helper(holder_of(booked), booked, INES)
    seat = seat_of(address)
    assert seat is not None
    assert (seat.kind, seat.name) == ("helper", "Ines")
    assert address != links.addresses(booked).visit
    assert mails_to("ines@example.org") == ["helper_invited", "reminder"]


def test_a_helpers_reminder_greets_the_helper(service: Service) -> None:
    book(service, at("09:00"), helpers=(INES,))
    row = OutboxMessage.objects.get(to="ines@example.org", kind="reminder")
    sent = content.mail(row, content.tokens_for([row], clock.now()), clock.now())
    assert "Hello Ines, this is a reminder." in sent.text
    assert "/appointment?v=" not in sent.text


def test_a_helper_is_told_of_moves_and_of_the_end(service: Service) -> None:
    booked = book(service, at("09:00"), helpers=(INES,))
    lifecycle.move(holder_of(booked), booked, at("10:00"))
    assert mails_to("ines@example.org") == ["helper_moved", "reminder"]
    lifecycle.cancel(holder_of(booked), booked)
    assert mails_to("ines@example.org") == ["helper_cancelled"]


def test_taken_out_the_link_opens_nothing(service: Service) -> None:
    booked = book(service, at("09:00"))
    address = lifecycle.add_helper(holder_of(booked), booked, INES)
    left = lifecycle.remove_helper(holder_of(booked), booked, 0)
    assert left.helpers == []
    assert seat_of(address) is None
    assert mails_to("ines@example.org") == ["helper_cancelled"]
    assert mails_to("cleo@example.org") == ["confirmation", "reminder"]
    with pytest.raises(NotFound):
        lifecycle.remove_helper(holder_of(booked), booked, 0)


def test_of_a_request_helpers_hear_when_it_is_approved(service: Service) -> None:
    service.needs_approval = True
    service.save()
    asked = book(service, at("09:00"), helpers=(INES,))
    assert lifecycle.add_helper(holder_of(asked), asked, Helper("Otto")) == ""
    assert mails_to("ines@example.org") == []
    requests.approve(manager_of(service.business), asked)
    assert Participant.objects.filter(kind="helper").count() == 2
    assert mails_to("ines@example.org") == ["helper_invited", "reminder"]


def test_five_are_enough_and_none_come_to_what_is_cancelled(service: Service) -> None:
    booked = book(service, at("09:00"), helpers=(INES,) * 5)
    with pytest.raises(Invalid):
        lifecycle.add_helper(holder_of(booked), booked, INES)
    other: Appointment = book(service, at("10:00"))
    with pytest.raises(InvalidContact):
        lifecycle.add_helper(holder_of(other), other, Helper("Ines", "nonsense"))
    lifecycle.cancel(holder_of(other), other)
    with pytest.raises(AlreadyCancelled):
        lifecycle.add_helper(holder_of(other), other, INES)
