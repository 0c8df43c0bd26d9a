"""A business as Bookings tells it, and what of it a program changes. Reads rows, writes none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max

from vestibule.api.graph import bookings_policy, values
from vestibule.api.graph.bookings_kept import Clean, a_choice, a_site, a_text, a_week, a_zone, an_address
from vestibule.api.graph.bookings_names import business_id
from vestibule.api.graph.values import Json
from vestibule.booking.models import Service, WeeklyHours
from vestibule.booking.outside import translating
from vestibule.booking.setup import Hours, rule_groups
from vestibule.people import brand
from vestibule.people.errors import Invalid
from vestibule.people.models import AuditEntry, Business
from vestibule.store import clock

ACCESS = ("unrestricted", "restrictedToOrganization")
PAGE = "bookingPageSettings"
POLICY = "schedulingPolicy"


def currency(given: Any, where: str) -> str:
    """Return the three letters of a currency."""
    code = values.text(given, where, 3).upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Invalid("Name a currency by its three letters, such as EUR.", field=where)
    return code


KEPT: Mapping[str, Clean] = {
    "businessType": a_text(200),
    "address": an_address,
    "phone": a_text(60),
    "webSiteUrl": a_site,
    "languageTag": a_text(20),
    "defaultCurrencyIso": currency,
    "businessHours": a_week,
    f"{PAGE}/businessTimeZone": a_zone,
    f"{PAGE}/accessControl": a_choice(*ACCESS),
    f"{PAGE}/customerConsentMessage": a_text(2000, lines=True),
    f"{PAGE}/isBusinessLogoDisplayEnabled": values.yes_or_no,
    f"{PAGE}/isSearchEngineIndexabilityDisabled": values.yes_or_no,
    f"{PAGE}/isTimeSlotTimeZoneSetToBusinessTimeZone": values.yes_or_no,
    f"{POLICY}/sendConfirmationsToOwner": values.yes_or_no,
    f"{POLICY}/isMeetingInviteToCustomersEnabled": values.yes_or_no,
}
"""What is told as it was written while it holds. What of it has no like here has no effect either."""


@dataclass
class Changes:
    """What a program changes of a business: fields, hours (None: as they are), rules, colour (None: as it is)."""

    fields: dict[str, Any] = field(default_factory=dict)
    hours: list[Hours] | None = None
    rules: dict[str, Any] = field(default_factory=dict)
    colour: str | None = None


def told(business: Business) -> Json:
    """Return a business as it is by itself."""
    changed = changed_at(business.pk, "business", [business.ref]).get(business.ref)
    return {
        "id": business_id(business),
        "displayName": business.name,
        "businessType": business.industry,
        "address": None,
        "phone": business.phone or None,
        "email": business.email or None,
        "webSiteUrl": None,
        "languageTag": business.language,
        "defaultCurrencyIso": usual_currency(business),
        "isPublished": business.is_published,
        "publicUrl": public_url(business),
        "createdDateTime": values.written_moment(business.created_at),
        "lastUpdatedDateTime": values.written_moment(changed or business.created_at),
        "businessHours": values.written_week(hours_of(business)),
        POLICY: bookings_policy.told(rule_groups.rules_of_business(business), {}, today(business)),
        PAGE: _page(business),
    }


def read(body: Json, business: Business, language: str) -> Changes:
    """Return what a program changes. `language` is the tag that says of which country bare telephone numbers are.

    Raises Invalid naming the member, and for what would promise something that is not done here.
    """
    wanted = Changes()
    if "displayName" in body:
        wanted.fields["name"] = values.text(body["displayName"], "displayName", 120)
    if "email" in body:
        wanted.fields["email"] = values.text(body["email"], "email", 254)
    if "phone" in body:
        given = values.text(body["phone"], "phone", 60)
        wanted.fields["phone"] = translating.phone(given, language, business) if given else ""
    if body.get("languageTag"):
        wanted.fields |= _language(values.text(body["languageTag"], "languageTag", 20))
    if "businessHours" in body:
        wanted.hours = values.week(body["businessHours"], "businessHours")
    if body.get(POLICY) is not None:
        policy = values.an_object(body[POLICY], POLICY)
        _refuse_dates(policy)
        wanted.rules = bookings_policy.read(policy, rule_groups.rules_of_business(business), today(business))
    if body.get(PAGE) is not None:
        _read_page(values.an_object(body[PAGE], PAGE), wanted)
    return wanted


def today(business: Business) -> date:
    """Return the local date of a business."""
    return clock.now().astimezone(ZoneInfo(business.timezone)).date()


def hours_of(business: Business) -> list[Hours]:
    """Return the weekly hours of a business."""
    rows = WeeklyHours.objects.filter(business=business, provider=None, schedule=None)
    return [Hours(one.weekday, one.start_minute, one.end_minute) for one in rows]


def public_url(business: Business) -> str | None:
    """Return the address of the booking page, None while it takes no bookings."""
    return f"{settings.PUBLIC_URL}/book/{business.slug}" if business.is_published else None


def usual_currency(business: Business) -> str:
    """Return the currency most prices here are in; without any, one that fits the time zone."""
    priced = Service.objects.filter(business=business, is_active=True).exclude(currency="")
    most = priced.order_by().values("currency").annotate(n=Count("pk")).order_by("-n", "currency").first()
    return str(most["currency"]) if most is not None else _CURRENCIES.get(business.timezone, _by_continent(business))


def changed_at(business_id: int, kind: str, refs: list[str]) -> dict[str, datetime]:
    """Return when things of a kind were last changed, by their references, as far as the audit trail goes back."""
    rows = AuditEntry.objects.filter(business_id=business_id, subject_kind=kind, subject_ref__in=refs)
    return dict(rows.order_by().values_list("subject_ref").annotate(at=Max("at")))


def made_at(business_id: int, kind: str, refs: list[str]) -> dict[str, datetime]:
    """Return when things of a kind were made, by their references, as far as the audit trail goes back."""
    added = f"{kind}.added"
    rows = AuditEntry.objects.filter(
        business_id=business_id, subject_kind=kind, subject_ref__in=refs, action=added
    ).order_by("pk")
    return dict(rows.values_list("subject_ref", "at"))


_CURRENCIES = {"Europe/London": "GBP", "Europe/Zurich": "CHF", "Europe/Warsaw": "PLN", "Europe/Stockholm": "SEK"}


def _by_continent(business: Business) -> str:
    return "EUR" if business.timezone.startswith("Europe/") else "USD"


def _page(business: Business) -> Json:
    colour = brand.of(business).colour
    return {
        "accessControl": ACCESS[0],
        **({"bookingPageColorCode": colour} if colour else {}),
        "businessTimeZone": business.timezone,
        "customerConsentMessage": "",
        "enforceOneTimePassword": False,
        "isBusinessLogoDisplayEnabled": business.logo_id is not None,
        "isCustomerConsentEnabled": False,
        "isSearchEngineIndexabilityDisabled": False,
        "isTimeSlotTimeZoneSetToBusinessTimeZone": False,
        "privacyPolicyWebUrl": business.privacy_url,
        "termsAndConditionsWebUrl": business.terms_url,
    }


def _read_page(page: Json, wanted: Changes) -> None:
    if "businessTimeZone" in page:
        wanted.fields["timezone"] = values.zone(page["businessTimeZone"], f"{PAGE}/businessTimeZone")
    for theirs, ours in (("privacyPolicyWebUrl", "privacy_url"), ("termsAndConditionsWebUrl", "terms_url")):
        if theirs in page:
            wanted.fields[ours] = values.text(page[theirs], f"{PAGE}/{theirs}", 200)
    if "bookingPageColorCode" in page:
        wanted.colour = values.text(page["bookingPageColorCode"], f"{PAGE}/bookingPageColorCode", 7)
    if "accessControl" in page:
        access = values.choice(page["accessControl"], ACCESS, f"{PAGE}/accessControl")
        if access == ACCESS[1]:
            _not_here(f"{PAGE}/accessControl", "Booking pages here are open to everybody. Hide services instead.")
    if page.get("enforceOneTimePassword") is True:
        _not_here(f"{PAGE}/enforceOneTimePassword", "Consumers book here without a password sent to them.")
    if page.get("isCustomerConsentEnabled") is True:
        words = "Consent is asked for here by a question of the service, which the office writes with its text."
        _not_here(f"{PAGE}/isCustomerConsentEnabled", words)


def _refuse_dates(policy: Json) -> None:
    """Raise Invalid for a business' own times of booking: here its hours say them, and each service its own."""
    general = policy.get("generalAvailability")
    kind = general.get("availabilityType") if isinstance(general, dict) else None
    free = bookings_policy.KINDS["free"]
    place = f"{POLICY}/generalAvailability/availabilityType"
    is_other = kind is not None and values.choice(kind, tuple(bookings_policy.KINDS.values()), place) not in (
        None,
        free,
    )
    if is_other or policy.get("customAvailabilities"):
        _not_here(f"{POLICY}/generalAvailability", "Times to book are said at each service here, in its own policy.")


def _not_here(where: str, words: str) -> None:
    raise Invalid(f"{words} Nothing was changed.", field=where)


def _language(tag: str) -> dict[str, str]:
    """Return the language pages and messages are in, where it is one of ours; what else is written is kept beside."""
    known = {code.casefold(): code for code, _name in settings.LANGUAGES}
    found = known.get(tag.casefold()) or known.get(tag.casefold().partition("-")[0])
    return {"language": found} if found else {}
