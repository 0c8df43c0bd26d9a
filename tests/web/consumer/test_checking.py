"""The check of devices and line: whose result is kept, and who is lent a relay to try."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, manager_of
from tests.windows import at_a_new_window
from vestibule.booking import lifecycle, links
from vestibule.booking.models import Appointment
from vestibule.meetings import areas, waiting
from vestibule.meetings.models import Participant
from vestibule.people import rates
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    return book(make_service(), at("10:00"))


@pytest.fixture
def relay(settings: Settings) -> None:
    given = {"VESTIBULE_TURN_URLS": "turn:turn.example.org:3478?transport=udp", "VESTIBULE_TURN_SECRET": "between-us"}
    settings.CONFIGURATION = load(given)


def token_of(appointment: Appointment) -> str:
    return links.addresses(appointment).visit.partition("v=")[2]


def holding(client: Client, appointment: Appointment) -> Client:
    """The client after the link of the check was opened."""
    client.get(f"/test-call?v={token_of(appointment)}")
    return client


def guest_of(appointment: Appointment) -> Participant:
    return Participant.objects.get(meeting=appointment.meeting, kind=Participant.Kind.CONSUMER)


def test_the_link_of_the_check_becomes_a_cookie_and_says_whose_visit_it_is(
    client: Client, appointment: Appointment
) -> None:
    answer = client.get(f"/test-call?v={token_of(appointment)}")
    assert (answer.status_code, answer["Location"]) == (302, "/test-call")
    page = str(client.get("/test-call").content, "utf-8")
    assert appointment.service.name in page
    assert "10:00" in page


def test_without_or_with_a_wrong_link_the_check_works_and_names_nobody(
    client: Client, appointment: Appointment
) -> None:
    answer = client.get(f"/test-call?v={'x' * 22}", follow=True)
    assert answer.status_code == 200
    assert appointment.service.name not in str(answer.content, "utf-8")
    assert "vestibule_visit" not in client.cookies


def test_a_result_is_kept_with_the_seat_days_before_with_its_time(client: Client, appointment: Appointment) -> None:
    found = {"mic": "ok", "cam": "denied", "network": "relay", "bandwidth": "audio", "browser": "firefox"}
    began = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert holding(client, appointment).post("/test-call/result", {**found, "name": "Mallory"}).status_code == 204
    seat = guest_of(appointment)
    assert began <= str(seat.devices.pop("at")) <= f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert seat.devices == found
    assert (seat.state, seat.name) == ("invited", appointment.name)
    assert AuditEntry.objects.filter(action="meeting.line_checked", subject_ref=seat.meeting.ref).exists()


def test_a_result_with_unknown_words_is_refused(client: Client, appointment: Appointment) -> None:
    assert holding(client, appointment).post("/test-call/result", {"mic": "<b>"}).status_code == 422
    assert guest_of(appointment).devices == {}


def test_a_result_of_somebody_without_a_visit_is_kept_nowhere(client: Client) -> None:
    assert client.post("/test-call/result", {"mic": "ok"}).status_code == 204


@pytest.mark.usefixtures("relay")
def test_a_relay_is_lent_for_half_a_minute_to_who_has_a_visit_only(client: Client, appointment: Appointment) -> None:
    assert client.post("/test-call/relay").json() == {"servers": []}
    answer = holding(client, appointment).post("/test-call/relay")
    (server,) = answer.json()["servers"]
    until, _colon, who = server["username"].partition(":")
    assert 0 < int(until) - time.time() <= 30
    assert who.startswith(f"check.{guest_of(appointment).ref}.")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("relay")
def test_a_relay_is_lent_eight_times_in_ten_minutes(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    answers = [client.post("/test-call/relay").status_code for _ in range(9)]
    assert answers == [200] * 8 + [429]


@pytest.mark.usefixtures("relay")
def test_a_stranger_who_came_by_is_lent_it_three_times_and_not_once_the_queue_is_closed(client: Client) -> None:
    at_a_new_window(600)
    rates.forget_all()
    business = make_business()
    areas.change(manager_of(business), "everybody", takes_walk_ins=True)
    client.post(f"/walk-in/{business.slug}", {"name": "Walter Inn", "consent": "on"})
    assert len(client.post("/test-call/relay").json()["servers"]) == 1
    areas.close(manager_of(business), "everybody")
    assert client.post("/test-call/relay").json() == {"servers": []}
    areas.reopen(manager_of(business), "everybody")
    assert [client.post("/test-call/relay").status_code for _ in range(2)] == [200, 429]


@pytest.mark.usefixtures("relay")
def test_no_relay_for_who_was_turned_away_or_whose_visit_was_cancelled(
    client: Client, appointment: Appointment
) -> None:
    holding(client, appointment)
    clock.set_to(at("09:50"))
    waiting.enter_waiting(guest_of(appointment).ref)
    waiting.deny(manager_of(appointment.business), guest_of(appointment).ref)
    assert client.post("/test-call/relay").status_code == 403
    lifecycle.cancel(SYSTEM, appointment)
    assert client.post("/test-call/relay").status_code == 410


@pytest.mark.usefixtures("relay")
def test_a_visit_whose_doors_have_closed_lends_no_relay_and_keeps_no_result(
    client: Client, appointment: Appointment
) -> None:
    holding(client, appointment)
    clock.set_to(at("12:00"))
    assert client.post("/test-call/relay").status_code == 410
    assert client.post("/test-call/result", {"mic": "ok"}).status_code == 410
    assert appointment.service.name not in str(client.get("/test-call").content, "utf-8")


def test_the_line_is_timed_with_a_body_that_no_proxy_keeps_or_squeezes(client: Client) -> None:
    answer = client.get("/test-call/line", headers={"accept-encoding": "gzip"})
    assert len(answer.content) == 256_000
    assert "no-store" in answer["Cache-Control"]
    assert "Content-Encoding" not in answer


def test_a_providers_link_gives_no_seat_of_a_consumer(client: Client, appointment: Appointment) -> None:
    address = links.provider_visit(appointment)
    client.get(f"/test-call?v={address.partition('v=')[2]}")
    assert "vestibule_visit" not in client.cookies
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_the_check_does_not_lead_to_itself(client: Client, appointment: Appointment) -> None:
    assert 'href="/test-call"' not in str(client.get("/test-call").content, "utf-8")
    assert 'href="/test-call"' in str(holding(client, appointment).get("/visit").content, "utf-8")
