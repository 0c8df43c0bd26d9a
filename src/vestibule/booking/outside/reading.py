"""Reading a scheduler outside: its appointments and who of its staff is free, in a thread that touches no table.

What stands there is written down by `taking`, only when it was read whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vestibule.booking.models import OutsideAppointment, SchedulerLink, Service
from vestibule.booking.outside.deciding import Agreed, Standing
from vestibule.booking.outside.standing import SERVICE, Names, theirs
from vestibule.booking.ports import OutsideScheduler, SchedulerError, TheirAppointment, TheirFree
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute

State = OutsideAppointment.State
BACK, AHEAD = timedelta(days=1), timedelta(days=60)
LONGEST_FREE = timedelta(days=120)
DAY = 24 * 60
MOST_LOOKED_UP = 25
"""Appointments asked for by their ids in one reading, of those that were missing in it."""
MANY = 10
"""So many missing at once, and more than half of all, are rather a fault than cancelled."""


@dataclass(frozen=True)
class Reading:
    """What is to be read: appointments between two instants, and free times of `staff` between two others.

    `expected` are the ids (in small letters, as they were told) that stood there, `keys` what they are by our key.
    """

    first: datetime
    last: datetime
    expected: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, Standing | None]] = field(default_factory=dict)
    staff: tuple[str, ...] = ()
    free_first: datetime = datetime.min
    free_last: datetime = datetime.min


@dataclass(frozen=True)
class Read:
    """What stands there: every appointment of the stretch, ids that are `gone`, and free times (None: not read).

    `missing` counts what was expected in the stretch and was not there, whether it was looked for or not. `error` says
    why something is missing in it; what is there was read whole.
    """

    reading: Reading
    began: datetime
    appointments: tuple[TheirAppointment, ...] | None = None
    gone: frozenset[str] = frozenset()
    free: tuple[TheirFree, ...] | None = None
    error: SchedulerError | None = None
    missing: int = 0

    @property
    def lacks_most(self) -> bool:
        """Whether so much is missing that it is not taken for cancelled."""
        return self.missing >= MANY and self.missing * 2 > len(self.reading.expected)


def planned(link: SchedulerLink, names: Names) -> Reading:
    """Return what is to be read of a link now."""
    now = clock.now()
    today = from_minute(to_minute(now) // DAY * DAY)
    expected, keys = _known(link, to_minute(now - BACK))
    return Reading(
        first=today - BACK,
        last=today + AHEAD,
        expected=expected,
        keys=keys,
        staff=tuple(names.staff),
        free_first=today,
        free_last=today + _window(link, names),
    )


def read(scheduler: OutsideScheduler, business: str, reading: Reading, ended: frozenset[str] = frozenset()) -> Read:
    """Read what was planned. `ended` are ids (in small letters) that were cancelled just now. Never raises."""
    began = clock.now()
    try:
        found = {one.id.casefold(): one for one in scheduler.appointments(business, reading.first, reading.last)}
        _take_out_twins(scheduler, business, reading, found)
    except SchedulerError as failure:
        return Read(reading, began, error=failure)
    gone, error = set[str](), None
    missing = [id for id in reading.expected if id not in found and id not in ended]
    for id in missing[:MOST_LOOKED_UP]:
        try:
            there = scheduler.appointment(business, reading.expected[id])
            found[there.id.casefold()] = there
        except SchedulerError as failure:
            if not failure.is_missing:
                error = failure
                break
            gone.add(id)
    free: tuple[TheirFree, ...] | None = None
    if error is None:
        try:
            free = _free(scheduler, business, reading)
        except SchedulerError as failure:
            error = failure
    told = tuple(one for id, one in found.items() if id not in ended)
    return Read(reading, began, told, frozenset(gone), free, error, len(missing))


def _free(scheduler: OutsideScheduler, business: str, reading: Reading) -> tuple[TheirFree, ...] | None:
    if not reading.staff:
        return None
    return tuple(scheduler.free(business, list(reading.staff), reading.free_first, reading.free_last))


def _take_out_twins(
    scheduler: OutsideScheduler, business: str, reading: Reading, found: dict[str, TheirAppointment]
) -> None:
    """Cancel what was made twice of one appointment of ours: a request that came through after it was given up.

    Only what is exactly the same is one; whatever somebody there made of a copy is theirs.
    """
    for id, one in list(found.items()):
        own, seen = reading.keys.get(one.key, ("", None))
        if own and own != id and own in found and seen is not None and theirs(one) == theirs(found[own]):
            scheduler.cancel(business, one.id, "", tells=False)
            del found[id]


def _known(link: SchedulerLink, since: int) -> tuple[dict[str, str], dict[str, tuple[str, Standing | None]]]:
    """Return what stood there and has not ended by minute `since`: ids, and what they are by key."""
    rows = OutsideAppointment.objects.filter(link=link, appointment__end_minute__gt=since - DAY).exclude(external_id="")
    expected: dict[str, str] = {}
    keys: dict[str, tuple[str, Standing | None]] = {}
    for id, ref, seen, is_wanted, state in rows.values_list(
        "external_id", "appointment__ref", "seen", "is_wanted", "state"
    ):
        there = Agreed.read(seen).there
        keys[ref] = (id.casefold(), there)
        if (is_wanted or state != State.DONE) and there is not None and there.end > since:
            expected[id.casefold()] = id
    return expected, keys


def _window(link: SchedulerLink, names: Names) -> timedelta:
    """Return how far ahead free times are read: as far as any linked service can be booked, within limits."""
    refs: Sequence[str] = list(names.outside[SERVICE])
    days = Service.objects.filter(business_id=link.business_id, ref__in=refs).values_list("window_days", flat=True)
    return min(max(timedelta(days=max(days, default=0)), AHEAD), LONGEST_FREE)
