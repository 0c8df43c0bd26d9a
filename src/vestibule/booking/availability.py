"""Which starts are free: rows go in as integers, the slot engine answers, and what it needs is kept per provider.

Every time taken and given is an aware UTC datetime. `as_staff` leaves out notice, booking window and visibility:
staff may book what consumers may not, but never an overlap.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.booking import diaries, rules
from vestibule.booking.catalogue import Offered, offers_of
from vestibule.booking.diaries import Kept
from vestibule.booking.errors import ProviderNotOffered, ServiceHidden
from vestibule.booking.models import Appointment, Seat, Service, ServiceProvider
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.scheduling import Assignment, Diary, Person, Question, Taken, zones
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute

MOST_DAYS = 62
HORIZON_DAYS = 400
_STRIDE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start; `providers` are the ids of who is free then (all who take part, for joint appointments).

    `seats_left` is how many more may join, for group services.
    """

    start: datetime
    end: datetime
    providers: tuple[int, ...]
    seats_left: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one rule says about a start: `rule` is a refusal code, `sentence` is for the reader.

    `code` is the refusal when the rule does not allow it, `detail` an English fact for programs and logs.
    """

    rule: str
    allows: bool
    sentence: str
    code: str = ""
    detail: str = ""


def free_starts(
    service: Service,
    since: datetime,
    until: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    holder: str = "",
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> list[Slot]:
    """Return the free starts of `service` with `since` <= start < `until`, earliest first; at most 62 days.

    `provider` asks for one person's starts only; `length` is one of `lengths_of`, in minutes. `holder` is the
    reference of an own hold, which does not block; neither does the appointment that is `moving`.
    Raises ServiceHidden, ProviderNotOffered, or Invalid for a longer or reversed stretch and for other lengths.
    """
    first, last = _stretch(since, until)
    question = ask(service, provider=provider, length=length, holder=holder, as_staff=as_staff, moving=moving)
    takes = timedelta(minutes=question.rules.duration)
    free: dict[int, list[int]] = {}
    for one, starts in scheduling.offer(question, first, last).by_provider().items():
        for start in starts:
            free.setdefault(start, []).append(int(one))
    return [Slot(begin, begin + takes, tuple(free[start])) for start in sorted(free) for begin in (from_minute(start),)]


def next_free(
    service: Service,
    after: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    as_staff: bool = False,
) -> Slot | None:
    """Return the first free start at or after `after` within the booking window (at most 400 days on), or None."""
    question = ask(service, provider=provider, length=length, as_staff=as_staff)
    begin = max(after, clock.now())
    for stride in range(0, HORIZON_DAYS, _STRIDE.days):
        first = to_minute(begin + timedelta(days=stride, seconds=59 if stride == 0 else 0))
        offer = scheduling.offer(question, first, first + _STRIDE.days * 24 * 60)
        if offer.starts:
            start = from_minute(offer.starts[0])
            who = tuple(int(one) for one in offer.providers(offer.starts[0]))
            return Slot(start, start + timedelta(minutes=question.rules.duration), who)
    return None


def days_with_free(
    service: Service,
    since: datetime,
    until: datetime,
    zone: str,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> dict[date, int]:
    """Return how many free starts each local date in `zone` has; dates without any are left out."""
    first, last = _stretch(since, until)
    question = ask(service, provider=provider, length=length, as_staff=as_staff, moving=moving)
    starts = scheduling.free_starts(question, first, last)
    shown = zones.clock_of(zone)
    return {zones.date_of(day): count for day, count in Counter(shown.day(start) for start in starts).items()}


def nearest(question: Question, start: int, *, most: int = 5) -> list[datetime]:
    """Return free starts near minute `start`: those within three days, else the first ones later; earliest first."""
    around = scheduling.free_starts(question, start - 3 * 24 * 60, start + 3 * 24 * 60)
    if not around:
        around = scheduling.free_starts(question, start, start + _STRIDE.days * 24 * 60)
    closest = sorted(around, key=lambda one: (abs(one - start), one))[:most]
    return [from_minute(one) for one in sorted(closest)]


def explain(
    service: Service, start: datetime, *, provider: Provider | None = None, length: int | None = None
) -> Sequence[Verdict]:
    """Return what each rule says about `start`, for one provider or for the one who comes closest."""
    require_offered(service, start)
    question = ask(service, provider=provider, length=length)
    verdicts = scheduling.explain(question, to_minute(start), provider.pk if provider else None)
    return [Verdict(one.rule, one.ok, _sentence(one.rule, one.ok), one.code, one.detail) for one in verdicts]


def ask(
    service: Service,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    holder: str = "",
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> Question:
    """Return the engine's question about `service` as things stand now, for one of its lengths.

    Raises ServiceHidden, ProviderNotOffered, or Invalid for a length that is not offered.
    """
    require_visible(service, as_staff=as_staff)
    return question_of(
        service,
        offers_of(service.pk),
        provider.pk if provider else None,
        length=length,
        holder=holder,
        as_staff=as_staff,
        moving=moving,
    )


def lengths_of(service: Service) -> tuple[int, ...]:
    """Return the lengths in minutes that may be chosen, the usual one first."""
    return service.duration_minutes, *(one for one in service.lengths if one != service.duration_minutes)


def require_length(service: Service, length: int | None, *, as_staff: bool = False) -> None:
    """Raise Invalid unless `length` is one of the service's, or None for the usual one; staff choose 5 to 1,440."""
    if length is None or length in lengths_of(service):
        return
    if as_staff:
        if 5 <= length <= 24 * 60:
            return
        raise Invalid(_("An appointment takes 5 minutes to 24 hours. Choose another length."), field="length_minutes")
    offered = ", ".join(str(one) for one in lengths_of(service))
    words = _("This appointment takes %(minutes)s minutes; another length is not offered.")
    raise Invalid(words % {"minutes": offered}, field="length_minutes")


def require_visible(service: Service, *, as_staff: bool = False) -> None:
    """Raise ServiceHidden unless `service` can be booked by who asks."""
    if not service.is_active or (service.visibility != Service.Visibility.PUBLIC and not as_staff):
        raise ServiceHidden


def require_offered(service: Service, start: datetime, *, as_staff: bool = False) -> None:
    """Raise ServiceHidden if `service` cannot be booked, Invalid if `start` is no whole minute of this age."""
    require_visible(service, as_staff=as_staff)
    if start.tzinfo is None or start.second or start.microsecond or not 2000 <= start.year <= 2200:
        raise Invalid(_("Appointments start on whole minutes, said with their zone."), field="start")


def question_of(
    service: Service,
    offers: Sequence[Offered],
    provider: int | None,
    *,
    length: int | None = None,
    holder: str = "",
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> Question:
    """Return the engine's question for known `offers`; an appointment that is `moving` keeps its length.

    Raises ProviderNotOffered, or Invalid for a length that is not offered.
    """
    if moving is not None and length is None:
        length = moving.end_minute - moving.start_minute
    else:
        require_length(service, length, as_staff=as_staff)
    if provider is not None and provider not in {offer.provider for offer in offers}:
        raise ProviderNotOffered
    kept = diaries.keep(
        {offer.provider: offer.version for offer in offers}, days_back=rules.longest_period_days(service.limits)
    )
    away = own_time(moving) if moving is not None else {}
    assignment = Assignment(service.assignment)
    if provider is not None and assignment is Assignment.ANY:
        assignment = Assignment.SPECIFIC
    return Question(
        rules=rules.rules_of(service, service.business, length=length, as_staff=as_staff),
        people=[
            Person(
                _without(kept[offer.provider].diary(), away.get(offer.provider, ())),
                fixed=offer.role == ServiceProvider.Role.FIXED,
                group=offer.group or None,
            )
            for offer in offers
            if offer.provider in kept
        ],
        now=clock.now_seconds(),
        holds=[hold for offer in offers if offer.provider in kept for hold in kept[offer.provider].holds],
        viewer=holder or None,
        assignment=assignment,
        chosen=(provider,) if assignment is Assignment.SPECIFIC and provider is not None else (),
    )


def refreshed(question: Question, fresh: Mapping[int, Kept], moving: Appointment | None = None) -> Question:
    """Return `question` with newer knowledge of some people, read under their lock."""
    away = own_time(moving) if moving is not None else {}
    people = [
        replace(person, diary=_without(fresh[one].diary(), away.get(one, ()))) if one in fresh else person
        for person in question.people
        for one in (int(person.diary.provider),)
    ]
    holds = [hold for hold in question.holds if hold.provider not in fresh]
    holds += [hold for kept in fresh.values() for hold in kept.holds]
    return replace(question, people=people, holds=holds, now=clock.now_seconds())


def own_time(appointment: Appointment) -> dict[int, list[Taken]]:
    """Return the time an appointment uses, by provider."""
    rows = Seat.objects.filter(appointment=appointment, occupancy__is_active=True).values_list(
        "occupancy__provider_id",
        "occupancy__shown_start",
        "occupancy__shown_end",
        "occupancy__buffer_before",
        "occupancy__buffer_after",
        "occupancy__service_id",
    )
    found: dict[int, list[Taken]] = {}
    for provider, start, end, before, after, service in rows:
        found.setdefault(provider, []).append(Taken(start, end, before, after, service, appointment=appointment.pk))
    return found


def _without(diary: Diary, taken: Sequence[Taken]) -> Diary:
    present = [one for one in taken if one in diary.taken]
    return diary.removing(*present, version=diary.version) if present else diary


def _stretch(since: datetime, until: datetime) -> tuple[int, int]:
    if not timedelta(0) < until - since <= timedelta(days=MOST_DAYS):
        words = _("Ask for a stretch of at most %(days)s days, the earlier time first.")
        raise Invalid(words % {"days": MOST_DAYS}, field="to", days=MOST_DAYS)
    first = to_minute(since)
    return first + (from_minute(first) < since), to_minute(until) + (from_minute(to_minute(until)) < until)


def _sentence(rule: str, allows: bool) -> str:
    subject = {
        "provider": _("Whether this person offers it"),
        "notice": _("How soon it may be booked"),
        "window": _("How far ahead it may be booked"),
        "hours": _("Working hours"),
        "grid": _("When appointments start"),
        "busy": _("Other appointments and events"),
        "buffer": _("Time kept free around appointments"),
        "hold": _("Times kept for others"),
        "seats": _("Seats left"),
        "resource": _("Rooms and devices"),
        "limit": _("How many are taken in a period"),
    }.get(rule, rule)
    verdict = _("allows this time") if allows else _("does not allow this time")
    return f"{subject}: {verdict}"
