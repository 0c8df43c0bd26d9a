"""Which scanner looks into files, and what happens without one."""

import logging
from collections.abc import Iterable
from functools import cache
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.chat.ports import Scanner, ScannerError, Verdict

log = logging.getLogger(__name__)
HOLD: Final = "hold"


class Unusable:
    """Stands in for a scanner whose settings cannot be read: files wait, and none is delivered unscanned."""

    def __init__(self, why: str) -> None:
        self._why = why

    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        """Raise ScannerError."""
        raise ScannerError(self._why)

    def version(self) -> str:
        """Raise ScannerError."""
        raise ScannerError(self._why)


@cache
def scanner() -> Scanner | None:
    """Return the first scanner that is set up, or None."""
    for path in settings.FILE_SCANNERS.values():
        try:
            found = import_string(path).configured(settings.CONFIGURATION)
        except ValueError as wrong:
            log.error("files wait until a setting is mended: %s", wrong)
            return Unusable(str(wrong))
        if found is not None:
            return cast(Scanner, found)
    return None


def holds_unscanned() -> bool:
    """Tell whether files that nobody scans are not taken: `VESTIBULE_UNSCANNED_FILES` is `hold`."""
    return bool(settings.CONFIGURATION["UNSCANNED_FILES"].strip().lower() == HOLD)
