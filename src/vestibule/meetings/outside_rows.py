"""What a row of `OutsidePlace` holds: the order as JSON, and beside it with whom it is carried out.

`order["held_by"]` is the organizer with whom the place was made, or was asked for while nobody knows what came of it;
absent: nobody was asked. `order["former"]` lists the places that are to go, each with its organizer and what stands
there ({}: perhaps nothing).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from vestibule.meetings.models import OutsidePlace
from vestibule.meetings.ports import PlaceMade, PlaceOrder, PlaceSeat

HELD_BY, FORMER = "held_by", "former"
_TIMES = ("start", "end", "opens", "closes")


@dataclass(frozen=True)
class Former:
    """A place that is to go; `made` None: it may not be there at all."""

    organizer: str
    made: PlaceMade | None


def order_of(row: OutsidePlace) -> PlaceOrder:
    """Return what is ordered."""
    told = row.order
    times = {name: datetime.fromisoformat(told[name]) for name in _TIMES}
    seats = tuple(PlaceSeat(**one) for one in told["seats"])
    return PlaceOrder(told["key"], told["title"], **times, organizer=told["organizer"], seats=seats)


def written(order: PlaceOrder, row: OutsidePlace | None = None) -> dict[str, Any]:
    """Return an order as a row holds it, with what `row` says of carrying out the former one."""
    times = {name: getattr(order, name).isoformat() for name in _TIMES}
    kept = {name: row.order[name] for name in (HELD_BY, FORMER) if name in row.order} if row is not None else {}
    return asdict(order) | times | {"seats": [asdict(one) for one in order.seats]} | kept


def place_of(row: OutsidePlace) -> PlaceMade | None:
    """Return where a meeting stands outside; None where nothing does, or nobody knows."""
    return PlaceMade(**row.made) if row.made else None


def stands_as_ordered(row: OutsidePlace) -> bool:
    """Tell whether a place stands, with whom it is ordered; its time may still be the former one."""
    return bool(row.made) and row.order.get(HELD_BY) == row.order["organizer"]


def former_of(row: OutsidePlace) -> tuple[Former, ...]:
    """Return the places that are to go."""
    told = row.order.get(FORMER, [])
    return tuple(Former(one["organizer"], PlaceMade(**one["made"]) if one["made"] else None) for one in told)


def is_settled(row: OutsidePlace) -> bool:
    """Tell whether there is nothing to be done outside."""
    if row.order.get(FORMER):
        return False
    return row.version == row.wanted if row.is_wanted else HELD_BY not in row.order


def begin(row: OutsidePlace) -> bool:
    """Note what is about to be asked of whom, and return whether nobody was asked for this place before.

    A place that is held by somebody else than is ordered, or that is not wanted, is to go; one that was to go and is
    ordered again stays.
    """
    wanted = row.order["organizer"] if row.is_wanted else None
    former = list(row.order.get(FORMER, []))
    held_by = row.order.get(HELD_BY)
    if held_by is not None and held_by != wanted:
        former.append({"organizer": held_by, "made": row.made})
        held_by, row.made = None, {}
    is_first = False
    if wanted is not None and held_by is None:
        there = next((one for one in former if one["organizer"] == wanted), None)
        is_first, held_by = there is None, wanted
        row.made = there["made"] if there is not None else {}
        former = [one for one in former if one is not there]
    _keep(row, held_by, former)
    return is_first


def stands(row: OutsidePlace, made: PlaceMade) -> None:
    """Note where the place stands now."""
    row.made = asdict(made) | {"details": dict(made.details)}


def stands_not(row: OutsidePlace) -> None:
    """Note that the place does not stand, and that nobody needs to look whether it does."""
    row.made = {}
    _keep(row, None, row.order.get(FORMER, []))


def gone(row: OutsidePlace, organizers: frozenset[str]) -> None:
    """Note that former places of these organizers are gone."""
    former = [one for one in row.order.get(FORMER, []) if one["organizer"] not in organizers]
    _keep(row, row.order.get(HELD_BY), former)


def _keep(row: OutsidePlace, held_by: str | None, former: list[dict[str, Any]]) -> None:
    rest = {name: told for name, told in row.order.items() if name not in (HELD_BY, FORMER)}
    row.order = rest | ({HELD_BY: held_by} if held_by is not None else {}) | ({FORMER: former} if former else {})
