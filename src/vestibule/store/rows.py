"""Inserting and changing rows by statements that are put together once per table.

Django works out every INSERT anew, which costs more than running it; a booking inserts into a dozen tables.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, DateTimeField, ForeignKey, IntegerField, Model, TextField

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
    given = [value for row in rows for value in _values(row, fields, connection)]
    with connection.cursor() as cursor:
        cursor.execute(begin + ", ".join([values] * len(rows)) + end, given)
        made = cursor.fetchall()
    inserted = _matched(rows, made, unless) if unless else list(zip(rows, (key for (key,) in made), strict=True))
    for row, key in inserted:
        row.pk = key
        row._state.adding = False
        row._state.db = connection.alias
    return [row for row, _key in inserted]


def update(row: Model, *names: str) -> None:
    """Store the fields called `names` of a row that has its key, as they are: nothing is filled in on saving."""
    statement, fields = _change(type(row), names)
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_values(row, fields, connection), row.pk])


def _values(row: Model, fields: Sequence["_Field"], connection: BaseDatabaseWrapper) -> list[Any]:
    held = row.__dict__  # where Django keeps them; its attributes would look there too, the long way round
    found = []
    for name, _column, stored in fields:
        value = held[name]
        if stored is not None:
            value = stored(value, connection)
        elif isinstance(value, str) and type(value) is not str:
            value = str(value)  # a word of a list
        found.append(value)
    return found


def _matched(rows: Sequence[Row], made: list[tuple[Any, ...]], unless: tuple[str, ...]) -> list[tuple[Row, Any]]:
    keys = {tuple(values): key for key, *values in made}
    named = [(row, tuple(getattr(row, name) for name in unless)) for row in rows]
    return [(row, keys[values]) for row, values in named if values in keys]


class _Field(NamedTuple):
    """A column and how its values are stored, None for as they are. Instants and JSON need the database's own form."""

    name: str
    column: str
    stored: Callable[[Any, BaseDatabaseWrapper], Any] | None


@cache
def _statement(model: type[Model]) -> tuple[str, str, list[_Field]]:
    fields = [_field(field) for field in model._meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = f"({', '.join(['%s'] * len(fields))})"
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ', values, fields  # noqa: S608  (names of our own model, values are parameters)


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[_Field]]:
    fields = [_field(model._meta.get_field(name)) for name in names]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f'UPDATE "{model._meta.db_table}" SET {places} WHERE id = %s', fields  # noqa: S608  (names of our own model, values are parameters)


def _field(field: Any) -> _Field:
    stored = _instant if type(field) is DateTimeField else field.get_db_prep_save if _is_special(field) else None
    return _Field(field.attname, str(field.column), stored)


def _instant(value: datetime | None, connection: BaseDatabaseWrapper) -> Any:
    """Return an aware instant as the database keeps it: a booking has sixty, and Django looks long at each."""
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return connection.ops.adapt_datetimefield_value(value)


def _is_special(field: Any) -> bool:
    return not isinstance(field, CharField | TextField | IntegerField | BooleanField | ForeignKey)
