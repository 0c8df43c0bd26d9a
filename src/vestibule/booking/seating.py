"""Taking time of providers for an appointment or a hold, and giving it back. Only ever inside a write transaction.

The providers' rows are locked in the order of their ids, the engine is asked once more for this one start, and the
database's own guard has the last word.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections

from vestibule import scheduling
from vestibule.booking import availability, diaries, resources, rules, turns
from vestibule.booking.catalogue import Offered, offers_of
from vestibule.booking.diaries import Change, Kept
from vestibule.booking.errors import BY_VERDICT, ProviderNotOffered, SlotTaken
from vestibule.booking.models import Appointment, Hold, Occupancy, Seat, Service, ServiceProvider
from vestibule.booking.questions import Asked, own_time
from vestibule.people import masks
from vestibule.people.errors import Refusal
from vestibule.people.models import Business, Provider
from vestibule.scheduling import Assignment, Taken
from vestibule.store import clock, rows
from vestibule.store.clock import from_minute
from vestibule.store.guards import is_overlap
from vestibule.store.ids import new_ref
from vestibule.store.transactions import after_commit, writing

MOST_TRIES = 25
MOST_TEAMS = 2000
FEW = 3
TRY_NEXT = frozenset({"slot_taken", "limit_reached", "resource_taken"})
_READ = ("id", "business_id", "ref", "slug", "name", "title", "email", "phone", "timezone", "mask_version")
_PROVIDERS = f"SELECT {', '.join(_READ)} FROM people_provider"  # noqa: S608 (our own column names)
Team = tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Aim:
    """What is to be taken: a start of a service, with whom, for whom. `zone` is the reader's, for refusals.

    `holder` is an own hold and `moving` an own appointment; both give their time up for it. `keeping` makes it a
    hold: its reference, and the second it ends. `length` is in minutes; without one it is that of the appointment
    that is moving, or the service's usual one. `known` are providers this consumer met before, the latest first, who
    are tried first.
    """

    service: Service
    start: int
    zone: str
    provider: int | None = None
    holder: str = ""
    as_staff: bool = False
    moving: Appointment | None = None
    keeping: tuple[str, int] | None = None
    length: int | None = None
    known: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """The minute it ends."""
        if self.length is None and self.moving is not None:
            return self.start + self.moving.end_minute - self.moving.start_minute
        return self.start + (self.length or self.service.duration_minutes)


@dataclass
class Place:
    """Time taken: the rows the seats go into, by whom, until when; and for which appointment, once it is seated.

    `session` is what appointments of a group service that take place together have in common; "" for other services.
    """

    providers: list[Provider]
    start: int
    end: int
    rows: Sequence[tuple[Occupancy, int]]
    session: str = ""
    appointment: int | None = None

    def seat(self, *, appointment: Appointment | None = None, hold: Hold | None = None) -> None:
        """Put an appointment or a hold into every seat of this place."""
        self.appointment = appointment.pk if appointment is not None else None
        rows.insert(
            [Seat(occupancy=row, number=number, appointment=appointment, hold=hold) for row, number in self.rows]
        )


def take(aim: Aim, fill: Callable[[Place], T]) -> T:
    """Take the time of the best team that is free and return what `fill` makes of it.

    Whom the consumer knows comes first, then who is held, then whose turn it is; a team that somebody else was faster
    with is passed over. Raises a refusal of `booking.errors`.
    """
    asked = _asked(aim)
    refusal: Refusal | None = None
    hold = Hold.objects.filter(ref=aim.holder).first() if aim.holder else None
    held = _providers_of(hold)
    for team in _teams(aim, asked, held):
        try:
            with writing():
                claim = _claim(aim, asked, team, held)
                made = fill(claim.place)
                _publish(claim.locked, _changes(aim, claim), booked=() if aim.keeping else team)
                resources.raise_versions(claim.stock)
                if not (aim.keeping or aim.moving):
                    turns.take(aim.service.pk, asked.offers, team)
                return made
        except IntegrityError as error:
            if not is_overlap(error):
                raise
        except Refusal as error:
            if error.code not in TRY_NEXT:
                raise
            refusal = error
    raise refusal or _refusal(aim, asked)


def refusal_of(aim: Aim) -> Refusal | None:
    """Return why `aim` could not be taken as things stand, or None. Nothing is locked or written.

    Raises what asking about it at all would raise, such as ProviderNotOffered.
    """
    asked = _asked(aim)
    return None if asked.offer(aim.start, aim.start + 1) else _refusal(aim, asked)


def _asked(aim: Aim) -> Asked:
    return availability.asked_of(
        aim.service,
        offers_of(aim.service.pk),
        aim.provider,
        length=aim.length,
        holder=aim.holder,
        as_staff=aim.as_staff,
        moving=aim.moving,
    )


def give_back(appointment: Appointment) -> None:
    """Free the time of `appointment` at once. A session of a group service stays for its other seats."""
    seats = list(Seat.objects.filter(appointment=appointment, occupancy__is_active=True).select_related("occupancy"))
    locked = _versions(lock({seat.occupancy.provider_id for seat in seats}))
    used = own_time(appointment)
    shared = set(
        Seat.objects.filter(occupancy_id__in=[seat.occupancy_id for seat in seats])
        .exclude(appointment=appointment)
        .values_list("occupancy_id", flat=True)
    )
    vacate([seat for seat in seats if seat.occupancy_id in shared])
    alone = [seat.occupancy_id for seat in seats if seat.occupancy_id not in shared]
    Occupancy.objects.filter(pk__in=alone).update(is_active=False)
    resources.release(alone)
    _publish(locked, Changes(removed={provider: tuple(taken) for provider, taken in used.items()}))


def give_up_hold(hold: Hold) -> None:
    """Free the time of `hold` at once."""
    locked = _versions(lock(_providers_of(hold)))
    used = resources.lock(resources.held_by(hold.ref))
    drop_holds([hold.ref])
    resources.raise_versions(used)
    _publish(locked, Changes(released=frozenset({hold.ref})))


def lock(providers: Collection[int]) -> dict[int, Provider]:
    """Lock providers' rows in the order of their ids until the transaction ends, and return them by id.

    Only what messages and meetings say of them is read.
    """
    if not providers:
        return {}
    connection = connections[DEFAULT_DB_ALIAS]
    for_update = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(providers))
        cursor.execute(f"{_PROVIDERS} WHERE id IN ({marks}) ORDER BY id{for_update}", list(providers))
        found = cursor.fetchall()
    return {row[0]: Provider.from_db(DEFAULT_DB_ALIAS, _READ, row) for row in found}


def _versions(providers: Mapping[int, Provider]) -> dict[int, int]:
    return {one: provider.mask_version for one, provider in providers.items()}


@dataclass(frozen=True)
class Changes:
    """What a write did to used time, by provider."""

    added: Mapping[int, tuple[Taken, ...]] | None = None
    removed: Mapping[int, tuple[Taken, ...]] | None = None
    held: Mapping[int, tuple[scheduling.Hold, ...]] | None = None
    released: frozenset[str] = frozenset()


def _teams(aim: Aim, asked: Asked, held: Collection[int]) -> Iterator[Team]:
    """Yield the teams that could take the start, the best first, at most 25."""
    ranks = turns.ranks(asked.offers)
    known = {provider: number for number, provider in enumerate(aim.known)}

    def turn(team: Team) -> tuple[int, bool, list[tuple[int, str, int, int]], Team]:
        met = min(known.get(one, len(known)) for one in team)
        return met, not held or set(team) != set(held), sorted((ranks[one] for one in team), reverse=True), team

    def best() -> Iterator[Team]:
        for part in _parts(asked, turn):
            found = part.offer(aim.start, aim.start + 1)
            teams = [tuple(int(one) for one in team) for team in islice(found.teams(aim.start), MOST_TEAMS)]
            yield from sorted(teams, key=turn)

    return islice(best(), MOST_TRIES)


def _parts(asked: Asked, turn: Callable[[Team], Any]) -> Iterator[Asked]:
    """Ask the few whose turn comes first before all others: nearly always they are free, and many are slow to ask.

    Of many people there are also more teams than can be looked through, and the best of them are among the few.
    """
    ranked = sorted(asked.offers, key=lambda offer: turn((offer.provider,)))
    few = asked.of(_first(asked, ranked))
    if len(few.offers) < len(asked.offers):
        yield few
        if asked.assignment is Assignment.ANY:
            yield asked.of({one.provider for one in asked.offers} - {one.provider for one in few.offers})
            return
    yield asked


def _first(asked: Asked, ranked: Sequence[Offered]) -> set[int]:
    """Return enough people for a few teams, of those `ranked` by turn; all of them where all are needed."""
    if asked.assignment is Assignment.ANY:
        return {one.provider for one in ranked[:FEW]}
    if asked.assignment is Assignment.SOME:
        return {one.provider for one in ranked[: asked.service.team_size + FEW]}
    if asked.assignment is not Assignment.MIXED:
        return {one.provider for one in ranked}
    found = {one.provider for one in ranked if one.role == ServiceProvider.Role.FIXED}
    for group in {one.group for one in ranked}:
        found |= {one.provider for one in [one for one in ranked if one.group == group][:FEW]}
    return found


@dataclass(frozen=True)
class Claim:
    """A place, the versions of everybody and everything locked for it, and what gave way to it."""

    place: Place
    asked: Asked
    locked: Mapping[int, int]
    stock: Mapping[int, int]
    removed: Mapping[int, tuple[Taken, ...]]
    released: frozenset[str]


def _claim(aim: Aim, asked: Asked, team: Team, held: Collection[int]) -> Claim:
    """Lock, check again, make room, and insert the rows that the database guards."""
    ids = {*team, *asked.away, *held}
    if _counts_everybody(asked):
        ids |= {offer.provider for offer in asked.offers}
    providers = lock(ids)
    locked = _versions(providers)
    needed = {need.resource for need in asked.needs}
    stock = resources.lock(needed | (resources.used_by(aim.moving.pk) if aim.moving else set()))
    fresh = diaries.keep(locked, days_back=rules.days_back(aim.service, asked.offers))
    asked = asked.again(fresh, resources.keep({one: version for one, version in stock.items() if one in needed}))
    _check(aim, asked, team)
    gone = _expired(fresh.values(), asked) | ({aim.holder} if held else set())
    drop_holds(gone)
    if aim.moving is not None:
        vacate(list(Seat.objects.filter(appointment=aim.moving)))
    removed = {provider: tuple(times) for provider, times in asked.away.items()}
    place = _occupy(aim, asked, [providers[one] for one in team])
    return Claim(place, asked, locked, stock, removed, frozenset(gone))


def _changes(aim: Aim, claim: Claim) -> Changes:
    place, service = claim.place, aim.service.pk
    own = {one.pk: claim.asked.rules_of(one.pk) for one in place.providers}
    if aim.keeping is None:
        added = {
            one: (Taken(place.start, place.end, by.before, by.after, service, appointment=place.appointment),)
            for one, by in own.items()
        }
        return Changes(added=added, removed=claim.removed, released=claim.released)
    ref, expires = aim.keeping
    held = {
        one: (scheduling.Hold(place.start, place.end, expires, ref, one, by.before, by.after, service),)
        for one, by in own.items()
    }
    return Changes(held=held, removed=claim.removed, released=claim.released)


def _check(aim: Aim, asked: Asked, team: Team) -> None:
    if asked.assignment in (Assignment.ANY, Assignment.SPECIFIC):
        verdict = scheduling.check(asked.of(team).question, aim.start, team[0])
        if verdict is not None:
            raise _refused(aim, asked, verdict)
    elif not asked.offer(aim.start, aim.start + 1).has_team(aim.start, team):
        raise _refusal(aim, asked)


def _refusal(aim: Aim, asked: Asked) -> Refusal:
    """Return why the start cannot be taken, by whoever comes closest."""
    return _refused(aim, asked, scheduling.check(asked.question, aim.start, asked.provider_at(aim.start)))


def _refused(aim: Aim, asked: Asked, verdict: scheduling.Verdict | None) -> Refusal:
    code = verdict.code if verdict is not None else "slot_taken"
    if code == "provider_not_offered":
        return ProviderNotOffered()
    if code in BY_VERDICT:
        return BY_VERDICT[code]()
    return SlotTaken(from_minute(aim.start), availability.nearest(asked, aim.start), aim.zone)


def _counts_everybody(asked: Asked) -> bool:
    return asked.rules.limits is not None and asked.rules.limits.scope is scheduling.Scope.SERVICE


def _providers_of(hold: Hold | None) -> set[int]:
    if hold is None:
        return set()
    return set(Seat.objects.filter(hold=hold).values_list("occupancy__provider_id", flat=True))


def _expired(fresh: Iterable[Kept], asked: Asked) -> set[str]:
    now = clock.now_seconds()
    held = [hold for kept in fresh for hold in kept.holds]
    if asked.needs:
        held += resources.holds_of(asked.stock.values())
    return {hold.holder for hold in held if hold.expires <= now}


def drop_holds(refs: Collection[str]) -> None:
    """Let go of holds and their time; whose versions to raise is for the caller."""
    if refs:
        vacate(list(Seat.objects.filter(hold__ref__in=refs)))
        Hold.objects.filter(ref__in=refs).delete()


def vacate(seats: Sequence[Seat]) -> None:
    """Empty seats, and let go of time nobody has a seat in any more."""
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).delete()
    Occupancy.objects.filter(pk__in=[seat.occupancy_id for seat in seats], seats__isnull=True).delete()


def _occupy(aim: Aim, asked: Asked, team: list[Provider]) -> Place:
    service, start, end = aim.service, aim.start, aim.end
    if service.seats > 1:
        joined = _joined_session(aim, team)
        if joined is not None:
            return joined
    guarded = service.business.buffer_rule == Business.BufferRule.SUM
    made = [
        Occupancy(
            business_id=service.business_id,
            provider=provider,
            service=service,
            start_minute=start - (own.before if guarded else 0),
            end_minute=end + (own.after if guarded else 0),
            shown_start=start,
            shown_end=end,
            buffer_before=own.before,
            buffer_after=own.after,
        )
        for provider in team
        for own in (asked.rules_of(provider.pk),)
    ]
    taken = rows.insert(made)
    if asked.needs:
        resources.use(asked.question, start, end, taken[0])
    return Place(team, start, end, [(row, 0) for row in taken], new_ref() if service.seats > 1 else "")


def _joined_session(aim: Aim, team: list[Provider]) -> Place | None:
    """Return the place in a session that others already booked, or None if there is none yet."""
    sessions = Occupancy.objects.filter(
        provider__in=team, service=aim.service, shown_start=aim.start, is_active=True
    ).prefetch_related("seats")
    free = [(session, _free_number({seat.number for seat in session.seats.all()})) for session in sessions]
    if len(free) < len(team):
        return None
    if any(number >= aim.service.seats for _session, number in free):
        raise SlotTaken(from_minute(aim.start), [], aim.zone)
    return Place(team, aim.start, free[0][0].shown_end, free, _session_of(free[0][0]))


def _session_of(row: Occupancy) -> str:
    """Return what the appointments that share this time have in common; something new where only holds do."""
    seated = Appointment.objects.filter(seats__occupancy=row).exclude(session="")
    return str(seated.values_list("session", flat=True).first() or new_ref())


def _free_number(taken: Collection[int]) -> int:
    return next(number for number in range(len(taken) + 1) if number not in taken)


def _publish(locked: Mapping[int, int], changes: Changes, *, booked: Team = ()) -> None:
    """Raise the versions of locked providers, and correct what this process keeps once all is stored."""
    version = masks.new_version()
    _raise(version, [one for one in locked if one not in booked])
    _raise(version, booked, clock.now())
    made = [
        Change(
            provider,
            before,
            version,
            added=(changes.added or {}).get(provider, ()),
            removed=(changes.removed or {}).get(provider, ()),
            held=(changes.held or {}).get(provider, ()),
            released=changes.released,
        )
        for provider, before in locked.items()
    ]
    after_commit(lambda: diaries.correct(made))


def _raise(version: int, providers: Collection[int], booked_at: datetime | None = None) -> None:
    if not providers:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    changed: list[Any] = [version]
    sql = "UPDATE people_provider SET mask_version = %s"
    if booked_at is not None:
        sql += ", last_booked_at = %s"
        changed.append(connection.ops.adapt_datetimefield_value(booked_at))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} WHERE id IN ({', '.join(['%s'] * len(providers))})", [*changed, *providers])
