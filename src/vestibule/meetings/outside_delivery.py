"""Bringing meetings to where they are held outside: claimed in batches, done one by one, tried again with pauses.

Any number of workers may run at once, here and elsewhere: each takes what is due under a lease, measured by the
machine's clock; what is due is asked of the product's clock. Whatever ends a worker at whatever moment, the next one
asks for the same place by the same key. The threads that wait for a vendor touch no table.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from vestibule.meetings import outside, outside_links, outside_news, outside_rows
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.meetings.outside_rows import Former
from vestibule.meetings.ports import OutsidePlaces, PlaceError, PlaceMade, PlaceOrder
from vestibule.people import outside_accounts
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.pauses import spread
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)

Kind, State = OutsidePlace.Kind, OutsidePlace.State
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)
ALL_WAIT = timedelta(minutes=1)
"""How long one business' other places wait at most where one could not be brought out, and nobody asked for more."""
LONGEST_WAIT = timedelta(hours=1)
TRIED_AFTER = timedelta(days=1)
"""How long after a meeting its place is still tried to be taken away."""
NO_ACCOUNT = gettext_noop(
    "This business has no account where the visit was to be held, or it cannot be read any more. Whoever sets the"
    " business up mends it under Set-up."
)
BAD_LINK = gettext_noop(
    "What was named as the link to the meeting leads elsewhere, so nobody is sent there. Meet here, and tell whoever"
    " runs this server."
)
FAULT = gettext_noop("The meeting could not be made because of a fault of ours. We go on trying.")


class Adapter(OutsidePlaces, Protocol):
    """A class that the settings name: it is opened with one account, and closed again."""

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the adapter; `allowed` hosts may be asked although they are not the vendor's. Raises PlaceError."""
        ...


@dataclass(frozen=True)
class Wanted:
    """One row as it was claimed. `is_to_stand`: the place is to be made, or brought from what is `known` to the order.
    `is_first`: nobody was asked for it before. `former` places are to go.
    """

    row: int
    order: PlaceOrder
    is_to_stand: bool
    is_first: bool
    known: PlaceMade | None
    former: tuple[Former, ...]
    wanted: int
    attempts: int


@dataclass(frozen=True)
class Delivery:
    """What is to be done with one account; without access where nobody can open it. Begun before `until`, of the
    monotonic clock, or not at all: afterwards the lease may be somebody else's.
    """

    business_id: int
    kind: str
    access: Mapping[str, str] | None
    wanted: tuple[Wanted, ...]
    until: float


@dataclass(frozen=True)
class Result:
    """What came of one row: where it stands now, whose former places are gone, and what went wrong with the rest.

    `was_refused`: it is the place itself that could not be made or moved, not a former one that still is to go.
    """

    wanted: Wanted
    made: PlaceMade | None = None
    gone: frozenset[str] = frozenset()
    error: PlaceError | None = None
    was_refused: bool = False
    was_tried: bool = True


def claim(worker: str, *, most: int, lease: timedelta, but: Collection[int] = ()) -> list[Delivery]:
    """Take up to `most` rows that are due for `worker`, by account, `but` of these businesses, which it is busy with.

    Looks before it takes the writer's turn. One that is due in a far future, because a test clock was set back, is due
    too.
    """
    now, machine_now = clock.now(), datetime.fromtimestamp(time.time(), UTC)
    is_now = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * LONGEST_WAIT)
    is_due = Q(is_now, state=State.QUEUED) | Q(state=State.LEASED, leased_until__lt=machine_now)
    due = OutsidePlace.objects.filter(is_due, state__in=[State.QUEUED, State.LEASED]).exclude(business_id__in=but)
    if not due.exists():
        return []
    began = time.monotonic()
    taken = []
    with writing():
        locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("meeting")
        for row in locked.order_by("next_at", "pk")[:most]:
            if one := _guarded(row, worker, machine_now + lease, now):
                taken.append((row, one))
    return _by_account(taken, began + lease.total_seconds() / 2)


def bring(delivery: Delivery) -> list[Result]:
    """Do what is wanted. Never raises, touches no table: made for a thread of its own."""
    try:
        places = _opened(delivery)
    except PlaceError as failure:
        return [Result(one, error=failure, was_refused=one.is_to_stand) for one in delivery.wanted]
    results: list[Result] = []
    try:
        for one in delivery.wanted:
            error = results[-1].error if results else None
            if time.monotonic() > delivery.until:
                error = PlaceError(FAULT, permanent=False)
            if error is not None and not error.permanent:
                results.append(Result(one, error=error, was_refused=one.is_to_stand, was_tried=False))
            else:
                results.append(_one(places, delivery.kind, one, delivery.until))
        return results
    finally:
        places.close()


def finish(delivery: Delivery, results: Sequence[Result], worker: str) -> None:
    """Write down what came of rows; what else is wanted of one by now is done next."""
    for result in results:  # each by itself: whoever plans several meetings holds several rows, in another order
        with writing():
            mine = OutsidePlace.objects.filter(pk=result.wanted.row, leased_by=worker, state=State.LEASED)
            row = mine.select_for_update().first()
            if row is not None:
                _finish(row, result)
    _let_others_wait(delivery, results)
    _note_silence(delivery, results)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling up to five minutes, spread so that they do not meet."""
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(max(attempts, 1) - 1, 20), LONGEST_PAUSE)
    return spread(whole, 0.5, 1.0)


# --- claiming ------------------------------------------------------------------------------------------------------


def _guarded(row: OutsidePlace, worker: str, until: datetime, now: datetime) -> Wanted | None:
    """Take a row; one that we cannot make out fails by itself, and holds up no other."""
    try:
        with writing():
            return _take(row, worker, until, now)
    except Exception as fault:
        log.exception("place outside %s cannot be taken up", row.pk)
        problem = f"{FAULT}\n{type(fault).__name__}"
        OutsidePlace.objects.filter(pk=row.pk).update(
            state=State.FAILED, leased_by="", leased_until=None, problem=problem
        )
        return None


def _take(row: OutsidePlace, worker: str, until: datetime, now: datetime) -> Wanted | None:
    """Lease a row, and note whom is about to be asked for it; None where there is nothing to do, or no use in it."""
    is_first = outside_rows.begin(row)
    is_settled = outside_rows.is_settled(row)
    if is_settled or _is_past(row, now):
        row.state, row.leased_by, row.leased_until = State.DONE, "", None
    else:
        row.state, row.leased_by, row.leased_until = State.LEASED, worker, until
        row.attempts += 1
    row.save(update_fields=["state", "leased_by", "leased_until", "attempts", "order", "made"])
    if row.state == State.DONE:
        return None
    return Wanted(
        row=row.pk,
        order=outside_rows.order_of(row),
        is_to_stand=row.is_wanted and row.version != row.wanted,
        is_first=is_first,
        known=outside_rows.place_of(row),
        former=outside_rows.former_of(row),
        wanted=row.wanted,
        attempts=row.attempts,
    )


def _is_past(row: OutsidePlace, now: datetime) -> bool:
    """Tell whether a row is given up: nobody comes to the meeting any more, or nobody minds what is left of it."""
    if row.meeting.state == Meeting.State.LIVE:
        return False
    return row.meeting.closes_at + (timedelta(0) if row.is_wanted else TRIED_AFTER) <= now


def _by_account(taken: Sequence[tuple[OutsidePlace, Wanted]], until: float) -> list[Delivery]:
    groups: dict[tuple[int, str], list[Wanted]] = {}
    for row, one in taken:
        groups.setdefault((row.business_id, row.kind), []).append(one)
    return [
        Delivery(business, kind, _access(business, kind), tuple(wanted), until)
        for (business, kind), wanted in groups.items()
    ]


def _access(business_id: int, kind: str) -> Mapping[str, str] | None:
    try:
        return outside_accounts.access_for(business_id, outside.ACCOUNTS[kind])
    except NotConnected:
        return None


# --- asking --------------------------------------------------------------------------------------------------------


def _opened(delivery: Delivery) -> OutsidePlaces:
    if delivery.access is None:
        raise PlaceError(NO_ACCOUNT, permanent=True)
    try:
        adapter: type[Adapter] = import_string(settings.OUTSIDE_PLACES[delivery.kind])
        return adapter.opened(delivery.access, tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS")))
    except PlaceError:
        raise
    except Exception as fault:  # such as a vendor's package that is missing: it must not stop the others
        raise _fault(fault) from fault


def _one(places: OutsidePlaces, kind: str, wanted: Wanted, until: float) -> Result:
    made: PlaceMade | None = None
    if wanted.is_to_stand:
        try:
            made = _put(places, wanted.order, wanted.known)
        except PlaceError as failure:
            if not failure.permanent:
                return Result(wanted, error=failure, was_refused=True)
            gone, _error = _clear(places, wanted, until)
            return Result(wanted, gone=gone, error=failure, was_refused=True)
    gone, error = _clear(places, wanted, until)
    if made is not None and kind == Kind.TEAMS and not outside_links.of(made).join_url:
        return Result(wanted, made, gone, PlaceError(BAD_LINK, permanent=True), was_refused=True)
    return Result(wanted, made, gone, error)


def _put(places: OutsidePlaces, order: PlaceOrder, known: PlaceMade | None) -> PlaceMade:
    try:
        return places.put(order, known)
    except PlaceError:
        raise
    except Exception as fault:
        raise _fault(fault) from fault


def _clear(places: OutsidePlaces, wanted: Wanted, until: float) -> tuple[frozenset[str], PlaceError | None]:
    """Take former places away; return whose are gone, and what went wrong with another.

    One that was asked for while the answer was lost is asked for once more: that is how to learn where it stands.
    """
    gone: set[str] = set()
    error: PlaceError | None = None
    for former in wanted.former:
        if time.monotonic() > until:
            return frozenset(gone), PlaceError(FAULT, permanent=False)
        try:
            made = former.made or _put(places, replace(wanted.order, organizer=former.organizer), None)
            places.take_away(made, former.organizer)
            gone.add(former.organizer)
        except PlaceError as failure:
            if failure.nothing_there:
                gone.add(former.organizer)
            else:
                error = failure
        except Exception as fault:
            error = _fault(fault)
    return frozenset(gone), error


def _fault(fault: Exception) -> PlaceError:
    log.error("a place outside cannot be made or taken away", exc_info=fault)
    return PlaceError(f"{FAULT}\n{type(fault).__name__}", permanent=False)


# --- writing down --------------------------------------------------------------------------------------------------


def _finish(row: OutsidePlace, result: Result) -> None:
    wanted, error, before = result.wanted, result.error, outside.shown(row.meeting)
    outside_rows.gone(row, result.gone)
    if result.made is not None:
        outside_rows.stands(row, result.made)
        row.version = row.version if result.was_refused else wanted.wanted
    elif error is not None and _leaves_nothing(result, error):
        outside_rows.stands_not(row)
    row.leased_by, row.leased_until, row.next_at = "", None, clock.now()
    row.problem = str(error)[:300] if error is not None and result.was_refused else ""
    if row.wanted != wanted.wanted:
        row.state = State.QUEUED
    elif error is None:
        row.state, row.attempts = State.DONE, 0
    else:
        row.attempts = wanted.attempts - (0 if result.was_tried else 1)
        is_over = error.permanent and result.was_refused and not outside_rows.former_of(row)
        row.state = State.FAILED if is_over else State.QUEUED
        row.next_at += _wait(error, row.attempts)
    row.save()
    outside_news.tell(row.meeting, before)


def _leaves_nothing(result: Result, error: PlaceError) -> bool:
    """Tell whether it is certain that a place does not stand which could not be made."""
    if error.nothing_there:
        return result.was_refused
    return result.was_refused and error.permanent and result.wanted.is_first


def _wait(error: PlaceError, attempts: int) -> timedelta:
    asked = min(timedelta(seconds=error.wait), LONGEST_WAIT)
    return max(asked, LONGEST_WAIT if error.permanent else pause(attempts))


def _note_silence(delivery: Delivery, results: Sequence[Result]) -> None:
    """Note whether the vendor answers; one that refuses, or asks for patience, does."""
    tried = [one.error for one in results if one.was_tried]
    if delivery.access is None or not tried:
        return
    is_silent = all(error is not None and not error.permanent and not error.wait for error in tried)
    outside_accounts.note(delivery.business_id, outside.ACCOUNTS[delivery.kind], is_answering=not is_silent)


def _let_others_wait(delivery: Delivery, results: Sequence[Result]) -> None:
    """Where a vendor is away, let one place of a business find out when it is back, not each of them."""
    failed = next((one for one in results if one.error is not None and not one.error.permanent), None)
    if failed is None or failed.error is None:
        return
    longest = max(timedelta(seconds=min(failed.error.wait, LONGEST_WAIT.total_seconds())), ALL_WAIT)
    until = clock.now() + min(_wait(failed.error, failed.wanted.attempts), longest)
    others = OutsidePlace.objects.filter(business_id=delivery.business_id, kind=delivery.kind, state=State.QUEUED)
    with writing():
        sooner = others.filter(next_at__lt=until).exclude(pk=failed.wanted.row)
        keys = list(sooner.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
        OutsidePlace.objects.filter(pk__in=keys).update(next_at=until)
