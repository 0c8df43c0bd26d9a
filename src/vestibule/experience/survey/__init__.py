"""The survey after a visit: what is asked of whom, what was answered, and what it comes to."""

from vestibule.experience.survey.questions import Audience, Wanted, is_asked, of, put
from vestibule.experience.survey.single import (
    SCORES,
    Kind,
    Summary,
    answer,
    answered,
    given_by,
    question_for,
    question_of,
    set_question,
    stop_asking,
    summaries,
)

__all__ = [
    "SCORES",
    "Audience",
    "Kind",
    "Summary",
    "Wanted",
    "answer",
    "answered",
    "given_by",
    "is_asked",
    "of",
    "put",
    "question_for",
    "question_of",
    "set_question",
    "stop_asking",
    "summaries",
]
