"""Answers are given together, all or nothing, each kept once; handing them in again changes nothing."""

import pytest

from tests.experience.survey.people import ask, say, seat, several, stars, stored
from tests.factories import make_business
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer
from vestibule.experience.survey import Given, Wanted, issues
from vestibule.people.errors import Invalid

pytestmark = pytest.mark.django_db


def test_several_answers_are_given_together_and_what_is_left_out_is_no_answer() -> None:
    business, every = make_business(), [stars(), several(), Wanted("text", "What else?"), Wanted("nps", "Recommend?")]
    how, what, _else, recommend = ask(business, *every)
    guest = seat(business)
    survey.answer(
        guest,
        {
            how.ref: Given(4, comment=" Kind "),
            what.ref: Given(chosen=("time",)),
            _else.ref: Given(),
            recommend.ref: Given(0),
        },
    )
    assert stored(guest) == {
        "How was your visit?": (4, [], "Kind"),
        "What did you like?": (None, ["time"], ""),
        "Recommend?": (0, [], ""),
    }


def test_an_answer_given_again_replaces_the_first_and_an_empty_one_takes_it_back() -> None:
    business = make_business()
    how, what = ask(business, stars(), several())
    guest = seat(business)
    given = {how.ref: Given(2), what.ref: Given(chosen=("people", "time"))}
    for _again in range(2):
        survey.answer(guest, given)
    assert SurveyAnswer.objects.count() == 2
    survey.answer(guest, {how.ref: Given(5), what.ref: Given()})
    assert stored(guest) == {"How was your visit?": (5, [], "")}


def test_of_each_participant_one_answer_is_kept() -> None:
    business = make_business()
    (how,) = ask(business, stars())
    for score in (1, 2):
        say(seat(business), how, score)
    assert SurveyAnswer.objects.count() == 2


def test_a_required_answer_is_asked_for_and_nothing_is_kept_without_it() -> None:
    business = make_business()
    how, needed = ask(business, stars(), Wanted("text", "Why?", is_required=True))
    guest = seat(business)
    for given in ({how.ref: Given(5)}, {how.ref: Given(5), needed.ref: Given(comment="  ")}):
        with pytest.raises(Invalid) as refused:
            survey.answer(guest, given)
        assert refused.value.facts["field"] == needed.ref
    assert stored(guest) == {}
    survey.answer(guest, {how.ref: Given(5), needed.ref: Given(comment="Because")})
    survey.answer(guest, {how.ref: Given(4)})
    assert stored(guest) == {"How was your visit?": (4, [], ""), "Why?": (None, [], "Because")}


def test_a_comment_alone_is_kept_but_answers_no_required_question() -> None:
    business = make_business()
    (how,) = ask(business, stars())
    guest = seat(business)
    say(guest, how, comment="No stars from me")
    assert stored(guest) == {"How was your visit?": (None, [], "No stars from me")}
    ask(business, stars(needed=True))
    with pytest.raises(Invalid):
        say(guest, how, comment="Still none")


@pytest.mark.parametrize(
    "given", [Given(0), Given(6), Given(-1), Given(10**9), Given(chosen=("people",)), Given(3, comment="x" * 2001)]
)
def test_what_was_not_offered_is_refused(given: Given) -> None:
    business = make_business()
    (how,) = ask(business, stars())
    guest = seat(business)
    with pytest.raises(Invalid) as refused:
        survey.answer(guest, {how.ref: given})
    assert refused.value.facts["field"] == how.ref
    assert stored(guest) == {}


@pytest.mark.parametrize(
    ("kind", "chosen"), [("choice", ("people", "time")), ("many", ("nothing",)), ("many", ("time", "time"))]
)
def test_only_answers_shown_are_chosen_and_one_where_one_is_asked(kind: str, chosen: tuple[str, ...]) -> None:
    business = make_business()
    (what,) = ask(business, several(kind=kind))
    with pytest.raises(Invalid):
        say(seat(business), what, None, *chosen)


def test_what_did_not_work_is_said_by_the_names_of_the_call_survey_of_azure() -> None:
    business = make_business()
    (asked,) = ask(business, Wanted("issues", "What did not work?", asks_comment=True))
    guest = seat(business)
    say(guest, asked, None, "audio.NoLocalAudio", "screenshare.LargeDelay", comment="Twice")
    assert stored(guest) == {"What did not work?": (None, ["audio.NoLocalAudio", "screenshare.LargeDelay"], "Twice")}
    with pytest.raises(Invalid):
        say(guest, asked, None, "audio.NoSuchThing")
    assert {
        name.split(".")[0]: sum(one.startswith(name.split(".")[0]) for one in issues.WORDS) for name in issues.WORDS
    } == {
        "overall": 5,
        "audio": 9,
        "video": 8,
        "screenshare": 8,
    }


def test_what_was_answered_on_a_page_of_other_days_is_kept_with_what_was_asked() -> None:
    business = make_business()
    (before,) = ask(business, stars())
    guest = seat(business)
    ask(business, Wanted("thumbs", "Would you come again?", is_required=True))
    say(guest, before, 3)
    assert stored(guest) == {"How was your visit?": (3, [], "")}


def test_nobody_answers_what_others_are_asked_nor_without_having_been_in() -> None:
    business, other = make_business(), make_business(slug="other")
    (consumers,) = ask(business, stars())
    (providers,) = ask(business, stars("How was the picture?"), of="provider")
    (foreign,) = ask(other, stars("How is the other?"))
    for who, question in (
        (seat(business), providers),
        (seat(business), foreign),
        (seat(business, let_in=False), consumers),
    ):
        with pytest.raises(Invalid):
            say(who, question, 5)
    assert not SurveyAnswer.objects.exists()
