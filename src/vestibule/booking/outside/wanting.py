"""That an appointment is to stand in the scheduler outside as it does here, or no more; noted with the change itself.

One row for each appointment. What exactly is to stand there is read when it is brought, so that of several changes in a
row the last is brought alone. Requests wait until they are approved.
"""

from typing import Any

from django.db.models import F

from vestibule.booking.models import Appointment, OutsideAppointment, SchedulerLink
from vestibule.booking.outside import linking, waking
from vestibule.store import clock
from vestibule.store.transactions import after_commit

State = OutsideAppointment.State


def want(appointment: Appointment) -> None:
    """Let an appointment stand outside as it is now. No query where the business has no link."""
    link = linking.of(appointment.business)
    if link is None or appointment.status not in Appointment.ACTIVE:
        return
    if _again(appointment, is_wanted=True) or not SchedulerLink.objects.filter(pk=link, is_on=True).exists():
        return
    OutsideAppointment.objects.get_or_create(
        appointment=appointment, defaults={"business_id": appointment.business_id, "link_id": link}
    )
    after_commit(waking.wake)


def withdraw(appointment: Appointment) -> None:
    """Let an appointment stand outside no more. No query where the business has no link."""
    if linking.of(appointment.business) is not None:
        _again(appointment, is_wanted=False)


def _again(appointment: Appointment, *, is_wanted: bool) -> bool:
    """Let a row be brought anew, if there is one."""
    if OutsideAppointment.objects.filter(appointment=appointment).update(
        wanted=F("wanted") + 1, is_wanted=is_wanted, **anew()
    ):
        after_commit(waking.wake)
        return True
    return False


def anew() -> dict[str, Any]:
    """Return what lets a row be brought at once. How often it was tried stays: something may stand there already."""
    return {"state": State.QUEUED, "next_at": clock.now(), "leased_by": "", "leased_until": None, "problem": ""}
