"""Inserting rows by one statement that is put together once per table.

Django works out every INSERT anew, which costs more than running it; a booking inserts into a dozen tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, ForeignKey, IntegerField, Model, TextField

Row = TypeVar("Row", bound=Model)


def insert(rows: Sequence[Row], *, unless: tuple[str, ...] = ()) -> list[Row]:
    """Insert new rows of one table and give them their keys; return those inserted.

    `unless` names the fields of a unique constraint, in the order of the table: rows that it would refuse are
    passed over. On PostgreSQL that waits for whoever is inserting the same.
    Fields are stored as they are: nothing is filled in on saving.
    """
    if not rows:
        return []
    model = type(rows[0])
    begin, values, fields = _statement(model)
    end = " RETURNING id"
    if unless:
        columns = ", ".join(field.column for field in fields if field.name in unless)
        end = f" ON CONFLICT ({columns}) DO NOTHING RETURNING id, {columns}"
    connection = connections[DEFAULT_DB_ALIAS]
    given = [field.stored(getattr(row, field.name), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(begin + ", ".join([values] * len(rows)) + end, given)
        made = cursor.fetchall()
    inserted = _matched(rows, made, unless) if unless else list(zip(rows, (key for (key,) in made), strict=True))
    for row, key in inserted:
        row.pk = key
        row._state.adding = False
        row._state.db = connection.alias
    return [row for row, _key in inserted]


def _matched(rows: Sequence[Row], made: list[tuple[Any, ...]], unless: tuple[str, ...]) -> list[tuple[Row, Any]]:
    keys = {tuple(values): key for key, *values in made}
    named = [(row, tuple(getattr(row, name) for name in unless)) for row in rows]
    return [(row, keys[values]) for row, values in named if values in keys]


@dataclass(frozen=True, slots=True)
class _Field:
    """A column and how its values are stored. Instants and JSON need the database's own form."""

    name: str
    column: str
    stored: Callable[[Any, BaseDatabaseWrapper], Any]


@cache
def _statement(model: type[Model]) -> tuple[str, str, list[_Field]]:
    fields = [
        _Field(field.attname, str(field.column), field.get_db_prep_save if _is_special(field) else _plain)
        for field in model._meta.local_concrete_fields
        if not field.primary_key
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = f"({', '.join(['%s'] * len(fields))})"
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ', values, fields  # noqa: S608


def _is_special(field: Any) -> bool:
    return not isinstance(field, CharField | TextField | IntegerField | BooleanField | ForeignKey)


def _plain(value: Any, connection: BaseDatabaseWrapper) -> Any:
    return str(value) if isinstance(value, str) and type(value) is not str else value
