"""Offering time that became free to who waits for it, in the order they came. Each offer is a hold of its own."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from vestibule.booking import access, availability, holds
from vestibule.booking.day_parts import DayPart, part_of
from vestibule.booking.links import Purpose
from vestibule.booking.models import Appointment, Hold, Service, WaitlistEntry
from vestibule.booking.waitlist_words import messages
from vestibule.notifications import outbox
from vestibule.notifications.facts import Kind
from vestibule.people import audit, links
from vestibule.people.errors import Refusal
from vestibule.people.models import CapabilityLink, Provider
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.transactions import after_commit, writing

log = logging.getLogger(__name__)
OFFER = timedelta(minutes=30)
SHORTEST = timedelta(minutes=2)
MOST_AT_ONCE = 50
MOST_LOOKED_AT = 2000
STRETCH = timedelta(days=62)
Entry = WaitlistEntry
Key = tuple[int, int | None, int]


def when_free(business_id: int) -> None:
    """Offer time that a change frees, once the change is stored. A failure is left to the next tick."""
    after_commit(lambda: _quietly(business_id))


def offer_next(business_id: int, *, service: Service | None = None) -> int:
    """Offer what is free now to who waits, in the order they came; return how many offers were made.

    Called when time becomes free and by the tick; at most fifty offers a round. Never a time within the notice.
    """
    waiting = Entry.objects.filter(business_id=business_id, status=Entry.Status.WAITING)
    if service is not None:
        waiting = waiting.filter(service=service)
    look = _Look()
    entries = waiting.select_related("service__business", "service__location", "provider", "appointment__service")
    offered = (True for entry in entries.order_by("pk")[:MOST_LOOKED_AT] if _offer_one(entry, look))
    return sum(islice(offered, MOST_AT_ONCE))


def release(entry: WaitlistEntry) -> None:
    """Let go of the time that is held for a locked entry. The caller saves it."""
    if entry.hold is not None:
        holds.release(entry.hold.ref)
    entry.hold = None


@dataclass(frozen=True, slots=True)
class _Free:
    """A free start, with its local date and part of the day."""

    start: datetime
    day: date
    part: DayPart


class _Look:
    """The free starts of each service, provider and length that is waited for; read once for a round of offers.

    What an offer takes of another service's time is seen when that is offered: a hold is refused.
    """

    def __init__(self) -> None:
        self._known: dict[Key, tuple[datetime, list[datetime]]] = {}
        self._local: dict[tuple[Key, str], list[_Free]] = {}

    def starts(self, entry: WaitlistEntry, until: datetime) -> Sequence[_Free]:
        """Return free starts from now until `until` at least, earliest first."""
        key = (entry.service_id, entry.provider_id, entry.length_minutes)
        known = self._known.get(key)
        if known is None or known[0] < until:
            self._known[key] = known = until, _read(entry, until)
            self._local = {place: free for place, free in self._local.items() if place[0] != key}
        place = key, entry.timezone
        if place not in self._local:
            zone = ZoneInfo(entry.timezone)
            self._local[place] = [
                _Free(start, start.astimezone(zone).date(), part_of(start, entry.timezone)) for start in known[1]
            ]
        return self._local[place]

    def pass_over(self, entry: WaitlistEntry, free: _Free) -> None:
        """Offer this start to nobody else for now: it was just offered, or could not be.

        Where others are free then as well, the next look finds it again.
        """
        key = (entry.service_id, entry.provider_id, entry.length_minutes)
        for place, starts in self._local.items():
            if place[0] == key:
                self._local[place] = [one for one in starts if one.start != free.start]


def _read(entry: WaitlistEntry, until: datetime) -> list[datetime]:
    found: list[datetime] = []
    begin = clock.now()
    while begin < until:
        end = min(begin + STRETCH, until)
        slots = availability.free_starts(
            entry.service, begin, end, provider=entry.provider, length=entry.length_minutes
        )
        found += [slot.start for slot in slots]
        begin = end
    return found


def _offer_one(entry: WaitlistEntry, look: _Look) -> bool:
    if entry.appointment is not None and not _may_move(entry.appointment):
        return False
    try:
        for free in look.starts(entry, _end_of(entry)):
            if not _suits(entry, free) or _until(entry, free.start) - clock.now() < SHORTEST:
                continue
            offered = _offer(entry, free.start)
            look.pass_over(entry, free)
            if offered:
                return True
    except Refusal:  # the service or the provider is not offered any more: nothing to offer now
        return False
    return False


def _end_of(entry: WaitlistEntry) -> datetime:
    """Return the instant the dates waited for are over."""
    zone = ZoneInfo(entry.timezone)
    last = entry.last + timedelta(days=1)
    return datetime(last.year, last.month, last.day, tzinfo=zone).astimezone(clock.now().tzinfo)


def _suits(entry: WaitlistEntry, free: _Free) -> bool:
    if not entry.first <= free.day <= entry.last or (entry.day_parts and free.part not in entry.day_parts):
        return False
    if to_minute(free.start) in entry.passed:
        return False
    return entry.appointment is None or free.start < entry.appointment.start


def _until(entry: WaitlistEntry, start: datetime) -> datetime:
    """Return until when `start` may be offered: it, and the appointment that would move, must still be changeable."""
    ends = [clock.now() + OFFER, start - timedelta(minutes=entry.service.notice_minutes)]
    if entry.appointment is not None and entry.appointment.status != Appointment.Status.REQUESTED:
        notice = timedelta(minutes=entry.appointment.service.change_notice_minutes)
        ends.append(entry.appointment.start - notice)
    return min(ends).replace(microsecond=0)


def _may_move(appointment: Appointment) -> bool:
    S = Appointment.Status
    return appointment.status in (S.REQUESTED, S.BOOKED) and access.may_still_change(appointment)


def _offer(entry: WaitlistEntry, start: datetime) -> bool:
    """Hold `start` for an entry that still waits, and tell who it is; tell whether that was possible."""
    until = _until(entry, start)
    with writing():
        current = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        if current.status != Entry.Status.WAITING:
            return False
        try:
            seconds = int((until - clock.now()).total_seconds())
            kept = holds.hold(
                entry.service, start, provider=entry.provider, length=entry.length_minutes, seconds=seconds
            )
        except Refusal:
            return False
        entry.hold, entry.status, entry.offered_start = kept, Entry.Status.OFFERED, to_minute(start)
        entry.offer_expires_at, entry.offers_made = kept.expires_at, current.offers_made + 1
        entry.save(update_fields=["hold", "status", "offered_start", "offer_expires_at", "offers_made"])
        _tell(entry, kept)
        audit.record(SYSTEM, entry.business_id, "waitlist.offered", "waitlist", entry.ref, summary=entry.service.name)
        return True


def _tell(entry: WaitlistEntry, kept: Hold) -> None:
    links.extend(entry.ref, max(_end_of(entry), from_minute(kept.end_minute)) + timedelta(days=1))
    link = CapabilityLink.objects.filter(subject=entry.ref, purpose=Purpose.WAITLIST, revoked_at=None).first()
    who = Provider.objects.filter(occupancies__seats__hold=kept).order_by("pk").first()
    outbox.enqueue_all(messages(Kind.WAITLIST_OFFER, entry, link, provider=who))


def _quietly(business_id: int) -> None:
    if not Entry.objects.filter(business_id=business_id, status=Entry.Status.WAITING).exists():
        return
    try:
        offer_next(business_id)
    except DatabaseError:
        log.exception("time that became free is offered by the next tick instead")
