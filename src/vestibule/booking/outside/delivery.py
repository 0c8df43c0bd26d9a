"""Bringing our changes to the scheduler outside: rows claimed with their link, brought one by one, tried again later.

What is brought is decided anew against what stands there at that moment, so that nothing is written over in silence.
An appointment whose answer was lost is looked for by its key before it is made again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking import announcements
from vestibule.booking.models import Appointment, OutsideAppointment, SchedulerLink
from vestibule.booking.outside import settling
from vestibule.booking.outside.deciding import Agreed, Standing, decide
from vestibule.booking.outside.standing import Names, NotNamed, ours, theirs, to_tell, with_parts
from vestibule.booking.ports import OutsideScheduler, SchedulerError, TheirAppointment
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.pauses import spread

log = logging.getLogger(__name__)

State = OutsideAppointment.State
BROKEN = "broken"
AT_ONCE = 15
"""Rows brought in one go: all of them within the time an adapter has."""
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=1), timedelta(days=60)
"""Where one whose answer was lost is looked for, around its time: somebody may have moved it meanwhile."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=3)
OF_ALL = frozenset({"account", "sign_in", "not_permitted", "throttled", "away", "gone"})
"""Faults that every other change would meet too."""


@dataclass(frozen=True)
class Errand:
    """One row to be brought: how it stands here (None: cancelled), what it is told as, and what was agreed on.

    `was_tried` says that something may stand there already though nobody told us its id.
    """

    row: int
    wanted: int
    id: str
    key: str
    ours: Standing | None
    told: TheirAppointment | None
    agreed: Agreed
    was_tried: bool
    around: int
    words: str
    tells: bool


@dataclass(frozen=True)
class Result:
    """What came of an errand: what stands there now (None: nothing), and what both agree on by it; or what went wrong.

    `was_asked` is False for one that was not begun. `is_moot`: nothing need stand there.
    """

    errand: Errand
    stands: TheirAppointment | None = None
    base: Agreed | None = None
    lost: frozenset[str] = frozenset()
    error: SchedulerError | None = None
    was_asked: bool = True
    is_moot: bool = False


def due(link: SchedulerLink) -> Any:
    """Return the rows of a link (a query set) that wait to be brought."""
    waits = Q(state=State.QUEUED) | Q(state=State.LEASED)
    return OutsideAppointment.objects.filter(waits, link=link, next_at__lte=clock.now())


def claim(link: SchedulerLink, worker: str, until: datetime, names: Names, *, tells: bool) -> list[Errand]:
    """Take rows of a link whose lease `worker` has, until then (machine's clock). Inside a writing block."""
    errands: list[Errand] = []
    rows = (
        due(link)
        .select_for_update(of=("self",))
        .select_related("appointment__business", "appointment__service__location", "appointment__provider")
    )
    for row in rows.order_by("next_at", "pk")[:AT_ONCE]:
        try:
            errand = _errand(row, names, tells=tells)
        except NotNamed as missing:
            _update(row, state=State.FAILED, problem=missing.reason)
            continue
        except Exception:  # a fault of ours with one must not stop every other, of all businesses
            log.exception("appointment %s cannot be told to a scheduler outside", row.appointment.ref)
            _update(row, state=State.FAILED, problem=BROKEN)
            continue
        values: dict[str, Any] = {"attempts": row.attempts + 1, "state": State.LEASED, "leased_by": worker}
        if not row.external_id and not row.attempts:  # what is found again later is compared with what was first told
            values["seen"] = Agreed(errand.ours, None).stored()
        _update(row, leased_until=until, **values)
        errands.append(errand)
    return errands


def bring(scheduler: OutsideScheduler, business: str, errands: Sequence[Errand]) -> list[Result]:
    """Do what is wanted. Touches no table. What is not begun because of a fault of all is said to be so."""
    results: list[Result] = []
    for number, errand in enumerate(errands):
        try:
            results.append(_bring(scheduler, business, errand))
        except SchedulerError as failure:
            failure = _of_business(scheduler, business, errand, failure)
            results.append(Result(errand, error=failure))
            if is_of_all(failure):
                rest = errands[number + 1 :]
                return results + [Result(other, error=failure, was_asked=False) for other in rest]
    return results


def is_of_all(failure: SchedulerError) -> bool:
    """Tell whether a fault would meet every other change too, so that none is tried now."""
    return failure.code in OF_ALL or not failure.permanent


def finish(link: SchedulerLink, result: Result, names: Names) -> None:
    """Write down what came of one errand, whatever is wanted of its row by now. Inside a writing block."""
    row = settling.locked(result.errand.row)
    if row is None:
        return
    if result.error is not None:
        _update(row, **_failed(row, result, result.error))
        return
    if result.is_moot:
        if row.wanted == result.errand.wanted:
            _update(row, state=State.DONE, version=row.wanted, attempts=0, problem="", leased_by="", leased_until=None)
        return
    settling.settle(link, row, result.base or result.errand.agreed, result.stands, names, result.lost)


def give_up(result: Result) -> None:
    """Let a person look at a row that cannot be written down, by a fault of ours. Inside a writing block."""
    row = OutsideAppointment.objects.filter(pk=result.errand.row)
    row.update(state=State.FAILED, problem=BROKEN, leased_by="", leased_until=None)


def _errand(row: OutsideAppointment, names: Names, *, tells: bool) -> Errand:
    appointment = row.appointment
    agreed = Agreed.read(row.seen)
    here = ours(appointment, announcements.team_of(appointment), names)
    told = to_tell(appointment, here, names, service_name=appointment.service.name, tells=tells) if here else None
    return Errand(
        row=row.pk,
        wanted=row.wanted,
        id=row.external_id,
        key=appointment.ref,
        ours=here,
        told=told,
        agreed=agreed,
        was_tried=row.attempts > 0,
        around=appointment.start_minute,
        words=_words(appointment),
        tells=tells,
    )


def _words(appointment: Appointment) -> str:
    with translation.override(appointment.language):
        return str(appointment.cancel_reason or _("Your appointment was cancelled."))


def _bring(scheduler: OutsideScheduler, business: str, errand: Errand) -> Result:
    agreed, there = errand.agreed, None
    if errand.id:
        there = _read(scheduler, business, errand.id)
        if there is None:  # cancelled there, if the business itself is there
            _look_at_business(scheduler, business, errand)
            return Result(errand, None, agreed)
    elif errand.was_tried:
        there = _found(scheduler, business, errand)
        agreed = Agreed(agreed.here, agreed.here) if there is not None else agreed
    if there is None:
        return _made(scheduler, business, errand)
    return _changed(scheduler, business, errand, there, agreed)


def _made(scheduler: OutsideScheduler, business: str, errand: Errand) -> Result:
    """Make an appointment there, unless it is cancelled or over by now: then nothing of it need stand there."""
    if errand.ours is None or errand.told is None or errand.ours.end <= to_minute(clock.now()):
        return Result(errand, is_moot=True)
    made = scheduler.create(business, errand.told)
    return Result(errand, made, Agreed(errand.ours, theirs(made)))


def _changed(
    scheduler: OutsideScheduler, business: str, errand: Errand, there: TheirAppointment, agreed: Agreed
) -> Result:
    stands = theirs(there)
    verdict = decide(agreed, errand.ours, stands)
    if verdict.ends_there:
        scheduler.cancel(business, there.id, errand.words, tells=errand.tells)
        return Result(errand, None, Agreed(None, None), verdict.lost)
    if verdict.there and errand.ours is not None:
        wanted = replace(with_parts(there, errand.ours, verdict.there), key=errand.key)
        try:
            there = scheduler.change(business, wanted)
        except SchedulerError as failure:
            if not failure.is_missing:
                raise
            _look_at_business(scheduler, business, errand)
            return Result(errand, None, agreed)
        now = theirs(there)
        agreed = Agreed(
            settling.with_parts(agreed.here, errand.ours, verdict.there),
            settling.with_parts(agreed.there, now, verdict.there),
        )
    return Result(errand, there, agreed)


def _read(scheduler: OutsideScheduler, business: str, id: str) -> TheirAppointment | None:
    try:
        return scheduler.appointment(business, id)
    except SchedulerError as failure:
        if not failure.is_missing:
            raise
        return None


def _look_at_business(scheduler: OutsideScheduler, business: str, errand: Errand) -> None:
    """Raise SchedulerError unless the whole business is there: one that is gone cancels nothing."""
    at = from_minute(errand.around)
    scheduler.appointments(business, at, at + timedelta(minutes=1))


def _of_business(scheduler: OutsideScheduler, business: str, errand: Errand, failure: SchedulerError) -> SchedulerError:
    """Return what went wrong: of something that is missing, whether it is the whole business."""
    if not failure.is_missing:
        return failure
    try:
        _look_at_business(scheduler, business, errand)
    except SchedulerError as other:
        return SchedulerError(str(other), code="gone" if other.is_missing else other.code, permanent=other.permanent)
    return failure


def _found(scheduler: OutsideScheduler, business: str, errand: Errand) -> TheirAppointment | None:
    now, start = clock.now(), from_minute(errand.around)
    first, last = min(now, start) - LOOKED_BACK, max(now, start) + LOOKED_AHEAD
    known = scheduler.appointments(business, first, last)
    return next((one for one in known if one.key == errand.key), None)


def _failed(row: OutsideAppointment, result: Result, error: SchedulerError) -> Mapping[str, Any]:
    """Return what becomes of a row that was not brought: tried again, or for a person to look at."""
    is_over = error.permanent and error.code not in OF_ALL
    was_asked = result.was_asked and not (error.permanent and not error.maybe_done)
    return {
        "state": State.FAILED if is_over and row.wanted == result.errand.wanted else State.QUEUED,
        "attempts": row.attempts if was_asked else max(0, row.attempts - 1),
        "problem": str(error)[:300] if result.was_asked else row.problem,
        "next_at": clock.now() + pause(row.attempts) if result.was_asked else row.next_at,
        "leased_by": "",
        "leased_until": None,
    }


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling up to three minutes, spread so that few meet."""
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(max(attempts, 1) - 1, 10), LONGEST_PAUSE)
    return spread(whole, 0.7, 1.0)


def _update(row: OutsideAppointment, **values: Any) -> None:
    OutsideAppointment.objects.filter(pk=row.pk).update(**values)
