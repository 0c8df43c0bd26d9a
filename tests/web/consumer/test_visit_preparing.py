"""What is still to be answered, on the visit's page and on that of the appointment."""

from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.store import clock

pytestmark = pytest.mark.django_db

ASKED = [
    {"id": "secret", "type": "text", "label": "Your card number", "required": True, "help": "", "choices": []},
    {"id": "why", "type": "text", "label": "Why do you come?", "required": True, "help": "", "choices": []},
    {
        "id": "agree",
        "type": "consent",
        "label": "I agree to be examined",
        "required": True,
        "help": "",
        "choices": [],
        "text": "Examination by video has limits.",
        "version": "2",
    },
]


@pytest.fixture
def appointment() -> Appointment:
    """An appointment of which one question is answered, and one question and a consent are open; at 9:40."""
    clock.set_to(at("08:00"))
    made = book(make_service(), at("10:00"))
    made.service.questions = ASKED
    made.service.save()
    Appointment.objects.filter(pk=made.pk).update(answers={"secret": "CARD-4711"})
    clock.set_to(at("09:40"))
    return Appointment.objects.get(pk=made.pk)


def holding(client: Client, appointment: Appointment) -> Client:
    """The client after the visit link was opened."""
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    return client


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def test_the_visits_page_says_what_is_still_to_do(client: Client, appointment: Appointment) -> None:
    page = text_of(holding(client, appointment).get("/visit"))
    assert 'data-due="2"' in page
    assert "1 question is open." in page
    assert "1 consent is needed." in page


def test_what_is_open_is_asked_and_what_was_answered_is_not_shown(client: Client, appointment: Appointment) -> None:
    page = text_of(holding(client, appointment).get("/visit/prepare"))
    assert "Why do you come?" in page
    assert "Examination by video has limits." in page
    assert "CARD-4711" not in page
    assert "Your card number" not in page


def test_answers_and_consents_are_taken_and_nothing_else_changes(client: Client, appointment: Appointment) -> None:
    given = {"answers.why": "A cough", "answers.agree": "on", "version.agree": "2", "answers.secret": "stolen"}
    done = holding(client, appointment).post("/visit/prepare", given, follow=True)
    assert "Everything is answered" in text_of(done)
    fresh = Appointment.objects.get(pk=appointment.pk)
    assert fresh.answers == {"secret": "CARD-4711", "why": "A cough", "agree": True}
    assert [one["id"] for one in fresh.consents] == ["agree"]
    assert "data-due" not in text_of(client.get("/visit"))


def test_what_must_be_there_and_was_left_out_is_named(client: Client, appointment: Appointment) -> None:
    answer = holding(client, appointment).post("/visit/prepare", {"answers.why": "A cough"})
    assert answer.status_code == 422
    assert "error-summary" in text_of(answer)
    assert "A cough" in text_of(answer)


def test_without_a_visit_there_is_nothing_to_prepare(client: Client) -> None:
    assert client.get("/visit/prepare")["Location"] == "/visit"


def test_the_appointments_own_page_says_it_too(client: Client, appointment: Appointment) -> None:
    address = links.addresses(appointment).manage
    client.get(address[address.index("/appointment") :])
    assert 'data-due="2"' in text_of(client.get("/appointment"))


def test_what_somebody_is_recognised_by_is_not_answered_by_the_visits_link(
    client: Client, appointment: Appointment
) -> None:
    asked = [*ASKED, {**ASKED[1], "id": "born", "type": "date", "label": "Date of birth", "confirms": "birth_date"}]
    appointment.service.questions = asked
    appointment.service.save()
    browser = holding(client, appointment)
    assert 'data-due="2"' in text_of(browser.get("/visit"))
    assert "Date of birth" not in text_of(browser.get("/visit/prepare"))
    given = {"answers.why": "A cough", "answers.agree": "on", "version.agree": "2", "answers.born": "1990-01-01"}
    browser.post("/visit/prepare", given)
    appointment.refresh_from_db()
    assert appointment.answers.get("why") == "A cough"
    assert "born" not in appointment.answers
