"""What is asked after visits: put in place together; a question that stays the same goes on with its answers."""

from typing import Any

import pytest
from django.utils.translation import override

from tests.experience.survey.people import ask, say, seat, several, stars
from tests.factories import make_business, manager_of
from vestibule.experience import document, drafts, survey
from vestibule.experience.models import SurveyQuestion
from vestibule.experience.survey import Wanted
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


def test_a_question_of_the_same_kind_and_text_goes_on_in_its_new_place() -> None:
    business = make_business()
    first, second = ask(business, stars(), Wanted("text", "What else?"))
    third, again = ask(business, Wanted("nps", "Would you recommend us?"), stars())
    assert again.pk == first.pk
    assert [row.pk for row in survey.of(business, "consumer")] == [third.pk, first.pk]
    second.refresh_from_db()
    assert not second.is_active


def test_another_kind_or_text_is_another_question_and_what_was_asked_before_may_come_back() -> None:
    business = make_business()
    (before,) = ask(business, stars())
    (other,) = ask(business, Wanted("thumbs", "How was your visit?"))
    assert other.pk != before.pk
    (back,) = ask(business, stars())
    assert back.pk == before.pk


def test_answers_to_choose_may_be_reworded_and_added_but_not_taken_away() -> None:
    business = make_business()
    (asked,) = ask(business, several())
    reworded = [{"id": "people", "text": "Who was there"}, {"id": "time", "text": "The time"}]
    (same,) = ask(business, Wanted("many", asked.text, choices=[*reworded, {"id": "all", "text": "Everything"}]))
    assert (same.pk, same.choices[0]["text"]) == (asked.pk, "Who was there")
    (new,) = ask(business, several())
    assert new.pk != asked.pk


def test_a_question_named_by_its_reference_is_reworded() -> None:
    business = make_business()
    (asked,) = ask(business, stars("How was you visit?"))
    (same,) = ask(business, Wanted("stars", "How was your visit?", ref=asked.ref))
    assert (same.pk, same.text) == (asked.pk, "How was your visit?")


def test_each_audience_is_asked_its_own_and_nobody_who_was_not_let_in() -> None:
    business = make_business()
    ask(business, stars("How was it?"))
    ask(business, Wanted("issues", "What did not work?"), of="provider")

    def texts(kind: str, *, let_in: bool = True) -> list[str]:
        return [row.text for row in survey.asked_of(seat(business, kind, let_in=let_in))]

    assert texts("consumer") == texts("helper") == ["How was it?"]
    assert texts("provider") == ["What did not work?"]
    assert texts("consumer", let_in=False) == []


def test_a_reader_is_asked_in_their_language_else_in_that_of_the_business() -> None:
    texts = {"de": "Wie war es?", "pt": "Como foi?"}
    for language, said in (("de", "Wie war es?"), ("pt-br", "Como foi?"), ("fr", "How was it?")):
        with override(language):
            assert survey.in_language("How was it?", texts) == said
    assert survey.in_language("How was it?", texts, "de") == "Wie war es?"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("stars", ""), "consumer.0.text"),
        (Wanted("stars", "   "), "consumer.0.text"),
        (Wanted("stars", "x" * 201), "consumer.0.text"),
        (Wanted("stars", "a\x00b"), "consumer.0.text"),
        (Wanted("smiles", "How?"), "consumer.0.kind"),
        (Wanted("stars", "How?", texts={"xx": "?"}), "consumer.0.texts"),
        (Wanted("stars", "How?", texts={"de": "x" * 201}), "consumer.0.texts.de"),
        (Wanted("stars", "How?", choices=[{"id": "a", "text": "A"}]), "consumer.0.choices"),
        (Wanted("choice", "How?"), "consumer.0.choices"),
        (
            Wanted("choice", "How?", choices=[{"id": "a", "text": "A"}, {"id": "a", "text": "B"}]),
            "consumer.0.choices.1",
        ),
        (
            Wanted("choice", "How?", choices=[{"id": "a", "text": "A"}, {"id": "B!", "text": "B"}]),
            "consumer.0.choices.1.id",
        ),
        (Wanted("choice", "How?", choices=["a", "b"]), "consumer.0.choices.0"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_names_its_place(wanted: Wanted, field: str) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        ask(business, wanted)
    assert refused.value.facts["field"] == field
    assert not SurveyQuestion.objects.exists()


def test_nothing_is_asked_twice_nor_more_than_twenty_things() -> None:
    business = make_business()
    with pytest.raises(Invalid):
        ask(business, stars(), stars())
    with pytest.raises(Invalid):
        ask(business, *(stars(str(number)) for number in range(21)))


def test_only_who_sets_a_business_up_asks_and_what_changes_nothing_is_not_noted() -> None:
    business = make_business()
    with pytest.raises(NotPermitted):
        survey.put(manager_of(business, role=Role.PROVIDER), business, "consumer", [stars()])
    with pytest.raises(NotFound):
        survey.put(manager_of(make_business(slug="other")), business, "consumer", [stars()])
    for _again in range(2):
        survey.put(manager_of(business), business, "consumer", [stars()])
    survey.put(manager_of(business), business, "consumer", [])
    actions = AuditEntry.objects.filter(business=business, subject_kind="survey").values_list("action", flat=True)
    assert sorted(actions) == ["survey.changed", "survey.stopped"]


class TestAsPartOfTheExperience:
    DOCUMENT: dict[str, Any] = {
        "consumer": [
            {"kind": "stars", "text": "How was it?", "texts": {"de": "Wie war es?"}, "asks_comment": True},
            {
                "kind": "choice",
                "text": "Who told you of us?",
                "choices": [
                    {"id": "friend", "text": "A friend", "texts": {"de": "Bekannte"}},
                    {"id": "ad", "text": "An ad"},
                ],
                "is_required": True,
            },
        ],
        "provider": [{"kind": "issues", "text": "What did not work?"}],
        "elsewhere_url": "",
    }

    def test_a_draft_asks_nothing_until_it_is_published(self) -> None:
        business = make_business()
        owner = manager_of(business)
        drafts.change(owner, business, {"survey": self.DOCUMENT})
        assert not SurveyQuestion.objects.exists()
        drafts.publish(owner, business)
        assert [row.text for row in survey.of(business, "consumer")] == ["How was it?", "Who told you of us?"]
        assert [row.kind for row in survey.of(business, "provider")] == ["issues"]

    def test_taken_to_another_business_it_asks_the_same_and_going_back_finds_the_answers(self) -> None:
        business, other = make_business(), make_business(slug="other")
        owner = manager_of(other)
        drafts.change(manager_of(business), business, {"survey": self.DOCUMENT})
        drafts.publish(manager_of(business), business)
        drafts.load(owner, other, {"format": 1, "survey": document.read(business)["survey"]})
        drafts.publish(owner, other)
        assert document.read(other)["survey"] == document.read(business)["survey"]
        guest, asked = seat(other), survey.of(other, "consumer")[0]
        survey.answer(
            guest,
            {
                row.ref: survey.Given(5 if row == asked else None, () if row == asked else ("ad",))
                for row in survey.of(other, "consumer")
            },
        )
        drafts.change(owner, other, {"survey": {"consumer": [], "provider": [], "elsewhere_url": ""}})
        drafts.publish(owner, other)
        drafts.roll_back(owner, other, 1)
        (first, _second, _third) = survey.summaries(owner, other)
        assert (first.question.pk, first.answers) == (asked.pk, 1)

    @pytest.mark.parametrize(
        ("part", "field"),
        [
            ({"consumer": {}}, "survey.consumer"),
            ({"consumer": [{"kind": "stars"}]}, "survey.consumer.0"),
            ({"provider": [{"kind": "stars", "text": "How?", "colour": "red"}]}, "survey.provider.0"),
            ({"provider": [{"kind": "stars", "text": 5}]}, "survey.provider.0.text"),
            ({"consumer": [{"kind": "stars", "text": "How?", "is_required": "yes"}]}, "survey.consumer.0.is_required"),
            ({"elsewhere_url": "http://forms.example.org"}, "survey.elsewhere_url"),
            ({"elsewhere_key": "mine"}, "survey.elsewhere_key"),
        ],
    )
    def test_what_cannot_be_is_refused_and_names_its_place(self, part: dict[str, Any], field: str) -> None:
        business = make_business()
        with pytest.raises(Refusal) as refused:
            drafts.change(manager_of(business), business, {"survey": part})
        assert refused.value.facts["field"] == field


def test_answers_stay_with_what_was_asked() -> None:
    business = make_business()
    (before,) = ask(business, stars())
    say(seat(business), before, 4)
    (now,) = ask(business, Wanted("thumbs", "Would you come again?"))
    say(seat(business), now, 1)
    told = survey.summaries(manager_of(business), business)
    assert [(one.question.text, one.answers) for one in told] == [
        ("Would you come again?", 1),
        ("How was your visit?", 1),
    ]
