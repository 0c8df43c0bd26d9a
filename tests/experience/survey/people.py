"""Those who were in a visit and are asked how it was."""

from datetime import timedelta

from vestibule.chat.models import Thread
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.experience.survey import Given, Wanted
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock


def seat(business: Business, kind: str = "consumer", *, let_in: bool = True) -> Participant:
    """Return somebody who was in a visit of that business, or only came."""
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
    return Participant.objects.create(
        meeting=meeting, kind=kind, role="consumer", name="Cleo", admitted_at=now if let_in else None
    )


def ask(business: Business, *wanted: Wanted, of: str = "consumer") -> list[SurveyQuestion]:
    """Ask these questions of an audience."""
    return survey.put(SYSTEM, business, of, wanted)


def stars(text: str = "How was your visit?", *, needed: bool = False) -> Wanted:
    """A question for stars, with a comment."""
    return Wanted("stars", text, asks_comment=True, is_required=needed)


def several(text: str = "What did you like?", kind: str = "many") -> Wanted:
    """A question with two answers to choose from."""
    return Wanted(kind, text, choices=[{"id": "people", "text": "The people"}, {"id": "time", "text": "The time"}])


def say(who: Participant, question: SurveyQuestion, score: int | None = None, *chosen: str, comment: str = "") -> None:
    """Answer one question."""
    survey.answer(who, {question.ref: Given(score, chosen, comment)})


def stored(who: Participant) -> dict[str, tuple[int | None, list[str], str]]:
    """Return what is stored of somebody's answers, by what was asked."""
    rows = SurveyAnswer.objects.filter(participant=who)
    return {row.question_text: (row.score, row.chosen, row.comment) for row in rows}
