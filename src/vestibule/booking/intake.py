"""Questions asked when booking: their shape as configured, and answers checked against it.

A question is `{"id", "type", "label", "required", "help", "choices"}`; types are text, long_text, choice, many,
number, date, file and consent. `confirms` says which field its answer is by which staff recognise who is let in, such
as `birth_date`. A consent has its `text` and the `version` of that text besides: what somebody agreed to is kept with
both, and the time.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking.contacts import clean_text
from vestibule.meetings.area_values import IDENTITY_FIELDS
from vestibule.people.errors import Invalid

TYPES = ("text", "long_text", "choice", "many", "number", "date", "file", "consent")
MOST_QUESTIONS = 20
MOST_CHOICES = 30
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYS = {"id", "type", "label", "required", "help", "choices", "text", "version", "confirms"}
_DOCUMENT = re.compile(r"[A-Za-z0-9_-]{16,32}")


def clean_questions(given: Any) -> list[dict[str, Any]]:
    """Return questions as stored. Raises Invalid naming `questions.<n>.<key>`."""
    if not isinstance(given, list) or len(given) > MOST_QUESTIONS:
        raise Invalid(_("A service asks at most 20 questions. Leave some out."), field="questions")
    questions = [_question(question, f"questions.{index}") for index, question in enumerate(given)]
    ids = [question["id"] for question in questions]
    if len(set(ids)) < len(ids):
        raise Invalid(_("Two questions have the same id. Give each its own."), field="questions")
    return questions


def clean_answers(
    questions: Sequence[Mapping[str, Any]], given: Mapping[str, Any], *, partly: bool = False
) -> dict[str, Any]:
    """Return the answers to `questions`, checked; `partly` lets required ones follow later.

    Raises Invalid naming `answers.<id>`.
    """
    known = {question["id"] for question in questions}
    for stray in given:
        if stray not in known:
            raise Invalid(_("There is no such question. Load the page again."), field="answers")
    answers: dict[str, Any] = {}
    for question in questions:
        answer = given.get(question["id"])
        field = f"answers.{question['id']}"
        if _is_empty(answer):
            if question["required"] and not partly:
                raise Invalid(_("Please answer: %(label)s") % {"label": question["label"]}, field=field)
            continue
        answers[question["id"]] = _ANSWERS[question["type"]](question, answer, field)
    return answers


def agreed(questions: Sequence[Mapping[str, Any]], given: Sequence[str], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return `answers` with True for each consent question that `given` names, as `id` or `id@version`.

    Raises Invalid naming `consents` for one that is not asked, or whose text has changed since it was read. Where
    nothing is asked, anything may be given: it is the caller's own text.
    """
    asked = {question["id"]: question for question in questions if question["type"] == "consent"}
    if not asked:
        return dict(answers)
    said = dict(answers)
    for one in given:
        name, _at, version = one.partition("@")
        if name not in asked:
            raise Invalid(_("There is no such consent to give. Load the page again."), field="consents")
        if version and version != _version(asked[name]):
            words = _("The text you agreed to has changed. Load the page again, and read it once more.")
            raise Invalid(words, field="consents")
        said[name] = True
    return said


def require_consents(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> None:
    """Raise Invalid naming `answers.<id>` for a required consent that was not given."""
    for question in questions:
        if question["type"] == "consent" and question["required"] and answers.get(question["id"]) is not True:
            words = _("Please answer: %(label)s") % {"label": question["label"]}
            raise Invalid(words, field=f"answers.{question['id']}")


def kept_consents(
    questions: Sequence[Mapping[str, Any]], given: Sequence[str], answers: Mapping[str, Any], at: str
) -> list[dict[str, str]]:
    """Return what was agreed to at `at` (RFC 3339), each with the text read and its version.

    Raises Invalid naming `consents` for words that cannot be kept.
    """
    asked = [question for question in questions if question["type"] == "consent"]
    if asked:
        return [
            {"id": one["id"], "version": _version(one), "text": one.get("text") or one["label"], "at": at}
            for one in asked
            if answers.get(one["id"]) is True
        ]
    words = [clean_text(one, "consents", most=80, least=1).partition("@") for one in given]
    return [{"id": name, "version": version, "text": "", "at": at} for name, _at, version in words]


def _version(question: Mapping[str, Any]) -> str:
    return question.get("version") or "1"


def _is_empty(answer: Any) -> bool:
    """Tell whether nothing was answered: blanks are nothing, the number 0 is an answer."""
    return answer is None or answer is False or answer == [] or (isinstance(answer, str) and not answer.strip())


def _question(given: Any, field: str) -> dict[str, Any]:
    if not isinstance(given, dict) or not set(given) <= _KEYS:
        raise Invalid(_("This question cannot be read. Write it again."), field=field)
    name, kind = given.get("id"), given.get("type")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        words = _("A question's id is a short word of small letters, digits and underscores.")
        raise Invalid(words, field=f"{field}.id")
    if kind not in TYPES:
        raise Invalid(_("There is no such kind of question. Choose one of the list."), field=f"{field}.type")
    if not isinstance(given.get("required", False), bool):
        raise Invalid(_("Say whether an answer is required: yes or no."), field=f"{field}.required")
    asked = {
        "id": name,
        "type": kind,
        "label": _words(given.get("label"), f"{field}.label", 200, least=1),
        "required": given.get("required", False),
        "help": _words(given.get("help", ""), f"{field}.help", 300),
        "choices": _choices(given.get("choices", []), field) if kind in ("choice", "many") else [],
    }
    if given.get("confirms"):
        asked["confirms"] = _confirms(given["confirms"], kind, field)
    if kind == "consent":
        text = given.get("text", "")
        if not isinstance(text, str):
            raise Invalid(_("This has to be a text."), field=f"{field}.text")
        asked["text"] = clean_text(text, f"{field}.text", most=4000, lines=True)
        asked["version"] = _words(given.get("version", ""), f"{field}.version", 20) or "1"
    return asked


def _confirms(given: Any, kind: str, field: str) -> str:
    """Return the identity field a question confirms: a date for the date of birth, a text for the others."""
    if given not in IDENTITY_FIELDS or kind != ("date" if given == "birth_date" else "text"):
        words = _("This question cannot tell who somebody is. Choose a date for a date of birth, a text for others.")
        raise Invalid(words, field=f"{field}.confirms")
    return str(given)


def _choices(given: Any, field: str) -> list[str]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_CHOICES:
        raise Invalid(_("This question needs 1 to 30 choices."), field=f"{field}.choices")
    choices = [_words(choice, f"{field}.choices", 120, least=1) for choice in given]
    if len(set(choices)) < len(choices):
        raise Invalid(_("Two choices are the same. Leave one out."), field=f"{field}.choices")
    return choices


def _words(given: Any, field: str, most: int, least: int = 0) -> str:
    if not isinstance(given, str):
        raise Invalid(_("This has to be a text."), field=field)
    return clean_text(given, field, most=most, least=least)


def _text(question: Mapping[str, Any], answer: Any, field: str) -> str:
    return _words(answer, field, 200)


def _long_text(question: Mapping[str, Any], answer: Any, field: str) -> str:
    if not isinstance(answer, str):
        raise Invalid(_("This has to be a text."), field=field)
    return clean_text(answer, field, most=2000, lines=True)


def _choice(question: Mapping[str, Any], answer: Any, field: str) -> str:
    if not isinstance(answer, str) or answer not in question["choices"]:
        raise Invalid(_("Choose one of the answers offered."), field=field)
    return answer


def _many(question: Mapping[str, Any], answer: Any, field: str) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        raise Invalid(_("Choose some of the answers offered."), field=field)
    if not set(answer) <= set(question["choices"]):
        raise Invalid(_("Choose some of the answers offered."), field=field)
    return [choice for choice in question["choices"] if choice in answer]


def _number(question: Mapping[str, Any], answer: Any, field: str) -> int | float:
    try:
        if isinstance(answer, bool) or (isinstance(answer, str) and len(answer) > 20):
            raise ValueError
        number = float(answer)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(_("Enter a number, such as 12 or 12.5."), field=field) from error
    if not math.isfinite(number) or abs(number) > 1e12:
        raise Invalid(_("Enter a smaller number."), field=field)
    return int(number) if number.is_integer() else number


def _date(question: Mapping[str, Any], answer: Any, field: str) -> str:
    try:
        return date.fromisoformat(answer if isinstance(answer, str) and len(answer) == 10 else "").isoformat()
    except ValueError as error:
        raise Invalid(_("Enter a date as year-month-day, such as 1980-05-31."), field=field) from error


def _file(question: Mapping[str, Any], answer: Any, field: str) -> str:
    if not isinstance(answer, str) or not _DOCUMENT.fullmatch(answer):
        raise Invalid(_("This file did not arrive. Choose it again."), field=field)
    return answer


def _consent(question: Mapping[str, Any], answer: Any, field: str) -> bool:
    if answer not in (True, "on", "true", "yes"):
        raise Invalid(_("Tick the box to agree, or leave it empty."), field=field)
    return True


_ANSWERS: dict[str, Callable[[Mapping[str, Any], Any, str], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "choice": _choice,
    "many": _many,
    "number": _number,
    "date": _date,
    "file": _file,
    "consent": _consent,
}
