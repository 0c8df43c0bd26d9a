"""Keeping what a program written for Microsoft Bookings says of ours that has no place here (`BookingsMembers`)."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment, BookingsMembers
from vestibule.meetings import talking
from vestibule.people.errors import Invalid
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

Json = dict[str, Any]
APPOINTMENT, PERSON, CUSTOMER = "appointment", "attendee", "customer"
"""The kind of what is kept beside an appointment (by its `session`, or `ref`), each who takes part, and a consumer."""
AT_ONCE = 500
LARGEST = 32 * 1024
"""Bytes of JSON kept beside one thing."""


def of(business_id: int, kind: str, ref: str) -> Json:
    """Return what is kept beside one thing; {} for nothing."""
    return of_all(business_id, kind, [ref]).get(ref, {})


def of_all(business_id: int, kind: str, refs: Collection[str]) -> dict[str, Json]:
    """Return what is kept beside each of several, by their references; those with nothing are left out."""
    if not refs:
        return {}
    rows = BookingsMembers.objects.filter(business_id=business_id, kind=kind, ref__in=refs)
    return dict(rows.values_list("ref", "members"))


def notes_for_staff(appointment: Appointment) -> str:
    """Return what a program noted for staff of an appointment; "" for nothing."""
    kept = of(appointment.business_id, APPOINTMENT, appointment.session or appointment.ref)
    return str(kept.get("serviceNotes") or "")


def keep(business_id: int, kind: str, ref: str, given: Mapping[str, Any]) -> None:
    """Keep `given` beside one thing, over what was kept by the same names. Inside the writing block of the change.

    Raises Invalid where more than 32 KB would be kept.
    """
    if not given:
        return
    with writing():
        row, _made = BookingsMembers.objects.select_for_update().get_or_create(
            business_id=business_id, kind=kind, ref=ref
        )
        members = {**row.members, **given}
        if len(orjson.dumps(members)) > LARGEST:
            raise Invalid(_("This is more than can be kept of one thing. Shorten it."), field="body")
        row.members = members
        row.save(update_fields=["members"])


def forget_old() -> int:
    """Forget what is kept beside appointments that were over longer ago than each business keeps what people write.

    What belongs to none any more goes as well. Return how many things it was kept beside.
    """
    count = 0
    kept = BookingsMembers.objects.filter(kind__in=(APPOINTMENT, PERSON))
    for business_id, until in talking.kept_since():
        ends = Appointment.objects.filter(business_id=business_id, end_minute__gte=to_minute(until))
        alone, in_session = (Exists(ends.filter(**{name: OuterRef("ref")})) for name in ("ref", "session"))
        old = kept.filter(business_id=business_id).exclude(alone).exclude(in_session)
        while keys := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            with writing():
                count += BookingsMembers.objects.filter(pk__in=keys).delete()[0]
    return count


def forget(business_id: int, kind: str, ref: str) -> None:
    """Forget what is kept beside something that is no more."""
    BookingsMembers.objects.filter(business_id=business_id, kind=kind, ref=ref).delete()
