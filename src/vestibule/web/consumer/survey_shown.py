"""The question after a visit, as pages of consumers show it and take its answer."""

from typing import Any

from django.http import HttpRequest

from vestibule.experience import survey
from vestibule.meetings.models import Participant
from vestibule.people import rates


def keep_answer(seat: Participant, request: HttpRequest) -> None:
    """Keep what was pressed, or the comment that followed. Raises Invalid, TooMany."""
    rates.limit("survey", seat.ref, 20, 600)
    score = request.POST.get("score", "")
    survey.answer(
        seat,
        score=int(score) if score.isascii() and score.isdigit() and len(score) < 3 else -1,
        comment=request.POST.get("comment", ""),
    )


def context_of(seat: Participant) -> dict[str, Any]:
    """Return what `parts/survey.html` shows for a seat."""
    question = survey.question_for(seat)
    given = survey.given_by(seat)
    return {
        "question": question,
        "given": given,
        "scores": list(survey.SCORES[survey.Kind(question.kind)]) if question is not None else [],
        "comment": given.comment if given is not None else "",
    }
