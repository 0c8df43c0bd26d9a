"""The audit trail: one entry per change, in the transaction of the change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Actor
from vestibule.store import clock, rows

_noting: ContextVar[list[int] | None] = ContextVar("noting", default=None)


def record(
    actor: Actor,
    business_id: int,
    action: str,
    subject_kind: str,
    subject_ref: str,
    *,
    summary: str = "",
    **details: Any,
) -> None:
    """Write that `actor` did `action` (such as `appointment.moved`) to a subject, with JSON-able `details`.

    Call it inside the writing block of the change. Never pass secrets, tokens or answers to intake questions.
    """
    entry = AuditEntry(
        business_id=business_id,
        at=clock.now(),
        actor_kind=actor.kind.value,
        actor_label=actor.label[:160],
        action=action,
        subject_kind=subject_kind,
        subject_ref=subject_ref,
        summary=summary[:300],
        details=details,
    )
    rows.insert([entry])
    noted = _noting.get()
    if noted is not None:
        noted.append(entry.pk)


@contextmanager
def noting() -> Iterator[list[int]]:
    """Yield a list that is filled with the keys of the entries written in the block, in this thread."""
    noted: list[int] = []
    before = _noting.set(noted)
    try:
        yield noted
    finally:
        _noting.reset(before)
