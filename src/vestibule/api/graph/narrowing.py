"""What `$filter` and `$orderby` come to: which rows are wanted, and in which order.

Each collection says by which of its members it can be asked, and of which kind they are. Nothing else is: an unknown
member, or a value of another kind, is refused with words. Texts are the same in any letter case, as in Outlook.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from vestibule.api.graph import expressions, values
from vestibule.api.graph.expressions import Compared, Expression, Negated, Value, fault
from vestibule.api.graph.values import Json
from vestibule.people.errors import Invalid

Row = TypeVar("Row")
Made = TypeVar("Made")
Wanted = Callable[[Row], bool]
TEXT, CHOICE, INSTANT, FLAG, NUMBER = "text", "choice", "instant", "flag", "number"
MOST_KEYS = 5
_CALLS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}
_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@dataclass(frozen=True)
class Member(Generic[Row]):
    """A member that a collection can be asked by: its kind, and its value in a row. A choice has its options."""

    kind: str
    of: Callable[[Row], Any]
    options: Sequence[str] = ()


Members = Mapping[str, Member[Row]]


def told(
    *,
    texts: Iterable[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    instants: Iterable[str] = (),
    flags: Iterable[str] = (),
    numbers: Iterable[str] = (),
) -> Members[Json]:
    """Return members of things as they are told, by their names of each kind."""
    kinds = {TEXT: texts, FLAG: flags, NUMBER: numbers}
    found = {name: Member(kind, _at(name)) for kind, names in kinds.items() for name in names}
    found |= {name: Member(CHOICE, _at(name), options) for name, options in (choices or {}).items()}
    return found | {name: Member(INSTANT, _instant_at(name)) for name in instants}


def narrowed(rows: Sequence[Row], query: Mapping[str, str], members: Members[Row]) -> Sequence[Row]:
    """Return the rows that `query` wants, in the order it wants. Raises Fault (400)."""
    given = query.get("$filter", "").strip()
    if given:
        is_wanted = wanted(given, members)
        rows = [one for one in rows if is_wanted(one)]
    return ordered(rows, query.get("$orderby", ""), members)


def wanted(given: str, members: Members[Row]) -> Wanted[Row]:
    """Return what tells whether `$filter` wants a row. Raises Fault (400)."""
    known = {name.casefold(): member for name, member in members.items()}
    names = list(members)

    def leaf(one: Compared) -> Wanted[Row]:
        return _compares(one, find(one.member, known, names, "$filter"))

    def joined(parts: list[Wanted[Row]], is_all: bool) -> Wanted[Row]:
        every = all if is_all else any
        return lambda row: every(part(row) for part in parts)

    def negated(part: Wanted[Row]) -> Wanted[Row]:
        return lambda row: not part(row)

    return made_of(expressions.read(given), leaf, joined, negated)


def made_of(
    expression: Expression,
    leaf: Callable[[Compared], Made],
    joined: Callable[[list[Made], bool], Made],
    negated: Callable[[Made], Made],
) -> Made:
    """Return what an expression comes to, part by part; no deeper than it was read."""

    def made(one: Expression) -> Made:
        if isinstance(one, Compared):
            return leaf(one)
        if isinstance(one, Negated):
            return negated(made(one.part))
        return joined([made(part) for part in one.parts], one.is_all)

    return made(expression)


def ordered(rows: Sequence[Row], given: str, members: Members[Row]) -> Sequence[Row]:
    """Return rows as `$orderby` wants them, those alike as they were; nothing comes before something."""
    known = {name.casefold(): member for name, member in members.items()}
    keys = order_of(given)
    for name, is_down in reversed(keys):
        rows = sorted(rows, key=_sorting(find(name, known, list(members), "$orderby")), reverse=is_down)
    return rows


def order_of(given: str) -> list[tuple[str, bool]]:
    """Return the members that `$orderby` names, in lower case, and whether downwards. Raises Fault (400)."""
    found = []
    for part in given.split(",") if given.strip() else ():
        words = part.split()
        way = words[1].casefold() if len(words) == 2 else "asc"
        if not 1 <= len(words) <= 2 or way not in ("asc", "desc"):
            raise fault("Write a member, and asc or desc.", "$orderby")
        found.append((words[0].casefold(), way == "desc"))
    if len(found) > MOST_KEYS:
        raise fault(f"At most {MOST_KEYS} members are taken.", "$orderby")
    return found


def find(name: str, known: Mapping[str, Made], names: Sequence[str], target: str) -> Made:
    """Return what `known` has by a name in lower case; `names` are told where there is nothing. Raises Fault (400)."""
    found = known.get(name)
    if found is None:
        raise fault(f"This collection is not asked by “{name[:60]}”. Known are {', '.join(names)}.", target)
    return found


def value_of(one: Compared, kind: str, options: Sequence[str] = ()) -> Any:
    """Return the value that a member of a kind is held against; None for null. Raises Fault (400) for another kind."""
    value = one.value
    if not value.is_quoted and value.text.casefold() == "null":
        if one.how not in ("eq", "ne"):
            raise fault("null is only equal, or not equal, to something.")
        return None
    if kind != TEXT and one.how in expressions.CALLS:
        raise fault(f"{one.how} is of texts, and “{one.member}” is none.")
    if kind in (CHOICE, FLAG) and one.how not in ("eq", "ne"):
        raise fault(f"“{one.member}” is only equal, or not equal, to something.")
    try:
        return _READERS[kind](value, options)
    except Invalid as wrong:
        raise fault(f"{wrong} It stands at “{one.member}”.") from wrong


def _text(value: Value, _options: Sequence[str]) -> str:
    if not value.is_quoted:
        raise Invalid("A text stands between quotes: 'like this'.")
    return value.text


def _choice(value: Value, options: Sequence[str]) -> str:
    wanted = value.text.casefold()
    if not value.is_quoted or wanted not in [one.casefold() for one in options]:
        raise Invalid(f"One of these is taken here, between quotes: {', '.join(options)}.")
    return wanted


def _flag(value: Value, _options: Sequence[str]) -> bool:
    if value.text.casefold() not in ("true", "false"):
        raise Invalid("True or false is taken here.")
    return value.text.casefold() == "true"


def _instant(value: Value, _options: Sequence[str]) -> datetime:
    return values.instant(values.with_plus(value.text), "$filter")


def _number(value: Value, _options: Sequence[str]) -> float:
    digits = value.text.removeprefix("-").replace(".", "", 1)
    if value.is_quoted or not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise Invalid("A number is taken here.")
    return float(value.text)


_READERS: Mapping[str, Callable[[Value, Sequence[str]], Any]] = {
    TEXT: _text,
    CHOICE: _choice,
    FLAG: _flag,
    INSTANT: _instant,
    NUMBER: _number,
}


def _compares(one: Compared, member: Member[Row]) -> Wanted[Row]:
    value, of = value_of(one, member.kind, member.options), _folded(member)
    value = value.casefold() if isinstance(value, str) else value
    if one.how == "eq":
        return lambda row: bool(of(row) == value)
    if one.how == "ne":
        return lambda row: bool(of(row) != value)
    holds = _CALLS.get(one.how) or _COMPARES[one.how]

    def compares(row: Row) -> bool:
        there = of(row)
        return there is not None and holds(there, value)

    return compares


def _folded(member: Member[Row]) -> Callable[[Row], Any]:
    """Return a member's value to be compared: texts in lower case."""
    if member.kind not in (TEXT, CHOICE):
        return member.of

    def folded(row: Row) -> str | None:
        found = member.of(row)
        return None if found is None else str(found).casefold()

    return folded


def _sorting(member: Member[Row]) -> Callable[[Row], Any]:
    of = _folded(member)

    def key(row: Row) -> tuple[bool, Any]:
        found = of(row)
        return (False, 0) if found is None else (True, found)

    return key


def _at(name: str) -> Callable[[Json], Any]:
    return lambda row: row.get(name)


def _instant_at(name: str) -> Callable[[Json], Any]:
    return lambda row: values.instant(row[name], name) if row.get(name) else None
