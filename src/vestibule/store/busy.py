"""Telling that the database is too busy to be written to just now apart from other faults of it.

Nothing was changed then, and asking again later is all there is to do.
"""

from django.db import OperationalError

RETRY_AFTER = 5
# SQLite, when another process such as a command writes for longer than we wait; PostgreSQL, when two writers wait for
# each other and it chose this one to give up.
_WORDS = ("database is locked", "deadlock detected")


class Busy(OperationalError):
    """No turn to write came within the time one waits for it."""


def is_busy(error: BaseException | None) -> bool:
    """Tell whether `error` is of a database that had no turn to give."""
    words = str(error) if isinstance(error, OperationalError) else ""
    return isinstance(error, Busy) or any(one in words for one in _WORDS)
