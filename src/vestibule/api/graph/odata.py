"""Collections and single things as OData writes them, and what is asked of every collection in the same way."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, shown

KIND = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def collection(
    asked: Asked, context: str, items: Sequence[Mapping[str, Any]], *, next_link: str = "", count: int | None = None
) -> Answer:
    """Return `items`; `context` is what they are (`solutions/bookingBusinesses`). `$count=true` is honoured.

    `count` is how many there are, where these are only some of them.
    """
    told: dict[str, Any] = {"@odata.context": f"{asked.root}/$metadata#{context}"}
    if is_counted(asked):
        told["@odata.count"] = len(items) if count is None else count
    if next_link:
        told["@odata.nextLink"] = next_link
    return _json(200, {**told, "value": list(items)})


def single(asked: Asked, context: str, item: Mapping[str, Any], *, status: int = 200) -> Answer:
    """Return one thing; `context` is what it is one of."""
    return _json(status, {"@odata.context": f"{asked.root}/$metadata#{context}/$entity", **item})


def value(asked: Asked, context: str, told: Any) -> Answer:
    """Return what a function or an action answers, as its `value`."""
    return _json(200, {"@odata.context": f"{asked.root}/$metadata#{context}", "value": told})


def is_counted(asked: Asked) -> bool:
    """Tell whether the answer is to say how many there are."""
    return asked.query.get("$count", "").casefold() == "true"


def number(asked: Asked, name: str, otherwise: int, most: int = 999_999_999) -> int:
    """Return a number of the query (`$top`), `otherwise` without one. Raises Fault (400) unless it is 0 to `most`."""
    given = asked.query.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) <= most):
        raise Fault(400, "invalidRequest", f"{name} is a whole number from 0 to {most}.", target=name)
    return int(given)


def refuse(asked: Asked, *names: str) -> None:
    """Raise Fault (400) for parameters that say something else would be answered than is."""
    for name in names:
        if asked.query.get(name):
            words = f"{name} is not known to this collection, so nothing was read. Leave it out."
            raise Fault(400, "invalidRequest", words, target=name)


def next_link(asked: Asked, **instead: Any) -> str:
    """Return the address that was called, to go on at another place: `skip=20`, or a `skiptoken`; all else stays."""
    gone = ("$skip", "$skiptoken", *(f"${name}" for name in instead))
    rest = {name: value for name, value in asked.call.query.items() if name.casefold() not in gone}
    there = rest | {f"${name}": value for name, value in instead.items()}
    query = urlencode(there, safe="$,'/:", quote_via=quote)
    return f"{asked.address}?{query}"


def _json(status: int, told: Mapping[str, Any]) -> Answer:
    made = shown(status, told)
    return Answer(made.status, made.body, made.headers, KIND)
