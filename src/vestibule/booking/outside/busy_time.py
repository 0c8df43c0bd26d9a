"""Who of the staff outside is busy, as busy time of our providers, so that our engine offers none of it.

Time of appointments that stand on both sides is left out: they take it here by themselves, and blocked once more they
could not be moved by a quarter of an hour.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vestibule.booking import seating
from vestibule.booking.models import OutsideAppointment, SchedulerLink, Service
from vestibule.booking.outside.deciding import Agreed
from vestibule.booking.outside.reading import Reading
from vestibule.booking.outside.standing import PROVIDER, Names
from vestibule.booking.ports import TheirFree
from vestibule.calendars.models import BusyInterval
from vestibule.people import masks
from vestibule.people.models import Provider
from vestibule.store import rows
from vestibule.store.clock import to_minute

SOURCE = "bookings"
STRAY = "stray:"
Stretch = tuple[int, int]


def replace(link: SchedulerLink, names: Names, reading: Reading, told: Sequence[TheirFree]) -> bool:
    """Let busy time be what was read, for every provider it was read of; tell whether that was a difference.

    Time nobody spoke of is closed: whoever does not say that somebody is free does not offer them. Inside a writing
    block.
    """
    first, last = to_minute(reading.free_first), to_minute(reading.free_last)
    own = _own_times(link, names, first)
    by_staff: dict[str, list[TheirFree]] = {}
    for one in told:
        by_staff.setdefault(one.staff.casefold(), []).append(one)
    changed = []
    providers = Provider.objects.filter(business_id=link.business_id, ref__in=list(names.outside[PROVIDER]))
    seating.lock(set(providers.values_list("pk", flat=True)))
    for provider in providers:
        external = names.outside[PROVIDER][provider.ref].casefold()
        said = by_staff.get(external, [])
        wanted = _stretches(said, own.get(external, ()), (first, last))
        if _store(provider, wanted):
            changed.append(provider.pk)
    if changed:
        masks.raise_versions(changed)
    return bool(changed)


def heed(link: SchedulerLink, names: Names, told: Sequence[TheirFree], stretch: Stretch) -> bool:
    """Keep who is busy in a stretch by what was just told, beside what is known; tell whether anybody is.

    Inside a writing block.
    """
    own = _own_times(link, names, stretch[0])
    found = False
    for provider in Provider.objects.filter(business_id=link.business_id, ref__in=list(names.outside[PROVIDER])):
        external = names.outside[PROVIDER][provider.ref].casefold()
        said = [one for one in told if one.staff.casefold() == external and one.kind != "free"]
        busy = joined((to_minute(one.start), _up(one)) for one in said)
        left = _within(without(busy, own.get(external, ())), stretch)
        if left:
            add(provider, left)
            found = True
    return found


def add(provider: Provider, stretches: Iterable[Stretch]) -> None:
    """Keep further busy time of somebody, until the next reading. Inside a writing block."""
    known = set(_stored(provider).values_list("start_minute", "end_minute"))
    made = [_row(provider, start, end, closes=False) for start, end in stretches if (start, end) not in known]
    if made:
        rows.insert(made)
        masks.raise_versions([provider.pk])


def keep_stray(link: SchedulerLink, external_id: str, providers: Sequence[int], stretch: Stretch) -> None:
    """Keep the time of an appointment that could not be made here as busy. Inside a writing block."""
    name = f"{STRAY}{link.pk}:{external_id}"[:500]
    known = BusyInterval.objects.filter(source=SOURCE, external_id=name)
    there = {(one, start, end) for one, start, end in known.values_list("provider_id", "start_minute", "end_minute")}
    wanted = {(one, *stretch) for one in providers}
    if there == wanted:
        return
    known.delete()
    for one in providers:
        BusyInterval.objects.create(
            business_id=link.business_id,
            provider_id=one,
            source=SOURCE,
            external_id=name,
            start_minute=stretch[0],
            end_minute=stretch[1],
        )
    masks.raise_versions({*providers, *(one for one, _start, _end in there)})


def drop_stray(link: SchedulerLink, external_id: str) -> None:
    """Let go of what `keep_stray` kept. Inside a writing block."""
    found = BusyInterval.objects.filter(source=SOURCE, external_id=f"{STRAY}{link.pk}:{external_id}"[:500])
    providers = set(found.values_list("provider_id", flat=True))
    if providers:
        found.delete()
        masks.raise_versions(providers)


def forget(business_id: int) -> None:
    """Let go of all busy time read outside, as when a link is switched off. Inside a writing block."""
    found = BusyInterval.objects.filter(business_id=business_id, source=SOURCE)
    providers = set(found.values_list("provider_id", flat=True))
    found.delete()
    masks.raise_versions(providers)


def without(stretches: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """Return what is left of stretches without others."""
    left = sorted(stretches)
    for start, end in others:
        cut: list[Stretch] = []
        for first, last in left:
            if end <= first or last <= start:
                cut.append((first, last))
                continue
            cut += [part for part in ((first, start), (end, last)) if part[0] < part[1]]
        left = cut
    return left


def _own_times(link: SchedulerLink, names: Names, since: int) -> Mapping[str, list[Stretch]]:
    """Return the time that appointments standing on both sides take there, with their buffers, by staff."""
    buffers = {
        ref: (before, after)
        for ref, before, after in Service.objects.filter(business_id=link.business_id).values_list(
            "ref", "buffer_before_minutes", "buffer_after_minutes"
        )
    }
    found: dict[str, list[Stretch]] = {}
    kept = OutsideAppointment.objects.filter(link=link, appointment__end_minute__gt=since - 7 * 24 * 60)
    for seen, ref in kept.exclude(external_id="").values_list("seen", "appointment__service__ref"):
        there = Agreed.read(seen).there
        if there is not None:
            before, after = buffers.get(ref, (0, 0))
            for one in there.staff:
                found.setdefault(one.casefold(), []).append((there.start - before, there.end + after))
    return found


def _stretches(said: Sequence[TheirFree], own: Iterable[Stretch], whole: Stretch) -> set[tuple[int, int, bool]]:
    """Return the busy time of one of the staff: (start, end, whether it is closed because nobody spoke of it)."""
    spoken = [(to_minute(one.start), _up(one)) for one in said]
    busy = joined((to_minute(one.start), _up(one)) for one in said if one.kind != "free")
    own = list(own)
    taken = {(*one, False) for one in _within(without(busy, own), whole)}
    closed = {(*one, True) for one in without(without([whole], spoken), own)}
    return taken | closed


def _up(one: TheirFree) -> int:
    """Return the first minute after a stretch: one that has begun counts."""
    end = to_minute(one.end)
    return end + (1 if one.end.second or one.end.microsecond else 0)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches with those that touch made one."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _within(stretches: Iterable[Stretch], whole: Stretch) -> list[Stretch]:
    cut = [(max(start, whole[0]), min(end, whole[1])) for start, end in stretches]
    return [(start, end) for start, end in cut if start < end]


def _stored(provider: Provider) -> Any:
    return BusyInterval.objects.filter(provider=provider, source=SOURCE, external_id="")


def _store(provider: Provider, wanted: set[tuple[int, int, bool]]) -> bool:
    known = {
        (start, end, closes): key
        for key, start, end, closes in _stored(provider).values_list("pk", "start_minute", "end_minute", "closes")
    }
    left = [key for one, key in known.items() if one not in wanted]
    new = sorted(wanted - set(known))
    for first in range(0, len(left), 400):
        BusyInterval.objects.filter(pk__in=left[first : first + 400]).delete()
    for first in range(0, len(new), 200):
        rows.insert([_row(provider, start, end, closes=closes) for start, end, closes in new[first : first + 200]])
    return bool(left or new)


def _row(provider: Provider, start: int, end: int, *, closes: bool) -> BusyInterval:
    return BusyInterval(
        business_id=provider.business_id,
        provider=provider,
        source=SOURCE,
        start_minute=start,
        end_minute=end,
        closes=closes,
    )
