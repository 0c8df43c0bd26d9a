"""What makes the database itself refuse that a provider, or a unit of a resource, is used twice at once.

No code path can get around it. PostgreSQL: an exclusion constraint over (whose time, stretch) folded into one integer
range, which needs no extension. SQLite: two triggers over the same columns. Django drops triggers when it rebuilds a
table, so they are put back after every migration, and the product does not start without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from vestibule.store.guards import OVERLAP

# Active rows never overlap, so the first that ends after the new one begins also begins first: one look is enough,
# however many rows come later.
_TRIGGER = Template(
    "BEFORE $moment ON $table WHEN NEW.is_active BEGIN SELECT RAISE(ABORT, '$name') WHERE ("
    "SELECT other.start_minute FROM $table other WHERE other.is_active AND other.$whose = NEW.$whose "
    "AND other.end_minute > NEW.start_minute$others ORDER BY other.end_minute LIMIT 1) < NEW.end_minute; END"
)


@dataclass(frozen=True)
class Guard:
    """That active rows of `table` with one value of the column `whose` never overlap."""

    table: str
    whose: str

    @property
    def name(self) -> str:
        """What the refusal is called on both databases."""
        return f"{OVERLAP}_of_{self.whose.removesuffix('_id')}"

    @property
    def constraint(self) -> str:
        """The statement that puts the guard in place on PostgreSQL."""
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} EXCLUDE USING gist (int8range("
            f"({self.whose}::bigint << 32) + start_minute, ({self.whose}::bigint << 32) + end_minute) WITH &&)"
            " WHERE (is_active)"
        )

    @property
    def triggers(self) -> Mapping[str, str]:
        """The statements that put the guard in place on SQLite, by the names of the triggers."""
        moments = {
            "insert": ("INSERT", ""),
            "update": (f"UPDATE OF {self.whose}, start_minute, end_minute, is_active", " AND other.id <> NEW.id"),
        }
        return {
            f"{self.name}_{moment}": f"CREATE TRIGGER {self.name}_{moment} "
            + _TRIGGER.substitute(table=self.table, whose=self.whose, name=self.name, moment=when, others=others)
            for moment, (when, others) in moments.items()
        }


GUARDS = (Guard("booking_occupancy", "provider_id"), Guard("booking_resourceuse", "unit_id"))
TABLE = GUARDS[-1].table


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the guards in place where one is missing or not as it should be. May be repeated."""
    with connection.cursor() as cursor:
        for guard in GUARDS:
            if connection.vendor == "postgresql":
                if not _has_constraint(cursor, guard):
                    cursor.execute(guard.constraint)
                continue
            found = _found_triggers(cursor, guard)
            for name, wanted in guard.triggers.items():
                if found.get(name) != wanted:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(wanted)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the guards away, for migrating backwards."""
    with connection.cursor() as cursor:
        for guard in GUARDS:
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {guard.table} DROP CONSTRAINT IF EXISTS {guard.name}")
                continue
            for name in guard.triggers:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def is_in_place(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the database guards against overlaps right now, of everything that can be taken."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return all(_has_constraint(cursor, guard) for guard in GUARDS)
        return all(
            found.get(name) == wanted
            for guard in GUARDS
            for found in (_found_triggers(cursor, guard),)
            for name, wanted in guard.triggers.items()
        )


def require() -> None:
    """Raise RuntimeError unless the guards are in place: without them, one time could be booked twice."""
    if not is_in_place(connections["default"]):
        raise RuntimeError(
            "The database does not guard against double booking, so nothing was started. Run: vestibule migrate"
        )


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Put the guards back after migrations, whatever they did to the tables."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        install(connection)


def _has_constraint(cursor: Any, guard: Guard) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_constraint WHERE conname = %s AND contype = 'x' AND conrelid = to_regclass(%s)",
        [guard.name, guard.table],
    )
    return cursor.fetchone() is not None


def _found_triggers(cursor: Any, guard: Guard) -> dict[str, str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [guard.table])
    return dict(cursor.fetchall())
