"""The waitlist: who wants a time that becomes free is offered one, in the order they came, for a while.

An offer is a real hold. It goes to the next when it lapses or is turned down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from vestibule.booking import access, availability, contacts, lifecycle, making, quota, texts, waitlist_offers
from vestibule.booking.day_parts import clean_parts
from vestibule.booking.errors import HoldExpired, ProviderNotOffered
from vestibule.booking.links import Purpose
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.waitlist_offers import OFFER, offer_next
from vestibule.booking.waitlist_words import messages
from vestibule.booking.wishes import Contact, Wish
from vestibule.notifications import outbox
from vestibule.notifications.facts import Kind
from vestibule.people import audit, links
from vestibule.people.actors import actor_of_link
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, CapabilityLink, Provider
from vestibule.people.permissions import SYSTEM, Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.clock import from_minute
from vestibule.store.transactions import writing

__all__ = [
    "JOINS_PER_HOUR",
    "OFFER",
    "accept",
    "decline",
    "entries_of",
    "entry_of",
    "join",
    "leave",
    "of_link",
    "offer_next",
    "tick",
]

Entry = WaitlistEntry
Status = WaitlistEntry.Status
OPEN = (Status.WAITING, Status.OFFERED)
LONGEST = timedelta(days=366)
MOST_EACH = 5
JOINS_PER_HOUR = 20  # of one address, by page and API: each entry has a time held again and again
MOST_UNANSWERED = 3  # in a row: an address nobody reads must not hold time for ever
MOST_AT_ONCE = 200
LOOK_AGAIN = timedelta(minutes=1)
_looked: dict[int, tuple[str, datetime]] = {}


def join(
    actor: Actor,
    service: Service,
    contact: Contact,
    *,
    first: date,
    last: date,
    provider: Provider | None = None,
    day_parts: Sequence[str] = (),
    length: int | None = None,
    appointment: Appointment | None = None,
    via: str = "page",
) -> WaitlistEntry:
    """Put somebody on the waitlist and mail them the link that leaves it again.

    `first` to `last` are local dates of the contact's zone, both included, at most a year on. With `appointment`, one
    the actor may change: they want an earlier time, which will move it; `contact`, `service` and `length` are then
    the appointment's, and joining again changes the entry there is. Asking twice for the same is asking once. `via` is
    where it came from, as in a wish.
    Raises Invalid naming `service` (no waitlist), `first`, `last`, `day_parts`, `length_minutes` or `email` (five
    entries at most), InvalidContact, ServiceHidden, ProviderNotOffered.
    """
    with writing():
        if appointment is not None:
            current = access.locked(actor, appointment)
            access.require_changeable(actor, current)
            service, length = current.service, current.end_minute - current.start_minute
            contact = Contact(
                *(current.name, current.email, current.phone, current.timezone, current.language),
                sms_consent=current.takes_texts,
            )
        else:
            availability.require_published(actor, service)
        _require_waitlist(actor, service, provider, length if appointment is None else None)
        clean = contacts.clean_contact(service.business, contact)
        entry = _of_contact(service, clean, _dates(clean.timezone, first, last))
        entry.provider, entry.appointment, entry.day_parts = provider, appointment, clean_parts(day_parts)
        entry.length_minutes = length or service.duration_minutes
        return _same_as_before(entry) or _store(actor, entry, clean, via)


def _of_contact(service: Service, contact: Contact, days: tuple[date, date]) -> Entry:
    return Entry(
        business=service.business,
        service=service,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        takes_texts=texts.may_be_sent(service.business, contact),
        timezone=contact.timezone,
        language=contact.language,
        first=days[0],
        last=days[1],
        created_at=clock.now(),
    )


def leave(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    """Take somebody off the waitlist; a time that is being offered goes to the next. Twice is once."""
    with writing():
        current = _locked(actor, entry)
        if current.status in OPEN:
            _end(actor, current, "left")
        return current


def accept(
    actor: Actor,
    entry: WaitlistEntry,
    *,
    answers: Mapping[str, Any] | None = None,
    consents: Sequence[str] = (),
) -> Appointment:
    """Take the time that is offered: the linked appointment moves there, or a new one is booked.

    Answers to the service's questions may follow later (`lifecycle.answer`), but for required consents.
    Raises HoldExpired when nothing is offered (any more), Invalid naming `consents` or `answers.<id>`.
    """
    with writing():
        current = _offered(actor, entry)
        assert current.hold is not None
        assert current.offered_start is not None
        start, ref = from_minute(current.offered_start), current.hold.ref
        if current.appointment is not None:
            own = frozenset({current.appointment.ref})
            who = Actor(ActorKind.CONSUMER, "consumer", current.business_id, subjects=own)
            taken = lifecycle.move(who, current.appointment, start, hold=ref)
        else:
            wish = replace(_wish(current, start, ref), answers=answers or {}, consents=tuple(consents))
            taken = lifecycle.book(actor, wish, answers_later=True)
        current.status, current.appointment, current.hold = Status.BOOKED, taken, None
        current.offer_expires_at = None
        current.save(update_fields=["status", "appointment", "hold", "offer_expires_at"])
        _record(actor, current, "accepted")
        return taken


def _wish(entry: Entry, start: datetime, hold: str) -> Wish:
    return Wish(
        service=entry.service,
        start=start,
        contact=Contact(
            *(entry.name, entry.email, entry.phone, entry.timezone, entry.language), sms_consent=entry.takes_texts
        ),
        provider=entry.provider,
        length_minutes=entry.length_minutes,
        hold=hold,
        via="waitlist",
    )


def decline(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    """Let the offered time pass, to the next who waits, and wait on. Raises HoldExpired when nothing is offered."""
    with writing():
        current = _offered(actor, entry)
        current.offers_made = 0
        _pass_on(current)
        _record(actor, current, "declined")
        return current


def of_link(token: str) -> tuple[Actor, WaitlistEntry] | None:
    """Return who holds the waitlist link `token` (purpose `waitlist`, page `/waitlist?v=…`) and the entry it opens."""
    link = links.resolve(token, Purpose.WAITLIST)
    entry = _rows().filter(ref=link.subject).first() if link is not None else None
    return (actor_of_link(link), entry) if link is not None and entry is not None else None


def entry_of(actor: Actor) -> WaitlistEntry:
    """Return the entry that the holder of a waitlist link may see. Raises NotFound."""
    found: Entry | None = _rows().filter(ref__in=actor.subjects).first() if actor.kind is ActorKind.CONSUMER else None
    if found is None:
        raise _unknown()
    return found


def entries_of(appointment: Appointment) -> list[WaitlistEntry]:
    """Return the entries that wait for an earlier time than `appointment`."""
    return list(_rows().filter(appointment=appointment, status__in=OPEN))


def tick() -> int:
    """Pass on offers that lapsed, offer what is free, and end entries whose last date is over, or of whom nobody
    answered three offers in a row; return how many changed.
    """
    now = clock.now()
    everywhere = Entry.objects.filter(business__in=Business.objects.all())
    lapsed = everywhere.filter(status=Status.OFFERED, offer_expires_at__lte=now)
    changed = sum(_settle(entry) for entry in lapsed[:MOST_AT_ONCE])
    tomorrow = (now + timedelta(days=1)).date()
    old = everywhere.filter(status=Status.WAITING, last__lt=tomorrow)
    changed += sum(_settle(entry) for entry in old[:MOST_AT_ONCE])
    stale = everywhere.filter(status__in=OPEN, appointment__isnull=False).exclude(
        appointment__status__in=Appointment.OPEN
    )
    changed += sum(_settle(entry) for entry in stale[:MOST_AT_ONCE])
    waiting = everywhere.filter(status=Status.WAITING).order_by("business_id").values_list("business_id")
    for business, count, newest in waiting.annotate(count=Count("pk"), newest=Max("ref")):
        if _is_news(business, f"{count} {newest}"):
            changed += offer_next(business)
    return changed


def _is_news(business: int, waiting: str) -> bool:
    """Tell whether anything changed since the last look, or a minute has passed: then something may be free."""
    versions = Provider.objects.filter(business_id=business).values_list("mask_version", flat=True)
    now, seen = clock.now(), f"{waiting} {hash(tuple(versions.order_by('pk')))}"
    before, at = _looked.get(business, ("", now))
    if before == seen and timedelta(0) <= now - at < LOOK_AGAIN:
        return False
    _looked[business] = seen, now
    return True


def _settle(entry: WaitlistEntry) -> bool:
    """Do with an entry what time has done to it; tell whether that was anything."""
    with writing():
        current = _locked(SYSTEM, entry)
        before = current.status
        if current.status == Status.OFFERED and _has_lapsed(current):
            _pass_on(current)
            _record(SYSTEM, current, "lapsed")
        if current.status in OPEN and current.appointment is not None:
            _follow(current, current.appointment)
        is_over = _today(current.timezone) > current.last or current.offers_made >= MOST_UNANSWERED
        if current.status == Status.WAITING and is_over:
            _end(SYSTEM, current, "ended")
            link = CapabilityLink.objects.filter(subject=current.ref, purpose=Purpose.WAITLIST).first()
            outbox.enqueue_all(messages(Kind.WAITLIST_ENDED, current, link))
        return current.status != before


def _follow(entry: WaitlistEntry, appointment: Appointment) -> None:
    """Who gave an appointment up wants no earlier one; who lost it to the business waits for any."""
    if appointment.status in Appointment.OPEN:
        return
    if appointment.status == Appointment.Status.CANCELLED and appointment.cancelled_by != "consumer":
        entry.appointment = None
        entry.save(update_fields=["appointment"])
        return
    _end(SYSTEM, entry, "ended")


def _same_as_before(wanted: WaitlistEntry) -> WaitlistEntry | None:
    """Return the open entry that already asks for this, if there is one; raise Invalid where there are too many.

    Of an appointment there is one entry, which takes over what is wanted now.
    """
    rows = _rows().select_for_update(of=("self",)).filter(business=wanted.business, status__in=OPEN)
    if wanted.appointment is not None:
        found: Entry | None = rows.filter(appointment=wanted.appointment).first()
        if found is not None:
            found.first, found.last, found.day_parts = wanted.first, wanted.last, wanted.day_parts
            found.provider = wanted.provider
            found.save(update_fields=["first", "last", "day_parts", "provider"])
        return found
    address = quota.same_address(wanted.email)
    known: list[Entry] = list(rows.filter(email__istartswith=address[:1]))
    mine = [one for one in known if quota.same_address(one.email) == address]
    for one in mine:
        if _wants(one) == _wants(wanted):
            return one
    if len(mine) >= MOST_EACH:
        words = _("You are on the waitlist five times already. Leave one of them first.")
        raise Invalid(words, field="email")
    return None


def _wants(entry: WaitlistEntry) -> tuple[Any, ...]:
    return (
        entry.service_id,
        entry.provider_id,
        entry.length_minutes,
        entry.appointment_id,
        entry.first,
        entry.last,
        entry.day_parts,
    )


def _store(actor: Actor, entry: WaitlistEntry, contact: Contact, via: str) -> WaitlistEntry:
    entry.save()
    texts.keep(entry.business, contact, via, entry.ref)
    if not access.is_staff(actor):
        quota.count_written_to(entry.email, entry.phone)
    over = datetime(entry.last.year, entry.last.month, entry.last.day, tzinfo=clock.now().tzinfo) + timedelta(days=3)
    drafted = links.draft(entry.business_id, Purpose.WAITLIST, "consumer", entry.ref, over)
    (link,) = links.store([drafted])
    outbox.enqueue_all(messages(Kind.WAITLIST_JOINED, entry, link))
    _record(actor, entry, "joined")
    waitlist_offers.when_free(entry.business_id)
    return entry


def _require_waitlist(actor: Actor, service: Service, provider: Provider | None, length: int | None) -> None:
    access.require_own_business(actor, service)
    availability.require_visible(service, as_staff=actor.kind is ActorKind.STAFF)
    if not service.has_waitlist:
        raise Invalid(_("There is no waitlist for this appointment. Choose one of the times shown."), field="service")
    availability.require_length(service, length)
    if provider is not None:
        if not service.offers.filter(provider=provider, provider__is_active=True).exists():
            raise ProviderNotOffered
        making.require_choice(actor, service, provider)


def _dates(zone: str, first: date, last: date) -> tuple[date, date]:
    today = _today(zone)
    if last < first or last < today:
        raise Invalid(_("The last date is before the first, or has passed. Choose a later one."), field="last")
    if last > today + LONGEST:
        raise Invalid(_("Choose dates of the next twelve months."), field="last")
    return max(first, today), last


def _today(zone: str) -> date:
    return clock.now().astimezone(ZoneInfo(zone)).date()


def _locked(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    """Return the locked entry for whoever may change it: its own link, staff who book for others, the product."""
    rows = _rows().select_for_update(of=("self",)).filter(pk=entry.pk)
    if actor.kind is ActorKind.CONSUMER:
        rows = rows.filter(ref__in=actor.subjects)
    elif actor.kind is not ActorKind.SYSTEM:
        rows = rows.filter(business_id=actor.business_id)
    current: Entry | None = rows.first()
    if current is None:
        raise _unknown()
    if actor.kind is not ActorKind.CONSUMER:
        actor.require(Permission.CHANGE_APPOINTMENTS)
    return current


def _offered(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    current = _locked(actor, entry)
    if current.status != Status.OFFERED or current.hold is None or _has_lapsed(current):
        raise HoldExpired
    return current


def _has_lapsed(entry: WaitlistEntry) -> bool:
    return entry.offer_expires_at is None or entry.offer_expires_at <= clock.now()


def _pass_on(entry: WaitlistEntry) -> None:
    """Let the offered time go to the next, and wait on."""
    if entry.offered_start is not None:
        entry.passed = [*entry.passed, entry.offered_start][-200:]
    waitlist_offers.release(entry)
    entry.status, entry.offered_start, entry.offer_expires_at = Status.WAITING, None, None
    entry.save(update_fields=["passed", "hold", "status", "offered_start", "offer_expires_at", "offers_made"])
    outbox.drop(entry.ref, [Kind.WAITLIST_OFFER])
    waitlist_offers.when_free(entry.business_id)


def _end(actor: Actor, entry: WaitlistEntry, action: str) -> None:
    waitlist_offers.release(entry)
    entry.status, entry.offered_start, entry.offer_expires_at = Status.GONE, None, None
    entry.save(update_fields=["hold", "status", "offered_start", "offer_expires_at"])
    outbox.drop(entry.ref)
    _record(actor, entry, action)
    waitlist_offers.when_free(entry.business_id)


def _rows() -> Any:
    return Entry.objects.select_related(
        "business", "service__business", "service__location", "provider", "appointment__service", "hold"
    )


def _record(actor: Actor, entry: WaitlistEntry, action: str) -> None:
    audit.record(
        actor,
        entry.business_id,
        f"waitlist.{action}",
        "waitlist",
        entry.ref,
        summary=f"{entry.service.name}, {entry.name}",
    )


def _unknown() -> NotFound:
    return NotFound(_("There is no such place on the waitlist. Check the link, or ask for a new one."))
