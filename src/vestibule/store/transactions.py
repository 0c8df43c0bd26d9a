"""The one way verbs write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_pretends: ContextVar[bool] = ContextVar("pretends", default=False)
_writes: ContextVar[bool] = ContextVar("writes", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Run a block as one write transaction: all of it is stored, or nothing.

    On SQLite the block holds the one writer's turn, so it must be short and must not wait for anything outside.
    May be nested; an inner block that raises undoes its own part.
    """
    before = _writes.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _writes.reset(before)


def is_writing() -> bool:
    """Tell whether this is inside a `writing` block, where nothing outside may be waited for."""
    return _writes.get()


def after_commit(do: Callable[[], None]) -> None:
    """Call `do` once the outermost `writing` block is stored; never if it is undone."""
    transaction.on_commit(do)


@contextmanager
def pretending() -> Iterator[None]:
    """Run a block whose writes are seen inside it alone and undone at its end, whatever happens.

    For showing what a change would look like. The block holds the writer's turn as `writing` does, so keep it short;
    what is kept in memory must not learn from it (`is_pretending`).
    """
    before = _pretends.set(True)
    try:
        with transaction.atomic():
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        _pretends.reset(before)


def is_pretending() -> bool:
    """Tell whether what is read now may be undone, and so must not be kept."""
    return _pretends.get()
