"""What a program says of an appointment: read strictly, members by members, since a PATCH names only some."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from vestibule.api.graph import places, values
from vestibule.api.graph.appointments_answers import Names, names_of, read_answers
from vestibule.api.graph.values import Json
from vestibule.booking.models import Service
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business, Consumer, Provider

MOST_CUSTOMERS = 100
KEPT = ("additionalInformation", "serviceNotes", "serviceLocation")
FLAT = {
    "customerName": "name",
    "customerEmailAddress": "emailAddress",
    "customerPhone": "phone",
    "customerNotes": "notes",
}
FIELDS = {
    "length_minutes": "endDateTime",
    "start": "startDateTime",
    "name": "customers/0/name",
    "email": "customers/0/emailAddress",
    "phone": "customers/0/phone",
    "timezone": "customers/0/timeZone",
    "note": "customers/0/notes",
    "label": "appointmentLabel",
    "reason": "cancellationMessage",
}
"""What our verbs call what is wrong, and where it stands here."""


@dataclass(frozen=True)
class Person:
    """Somebody of `customers`; None is what was not said. `consumer` is who has the id that was given."""

    consumer: Consumer | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    notes: str | None = None
    zone: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    kept: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What a program says of an appointment; None is what it does not name."""

    service: Service | None = None
    start: datetime | None = None
    end: datetime | None = None
    staff: Sequence[Provider] | None = None
    customers: Sequence[Person] | None = None
    label: str | None = None
    takes_mails: bool | None = None
    takes_texts: bool | None = None
    kept: Json = field(default_factory=dict)


@contextmanager
def told_here() -> Iterator[None]:
    """Let refusals of our verbs name the members of this API."""
    try:
        yield
    except Refusal as refusal:
        named = refusal.facts.get("field")
        if isinstance(named, str):
            is_answer = named.startswith("answers")
            refusal.facts["field"] = "customers/0/customQuestionAnswers" if is_answer else FIELDS.get(named, named)
        raise


def read(business: Business, body: Json, *, service: Service | None = None) -> Said:
    """Read what a program says of an appointment of `business`, which is of `service` already. Raises Invalid.

    What is computed here (`duration`, `price`, `serviceName`, `joinWebUrl` and others) is passed over.
    """
    given = values.without_notes(body)
    named = _service(business, given)
    service = named or service
    said = Said(
        service=named,
        start=_whole(given, "startDateTime"),
        end=_whole(given, "endDateTime"),
        staff=_staff(business, given),
        kept=_kept(given),
    )
    if "appointmentLabel" in given:
        said = replace(said, label=values.text(given["appointmentLabel"], "appointmentLabel", 40))
    if given.get("optOutOfCustomerEmail") is not None:
        said = replace(said, takes_mails=not values.yes_or_no(given["optOutOfCustomerEmail"], "optOutOfCustomerEmail"))
    if given.get("smsNotificationsEnabled") is not None:
        said = replace(said, takes_texts=values.yes_or_no(given["smsNotificationsEnabled"], "smsNotificationsEnabled"))
    return replace(said, customers=_customers(business, service, given)) if service is not None else said


def minutes_between(start: datetime, end: datetime) -> int:
    """Return how long an appointment is to be, in minutes. Raises Invalid unless it ends after it starts."""
    if end <= start:
        raise Invalid("An appointment ends after it starts.", field="endDateTime")
    return int((end - start) / timedelta(minutes=1))


def _service(business: Business, given: Json) -> Service | None:
    id = values.text(given.get("serviceId"), "serviceId", 200)
    if not id:
        return None
    rows = Service.objects.select_related("business", "location").filter(business=business, is_active=True)
    found: Service | None = rows.filter(ref=id.casefold()).first()
    if found is None:
        raise Invalid("There is no such service in this business. List its services.", field="serviceId")
    return found


def _whole(given: Json, name: str) -> datetime | None:
    if given.get(name) is None:
        return None
    found = values.instant(given[name], name)
    if found.second or found.microsecond:
        raise Invalid("Appointments start and end on whole minutes.", field=name)
    return found


def _staff(business: Business, given: Json) -> list[Provider] | None:
    """Return whom a program names; None for nobody in particular, which an empty collection says too."""
    named = [one.strip().casefold() for one in values.texts(given.get("staffMemberIds"), "staffMemberIds", most=50)]
    if not named:
        return None
    known = {one.ref: one for one in Provider.objects.filter(business=business, is_active=True, ref__in=named)}
    if any(one not in known for one in named):
        raise Invalid("One of these is nobody of this business' staff. List its staffMembers.", field="staffMemberIds")
    return [known[one] for one in dict.fromkeys(named)]


def _kept(given: Json) -> Json:
    kept: Json = {}
    for name, most in (("additionalInformation", 4000), ("serviceNotes", 4000)):
        if name in given:
            kept[name] = values.text(given[name], name, most, lines=True)
    if "serviceLocation" in given:
        kept["serviceLocation"] = places.place(given["serviceLocation"], "serviceLocation")
    return kept


def _customers(business: Business, service: Service, given: Json) -> list[Person] | None:
    zone = _zone(given.get("customerTimeZone"), "customerTimeZone")
    if given.get("customers") is not None:
        told = values.objects(given["customers"], "customers")
        if len(told) > MOST_CUSTOMERS:
            raise Invalid(f"At most {MOST_CUSTOMERS} customers are taken at once.", field="customers")
        names = names_of(business)
        found = [_person(business, service, one, names, f"customers/{at}") for at, one in enumerate(told)]
        return [one if one.zone else replace(one, zone=zone) for one in found if one is not None]
    if service.seats > 1:  # the short way has room for one: it says nothing of a group
        return None
    flat = {there: given[here] for here, there in FLAT.items() if here in given}
    if not flat and zone is None:
        return None
    person = _person(business, service, flat, {}, "customers/0")
    return [replace(person, zone=zone)] if person is not None else None


def _person(business: Business, service: Service, given: Json, names: Names, at: str) -> Person | None:
    """Read one of `customers`; None for somebody of a group whom nobody knows, as Bookings drops them."""
    id = values.text(given.get("customerId"), f"{at}/customerId", 200)
    known = Consumer.objects.filter(business=business, ref=id.casefold()).first() if id else None
    if id and known is None and service.seats > 1:
        return None
    if id and known is None and not given.get("emailAddress"):
        raise Invalid("There is no such customer in this business. List its customers.", field=f"{at}/customerId")

    def said(name: str, most: int) -> str | None:
        return values.text(given[name], f"{at}/{name}", most, lines=name == "notes") if name in given else None

    kept: Json = {}
    if "location" in given:
        kept["location"] = places.place(given["location"], f"{at}/location")
    return Person(
        consumer=known,
        name=said("name", 120) or None,
        email=said("emailAddress", 254) or None,
        phone=said("phone", 60),
        notes=said("notes", 2000),
        zone=_zone(given.get("timeZone"), f"{at}/timeZone"),
        answers=read_answers(service, given.get("customQuestionAnswers"), names, f"{at}/customQuestionAnswers"),
        kept=kept,
    )


def _zone(given: Any, field: str) -> str | None:
    return values.zone(given, field) if given else None
