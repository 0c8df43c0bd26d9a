"""Bringing the database up to date, by one process at a time: several may start at once on an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections

_NAME = "vestibule.migrate"
OF_ANOTHER_TIME = (
    "The database was made by another version before the first release, and has no {missing}; nothing was started.\n"
    "Begin with an empty data folder (VESTIBULE_DATA), or start the version that made this one."
)


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Apply every migration that is missing; waits while another process does."""
    with _alone():
        call_command("migrate", verbosity=verbosity, interactive=False)


def missing() -> str:
    """Return the first table or column ("table.column") that this version needs and the database lacks, or "".

    A database that is up to date by its migrations may lack some: before the first release they are made anew.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in tables:
                return table
            # Asked for no row: its own description costs SQLite fifty times as much, at each start.
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608  (our own name)
            known = {column[0] for column in cursor.description}
            for field in model._meta.local_concrete_fields:
                if field.column not in known:
                    return f"{table}.{field.column}"
    return ""


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
