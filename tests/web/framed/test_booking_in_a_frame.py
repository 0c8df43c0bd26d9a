"""The whole of a booking inside another site, by ticket alone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.booking.factories import make_service
from tests.web.consumer.pages import MONDAY, ZOE, rfc3339
from tests.web.framed.frame import Frame, allow
from vestibule.booking import lifecycle, waitlist
from vestibule.booking.models import Appointment, Document, Hold, Service, ServiceProvider, WeeklyHours
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.permissions import SYSTEM
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


def test_a_request_is_told_as_one_and_withdrawn(service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(needs_approval=True)
    frame = booked(service)
    assert (frame.event["type"], frame.event["detail"]["status"]) == ("booked", "requested")
    frame.send("/appointment/cancel")
    assert frame.event["type"] == "cancelled"


def test_what_is_refused_is_no_event_and_loses_nothing_that_was_typed(service: Service) -> None:
    lifecycle.book(SYSTEM, Wish(service=service, start=MONDAY, contact=Contact("Cleo", "cleo@example.org")))
    frame = Frame(service.business, service=service.slug)
    path = f"/book/{service.business.slug}/{service.slug}"
    assert frame.send(f"{path}/details", {"start": rfc3339(MONDAY), **ZOE}).status_code == 409
    assert frame.event == {}
    assert "Zoë Müller" in frame.text
    assert (frame.meta("page"), frame.meta("address")) == ("book", f"{path}/details")


def test_a_file_goes_with_the_booking(service: Service) -> None:
    letter = {"id": "letter", "type": "file", "label": "The letter", "help": "", "required": True, "choices": []}
    Service.objects.filter(pk=service.pk).update(questions=[letter])
    frame = Frame(service.business, service=service.slug)
    content = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 letter", "application/pdf")
    form = {"start": rfc3339(MONDAY), **ZOE, "file.letter": content}
    frame.send(f"/book/{service.business.slug}/{service.slug}/details", form)
    assert frame.event["type"] == "booked"
    assert Document.objects.get().appointment == Appointment.objects.get()


def test_who_waits_takes_the_offered_time_and_that_is_a_booking(service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(has_waitlist=True)
    WeeklyHours.objects.filter(business=service.business).exclude(weekday=0).delete()
    WeeklyHours.objects.filter(business=service.business).update(start_minute=540, end_minute=570)
    taken = lifecycle.book(SYSTEM, Wish(service=service, start=MONDAY, contact=Contact("Cleo", "cleo@example.org")))
    frame = Frame(service.business, service=service.slug)
    days = {"first": "2030-03-04", "last": "2030-03-08"}
    frame.send(f"/book/{service.business.slug}/{service.slug}/waitlist", {**days, **ZOE})
    assert (frame.meta("page"), frame.meta("address")) == ("appointment", "/waitlist?joined=1")
    lifecycle.cancel(SYSTEM, taken)
    waitlist.offer_next(service.business_id)
    frame.send("/waitlist/accept")
    assert frame.event["type"] == "booked"
    assert frame.meta("address") == "/appointment?booked=1"


def test_the_calendar_file_is_handed_out_to_the_frame(service: Service) -> None:
    frame = booked(service)
    answer = frame.client.post("/appointment/appointment.ics", {"_ticket": frame.ticket, "_method": "GET"})
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"BEGIN:VCALENDAR" in answer.content


def test_a_frame_begins_with_the_service_and_the_person_that_were_named(service: Service) -> None:
    provider = ServiceProvider.objects.get(service=service).provider
    frame = Frame(service.business, service=service.slug, provider=provider.slug)
    assert frame.meta("address") == f"/book/{service.business.slug}/{service.slug}?provider={provider.slug}"
    assert Frame(service.business, service="nothing").answer.status_code == 404
    assert Frame(service.business, service="../../manage").answer.status_code == 404


def test_a_frame_may_begin_with_a_walk_in(service: Service) -> None:
    frame = Frame(service.business)
    frame.open(f"/walk-in/{service.business.slug}")
    assert (frame.answer.status_code, frame.meta("page")) == (200, "visit")
