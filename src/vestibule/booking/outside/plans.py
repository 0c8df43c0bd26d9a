"""What an import or an export comes to, line by line: shown before it is done, and said again afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """What becomes of one thing."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True)
class Line:
    """One thing: `kind` is business, provider, service or question, `ref` ours where there is one.

    `changes` are names of fields, for `words.CHANGES`. `notes` say, translated, what could not be brought over as it
    is, and why.
    """

    kind: str
    name: str
    state: State
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ref: str = ""


@dataclass
class Plan:
    """All lines, in their order. `is_done` says that it was carried out, and not only looked at."""

    lines: list[Line] = field(default_factory=list)
    is_done: bool = False

    def of(self, *states: State) -> list[Line]:
        """Return the lines of these states."""
        return [one for one in self.lines if one.state in states]

    def counts(self) -> dict[str, int]:
        """Return how many lines there are of each state, none left out."""
        return {state.value: len(self.of(state)) for state in State}

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing is new, changed, gone or failed."""
        return not self.of(State.NEW, State.CHANGED, State.GONE, State.FAILED)


def changed(wanted: dict[str, object], seen: dict[str, object], ours: dict[str, object]) -> tuple[str, ...]:
    """Return what is to be changed: what changed on their side since it was `seen`, and is not so on ours already."""
    return tuple(name for name, value in wanted.items() if seen.get(name, _NEVER) != value and ours.get(name) != value)


def joined(*notes: str | Iterable[str]) -> tuple[str, ...]:
    """Return notes in one, each once, without empty ones."""
    every = (one for part in notes for one in ((part,) if isinstance(part, str) else part))
    return tuple(dict.fromkeys(filter(None, every)))


_NEVER = object()
