"""What looks for harmful content in files, and what keeps a copy of a thread outside: one error each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class ScannerError(Exception):
    """The scanner could not be asked, or did not answer in time; the file is asked about again later.

    The text is logged: it holds no part of the file.
    """


@dataclass(frozen=True)
class Verdict:
    """What a scanner says of a file: `found` names the harmful thing, and is empty for a clean file."""

    found: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.found


class Scanner(Protocol):
    """Looks into files. Called from one thread at a time in each process."""

    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        """Return the verdict on a file that comes in pieces, in order.

        Raises ScannerError, and nothing else, when there is none.
        """
        ...

    def version(self) -> str:
        """Return the scanner's own words on its program and signatures, for who runs it. Raises ScannerError."""
        ...


class ThreadError(Exception):
    """A thread outside was not brought to what ours is. The text, in English, is for logs: nothing of what was said.

    `wait` is how many seconds were asked for, 0 if none.
    """

    def __init__(self, text: str, *, wait: float = 0) -> None:
        super().__init__(text)
        self.wait = wait


@dataclass(frozen=True)
class SaidOutside:
    """Something that somebody wrote in a thread outside: `thread` and `identity` are the vendor's names."""

    id: str
    thread: str
    identity: str
    text: str


class OutsideThreads(Protocol):
    """Keeps copies of threads at a vendor, by one account of a business, for people who read and write there.

    Everything of ours is said by a `speaker` of its own. Raises ThreadError, and nothing else; what is gone already is
    no error of what takes away.
    """

    def speaker(self) -> str:
        """Return a new identity, which begins a thread and says in it what is said here."""
        ...

    def begin(self, speaker: str, topic: str) -> str:
        """Begin the thread of `speaker` and return its name; asked twice, the same."""
        ...

    def people(self, speaker: str, thread: str, wanted: Mapping[str, str], former: Iterable[str]) -> None:
        """Let `wanted` (identities with their names) take part, and `former` ones not."""
        ...

    def said(self, speaker: str, thread: str) -> Mapping[int, str]:
        """Return the names of the messages that `speaker` said, by our numbers."""
        ...

    def say(self, speaker: str, thread: str, number: int, name: str, text: str) -> str:
        """Say what `name` wrote here as message `number`; return the vendor's name for it."""
        ...

    def change(self, speaker: str, thread: str, message: str, text: str) -> None:
        """Give a message other words; with "" take it back."""
        ...

    def end(self, speaker: str, thread: str) -> None:
        """Delete the thread ("": there is none) and its speaker."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
