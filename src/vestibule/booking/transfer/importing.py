"""Taking files in: first a plan that says what becomes of each line, then the same plan carried out.

Planning writes nothing. Carrying out asks everything again: what was free may be taken meanwhile. Each appointment is
its own transaction, with its own messages.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vestibule import scheduling
from vestibule.booking import availability, contacts, lifecycle, seating
from vestibule.booking.models import Appointment, Document, Service, ServiceProvider
from vestibule.booking.seating import Aim
from vestibule.booking.transfer import tables
from vestibule.booking.transfer.lines import Line, Plan, State
from vestibule.booking.wishes import Contact, Wish
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Business, Consumer, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.scheduling import Question
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.store.transactions import writing

KEPT_NAME = "import"
COLUMNS = {
    "Reference": ("reference", "ref", "id", "referenz"),
    "Date": ("date", "day", "datum", "start date"),
    "Start": ("start", "from", "time", "start time", "von", "beginn", "zeit"),
    "End": ("end", "until", "to", "end time", "bis", "ende"),
    "Zone": ("zone", "timezone", "time zone", "zeitzone"),
    "Service": ("service", "appointment type", "type", "leistung", "terminart"),
    "Provider": ("provider", "staff", "staff member", "with", "anbieter", "behandelnde"),
    "Name": ("name", "customer name", "client", "customer", "full name"),
    "E-mail": ("e-mail", "email", "mail", "e-mail address", "email address", "customer email"),
    "Phone": ("phone", "telephone", "mobile", "customer phone", "telefon"),
    "Language": ("language", "sprache"),
    "Status": ("status",),
    "Label": ("label", "tag", "etikett"),
    "Note": ("note", "notes", "customer notes", "notiz"),
    "Title": ("title", "summary", "subject", "betreff", "titel"),
}
KNOWN = {spelling: column for column, spellings in COLUMNS.items() for spelling in spellings}
OVER = frozenset({"cancelled", "canceled", "completed", "no_show", "no-show", "not_seen", "done"})
CHUNK = 200


def keep(actor: Actor, business: Business, content: bytes) -> Document:
    """Keep a file between its plan and its import, for a day at most; `ref` names it."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    if len(content) > tables.MOST_BYTES:
        raise Invalid(_("This file is larger than 5 MB. Split it, and take in one part after the other."), field="file")
    with writing():
        return Document.objects.create(
            business=business,
            name=KEPT_NAME,
            media_type="application/octet-stream",
            size=len(content),
            content=content,
            from_staff=True,
        )


def kept(actor: Actor, ref: str) -> bytes:
    """Return a kept file. Raises NotFound when it is gone, or is somebody else's."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    rows = Document.objects.visible_to(actor).filter(name=KEPT_NAME, appointment__isnull=True, from_staff=True)
    found: Document | None = rows.filter(ref=ref[:32]).first() if "\0" not in ref else None
    if found is None:
        raise NotFound(_("This file is not here any more. Choose it again."))
    return bytes(found.content)


def forget(actor: Actor, ref: str) -> None:
    """Delete a kept file once it is taken in."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    with writing():
        Document.objects.visible_to(actor).filter(ref=ref[:32], name=KEPT_NAME, appointment__isnull=True).delete()


def plan_consumers(actor: Actor, business: Business, content: bytes) -> Plan:
    """Say what becomes of each line of a file of consumers: columns Name and E-mail, and Phone, Zone, Language."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    table = tables.read(content, KNOWN)
    tables.require(table, ["Name", "E-mail"])
    known = set(Consumer.objects.visible_to(actor).values_list("email_normal", flat=True))
    lines = []
    for number, cells in table.rows:
        try:
            contact = _contact(business, cells)
        except Refusal as refused:
            lines.append(_refused(number, _title(cells), refused))
            continue
        normal = contacts.normal_email(contact.email)
        if normal in known:
            lines.append(Line(number, contact.name, State.SKIPPED, _("Somebody with this e-mail address is known.")))
            continue
        known.add(normal)
        lines.append(Line(number, contact.name, State.NEW, contact.email, {"contact": contact}))
    return Plan(lines)


def take_consumers(actor: Actor, business: Business, plan: Plan) -> Plan:
    """Add the new consumers of a plan; nobody is written to."""
    actor.require(Permission.CHANGE_APPOINTMENTS)
    fresh = plan.new
    for first in range(0, len(fresh), CHUNK):
        with writing():
            for line in fresh[first : first + CHUNK]:
                contacts.find_or_add(business, line.what["contact"])
    _record(actor, business, "consumers", plan)
    return plan


def plan_appointments(actor: Actor, business: Business, content: bytes) -> Plan:
    """Say what becomes of each line of a file of appointments.

    Columns Date, Start, Service, Name and E-mail; and Reference, End, Zone, Provider, Phone, Label, Note, Status.
    Skipped are lines that are over, and those that are here already, by reference or by service, start and e-mail.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    table = tables.read(content, KNOWN)
    tables.require(table, ["Date", "Start", "Service", "Name", "E-mail"])
    read = _Reader(actor, business, table)
    return Plan([read.line(number, cells) for number, cells in table.rows])


def take_appointments(actor: Actor, business: Business, plan: Plan) -> Plan:
    """Book the new lines of a plan, one after the other; consumers and providers are told as of any booking.

    Returns the plan with what came of each line: one that cannot be booked any more is refused, with the reason.
    """
    actor.require(Permission.CHANGE_APPOINTMENTS)
    lines = []
    for line in plan.lines:
        if line.state is State.NEW:
            try:
                booked = lifecycle.book(actor, line.what["wish"])
                if line.what["label"]:
                    lifecycle.set_label(actor, booked, line.what["label"])
            except Refusal as refused:
                line = _refused(line.number, line.title, refused)
        lines.append(line)
    done = Plan(lines)
    _record(actor, business, "appointments", done)
    return done


class _Reader:
    """Reads lines of appointments against what is known, each in turn: a line may clash with one before it."""

    def __init__(self, actor: Actor, business: Business, table: tables.Table) -> None:
        self._actor, self._business = actor, business
        services = Service.objects.visible_to(actor).filter(is_active=True).select_related("business", "location")
        self._services: dict[str, Service] = {}
        for service in services:
            service.business = business
            self._services |= {service.slug.casefold(): service, service.name.casefold(): service}
        self._providers: dict[str, Provider] = {}
        for one in Provider.objects.visible_to(actor).filter(is_active=True):
            names = (one.slug, one.name, one.email)
            self._providers |= {name.casefold(): one for name in names if name}
        self._offers = set(
            ServiceProvider.objects.filter(service__business=business).values_list("service_id", "provider_id")
        )
        wanted = {cells.get("Reference", "") for _number, cells in table.rows}
        here = Appointment.objects.visible_to(actor)
        self._refs = set(here.values_list("ref", flat=True)) & wanted if wanted - {""} else set()
        ahead = here.filter(start_minute__gte=to_minute(clock.now())).exclude(status=Appointment.Status.CANCELLED)
        self._booked = {
            (service, start, contacts.normal_email(email))
            for service, start, email in ahead.values_list("service_id", "start_minute", "email")
        }
        self._planned: dict[int, list[tuple[int, int, int]]] = {}
        self._questions: dict[tuple[int, int | None, int | None], Question] = {}

    def line(self, number: int, cells: Mapping[str, str]) -> Line:
        """Return the verdict on one line."""
        try:
            return self._line(number, cells)
        except Refusal as refused:
            return _refused(number, _title(cells), refused)

    def _line(self, number: int, cells: Mapping[str, str]) -> Line:
        title = _title(cells)
        if cells.get("Status", "").casefold() in OVER:
            return Line(number, title, State.SKIPPED, _("It is cancelled or over."))
        if cells.get("Reference", "") in self._refs and cells.get("Reference"):
            return Line(number, title, State.SKIPPED, _("An appointment with this reference is here already."))
        wish, label = self._wish(cells)
        start = to_minute(wish.start)
        if wish.start <= clock.now():
            return Line(number, title, State.SKIPPED, _("It has begun, or is over."))
        same = (wish.service.pk, start, contacts.normal_email(wish.contact.email))
        if same in self._booked:
            return Line(number, title, State.SKIPPED, _("The same appointment is booked already."))
        length = wish.length_minutes or wish.service.duration_minutes
        clash = self._clash(wish, start, start + length)
        if clash:
            words = _("It overlaps line %(number)s of this file.") % {"number": clash}
            return Line(number, title, State.REFUSED, words)
        refusal = self._refusal(wish, start)
        if refusal is not None:
            return _refused(number, title, refusal)
        self._booked.add(same)
        if wish.provider is not None:
            self._planned.setdefault(wish.provider.pk, []).append((start, start + length, number))
        return Line(number, title, State.NEW, wish.service.name, {"wish": wish, "label": label})

    def _clash(self, wish: Wish, start: int, end: int) -> int:
        """Return the number of an earlier line that takes this provider's time, or 0."""
        if wish.provider is None or wish.service.seats > 1:
            return 0
        taken = self._planned.get(wish.provider.pk, ())
        return next((number for first, last, number in taken if first < end and start < last), 0)

    def _refusal(self, wish: Wish, start: int) -> Refusal | None:
        availability.require_offered(wish.service, wish.start, as_staff=True)
        if scheduling.offer(self._question(wish), start, start + 1).starts:
            return None
        aim = Aim(
            wish.service,
            start,
            self._business.timezone,
            wish.provider.pk if wish.provider else None,
            as_staff=True,
            length=wish.length_minutes,
        )
        return seating.refusal_of(aim)

    def _question(self, wish: Wish) -> Question:
        """Return the engine's question, asked once for each service, provider and length."""
        key = (wish.service.pk, wish.provider.pk if wish.provider else None, wish.length_minutes)
        if key not in self._questions:
            self._questions[key] = availability.ask(
                wish.service, provider=wish.provider, length=wish.length_minutes, as_staff=True
            )
        return self._questions[key]

    def _wish(self, cells: Mapping[str, str]) -> tuple[Wish, str]:
        service = self._services.get(cells.get("Service", "").casefold())
        if service is None:
            raise Invalid(_("There is no service called “%(name)s”.") % {"name": cells.get("Service", "")[:60]})
        provider = self._provider(service, cells.get("Provider", ""))
        start, end = stretch(cells, self._business.timezone)
        minutes = int((end - start).total_seconds()) // 60 if end else service.duration_minutes
        contact = _contact(self._business, cells)
        label = contacts.clean_text(cells.get("Label", ""), "label", most=40)
        wish = Wish(
            service=service,
            start=start,
            contact=contact,
            provider=provider,
            length_minutes=None if minutes == service.duration_minutes else minutes,
            note=contacts.clean_text(cells.get("Note", "")[:2000], "note", most=2000, lines=True),
            via="import",
        )
        return wish, label

    def _provider(self, service: Service, name: str) -> Provider | None:
        if not name:
            return None
        provider = self._providers.get(name.casefold())
        if provider is None:
            raise Invalid(_("There is nobody called “%(name)s”.") % {"name": name[:60]})
        if (service.pk, provider.pk) not in self._offers:
            words = _("%(who)s does not offer %(what)s.")
            raise Invalid(words % {"who": provider.name, "what": service.name})
        return provider


def stretch(cells: Mapping[str, str], zone: str) -> tuple[datetime, datetime | None]:
    """Return start and end (None if it is not said) of a line as aware UTC times. Raises Invalid."""
    home = ZoneInfo(contacts.clean_zone(cells["Zone"]) if cells.get("Zone") else zone)
    on = tables.day(cells.get("Date", ""))
    if not 2000 <= on.year <= 2199:
        raise Invalid(_("This date is too far away. Write it as 2026-12-24."))
    start = _instant(datetime.combine(on, tables.clock(cells.get("Start", "")), home))
    if not cells.get("End"):
        return start, None
    until = datetime.combine(on, tables.clock(cells["End"]), home)
    end = _instant(until)
    return start, end if end > start else _instant(until + timedelta(days=1))


def _instant(local: datetime) -> datetime:
    return from_minute(to_minute(local))


def _contact(business: Business, cells: Mapping[str, str]) -> Contact:
    given = Contact(
        cells.get("Name", ""), cells.get("E-mail", ""), cells.get("Phone", ""), "", cells.get("Language", "")
    )
    return contacts.clean_contact(business, given)


def _title(cells: Mapping[str, str]) -> str:
    when = " ".join(filter(None, (cells.get("Date", ""), cells.get("Start", ""))))
    return ", ".join(filter(None, (cells.get("Name", "")[:80], when[:40])))


def _refused(number: int, title: str, refusal: Refusal) -> Line:
    return Line(number, title, State.REFUSED, refusal.sentence)


def _record(actor: Actor, business: Business, what: str, plan: Plan) -> None:
    details: dict[str, Any] = {
        "new": len(plan.new),
        "skipped": len(plan.skipped),
        "refused": len(plan.refused),
    }
    with writing():
        audit.record(actor, business.pk, "data.imported", "business", business.ref, summary=what, **details)
