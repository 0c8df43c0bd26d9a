"""Taking time as a scheduler outside says: no rule of ours is asked, only the database may refuse.

Inside a write transaction. What consumers hold gives way: it is no appointment yet.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import IntegrityError
from django.db.models import Q

from vestibule.booking import resources, seating
from vestibule.booking.catalogue import offers_of
from vestibule.booking.models import Appointment, Hold, Occupancy, Seat, Service
from vestibule.booking.seating import Place
from vestibule.people import masks
from vestibule.people.models import Provider
from vestibule.store import rows
from vestibule.store.guards import is_overlap
from vestibule.store.transactions import writing

T = TypeVar("T")


class Taken(Exception):
    """The time is somebody else's here."""


def take(
    service: Service,
    team: Sequence[Provider],
    stretch: tuple[int, int],
    fill: Callable[[Place], T],
    *,
    moving: Appointment | None = None,
) -> T:
    """Take a stretch (UTC minutes) of everybody in `team` and return what `fill` makes of it; `moving` gives its up.

    Raises Taken where the database refuses, and then nothing is changed.
    """
    former = _former(moving)
    try:
        with writing():
            locked = seating.lock({*(one.pk for one in team), *former})
            used = resources.used_by(moving.pk) if moving is not None else set()
            _make_room([one.pk for one in team], stretch, moving)
            row = rows.insert(_occupancies(service, team, stretch))
            resources.use_if_free(service.pk, row[0])
            made = fill(Place([locked[one.pk] for one in team], *stretch, [(one, 0) for one in row]))
            resources.raise_versions(used)
            masks.raise_versions(locked)
            return made
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        raise Taken from error


def vacate(appointments: Sequence[Appointment]) -> None:
    """Let appointments (locked) that change places with each other give their time up, before any of them takes its
    new one. Inside the writing block in which they do."""
    seats = list(Seat.objects.filter(appointment__in=appointments).select_related("occupancy"))
    locked = seating.lock({one.occupancy.provider_id for one in seats})
    for one in appointments:
        resources.raise_versions(resources.used_by(one.pk))
    seating.vacate(seats)
    masks.raise_versions(locked)


def _former(moving: Appointment | None) -> set[int]:
    if moving is None:
        return set()
    return set(Seat.objects.filter(appointment=moving).values_list("occupancy__provider_id", flat=True))


def _make_room(team: Sequence[int], stretch: tuple[int, int], moving: Appointment | None) -> None:
    touching = Q(seats__occupancy__end_minute__gt=stretch[0], seats__occupancy__start_minute__lt=stretch[1])
    held = Hold.objects.filter(touching, seats__occupancy__provider_id__in=team)
    seating.drop_holds(set(held.values_list("ref", flat=True)))
    if moving is not None:
        seating.vacate(list(Seat.objects.filter(appointment=moving)))


def _occupancies(service: Service, team: Sequence[Provider], stretch: tuple[int, int]) -> list[Occupancy]:
    """Return rows that guard the bare time: what lies around it there is for them to say. Ours keeps its buffers."""
    own = {one.provider: one.own_rules for one in offers_of(service.pk)}
    made = []
    for one in team:
        rules = own.get(one.pk)
        before, after = (rules.before, rules.after) if rules is not None else (None, None)
        made.append(
            Occupancy(
                business_id=service.business_id,
                provider=one,
                service=service,
                start_minute=stretch[0],
                end_minute=stretch[1],
                shown_start=stretch[0],
                shown_end=stretch[1],
                buffer_before=service.buffer_before_minutes if before is None else before,
                buffer_after=service.buffer_after_minutes if after is None else after,
            )
        )
    return made
