"""The survey: one question, one answer per participant, read only by those who may."""

from datetime import timedelta

import pytest

from tests.factories import make_business, manager_of
from vestibule.chat.models import Thread
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def make_participant(business: Business) -> Participant:
    now = clock.now()
    meeting = Meeting.objects.create(
        business=business,
        thread=Thread.objects.create(business=business),
        title="First visit",
        starts_at=now,
        ends_at=now + timedelta(minutes=30),
        opens_at=now,
        closes_at=now + timedelta(hours=1),
    )
    return Participant.objects.create(meeting=meeting, kind="consumer", role="consumer", name="Cleo", admitted_at=now)


def ask(business: Business, text: str = "How was your visit?", kind: str = "stars") -> None:
    survey.set_question(manager_of(business), business, text=text, kind=kind, asks_comment=True)


def test_an_answer_is_counted_once_and_may_be_corrected() -> None:
    business = make_business()
    ask(business)
    guest = make_participant(business)
    survey.answer(guest, score=2)
    survey.answer(guest, score=5, comment="Very kind")
    (summary,) = survey.summaries(manager_of(business), business)
    assert (summary.answers, summary.mean, summary.by_score[-1]) == (1, 5, (5, 1))
    assert survey.answered(guest)


def test_answers_stay_with_the_question_they_were_given_to() -> None:
    business = make_business()
    ask(business)
    survey.answer(make_participant(business), score=4)
    ask(business, "Would you come again?", "thumbs")
    survey.answer(make_participant(business), score=1)
    now, before = survey.summaries(manager_of(business), business)
    assert (now.question.text, now.answers) == ("Would you come again?", 1)
    assert (before.question.text, before.answers) == ("How was your visit?", 1)


@pytest.mark.parametrize("score", [-1, 0, 6, 10**9])
def test_a_score_that_was_not_offered_is_refused_and_nothing_is_stored(score: int) -> None:
    business = make_business()
    ask(business)
    with pytest.raises(Invalid):
        survey.answer(make_participant(business), score=score)
    assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "a\x00b"])
def test_a_question_without_sense_is_refused(text: str) -> None:
    business = make_business()
    with pytest.raises(Invalid):
        ask(business, text)


def test_a_provider_may_neither_change_the_question_nor_read_results() -> None:
    business = make_business()
    provider = manager_of(business, role=Role.PROVIDER)
    with pytest.raises(NotPermitted):
        survey.set_question(provider, business, text="How?", kind="stars", asks_comment=False)
    with pytest.raises(NotPermitted):
        survey.summaries(provider, business)


def test_another_business_sees_none_of_it() -> None:
    business, other = make_business(), make_business()
    ask(business)
    survey.answer(make_participant(business), score=5)
    assert survey.summaries(manager_of(other), other) == []


def test_nobody_asks_or_reads_in_the_name_of_another_business() -> None:
    business, stranger = make_business(), manager_of(make_business())
    ask(business)
    with pytest.raises(NotFound):
        survey.set_question(stranger, business, text="How?", kind="stars", asks_comment=False)
    with pytest.raises(NotFound):
        survey.stop_asking(stranger, business)
    with pytest.raises(NotFound):
        survey.summaries(stranger, business)
    question = survey.question_of(business)
    assert question is not None
    assert question.text == "How was your visit?"
