"""What has to hold in the database before anything is served."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from vestibule.booking import guards


def register() -> None:
    """Make the check part of `check --database default`, and so of every migrate."""
    checks.register(guard_is_in_place, checks.Tags.database)


def guard_is_in_place(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Find a database with the table but without its guard. An empty database has nothing to guard yet."""
    return [
        checks.Warning(
            f"Database {name!r} does not guard against double booking.",
            hint="Run: vestibule migrate",
            id="booking.W001",
        )
        for name in databases or ()
        if guards.TABLE in connections[name].introspection.table_names() and not guards.is_in_place(connections[name])
    ]
