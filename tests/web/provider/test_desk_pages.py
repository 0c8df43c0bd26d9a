"""The desk shows a provider the own day; a colleague's visit and another business stay closed."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_provider
from tests.web.provider.pages import signed_in, text_of
from vestibule.booking.models import Appointment
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    appointment = book(make_service(), at("10:00"))
    clock.set_to(at("09:00"))
    return appointment


def meeting_of(appointment: Appointment) -> str:
    assert appointment.meeting is not None
    return str(appointment.meeting.ref)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/desk")["Location"] == "/signin?next=/desk"


def test_a_provider_sees_the_own_day(client: Client, appointment: Appointment) -> None:
    signed_in(client, appointment.business, Role.PROVIDER, appointment.provider)
    page = text_of(client.get("/desk"))
    assert "Cleo Baumann" in page
    assert f"/desk/visit/{meeting_of(appointment)}" in page


def test_a_colleague_sees_and_joins_nothing_of_it(client: Client, appointment: Appointment) -> None:
    colleague = make_provider(business=appointment.business, name="Dr Bo Lund")
    signed_in(client, appointment.business, Role.PROVIDER, colleague)
    assert "Cleo Baumann" not in text_of(client.get("/desk"))
    assert client.get(f"/desk/visit/{meeting_of(appointment)}").status_code == 403


def test_a_viewer_hosts_nothing(client: Client, appointment: Appointment) -> None:
    signed_in(client, appointment.business, Role.VIEWER)
    assert client.get(f"/desk/visit/{meeting_of(appointment)}").status_code == 403


def test_another_business_has_no_such_visit(client: Client, appointment: Appointment) -> None:
    signed_in(client, make_business(), Role.OWNER)
    for page in ("", "/ended"):
        assert client.get(f"/desk/visit/{meeting_of(appointment)}{page}").status_code == 404


def test_the_answers_given_when_booking_are_beside_the_device_check(client: Client) -> None:
    clock.set_to(at("08:00") - timedelta(days=3))
    question = {"id": "why", "type": "text", "label": "What is it about?", "required": True, "help": "", "choices": []}
    service = make_service(questions=[question])
    appointment = book(service, at("10:00"), answers={"why": "<i>Cough</i>"})
    signed_in(client, service.business, Role.MANAGER)
    page = text_of(client.get(f"/desk/visit/{meeting_of(appointment)}"))
    assert "What is it about?" in page
    assert "&lt;i&gt;Cough&lt;/i&gt;" in page


def test_a_request_is_named_and_answered_from_the_desk(client: Client) -> None:
    clock.set_to(at("08:00") - timedelta(days=3))
    asked = book(make_service(needs_approval=True, approval_minutes=10_000), at("10:00"))
    clock.set_to(at("09:00"))
    signed_in(client, asked.business, Role.PROVIDER, asked.provider)
    page = text_of(client.get("/desk"))
    assert "Waiting for approval" in page
    assert f'href="/manage/appointments/{asked.ref}"' in page
    assert client.get(f"/manage/appointments/{asked.ref}").status_code == 200
    client.post(f"/manage/appointments/{asked.ref}/approve")
    asked.refresh_from_db()
    assert asked.status == "booked"
