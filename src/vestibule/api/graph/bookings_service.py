"""A service as Bookings tells it, and what of it a program changes. Reads rows, writes none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from vestibule.api.graph import bookings_kept, bookings_policy, bookings_questions, bookings_reminders, values
from vestibule.api.graph.bookings_business import today
from vestibule.api.graph.bookings_kept import ADDRESS, Clean, a_choice, a_text
from vestibule.api.graph.values import DAY, Json
from vestibule.booking.currencies import digits_of
from vestibule.booking.models import Location, Service
from vestibule.booking.setup import rule_groups
from vestibule.booking.setup.service_values import YEAR_MINUTES
from vestibule.notifications import choices
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Provider

PRICES = ("undefined", "fixedPrice", "startingAt", "hourly", "free", "priceVaries", "callUs", "notSet")
PRICED = frozenset({"fixedPrice", "startingAt", "hourly"})
POLICY = "schedulingPolicy"
DEAREST = 100_000_000


def a_price(given: Any, where: str) -> float:
    """Return a price as it is written."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= DEAREST:
        raise Invalid("A price is a number that is not negative.", field=where)
    return float(given)


def a_location(given: Any, where: str) -> Json:
    """Keep a `location`."""
    there = values.an_object(given, where)
    kept: Json = {"displayName": values.text(there.get("displayName"), f"{where}/displayName", 200)}
    for name in ("locationEmailAddress", "locationUri"):
        if there.get(name) is not None:
            kept[name] = values.text(there[name], f"{where}/{name}", 500)
    if there.get("address") is not None:
        address = values.an_object(there["address"], f"{where}/address")
        kept["address"] = {
            name: values.text(address.get(name), f"{where}/address/{name}", 200) for name in ADDRESS if name in address
        }
    return kept


KEPT: Mapping[str, Clean] = {
    "defaultPrice": a_price,
    "defaultPriceType": a_choice(*PRICES),
    "defaultLocation": a_location,
    "isAnonymousJoinEnabled": values.yes_or_no,
    "languageTag": a_text(20),
    "notes": a_text(4000, lines=True),
    "additionalInformation": a_text(4000, lines=True),
    "smsNotificationsEnabled": values.yes_or_no,
    f"{POLICY}/sendConfirmationsToOwner": values.yes_or_no,
    f"{POLICY}/isMeetingInviteToCustomersEnabled": values.yes_or_no,
}
"""What is told as it was written while it holds."""


@dataclass
class Changes:
    """What a program changes of a service; None: as it is. `place` is the location to be held at, by name and address.

    `follows` are groups of rules that it takes over from its business again.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    staff: list[Provider] | None = None
    place: tuple[str, str] | None = None
    is_online: bool | None = None
    reminders: list[Json] | None = None
    sends_texts: bool | None = None
    follows: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Around:
    """What has to be known of a business to tell its services: its questions, and when each service was changed."""

    questions: Sequence[bookings_questions.Asked]
    made: Mapping[str, datetime]
    changed: Mapping[str, datetime]


def told(service: Service, around: Around, *, whole: bool) -> Json:
    """Return a service as it is by itself; reminders only where the `whole` of it is told."""
    price, kind = _price(service)
    there: Json = {
        "id": service.ref,
        "displayName": service.name,
        "description": service.description,
        "defaultDuration": values.written_length(service.duration_minutes),
        "defaultPrice": price,
        "defaultPriceType": kind,
        "preBuffer": values.written_length(service.buffer_before_minutes),
        "postBuffer": values.written_length(service.buffer_after_minutes),
        "maximumAttendeesCount": service.seats,
        POLICY: policy(service),
        "staffMemberIds": [one.provider.ref for one in service.offers.all() if one.provider.is_active],
        "isHiddenFromCustomers": service.visibility == Service.Visibility.HIDDEN,
        "isCustomerAllowedToManageBooking": service.change_notice_minutes < YEAR_MINUTES,
        "customQuestions": bookings_questions.of_service(service, around.questions),
    }
    there |= _place(service) | _of_business(service) | _moments(service, around)
    return there | ({"defaultReminders": bookings_reminders.told(service)} if whole else {})


def as_kept(now: Json, kept: Mapping[str, Any]) -> Json:
    """Return a service told with what was written: what the office made free costs nothing, whatever was written."""
    there = bookings_kept.told(now, kept)
    is_free = there["defaultPriceType"] == now["defaultPriceType"] == "free"
    return there | ({"defaultPrice": 0.0} if is_free else {})


def policy(service: Service) -> Json | None:
    """Return the policy of a service, None while it follows its business in all that one speaks of."""
    if set(bookings_policy.GROUPS) <= set(service.follows) and not service.availability:
        return None
    rules = {name: getattr(service, name) for name in rule_groups.RULES}
    return bookings_policy.told(rules, service.availability, today(service.business))


def read(
    body: Json,
    business: Business,
    now: Mapping[str, Any],
    staff: Mapping[str, Provider],
    questions: Sequence[bookings_questions.Asked],
) -> Changes:
    """Return what a program changes of a service whose fields are `now`; `staff` are by their ids.

    Raises Invalid naming the member.
    """
    wanted = Changes()
    _read_itself(body, now, wanted.fields)
    _read_managing(body, now, wanted)
    if "customQuestions" in body:
        asked = bookings_questions.wanted_of(body["customQuestions"], now["questions"], questions, "customQuestions")
        wanted.fields["questions"] = asked
    if "staffMemberIds" in body:
        wanted.staff = _staff(body["staffMemberIds"], staff)
    if "defaultReminders" in body:
        wanted.reminders = values.objects(body["defaultReminders"], "defaultReminders")
    if body.get("smsNotificationsEnabled") is not None:
        wanted.sends_texts = values.yes_or_no(body["smsNotificationsEnabled"], "smsNotificationsEnabled")
    _read_place(body, wanted)
    _read_policy(body, business, now, wanted)
    return wanted


def read_price(body: Json, service: Mapping[str, Any], kind_now: str, price_now: float, currency: str) -> Json:
    """Return price and currency as a program changes them; both members hang together, so what is missing stays.

    `kind_now` and `price_now` are what the service is told as. Raises Invalid naming the member.
    """
    if "defaultPrice" not in body and "defaultPriceType" not in body:
        return {}
    price = a_price(body["defaultPrice"], "defaultPrice") if body.get("defaultPrice") is not None else price_now
    kind: str | None = kind_now
    if body.get("defaultPriceType") is not None:
        kind = values.choice(body["defaultPriceType"], PRICES, "defaultPriceType") or kind_now
    elif price and kind_now not in PRICED:
        kind = "fixedPrice"
    if kind == "free":
        return {"price_minor": 0, "currency": service.get("currency") or currency}
    if kind not in PRICED:
        return {"price_minor": None}
    code = service.get("currency") or currency
    minor = int((Decimal(str(price)) * 10 ** digits_of(code)).to_integral_value())
    if minor > DEAREST:
        raise Invalid("This price is too high to be shown.", field="defaultPrice")
    return {"price_minor": minor, "currency": code}


def _price(service: Service) -> tuple[float, str]:
    if service.price_minor is None:
        return 0.0, "notSet"
    amount = Decimal(service.price_minor).scaleb(-digits_of(service.currency))
    return float(amount), "fixedPrice" if amount else "free"


def _place(service: Service) -> Json:
    place = service.location
    if place is None or place.kind == Location.Kind.ONLINE:
        return {"defaultLocation": None, "isLocationOnline": True}
    address = {"street": place.address} if place.address else None
    return {"defaultLocation": {"displayName": place.name, "address": address}, "isLocationOnline": False}


def _of_business(service: Service) -> Json:
    """Write what follows from the business, and what is nothing by itself but kept as it was written."""
    business = service.business
    return {
        "isAnonymousJoinEnabled": True,
        "smsNotificationsEnabled": choices.of(business).sends_texts(service_ref=service.ref),
        "languageTag": business.language,
        "notes": None,
        "additionalInformation": None,
        "webUrl": f"{settings.PUBLIC_URL}/book/{business.slug}/{service.slug}",
    }


def _moments(service: Service, around: Around) -> Json:
    """Write when a service was made and changed, as far as that is known."""
    known = {"createdDateTime": around.made, "lastUpdatedDateTime": around.changed}
    found = {name: at.get(service.ref) for name, at in known.items()}
    return {name: values.written_moment(at) for name, at in found.items() if at is not None}


def _read_itself(body: Json, now: Mapping[str, Any], fields: dict[str, Any]) -> None:
    for theirs, ours, most in (("displayName", "name", 120), ("description", "description", 600)):
        if theirs in body:
            fields[ours] = values.text(body[theirs], theirs, most, lines=ours == "description")
    if "defaultDuration" in body:
        fields["duration_minutes"] = values.length(body["defaultDuration"], "defaultDuration", least=1, most=DAY)
    for theirs, ours in (("preBuffer", "buffer_before_minutes"), ("postBuffer", "buffer_after_minutes")):
        if theirs in body:
            buffer = values.length(body[theirs], theirs, most=DAY)
            fields |= {ours: buffer} if buffer != now[ours] else {}
    if "maximumAttendeesCount" in body:
        fields["seats"] = values.number(body["maximumAttendeesCount"], "maximumAttendeesCount", least=1, most=1000)
    if "isHiddenFromCustomers" in body:
        is_hidden = values.yes_or_no(body["isHiddenFromCustomers"], "isHiddenFromCustomers")
        fields["visibility"] = Service.Visibility.HIDDEN.value if is_hidden else Service.Visibility.PUBLIC.value


def _read_managing(body: Json, now: Mapping[str, Any], wanted: Changes) -> None:
    """Who may not change anything needs more notice than anybody has."""
    if body.get("isCustomerAllowedToManageBooking") is None:
        return
    may = values.yes_or_no(body["isCustomerAllowedToManageBooking"], "isCustomerAllowedToManageBooking")
    if not may:
        wanted.fields["change_notice_minutes"] = YEAR_MINUTES
    elif now["change_notice_minutes"] >= YEAR_MINUTES:
        wanted.follows.add("change_notice")


def _staff(given: Any, known: Mapping[str, Provider]) -> list[Provider]:
    found = []
    for at, id in enumerate(values.texts(given, "staffMemberIds")):
        provider = known.get(id.strip().casefold())
        if provider is None:
            raise Invalid("There is no such staff member in this business.", field=f"staffMemberIds/{at}")
        found.append(provider)
    return list(dict.fromkeys(found))


def _read_place(body: Json, wanted: Changes) -> None:
    if body.get("isLocationOnline") is not None:
        wanted.is_online = values.yes_or_no(body["isLocationOnline"], "isLocationOnline")
    if body.get("defaultLocation") is not None:
        there = a_location(body["defaultLocation"], "defaultLocation")
        address = there.get("address") or {}
        written = ", ".join(address[name] for name in ADDRESS if address.get(name))[:300]
        wanted.place = (there["displayName"][:120], written)


def _read_policy(body: Json, business: Business, now: Mapping[str, Any], wanted: Changes) -> None:
    if POLICY not in body:
        return
    if body[POLICY] is None:
        wanted.follows |= set(bookings_policy.GROUPS)
        wanted.fields["availability"] = {}
        return
    given = values.an_object(body[POLICY], POLICY)
    wanted.fields |= bookings_policy.read(given, now, today(business))
    availability = bookings_policy.read_availability(given, now["availability"])
    wanted.fields |= {"availability": availability} if availability is not None else {}
