"""Many appointments at once, when somebody is ill: what could become of each, and doing what was chosen.

Each appointment is moved or cancelled by itself, in its own transaction and with its own messages: one that cannot be
done does not stop the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.db.models import Q
from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.booking import availability, lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.people.errors import Invalid, NotPermitted, Refusal
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.scheduling import Question
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute

S = Appointment.Status
CHANGEABLE = (S.REQUESTED, S.BOOKED, S.ARRIVED, S.WAITING)
MOST = 200
MOST_COLLEAGUES = 20
MOST_TIMES = 4
DAYS_AROUND = 21


class Action(StrEnum):
    """What can be done with one of them."""

    KEEP = "keep"
    REASSIGN = "reassign"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Proposal:
    """What could become of one appointment.

    `colleagues` could take it at the same time, least recently booked first. `times` are free starts with the same
    provider outside the absence: the first after it, then those before it; no two proposals begin with the same one.
    """

    appointment: Appointment
    colleagues: Sequence[Provider]
    times: Sequence[datetime]

    @property
    def suggested(self) -> Action:
        """What to do unless somebody knows better: nothing is cancelled by itself."""
        if self.colleagues:
            return Action.REASSIGN
        return Action.MOVE if self.times else Action.KEEP


@dataclass(frozen=True)
class Choice:
    """What to do with one appointment: `provider` for REASSIGN, `start` (aware) for MOVE, `reason` for CANCEL."""

    appointment: Appointment
    action: Action
    provider: Provider | None = None
    start: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a choice: the appointment as it is now, or why nothing was changed."""

    choice: Choice
    appointment: Appointment
    refusal: Refusal | None = None


def permit(actor: Actor, provider: Provider) -> None:
    """Raise NotPermitted unless `actor` may rearrange the appointments of `provider`."""
    if actor.may(Permission.CHANGE_APPOINTMENTS):
        return
    if not (actor.provider_id == provider.pk and actor.may(Permission.CHANGE_OWN_APPOINTMENTS)):
        raise NotPermitted(_("Your role changes your own appointments only. Ask a scheduler for others."))


def affected(actor: Actor, provider: Provider, since: datetime, until: datetime) -> list[Appointment]:
    """Return what `provider` has booked between two aware times and has not begun, earliest first; at most 200."""
    permit(actor, provider)
    if since >= until:
        raise Invalid(_("The absence ends after it begins. Change one of the days."), field="until")
    rows = Appointment.objects.visible_to(actor).filter(
        Q(provider=provider) | Q(seats__occupancy__provider=provider, seats__occupancy__is_active=True),
        status__in=CHANGEABLE,
        start_minute__lt=to_minute(until),
        end_minute__gt=to_minute(since),
        start_minute__gt=to_minute(clock.now()),
    )
    rows = rows.select_related("service__business", "provider", "business").distinct()
    return list(rows.order_by("start_minute", "pk")[:MOST])


def proposals(actor: Actor, provider: Provider, since: datetime, until: datetime) -> list[Proposal]:
    """Return what could become of each appointment of `provider` between two aware times. Nothing is changed.

    Raises NotPermitted, and Invalid for a stretch that ends before it begins.
    """
    asked = _Asked(provider, (to_minute(since), to_minute(until)))
    people = {one.pk: one for one in Provider.objects.visible_to(actor).filter(is_active=True)}
    given: set[tuple[int, int]] = set()
    found = []
    for appointment in affected(actor, provider, since, until):
        is_alone = appointment.service.assignment == Service.Assignment.ANY
        may_give = is_alone and actor.may(Permission.CHANGE_APPOINTMENTS)
        colleagues = asked.colleagues(appointment, people) if may_give else []
        times = asked.times(appointment, given)
        if times and appointment.service.seats == 1:
            given.add((to_minute(times[0]), _length(appointment)))
        found.append(Proposal(appointment, colleagues, times))
    return found


def carry_out(actor: Actor, choices: Iterable[Choice]) -> list[Outcome]:
    """Do what was chosen, one appointment after the other, and say what came of each. KEEP is left out.

    Both sides of each appointment are told as if it had been changed by itself.
    """
    outcomes = []
    for choice in choices:
        if choice.action is Action.KEEP:
            continue
        try:
            outcomes.append(Outcome(choice, _done(actor, choice)))
        except Refusal as refusal:
            outcomes.append(Outcome(choice, choice.appointment, refusal))
    return outcomes


def _done(actor: Actor, choice: Choice) -> Appointment:
    appointment = choice.appointment
    if choice.action is Action.CANCEL:
        return lifecycle.cancel(actor, appointment, reason=choice.reason)
    if choice.action is Action.REASSIGN:
        if choice.provider is None:
            raise Invalid(_("Nobody was chosen to take it over. Choose somebody."), field="provider")
        return lifecycle.move(actor, appointment, appointment.start, provider=choice.provider)
    if choice.start is None:
        raise Invalid(_("No time was chosen. Choose one of the times shown."), field="start")
    return lifecycle.move(actor, appointment, choice.start, provider=choice.provider)


def _length(appointment: Appointment) -> int:
    return int(appointment.end_minute - appointment.start_minute)


class _Asked:
    """What the engine is asked, once for each service and length.

    The absent provider's own appointments need not make room for one another: what is proposed lies outside the
    absence, or with others.
    """

    def __init__(self, absent: Provider, away: tuple[int, int]) -> None:
        self._absent, self._away = absent, away
        self._anybody: dict[tuple[int, int], Question | None] = {}
        self._starts: dict[tuple[int, int], list[int]] = {}

    def colleagues(self, appointment: Appointment, people: dict[int, Provider]) -> list[Provider]:
        """Return who else is free at its time, least recently booked first."""
        key = (appointment.service_id, _length(appointment))
        if key not in self._anybody:
            self._anybody[key] = _question(appointment)
        question, start = self._anybody[key], appointment.start_minute
        if question is None:
            return []
        offer = scheduling.offer(question, start, start + 1)
        free = [people[int(one)] for one in (offer.providers(start) if offer.starts else ()) if int(one) in people]
        others = [one for one in free if one.pk != self._absent.pk]
        ranked = sorted(others, key=lambda one: (one.last_booked_at is not None, one.last_booked_at or 0, one.position))
        return ranked[:MOST_COLLEAGUES]

    def times(self, appointment: Appointment, given: set[tuple[int, int]]) -> list[datetime]:
        """Return free starts with the same provider outside the absence: later ones first, nearest first.

        Who is asked to come sooner has to be reached sooner, so that comes second.
        """
        key, length = (appointment.service_id, _length(appointment)), _length(appointment)
        first, last = self._away
        if key not in self._starts:
            around = DAYS_AROUND * 24 * 60
            question = _question(appointment, self._absent)
            since = max(to_minute(clock.now()), first - around)
            found = scheduling.free_starts(question, since, last + around) if question else []
            self._starts[key] = [one for one in found if not (one < last and one + length > first)]

        def is_left(start: int) -> bool:
            return not any(start < other + takes and start + length > other for other, takes in given)

        wanted = appointment.start_minute
        near = sorted(self._starts[key], key=lambda one: (one < wanted, abs(one - wanted)))
        return [from_minute(one) for one in islice((one for one in near if is_left(one)), MOST_TIMES)]


def _question(appointment: Appointment, provider: Provider | None = None) -> Question | None:
    """Return the engine's question about such an appointment; None where its service cannot be booked any more."""
    try:
        return availability.ask(appointment.service, provider=provider, length=_length(appointment), as_staff=True)
    except Refusal:
        return None
