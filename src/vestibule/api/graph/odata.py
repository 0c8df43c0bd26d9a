"""Collections and single things as OData writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.api.graph.asked import Asked
from vestibule.api.plain import Answer, shown

KIND = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


def collection(
    asked: Asked, context: str, items: Sequence[Mapping[str, Any]], *, next_link: str = "", count: int | None = None
) -> Answer:
    """Return `items`; `context` is what they are (`solutions/bookingBusinesses`). `$count=true` is honoured.

    `count` is how many there are, where these are only some of them.
    """
    told: dict[str, Any] = {"@odata.context": f"{asked.root}/$metadata#{context}"}
    if asked.call.query.get("$count", "").casefold() == "true":
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


def _json(status: int, told: Mapping[str, Any]) -> Answer:
    made = shown(status, told)
    return Answer(made.status, made.body, made.headers, KIND)
