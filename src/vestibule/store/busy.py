"""Telling that the database is too busy to be written to just now apart from other faults of it.

Nothing was changed then, and asking again later is all there is to do.
"""

from django.db import OperationalError

RETRY_AFTER = 5
_OF_SQLITE = "database is locked"  # another process, such as a command, writes for longer than we wait


class Busy(OperationalError):
    """No turn to write came within the time one waits for it."""


def is_busy(error: BaseException | None) -> bool:
    """Tell whether `error` is of a database that had no turn to give."""
    return isinstance(error, Busy) or (isinstance(error, OperationalError) and _OF_SQLITE in str(error))
