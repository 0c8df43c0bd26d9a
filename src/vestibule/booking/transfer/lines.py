"""What becomes of each line of a file, said before anything is written."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass
class Line:
    """One line: its number in the file, what it is about, what becomes of it and why; `what` is to be stored."""

    number: int
    title: str
    state: State
    sentence: str = ""
    what: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.state is State.NEW


@dataclass(frozen=True)
class Plan:
    """Every line of a file with its verdict."""

    lines: list[Line]

    @property
    def new(self) -> list[Line]:
        """Return what would be written, or was."""
        return [line for line in self.lines if line.state is State.NEW]

    @property
    def skipped(self) -> list[Line]:
        return [line for line in self.lines if line.state is State.SKIPPED]

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.state is State.REFUSED]

    @property
    def listed(self) -> list[Line]:
        """Return the lines as people should read them: refused, then skipped, then new, each by number."""
        order = {State.REFUSED: 0, State.SKIPPED: 1, State.NEW: 2}
        return sorted(self.lines, key=lambda line: (order[line.state], line.number))
