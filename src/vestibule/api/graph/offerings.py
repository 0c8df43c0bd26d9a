"""Services: listed, told, made, changed, taken off the pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from vestibule.api.graph import (
    bookings_business,
    bookings_kept,
    bookings_lists,
    bookings_names,
    bookings_questions,
    bookings_reminders,
    bookings_service,
    bookings_texts,
    businesses_kept,
    narrowing,
    values,
)
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, WRITES
from vestibule.api.graph.bookings_service import Around, Changes
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer, Operations
from vestibule.booking import beside, setup
from vestibule.booking.models import Location, Service
from vestibule.booking.setup import Offer, rule_groups
from vestibule.booking.setup.offerings import draft
from vestibule.notifications import reminders
from vestibule.people import turns
from vestibule.people.models import Business, Provider
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()
KIND = "service"
ALL = "/solutions/bookingBusinesses/{business}/services"
ONE = f"{ALL}/{{service}}"
OF = "solutions.bookingBusinesses"
MEMBERS = narrowing.told(
    texts=("id", "displayName", "description"),
    choices={"defaultPriceType": bookings_service.PRICES},
    instants=("createdDateTime", "lastUpdatedDateTime"),
    flags=("isHiddenFromCustomers", "isLocationOnline"),
    numbers=("defaultPrice", "maximumAttendeesCount"),
)
"""What the list is asked by."""
NAMES = {
    **{"name": "displayName", "duration_minutes": "defaultDuration", "seats": "maximumAttendeesCount"},
    **{"buffer_before_minutes": "preBuffer", "buffer_after_minutes": "postBuffer", "questions": "customQuestions"},
    **{"interval_minutes": "schedulingPolicy/timeSlotInterval", "notice_minutes": "schedulingPolicy/minimumLeadTime"},
    **{"window_days": "schedulingPolicy/maximumAdvance", "window_minutes": "schedulingPolicy/maximumAdvance"},
    **{"availability": "schedulingPolicy/customAvailabilities", "price_minor": "defaultPrice"},
    **{"address": "defaultLocation/address", "reminders": "defaultReminders", "offers": "staffMemberIds"},
}
NOW = (
    "buffer_before_minutes",
    "buffer_after_minutes",
    "change_notice_minutes",
    "questions",
    "availability",
    "currency",
)


@operations.on("GET", ALL, permissions=READS, operation=f"{OF}.ListServices")
def list_services(asked: Asked) -> Answer:
    """List what can be booked, reminders left out."""
    return bookings_lists.listed(asked, _context(asked), all_of(asked.business), MEMBERS)


@operations.on("GET", f"{ALL}/$count", permissions=READS, operation="Get.Count.services-35c3")
def count(asked: Asked) -> Answer:
    """Say how many there are."""
    return bookings_lists.counted(asked, all_of(asked.business), MEMBERS)


@operations.on("POST", ALL, permissions=WRITES, operation=f"{OF}.CreateServices")
def create(asked: Asked) -> Answer:
    """Add a service. It follows the business' rules in all that is not said of it."""
    body = values.without_notes(asked.body())
    business = asked.business
    name = values.text(body.get("displayName"), "displayName", 120)
    if not name:
        raise Fault(400, "invalidRequest", "A service needs a displayName.", target="displayName")
    new = draft(business, {"name": name})
    with writing(), bookings_names.members(NAMES):
        wanted = _read(body, business, new)
        fields = {**wanted.fields, "location": _place(asked, new, wanted, is_new=True)}
        fields |= bookings_service.read_price(body, {}, "notSet", 0.0, businesses_kept.currency_of(business))
        offers = [Offer(one) for one in wanted.staff or ()]
        made = setup.add_service(asked.actor, business, offers=offers, **fields)
        _finish(asked, made, wanted, body)
    return bookings_lists.one(asked, _context(asked), shown(_known(asked, made.ref)), status=201)


@operations.on("GET", ONE, permissions=READS, operation=f"{OF}.GetServices")
def get(asked: Asked) -> Answer:
    """Tell the whole of a service."""
    return bookings_lists.one(asked, _context(asked), shown(_named(asked)))


@operations.on("PATCH", ONE, permissions=WRITES, operation=f"{OF}.UpdateServices")
def change(asked: Asked) -> Answer:
    """Change what is named, and leave all else. Appointments already booked keep what they have."""
    body = values.without_notes(asked.body())
    service = _named(asked)
    with writing(), bookings_names.members(NAMES):
        turns.take(asked.business.pk)  # reminders take it once the service is held
        wanted = _read(body, asked.business, service)
        fields = {**wanted.fields}
        if wanted.place is not None or wanted.is_online is not None:
            fields["location"] = _place(asked, service, wanted)
        there = shown(service)
        fields |= bookings_service.read_price(
            body,
            vars(service),
            there["defaultPriceType"],
            there["defaultPrice"],
            businesses_kept.currency_of(asked.business),
        )
        follows = None
        if wanted.follows:
            follows = rule_groups.in_order({*service.follows, *wanted.follows} - rule_groups.left_by(fields))
        offers = _offers(service, wanted.staff) if wanted.staff is not None else None
        setup.change_service(asked.actor, service, offers=offers, follows=follows, **fields)
        _finish(asked, service, wanted, body)
    return Answer(204)


@operations.on("DELETE", ONE, permissions=WRITES, operation=f"{OF}.DeleteServices")
def delete(asked: Asked) -> Answer:
    """Take a service off every page; its appointments stay, and staff can offer it again."""
    setup.retire_service(asked.actor, _named(asked))
    return Answer(204)


def all_of(business: Business) -> list[Json]:
    """Return the services of a business as Bookings lists them."""
    rows = list(_rows(business))
    refs = [one.ref for one in rows]
    around, kept = _around(business, refs), beside.of_all(business.pk, KIND, refs)
    return [
        bookings_service.as_kept(bookings_service.told(one, around, whole=False), kept.get(one.ref, {})) for one in rows
    ]


def shown(service: Service) -> Json:
    """Return a service as Bookings tells the whole of it."""
    kept = beside.of(service.business_id, KIND, service.ref)
    return bookings_service.as_kept(_told(service), kept)


def _told(service: Service) -> Json:
    return bookings_service.told(service, _around(service.business, [service.ref]), whole=True)


def _around(business: Business, refs: list[str]) -> Around:
    return Around(
        bookings_questions.all_of(business),
        bookings_business.made_at(business.pk, KIND, refs),
        bookings_business.changed_at(business.pk, KIND, refs),
    )


def _rows(business: Business) -> QuerySet[Service]:
    rows = Service.objects.filter(business=business, is_active=True).select_related("business", "location")
    return rows.prefetch_related("offers__provider")


def _named(asked: Asked) -> Service:
    return _known(asked, asked.params["service"])


def _known(asked: Asked, ref: str) -> Service:
    found = _rows(asked.business).filter(ref=ref.casefold()[:40]).first()
    if found is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such service in this business.")
    return found


def _read(body: Json, business: Business, service: Service) -> Changes:
    now: Mapping[str, Any] = {name: getattr(service, name) for name in (*NOW, *rule_groups.RULES)}
    staff = {one.ref: one for one in Provider.objects.filter(business=business, is_active=True)}
    return bookings_service.read(body, business, now, staff, bookings_questions.all_of(business))


def _finish(asked: Asked, service: Service, wanted: Changes, body: Json) -> None:
    """Bring reminders and texts to what is wanted, and keep beside the service what was written of it."""
    kept = bookings_kept.written(body, bookings_service.KEPT)
    current = _known(asked, service.ref)
    if wanted.reminders is not None:
        to_be = bookings_reminders.wanted_of(current, wanted.reminders)
        reminders.put(asked.actor, current.business, to_be, current.ref)
    if wanted.sends_texts is not None:
        bookings_texts.put(asked.actor, _known(asked, service.ref), sends=wanted.sends_texts)
    if kept:
        now = _told(_known(asked, service.ref))
        beside.keep(current.business_id, KIND, current.ref, bookings_kept.beside(kept, now))


def _offers(service: Service, staff: Sequence[Provider]) -> list[Offer]:
    """Return who is to offer a service; whoever does already keeps how they do."""
    now = {one.provider_id: one for one in service.offers.select_related("provider", "schedule")}
    return [
        Offer(one, *(now[one.pk].role, now[one.pk].group, now[one.pk].schedule, now[one.pk].weight))
        if one.pk in now
        else Offer(one)
        for one in staff
    ] + [
        Offer(one.provider, one.role, one.group, one.schedule, one.weight)
        for one in now.values()
        if not one.provider.is_active
    ]


def _place(asked: Asked, service: Service, wanted: Changes, *, is_new: bool = False) -> Location | None:
    """Return where a service takes place: online unless somebody says otherwise, or names an address at first."""
    now = service.location
    is_online = now is None or now.kind == Location.Kind.ONLINE
    here = Location.objects.filter(business=asked.business).order_by("pk")
    wants_online = wanted.is_online if wanted.is_online is not None else is_online
    if is_new and wanted.is_online is None and wanted.place is not None and wanted.place[1]:
        wants_online = False
    if wants_online:
        return now if is_online and not is_new else here.filter(kind=Location.Kind.ONLINE).first()
    if wanted.place is None:
        known = now if not is_online else here.filter(kind=Location.Kind.PLACE).first()
        if known is not None:
            return known
    name, address = wanted.place or ("", "")
    address = address or name or businesses_kept.address_of(asked.business)
    if not address:
        words = "A service that is not online needs defaultLocation with its address."
        raise Fault(400, "invalidRequest", words, target="defaultLocation")
    named = {"kind": Location.Kind.PLACE.value, "name": name or address[:120], "address": address}
    return here.filter(**named).first() or setup.add_location(asked.actor, asked.business, **named)


def _context(asked: Asked) -> str:
    return bookings_names.context_of(asked.business, "services")
