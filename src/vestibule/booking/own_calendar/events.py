"""What programs put into a provider's calendar: put down, changed and taken away. Nobody is booked or written to.

What is shown as taken takes the provider's time as a calendar that is connected does; what is booked already stays.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from vestibule.booking.models import DiaryEvent
from vestibule.booking.own_calendar.entries import EVENT_SOURCE, OPEN, Entry, of_event
from vestibule.booking.setup.away import checked_stretch, require_our_age
from vestibule.booking.setup.hours import permit_hours
from vestibule.calendars.models import BusyInterval
from vestibule.meetings import online, talking
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.outbox import Event as Told

LONGEST_TEXT = 32_000
MOST_AHEAD = 5000
MOST_ATTENDEES = 200
CLEARED_AT_ONCE = 100
"""Events of one transaction: thousands in one would keep everybody else from writing for seconds."""


class Changed(Refusal):
    """The event is not as the caller saw it last."""

    code = "changed_meanwhile"
    status = 412


class NotYours(Refusal):
    """What stands there was not put down by a program, and is changed where it comes from."""

    code = "read_only"
    status = 403


@dataclass(frozen=True)
class Wish:
    """What an event is to be; None leaves as it is what there is. `start` and `end` are aware."""

    title: str | None = None
    text: str | None = field(default=None, repr=False)
    is_html: bool | None = None
    place: str | None = None
    shows: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    is_all_day: bool | None = None
    is_private: bool | None = None
    attendees: tuple[dict[str, Any], ...] | None = None
    has_meeting: bool | None = None


def put_down(actor: Actor, provider: Provider, wish: Wish, *, transaction: str = "") -> Entry:
    """Put an event into a provider's calendar and return it; by its `transaction` it is put down once.

    Raises Invalid naming the field, NotPermitted, NotFound.
    """
    permit_hours(actor, provider.business, provider)
    if wish.start is None or wish.end is None:
        raise Invalid(_("An event has a start and an end."), field="start" if wish.start is None else "end")
    if len(transaction) > 255:
        raise Invalid(_("The name of an event has at most 255 characters."), field="transactionId")
    with writing():
        Provider.objects.select_for_update().get(pk=provider.pk)
        known = _theirs(provider).filter(transaction=transaction).first() if transaction else None
        if known is not None:
            return of_event(known)
        _require_room(provider)
        event = DiaryEvent(business_id=provider.business_id, provider=provider, transaction=transaction)
        event.created_at = event.changed_at = clock.now()
        _take_up(actor, event, wish)
        event.save()
        _tell(actor, event, "put", Kind.APPOINTMENT_CREATED)
    return of_event(event)


def change(actor: Actor, provider: Provider, entry: Entry, wish: Wish, *, state: str = "") -> Entry:
    """Change an event and return it as it is now. With a `state` it must still be as that says.

    Raises NotYours for what no program put there, Changed, Invalid, NotFound, NotPermitted.
    """
    with writing():
        event = _locked(actor, provider, entry, state)
        _take_up(actor, event, wish)
        event.version += 1
        event.changed_at = clock.now()
        event.save()
        _tell(actor, event, "changed", Kind.APPOINTMENT_UPDATED)
    return of_event(event)


def take_away(actor: Actor, provider: Provider, entry: Entry, *, state: str = "") -> None:
    """Take an event out of the calendar, with its meeting; raises as `change`."""
    with writing():
        _remove(actor, _locked(actor, provider, entry, state))


def ahead(actor: Actor) -> list[tuple[Provider, int]]:
    """Return in whose calendars programs have put events that are not over, and how many."""
    rows = DiaryEvent.objects.visible_to(actor).filter(end_minute__gt=to_minute(clock.now()))
    counts = dict(rows.order_by().values_list("provider_id").annotate(many=Count("pk")))
    people = Provider.objects.visible_to(actor).filter(pk__in=counts)
    return [(one, counts[one.pk]) for one in people]


def clear(actor: Actor, provider: Provider) -> int:
    """Take out of a calendar what programs put there and is not over; return how many events that were.

    For staff, where a program is gone or does what it should not. Raises NotPermitted.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    mine = DiaryEvent.objects.visible_to(actor).filter(provider=provider)
    keys = list(mine.filter(end_minute__gt=to_minute(clock.now())).values_list("pk", flat=True))
    count = 0
    for first in range(0, len(keys), CLEARED_AT_ONCE):
        with writing():
            rows = _theirs(provider).filter(pk__in=keys[first : first + CLEARED_AT_ONCE])
            found: list[DiaryEvent] = list(rows.select_for_update(of=("self",)))
            for event in found:
                _remove(actor, event)
        count += len(found)
    return count


def forget_old() -> int:
    """Forget events that were over longer ago than each business keeps what people write; return how many.

    Nobody is told: they are history, and what they led to, such as a visit, stays.
    """
    count = 0
    for business_id, until in talking.kept_since():
        old = DiaryEvent.objects.filter(business_id=business_id, end_minute__lt=to_minute(until))
        while some := list(old.order_by("pk").values_list("pk", "busy_id")[:CLEARED_AT_ONCE]):
            with writing():
                BusyInterval.objects.filter(pk__in=[busy for _key, busy in some if busy is not None]).delete()
                count += DiaryEvent.objects.filter(pk__in=[key for key, _busy in some]).delete()[0]
    return count


def _theirs(provider: Provider) -> Any:
    return DiaryEvent.objects.filter(provider=provider).select_related(
        "provider", "meeting__online", "meeting__business"
    )


def _locked(actor: Actor, provider: Provider, entry: Entry, state: str) -> DiaryEvent:
    permit_hours(actor, provider.business, provider)
    kind, _dash, ref = entry.id.partition("-")
    if kind != "e":
        raise NotYours(
            _(
                "This stands in the calendar because of an appointment, time off or a calendar outside, so nothing was"
                " changed. Change it there: appointments by the API of Bookings."
            )
        )
    event: DiaryEvent | None = _theirs(provider).select_for_update(of=("self",)).filter(ref=ref).first()
    if event is None:
        raise NotFound(_("There is no such event in this calendar."))
    if state and of_event(event).state != state:
        raise Changed(_("The event was changed meanwhile, so nothing was done. Read it again."))
    return event


def _remove(actor: Actor, event: DiaryEvent) -> None:
    _set_busy(event, is_taken=False)
    _set_meeting(actor, event, wanted=False)
    _tell(actor, event, "removed", Kind.APPOINTMENT_DELETED)
    event.delete()


def _take_up(actor: Actor, event: DiaryEvent, wish: Wish) -> None:
    """Bring `event` to what is wished, the time it takes and its meeting too."""
    if wish.start is not None or wish.end is not None:
        start = wish.start or clock.from_minute(event.start_minute)
        end = wish.end or clock.from_minute(event.end_minute)
        words = _("An event ends after it begins, and within three years.")
        if start != end:
            start, end = checked_stretch(start, end, words)
        require_our_age(start, words, "start")
        event.start_minute, event.end_minute = to_minute(start), to_minute(end + timedelta(seconds=59))
    event.title = _clean(wish.title, event.title, 255, "subject")
    event.place = _clean(wish.place, event.place, 255, "location")
    event.text = _clean(wish.text, event.text, LONGEST_TEXT, "body")
    for name in ("is_html", "is_all_day", "is_private", "shows"):
        value = getattr(wish, name)
        setattr(event, name, getattr(event, name) if value is None else value)
    if wish.attendees is not None:
        if len(wish.attendees) > MOST_ATTENDEES:
            raise Invalid(_("An event has at most 200 attendees."), field="attendees")
        event.attendees = list(wish.attendees)
    _set_busy(event, is_taken=event.shows not in OPEN and event.end_minute > event.start_minute)
    _set_meeting(actor, event, wanted=event.meeting_id is not None if wish.has_meeting is None else wish.has_meeting)


def _set_busy(event: DiaryEvent, *, is_taken: bool) -> None:
    """Let the event take its time, or not; where that is as it was, the row stays and free times are not worked out."""
    rows = BusyInterval.objects.filter(pk=event.busy_id) if event.busy_id is not None else BusyInterval.objects.none()
    before = rows.first()
    summary = "" if event.is_private else event.title[:200]
    stretch = {"start_minute": event.start_minute, "end_minute": event.end_minute}
    if before is not None and is_taken and stretch.items() <= vars(before).items():
        if before.summary != summary:
            rows.update(summary=summary)
        return
    if before is None and not is_taken:
        return
    rows.delete()
    event.busy_id = None
    if is_taken:
        event.busy_id = BusyInterval.objects.create(
            business_id=event.business_id,
            provider_id=event.provider_id,
            source=EVENT_SOURCE,
            external_id=event.ref,
            summary=summary,
            **stretch,
        ).pk
    masks.raise_versions([event.provider_id])


def _set_meeting(actor: Actor, event: DiaryEvent, *, wanted: bool) -> None:
    row = getattr(event.meeting, "online", None) if event.meeting is not None else None
    if not wanted:
        event.meeting = None
        if row is not None:
            online.remove(actor, row)
        return
    attendees = tuple(online.Attendee(str(one.get("address", ""))) for one in event.attendees)
    start, end = clock.from_minute(event.start_minute), clock.from_minute(event.end_minute)
    wish = online.Wish(title=event.title, start=start, end=max(end, start + timedelta(minutes=1)), attendees=attendees)
    if row is None:
        event.meeting = online.make(actor, event.provider, wish)[0].meeting
    else:
        online.change(actor, row, wish)


def _clean(given: str | None, before: str, most: int, name: str) -> str:
    if given is None:
        return before
    clean = given.replace("\0", "")
    if len(clean) > most:
        raise Invalid(_("This is longer than %(most)d characters. Shorten it.") % {"most": most}, field=name)
    return clean


def _require_room(provider: Provider) -> None:
    ahead = DiaryEvent.objects.filter(provider=provider, end_minute__gt=to_minute(clock.now()))
    if ahead.count() >= MOST_AHEAD:
        raise Invalid(_("This calendar has 5,000 events ahead. Delete those that are not wanted any more."))


def _tell(actor: Actor, event: DiaryEvent, what: str, kind: Kind) -> None:
    provider, ref = event.provider, f"e-{event.ref}"
    audit.record(
        actor,
        event.business_id,
        f"calendar.event_{what}",
        "provider",
        provider.ref,
        summary=provider.name,
        event=event.ref,
    )
    facts = {"appointment": ref, "provider": provider.ref, "version": event.version}
    outbox.tell(event.business_id, Told(kind, f"providers/{provider.ref}/appointments/{ref}", facts))
