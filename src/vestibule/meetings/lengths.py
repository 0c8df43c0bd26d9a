"""How long visits really take: from being let in to leaving, of late, by who meets people and by what it is about."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

from vestibule.meetings.models import Meeting, Participant
from vestibule.store import clock

LOOKED_BACK = timedelta(days=60)
MOST_VISITS = 400
ENOUGH = 3
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=4)
KEPT_SECONDS = 60
Kind = Participant.Kind


@dataclass
class Lengths:
    """The usual lengths of a business' visits, in minutes: of one provider and title, of a provider, of a title."""

    read_at: datetime
    of_both: dict[tuple[int, str], float] = field(default_factory=dict)
    of_provider: dict[int, float] = field(default_factory=dict)
    of_title: dict[str, float] = field(default_factory=dict)

    def usual(self, provider_id: int | None, title: str, planned: timedelta) -> timedelta:
        """Return how long such a visit takes: the nearest that is known, else `planned`."""
        known = self.of_both.get((provider_id or 0, title))
        if known is None:
            known = self.of_title.get(title)
        if known is None:
            known = self.of_provider.get(provider_id or 0)
        return timedelta(minutes=known) if known is not None else planned


_lock = threading.Lock()
_kept: dict[int, Lengths] = {}


def of(business_id: int, now: datetime) -> Lengths:
    """Return the usual lengths of a business, at most a minute old."""
    known = _kept.get(business_id)
    if known is not None and timedelta(0) <= now - known.read_at < timedelta(seconds=KEPT_SECONDS):
        return known
    fresh = _read(business_id, now)
    with _lock:
        _kept[business_id] = fresh
    return fresh


def forget_all() -> None:
    """Forget what was read; for tests."""
    with _lock:
        _kept.clear()


def robust_mean(minutes: Iterable[float]) -> float | None:
    """Return the mean of the middle half, so that a forgotten call moves nothing; None for fewer than three."""
    ordered = sorted(minutes)
    if len(ordered) < ENOUGH:
        return None
    cut = len(ordered) // 4
    return fmean(ordered[cut : len(ordered) - cut])


def _read(business_id: int, now: datetime) -> Lengths:
    rows = (
        Participant.objects.filter(
            meeting__business_id=business_id,
            meeting__state=Meeting.State.ENDED,
            meeting__starts_at__gt=now - LOOKED_BACK,
            kind=Kind.CONSUMER,
            joined_at__isnull=False,
            admitted_at__isnull=False,
            left_at__isnull=False,
        )
        .order_by("-left_at")
        .values_list("meeting_id", "meeting__title", "meeting__host_id", "admitted_at", "left_at")[:MOST_VISITS]
    )
    found = list(rows)
    hosts = _hosts([row[0] for row in found if row[2] is None])
    both: dict[tuple[int, str], list[float]] = {}
    for meeting_id, title, host_id, admitted_at, left_at in found:
        took = left_at - admitted_at
        if SHORTEST <= took <= LONGEST:
            host = host_id or hosts.get(meeting_id, 0)
            both.setdefault((host, title), []).append(took / timedelta(minutes=1))
    return _summed_up(both)


def _summed_up(both: dict[tuple[int, str], list[float]]) -> Lengths:
    providers: dict[int, list[float]] = {}
    titles: dict[str, list[float]] = {}
    for (host, title), minutes in both.items():
        providers.setdefault(host, []).extend(minutes)
        titles.setdefault(title, []).extend(minutes)
    return Lengths(
        clock.now(),
        {key: mean for key, minutes in both.items() if (mean := robust_mean(minutes)) is not None},
        {key: mean for key, minutes in providers.items() if key and (mean := robust_mean(minutes)) is not None},
        {key: mean for key, minutes in titles.items() if (mean := robust_mean(minutes)) is not None},
    )


def _hosts(meetings: list[int]) -> dict[int, int]:
    """Return who met the people of those meetings: the first provider invited to each."""
    seats = Participant.objects.filter(meeting_id__in=meetings, kind=Kind.PROVIDER, provider__isnull=False)
    return dict(seats.order_by("-id").values_list("meeting_id", "provider_id"))
