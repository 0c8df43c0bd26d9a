"""The questions of a business as Bookings tells them: one list, of which services name some.

Here each service holds what it asks. Services that ask the same in the same words ask one question; where words differ
they ask two. A consent or a file is no question that a program of Bookings could ask, and stays untouched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from vestibule.api.graph import values
from vestibule.api.graph.values import Json
from vestibule.booking.models import Service, SharedQuestion
from vestibule.people.errors import Invalid
from vestibule.people.models import Business

TYPE = "#microsoft.graph.bookingCustomQuestion"
INPUTS = ("text", "radioButton")
TOLD = frozenset({"text", "long_text", "choice", "many", "number", "date"})
MOST_LABEL, MOST_CHOICE = 200, 120
_HOME = UUID("0ad1a6f2-9a55-4c0e-8a5f-5d1c6a0f7b21")
"""Ids are made of ours by it, so that they stay without being stored."""


@dataclass(frozen=True)
class Asked:
    """A question: its id for programs, how it is asked, by which services, and its row where a program made it."""

    id: str
    question: Mapping[str, Any]
    services: tuple[Service, ...]
    row: SharedQuestion | None

    def told(self) -> Json:
        """Return it as Bookings does."""
        there: Json = {
            "@odata.type": TYPE,
            "id": self.id,
            "displayName": self.question["label"],
            "answerInputType": "radioButton" if self.question["choices"] else "text",
            "answerOptions": list(self.question["choices"]),
        }
        if self.row is not None:
            there["createdDateTime"] = values.written_moment(self.row.created_at)
            there["lastUpdatedDateTime"] = values.written_moment(self.row.changed_at)
        return there


def all_of(business: Business) -> list[Asked]:
    """Return every question of a business: those programs made, then those staff wrote, in the order of services."""
    found: dict[str, Asked] = {}
    leads: dict[str, tuple[Any, ...]] = {}
    for row in SharedQuestion.objects.filter(business=business):
        question = _of_row(row)
        leads[row.question_id] = _content(question)
        id = _id(business, row.question_id)
        found[id] = Asked(id, question, (), row)
    for service in Service.objects.filter(business=business, is_active=True).select_related("business"):
        for one in service.questions:
            if one["type"] not in TOLD:
                continue
            same = leads.setdefault(one["id"], _content(one)) == _content(one)
            id = _id(business, one["id"]) if same else _id(business, one["id"], service.ref)
            known = found.get(id)
            found[id] = (
                Asked(id, known.question, (*known.services, service), known.row)
                if known is not None
                else Asked(id, one, (service,), None)
            )
    return list(found.values())


def by_service(questions: Sequence[Asked]) -> Mapping[tuple[str, str], Asked]:
    """Return questions by the reference of a service that asks them and what it calls them."""
    return {(service.ref, one.question["id"]): one for one in questions for service in one.services}


def of_service(service: Service, questions: Sequence[Asked]) -> list[Json]:
    """Return which questions a service asks, and whether an answer is required."""
    known = by_service(questions)
    return [
        {"questionId": known[service.ref, one["id"]].id, "isRequired": bool(one["required"])}
        for one in service.questions
        if (service.ref, one["id"]) in known
    ]


def wanted_of(given: Any, now: Sequence[Mapping[str, Any]], questions: Sequence[Asked], field: str) -> list[Json]:
    """Return what a service is to ask: what a program names, and what it asks that no program can name.

    Raises Invalid for a question that is not of the business, or named twice.
    """
    known = {one.id: one for one in questions}
    here = {one["id"]: one for one in now}
    wanted: list[Json] = []
    for at, one in enumerate(values.objects(given, field)):
        id = str(one.get("questionId") or "").strip().casefold()
        if id not in known:
            raise Invalid("There is no such question in this business.", field=f"{field}/{at}/questionId")
        asked = known[id].question
        before = here.get(asked["id"])
        held = before if before is not None and _content(before) == _content(asked) else asked
        required = values.yes_or_no(one.get("isRequired", False), f"{field}/{at}/isRequired")
        wanted.append({**held, "required": required})
    if len({one["id"] for one in wanted}) < len(wanted):
        raise Invalid("Each question is asked once.", field=field)
    return [*wanted, *(dict(one) for one in now if one["type"] not in TOLD)]


def read(body: Json, before: Mapping[str, Any] | None = None) -> Json:
    """Return a question of what a program wrote, over what it was `before`: `type`, `label`, `choices`.

    Raises Invalid naming the member.
    """
    found: Json = dict(before) if before is not None else {"type": "text", "label": "", "choices": []}
    if "displayName" in body or before is None:
        found["label"] = values.text(body.get("displayName"), "displayName", MOST_LABEL)
        if not found["label"]:
            raise Invalid("A question needs a displayName.", field="displayName")
    was = "radioButton" if found["choices"] else "text"
    kind = was
    if body.get("answerInputType") is not None:
        kind = values.choice(body["answerInputType"], INPUTS, "answerInputType") or was
    options = values.texts(body["answerOptions"], "answerOptions") if "answerOptions" in body else found["choices"]
    if kind == "radioButton":
        found["choices"] = [values.text(one, "answerOptions", MOST_CHOICE) for one in options]
        found["type"] = "many" if found["type"] == "many" else "choice"
        if not found["choices"]:
            raise Invalid("Radio buttons need answerOptions to choose from.", field="answerOptions")
    elif was != kind:
        found |= {"type": "text", "choices": []}
    return found


def _of_row(row: SharedQuestion) -> Json:
    kind = "choice" if row.choices else "text"
    common = {"id": row.question_id, "type": kind, "label": row.label, "choices": list(row.choices)}
    return {**common, "required": False, "help": ""}


def _content(question: Mapping[str, Any]) -> tuple[Any, ...]:
    return question["type"], question["label"], tuple(question["choices"])


def _id(business: Business, *parts: str) -> str:
    return str(uuid5(_HOME, "/".join((business.ref, *parts))))
