"""Booking past the rules, as an administrator says: any time, any of the staff, however long. Never two at once.

What a rule would refuse is written into the audit trail as set aside. What consumers hold gives way.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from vestibule.booking import access, announcements, availability, lifecycle, making, waitlist_offers
from vestibule.booking.catalogue import offers_of
from vestibule.booking.errors import ProviderNotOffered, SlotTaken
from vestibule.booking.models import Appointment, Service
from vestibule.booking.outside import placing
from vestibule.booking.seating import Place
from vestibule.booking.wishes import Wish
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

T = TypeVar("T")
TEAMS = (Service.Assignment.ALL, Service.Assignment.MIXED)


def book(actor: Actor, wish: Wish, team: Sequence[Provider] = ()) -> Appointment:
    """Book `wish` whatever the rules say, with everybody in `team`; without one, with whoever offers it and is free.

    Nothing waits for approval. Raises NotPermitted unless `actor` manages the business, SlotTaken, Invalid for what
    cannot be said of an appointment at all, ProviderNotOffered where nobody offers the service.
    """
    actor.require(Permission.MANAGE_BUSINESS)
    service = wish.service
    access.require_own_business(actor, service)
    availability.require_offered(service, wish.start, as_staff=True)
    availability.require_length(service, wish.length_minutes, as_staff=True)
    checked = making.check(actor, replace(wish, provider=None, length_minutes=None), partly=True)
    stretch = _stretch(wish.start, wish.length_minutes or service.duration_minutes)

    def fill(place: Place) -> Appointment:
        place.session = new_ref() if service.seats > 1 else ""
        return making.write(actor, wish, checked, place, is_approved=True).appointment

    with writing():
        made = _first_free(service, _teams(service, team), stretch, fill, zone=checked.contact.timezone)
        access.record(actor, made, "rules_set_aside")
        return made


def move(
    actor: Actor,
    appointment: Appointment,
    start: datetime,
    *,
    team: Sequence[Provider] = (),
    length: int | None = None,
) -> Appointment:
    """Move an appointment to `start` (aware) whatever the rules say, to `team` if given, else with who has it now.

    `length` is in minutes; as long as now, if left out. Raises as `book`, WrongStatus.
    """
    actor.require(Permission.MANAGE_BUSINESS)
    availability.require_offered(appointment.service, start, as_staff=True)
    availability.require_length(appointment.service, length, as_staff=True)
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        former = announcements.team_of(current)
        stretch = _stretch(start, length or current.end_minute - current.start_minute)

        def fill(place: Place) -> Appointment:
            place.session = current.session
            return lifecycle.rewritten(actor, current, former, place)

        teams = [list(team) or former]
        moved = _first_free(current.service, teams, stretch, fill, moving=current, zone=current.timezone)
        access.record(actor, moved, "rules_set_aside")
        waitlist_offers.when_free(current.business_id)
        return moved


def _stretch(start: datetime, minutes: int) -> tuple[int, int]:
    first = to_minute(start)
    return first, first + minutes


def _teams(service: Service, named: Sequence[Provider]) -> list[list[Provider]]:
    """Return who might take it, the best first: whoever is named, else everybody together, or one after another."""
    if named:
        return [list(named)]
    ids = [one.provider for one in offers_of(service.pk)]
    known = Provider.objects.in_bulk(ids)
    offering = [known[one] for one in ids if one in known]
    if not offering:
        raise ProviderNotOffered
    return [offering] if service.assignment in TEAMS else [[one] for one in offering]


def _first_free(
    service: Service,
    teams: Sequence[list[Provider]],
    stretch: tuple[int, int],
    fill: Callable[[Place], T],
    *,
    zone: str,
    moving: Appointment | None = None,
) -> T:
    for team in teams:
        try:
            return placing.take(service, team, stretch, fill, moving=moving)
        except placing.Taken:
            continue
    start = from_minute(stretch[0])
    asked = availability.ask(service, as_staff=True, moving=moving)
    raise SlotTaken(start, availability.nearest(asked, stretch[0]), zone)
