"""Bringing the database up to date, by one process at a time: several may start at once on an empty one."""

import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

_NAME = "vestibule.migrate"
OF_ANOTHER_TIME = (
    "The database was made by another version before the first release, and has no {missing}; nothing was started.\n"
    "Begin with an empty data folder (VESTIBULE_DATA), or start the version that made this one."
)


def bring_up_to_date(*, verbosity: int = 0) -> None:
    """Apply every migration that is missing; waits while another process does.

    What follows a migration is done in any case: it puts back what is missing, such as guards.
    """
    with _alone():
        if verbosity or not _is_up_to_date():
            call_command("migrate", verbosity=verbosity, interactive=False)
        else:
            emit_post_migrate_signal(verbosity=verbosity, interactive=False, db=DEFAULT_DB_ALIAS)


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


def _is_up_to_date() -> bool:
    """Tell by their names alone whether all migrations were applied: reading them takes a second, and memory for good.

    One that stands for several others is among those that were applied, once they were.
    """
    applied = MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations()
    return all((app.label, name) in applied for app in apps.get_app_configs() for name in _migrations(app))


def _migrations(app: AppConfig) -> list[str]:
    """Return the names of an app's migrations, as `MigrationLoader` finds them."""
    found = pkgutil.iter_modules([str(Path(app.path) / "migrations")])
    return [one.name for one in found if not one.ispkg and one.name[0] not in "_~"]


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
