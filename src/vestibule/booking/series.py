"""Appointments that recur: every occurrence is checked, and all that were chosen are booked, or none."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule.booking import (
    access,
    announcements,
    availability,
    contacts,
    holds,
    making,
    quota,
    resources,
    seating,
    status,
)
from vestibule.booking.calling_off import call_off
from vestibule.booking.catalogue import offers_of
from vestibule.booking.links import LinkIds
from vestibule.booking.making import Made, Ties
from vestibule.booking.models import Appointment, Seat, Series, Service
from vestibule.booking.outside import asking
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

WEEK, MONTH = "week", "month"
MOST_FOR_STAFF = 52
MOST_STEPS = {WEEK: 8, MONTH: 6}
S = Appointment.Status


@dataclass(frozen=True)
class Occurrence:
    """One date of a series: its aware UTC start, and whether it is free.

    If it is not, `code` and `sentence` are the refusal, and `alternatives` free starts near it (aware UTC).
    """

    start: datetime
    is_free: bool
    code: str = ""
    sentence: str = ""
    alternatives: list[datetime] = field(default_factory=list)


def plan(actor: Actor, wish: Wish, *, unit: str, step: int, count: int) -> list[Occurrence]:
    """Return the `count` occurrences of a series that begins at `wish.start`, each checked; nothing is kept.

    `unit` is "week" or "month", `step` how many of them lie between two; `count` is 2 to the service's
    `most_occurrences` (staff: to 52). In the business' zone each has the same time of day, through clock changes;
    monthly ones keep the weekday of the month, such as the second Tuesday, the fifth becoming the last.
    Raises Invalid naming `count`, `unit` or `step`, and what `availability` raises about the service.
    """
    as_staff = making.books_as_staff(actor, wish)
    _require_rhythm(unit, step)
    _require_count(wish.service, count, as_staff=as_staff, least=2)
    availability.require_offered(wish.service, wish.start, as_staff=as_staff)
    if wish.provider is not None:
        making.require_choice(actor, wish.service, wish.provider)
    zone = ZoneInfo(wish.service.business.timezone)
    return [_checked(replace(wish, start=start), as_staff) for start in starts(wish.start, zone, unit, step, count)]


def book(actor: Actor, wish: Wish, *, unit: str, step: int, starts: Sequence[datetime]) -> list[Appointment]:
    """Book every one of `starts` (aware; at least one; of a plan or of its alternatives), or none of them.

    `wish.start` is passed over; its hold counts for the start it is of. With the same provider throughout if one is
    wished for. The consumer gets one mail about all of them. Raises what booking the first that fails would raise,
    with `facts["start"]`.
    """
    as_staff = making.books_as_staff(actor, wish)
    _require_rhythm(unit, step)
    _require_count(wish.service, len(starts), as_staff=as_staff, least=1)
    ordered = sorted(set(starts))
    availability.require_published(actor, wish.service)
    for start in ordered:
        availability.require_offered(wish.service, start, as_staff=as_staff)
    checked = making.check(actor, replace(wish, start=ordered[0]))
    length = wish.length_minutes or wish.service.duration_minutes
    begin, last = to_minute(ordered[0]), to_minute(ordered[-1])
    asking.before(actor, wish.service, wish.provider, begin, begin + length, until=last + length)
    with writing():
        refusal = None if as_staff else quota.lack_of_room(wish.service, checked.contact, more=len(ordered))
        # Whoever and whatever one of the starts goes to is locked here, in one order, so that two series never wait for
        # each other.
        seating.lock({offer.provider for offer in offers_of(wish.service.pk)})
        resources.lock({need.resource for need in resources.needs_of(wish.service.pk)})
        series = Series(
            business=wish.service.business, unit=unit, step=step, count=len(ordered), created_at=clock.now()
        )
        series.save()
        made = [
            _one(actor, replace(wish, start=start), checked, as_staff, Ties(series, is_told=False)) for start in ordered
        ]
        if refusal is not None:  # only now: dates that cannot be booked anyhow must not tell who has appointments
            raise refusal
        if not access.is_staff(actor):
            quota.count_written_to(*checked.written_to, times=len(made))
        _confirm(made)
    return [one.appointment for one in made]


def cancel_rest(actor: Actor, appointment: Appointment, *, reason: str = "") -> list[Appointment]:
    """Cancel this appointment and all later ones of its series; return those that were cancelled.

    Ones that are over or cancelled are passed over. Raises what cancelling any of the others would raise, and then
    cancels none.
    """
    with writing():
        first = access.locked(actor, appointment)
        later = [one for one in others(first) if one.start_minute > first.start_minute]
        rest = [first, *(access.locked(_for(actor, one), one) for one in later)]
        coming = [one for one in rest if one.status not in (S.CANCELLED, *status.OVER)]
        for one in coming:
            access.require_changeable(actor, one)
        seats = Seat.objects.filter(appointment__in=coming).values_list("occupancy__provider_id", flat=True)
        seating.lock(set(seats))  # all at once and in one order, as for booking a series
        resources.lock(set().union(*(resources.used_by(one.pk) for one in coming)))
        return [call_off(actor, one, reason=reason) for one in coming]


def others(appointment: Appointment) -> list[Appointment]:
    """Return the other appointments of its series, by start; none when it is in no series."""
    if appointment.series_id is None:
        return []
    rows = Appointment.objects.filter(series_id=appointment.series_id).exclude(pk=appointment.pk)
    return list(rows.select_related("service", "provider", "business").order_by("start_minute"))


def starts(first: datetime, zone: ZoneInfo, unit: str, step: int, count: int) -> Iterator[datetime]:
    """Yield the aware UTC starts of a series, each at the local time of `first` in `zone`.

    A local time that a clock change skips becomes the one an hour on; of one that comes twice the first is meant.
    """
    local = first.astimezone(zone)
    for number in range(count):
        day = _week_on(local.date(), step * number) if unit == WEEK else _month_on(local.date(), step * number)
        wall = datetime.combine(day, local.time(), tzinfo=zone)
        yield wall.astimezone(UTC)


def _week_on(day: date, weeks: int) -> date:
    return day + timedelta(weeks=weeks)


def _month_on(day: date, months: int) -> date:
    """Return the same weekday of the month, `months` later: the second Tuesday stays one, a fifth becomes the last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    wanted = 1 + (day.weekday() - first.weekday()) % 7 + 7 * ((day.day - 1) // 7)
    while wanted > monthrange(year, month + 1)[1]:
        wanted -= 7
    return first.replace(day=wanted)


def _checked(wish: Wish, as_staff: bool) -> Occurrence:
    service = wish.service
    zone = contacts.clean_zone(wish.contact.timezone) if wish.contact.timezone else service.business.timezone
    aim = making.aim_of(wish, Contact(wish.contact.name, wish.contact.email, timezone=zone), as_staff=as_staff)
    refusal = seating.refusal_of(replace(aim, holder=_hold_of(wish)))
    if refusal is None:
        return Occurrence(wish.start, True)
    near = timedelta(days=3)
    around = availability.free_starts(
        service,
        max(wish.start - near, clock.now()),
        max(wish.start + near, clock.now() + timedelta(minutes=1)),
        provider=wish.provider,
        length=wish.length_minutes,
        as_staff=as_staff,
    )
    nearest = sorted((slot.start for slot in around), key=lambda one: (abs(one - wish.start), one))[:5]
    return Occurrence(wish.start, False, refusal.code, refusal.sentence, sorted(nearest))


def _one(actor: Actor, wish: Wish, checked: making.Checked, as_staff: bool, ties: Ties) -> Made:
    """Book one occurrence. Raises what booking it raises, with the start in its facts."""
    wish = replace(wish, hold=_hold_of(wish))
    aim = making.aim_of(wish, checked.contact, as_staff=as_staff)
    try:
        if wish.hold:
            holds.require(wish.hold, wish.service, wish.start)
        return seating.take(aim, lambda place: making.write(actor, wish, checked, place, ties))
    except Refusal as refusal:
        refusal.facts = {**refusal.facts, "start": wish.start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        raise


def _confirm(made: Sequence[Made]) -> None:
    """Send one mail to each reader about all that is booked; requests are told of one by one."""
    booked = [(one.appointment, one.ids) for one in made if one.appointment.status == S.BOOKED]
    by_team: dict[int, list[tuple[Appointment, LinkIds]]] = {}
    for one, ids in booked:
        by_team.setdefault(one.provider_id, []).append((one, ids))
    if not booked:
        return
    first, ids = booked[0]
    says = announcements.teller(first, ids)
    says.series_for_consumer(booked)
    says.series_for_helpers(booked)
    for theirs in by_team.values():
        announcements.teller(*theirs[0]).series_for_providers(theirs)


def _hold_of(wish: Wish) -> str:
    """Return the hold of `wish` if it is of this start, else none."""
    return wish.hold if wish.hold and holds.is_of(wish.hold, wish.service, wish.start) else ""


def _for(actor: Actor, one: Appointment) -> Actor:
    """Let who holds the link of one appointment of a series change the others with it."""
    return replace(actor, subjects=actor.subjects | {one.ref}) if actor.subjects else actor


def _require_rhythm(unit: str, step: int) -> None:
    if unit not in MOST_STEPS:
        raise Invalid(_("Appointments recur by the week or by the month."), field="unit")
    if not 1 <= step <= MOST_STEPS[unit]:
        raise Invalid(_("Choose a shorter time between two appointments."), field="step")


def _require_count(service: Service, count: int, *, as_staff: bool, least: int) -> None:
    most = MOST_FOR_STAFF if as_staff else service.most_occurrences
    if not least <= count <= max(most, 1):
        if most < 2 and count > 1:
            raise Invalid(_("This appointment cannot be booked several times at once."), field="count")
        words = _("Choose %(least)s to %(most)s appointments.")
        raise Invalid(words % {"least": least, "most": most}, field="count")
