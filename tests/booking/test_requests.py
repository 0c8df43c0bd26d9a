"""Appointments that need approval: they take their time, and end when nobody answers."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service, starts
from tests.factories import make_provider, manager_of
from vestibule.booking import lifecycle, links, requests
from vestibule.booking.errors import AlreadyCancelled, TooLateToChange, WrongStatus
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
S = Appointment.Status


@pytest.fixture
def service() -> Service:
    """Needs approval within four hours; a week ahead of the day the tests book on."""
    provider = make_provider()
    provider.email = "ada@clinic.example"
    provider.save()
    provider.business.email = "office@clinic.example"
    provider.business.save()
    clock.set_to(at("09:00") - timedelta(days=7))
    return make_service(providers=[provider], needs_approval=True, approval_minutes=240)


def told(state: str = "queued") -> list[tuple[str, str]]:
    """What is still to be said by mail, to whom."""
    rows = OutboxMessage.objects.filter(state=state, channel="email").order_by("id")
    return [(kind, to.partition("@")[0]) for kind, to in rows.values_list("kind", "to")]


def test_a_request_takes_its_time_without_a_meeting_or_a_way_in(service: Service) -> None:
    asked = book(service, at("09:00"))
    assert (asked.status, asked.meeting) == (S.REQUESTED, None)
    assert "09:00" not in starts(service)
    assert links.addresses(asked).visit == ""
    assert links.addresses(asked).manage != ""
    assert told() == [("requested", "cleo"), ("provider_requested", "ada"), ("provider_requested", "office")]


def test_approved_it_is_booked_with_everything_a_booking_has(service: Service) -> None:
    asked = book(service, at("09:00"))
    approved = requests.approve(manager_of(service.business), asked)
    assert (approved.status, approved.request_expires_at) == (S.BOOKED, None)
    assert approved.meeting is not None
    assert links.addresses(approved).visit != ""
    assert ("confirmation", "cleo") in told()
    assert ("reminder", "cleo") in told()
    assert AuditEntry.objects.filter(action="appointment.approved", subject_ref=asked.ref).count() == 1


def test_its_own_provider_may_answer_another_may_not(service: Service) -> None:
    asked = book(service, at("09:00"))
    stranger = manager_of(
        service.business, role=Role.PROVIDER, provider=make_provider(business=service.business, name="Dr Other")
    )
    with pytest.raises((NotFound, NotPermitted)):
        requests.approve(stranger, asked)
    own = manager_of(service.business, role=Role.PROVIDER, provider=asked.provider)
    assert requests.approve(own, asked).status == S.BOOKED


def test_declined_it_frees_its_time_and_says_why(service: Service) -> None:
    asked = book(service, at("09:00"))
    requests.decline(manager_of(service.business), asked, reason="Please see your own doctor first.")
    asked.refresh_from_db()
    assert (asked.status, asked.cancelled_by) == (S.CANCELLED, "business")
    assert "09:00" in starts(service)
    assert told() == [("declined", "cleo")]


def test_unanswered_it_ends_and_its_time_is_free(service: Service) -> None:
    asked = book(service, at("09:00"))
    clock.advance(4 * 3600 - 60)
    assert requests.expire_due() == 0
    clock.advance(61)
    assert requests.expire_due() == 1
    asked.refresh_from_db()
    assert (asked.status, asked.cancelled_by) == (S.CANCELLED, "system")
    assert "09:00" in starts(service)
    assert told() == [("request_expired", "cleo")]
    assert requests.expire_due() == 0


def test_one_for_soon_ends_at_its_start(service: Service) -> None:
    clock.set_to(at("08:30"))
    asked = book(service, at("09:00"))
    assert asked.request_expires_at == at("09:00")


def test_after_its_time_to_be_answered_it_cannot_be_approved(service: Service) -> None:
    asked = book(service, at("09:00"))
    clock.advance(4 * 3600 + 1)
    with pytest.raises(WrongStatus):
        requests.approve(manager_of(service.business), asked)


def test_it_is_answered_once(service: Service) -> None:
    asked = book(service, at("09:00"))
    manager = manager_of(service.business)
    requests.approve(manager, asked)
    with pytest.raises(WrongStatus):
        requests.decline(manager, asked)
    lifecycle.cancel(manager, asked)
    with pytest.raises(AlreadyCancelled):
        requests.approve(manager, asked)


def test_who_asked_cannot_approve_but_withdraw_whatever_the_notice(service: Service) -> None:
    clock.set_to(at("08:00"))
    asked = book(service, at("09:00"))
    with pytest.raises(NotPermitted):
        requests.approve(holder_of(asked), asked)
    lifecycle.cancel(holder_of(asked), asked)
    assert told() == [("cancelled", "cleo"), ("provider_cancelled", "ada")]
    booked = requests.approve(manager_of(service.business), book(service, at("10:00")))
    with pytest.raises(TooLateToChange):
        lifecycle.cancel(holder_of(booked), booked)


def test_moved_it_stays_a_request(service: Service) -> None:
    asked = book(service, at("09:00"))
    moved = lifecycle.move(holder_of(asked), asked, at("11:00"))
    assert (moved.status, moved.meeting) == (S.REQUESTED, None)
    assert told()[0] == ("requested", "cleo")


def test_staff_who_book_need_nobodys_approval(service: Service) -> None:
    from tests.booking.factories import wish_for

    booked = lifecycle.book(manager_of(service.business), wish_for(service, at("09:00")))
    assert booked.status == S.BOOKED
