"""Which starts are free: rows go in as integers, the slot engine answers, and what it needs is kept per provider.

Every time taken and given is an aware UTC datetime. `as_staff` leaves out notice, booking window and visibility:
staff may book what consumers may not, but never an overlap.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.booking.catalogue import Offered, offers_of
from vestibule.booking.errors import NotPublished, ProviderNotOffered, ServiceHidden
from vestibule.booking.models import Appointment, Service
from vestibule.booking.questions import Asked
from vestibule.booking.reasons import Reasons, plain
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.scheduling import Assignment, Question, zones
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute

MOST_DAYS = 62
_LONGEST = timedelta(days=MOST_DAYS, hours=1)  # in autumn one of 62 local days has an hour more
HORIZON_DAYS = 400
# In the order in which they refuse.
RULES = (
    "provider",
    "notice",
    "window",
    "hours",
    "grid",
    "busy",
    "buffer",
    "hold",
    "seats",
    "resource",
    "limit",
)
_DAY = 24 * 60
_STRIDE = 31 * _DAY


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
    """What one rule says about a start: `rule` is one of `scheduling.Verdict`, `sentence` is for staff, with the facts.

    `plain` says no more than which rule it is, for anybody. `code` is the refusal when the rule does not allow the
    start, `detail` an English fact for programs and logs, `provider` whose day it is about.
    """

    rule: str
    allows: bool
    sentence: str
    code: str = ""
    detail: str = ""
    plain: str = ""
    provider: int | None = None


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
    first, last = stretch(since, until)
    asked = _asked(service, provider, length=length, holder=holder, as_staff=as_staff, moving=moving)
    free: dict[int, list[int]] = {}
    for one, starts in asked.offer(first, last).by_provider().items():
        for start in starts:
            free.setdefault(start, []).append(int(one))
    slot = _maker(asked)
    return [slot(start, tuple(free[start])) for start in sorted(free)]


def next_free(
    service: Service,
    after: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    as_staff: bool = False,
) -> Slot | None:
    """Return the first free start at or after `after` within the booking window (at most 400 days on), or None."""
    asked = _asked(service, provider, length=length, as_staff=as_staff)
    start = first_free(asked, minute_from(max(after, clock.now())))
    if start is None:
        return None
    return _maker(asked)(start, tuple(int(one) for one in asked.offer(start, start + 1).providers(start)))


def first_free(asked: Asked, first: int) -> int | None:
    """Return the first free start at or after minute `first`, at most 400 days on, or None."""
    for begin in range(first, first + HORIZON_DAYS * _DAY, _STRIDE):
        starts = asked.offer(begin, begin + _STRIDE).starts
        if starts:
            return starts[0]
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
    first, last = stretch(since, until)
    starts = _asked(service, provider, length=length, as_staff=as_staff, moving=moving).offer(first, last).starts
    shown = zones.clock_of(zone)
    return {zones.date_of(day): count for day, count in Counter(shown.day(start) for start in starts).items()}


def nearest(asked: Asked | Question, start: int, *, most: int = 5) -> list[datetime]:
    """Return free starts near minute `start`: those within three days, else the first ones later; earliest first."""
    around = _starts(asked, start - 3 * _DAY, start + 3 * _DAY) or _starts(asked, start, start + _STRIDE)
    closest = sorted(around, key=lambda one: (abs(one - start), one))[:most]
    return [from_minute(one) for one in sorted(closest)]


def explain(
    service: Service, start: datetime, *, provider: Provider | None = None, length: int | None = None
) -> Sequence[Verdict]:
    """Return what each rule says about `start`, for one provider or for the one who comes closest.

    `length` is one of `lengths_of`. All allow it if and only if the start is on offer. Where some do not, booking it is
    refused with the code of the first of them.
    """
    require_offered(service, start)
    asked = _asked(service, provider, length=length)
    minute = to_minute(start)
    verdicts = scheduling.explain(asked.question, minute, asked.provider_at(minute))
    verdicts.sort(key=lambda verdict: RULES.index(verdict.rule))
    told = Reasons(asked, minute, verdicts)
    return [
        Verdict(
            one.rule,
            one.ok,
            told.sentence(one),
            one.code,
            one.detail,
            plain(one.rule, one.ok),
            int(one.provider) if one.provider is not None else None,
        )
        for one in verdicts
    ]


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
    return _asked(service, provider, length=length, holder=holder, as_staff=as_staff, moving=moving).question


def lengths_of(service: Service) -> tuple[int, ...]:
    """Return the lengths in minutes that may be chosen, the usual one first; those of a group share their session's."""
    if service.seats > 1:
        return (service.duration_minutes,)
    return service.duration_minutes, *(one for one in service.lengths if one != service.duration_minutes)


def require_length(service: Service, length: int | None, *, as_staff: bool = False) -> None:
    """Raise Invalid unless `length` is one of the service's, or None for the usual one; staff choose 5 to 1,440."""
    if length is None or length in lengths_of(service):
        return
    if as_staff and service.seats == 1:
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


def require_published(actor: Actor, service: Service) -> None:
    """Raise NotPublished for the public where a business lets nobody book by themselves."""
    if actor.kind is ActorKind.PUBLIC and not service.business.is_published:
        raise NotPublished


def require_offered(service: Service, start: datetime, *, as_staff: bool = False) -> None:
    """Raise ServiceHidden if `service` cannot be booked, Invalid if `start` is no whole minute of this age."""
    require_visible(service, as_staff=as_staff)
    if start.tzinfo is None or start.second or start.microsecond or not 2000 <= start.year <= 2200:
        raise Invalid(_("Appointments start on whole minutes, said with their zone."), field="start")


def asked_of(
    service: Service,
    offers: Sequence[Offered],
    provider: int | None,
    *,
    length: int | None = None,
    holder: str = "",
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> Asked:
    """Return a service as it is asked for, for known `offers`; an appointment that is `moving` keeps its length.

    Raises ProviderNotOffered, or Invalid for a length that is not offered.
    """
    if moving is not None and length is None:
        length = moving.end_minute - moving.start_minute
    else:
        require_length(service, length, as_staff=as_staff)
    if provider is not None and provider not in {offer.provider for offer in offers}:
        raise ProviderNotOffered
    return Asked.now(service, offers, provider, length=length, holder=holder, as_staff=as_staff, moving=moving)


def minute_from(instant: datetime) -> int:
    """Return the first whole UTC minute that is not before `instant` (aware)."""
    minute = to_minute(instant)
    return minute + (from_minute(minute) < instant.astimezone(UTC))


def stretch(since: datetime, until: datetime, *, field: str = "to") -> tuple[int, int]:
    """Return the minutes of a stretch: the first, and the first behind it. Both ends are aware.

    Raises Invalid (`field`) for one that is reversed or longer than 62 days, of which one may have 25 hours.
    """
    is_told = since.year > 1 and until.year < 9999  # the days around both ends are looked at, in any zone
    if not is_told or not timedelta(0) < until.astimezone(UTC) - since.astimezone(UTC) <= _LONGEST:
        words = _("Ask for a stretch of at most %(days)s days, the earlier time first.")
        raise Invalid(words % {"days": MOST_DAYS}, field=field, days=MOST_DAYS)
    return minute_from(since), minute_from(until)


def seats_left(asked: Asked) -> Callable[[int, Sequence[int]], int | None]:
    """Return what tells how many may still join a start of a group service that these providers are free for.

    Of several who are free on their own each has a session; a team has one together.
    """
    seats, service = asked.rules.seats, asked.rules.service
    if seats is None:
        return lambda start, providers: None
    used = {int(person.diary.provider): Counter(person.diary.sessions(service)) for person in asked.question.people}
    now, viewer = asked.question.now, asked.question.viewer
    for hold in asked.question.holds:
        if hold.service == service and hold.expires > now and hold.holder != viewer and hold.provider in used:
            used[int(hold.provider)][hold.start] += 1
    together = sum if asked.assignment in (Assignment.ANY, Assignment.SPECIFIC) else min
    return lambda start, providers: max(0, together(seats - used[one][start] for one in providers))


def _starts(asked: Asked | Question, first: int, last: int) -> list[int]:
    return asked.offer(first, last).starts if isinstance(asked, Asked) else scheduling.free_starts(asked, first, last)


def _asked(
    service: Service,
    provider: Provider | None,
    *,
    length: int | None = None,
    holder: str = "",
    as_staff: bool = False,
    moving: Appointment | None = None,
) -> Asked:
    require_visible(service, as_staff=as_staff)
    return asked_of(
        service,
        offers_of(service.pk),
        provider.pk if provider else None,
        length=length,
        holder=holder,
        as_staff=as_staff,
        moving=moving,
    )


def _maker(asked: Asked) -> Callable[[int, tuple[int, ...]], Slot]:
    """Return what makes a slot of a start and those who are free then."""
    length, left = asked.rules.duration, seats_left(asked)
    return lambda start, who: Slot(from_minute(start), from_minute(start + length), who, left(start, who))
