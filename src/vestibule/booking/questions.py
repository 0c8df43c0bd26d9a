"""The slot engine's question about a service, and what has to be known to put it again under lock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from vestibule.booking import bookable_hours, diaries, resources, rules
from vestibule.booking.catalogue import Offered
from vestibule.booking.diaries import Kept, Redirect
from vestibule.booking.models import Appointment, Seat, Service, ServiceProvider
from vestibule.booking.resources import Need
from vestibule.scheduling import (
    Assignment,
    Diary,
    Offer,
    Person,
    Question,
    RollingAvailableDays,
    Rules,
    Scope,
    Taken,
)
from vestibule.scheduling.cases import Case
from vestibule.store import clock

LATEST = 1 << 32
_ONE = (Assignment.ANY, Assignment.SPECIFIC)


@dataclass(frozen=True)
class Asked:
    """A service as somebody asks for it, with what is known of its people and of what it needs.

    `provider` is who is asked for, `holder` the reference of an own hold; `moving` gives its time up, which is `away`
    by provider. Whoever stands in for the provider is asked for too, in those stretches alone.
    """

    service: Service
    offers: Sequence[Offered]
    rules: Rules
    provider: int | None
    holder: str
    as_staff: bool
    moving: Appointment | None
    kept: Mapping[int, Kept]
    needs: Sequence[Need]
    stock: Mapping[int, resources.Kept]
    away: Mapping[int, Sequence[Taken]]

    @classmethod
    def now(
        cls,
        service: Service,
        offers: Sequence[Offered],
        provider: int | None,
        *,
        length: int | None = None,
        holder: str = "",
        as_staff: bool = False,
        moving: Appointment | None = None,
    ) -> "Asked":
        """Return the question as things stand, for `length` minutes (None: the usual)."""
        needs = resources.needs_of(service.pk) if offers and offers[0].needs_resources else ()
        return cls(
            service,
            offers,
            rules.rules_of(service, service.business, length=length, as_staff=as_staff),
            provider,
            holder,
            as_staff,
            moving,
            diaries.keep(
                {offer.provider: offer.version for offer in offers}, days_back=rules.days_back(service, offers)
            ),
            needs,
            resources.keep({need.resource: need.version for need in needs}) if needs else {},
            own_time(moving) if moving is not None else {},
        )

    def again(self, kept: Mapping[int, Kept], stock: Mapping[int, resources.Kept]) -> "Asked":
        """Return the same with newer knowledge of some people and resources, read under their lock."""
        return replace(self, kept={**self.kept, **kept}, stock={**self.stock, **stock})

    def of(self, providers: Collection[int]) -> "Asked":
        """Return what is asked of some who offer the service, as though there were no others.

        Whoever is asked for stays. All stay where the answer for one depends on the others.
        """
        limits, window = self.rules.limits, self.rules.window
        if (limits is not None and limits.scope is Scope.SERVICE) or isinstance(window, RollingAvailableDays):
            return self
        return replace(self, offers=[one for one in self.offers if one.provider in (*providers, self.provider)])

    @property
    def assignment(self) -> Assignment:
        """How a team is put together; asking for somebody makes `any` specific."""
        assignment = Assignment(self.service.assignment)
        if assignment is Assignment.SOME and self.service.team_size < 1:
            assignment = Assignment.ANY
        return Assignment.SPECIFIC if self.provider is not None and assignment is Assignment.ANY else assignment

    @cached_property
    def question(self) -> Question:
        """What the engine is asked."""
        service = self.service
        redirects = self.redirects
        people = [person for offer in self.offers if (person := self._person(offer, redirects)) is not None]
        known = [kept for one in people if (kept := self.kept.get(int(one.diary.provider)))]
        holds = [hold for kept in known for hold in kept.holds]
        return Question(
            rules=self.rules,
            people=people,
            now=clock.now_seconds(),
            holds=holds + resources.holds_of(self.stock.values()) if self.needs else holds,
            viewer=self.holder or None,
            assignment=self.assignment,
            chosen=() if self.provider is None else (self.provider, *redirects),
            resources=resources.pools_of(self.needs, self.stock, self.moving.pk if self.moving else None),
            hours=bookable_hours.hours_of(service.availability, service.business.timezone),
            team_size=service.team_size,
        )

    @cached_property
    def redirects(self) -> dict[int, list[Redirect]]:
        """When who stands in for the provider asked for, by colleague; only those who offer the service."""
        if self.provider is None or self.provider not in self.kept or self.assignment is not Assignment.SPECIFIC:
            return {}
        found: dict[int, list[Redirect]] = {}
        offering = {offer.provider for offer in self.offers} - {self.provider}
        for redirect in self.kept[self.provider].redirects:
            if redirect.to in offering:
                found.setdefault(redirect.to, []).append(redirect)
        return found

    def offer(self, first: int, last: int) -> Offer:
        """Return what is on offer between two minutes; of teams only those with the provider asked for."""
        return Offer(Case(self.question, only=None if self.assignment in _ONE else self.provider), first, last)

    def provider_at(self, start: int) -> int | None:
        """Return whom a start is asked of: the provider asked for, or who stands in then."""
        for colleague, stretches in self.redirects.items():
            if any(one.start <= start < one.end for one in stretches):
                return colleague
        return self.provider

    def rules_of(self, provider: int) -> Rules:
        """Return how a provider takes the service."""
        own = next((offer.own_rules for offer in self.offers if offer.provider == provider), None)
        return rules.own_rules(self.rules, own, as_staff=self.as_staff) or self.rules

    def _person(self, offer: Offered, redirects: Mapping[int, Sequence[Redirect]]) -> Person | None:
        kept = self.kept.get(offer.provider)
        if kept is None:
            return None
        diary = _without(kept.diary(offer.schedule), self.away.get(offer.provider, ()))
        if offer.provider in redirects:
            diary = diary.holding(*_closed_outside(redirects[offer.provider]))
        own = offer.own_rules
        return Person(
            diary,
            fixed=offer.role == ServiceProvider.Role.FIXED,
            group=offer.group or None,
            rules=rules.own_rules(self.rules, own, as_staff=self.as_staff) if own else None,
            limits=rules.limits_of(own.limits, self.service.business) if own else None,
        )


def own_time(appointment: Appointment) -> dict[int, list[Taken]]:
    """Return the time an appointment uses, by provider."""
    rows = Seat.objects.filter(appointment=appointment, occupancy__is_active=True).values_list(*diaries.USED)
    found: dict[int, list[Taken]] = {}
    for provider, start, end, before, after, service in rows:
        found.setdefault(provider, []).append(Taken(start, end, before, after, service, appointment=appointment.pk))
    return found


def _closed_outside(stretches: Sequence[Redirect]) -> list[Taken]:
    """Return what closes all time but these stretches."""
    found, at = [], 0
    for one in sorted(stretches, key=lambda stretch: stretch.start):
        found.append(Taken(at, one.start, closes=True))
        at = max(at, one.end)
    return [one for one in (*found, Taken(at, LATEST, closes=True)) if one.start < one.end]


def _without(diary: Diary, taken: Sequence[Taken]) -> Diary:
    present = [one for one in taken if one in diary.taken]
    return diary.removing(*present, version=diary.version) if present else diary
