"""The product's idea of now, in one place, so that a test clock can move all of it at once.

Instants are aware UTC datetimes; booked times are whole minutes since 1970-01-01T00:00Z ("UTC minutes").
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta


class _Shift:
    """How far the test clock is from the machine's."""

    by = timedelta(0)


_lock = threading.Lock()
_ahead: ContextVar[timedelta] = ContextVar("ahead", default=timedelta(0))


def now() -> datetime:
    """Return the product's current instant: the machine's clock plus what a test clock added."""
    return datetime.fromtimestamp(time.time(), UTC) + _Shift.by + _ahead.get()


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Run a block for which it is `instant` (aware), and for nobody beside it; time goes on from there.

    For showing what will be seen then, inside `transactions.pretending`: nothing else may be told such a time.
    """
    before = _ahead.set(_ahead.get() + (instant - now()))
    try:
        yield
    finally:
        _ahead.reset(before)


def now_seconds() -> int:
    """Return `now` in whole seconds since the epoch, rounded down."""
    return int(now().timestamp())


def set_to(instant: datetime) -> None:
    """Move the product's now to `instant` (aware); it goes on running from there. Test clock only."""
    with _lock:
        _Shift.by = instant - datetime.fromtimestamp(time.time(), UTC)


def advance(seconds: float) -> None:
    """Move the product's now by `seconds`, which may be negative. Test clock only."""
    with _lock:
        _Shift.by += timedelta(seconds=seconds)


def reset() -> None:
    """Go back to the machine's clock."""
    with _lock:
        _Shift.by = timedelta(0)


def to_minute(instant: datetime) -> int:
    """Return the UTC minute that holds `instant`.

    Raises ValueError when `instant` has no zone: a local time without one has no minute.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return int(instant.timestamp() // 60)


def from_minute(minute: int) -> datetime:
    """Return the aware UTC instant at which UTC minute `minute` begins."""
    return datetime.fromtimestamp(minute * 60, UTC)


def to_milliseconds(instant: datetime) -> int:
    """Return `instant` (aware) in whole milliseconds since the epoch, rounded down."""
    return int(instant.timestamp() * 1000 + 1e-4)


def from_milliseconds(count: int) -> datetime:
    """Return the aware UTC instant so many milliseconds after the epoch."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=count)
