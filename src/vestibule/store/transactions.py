"""The one way verbs write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def writing() -> Iterator[None]:
    """Run a block as one write transaction: all of it is stored, or nothing.

    On SQLite the block holds the one writer's turn, so it must be short and must not wait for anything outside.
    May be nested; an inner block that raises undoes its own part.
    """
    with transaction.atomic():
        yield


def after_commit(do: Callable[[], None]) -> None:
    """Call `do` once the outermost `writing` block is stored; never if it is undone."""
    transaction.on_commit(do)
