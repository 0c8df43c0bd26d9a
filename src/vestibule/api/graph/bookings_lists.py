"""Collections of Bookings as programs ask for them: some of them, from where, with which members, how many."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from vestibule.api.graph import odata
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer

NOT_HERE = ("$filter", "$orderby", "$search")
MOST = 10_000


def listed(asked: Asked, context: str, items: Sequence[Json]) -> Answer:
    """Return a collection: `$top`, `$skip`, `$select` and `$count` are honoured, the rest of it is a `nextLink` away.

    Raises Fault (400) for what Bookings' collections are not asked by.
    """
    refuse(asked, NOT_HERE)
    skip, top = _number(asked, "$skip", 0), _number(asked, "$top", MOST)
    there = [selected(asked, one) for one in items[skip : skip + top]]
    rest = _next(asked, skip + top) if top and len(items) > skip + top else ""
    return odata.collection(asked, context, there, next_link=rest, count=len(items))


def counted(asked: Asked, items: Sequence[Any]) -> Answer:
    """Return how many there are, as `$count` does: the number alone."""
    refuse(asked, NOT_HERE)
    return Answer(200, str(len(items)).encode(), {}, "text/plain")


def one(asked: Asked, context: str, item: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Return one thing, with the members that `$select` names."""
    return odata.single(asked, context, selected(asked, item), status=status)


def selected(asked: Asked, item: Mapping[str, Any]) -> Json:
    """Return the members that `$select` names; all of them without it.

    Notes on types stay, and names nobody knows are passed over.
    """
    named = asked.call.query.get("$select", "")
    wanted = {one.strip().casefold() for one in named.split(",") if one.strip()}
    if not wanted:
        return dict(item)
    return {name: value for name, value in item.items() if name.startswith("@") or name.casefold() in wanted}


def expanded(asked: Asked, known: Sequence[str]) -> list[str]:
    """Return which navigations `$expand` asks for. Raises Fault (400) for one that is not `known`."""
    named = [one.strip().partition("(")[0] for one in asked.call.query.get("$expand", "").split(",")]
    found = []
    for name in filter(None, named):
        match = next((one for one in known if one.casefold() == name.casefold()), None)
        if match is None:
            raise Fault(400, "invalidRequest", f"{name[:60]} cannot be expanded here.", target="$expand")
        found.append(match)
    return list(dict.fromkeys(found))  # each is read from the database, however often it is named


def refuse(asked: Asked, names: Sequence[str]) -> None:
    """Raise Fault (400) for parameters that say something else would be answered than is."""
    for name in names:
        if asked.call.query.get(name):
            raise Fault(400, "invalidRequest", f"{name} is not known to this collection. Leave it out.", target=name)


def _number(asked: Asked, name: str, otherwise: int) -> int:
    given = asked.call.query.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 7):
        raise Fault(400, "invalidRequest", f"{name} is a whole number from 0 to 999999.", target=name)
    return int(given)


def _next(asked: Asked, skip: int) -> str:
    rest = {name: value for name, value in asked.call.query.items() if name not in ("$skip", "$skiptoken")}
    return f"{asked.call.origin}{asked.call.raw_path}?{urlencode({**rest, '$skip': skip}, safe='$,')}"
