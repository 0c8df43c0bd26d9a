"""What makes the database itself refuse that a provider is used twice at once: no code path can get around it.

PostgreSQL: an exclusion constraint over (provider, stretch) folded into one integer range, which needs no extension.
SQLite: two triggers over the same columns. Django drops triggers when it rebuilds a table, so they are put back
after every migration, and the product does not start without them.
"""

from string import Template
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from vestibule.store.guards import OVERLAP

TABLE = "booking_occupancy"
CONSTRAINT = f"{OVERLAP}_of_provider"
_EXCLUDE = (
    f"ALTER TABLE {TABLE} ADD CONSTRAINT {CONSTRAINT} EXCLUDE USING gist (int8range("
    "(provider_id::bigint << 32) + start_minute, (provider_id::bigint << 32) + end_minute) WITH &&) WHERE (is_active)"
)


# Active rows never overlap, so the first that ends after the new one begins also begins first: one look is enough,
# however many rows come later.
_TRIGGER = Template(
    "BEFORE $moment ON $table WHEN NEW.is_active BEGIN SELECT RAISE(ABORT, '$name') WHERE ("
    "SELECT other.start_minute FROM $table other WHERE other.is_active AND other.provider_id = NEW.provider_id "
    "AND other.end_minute > NEW.start_minute$others ORDER BY other.end_minute LIMIT 1) < NEW.end_minute; END"
)
TRIGGERS = {
    f"{OVERLAP}_insert": _TRIGGER.substitute(table=TABLE, name=OVERLAP, moment="INSERT", others=""),
    f"{OVERLAP}_update": _TRIGGER.substitute(
        table=TABLE,
        name=OVERLAP,
        moment="UPDATE OF provider_id, start_minute, end_minute, is_active",
        others=" AND other.id <> NEW.id",
    ),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the guard in place where it is missing or not as it should be. May be repeated."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            if not _has_constraint(cursor):
                cursor.execute(_EXCLUDE)
            return
        found = _found_triggers(cursor)
        for name, body in TRIGGERS.items():
            wanted = f"CREATE TRIGGER {name} {body}"
            if found.get(name) != wanted:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(wanted)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the guard away, for migrating backwards."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {CONSTRAINT}")
            return
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def is_in_place(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the database guards against overlaps right now."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _has_constraint(cursor)
        found = _found_triggers(cursor)
    return all(found.get(name) == f"CREATE TRIGGER {name} {body}" for name, body in TRIGGERS.items())


def require() -> None:
    """Raise RuntimeError unless the guard is in place: without it, one time could be booked twice."""
    if not is_in_place(connections["default"]):
        raise RuntimeError(
            "The database does not guard against double booking, so nothing was started. Run: vestibule migrate"
        )


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Put the guard back after migrations, whatever they did to the table."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        install(connection)


def _has_constraint(cursor: Any) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_constraint WHERE conname = %s AND contype = 'x' AND conrelid = to_regclass(%s)",
        [CONSTRAINT, TABLE],
    )
    return cursor.fetchone() is not None


def _found_triggers(cursor: Any) -> dict[str, str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
    return dict(cursor.fetchall())
