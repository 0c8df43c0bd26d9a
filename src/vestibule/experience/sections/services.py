"""What can be booked, with the questions and consents of each. Who offers a service is no part of the experience."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking.models import Service
from vestibule.booking.setup import offerings
from vestibule.booking.setup.offerings import Offer
from vestibule.experience.sections import Section
from vestibule.experience.sections.wanted import changed, under
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor

MOST = 100
KEYS = (
    "slug",
    "name",
    "description",
    "duration_minutes",
    "lengths",
    "visibility",
    "price_minor",
    "currency",
    "colour",
    "needs_approval",
    "has_waitlist",
    "asks_language_need",
    "questions",
)


def read(business: Business) -> list[dict[str, Any]]:
    """Return the services in use, in the order of the booking page."""
    return [{key: getattr(one, key) for key in KEYS} for one in _used(business)]


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Add, change and put in order; what was there and is not wanted any more is taken off every page.

    A new service is offered by everybody who meets consumers.
    """
    with under(SECTION.name):
        listed = _listed(wanted)
        known = {one.slug: one for one in Service.objects.filter(business=business)}
        before = {one["slug"]: one for one in was} if isinstance(was, list) else {}
        for position, one in enumerate(listed):
            with under(str(position)):
                _write_one(actor, business, known.get(one["slug"]), one, before.get(one["slug"]), position)
        staying = {one["slug"] for one in listed}
        for slug in before.keys() - staying:
            if slug in known and known[slug].is_active:
                offerings.retire_service(actor, known[slug])


def _used(business: Business) -> list[Service]:
    return list(Service.objects.filter(business=business, is_active=True))


def _listed(wanted: Any) -> list[Mapping[str, Any]]:
    if not isinstance(wanted, list) or len(wanted) > MOST:
        raise Invalid(_("The services have to be a list of at most %(most)s.") % {"most": MOST})
    slugs = [one.get("slug") if isinstance(one, Mapping) else None for one in wanted]
    if not all(isinstance(slug, str) and slug for slug in slugs) or len(set(slugs)) < len(slugs):
        raise Invalid(_("Each service needs a short name of its own."), field="slug")
    return wanted


def _write_one(
    actor: Actor, business: Business, known: Service | None, wanted: Mapping[str, Any], was: Any, position: int
) -> None:
    changes = changed(wanted, was, KEYS)
    changes.pop("slug", None)
    if known is None:
        name = changes.pop("name", "")
        everybody = Provider.objects.filter(business=business, is_active=True)
        offers = [Offer(provider) for provider in everybody]
        offerings.add_service(
            actor, business, slug=wanted["slug"], name=name, offers=offers, position=position, **changes
        )
        return
    if known.position != position:
        changes["position"] = position
    if not known.is_active:
        changes["is_active"] = True
    if changes:
        offerings.change_service(actor, known, **changes)


SECTION = Section("services", read, write)
