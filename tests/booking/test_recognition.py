"""What a booking knows about its consumer, for who recognises them."""

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import intake, recognition
from vestibule.people.errors import Invalid

pytestmark = pytest.mark.django_db
BORN = {"id": "born", "type": "date", "label": "Date of birth", "required": True, "confirms": "birth_date"}
CARD = {"id": "card", "type": "text", "label": "Card number", "confirms": "reference"}
COLOUR = {"id": "colour", "type": "text", "label": "Favourite colour"}


def test_what_was_answered_is_known_by_the_field_its_question_confirms() -> None:
    service = make_service(questions=intake.clean_questions([BORN, CARD, COLOUR]))
    appointment = book(service, at("09:00"), answers={"born": "1980-05-17", "card": "A-1", "colour": "teal"})
    assert appointment.meeting is not None
    assert recognition.known(appointment.meeting) == {
        "name": "Cleo Baumann",
        "phone": "+41795550111",
        "birth_date": "1980-05-17",
        "reference": "A-1",
    }


@pytest.mark.parametrize(("kind", "field"), [("text", "birth_date"), ("date", "postcode"), ("text", "shoe_size")])
def test_a_question_confirms_only_what_its_answers_can_be(kind: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        intake.clean_questions([{"id": "q", "type": kind, "label": "Q", "confirms": field}])
    assert refused.value.facts["field"] == "questions.0.confirms"
