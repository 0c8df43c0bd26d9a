"""The survey after a visit: what is asked of whom, what was answered, and what it comes to."""

from vestibule.experience.survey.answering import Given, answer, given_by
from vestibule.experience.survey.questions import (
    MOST_QUESTIONS,
    SCORES,
    Audience,
    Kind,
    Wanted,
    asked_of,
    audience_of,
    in_language,
    is_asked,
    of,
    put,
)
from vestibule.experience.survey.results import Chosen, Summary, answers, summaries

__all__ = [
    "MOST_QUESTIONS",
    "SCORES",
    "Audience",
    "Chosen",
    "Given",
    "Kind",
    "Summary",
    "Wanted",
    "answer",
    "answers",
    "asked_of",
    "audience_of",
    "given_by",
    "in_language",
    "is_asked",
    "of",
    "put",
    "summaries",
]
