"""Text messages to who books: whether they may be sent, what was said about that, and switching them on and off."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vestibule.booking import access, announcements
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Contact
from vestibule.notifications import choices, consent, outbox
from vestibule.notifications.choices import SMS
from vestibule.notifications.consent import Source
from vestibule.notifications.models import ConsentEntry
from vestibule.people import rates
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

SOURCES = {"page": Source.BOOKING, "waitlist": Source.BOOKING, "api": Source.API}
"""Where a consent came from, by what a booking came by. Whatever else there is, staff typed it."""
MOST = 200
"""Appointments ahead that one press switches."""
SWITCHED_AN_HOUR = 20
"""Each is kept for good, and plans what is to be sent anew."""


@dataclass(frozen=True)
class Texts:
    """How it stands with text messages about one appointment.

    Stopped for all by a word of its owner, `needs_start`: nobody else may switch it on again.
    """

    number: str
    is_on: bool
    needs_start: bool = False

    @property
    def start_words(self) -> str:
        """How they are switched on again after a stop."""
        return _(
            "Text messages to this number were stopped. To get them again, answer START to one of them from that"
            " telephone."
        )


def may_be_sent(business: Business, contact: Contact) -> bool:
    """Tell whether text messages go to who books: as they said, else wherever the business does not ask first."""
    if contact.sms_consent is not None:
        return contact.sms_consent
    return not choices.of(business).rules.asks_for_consent


def keep(business: Business, contact: Contact, via: str, subject_ref: str) -> None:
    """Keep that `contact` (cleaned) agreed, where they were shown what to; in the writing block of what they typed."""
    if contact.phone and contact.sms_consent and contact.sms_wording:
        consent.keep_typed(
            business,
            contact.phone,
            source=SOURCES.get(via, Source.STAFF),
            wording=contact.sms_wording,
            language=contact.language,
            subject_ref=subject_ref,
        )


def of(appointment: Appointment) -> Texts | None:
    """Return how it stands with text messages about an appointment; None where none would be sent in any case."""
    business, number = appointment.business, appointment.phone
    if not number or not choices.of(business).sends_texts(service_ref=appointment.service.ref):
        return None
    if consent.has_stopped(business, SMS, number):
        return Texts(number, is_on=False, needs_start=True)
    return Texts(number, is_on=appointment.takes_texts)


def said_of(appointment: Appointment) -> ConsentEntry | None:
    """Return what was said last about text messages to the number of an appointment."""
    return consent.last(appointment.business, SMS, appointment.phone) if appointment.phone else None


def switch(actor: Actor, appointment: Appointment, *, on: bool) -> Appointment:
    """Switch text messages to the number of an appointment on or off, as its consumer wants; kept with the wording.

    Off is off for all that this consumer has ahead, known by number and mailbox; on is on for this appointment. Others
    with the same number are not touched, nor what the telephone itself stopped: anybody can type anybody's number.
    Raises Invalid after a stop, and where there is no number, and TooMany.
    """
    with writing():
        current = access.locked(actor, appointment)
        now = of(current)
        if now is None:
            raise Invalid(_("No text messages go out about this appointment, so there is nothing to switch."))
        if on == now.is_on:
            return current
        if now.needs_start:
            raise Invalid(now.start_words)
        rates.limit("appointment.texts", current.ref, SWITCHED_AN_HOUR, 3600)
        consent.keep_typed(
            current.business,
            now.number,
            agrees=on,
            source=Source.MANAGE,
            wording=consent.sms_wording(current.business) if on else _("Switch text messages off"),
            language=current.language,
            subject_ref=current.ref,
        )
        access.record(actor, current, "texts_on" if on else "texts_off")
        for one in [current] if on else _all_of(current):
            one.takes_texts = on
            one.save(update_fields=["takes_texts"])
            one.waitlist.update(takes_texts=on)
            if not on:
                outbox.drop_for(one.ref, f"consumer:{SMS}")
            elif one.status in Appointment.ACTIVE:
                announcements.teller(one).planned()
        current.refresh_from_db(fields=["takes_texts"])
        return current


def _all_of(appointment: Appointment) -> list[Appointment]:
    """Return what the consumer of an appointment has ahead with the same number; of their own mailbox alone."""
    mine = Appointment.objects.filter(business=appointment.business, phone=appointment.phone, takes_texts=True)
    ahead = mine.filter(email__iexact=appointment.email, status__in=Appointment.OPEN)
    return list(ahead.select_related("business", "service__location", "provider")[:MOST])
