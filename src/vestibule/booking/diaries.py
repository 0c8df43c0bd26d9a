"""Each provider's hours and used time, kept in this process for as long as `Provider.mask_version` stands still.

Whatever changes hours or used time raises the version in the same transaction, so that every process notices; the
process that made a change corrects what it keeps instead of reading it again. Versions are random, so that one that was
undone never comes back with another meaning; 0 is a provider never changed, of whom nothing is kept.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from vestibule.booking.models import DateOverride, Seat, TimeOff, WeeklyHours
from vestibule.calendars.models import BusyInterval
from vestibule.people.models import Provider
from vestibule.scheduling import Diary, Hold, Hours, Override, Taken, WeeklyWindow
from vestibule.store import clock
from vestibule.store.clock import to_minute

MOST_KEPT = 4096
MARGIN = 3 * 24 * 60
_WEEKS_OF_SLACK = 4 * 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one provider at `diary.version`: rows that end after minute `since`, and holds, even expired."""

    diary: Diary
    holds: tuple[Hold, ...]
    since: int


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


_lock = threading.Lock()
_kept: dict[int, Kept] = {}


def keep(versions: Mapping[int, int], *, days_back: int = 0) -> dict[int, Kept]:
    """Return what is known of providers (id: version), reading what is missing; as of `versions` or later.

    Used time that ended more than three days ago is not read, unless limits count `days_back` days.
    """
    now = to_minute(clock.now())
    needed = now - MARGIN - days_back * 24 * 60
    found = {provider: _kept.get(provider) for provider in versions}
    missing = {p: versions[p] for p, kept in found.items() if not _is_current(kept, versions[p], needed)}
    if missing:
        found.update(_read(missing, needed))
    return {provider: kept for provider, kept in found.items() if kept is not None}


def correct(changes: Sequence[Change]) -> None:
    """Bring what is kept up to date after `changes` were stored; what does not fit is forgotten and read again."""
    for change in changes:
        with _lock:
            kept = _kept.get(change.provider)
            if kept is None or kept.diary.version != change.before:
                continue
            try:
                _kept[change.provider] = _corrected(kept, change)
            except ValueError:
                del _kept[change.provider]


def forget() -> None:
    """Forget everything kept; for tests that change tables under our hands."""
    with _lock:
        _kept.clear()


def _corrected(kept: Kept, change: Change) -> Kept:
    version = change.after
    diary = kept.diary.removing(*change.removed, version=version) if change.removed else kept.diary
    diary = diary.adding(*change.added, version=version)
    holds = (*(hold for hold in kept.holds if hold.holder not in change.released), *change.held)
    return replace(kept, diary=diary, holds=holds)


def _is_current(kept: Kept | None, version: int, needed: int) -> bool:
    if kept is None or not version or kept.diary.version != version:
        return False
    return kept.since <= needed <= kept.since + _WEEKS_OF_SLACK + 400 * 24 * 60


def _read(versions: Mapping[int, int], since: int) -> dict[int, Kept]:
    """Read providers until their version is the same before and after: then the rows are exactly that version's."""
    read: dict[int, Kept] = {}
    todo = dict(versions)
    for _attempt in range(4):
        built = _build(todo, since)
        after = dict(Provider.objects.filter(pk__in=todo).values_list("pk", "mask_version"))
        read.update(built)
        _remember({provider: kept for provider, kept in built.items() if after.get(provider) == todo[provider] > 0})
        todo = {provider: after[provider] for provider in todo if after.get(provider, todo[provider]) != todo[provider]}
        if not todo:
            break
    return read


def _remember(fresh: Mapping[int, Kept]) -> None:
    with _lock:
        _kept.update(fresh)
        while len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]


def _build(versions: Mapping[int, int], since: int) -> dict[int, Kept]:
    providers = list(
        Provider.objects.filter(pk__in=versions)
        .select_related("business")
        .only("id", "timezone", "uses_business_hours", "business__timezone")
    )
    hours = _hours_of(providers)
    taken, holds = _used(versions, since)
    _add_days_off(taken, providers, since)
    return {
        one.pk: Kept(Diary(one.pk, hours[one.pk], taken[one.pk], version=versions[one.pk]), tuple(holds[one.pk]), since)
        for one in providers
    }


def _used(ids: Iterable[int], since: int) -> tuple[dict[int, list[Taken]], dict[int, list[Hold]]]:
    taken: dict[int, list[Taken]] = defaultdict(list)
    holds: dict[int, list[Hold]] = defaultdict(list)
    rows: Iterable[tuple[Any, ...]] = Seat.objects.filter(
        occupancy__is_active=True, occupancy__provider_id__in=list(ids), occupancy__end_minute__gt=since
    ).values_list(
        "occupancy__provider_id",
        "occupancy__shown_start",
        "occupancy__shown_end",
        "occupancy__buffer_before",
        "occupancy__buffer_after",
        "occupancy__service_id",
        "appointment_id",
        "hold__ref",
        "hold__expires_at",
    )
    for provider, start, end, before, after, service, appointment, holder, expires in rows:
        if holder is None:
            taken[provider].append(Taken(start, end, before, after, service, appointment=appointment))
        else:
            holds[provider].append(Hold(start, end, int(expires.timestamp()), holder, provider, before, after, service))
    busy = BusyInterval.objects.filter(provider_id__in=list(ids), end_minute__gt=since)
    for provider, start, end, closes in busy.values_list("provider_id", "start_minute", "end_minute", "closes"):
        taken[provider].append(Taken(start, end, closes=closes))
    return taken, holds


def _add_days_off(taken: dict[int, list[Taken]], providers: Sequence[Provider], since: int) -> None:
    rows = TimeOff.objects.filter(_theirs(providers), end_minute__gt=since)
    for business, provider, start, end in rows.values_list("business_id", "provider_id", "start_minute", "end_minute"):
        for one in providers:
            if provider in (None, one.pk) and business == one.business_id:
                taken[one.pk].append(Taken(start, end, closes=True))


def _hours_of(providers: Sequence[Provider]) -> dict[int, Hours]:
    weekly: dict[tuple[int, int | None], list[WeeklyWindow]] = defaultdict(list)
    rows = WeeklyHours.objects.filter(_theirs(providers))
    for business, one, weekday, start, end in rows.values_list(
        "business_id", "provider_id", "weekday", "start_minute", "end_minute"
    ):
        weekly[business, one].append(WeeklyWindow(weekday, start, end))
    overrides: dict[tuple[int, int | None], list[Override]] = defaultdict(list)
    days = DateOverride.objects.filter(_theirs(providers)).order_by("date", "start_minute", "id")
    for business, one, day, closed, start, end in days.values_list(
        "business_id", "provider_id", "date", "is_closed", "start_minute", "end_minute"
    ):
        overrides[business, one].append(Override(day) if closed else Override(day, start, end))
    return {
        provider.pk: Hours(
            provider.timezone or provider.business.timezone,
            tuple(weekly[provider.business_id, None if provider.uses_business_hours else provider.pk]),
            tuple(_days(provider, overrides)),
        )
        for provider in providers
    }


def _days(provider: Provider, overrides: Mapping[tuple[int, int | None], list[Override]]) -> list[Override]:
    """A provider's own days come first; then the business' closed days, and its other hours for who follows them."""
    own = overrides.get((provider.business_id, provider.pk), [])
    named = {override.day for override in own}
    shared = overrides.get((provider.business_id, None), [])
    return own + [
        override
        for override in shared
        if override.day not in named and (override.closed or provider.uses_business_hours)
    ]


def _theirs(providers: Sequence[Provider]) -> Any:
    """Rows of these providers, and those of their businesses that name no provider."""
    businesses = {provider.business_id for provider in providers}
    return Q(business_id__in=businesses) & (
        Q(provider_id__in=[provider.pk for provider in providers]) | Q(provider_id__isnull=True)
    )
