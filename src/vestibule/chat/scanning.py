"""Which scanner looks into files, and what happens without one."""

from functools import cache
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.chat.ports import Scanner

HOLD: Final = "hold"
DELIVER: Final = "deliver"


@cache
def scanner() -> Scanner | None:
    """Return the first scanner that is set up, or None. Raises ValueError, naming the setting that cannot be read."""
    for path in settings.FILE_SCANNERS.values():
        found = import_string(path).configured(settings.CONFIGURATION)
        if found is not None:
            return cast(Scanner, found)
    return None


def holds_unscanned() -> bool:
    """Tell whether files that nobody scans are not taken: `VESTIBULE_UNSCANNED_FILES` is `hold`."""
    return bool(settings.CONFIGURATION["UNSCANNED_FILES"].strip().lower() == HOLD)
