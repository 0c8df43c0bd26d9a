"""What is still to be done before a visit, as staff and the consumer are told."""

from typing import Any

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking.models import Appointment
from vestibule.booking.preparation import preparation_of
from vestibule.store import clock

pytestmark = pytest.mark.django_db

ASKED = [
    {"id": "why", "type": "text", "label": "Why do you come?", "required": True, "help": "", "choices": []},
    {"id": "pain", "type": "number", "label": "How much does it hurt?", "required": True, "help": "", "choices": []},
    {"id": "more", "type": "long_text", "label": "Anything else?", "required": False, "help": "", "choices": []},
    {"id": "agree", "type": "consent", "label": "I agree", "required": True, "help": "", "choices": []},
    {"id": "letter", "type": "file", "label": "The letter", "required": True, "help": "", "choices": []},
]


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00"))
    return book(make_service(), at("10:00"))


def asking(appointment: Appointment, **answers: Any) -> Appointment:
    """The appointment of a service that asks for everything, with `answers` so far."""
    appointment.service.questions = ASKED
    appointment.answers = answers
    return appointment


def test_a_service_that_asks_nothing_has_nothing_to_prepare(appointment: Appointment) -> None:
    found = preparation_of(appointment)
    assert (found.asks, found.is_done, found.due) == (False, True, 0)


def test_what_must_be_there_and_is_missing_is_counted_by_kind(appointment: Appointment) -> None:
    found = preparation_of(asking(appointment))
    assert found.as_json() == {"done": False, "questions": 2, "consents": 1, "files": 1}
    assert found.optional == 1


def test_an_answer_of_nought_is_an_answer_and_a_refused_consent_is_none(appointment: Appointment) -> None:
    found = preparation_of(asking(appointment, why="Cough", pain=0, agree=False, letter="abc"))
    assert found.as_json() == {"done": False, "questions": 0, "consents": 1, "files": 0}


def test_what_may_be_left_out_never_keeps_it_open(appointment: Appointment) -> None:
    found = preparation_of(asking(appointment, why="Cough", pain=3, agree=True, letter="abc"))
    assert found.is_done
    assert found.optional == 1
