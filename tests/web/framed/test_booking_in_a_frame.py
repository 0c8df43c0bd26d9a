"""The whole of a booking inside another site, by ticket alone."""

from datetime import timedelta

import pytest

from tests.booking.factories import make_service
from tests.web.consumer.pages import MONDAY, ZOE, rfc3339
from tests.web.framed.frame import Frame, allow
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=3))


@pytest.fixture
def service() -> Service:
    found = make_service()
    allow(found.business)
    return found


def booked(service: Service) -> Frame:
    frame = Frame(service.business, service=service.slug)
    frame.send(f"/book/{service.business.slug}/{service.slug}/hold", {"start": rfc3339(MONDAY)})
    frame.send(f"/book/{service.business.slug}/{service.slug}/details", {"hold": Hold.objects.get().ref, **ZOE})
    return frame


def test_somebody_books_moves_and_cancels_by_ticket_alone(service: Service) -> None:
    frame = booked(service)
    appointment = Appointment.objects.get()
    assert "You are booked" in frame.text
    assert (frame.meta("page"), frame.meta("address")) == ("appointment", "/appointment?booked=1")
    assert frame.event == {
        "type": "booked",
        "detail": {
            "appointment": appointment.ref,
            "service": service.slug,
            "start": "2030-03-04T09:00:00Z",
            "end": "2030-03-04T09:30:00Z",
            "status": "booked",
        },
    }
    frame.open("/appointment/move")
    assert frame.event == {}
    frame.send("/appointment/move", {"start": rfc3339(MONDAY + timedelta(hours=1))})
    assert (frame.event["type"], frame.event["detail"]["start"]) == ("moved", "2030-03-04T10:00:00Z")
    frame.send("/appointment/cancel", {})
    assert frame.event == {"type": "cancelled", "detail": {"appointment": appointment.ref, "service": service.slug}}
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.CANCELLED
