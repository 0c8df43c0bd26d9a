"""What has changed in a stretch of a provider's calendar since a program read it last.

Nothing in a calendar is kept of what was: each reading is stored as it stood and compared with the next. One that is
too old is gone, and its program begins anew.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from vestibule.booking.models import DiaryReading
from vestibule.booking.own_calendar import entries
from vestibule.booking.own_calendar.entries import Entry
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.transactions import writing

KEPT = timedelta(days=30)
MOST_KEPT = 40
"""Readings of one calendar; a program that reads it every few minutes needs two."""
TOUCHED_EVERY = timedelta(hours=1)
"""How often it is noted that a reading is still gone on from: whoever asks each minute writes once in that time."""


class TooOld(Refusal):
    """The reading that is to be gone on from is not known any more."""

    code = "resync_required"
    status = 410


@dataclass(frozen=True)
class Page:
    """Some of what has changed: entries as they are now, and the ids of those that are gone.

    `reading` is what to go on from; `after` where in it the next page begins, None for the last.
    """

    there: tuple[Entry, ...]
    gone: tuple[str, ...]
    reading: str
    after: int | None


def begun(actor: Actor, provider: Provider, first: int, last: int, *, size: int, in_full: bool) -> Page:
    """Return the first page of all that stands between two minutes, and begin to remember."""
    now_there = entries.between(actor, provider, first, last, in_full=in_full)
    row = _kept(provider, (first, last), {}, now_there)
    return _page(row, now_there, 0, size)


def since(actor: Actor, provider: Provider, ref: str, *, size: int, in_full: bool) -> Page:
    """Return the first page of what has changed since reading `ref`, which goes on as it is if nothing has.

    Raises TooOld.
    """
    before = _find(provider, ref)
    stretch = before.first_minute, before.last_minute
    now_there = entries.between(actor, provider, *stretch, in_full=in_full)
    if {one.id: one.state for one in now_there} == before.stood:
        _touch(before)
        return Page((), (), before.ref, None)
    row = _kept(provider, stretch, before.stood, now_there)
    return _page(row, now_there, 0, size)


def more(actor: Actor, provider: Provider, ref: str, after: int, *, size: int, in_full: bool) -> Page:
    """Return a further page of reading `ref`. Raises TooOld."""
    row = _find(provider, ref)
    now_there = entries.between(actor, provider, row.first_minute, row.last_minute, in_full=in_full)
    return _page(row, now_there, after, size)


def purge() -> int:
    """Forget readings that are too old to go on from; return how many."""
    with writing():
        gone, _kinds = DiaryReading.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return gone


def _kept(provider: Provider, stretch: tuple[int, int], before: dict[str, str], there: list[Entry]) -> DiaryReading:
    """Return the reading that goes on from `before` to what is there: the last one of that stretch if it is the same.

    Those that were gone on from longest ago give way.
    """
    stood = {one.id: one.state for one in there}
    told = [one.id for one in there if before.get(one.id) != one.state] + [one for one in before if one not in stood]
    theirs = DiaryReading.objects.filter(provider=provider)
    latest = theirs.filter(first_minute=stretch[0], last_minute=stretch[1], created_at__gte=clock.now() - KEPT).last()
    if latest is not None and (latest.stood, latest.told) == (stood, told):
        _touch(latest)
        found: DiaryReading = latest
        return found
    with writing():
        row: DiaryReading = DiaryReading.objects.create(
            business_id=provider.business_id,
            provider=provider,
            first_minute=stretch[0],
            last_minute=stretch[1],
            stood=stood,
            told=told,
        )
        by_use = theirs.order_by("-created_at", "-pk").values_list("pk", flat=True)
        theirs.filter(pk__in=list(by_use[MOST_KEPT : MOST_KEPT + 100])).delete()
    return row


def _touch(row: DiaryReading) -> None:
    """Note that a reading is still gone on from, so that it is kept."""
    if clock.now() - row.created_at >= TOUCHED_EVERY:
        with writing():
            DiaryReading.objects.filter(pk=row.pk).update(created_at=clock.now())


def _page(row: DiaryReading, now_there: list[Entry], first: int, size: int) -> Page:
    by_id = {one.id: one for one in now_there}
    some = row.told[first : first + size]
    after = first + size if first + size < len(row.told) else None
    # What went since is told as gone by the next reading, for this one says that it stood.
    there = tuple(by_id[one] for one in some if one in by_id)
    gone = tuple(one for one in some if one not in by_id and one not in row.stood)
    return Page(there, gone, row.ref, after)


def _find(provider: Provider, ref: str) -> DiaryReading:
    found = DiaryReading.objects.filter(provider=provider, ref=ref, created_at__gte=clock.now() - KEPT).first()
    if found is None:
        raise TooOld(_("What you read last is not known any more. Begin anew without a token."))
    row: DiaryReading = found
    return row
