"""Bringing the database up to date, by one process at a time: several may start at once on an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections

_NAME = "vestibule.migrate"


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Apply every migration that is missing; waits while another process does."""
    with _alone():
        call_command("migrate", verbosity=verbosity, interactive=False)


@contextmanager
def _alone() -> Iterator[None]:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [_NAME])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_NAME])
