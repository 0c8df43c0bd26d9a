"""What a consumer still owes before the visit: answers, consents and files that the service asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vestibule.booking.models import Appointment

CONSENT, FILE = "consent", "file"


@dataclass(frozen=True)
class Preparation:
    """How far a consumer has prepared: how many questions, consents and files that must be there are missing.

    `asks` tells whether the service asks for anything at all; `optional` counts what may be left out and is.
    """

    asks: bool
    questions: int = 0
    consents: int = 0
    files: int = 0
    optional: int = 0

    @property
    def due(self) -> int:
        """How many things must still be done."""
        return self.questions + self.consents + self.files

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is missing that must be there."""
        return self.due == 0

    def as_json(self) -> dict[str, Any]:
        """Return what staff are shown: `{"done", "questions", "consents", "files"}`, the numbers of what is missing."""
        return {"done": self.is_done, "questions": self.questions, "consents": self.consents, "files": self.files}


def preparation_of(appointment: Appointment, *, by_visit_link: bool = False) -> Preparation:
    """Return what is still to be done for `appointment`. Reads its service and its own answers, nothing else.

    `by_visit_link`: what whoever holds the visit's link may do of it, as `unanswered` has it.
    """
    asked = appointment.service.questions
    if not asked:
        return Preparation(asks=False)
    left = list(unanswered(appointment, by_visit_link=by_visit_link))
    missing = [str(question["type"]) for question in left if question["required"]]
    optional = len(left) - len(missing)
    consents, files = missing.count(CONSENT), missing.count(FILE)
    return Preparation(True, len(missing) - consents - files, consents, files, optional)


def unanswered(appointment: Appointment, *, by_visit_link: bool = False) -> Iterator[Mapping[str, Any]]:
    """Yield the questions of the service that have no answer yet, in their order; a consent not given has none.

    `by_visit_link` leaves out those by whose answers somebody is recognised: whoever came by that link would only be
    compared with themselves.
    """
    for question in appointment.service.questions:
        if by_visit_link and question.get("confirms"):
            continue
        answer = appointment.answers.get(question["id"])
        if answer is None or answer is False or answer in ("", []):
            yield question
