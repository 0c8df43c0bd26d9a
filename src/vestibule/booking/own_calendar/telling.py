"""Whoever subscribed to a provider's calendar is told when appointments in it come, change and go."""

from collections.abc import Iterable

from vestibule.booking.models import Appointment
from vestibule.people.models import Provider
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.outbox import Event


def came(appointment: Appointment, team: Iterable[Provider]) -> None:
    """Tell that an appointment stands in the calendars of `team` now. Inside the block of the change, as the others."""
    _tell(Kind.APPOINTMENT_CREATED, appointment, team)


def changed(appointment: Appointment, team: Iterable[Provider]) -> None:
    """Tell that an appointment in the calendars of `team` is another now."""
    _tell(Kind.APPOINTMENT_UPDATED, appointment, team)


def went(appointment: Appointment, team: Iterable[Provider]) -> None:
    """Tell that an appointment is in the calendars of `team` no more."""
    _tell(Kind.APPOINTMENT_DELETED, appointment, team)


def moved(appointment: Appointment, former: Iterable[Provider], team: Iterable[Provider]) -> None:
    """Tell everybody's subscribers of an appointment that was `former`'s and is `team`'s."""
    before, now = {one.pk: one for one in former}, {one.pk: one for one in team}
    went(appointment, [one for key, one in before.items() if key not in now])
    changed(appointment, [one for key, one in now.items() if key in before])
    came(appointment, [one for key, one in now.items() if key not in before])


def time_off(kind: Kind, business_id: int, ref: str, providers: Iterable[str]) -> None:
    """Tell that time off came into, or went from, the calendars of `providers` (their references)."""
    if not outbox.is_heard(business_id, kind):
        return
    for provider in providers:
        facts = {"appointment": f"o-{ref}", "provider": provider, "version": 0}
        outbox.tell(business_id, Event(kind, f"providers/{provider}/appointments/o-{ref}", facts))


def _tell(kind: Kind, appointment: Appointment, team: Iterable[Provider]) -> None:
    for one in team:
        facts = {"appointment": appointment.ref, "provider": one.ref, "version": appointment.version}
        outbox.tell(appointment.business_id, Event(kind, f"providers/{one.ref}/appointments/{appointment.ref}", facts))
