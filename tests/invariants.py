"""What must hold in every database at every moment, read from the rows alone: `python -m tests.invariants`.

Run it after load, and after processes were killed. Each check yields one sentence for each thing that is wrong.
"""

import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.servers import run_module

Check = Callable[[], Iterator[str]]
Stretch = tuple[int, int, int]
REMINDERS = (("reminder", "email", timedelta(hours=24)), ("reminder", "sms", timedelta(hours=1)))
GONE = ("dropped",)
_CHANGING = ("moved", "cancelled", "cannot_come", "declined", "expired")
CHANGES = frozenset(f"appointment.{word}" for word in _CHANGING)


def broken_in(folder: Path, env: dict[str, str] | None = None) -> list[str]:
    """Check the database of a data folder (or of `env`) in a process of its own; return what is wrong."""
    found: list[str] = json.loads(run_module("tests.invariants", data=folder, env=env).stdout)
    return found


def overlaps(stretches: Iterable[Stretch]) -> Iterator[tuple[Stretch, Stretch]]:
    """Yield pairs of (provider or unit, start, end) that share time; ends are exclusive."""
    by_provider: dict[int, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        by_provider[stretch[0]].append(stretch)
    for mine in by_provider.values():
        latest: Stretch | None = None
        for stretch in sorted(mine):
            if latest is not None and stretch[1] < latest[2]:
                yield latest, stretch
            latest = stretch if latest is None or stretch[2] > latest[2] else latest


def nobody_is_booked_twice() -> Iterator[str]:
    from vestibule.booking.models import Occupancy

    rows = Occupancy.objects.filter(is_active=True).values_list("provider_id", "start_minute", "end_minute")
    for one, other in overlaps(rows):
        yield f"provider {one[0]} is used from {one[1]} to {one[2]} and from {other[1]} to {other[2]}"


def no_unit_is_used_twice() -> Iterator[str]:
    """What is lent is lent once at a time, for exactly as long as whoever it is lent for is in use."""
    from vestibule.booking.models import ResourceUse

    rows = ResourceUse.objects.filter(is_active=True).values_list("unit_id", "start_minute", "end_minute")
    for one, other in overlaps(rows):
        yield f"unit {one[0]} is used from {one[1]} to {one[2]} and from {other[1]} to {other[2]}"
    for use in ResourceUse.objects.select_related("occupancy", "unit__resource"):
        row = use.occupancy
        if (use.start_minute, use.end_minute, use.is_active) != (row.start_minute, row.end_minute, row.is_active):
            yield f"use {use.pk} of unit {use.unit_id} does not follow occupancy {row.pk}"
        if use.unit.resource.business_id != row.business_id:
            yield f"use {use.pk} lends a unit of another business"


def no_session_is_oversold() -> Iterator[str]:
    from vestibule.booking.models import Occupancy

    for row in Occupancy.objects.filter(is_active=True).select_related("service").prefetch_related("seats"):
        numbers = [seat.number for seat in row.seats.all()]
        if not numbers:
            yield f"occupancy {row.pk} blocks time for nobody"
        if len(numbers) != len(set(numbers)) or len(numbers) > row.service.seats:
            yield f"occupancy {row.pk} has seats {numbers} of {row.service.seats}"


def used_time_is_that_of_appointments() -> Iterator[str]:
    """Whoever is expected has time in use for exactly the length booked; the cancelled have none."""
    from vestibule.booking.models import Appointment

    for appointment in Appointment.objects.prefetch_related("seats__occupancy"):
        used = [seat.occupancy for seat in appointment.seats.all() if seat.occupancy.is_active]
        shown = {(row.shown_start, row.shown_end) for row in used}
        booked = {(appointment.start_minute, appointment.end_minute)}
        if appointment.status in Appointment.ACTIVE and shown != booked:
            yield f"appointment {appointment.ref} is booked for {booked} and uses {shown}"
        if appointment.status == Appointment.Status.CANCELLED and used:
            yield f"appointment {appointment.ref} is cancelled and still uses {shown}"


def each_participant_has_one_link() -> Iterator[str]:
    from vestibule.booking.models import Appointment
    from vestibule.meetings.models import Participant
    from vestibule.people.models import CapabilityLink
    from vestibule.store import clock

    live = CapabilityLink.objects.filter(revoked_at__isnull=True, expires_at__gt=clock.now())
    counts = Counter(live.values_list("subject", "purpose"))
    for appointment in Appointment.objects.all():
        invited = Participant.objects.filter(meeting_id=appointment.meeting_id)
        seats = invited.exclude(kind="helper", state="removed").values_list("ref", flat=True)
        is_active = appointment.status in Appointment.ACTIVE
        if is_active and counts[appointment.ref, "manage"] != 1:
            yield f"appointment {appointment.ref} has {counts[appointment.ref, 'manage']} links to manage it"
        for seat in seats:
            wanted = {1} if is_active else {0} if appointment.status == "cancelled" else {0, 1}
            if counts[seat, "visit"] not in wanted:
                yield f"participant {seat} of a {appointment.status} appointment has {counts[seat, 'visit']} links"


def each_appointment_is_told_once() -> Iterator[str]:
    """One confirmation, and one set of reminders where there was time for them; none due once it is cancelled.

    A series is confirmed by one mail about all of it; a request is not confirmed before it is approved. Whoever gave no
    address is told nothing by mail, and who is written to by a scheduler outside nothing by us.
    """
    from vestibule.booking.models import Appointment
    from vestibule.booking.outside import linking
    from vestibule.notifications.models import OutboxMessage

    rows = OutboxMessage.objects.exclude(state__in=GONE).values_list("subject_ref", "kind", "channel", "to")
    told = Counter(rows)
    due = set(OutboxMessage.objects.filter(state="queued").values_list("subject_ref", "kind"))
    for one in Appointment.objects.select_related("business", "service"):
        if one.status == Appointment.Status.CANCELLED:
            left = [kind for ref, kind in due if ref == one.ref and kind.startswith("reminder")]
            if left:
                yield f"appointment {one.ref} is cancelled and {left} are still due"
            continue
        if one.status == Appointment.Status.REQUESTED:
            continue
        confirmed = sum(told[ref, kind, "email", one.email] for ref, kind in _confirmations_of(one))
        is_ours = not linking.tells_consumers(one)
        if one.version == 0 and confirmed != (1 if one.email and is_ours else 0):
            yield f"appointment {one.ref} is confirmed {confirmed} times"
        for kind, channel, ahead in REMINDERS:
            to = one.email if channel == "email" else one.phone
            wanted = 1 if to and is_ours and one.version == 0 and one.created_at < one.start - ahead else 0
            if to and one.version == 0 and told[one.ref, kind, channel, to] != wanted:
                yield f"appointment {one.ref} has {told[one.ref, kind, channel, to]} {kind}, not {wanted}"


def _confirmations_of(one: Any) -> list[tuple[str, str]]:
    """Where an appointment may be confirmed: (what the mail is about, its kind)."""
    if one.series_id is None:
        return [(one.ref, "confirmation")]
    return [(each.ref, "series_booked") for each in one.series.appointments.all()]


def each_change_is_in_the_trail_once() -> Iterator[str]:
    from vestibule.booking.models import Appointment
    from vestibule.people.models import AuditEntry

    rows = AuditEntry.objects.filter(subject_kind="appointment").order_by("pk").values_list("subject_ref", "action")
    trail: dict[str, list[str]] = defaultdict(list)
    for ref, action in rows:
        trail[ref].append(action)
    for one in Appointment.objects.prefetch_related("status_changes"):
        actions = trail.pop(one.ref, [])
        changes = [action for action in actions if action in CHANGES]
        begins = [action for action in actions if action in {"appointment.booked", "appointment.requested"}]
        if len(begins) != 1 or actions[:1] != begins:
            yield f"appointment {one.ref} begins with {actions[:1]} in the trail"
        if len(changes) != one.version:
            yield f"appointment {one.ref} was changed {one.version} times, the trail tells {changes}"
        statuses = [change.status for change in one.status_changes.all()]
        if statuses[-1:] != [one.status] or any(before == after == "cancelled" for before, after in pairwise(statuses)):
            yield f"appointment {one.ref} is {one.status}, its history says {statuses}"
    for ref in trail:
        yield f"the trail tells of appointment {ref}, which does not exist"


def nothing_crosses_tenants() -> Iterator[str]:
    from vestibule.booking.models import Appointment, Seat
    from vestibule.notifications.models import OutboxMessage

    for one in Appointment.objects.select_related("service", "provider", "consumer", "meeting"):
        parts = [one.service, one.provider, one.consumer, *([one.meeting] if one.meeting else [])]
        if {part.business_id for part in parts} != {one.business_id}:
            yield f"appointment {one.ref} mixes businesses"
    for seat in Seat.objects.select_related("occupancy", "appointment").filter(appointment__isnull=False):
        assert seat.appointment is not None
        if seat.occupancy.business_id != seat.appointment.business_id:
            yield f"seat {seat.pk} mixes businesses"
    businesses = dict(Appointment.objects.values_list("ref", "business_id"))
    for ref, business in OutboxMessage.objects.values_list("subject_ref", "business_id"):
        if ref in businesses and businesses[ref] != business:
            yield f"a message about appointment {ref} belongs to another business"


CHECKS: tuple[Check, ...] = (
    nobody_is_booked_twice,
    no_unit_is_used_twice,
    no_session_is_oversold,
    used_time_is_that_of_appointments,
    each_participant_has_one_link,
    each_appointment_is_told_once,
    each_change_is_in_the_trail_once,
    nothing_crosses_tenants,
)


def broken() -> list[str]:
    """Return a sentence for each thing that is wrong in the database Django is connected to."""
    return [f"{check.__name__}: {sentence}" for check in CHECKS for sentence in check()]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    json.dump(broken(), sys.stdout)


if __name__ == "__main__":
    main()
