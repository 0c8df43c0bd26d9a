"""Writing down what was read of a scheduler outside: its appointments become ours, its busy time is kept as such.

Each appointment is settled in a transaction of its own, so that bookings come in between; what could not become one of
ours is kept as a stray and its time as busy.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from vestibule.booking.errors import AlreadyCancelled, WrongStatus
from vestibule.booking.models import Appointment, OutsideAppointment, OutsideStray, SchedulerLink
from vestibule.booking.outside import busy_time, following, placing, settling, wanting
from vestibule.booking.outside.deciding import Agreed, Standing
from vestibule.booking.outside.reading import Read
from vestibule.booking.outside.standing import PROVIDER, Names, NotNamed, theirs
from vestibule.booking.ports import TheirAppointment
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

State = OutsideAppointment.State
BROKEN = "broken"
MOST_TAKEN_UP = 500
MOST_AT_ONCE = 8
"""Appointments that change places in one go."""


def take(link: SchedulerLink, read: Read, names: Names, is_mine: Callable[[], bool]) -> None:
    """Bring our appointments to what was read. `is_mine` tells, inside each transaction, whether the lease holds."""
    if read.appointments is None:
        return
    rows = _rows(link, read)
    for told in read.appointments:
        if not done(partial(_take, link, told, rows, names), is_mine):
            done(partial(_stray, link, told, names, BROKEN), is_mine)
    if not _is_held_back(link, read, is_mine):
        for id in read.gone:
            if id in rows.by_id:
                done(partial(_gone, link, rows.by_id[id], names), is_mine)
    _change_places(link, read, names, is_mine)
    with writing():
        if is_mine():
            _forget_strays(link, read)
            _take_up(link)


def _is_held_back(link: SchedulerLink, read: Read, is_mine: Callable[[], bool]) -> bool:
    """Tell whether what is missing is not cancelled here before staff say so; keep how much it is."""
    with writing():
        if not is_mine():
            return True
        known = SchedulerLink.objects.filter(pk=link.pk)
        held_before, may_cancel = known.values_list("held_back", "may_cancel").get()
        is_held_back = read.lacks_most and not may_cancel
        held_back = read.missing if is_held_back else 0
        if held_before != held_back or (may_cancel and not read.lacks_most):
            known.update(held_back=held_back, may_cancel=may_cancel and read.lacks_most)
        return is_held_back


def done(do: Callable[[], None], is_mine: Callable[[], bool]) -> bool:
    """Do one thing in a transaction of its own; tell whether it went well. A fault of ours must not stop the others."""
    try:
        with writing():
            if is_mine():
                do()
    except Exception:
        log.exception("an appointment of a scheduler outside cannot be taken over")
        return False
    return True


class _Rows:
    """What is known of appointments there: rows by id in small letters, and by our key."""

    def __init__(self, rows: Iterable[OutsideAppointment]) -> None:
        self.by_id: dict[str, OutsideAppointment] = {}
        self.by_key: dict[str, OutsideAppointment] = {}
        for row in rows:
            self.by_key[row.appointment.ref] = row
            if row.external_id:
                self.by_id[row.external_id.casefold()] = row


def _rows(link: SchedulerLink, read: Read) -> _Rows:
    """Return the rows that what was read may be about."""
    told = read.appointments or ()
    keys = [one.key for one in told if one.key]
    ids = [*(one.id for one in told), *(read.reading.expected[id] for id in read.gone)]
    known = OutsideAppointment.objects.filter(link=link).select_related("appointment")
    found: dict[int, OutsideAppointment] = {}
    for first in range(0, max(len(keys), len(ids)), 400):
        for row in known.filter(external_id__in=ids[first : first + 400]):
            found[row.pk] = row
        for row in known.filter(appointment__ref__in=keys[first : first + 400]):
            found[row.pk] = row
    return _Rows(found.values())


def _take(link: SchedulerLink, told: TheirAppointment, rows: _Rows, names: Names) -> None:
    known = rows.by_id.get(told.id.casefold())
    by_key = rows.by_key.get(told.key) if told.key else None
    if known is None and by_key is not None and not by_key.external_id:
        known = by_key
    if known is None:
        _new(link, told, names)
        return
    if _is_as_seen(known, told):
        return
    row = settling.locked(known.pk)
    if row is None:
        return
    base = Agreed.read(row.seen)
    if row.external_id.casefold() != told.id.casefold():  # its answer was lost: what we told is what stood there first
        first = base.here or theirs(told)
        base = Agreed(first, first)
    settling.settle(link, row, base, told, names)


def _is_as_seen(row: OutsideAppointment, told: TheirAppointment) -> bool:
    """Tell whether an appointment stands there as it was known to: then our own changes are a matter of delivery."""
    seen = Agreed.read(row.seen).there
    return (
        row.external_id.casefold() == told.id.casefold()
        and seen is not None
        and seen == theirs(told)
        and (not told.join_url or row.join_url == told.join_url[:2000])
    )


def _change_places(link: SchedulerLink, read: Read, names: Names, is_mine: Callable[[], bool]) -> None:
    """Move appointments that stand in each other's way, since there they changed places: all at once, or in twos."""
    told = {one.id.casefold(): one for one in read.appointments or ()}
    rows = OutsideAppointment.objects.filter(link=link, seen__hindered__time=settling.TAKEN).order_by("appointment_id")
    waiting = [row for row in rows[:MOST_AT_ONCE] if row.external_id.casefold() in told]
    groups = [waiting, *combinations(waiting, 2)] if len(waiting) > 2 else [waiting]
    for group in groups:
        if len(group) > 1 and _changed_places(link, group, told, names, is_mine) and group is waiting:
            return


def _changed_places(
    link: SchedulerLink,
    group: Sequence[OutsideAppointment],
    told: Mapping[str, TheirAppointment],
    names: Names,
    is_mine: Callable[[], bool],
) -> bool:
    try:
        with writing():
            rows = [row for one in group if (row := settling.locked(one.pk)) is not None] if is_mine() else []
            known = {one.pk: one for one in Appointment.objects.filter(outside__in=rows)}
            placing.vacate(list(known.values()))
            for row in rows:
                there = told[row.external_id.casefold()]
                following.move(link, known[row.appointment_id], theirs(there), names)
                here = settling.standing(settling.read(row), names, None)
                settling.settle(link, row, Agreed(here, theirs(there)), there, names)
    except (placing.Taken, NotNamed, WrongStatus, AlreadyCancelled):
        return False
    return True


def _gone(link: SchedulerLink, known: OutsideAppointment, names: Names) -> None:
    row = settling.locked(known.pk)
    if row is not None and row.external_id == known.external_id:
        settling.settle(link, row, Agreed.read(row.seen), None, names)


def _new(link: SchedulerLink, told: TheirAppointment, names: Names) -> None:
    """Make an appointment of ours, tie it to one that is the same, or keep it as a stray."""
    if to_minute(told.end) <= to_minute(clock.now()):
        return  # over before it was known: nothing is to be done for it any more
    try:
        appointment = _same_here(link, told, names)
        if appointment is None:
            appointment = following.bring_in(link, told, names)
    except NotNamed as missing:
        _stray(link, told, names, missing.reason)
        return
    except placing.Taken:
        _stray(link, told, names, settling.TAKEN)
        return
    at = theirs(told)
    here = settling.standing(appointment, names, at)
    OutsideAppointment.objects.update_or_create(
        appointment=appointment,
        defaults={
            "business_id": link.business_id,
            "link": link,
            "external_id": told.id,
            "seen": Agreed(here, at).stored(),
            "join_url": told.join_url[:2000],
            "is_wanted": True,
            "state": State.DONE,
        },
    )
    _drop_strays(OutsideStray.objects.filter(link=link, external_id=told.id))


def _same_here(link: SchedulerLink, told: TheirAppointment, names: Names) -> Appointment | None:
    """Return an appointment of ours that is the same one and stands nowhere there, as when both were kept by hand."""
    service, team = following.parties(link.business_id, told, names)
    at = theirs(told)
    rows: Iterable[Appointment] = Appointment.objects.filter(
        business_id=link.business_id,
        service=service,
        provider=team[0],
        start_minute=at.start,
        status__in=Appointment.ACTIVE,
        outside__isnull=True,
    ).select_related("business", "service__location", "provider")
    for one in rows:
        here = settling.standing(one, names, None)
        if here is not None and (_same(here, at, "email") or _same(here, at, "name")):
            return one
    return None


def _same(one: Standing, other: Standing, part: str) -> bool:
    return bool(one.part(part)) and one.part(part) == other.part(part)


def _stray(link: SchedulerLink, told: TheirAppointment, names: Names, reason: str) -> None:
    """Keep what cannot be one of ours: shown to staff, and busy for whoever of its staff is known."""
    at = theirs(told)
    refs = [names.ours[PROVIDER].get(one.casefold(), "") for one in told.staff]
    busy = list(Provider.objects.filter(business_id=link.business_id, ref__in=refs).order_by("pk"))
    content = at.stored() | {"service_name": told.service_name[:160], "more": max(0, len(told.customers) - 1)}
    values: dict[str, Any] = {
        "business_id": link.business_id,
        "provider": busy[0] if busy else None,
        "start_minute": at.start,
        "end_minute": at.end,
        "content": content,
        "reason": reason,
    }
    stray, is_new = OutsideStray.objects.get_or_create(link=link, external_id=told.id, defaults=values)
    if not is_new and any(getattr(stray, name) != value for name, value in values.items()):
        OutsideStray.objects.filter(pk=stray.pk).update(**values, seen_at=None)
    busy_time.keep_stray(link, told.id, [one.pk for one in busy], (at.start, at.end))


def _forget_strays(link: SchedulerLink, read: Read) -> None:
    """Let go of strays that stand there no more, or are over."""
    there = {one.id.casefold() for one in read.appointments or ()}
    now = to_minute(clock.now())
    left = [
        one.pk
        for one in OutsideStray.objects.filter(link=link)
        if one.external_id.casefold() not in there or one.end_minute <= now
    ]
    _drop_strays(OutsideStray.objects.filter(pk__in=left))


def _drop_strays(strays: Any) -> None:
    for stray in strays.select_related("link"):
        busy_time.drop_stray(stray.link, stray.external_id)
        stray.delete()


def _take_up(link: SchedulerLink) -> None:
    """Let everything ahead stand there that does not yet: booked before the link was on, or by a process that did not
    know of it; and try again what had no name there."""
    failed = OutsideAppointment.objects.filter(link=link, state=State.FAILED, problem__in=["service", "staff"])
    failed.update(**wanting.anew())
    missing = Appointment.objects.filter(
        business_id=link.business_id,
        status__in=Appointment.ACTIVE,
        start_minute__gt=to_minute(clock.now()),
        outside__isnull=True,
    )
    OutsideAppointment.objects.bulk_create(
        [
            OutsideAppointment(business_id=link.business_id, link=link, appointment=one)
            for one in missing.only("pk")[:MOST_TAKEN_UP]
        ],
        ignore_conflicts=True,  # somebody booked, and noted it, meanwhile
    )
