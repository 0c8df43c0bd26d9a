"""When providers could take an appointment, minute by minute: free, taken, in a session with seats left, or away."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vestibule.booking import diaries
from vestibule.booking.diaries import Kept
from vestibule.booking.models import Service
from vestibule.people.models import Provider
from vestibule.scheduling import Taken
from vestibule.scheduling.bits import clipped, merged
from vestibule.store import clock
from vestibule.store.clock import to_minute

FREE, TAKEN, JOINABLE, AWAY = "free", "taken", "joinable", "away"
MOST_DAYS_BACK = 400
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Stretch:
    """UTC minutes, half-open, in which a provider is `kind`; of a session that may be joined its service's key."""

    start: int
    end: int
    kind: str
    service: int | None = None


def of(providers: Sequence[Provider], first: int, last: int) -> dict[int, list[Stretch]]:
    """Return what each provider is from minute `first` to `last`, by key, without gaps, earliest first.

    An appointment takes its time with its buffers. Outside working hours of every kind, and in time off, people are
    away; an appointment in it is an appointment all the same. Seen at most 400 days back.
    """
    back = max(0, (to_minute(clock.now()) - first) // (24 * 60) + 1)
    kept = diaries.keep({one.pk: one.mask_version for one in providers}, days_back=min(back, MOST_DAYS_BACK))
    used = {one.service for each in kept.values() for one in _taken(each) if one.service is not None}
    seats = dict(Service.objects.filter(pk__in=used, seats__gt=1).values_list("pk", "seats"))
    return {one.pk: _day(kept[one.pk], seats, (first, last)) for one in providers if one.pk in kept}


def _day(kept: Kept, seats: Mapping[int, int], within: tuple[int, int]) -> list[Stretch]:
    taken = _taken(kept)
    sessions = _sessions(taken, seats)
    joinable = {(start, end): service for (start, end, service), left in sessions.items() if left > 0}
    busy = [(one.start - one.before, one.end + one.after) for one in taken if not one.closes]
    now = clock.now_seconds()
    busy += [(one.start - one.before, one.end + one.after) for one in kept.holds if one.expires > now]
    closed = merged((one.start, one.end) for one in taken if one.closes)
    layers = (
        (JOINABLE, clipped(sorted(joinable), within)),
        (TAKEN, clipped(merged(busy), within)),
        (AWAY, clipped(closed, within)),
        (FREE, _open(kept, within)),
    )
    edges = {*within, *(edge for _kind, spans in layers for span in spans for edge in span)}
    sessions_at = {max(start, within[0]): service for (start, _end), service in joinable.items()}
    found: list[Stretch] = []
    for start, end in pairwise(sorted(edges)):
        kind = next((kind for kind, spans in layers if _covers(spans, start)), AWAY)
        before = found[-1].service if found and found[-1].kind == kind else None
        service = sessions_at.get(start, before) if kind == JOINABLE else None
        _add(found, Stretch(start, end, kind, service), begins_anew=start in sessions_at)
    return found


def _sessions(taken: Iterable[Taken], seats: Mapping[int, int]) -> dict[tuple[int, int, int], int]:
    """Return how many seats are left in each session of a group service: start, end, service."""
    left: dict[tuple[int, int, int], int] = {}
    for one in taken:
        if one.service is not None and one.service in seats:
            key = (one.start, one.end, one.service)
            left[key] = left.get(key, seats[one.service]) - one.seats
    return left


def _taken(kept: Kept) -> list[Taken]:
    diary = next(iter(kept.diaries.values()))
    return [one for one in diary.taken if one.blocks and one.start < one.end]


def _open(kept: Kept, within: tuple[int, int]) -> Spans:
    """Return the working hours of a provider, those of schedules under a name included."""
    return merged(span for diary in kept.diaries.values() for span in diary.open_hours.intervals(*within))


def _covers(spans: Spans, minute: int) -> bool:
    """Tell whether a minute lies in one of `spans`, which are sorted and apart."""
    at = bisect_right(spans, (minute, 1 << 40)) - 1
    return at >= 0 and minute < spans[at][1]


def _add(found: list[Stretch], one: Stretch, *, begins_anew: bool) -> None:
    """Add a stretch, to the one before where it goes on; one session ends where the next begins."""
    goes_on = found and (found[-1].kind, found[-1].service) == (one.kind, one.service)
    if goes_on and not (one.kind == JOINABLE and begins_anew):
        found[-1] = Stretch(found[-1].start, one.end, one.kind, one.service)
    else:
        found.append(one)
