"""Reading what `$filter` says: comparisons joined by and, or, not and parentheses, each of them a member and a value.

Whatever comes is read once from its beginning to its end, and no deeper or longer than is said here. What the names and
values mean is decided by who asks (`narrowing`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from vestibule.api.graph.faults import Fault
from vestibule.people.characters import is_plain

LONGEST = 4_000
DEEPEST = 20
MOST = 50
"""Characters, parentheses within each other, and comparisons in all."""
COMPARES = ("eq", "ne", "gt", "ge", "lt", "le")
CALLS = ("startswith", "endswith", "contains")
KINDS = ("datetime", "datetimeoffset", "guid")
"""What may stand before a text to say what it is, beside names of types (`microsoft.graph.freeBusyStatus'busy'`)."""
_TOKEN = re.compile(r"\s*+(?:(?P<text>'(?:[^']|'')*+')|(?P<word>[^\s'(),]++)|(?P<sign>[(),]))")


@dataclass(frozen=True)
class Value:
    """A value as it was written: between quotes, or bare as numbers, instants, `true` and `null` are."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Compared:
    """One member held against one value by `how`: a comparison or a function, in lower case. So is the member."""

    member: str
    how: str
    value: Value


@dataclass(frozen=True)
class Joined:
    """Several expressions of which all, or any, are to be so."""

    is_all: bool
    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Negated:
    """An expression that is not to be so."""

    part: "Expression"


Expression = Compared | Joined | Negated


def read(given: str) -> Expression:
    """Return what `given` says. Raises Fault (400) for what is none, or says more than is read here."""
    if len(given) > LONGEST:
        raise fault(f"It is longer than {LONGEST} characters.")
    reader = _Reader(_tokens(given))
    found = reader.either()
    if reader.next is not None:
        raise fault(f"Nothing was expected at “{reader.next[1][:40]}”.")
    return found


def fault(words: str, target: str = "$filter") -> Fault:
    """Return what is answered where an expression cannot be followed."""
    return Fault(400, "BadRequest", f"Invalid {target.lstrip('$')} clause: {words}", target=target)


def _tokens(given: str) -> list[tuple[str, str]]:
    text, at, found = given.rstrip(), 0, []
    if not is_plain(text):
        raise fault("It holds characters that cannot be shown.")
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise fault("A text between quotes does not end.")
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        at = token.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at, self._depth, self._count = tokens, 0, 0, 0

    @property
    def next(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def either(self) -> Expression:
        return self._joined("or", self._both, is_all=False)

    def _both(self) -> Expression:
        return self._joined("and", self._one, is_all=True)

    def _joined(self, word: str, inner: Callable[[], Expression], *, is_all: bool) -> Expression:
        parts = [inner()]
        while self._takes("word", word):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Joined(is_all, tuple(parts))

    def _one(self) -> Expression:
        if self._takes("word", "not"):
            return Negated(self._within(self._one))
        if self._takes("sign", "("):
            found = self._within(self.either)
            self._need("sign", ")")
            return found
        return self._compared()

    def _within(self, inner: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise fault(f"More than {DEEPEST} expressions stand within each other.")
        found = inner()
        self._depth -= 1
        return found

    def _compared(self) -> Expression:
        self._count += 1
        if self._count > MOST:
            raise fault(f"It makes more than {MOST} comparisons.")
        member = self._need("word").casefold()
        if self._takes("sign", "("):
            return self._called(member)
        how = self._need("word").casefold()
        if how == "in":
            return self._one_of(member)
        if how not in COMPARES:
            raise fault(f"“{how[:40]}” compares nothing. Known are {', '.join(COMPARES)} and in.")
        return Compared(member, how, self._value())

    def _called(self, name: str) -> Expression:
        if name not in CALLS:
            raise fault(f"“{name[:40]}” is no function that is known here. Known are {', '.join(CALLS)}.")
        member = self._need("word").casefold()
        self._need("sign", ",")
        found = Compared(member, name, self._value())
        self._need("sign", ")")
        if self._takes("word", "eq"):  # some write startswith(…) eq true
            told = self._value().text.casefold()
            if told not in ("true", "false"):
                raise fault("A function is true or false.")
            return found if told == "true" else Negated(found)
        return found

    def _one_of(self, member: str) -> Expression:
        self._need("sign", "(")
        parts = [Compared(member, "eq", self._value())]
        while self._takes("sign", ","):
            self._count += 1
            if self._count > MOST:
                raise fault(f"It makes more than {MOST} comparisons.")
            parts.append(Compared(member, "eq", self._value()))
        self._need("sign", ")")
        return Joined(is_all=False, parts=tuple(parts))

    def _value(self) -> Value:
        kind, text = self._token()
        if kind == "text":
            return Value(text[1:-1].replace("''", "'"), is_quoted=True)
        if kind == "word":
            follows, is_kind = self.next, "." in text or text.casefold() in KINDS
            if is_kind and follows is not None and follows[0] == "text":
                return self._value()
            return Value(text, is_quoted=False)
        raise fault(f"A value was expected at “{text}”.")

    def _takes(self, kind: str, text: str) -> bool:
        found = self.next
        if found is None or found[0] != kind or found[1].casefold() != text:
            return False
        self._at += 1
        return True

    def _need(self, kind: str, text: str = "") -> str:
        found, told = self._token()
        if found != kind or (text and told != text):
            raise fault(f"{f'“{text}”' if text else 'A name'} was expected at “{told[:40]}”.")
        return told

    def _token(self) -> tuple[str, str]:
        found = self.next
        if found is None:
            raise fault("It ends too soon.")
        self._at += 1
        return found
