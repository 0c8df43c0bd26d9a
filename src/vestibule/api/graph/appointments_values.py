"""Appointments as Bookings shows them: those of a group that take place together are one, with many customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from vestibule.api.graph import bookings_reminders
from vestibule.api.graph.appointments_answers import Names, told_answers
from vestibule.api.graph.bookings_kept import AS, IS
from vestibule.api.graph.values import Json, written_instant, written_length, written_moment
from vestibule.booking.currencies import digits_of
from vestibule.booking.models import Appointment, Location, Seat, Service
from vestibule.booking.setup.service_values import YEAR_MINUTES

CUSTOMER = "#microsoft.graph.bookingCustomerInformation"
BY_STAFF = UUID(int=0)
BY_CONSUMERS = frozenset({"page", "waitlist"})
"""What an appointment came by (`Appointment.booked_via`) where its consumer booked it."""


@dataclass(frozen=True)
class Told:
    """One appointment of Bookings: ours that it is made of, the first made first, and what is known beside them.

    `kept` is what was said of it, `persons` of each who takes part, by reference. `visits` are addresses by key,
    `changed` when something last was, `names` what questions are called. `price_kind` is as
    `bookings_kept` keeps the kind of price of its service.
    """

    members: Sequence[Appointment]
    changed: datetime
    kept: Json = field(default_factory=dict)
    persons: Mapping[str, Json] = field(default_factory=dict)
    visits: Mapping[int, str] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    price_kind: Mapping[str, Any] = field(default_factory=dict)


def wire_id(row: Appointment) -> str:
    """Return what an appointment is called here."""
    return str(row.session or row.ref)


def shown(told: Told, *, is_whole: bool) -> Json:
    """Write an appointment; what only one that is read by its id has, if it `is_whole`."""
    first = told.members[0]
    service, seats = first.service, list(first.seats.all())
    shown: Json = {
        "id": wire_id(first),
        "selfServiceAppointmentId": str(
            uuid5(NAMESPACE_OID, first.ref) if first.booked_via in BY_CONSUMERS else BY_STAFF
        ),
        "isLocationOnline": is_online(service),
        "smsNotificationsEnabled": bool(first.takes_texts),
        "optOutOfCustomerEmail": not first.takes_mails,
        "isCustomerAllowedToManageBooking": service.change_notice_minutes < YEAR_MINUTES,
        "serviceId": service.ref,
        "serviceName": service.name,
        "serviceLocation": told.kept.get("serviceLocation") or place_of(service),
        "additionalInformation": told.kept.get("additionalInformation") or "",
        "appointmentLabel": first.label or None,
        "staffMemberIds": staff_ids(first, seats),
        "maximumAttendeesCount": service.seats,
        "filledAttendeesCount": len(told.members),
        "createdDateTime": written_moment(first.created_at),
        "lastUpdatedDateTime": written_moment(max(told.changed, first.created_at)),
        "customers": [_customer(one, told.persons.get(one.ref, {}), told.names) for one in told.members],
    }
    shown |= _time(first, seats) | price(first, told.price_kind) | _joining(told) | _alone(told.members)
    if is_whole:
        shown |= {"serviceNotes": told.kept.get("serviceNotes"), "reminders": bookings_reminders.told(service)}
    return shown


def price(row: Appointment, kind: Mapping[str, Any]) -> Json:
    """Write what an appointment costs; `kind` is what a program called the kind of price that its service has."""
    minor = row.price_minor
    own = "notSet" if minor is None else "fixedPrice" if minor else "free"
    told = kind.get(IS) if kind.get(AS) == own else None
    return {"price": (minor or 0) / 10 ** digits_of(row.currency), "priceType": told or own}


def is_online(service: Service) -> bool:
    """Tell whether appointments of a service are held online."""
    return service.location is None or service.location.kind == Location.Kind.ONLINE


def place_of(service: Service) -> Json | None:
    """Write where appointments of a service take place, as far as it is a place."""
    location = service.location
    if location is None or location.kind == Location.Kind.ONLINE:
        return None
    street = {"address": {"street": location.address}} if location.address else {}
    return {"displayName": location.name, **street}


def staff_ids(row: Appointment, seats: Sequence[Seat]) -> list[str]:
    """Return who takes part, the appointment's own provider first."""
    others = sorted({one.occupancy.provider.ref for one in seats} - {row.provider.ref})
    return [row.provider.ref, *others]


def _time(row: Appointment, seats: Sequence[Seat]) -> Json:
    used = seats[0].occupancy if seats else None
    return {
        "startDateTime": written_instant(row.start),
        "endDateTime": written_instant(row.end),
        "duration": written_length(row.end_minute - row.start_minute),
        "preBuffer": written_length(used.buffer_before if used else row.service.buffer_before_minutes),
        "postBuffer": written_length(used.buffer_after if used else row.service.buffer_after_minutes),
    }


def _joining(told: Told) -> Json:
    """Write how the visit is joined: by the customer, and by an address that leads staff to their desk besides.

    Of a group everybody has their own way, and none is told here.
    """
    address = told.visits.get(told.members[0].pk) if len(told.members) == 1 else None
    return {"joinWebUrl": f"{address}&or=desk" if address else None, "anonymousJoinWebUrl": address}


def _alone(members: Sequence[Appointment]) -> Json:
    """Write who takes part the short way, which has room for one."""
    first = members[0]
    names = ("customerName", "customerEmailAddress", "customerPhone", "customerNotes")
    if len(members) > 1:
        return dict.fromkeys(names) | {"customerTimeZone": first.timezone}
    said = (first.name, first.email or None, first.phone or None, first.note or None)
    return dict(zip(names, said, strict=True)) | {"customerTimeZone": first.timezone}


def _customer(row: Appointment, kept: Json, names: Names) -> Json:
    phone: Any = kept.get("phone")
    as_written = phone[0] if isinstance(phone, list) and phone[1:] == [row.phone] else row.phone
    return {
        "@odata.type": CUSTOMER,
        "customerId": row.consumer.ref,
        "name": row.name,
        "emailAddress": row.email or None,
        "phone": as_written or None,
        "notes": row.note or None,
        "location": kept.get("location"),
        "timeZone": row.timezone,
        "customQuestionAnswers": told_answers(row.service, row.answers, names),
    }
