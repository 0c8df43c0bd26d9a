"""What an appointment may become: booked at once or on approval; arrived, waiting, in visit; then how it ended.

How it ended is set by what happened, and may be put right by staff: `OVER` lists those.
"""

from vestibule.booking.errors import AlreadyCancelled, WrongStatus
from vestibule.booking.models import Appointment, StatusChange
from vestibule.people.permissions import Actor
from vestibule.store import clock, rows

S = Appointment.Status
OVER = frozenset({S.COMPLETED, S.NO_SHOW, S.NOT_SEEN})
NEXT: dict[str, frozenset[str]] = {
    S.REQUESTED: frozenset({S.BOOKED, S.CANCELLED}),
    S.BOOKED: frozenset({S.ARRIVED, S.WAITING, S.IN_VISIT, S.COMPLETED, S.NO_SHOW, S.CANCELLED}),
    S.ARRIVED: frozenset({S.WAITING, S.IN_VISIT, S.COMPLETED, S.NO_SHOW, S.NOT_SEEN, S.CANCELLED}),
    S.WAITING: frozenset({S.ARRIVED, S.IN_VISIT, S.COMPLETED, S.NO_SHOW, S.NOT_SEEN, S.CANCELLED}),
    S.IN_VISIT: frozenset({S.WAITING, S.COMPLETED, S.NOT_SEEN}),
    S.COMPLETED: frozenset({S.NO_SHOW, S.NOT_SEEN}),
    S.NO_SHOW: frozenset({S.COMPLETED, S.NOT_SEEN, S.ARRIVED, S.WAITING, S.IN_VISIT}),
    S.NOT_SEEN: frozenset({S.COMPLETED, S.NO_SHOW, S.ARRIVED, S.WAITING, S.IN_VISIT}),
    S.CANCELLED: frozenset(),
}


def require(appointment: Appointment, wanted: str) -> None:
    """Raise AlreadyCancelled or WrongStatus unless `appointment` may become `wanted` from where it is."""
    if wanted in NEXT[appointment.status]:
        return
    if appointment.status == S.CANCELLED:
        raise AlreadyCancelled
    raise WrongStatus(appointment.status)


def become(actor: Actor, appointment: Appointment, wanted: str) -> None:
    """Take `appointment` (locked) to `wanted` and note who did it, when. The caller saves other fields."""
    require(appointment, wanted)
    appointment.status = wanted
    note(actor, appointment)
    appointment.save(update_fields=["status"])


def note(actor: Actor, appointment: Appointment) -> StatusChange:
    """Write down who took `appointment` to the status it has."""
    change = StatusChange(
        appointment=appointment,
        status=appointment.status,
        at=clock.now(),
        by_kind=actor.kind.value,
        by_label=actor.label[:160],
    )
    rows.insert([change])
    return change
