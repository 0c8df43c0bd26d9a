"""What is said to who waits: rows of the outbox for an entry of the waitlist."""

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking.day_parts import NAMES, DayPart
from vestibule.booking.models import WaitlistEntry
from vestibule.notifications import choices, when
from vestibule.notifications.choices import EMAIL, SMS
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.outbox import Message
from vestibule.people.languages import spoken
from vestibule.people.models import CapabilityLink, Provider
from vestibule.store.clock import to_minute


def messages(
    kind: Kind, entry: WaitlistEntry, link: CapabilityLink | None, *, provider: Provider | None = None
) -> list[Message]:
    """Return what is said to an entry, over each way that is switched on for it and reaches who waits.

    Of an offer, once for each, until the offer ends. `provider` is whom to meet.
    """
    chosen = choices.of(entry.business)
    ways = ((EMAIL, entry.email), (SMS, entry.phone if entry.takes_texts else ""))
    return [
        _message(kind, channel, to, entry, link, provider)
        for channel, to in ways
        if to and chosen.is_on(kind, Audience.CONSUMER, channel, entry.service.ref)
    ]


def _message(
    kind: Kind, channel: str, to: str, entry: WaitlistEntry, link: CapabilityLink | None, provider: Provider | None
) -> Message:
    is_offer = kind == Kind.WAITLIST_OFFER
    return Message(
        key=f"{entry.ref}:{kind}:consumer:{channel}:{entry.offered_start if is_offer else ''}",
        business_id=entry.business_id,
        subject_ref=entry.ref,
        kind=kind,
        channel=channel,
        to=to,
        to_name=entry.name,
        language=entry.language,
        timezone=entry.timezone,
        facts=_facts(entry, link, provider or entry.provider),
        not_after=entry.offer_expires_at if is_offer else None,
        service_ref=entry.service.ref,
    )


def _facts(entry: WaitlistEntry, link: CapabilityLink | None, provider: Provider | None) -> AppointmentFacts:
    business, location = entry.business, entry.service.location
    start = entry.offered_start or 0
    expires = entry.offer_expires_at
    return AppointmentFacts(
        appointment=entry.ref,
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        service=entry.service.name,
        service_slug=entry.service.slug,
        provider=provider.name if provider is not None else "",
        provider_title=provider.title if provider is not None else "",
        consumer=entry.name,
        start_minute=start,
        end_minute=start + entry.length_minutes,
        business_phone=business.phone,
        organiser_email=business.email,
        accent=business.tone,
        consumer_email=entry.email,
        consumer_phone=entry.phone,
        consumer_timezone=entry.timezone,
        location_kind=location.kind if location is not None else "online",
        location_text=(location.address or location.name) if location is not None else "",
        waitlist_link=link.pk if link is not None else None,
        deadline_minute=to_minute(expires) if expires is not None else None,
        period=period(entry),
    )


def period(entry: WaitlistEntry) -> str:
    """Return the dates and parts of the day waited for in words, in the language of who waits."""
    with translation.override(spoken(entry.language)):
        first, last = (when.of_date(on, with_year=True) for on in (entry.first, entry.last))
        days = first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
        parts = ", ".join(str(NAMES[DayPart(part)]).lower() for part in entry.day_parts)
        return f"{days} ({parts})" if parts else days
