"""Answers to a service's questions as Bookings has them: texts, and options that were chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.api.graph import values
from vestibule.api.graph.bookings_questions import all_of, by_service
from vestibule.api.graph.values import Json
from vestibule.booking.models import Service
from vestibule.people.errors import Invalid
from vestibule.people.models import Business

Names = Mapping[tuple[str, str], str]
CHOSEN = ("choice", "many")
_YES = ("true", "yes", "1", "on")


def names_of(business: Business) -> Names:
    """Return what the questions of a business are called here, by the service that asks them and what it calls them."""
    return {key: one.id for key, one in by_service(all_of(business)).items()}


def told_answers(service: Service, answers: Mapping[str, Any], names: Names) -> list[Json]:
    """Write the questions of a service with what was answered, but for those that Bookings does not know."""
    return [
        _told(names[service.ref, one["id"]], one, answers.get(one["id"]))
        for one in service.questions
        if (service.ref, one["id"]) in names
    ]


def read_answers(service: Service, given: Any, names: Names, field: str) -> dict[str, Any]:
    """Read answers by the ids of our questions. Raises Invalid for a question that this service does not ask.

    A question is known by its id, else by its words: programs keep ids of elsewhere.
    """
    found: dict[str, Any] = {}
    for at, one in enumerate(values.objects(given, field)):
        question = _question(service, one, names)
        if question is None:
            words = "This service asks no such question. Read its customQuestions, and leave this one out."
            raise Invalid(words, field=f"{field}/{at}/questionId")
        found[question["id"]] = _answer(question, one, f"{field}/{at}")
    return found


def _told(id: str, question: Mapping[str, Any], answer: Any) -> Json:
    is_chosen = question["type"] in CHOSEN
    picked = answer if isinstance(answer, list) else [] if answer is None else [str(answer)]
    words = "" if answer is None else ", ".join(picked)
    if isinstance(answer, bool):
        words = "true" if answer else "false"
    return {
        "questionId": id,
        "question": question["label"],
        "answerInputType": "radioButton" if is_chosen else "text",
        "answerOptions": list(question.get("choices", [])) if is_chosen else [],
        "isRequired": bool(question["required"]),
        "answer": words,
        "selectedOptions": picked if is_chosen else [],
    }


def _question(service: Service, given: Json, names: Names) -> Mapping[str, Any] | None:
    id = str(given.get("questionId") or "").strip().casefold()
    words = str(given.get("question") or "").strip().casefold()
    asked: Sequence[Mapping[str, Any]] = service.questions
    by_id = (one for one in asked if id and id in (names.get((service.ref, one["id"])), one["id"]))
    by_words = (one for one in asked if words and one["label"].casefold() == words)
    return next(by_id, None) or next(by_words, None)


def _answer(question: Mapping[str, Any], given: Json, field: str) -> Any:
    said = values.text(given.get("answer"), f"{field}/answer", 2000, lines=True)
    picked = values.texts(given.get("selectedOptions"), f"{field}/selectedOptions", most=50)
    match question["type"]:
        case "many":
            return picked or ([said] if said else [])
        case "choice":
            return picked[0] if picked else said
        case "consent":
            return said.casefold() in _YES
    return said
