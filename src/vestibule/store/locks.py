"""Letting one write at a time through where no row is there yet that could be locked."""

from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS, connections


def one_at_a_time(names: Iterable[str]) -> None:
    """Wait until no other transaction has any of `names`, and have them until this one ends.

    Call it inside a write transaction, before rows are locked. SQLite has one writer anyway.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
