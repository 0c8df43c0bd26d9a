"""One answer as programs and spreadsheets read it."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from vestibule.booking.models import Appointment
from vestibule.booking.transfer import tables
from vestibule.experience.models import SurveyAnswer

COLUMNS = (
    "at",
    "audience",
    "question_id",
    "question",
    "kind",
    "score",
    "chosen",
    "comment",
    "service",
    "provider",
    "appointment",
    "visit",
)


def told(row: SurveyAnswer) -> dict[str, Any]:
    """Return an answer with what it is about, by the names of COLUMNS. Who gave it is told by nothing but the visit."""
    appointment: Appointment | None = getattr(row.participant.meeting, "appointment", None)
    return {
        "at": row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "audience": row.question.audience,
        "question_id": row.question.ref,
        "question": row.question_text,
        "kind": row.question.kind,
        "score": row.score,
        "chosen": row.chosen,
        "comment": row.comment,
        "service": appointment.service.slug if appointment is not None else None,
        "provider": appointment.provider.slug if appointment is not None else None,
        "appointment": appointment.ref if appointment is not None else None,
        "visit": row.participant.meeting.ref,
    }


def lines(answers: Iterable[SurveyAnswer]) -> Iterator[str]:
    """Yield answers as lines of CSV, what was chosen as ids with blanks between, made inert for spreadsheets."""
    return tables.written(COLUMNS, ([_cell(told(row)[name]) for name in COLUMNS] for row in answers))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)
