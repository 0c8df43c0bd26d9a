"""A business itself, and the places where its appointments are."""

from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from vestibule.booking import replanning
from vestibule.booking.models import Location, WeeklyHours
from vestibule.booking.setup import values
from vestibule.booking.setup.hours import DEFAULT_HOURS
from vestibule.booking.setup.values import Check
from vestibule.people import audit, masks, slugs
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MASKED = frozenset({"timezone", "buffer_rule"})


def create_business(actor: Actor, *, slug: str, name: str, timezone: str = "UTC", **others: Any) -> Business:
    """Make a business open Monday to Friday, 08 to 17, with an online location. The system only."""
    values.permit_system(actor)
    return founded(actor, slug=slug, name=name, timezone=timezone, **others)


def founded(actor: Actor, *, slug: str, name: str, timezone: str = "UTC", **others: Any) -> Business:
    """Make a business as `create_business` does, for whoever was found to be allowed to."""
    checks = _checks(Business())
    given = {"slug": slug, "name": name, "timezone": timezone, **others}
    checked = values.checked(given, checks | {"slug": values.slug})
    with slugs.taken_is_refused(), writing():
        values.require_free_slug(slug, Business.objects.all())
        business = Business.objects.create(**checked)
        Location.objects.create(business=business, name=_("Online visit"), kind=Location.Kind.ONLINE)
        WeeklyHours.objects.bulk_create(
            WeeklyHours(business=business, weekday=one.weekday, start_minute=one.start, end_minute=one.end)
            for one in DEFAULT_HOURS
        )
        audit.record(actor, business.pk, "business.created", "business", business.ref, summary=business.name)
    return business


def change_business(actor: Actor, business: Business, **changes: Any) -> Business:
    """Change name, tagline, industry, timezone, language, week_start, accent, contact data, links, and the others.

    `languages` are those offered to consumers, [] all that are shipped; `buffer_rule` how buffers meet, `is_published`
    whether consumers book by themselves,
    `max_open_per_consumer` how many bookings of all services a consumer may have ahead (None: any number).
    """
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked(changes, _checks(business))
    with writing():
        current = Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        changed = values.change(current, checked)
        if changed:
            if MASKED & set(changed):
                masks.raise_versions_of(current)
            replanning.follow(current.pk, changed)
            audit.record(
                actor, current.pk, "business.changed", "business", current.ref, summary=current.name, **changed
            )
    return current


def add_location(actor: Actor, business: Business, *, name: str, kind: str = "online", address: str = "") -> Location:
    """Add a place where appointments are."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked({"name": name, "kind": kind, "address": address}, _LOCATION)
    _require_address(checked["kind"], checked["address"])
    with writing():
        location = Location.objects.create(business=business, **checked)
        audit.record(actor, business.pk, "location.added", "location", location.ref, summary=location.name)
    return location


def change_location(actor: Actor, location: Location, **changes: Any) -> Location:
    """Change name, kind or address."""
    values.permit(actor, location.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(changes, _LOCATION)
    with writing():
        current: Location = Location.objects.select_for_update(no_key=True).get(pk=location.pk)
        _require_address(checked.get("kind", current.kind), checked.get("address", current.address))
        changed = values.change(current, checked)
        if changed:
            replanning.follow(current.business_id, changed)
            audit.record(
                actor, current.business_id, "location.changed", "location", current.ref, summary=current.name, **changed
            )
    return current


def remove_location(actor: Actor, location: Location) -> None:
    """Remove a location no service uses. Raises Invalid while one does."""
    values.permit(actor, location.business_id, Permission.MANAGE_SETUP)
    with writing():
        try:
            Location.objects.filter(pk=location.pk).delete()
        except ProtectedError as error:
            words = _("Services still take place here. Give them another location first.")
            raise Invalid(words, field="location") from error
        audit.record(actor, location.business_id, "location.removed", "location", location.ref, summary=location.name)


def _require_address(kind: str, address: str) -> None:
    if kind == Location.Kind.PLACE and not address:
        raise Invalid(_("Enter the address, so that people find the way."), field="address")


_LOCATION: dict[str, Check] = {
    "name": values.text(120, least=1),
    "kind": values.choice(list(Location.Kind.values)),
    "address": values.text(300),
}


def _checks(business: Business) -> dict[str, Check]:
    return {
        "name": values.text(120, least=1),
        "tagline": values.text(200),
        "industry": values.text(40, least=1),
        "timezone": values.zone,
        "language": values.language,
        "week_start": values.choice(["mon", "sat", "sun"]),
        "accent": values.word(20),
        "email": values.email,
        "phone": values.phone(business),
        "privacy_url": values.web_address,
        "terms_url": values.web_address,
        "languages": values.languages,
        "buffer_rule": values.choice(list(Business.BufferRule.values)),
        "is_published": values.yes_or_no,
        "max_open_per_consumer": values.maybe(values.number(1, 1000)),
    }
