"""Rooms, devices and licences: which units are free, kept in this process like people's diaries, and taking them.

Kept per resource for as long as `Resource.mask_version` stands still; version 0 was never changed, and nothing is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections

from vestibule.booking.errors import ResourceTaken
from vestibule.booking.models import Occupancy, Resource, ResourceClosure, ResourceUnit, ResourceUse
from vestibule.booking.shelf import Shelf
from vestibule.people import masks
from vestibule.people.models import Business
from vestibule.scheduling import Diary, Hold, Pool, Question, Taken, offer
from vestibule.store import clock, rows
from vestibule.store.clock import to_minute
from vestibule.store.guards import is_overlap
from vestibule.store.transactions import writing

MOST_KEPT = 2048
MARGIN = 3 * 24 * 60
_NEEDS = (
    'SELECT n.resource_id, r.mask_version, n.quantity, n."group", r.name FROM booking_serviceresource n'
    " JOIN booking_resource r ON r.id = n.resource_id WHERE n.service_id = %s ORDER BY n.id"
)


@dataclass(frozen=True, slots=True)
class Need:
    """That a service needs `quantity` units of a resource, or of any resource with the same `group` ("": this one)."""

    resource: int
    version: int
    quantity: int
    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Use:
    """A unit in use by an occupancy: `appointments` have a seat in it, and holds (`ref`, second it ends)."""

    unit: int
    taken: Taken
    appointments: frozenset[int]
    holds: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one resource: the diary of each unit without holds, and what uses them after minute `since`."""

    version: int
    units: Mapping[int, Diary]
    uses: tuple[Use, ...]
    since: int


def needs_of(service: int) -> list[Need]:
    """Return what a service needs besides people."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS, [service])
        return [Need(*row) for row in cursor.fetchall()]


def keep(versions: Mapping[int, int]) -> dict[int, Kept]:
    """Return what is known of resources (id: version), reading what is missing; as of `versions` or later."""
    return _shelf.keep(versions, to_minute(clock.now()) - MARGIN)


def forget() -> None:
    """Forget everything kept; for tests that change tables under our hands."""
    _shelf.forget()


def pools_of(needs: Sequence[Need], stock: Mapping[int, Kept], moving: int | None = None) -> tuple[Pool, ...]:
    """Return the engine's pools, in the order of the needs; what appointment `moving` uses alone is free to it."""
    groups: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        groups[need.group or f"resource {need.resource}"].append(need)
    return tuple(
        Pool(
            [unit for need in group if need.resource in stock for unit in _units(stock[need.resource], moving)],
            max(1, *(need.quantity for need in group)),
        )
        for group in groups.values()
    )


def holds_of(stock: Iterable[Kept]) -> list[Hold]:
    """Return what is held of units, as the engine is told, even if expired. A session with an appointment is none."""
    return [
        Hold(
            use.taken.start,
            use.taken.end,
            expires,
            ref,
            name_of(use.unit),
            use.taken.before,
            use.taken.after,
            use.taken.service,
        )
        for kept in stock
        for use in kept.uses
        if not use.appointments
        for ref, expires in use.holds
    ]


def name_of(unit: int) -> str:
    """Return what the engine calls a unit: no provider has such a name."""
    return f"unit {unit}"


def used_by(appointment: int) -> set[int]:
    """Return the resources that an appointment uses."""
    found = ResourceUse.objects.filter(occupancy__seats__appointment=appointment, is_active=True)
    return set(found.values_list("unit__resource_id", flat=True))


def held_by(ref: str) -> set[int]:
    """Return the resources that a hold keeps."""
    found = ResourceUse.objects.filter(occupancy__seats__hold__ref=ref, is_active=True)
    return set(found.values_list("unit__resource_id", flat=True))


def lock(resources: Collection[int]) -> dict[int, int]:
    """Lock resources' rows in the order of their ids until the transaction ends; return their versions.

    Providers are locked before.
    """
    if not resources:
        return {}
    for_update = " FOR UPDATE" if connections[DEFAULT_DB_ALIAS].features.has_select_for_update else ""
    marks = ", ".join(["%s"] * len(resources))
    sql = f"SELECT id, mask_version FROM booking_resource WHERE id IN ({marks}) ORDER BY id{for_update}"  # noqa: S608 (marks alone)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(resources))
        return dict(cursor.fetchall())


def raise_versions(resources: Iterable[int]) -> None:
    """Tell every process that the use, closures or units of these resources changed. Call it while writing."""
    ids = list(resources)
    if ids:
        Resource.objects.filter(pk__in=ids).update(mask_version=masks.new_version())


def use(question: Question, start: int, end: int, occupancy: Occupancy) -> None:
    """Take what the question needs from `start` to `end` for an occupancy: of each pool the first units that are free.

    A unit the database refuses is passed over. Raises ResourceTaken when too few are left.
    """
    rules = question.rules
    guarded = rules.buffer_rule.value == Business.BufferRule.SUM.value
    stretch = (start - (rules.before if guarded else 0), end + (rules.after if guarded else 0))
    for pool, free in zip(question.resources, offer(question, start, start + 1).units(start), strict=True):
        missing = pool.wanted
        for unit in free:
            if missing and _insert(occupancy, int(str(unit).split()[1]), stretch):
                missing -= 1
        if missing:
            raise ResourceTaken


def use_if_free(service: int, occupancy: Occupancy) -> None:
    """Take what a service needs for an occupancy as far as it is free: whoever decided on its time did not ask us.

    Its providers are locked already.
    """
    groups: dict[str, list[Need]] = defaultdict(list)
    for need in needs_of(service):
        groups[need.group or f"resource {need.resource}"].append(need)
    if not groups:
        return
    wanted = {need.resource for group in groups.values() for need in group}
    lock(wanted)
    live = ResourceUnit.objects.filter(is_active=True, resource__is_active=True).order_by("number", "pk")
    for group in groups.values():
        missing = max(1, *(need.quantity for need in group))
        for unit in live.filter(resource_id__in=[need.resource for need in group]).values_list("pk", flat=True):
            if missing and _insert(occupancy, unit, (occupancy.start_minute, occupancy.end_minute)):
                missing -= 1
    raise_versions(wanted)


def release(occupancies: Collection[int]) -> None:
    """Give back what these occupancies use, and tell every process. Their providers are locked already."""
    uses = ResourceUse.objects.filter(occupancy_id__in=list(occupancies), is_active=True)
    used = set(uses.values_list("unit__resource_id", flat=True))
    if used:
        lock(used)
        uses.update(is_active=False)
        raise_versions(used)


def _insert(occupancy: Occupancy, unit: int, stretch: tuple[int, int]) -> bool:
    try:
        with writing():
            start, end = stretch
            rows.insert([ResourceUse(occupancy=occupancy, unit_id=unit, start_minute=start, end_minute=end)])
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        return False
    return True


def _units(kept: Kept, moving: int | None) -> list[Diary]:
    """Return the diary of each unit, without what `moving` alone uses."""
    if moving is None:
        return list(kept.units.values())
    own: dict[int, list[Taken]] = defaultdict(list)
    for one in kept.uses:
        if one.appointments == {moving} and not one.holds and one.unit in kept.units:
            own[one.unit].append(one.taken)
    return [
        diary.removing(*own[unit], version=diary.version) if unit in own else diary
        for unit, diary in kept.units.items()
    ]


def _build(versions: Mapping[int, int], since: int) -> dict[int, Kept]:
    units: dict[int, list[int]] = {one: [] for one in versions}
    live = ResourceUnit.objects.filter(resource_id__in=versions, is_active=True, resource__is_active=True)
    for resource, unit in live.order_by("number").values_list("resource_id", "pk"):
        units[resource].append(unit)
    closed: dict[int, list[Taken]] = defaultdict(list)
    closures = ResourceClosure.objects.filter(resource_id__in=versions, end_minute__gt=since)
    for resource, start, end in closures.values_list("resource_id", "start_minute", "end_minute"):
        closed[resource].append(Taken(start, end, closes=True))
    uses = _uses(versions, since)
    made: dict[int, Kept] = {}
    for resource, version in versions.items():
        booked: dict[int, list[Taken]] = defaultdict(list)
        for one in uses[resource]:
            if one.appointments:
                booked[one.unit].append(one.taken)
        diaries = {
            unit: Diary(name_of(unit), None, (*closed[resource], *booked[unit]), version=version)
            for unit in units[resource]
        }
        made[resource] = Kept(version, diaries, tuple(uses[resource]), since)
    return made


def _uses(resources: Iterable[int], since: int) -> dict[int, list[Use]]:
    """Return what uses each resource; of a session with several seats one use."""
    seats: dict[tuple[int, int, int, Taken], list[tuple[int | None, str | None, int]]] = defaultdict(list)
    found: Iterable[tuple[Any, ...]] = ResourceUse.objects.filter(
        unit__resource_id__in=list(resources), is_active=True, end_minute__gt=since
    ).values_list(
        "unit__resource_id",
        "unit_id",
        "occupancy_id",
        "start_minute",
        "end_minute",
        "occupancy__shown_start",
        "occupancy__shown_end",
        "occupancy__buffer_before",
        "occupancy__buffer_after",
        "occupancy__business__buffer_rule",
        "occupancy__service_id",
        "occupancy__seats__appointment_id",
        "occupancy__seats__hold__ref",
        "occupancy__seats__hold__expires_at",
    )
    for resource, unit, occupancy, first, last, start, end, *rest in found:
        before, after, rule, service, appointment, ref, expires = rest
        if rule == Business.BufferRule.SUM.value:
            before, after = start - first, last - end
        taken = Taken(start, end, before, after, service)
        seats[resource, unit, occupancy, taken].append((appointment, ref, int(expires.timestamp()) if ref else 0))
    uses: dict[int, list[Use]] = defaultdict(list)
    for (resource, unit, _occupancy, taken), users in seats.items():
        appointments = frozenset(one for one, _ref, _expires in users if one is not None)
        holds = frozenset((ref, expires) for _one, ref, expires in users if ref is not None)
        uses[resource].append(Use(unit, taken, appointments, holds))
    return uses


_shelf = Shelf(Resource, _build, most=MOST_KEPT)
