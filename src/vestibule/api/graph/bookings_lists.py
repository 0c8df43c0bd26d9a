"""Collections of Bookings as programs ask for them: some of them, from where, with which members, how many."""

from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.api.graph import narrowing, odata
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.narrowing import Members
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer

MOST = 10_000


def listed(asked: Asked, context: str, items: Sequence[Json], members: Members[Json]) -> Answer:
    """Return a collection: `$top`, `$skip`, `$select` and `$count` are honoured, the rest of it is a `nextLink` away.

    `members` are what it can be filtered and ordered by. Raises Fault (400) for what it is not asked by.
    """
    odata.refuse(asked, "$search")
    items = narrowing.narrowed(items, asked.query, members)
    skip, top = odata.number(asked, "$skip", 0), odata.number(asked, "$top", MOST)
    there = [selected(asked, one) for one in items[skip : skip + top]]
    rest = odata.next_link(asked, skip=skip + top) if top and len(items) > skip + top else ""
    return odata.collection(asked, context, there, next_link=rest, count=len(items))


def counted(asked: Asked, items: Sequence[Json], members: Members[Json]) -> Answer:
    """Return how many there are, as `$count` does: the number alone."""
    odata.refuse(asked, "$search")
    found = narrowing.narrowed(items, asked.query, members)
    return Answer(200, str(len(found)).encode(), {}, "text/plain")


def one(asked: Asked, context: str, item: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Return one thing, with the members that `$select` names."""
    return odata.single(asked, context, selected(asked, item), status=status)


def selected(asked: Asked, item: Mapping[str, Any]) -> Json:
    """Return the members that `$select` names; all of them without it.

    Notes on types stay, and names nobody knows are passed over.
    """
    named = asked.query.get("$select", "")
    wanted = {one.strip().casefold() for one in named.split(",") if one.strip()}
    if not wanted:
        return dict(item)
    return {name: value for name, value in item.items() if name.startswith("@") or name.casefold() in wanted}


def expanded(asked: Asked, known: Sequence[str]) -> list[str]:
    """Return which navigations `$expand` asks for. Raises Fault (400) for one that is not `known`."""
    named = [one.strip().partition("(")[0] for one in asked.query.get("$expand", "").split(",")]
    found = []
    for name in filter(None, named):
        match = next((one for one in known if one.casefold() == name.casefold()), None)
        if match is None:
            raise Fault(400, "invalidRequest", f"{name[:60]} cannot be expanded here.", target="$expand")
        found.append(match)
    return list(dict.fromkeys(found))  # each is read from the database, however often it is named
