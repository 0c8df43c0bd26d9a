"""The builder of the survey, and what was answered, as the office has them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.web.manager.office import Office, url
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import Wanted, elsewhere
from vestibule.meetings.models import Participant
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock

STARS = {"text": "How was it?", "kind": "stars", "asks_comment": "on"}
CHOICE = {"text": "Who told you?", "kind": "choice", "choices": "A friend\n An ad \n\n", "is_required": "on"}


def asked(office: Office, audience: str = "consumer") -> list[SurveyQuestion]:
    return survey.of(office.business, audience)


def words_of(answer: Any) -> str:
    return " ".join(str(answer.content, "utf-8").split())


def test_questions_are_added_moved_and_removed_without_script(office: Office) -> None:
    client = office.manager
    for given in (STARS, CHOICE):
        assert client.post(url("survey-new"), given)["Location"] == url("survey")
    first, second = asked(office)
    assert (first.text, first.asks_comment, first.is_required) == ("How was it?", True, False)
    assert [(one["id"], one["text"]) for one in second.choices] == [("a-friend", "A friend"), ("an-ad", "An ad")]
    client.post(url("survey-move", second.ref), {"by": "earlier"})
    assert asked(office) == [second, first]
    client.post(url("survey-move", second.ref), {"by": "earlier"})
    assert asked(office) == [second, first]
    assert "No longer ask this?" in words_of(client.get(url("survey-remove", second.ref)))
    client.post(url("survey-remove", second.ref))
    assert asked(office) == [first]


def test_providers_are_asked_their_own(office: Office) -> None:
    given = {"text": "What did not work?", "kind": "issues"}
    answer = office.manager.post(url("survey-new", audience="provider"), given)
    assert answer["Location"] == url("survey", audience="provider")
    assert (asked(office), [row.text for row in asked(office, "provider")]) == ([], ["What did not work?"])
    assert "Nobody heard me" in words_of(office.manager.get(answer["Location"]))


def test_texts_in_other_languages_are_kept_and_seen_in_the_form(office: Office) -> None:
    client = office.manager
    client.post(url("survey-new"), CHOICE | {"text_de": "Woher?", "choices_de": "Bekannte\nWerbung"})
    (row,) = asked(office)
    assert row.texts == {"de": "Woher?"}
    assert [one["texts"] for one in row.choices] == [{"de": "Bekannte"}, {"de": "Werbung"}]
    german = words_of(client.get(url("survey", language="de")))
    assert 'lang="de" dir="ltr"' in german
    assert "Woher?" in german
    assert "Bekannte" in german
    assert 'dir="rtl"' in words_of(client.get(url("survey", language="ar")))
    answer = client.post(url("survey-question", row.ref), CHOICE | {"choices_de": "Bekannte"})
    assert answer.status_code == 422
    assert "Give as many answers as above" in words_of(answer)


def test_only_the_wording_changes_or_it_is_a_new_question(office: Office) -> None:
    client = office.manager
    client.post(url("survey-new"), CHOICE)
    (first,) = asked(office)
    reworded = CHOICE | {"text": "Who told you of us?", "choices": "Somebody I know\nAn ad", "keeps": "on"}
    client.post(url("survey-question", first.ref), reworded)
    (same,) = asked(office)
    assert (same.pk, same.text) == (first.pk, "Who told you of us?")
    assert [one["id"] for one in same.choices] == ["a-friend", "an-ad"]
    client.post(url("survey-question", first.ref), CHOICE | {"text": "Where did you read of us?"})
    (other,) = asked(office)
    assert other.pk != first.pk
    assert office.manager.get(url("survey-question", first.ref)).status_code == 404


def test_while_it_is_written_it_is_drawn_as_it_will_be_asked_and_nothing_stored(office: Office) -> None:
    client = office.manager
    client.post(url("survey-new"), STARS)
    before = SurveyQuestion.objects.count()
    drawn = words_of(client.post(f"{url('survey-new')}?draw=1", CHOICE))
    assert "Who told you?" in drawn
    assert "A friend" in drawn
    assert "<form" not in drawn
    nps = words_of(client.post(f"{url('survey-new')}?draw=1", {"kind": "nps", "text": ""}))
    assert "How likely are you to recommend us?" in nps
    assert "Who told you?" in words_of(client.post(url("survey-new"), CHOICE | {"preview": "1"}))
    assert SurveyQuestion.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"choices": "Only one"}, "Give 2 to 20 answers"),
        ({"choices": "Same\nSame"}, "Each answer is there once"),
        ({"text": " "}, "Something is missing here"),
        ({"kind": "smiles"}, "This is not on the list"),
    ],
)
def test_a_mistake_is_said_where_it_is(office: Office, wrong: dict[str, str], said: str) -> None:
    answer = office.manager.post(url("survey-new"), CHOICE | wrong)
    assert (answer.status_code, asked(office)) == (422, [])
    assert said in words_of(answer)


def test_everything_is_stopped_at_once(office: Office) -> None:
    office.manager.post(url("survey-new"), STARS)
    elsewhere.put(SYSTEM, office.business, "https://forms.example.org/visit")
    office.manager.post(url("survey-stop"))
    assert not survey.is_asked(office.business)


def test_a_form_elsewhere_has_a_key_that_managers_read_and_renew(office: Office) -> None:
    client = office.manager
    assert client.post(url("survey-elsewhere"), {"url": "http://forms.example.org"}).status_code == 422
    client.post(url("survey-elsewhere"), {"url": "https://forms.example.org/visit"})
    page = client.get(url("survey-elsewhere"))
    key = page.context["key"]
    assert key in words_of(page)
    assert "https://forms.example.org/visit" in words_of(client.get(url("survey")))
    client.post(url("survey-elsewhere"), {"renew": "1"})
    assert client.get(url("survey-elsewhere")).context["key"] not in ("", key)
    assert office.as_(Role.VIEWER).get(url("survey-elsewhere")).status_code == 403


def answer(
    office: Office,
    kind: str,
    *,
    score: int | None = None,
    chosen: tuple[str, ...] = (),
    comment: str = "",
    ago: int = 0,
) -> None:
    text = {"stars": "How was your visit?", "nps": "Recommend?", "issues": "What failed?", "text": "What else?"}[kind]
    question = SurveyQuestion.objects.filter(business=office.business, kind=kind).first()
    if question is None:
        kept = [Wanted(row.kind, row.text, ref=row.ref) for row in asked(office)]
        question = survey.put(SYSTEM, office.business, "consumer", [*kept, Wanted(kind, text)])[-1]
    meeting, then = office.booked.meeting, clock.now() - timedelta(days=ago)
    assert meeting is not None
    guest = Participant.objects.create(meeting=meeting, kind="consumer", role="consumer", name="C", admitted_at=then)
    SurveyAnswer.objects.create(
        business=office.business,
        question=question,
        question_text=question.text,
        participant=guest,
        score=score,
        chosen=list(chosen),
        comment=comment,
        at=then,
    )


def test_results_count_answers_and_show_comments_inert(office: Office) -> None:
    answer(office, "stars", score=5, comment="<script>alert(1)</script>")
    answer(office, "stars", score=4)
    answer(office, "stars", score=2, comment="Long ago", ago=40)
    page = office.manager.get(url("results"))
    text = page.content.decode()
    assert page.context["results"][0].figure == "3.7 of 5 stars"
    assert [bar["value"] for bar in page.context["results"][0].bars] == [1, 1, 0, 1, 0]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "Long ago" in text
    recent = office.manager.get(url("results", days="30"))
    assert recent.context["results"][0].figure == "4.5 of 5 stars"
    assert "Long ago" not in recent.content.decode()
    assert [one["percent"] for one in recent.context["responses"]] == [100]


def test_each_kind_is_told_in_its_own_way(office: Office) -> None:
    answer(office, "nps", score=10)
    answer(office, "nps", score=3)
    answer(office, "nps", score=2)
    answer(office, "issues", chosen=("audio.Echo", "video.Freezes"))
    answer(office, "issues", chosen=("video.Freezes",))
    answer(office, "text", comment="More chairs")
    page = office.manager.get(url("results"))
    nps, issues, text = page.context["results"]
    assert (nps.figure, len(nps.bars)) == ("−33", 11)
    assert [(bar["label"], bar["value"]) for bar in issues.bars] == [
        ("Picture: The picture froze", 2),
        ("Sound: There was an echo", 1),
    ]
    assert (text.bars, text.comments) == ([], 1)
    assert "More chairs" in words_of(page)


def test_results_are_narrowed_to_a_service_a_provider_and_an_audience(office: Office) -> None:
    answer(office, "stars", score=5)
    for query, found in (
        ({"service": "first-visit"}, 1),
        ({"provider": "dr-ada-blum", "audience": "consumer"}, 1),
        ({"audience": "provider"}, 0),
        ({"service": "nothing-like-it"}, 1),
    ):
        page = office.manager.get(url("results", **query))
        assert sum(one.answers for one in page.context["results"]) == found, query


def taken(client: Client, ending: str, **query: str) -> bytes:
    answer_ = client.get(url("results-file", ending, **query))
    assert answer_.status_code == 200
    return b"".join(answer_.streaming_content)  # type: ignore[attr-defined]  # it is one


def test_answers_are_taken_away_as_a_spreadsheet_and_for_programs(office: Office) -> None:
    answer(office, "stars", score=5, comment="=1+1")
    answer(office, "issues", chosen=("audio.Echo",), ago=40)
    lines = taken(office.manager, "csv").decode().splitlines()
    assert len(lines) == 3
    assert any(",stars,5,,'=1+1,first-visit,dr-ada-blum," in line for line in lines)
    (recent,) = json.loads(taken(office.manager, "json", days="30"))["answers"]
    assert (recent["score"], recent["comment"], recent["appointment"]) == (5, "=1+1", office.booked.ref)
    assert office.manager.get(url("results-file", "exe")).status_code == 404
    assert office.as_(Role.PROVIDER).get(url("results-file", "csv")).status_code == 403
