"""The form at the end of a visit: every kind of question, in the reader's language; a script is told what is kept."""

from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.experience.survey.people import ask, several, stars
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import Wanted, elsewhere
from vestibule.meetings.models import Participant
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
EVERY_KIND = (
    stars(),
    Wanted("thumbs", "Did you get what you came for?"),
    Wanted("nps", "Would you recommend us?"),
    several("Who told you?", "choice"),
    several(),
    Wanted("text", "What else?", texts={"de": "Was noch?"}, is_required=True),
    Wanted("issues", "What did not work?"),
)
JSON = {"Accept": "application/json"}


@pytest.fixture
def visited(client: Client) -> Appointment:
    """A visit its consumer was let into, with the browser they were in it with."""
    appointment = book(make_service(), at("10:00"))
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    Participant.objects.filter(meeting=appointment.meeting, kind="consumer").update(admitted_at=clock.now())
    return appointment


def words_of(answer: Any) -> str:
    return " ".join(str(answer.content, "utf-8").split())


def posted(asked: list[SurveyQuestion], **given: Any) -> dict[str, Any]:
    """What the form sends: every question named, and answers by kind (`text`, `issues`, …)."""
    names = {"text": "comment", "choice": "chosen", "many": "chosen", "issues": "chosen"}
    answers = {f"{names.get(row.kind, 'score')}-{row.ref}": given[row.kind] for row in asked if row.kind in given}
    return {"asked": [row.ref for row in asked], **answers}


def test_every_kind_is_asked_and_what_was_answered_is_shown_again(client: Client, visited: Appointment) -> None:
    asked = ask(visited.business, *EVERY_KIND)
    page = words_of(client.get("/visit/ended"))
    for row in asked:
        assert row.text in page
    given = posted(asked, stars="4", nps="9", many=["time"], issues=["audio.Echo"], text="Thanks", choice="people")
    answer = client.post("/visit/ended", given | {f"comment-{asked[0].ref}": "<b>Kind</b>"})
    assert (answer.status_code, answer["Location"]) == (302, "/visit/ended")
    assert SurveyAnswer.objects.count() == 6
    again = words_of(client.get("/visit/ended"))
    assert "Thank you for your answer" in again
    assert f'name="score-{asked[0].ref}" value="4" checked' in again
    assert f'name="chosen-{asked[6].ref}" value="audio.Echo" checked' in again
    assert '<details class="survey__topic" open> <summary>Sound</summary>' in again
    assert "&lt;b&gt;Kind&lt;/b&gt;" in again


def test_a_missing_answer_is_asked_for_and_what_was_typed_stays(client: Client, visited: Appointment) -> None:
    asked = ask(visited.business, *EVERY_KIND)
    answer = client.post("/visit/ended", posted(asked, stars="2"))
    page = words_of(answer)
    assert answer.status_code == 422
    assert "This answer is needed. Give it, then send again." in page
    assert "<strong>What else?</strong>" in page
    assert f'name="score-{asked[0].ref}" value="2" checked' in page
    assert not SurveyAnswer.objects.exists()


def test_the_reader_is_asked_in_their_language(client: Client, visited: Appointment) -> None:
    ask(visited.business, *EVERY_KIND)
    client.cookies["language"] = "de"
    page = words_of(client.get("/visit/ended"))
    assert "Was noch?" in page
    assert "How was your visit?" in page


def test_a_script_is_told_that_answers_are_kept_or_why_not(client: Client, visited: Appointment) -> None:
    asked = ask(visited.business, *EVERY_KIND)
    for _again in range(2):
        kept = client.post("/visit/ended", posted(asked, stars="5", text="Thanks"), headers=JSON)
        assert (kept.status_code, kept.json()["kept"]) == (200, True)
    assert SurveyAnswer.objects.count() == 2
    refused = client.post("/visit/ended", posted(asked, stars="6", text="Thanks"), headers=JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, asked[0].ref)
    assert Client().post("/visit/ended", {"asked": "x"}, headers=JSON).status_code in (403, 404)


def test_one_question_is_answered_by_a_tap_also_when_it_has_been_replaced(client: Client, visited: Appointment) -> None:
    (before,) = ask(visited.business, stars())
    page = words_of(client.get("/visit/ended"))
    assert '<button class="rating__score" name="score" value="5"' in page
    ask(visited.business, Wanted("thumbs", "Was it good?"))
    client.post("/visit/ended", {"asked": before.ref, "score": "3"})
    assert list(SurveyAnswer.objects.values_list("question__text", "score")) == [("How was your visit?", 3)]


def test_somebody_elses_form_is_a_link_with_the_visit_signed(client: Client, visited: Appointment) -> None:
    ask(visited.business, *EVERY_KIND)
    elsewhere.put(SYSTEM, visited.business, "https://forms.example.org/visit")
    page = words_of(client.get("/visit/ended"))
    seat = Participant.objects.get(meeting=visited.meeting, kind="consumer")
    assert elsewhere.address_for(seat).replace("&", "&amp;") in page
    assert 'rel="noopener noreferrer"' in page
    assert "What else?" not in page
