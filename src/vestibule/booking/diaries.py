"""Each provider's hours and used time, kept in this process for as long as `Provider.mask_version` stands still.

Whatever changes hours or used time raises the version in the same transaction, so that every process notices; the
process that made a change corrects what it keeps instead of reading it again. Versions are random, so that one that was
undone never comes back with another meaning; 0 is a provider never changed, of whom nothing is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from vestibule.booking import timetables
from vestibule.booking.models import Seat, TimeOff
from vestibule.booking.shelf import Shelf
from vestibule.booking.timetables import USUAL
from vestibule.calendars.models import BusyInterval
from vestibule.people.models import Provider
from vestibule.scheduling import Diary, Hold, Hours, Taken
from vestibule.store import clock
from vestibule.store.clock import to_minute

MOST_KEPT = 4096
MARGIN = 3 * 24 * 60
_MOST_DAYS_BACK = 400
USED = (
    "occupancy__provider_id",
    "occupancy__shown_start",
    "occupancy__shown_end",
    "occupancy__buffer_before",
    "occupancy__buffer_after",
    "occupancy__service_id",
)
"""Of a seat: whose time it takes, and that time as `Taken` holds it."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """A stretch of minutes in which whoever asks for a provider is shown colleague `to` instead."""

    start: int
    end: int
    to: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one provider at `version`: rows that end after minute `since`, and holds, even expired.

    There is a diary for each schedule, all with the same used time.
    """

    diaries: Mapping[int | None, Diary]
    holds: tuple[Hold, ...]
    since: int
    redirects: tuple[Redirect, ...] = ()

    @property
    def version(self) -> int:
        """What the provider's `mask_version` was."""
        known: int = self.diaries[USUAL].version  # type: ignore[assignment]  # ours is always a number
        return known

    def diary(self, schedule: int | None = USUAL) -> Diary:
        """Return the diary with the hours of `schedule`; one without hours is never open."""
        found = self.diaries.get(schedule)
        if found is None:
            usual = self.diaries[USUAL]
            zone = usual.hours.timezone if usual.hours else "UTC"
            found = Diary(usual.provider, Hours(zone), usual.taken, version=usual.version)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to one provider's used time, taking version `before` to `after`."""

    provider: int
    before: int
    after: int
    added: tuple[Taken, ...] = ()
    removed: tuple[Taken, ...] = ()
    held: tuple[Hold, ...] = ()
    released: frozenset[str] = frozenset()


def keep(versions: Mapping[int, int], *, days_back: int = 0) -> dict[int, Kept]:
    """Return what is known of providers (id: version), reading what is missing; as of `versions` or later.

    Used time that ended more than three days ago is not read, unless limits count `days_back` days.
    """
    now = to_minute(clock.now())
    return _shelf.keep(versions, now - MARGIN - days_back * 24 * 60)


def correct(changes: Sequence[Change]) -> None:
    """Bring what is kept up to date after `changes` were stored; what does not fit is forgotten and read again."""
    for change in changes:
        _shelf.correct(change.provider, change.before, partial(_corrected, change))


def forget() -> None:
    """Forget everything kept; for tests that change tables under our hands."""
    _shelf.forget()


def _corrected(change: Change, kept: Kept) -> Kept:
    version = change.after
    diaries = dict(kept.diaries)
    for schedule, diary in diaries.items():
        fewer = diary.removing(*change.removed, version=version) if change.removed else diary
        diaries[schedule] = fewer.adding(*change.added, version=version)
    holds = (*(hold for hold in kept.holds if hold.holder not in change.released), *change.held)
    return replace(kept, diaries=diaries, holds=holds)


def _build(versions: Mapping[int, int], since: int) -> dict[int, Kept]:
    providers = list(Provider.objects.filter(pk__in=versions).select_related("business").only(*timetables.READ))
    hours = timetables.hours_of(providers, since)
    taken, holds = _used(versions, since)
    redirects = _add_days_off(taken, providers, since)
    return {
        one.pk: Kept(
            {
                schedule: Diary(one.pk, kept, taken[one.pk], version=versions[one.pk])
                for schedule, kept in hours[one.pk].items()
            },
            tuple(holds[one.pk]),
            since,
            tuple(redirects[one.pk]),
        )
        for one in providers
    }


def _used(ids: Iterable[int], since: int) -> tuple[dict[int, list[Taken]], dict[int, list[Hold]]]:
    taken: dict[int, list[Taken]] = defaultdict(list)
    holds: dict[int, list[Hold]] = defaultdict(list)
    rows: Iterable[tuple[Any, ...]] = Seat.objects.filter(
        occupancy__is_active=True, occupancy__provider_id__in=list(ids), occupancy__end_minute__gt=since
    ).values_list(*USED, "appointment_id", "hold__ref", "hold__expires_at")
    for provider, start, end, before, after, service, appointment, holder, expires in rows:
        if holder is None:
            taken[provider].append(Taken(start, end, before, after, service, appointment=appointment))
        else:
            holds[provider].append(Hold(start, end, int(expires.timestamp()), holder, provider, before, after, service))
    busy = BusyInterval.objects.filter(provider_id__in=list(ids), end_minute__gt=since)
    for provider, start, end, closes in busy.values_list("provider_id", "start_minute", "end_minute", "closes"):
        taken[provider].append(Taken(start, end, closes=closes))
    return taken, holds


def _add_days_off(
    taken: dict[int, list[Taken]], providers: Sequence[Provider], since: int
) -> dict[int, list[Redirect]]:
    """Add time off to `taken`, of the business to everybody's; return who stands in for whom."""
    staff: dict[int, list[int]] = defaultdict(list)
    for one in providers:
        staff[one.business_id].append(one.pk)
    redirects: dict[int, list[Redirect]] = defaultdict(list)
    rows = TimeOff.objects.filter(timetables.of_providers(providers), end_minute__gt=since)
    for business, provider, start, end, other in rows.values_list(
        "business_id", "provider_id", "start_minute", "end_minute", "redirect_to_id"
    ):
        for away in staff[business] if provider is None else [provider]:
            taken[away].append(Taken(start, end, closes=True))
        if provider is not None and other is not None:
            redirects[provider].append(Redirect(start, end, other))
    return redirects


_shelf = Shelf(Provider, _build, most=MOST_KEPT, slack=_MOST_DAYS_BACK * 24 * 60)
