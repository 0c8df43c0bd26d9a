"""What stands in a provider's calendar here: appointments, what programs put down, time off, calendars connected.

Minutes are UTC, half-open. An entry is shown as the words of `freeBusyStatus` say, which calendar programs share.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking import calendar_entries
from vestibule.booking.models import Appointment, DiaryEvent, TimeOff
from vestibule.calendars.models import BusyInterval
from vestibule.meetings import online_door
from vestibule.meetings.models import Meeting
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind

EVENT_SOURCE = "event"
"""The `source` of busy times that an event put down here takes: shown as the event, and not once more."""
FREE, TENTATIVE, BUSY, AWAY, UNKNOWN = "free", "tentative", "busy", "oof", "unknown"
APPOINTMENT, EVENT, TIME_OFF, OUTSIDE = "appointment", "event", "time_off", "outside"
OPEN = frozenset({FREE, "workingElsewhere"})
"""What leaves its time open."""
LONGEST = 31 * 24 * 60
"""No appointment takes longer, in minutes: of what began before, however much there is, nothing is looked through.

Our own take a day at most (`availability.require_length`); those that are kept in Bookings may take more.
"""
S = Appointment.Status


@dataclass(frozen=True)
class Entry:
    """One stretch in a calendar. `kind` says what it is, and so whether a program may change it: only an event.

    `uid` names it in every calendar, `transaction` is the name its program gave it. Without a `title` the reader may
    not know more than the time.
    """

    id: str
    kind: str
    start: int
    end: int
    shows: str
    title: str = ""
    text: str = field(default="", repr=False)
    is_html: bool = False
    place: str = ""
    is_all_day: bool = False
    is_private: bool = False
    uid: str = ""
    transaction: str = ""
    join_url: str = field(default="", repr=False)
    address: str = ""
    """Where staff see more of it; "" for nowhere."""
    attendees: tuple[dict[str, Any], ...] = ()
    created_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def takes_time(self) -> bool:
        """Tell whether the provider cannot be had then."""
        return self.shows not in OPEN

    @cached_property
    def state(self) -> str:
        """What changes when anything of the entry does: 16 characters."""
        facts = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


def between(actor: Actor, provider: Provider, first: int, last: int, *, in_full: bool = True) -> list[Entry]:
    """Return what a provider's calendar holds between two minutes, by start.

    Not `in_full`, it says when and as what, and of appointments neither who nor what for.
    """
    found = [
        *_appointments(actor, provider, Q(end_minute__gt=first, start_minute__range=(first - LONGEST, last - 1))),
        *_events(provider, Q(end_minute__gt=first, start_minute__lt=last)),
        *_time_off(provider, Q(end_minute__gt=first, start_minute__lt=last)),
        *_outside(provider, Q(end_minute__gt=first, start_minute__lt=last)),
    ]
    found.sort(key=lambda one: (one.start, one.end, one.id))
    return found if in_full else [bare(one) for one in found]


def find(actor: Actor, provider: Provider, ref: str, *, in_full: bool = True) -> Entry | None:
    """Return one entry of a provider's calendar by its id; None if it has none such."""
    kind, _dash, rest = ref.partition("-")
    here: Iterable[Entry]
    if not ref.isprintable():
        here = ()
    elif not rest:
        here = _appointments(actor, provider, Q(ref=ref))
    elif kind == "e":
        here = _events(provider, Q(ref=rest))
    elif kind == "o":
        here = _time_off(provider, Q(ref=rest))
    else:
        start = rest.partition("-")[0]
        here = _outside(provider, Q(start_minute=int(start))) if start.isdecimal() and len(start) < 12 else ()
    found = next((one for one in here if one.id == ref), None)
    return found if found is None or in_full else bare(found)


def of_event(event: DiaryEvent) -> Entry:
    """Return an event as an entry."""
    return _event(event, online_door.address_of(event.meeting) if event.meeting is not None else "")


def _event(event: DiaryEvent, join_url: str) -> Entry:
    return Entry(
        id=f"e-{event.ref}",
        kind=EVENT,
        start=event.start_minute,
        end=event.end_minute,
        shows=event.shows,
        title=event.title,
        text=event.text,
        is_html=event.is_html,
        place=event.place,
        is_all_day=event.is_all_day,
        is_private=event.is_private,
        uid=f"{event.ref}@{_host()}",
        transaction=event.transaction,
        join_url=join_url,
        attendees=tuple(event.attendees),
        created_at=event.created_at,
        changed_at=event.changed_at,
    )


def bare(entry: Entry) -> Entry:
    """Return an entry for a reader who may know the times alone."""
    return replace(entry, title="", text="", place="", join_url="", address="", attendees=(), is_private=True)


def _appointments(actor: Actor, provider: Provider, which: Q) -> Iterable[Entry]:
    shown = (S.REQUESTED, *calendar_entries.SHOWN)
    sees = Appointment.objects.visible_to(actor) if actor.kind is not ActorKind.SYSTEM else Appointment.objects.all()
    theirs = (sees & calendar_entries.taking_part(provider.pk)).filter(
        which, business_id=provider.business_id, status__in=shown
    )
    rows: Sequence[Appointment] = theirs.select_related("business", "service__location", "provider", "meeting__outside")
    with translation.override(provider.business.language):
        for one in rows:
            yield _appointment(one)


def _appointment(of: Appointment) -> Entry:
    is_online = of.meeting is not None and of.meeting.state != Meeting.State.CANCELLED
    return Entry(
        id=of.ref,
        kind=APPOINTMENT,
        start=of.start_minute,
        end=of.end_minute,
        shows=TENTATIVE if of.status == S.REQUESTED else BUSY,
        title=_("%(service)s with %(name)s") % {"service": of.service.name, "name": of.name},
        place=calendar_entries.place_of(of),
        uid=f"{of.ref}@{_host()}",
        join_url=f"{settings.PUBLIC_URL}/desk/visit/{of.meeting.ref}" if of.meeting is not None and is_online else "",
        address=f"{settings.PUBLIC_URL}/manage/appointments/{of.ref}",
        created_at=of.created_at,
    )


def _events(provider: Provider, which: Q) -> Iterable[Entry]:
    rows = DiaryEvent.objects.filter(which, provider=provider).select_related("meeting__online", "meeting__business")
    found = list(rows)
    doors = online_door.addresses_of([one.meeting for one in found if one.meeting is not None])
    for one in found:
        yield _event(one, doors.get(one.meeting.ref, "") if one.meeting is not None else "")


def _time_off(provider: Provider, which: Q) -> Iterable[Entry]:
    theirs = Q(provider=provider) | Q(provider=None, business_id=provider.business_id)
    with translation.override(provider.business.language):
        for one in TimeOff.objects.filter(which & theirs):
            yield Entry(
                id=f"o-{one.ref}",
                kind=TIME_OFF,
                start=one.start_minute,
                end=one.end_minute,
                shows=AWAY,
                title=one.reason or _("Time off"),
                uid=f"{one.ref}@{_host()}",
            )


def _outside(provider: Provider, which: Q) -> Iterable[Entry]:
    rows = BusyInterval.objects.filter(which, provider=provider).exclude(source=EVENT_SOURCE)
    for one in rows:
        named = f"{one.source} {one.calendar_id} {one.external_id} {one.end_minute}"
        mark = hashlib.sha256(named.encode()).hexdigest()[:12]
        yield Entry(
            id=f"b-{one.start_minute}-{mark}",
            kind=OUTSIDE,
            start=one.start_minute,
            end=one.end_minute,
            shows=UNKNOWN if one.closes else BUSY,
            title=one.summary,
            uid=f"{one.start_minute}-{mark}@{_host()}",
        )


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
