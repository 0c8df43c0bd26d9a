"""An appointment that is nobody's: what words are tried on, and what the built-in ones are shown with."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.notifications import choices, when, wording
from vestibule.notifications.choices import SMS, Choice, Words
from vestibule.notifications.content import telling
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.letters import Letter
from vestibule.notifications.own_words import deadline, link_of
from vestibule.notifications.telling import Telling
from vestibule.notifications.timely_wording import late_words
from vestibule.notifications.trials import MANAGE, TOKENS, VISIT, WAITLIST
from vestibule.people.languages import spoken
from vestibule.people.models import Business
from vestibule.store import clock

OFF = frozenset({Kind.CANCELLED, Kind.DECLINED, Kind.REQUEST_EXPIRED, Kind.PROVIDER_CANCELLED, Kind.HELPER_CANCELLED})
LENGTH, DAY, WEEK = 30, 24 * 60, 7 * 24 * 60
SHORT = "https://l.ink"
ABROAD = ("Europe/London", "America/New_York")


@dataclass(frozen=True)
class Offer:
    """What of the business the example is about: a service and who meets there, by their names."""

    service: str = ""
    service_slug: str = ""
    service_ref: str = ""
    provider: str = ""
    provider_title: str = ""
    provider_timezone: str = ""
    location_kind: str = "online"
    location_text: str = ""
    is_abroad: bool = False


def facts(business: Business, kind: str, audience: str, offer: Offer) -> AppointmentFacts:
    """Return an appointment in eight days at 10:20 of the business' clocks, as `kind` tells it to `audience`.

    The consumer lives in the zone of the business, or where clocks differ if the offer says so.
    """
    here = when.zone(business.timezone)
    day = (clock.now().astimezone(here) + timedelta(days=8)).date()
    start = clock.to_minute(datetime(day.year, day.month, day.day, 10, 20, tzinfo=here).astimezone(UTC))
    example = AppointmentFacts(
        appointment="example",
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        business_phone=business.phone,
        organiser_email=business.email,
        accent=business.tone,
        service=offer.service or _("First visit"),
        service_slug=offer.service_slug,
        provider=offer.provider or _("Dr Robin Example"),
        provider_title=offer.provider_title,
        provider_timezone=offer.provider_timezone or business.timezone,
        consumer=_("Jo Example"),
        consumer_email="jo@example.org",
        consumer_timezone=_abroad(start, business.timezone) if offer.is_abroad else business.timezone,
        start_minute=start,
        end_minute=start + LENGTH,
        location_kind=offer.location_kind,
        location_text=offer.location_text,
        audience=audience,
        helper=_("Sam Example") if audience == Audience.HELPER else "",
    )
    return replace(example, **_of_kind(kind, start, business.timezone))


def _of_kind(kind: str, start: int, zone: str) -> dict[str, Any]:
    """Return what an appointment that begins at `start` has for the sake of what is told about it."""
    has_moved = kind in (Kind.MOVED, Kind.PROVIDER_MOVED, Kind.HELPER_MOVED)
    is_off, is_series = kind in OFF, kind in (Kind.SERIES_BOOKED, Kind.PROVIDER_SERIES_BOOKED)
    each = [start + number * WEEK for number in range(4)]
    return {
        "status": "cancelled" if is_off else "booked",
        "changed_by": "business" if is_off or has_moved else "",
        "reason": _("The room is closed.") if is_off else "",
        "previous_start_minute": start - DAY if has_moved else None,
        "manage_link": MANAGE,
        "visit_link": None if kind in (Kind.REQUESTED, Kind.PROVIDER_REQUESTED) else VISIT,
        "waitlist_link": WAITLIST if kind.startswith("waitlist") else None,
        "deadline_minute": start - 3 * DAY - 100,
        "series": [[str(one), one, one + LENGTH, MANAGE, VISIT] for one in each] if is_series else [],
        "period": f"{when.day(start, zone)} – {when.day(start + WEEK, zone)}",
        "late_minutes": 15,
    }


def zone_of(told: AppointmentFacts) -> str:
    """Return the zone in which the reader of the example lives."""
    is_staff = told.audience in (Audience.PROVIDER, Audience.OFFICE)
    return told.provider_timezone if is_staff else told.consumer_timezone


def _abroad(minute: int, here: str) -> str:
    return next(zone for zone in ABROAD if when.differ(minute, zone, here))


def built_in(business: Business, which: Choice, language: str) -> Words:
    """Return the built-in words of a message as own words to begin with: placeholders where it fills something in.

    What the built-in words choose by circumstance (today, who cancelled) is said in the way that is always right.
    """
    kind, audience, channel = which
    with translation.override(spoken(language)):
        marked = _marked(facts(business, kind, audience, Offer()), which)
        told = _linked(telling(marked, "Europe/London", TOKENS, clock.now()))
        if channel == SMS:
            told = replace(told, takes_answers=choices.of(business).takes_answers)
            body = _with_marks(wording.text_message(kind, told), told, is_short=True)
            return Words("", "", body.replace("\u200f", "").replace("\u200e", ""))
        letter = wording.letter(kind, told)
        subject, heading = (_with_marks(one, told) for one in (letter.subject, letter.heading))
        return Words(subject, heading, "\n\n".join(_with_marks(one, told) for one in _opening(letter, kind)))


def _linked(told: Telling) -> Telling:
    """Return the telling with addresses so short that no text message leaves anything out for their sake."""
    names = ("join", "manage", "waitlist", "desk", "book")
    some: dict[str, Any] = {name: SHORT for name in names if getattr(told, name)}
    return replace(told, **some)


def _opening(letter: Letter, kind: str) -> tuple[str, ...]:
    return (letter.preview,) if kind == Kind.CANCELLED else letter.opening


def _marked(example: AppointmentFacts, which: Choice) -> AppointmentFacts:
    """Return the example with placeholders for its names."""
    kind, _audience, channel = which
    says_by = channel != SMS and kind in (Kind.PROVIDER_MOVED, Kind.PROVIDER_CANCELLED)
    return replace(
        example,
        business_name="{by}" if says_by else "{business}",
        business_phone="{phone}" if example.business_phone else "",
        service="{service}",
        provider="{provider}",
        consumer="{consumer}",
        helper="{helper}" if example.helper else "",
        words="{words}" if kind in (Kind.REMINDER, Kind.FOLLOW_UP) else "",
    )


def _with_marks(said: str, told: Telling, *, is_short: bool = False) -> str:
    """Put placeholders where times, addresses and numbers of the example stand, the longest first."""
    start, until = told.facts.start_minute, told.facts.deadline_minute or told.facts.start_minute
    short = when.short_day(start, told.zone)
    found = {
        when.moment(start, told.zone): "moment",
        when.moment(start, told.zone, lambda *_at: short): "moment",
        deadline(told): "deadline",
        when.day(start, told.zone): "day",
        short: "day",
        when.zone_words(told.zone, start): "zone",
        late_words(told): "late",
        link_of(told): "link",
        when.clock(start, told.zone): "time",
    }
    if is_short:
        found[when.clock(until, told.zone)] = "deadline"
    if told.facts.series:
        found[str(len(told.facts.series))] = "count"
    for words in sorted(found, key=len, reverse=True):
        said = said.replace(words, f"{{{found[words]}}}") if words else said
    return said
