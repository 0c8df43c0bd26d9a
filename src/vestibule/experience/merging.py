"""Comparing documents, and laying the changes of one over another: values by their path, entries of lists by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One value that differs: where ("services.first-visit.name"), what it was and what it is (None: nothing)."""

    path: str
    before: Any
    after: Any


def differences(was: Any, now: Any, path: str = "") -> list[Difference]:
    """Return what differs between two documents, or parts of them, in the order of the later one.

    Entries of a list that all have a `slug`, `ref` or `id` are told apart by it; other lists differ as a whole.
    """
    if _is_named(was) and _is_named(now):
        was, now = _by_name(was), _by_name(now)
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        names = [*now, *(name for name in was if name not in now)]
        found = [differences(was.get(name), now.get(name), f"{path}.{name}".lstrip(".")) for name in names]
        return [one for several in found for one in several]
    return [] if was == now else [Difference(path, was, now)]


def merged(base: Any, wanted: Any, held: Any) -> Any:
    """Return `held` with the changes that lead from `base` to `wanted` laid over it.

    What only `held` has since `base` stays; where both changed, `wanted` counts. Named entries keep the order wanted,
    those that came into being since follow.
    """
    if all(_is_named(one) for one in (base, wanted, held)):
        return list(_merged_names(_by_name(base), _by_name(wanted), _by_name(held)).values())
    if all(isinstance(one, Mapping) for one in (base, wanted, held)):
        return _merged_names(base, wanted, held)
    return held if wanted == base else wanted


def _merged_names(base: Mapping[str, Any], wanted: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if name in base and value == base[name]:
            if name in held:
                found[name] = held[name]
        else:
            found[name] = merged(base.get(name), value, held.get(name))
    return found | {name: value for name, value in held.items() if name not in wanted and name not in base}


def _is_named(given: Any) -> bool:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) and _name_of(one) for one in given):
        return False
    return len(_by_name(given)) == len(given)


def _name_of(entry: Mapping[str, Any]) -> str:
    return next((str(entry[key]) for key in ("slug", "ref", "id") if entry.get(key)), "")


def _by_name(entries: list[Any]) -> dict[str, Any]:
    return {_name_of(entry): entry for entry in entries}
