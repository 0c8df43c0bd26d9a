"""Rows by the hundred thousand, which the database makes itself: what nobody names is filled in as the model does."""

from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], each: int, **given: object) -> None:
    """Insert `each` rows. `given` are columns as SQL, where `i` counts from 0; what may be null is, where not given."""
    meta, columns, values, filled = model._meta, list[str](), list[str](), list[Any]()
    for field in meta.concrete_fields:
        name = str(field.column)
        if name in given:
            values.append(str(given[name]).replace("%", "%%"))
        elif field.null or field.primary_key:
            continue
        else:
            values.append("%s")
            filled.append(field.get_db_prep_save(field.get_default(), connection))
        columns.append(name)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {each})"
            f" INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM n",
            filled,
        )


def insert_past(offer: Any, each: int, *, base: int, first: int, consumer: object) -> None:
    """Insert `each` appointments of `offer` that are over, half an hour each, from minute `first` on.

    Rows are numbered from `base`; `consumer` is their number, as SQL.
    """
    from vestibule.booking.models import Appointment, Occupancy, Seat

    numbered, start = f"{base} + i", f"{first} + i * 30"
    span = {"start_minute": start, "end_minute": f"{start} + 30"}
    of = {"business_id": offer.service.business_id, "service_id": offer.service_id, "provider_id": offer.provider_id}
    who = {"consumer_id": consumer, "name": "'P'", "email": "'p@example.org'", "timezone": "'UTC'"}
    over = {"ref": f"'past' || ({numbered})", "status": "'completed'", "created_at": "'2020-01-01'"}
    insert(Appointment, each, id=numbered, **of, **who, **span, **over)
    shown = {"shown_start": start, "shown_end": f"{start} + 30"}
    insert(Occupancy, each, id=numbered, **of, **span, **shown)
    insert(Seat, each, occupancy_id=numbered, appointment_id=numbered)
