"""What looks for harmful content in files: one method, one error."""

from collections.abc import Iterable
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
