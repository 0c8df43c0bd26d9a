"""Doing here what was done there: how a scheduler outside makes, moves, cancels and corrects appointments of ours.

They are the product's own verbs, told as the system and asked no rule, since the scheduler keeps the rules. Who is
told of it is decided where messages are written.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements, contacts, intake, lifecycle, making, waitlist_offers
from vestibule.booking.calling_off import call_off
from vestibule.booking.making import Checked
from vestibule.booking.models import Appointment, SchedulerLink, Service
from vestibule.booking.outside import placing
from vestibule.booking.outside.deciding import Standing
from vestibule.booking.outside.standing import PROVIDER, SERVICE, Names, NotNamed, theirs
from vestibule.booking.ports import TheirAppointment, TheirCustomer
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store.transactions import writing

LABELS = {"bookings": "Microsoft Bookings"}
"""Who made a change, in the audit trail."""


def actor_of(link: SchedulerLink) -> Actor:
    """Return as whom a scheduler outside acts."""
    return Actor(ActorKind.SYSTEM, LABELS.get(link.kind, link.kind))


def parties(business_id: int, told: TheirAppointment, names: Names) -> tuple[Service, list[Provider]]:
    """Return service and providers of an appointment there. Raises NotNamed where one is not known here."""
    if told.seats > 1 or len(told.customers) > 1:
        raise NotNamed("group")
    return service_of(business_id, told.service, names), team_of(business_id, told.staff, names)


def service_of(business_id: int, external: str, names: Names) -> Service:
    """Return the service that one there is. Raises NotNamed unless it is known, and for one person at a time."""
    rows = Service.objects.select_related("business", "location")
    service: Service | None = rows.filter(
        business_id=business_id, ref=names.ours[SERVICE].get(external.casefold(), "")
    ).first()
    if service is None:
        raise NotNamed("service")
    if service.seats > 1:
        raise NotNamed("group")
    return service


def team_of(business_id: int, staff: Sequence[str], names: Names) -> list[Provider]:
    """Return the providers that staff there are, in their order. Raises NotNamed unless all are known."""
    refs = [names.ours[PROVIDER].get(one.casefold(), "") for one in staff]
    known = {one.ref: one for one in Provider.objects.filter(business_id=business_id, ref__in=refs)}
    if not refs or any(one not in known for one in refs):
        raise NotNamed("staff")
    return [known[one] for one in dict.fromkeys(refs)]


def bring_in(link: SchedulerLink, told: TheirAppointment, names: Names) -> Appointment:
    """Make an appointment of ours for one that stands there. Inside a writing block. Raises NotNamed, Taken."""
    service, team = parties(link.business_id, told, names)
    at = theirs(told)
    who = told.customers[0] if told.customers else TheirCustomer("")
    contact = contact_of(service.business, who)
    checked = Checked(contact, _answers(service, who, names), [], [], "", who.notes.strip()[:2000])
    wish = Wish(service, told.start, contact, provider=team[0], via="bookings")
    return placing.take(
        service, team, (at.start, at.end), lambda place: making.write(actor_of(link), wish, checked, place).appointment
    )


def move(link: SchedulerLink, appointment: Appointment, at: Standing, names: Names) -> None:
    """Bring an appointment to the time, staff and service it has there. Raises NotNamed, Taken, WrongStatus."""
    actor = actor_of(link)
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        former = announcements.team_of(current)
        team = team_of(link.business_id, at.staff, names)
        service = service_of(link.business_id, at.service, names)
        if service.pk != current.service_id:
            current.service, current.price_minor, current.currency = service, service.price_minor, service.currency
            current.save(update_fields=["service", "price_minor", "currency"])
        placing.take(
            current.service,
            team,
            (at.start, at.end),
            lambda place: lifecycle.rewritten(actor, current, former, place),
            moving=current,
        )
        waitlist_offers.when_free(current.business_id)


def cancel(link: SchedulerLink, appointment: Appointment) -> None:
    """Cancel an appointment that is no more there. Raises WrongStatus (it is going on, or over), AlreadyCancelled."""
    actor = actor_of(link)
    with writing():
        current = access.locked(actor, appointment)
        access.require_changeable(actor, current)
        call_off(actor, current, reason="")


def correct(link: SchedulerLink, appointment: Appointment, at: Standing, parts: frozenset[str]) -> None:
    """Let the consumer of an appointment be called, and reached, as it says there."""
    actor = actor_of(link)
    with writing():
        current = access.locked(actor, appointment)
        fresh = contact_of(current.business, TheirCustomer(at.name, at.email, at.phone))
        changed = {name: getattr(fresh, name) for name in ("name", "email", "phone") if name in parts}
        for name, value in changed.items():
            setattr(current, name, value)
        current.save(update_fields=list(changed))
        if current.status in Appointment.ACTIVE:
            announcements.teller(current, by=actor).planned()
        access.record(actor, current, "contact_changed", fields=sorted(changed))


def contact_of(business: Business, given: TheirCustomer) -> Contact:
    """Return whom an appointment there is for, as far as it can be used; what cannot be is left empty."""
    contact = Contact(
        name=_clean(contacts.clean_name, given.name) or _clean(contacts.clean_name, given.email) or _("No name"),
        email=_clean(contacts.clean_email, given.email),
        phone=_clean(lambda text: contacts.clean_phone(text, business), given.phone),
    )
    return replace(
        contact, timezone=_clean(contacts.clean_zone, given.zone) or business.timezone, language=business.language
    )


def _answers(service: Service, given: TheirCustomer, names: Names) -> dict[str, Any]:
    """Return the answers that fit a question of ours; the others stay there."""
    kept: dict[str, Any] = {}
    for question in service.questions:
        asked = names.question(service.ref, question["id"])
        said = next(
            (text for id, text in given.answers.items() if id.casefold() == asked.casefold()),
            "",
        )
        try:
            kept |= intake.clean_answers([question], {question["id"]: said}, partly=True) if said else {}
        except Invalid:
            continue
    return kept


def _clean(check: Any, given: str) -> str:
    try:
        return str(check(given)) if given.strip() else ""
    except Refusal:
        return ""
