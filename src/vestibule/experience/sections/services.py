"""What can be booked, with the questions and consents of each. Who offers a service is no part of the experience."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import intake
from vestibule.booking.models import Service
from vestibule.booking.setup import offerings
from vestibule.booking.setup.offerings import Offer
from vestibule.booking.setup.service_values import COLOURS, MOST_LENGTHS
from vestibule.experience.sections import Section
from vestibule.experience.sections.described import entry, flag, many, maybe, number, one_of, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.meetings.area_values import IDENTITY_FIELDS
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


_LENGTH = (1, 24 * 60)
_QUESTION = entry(
    "One question, or one consent.",
    {
        "id": text("What its answer is called.", 40, least=1, pattern=r"^[a-z][a-z0-9_]{0,39}$"),
        "type": one_of("How it is answered.", intake.TYPES),
        "label": text("The question.", 200, least=1),
        "required": flag("Nothing is booked without an answer."),
        "help": text("A line below it.", 300),
        "choices": many("The answers to choose from.", {"type": "string", "maxLength": 120}, intake.MOST_CHOICES),
        "confirms": one_of("What staff recognise people by.", IDENTITY_FIELDS),
        "text": text("What somebody agrees to.", 4000),
        "version": text("Which wording of that text this is.", 20),
    },
    required=("id", "type", "label"),
)
SCHEMA = many(
    "What can be booked, in the order of the page. Who offers it is no part of it.",
    entry(
        "One service.",
        {
            "slug": text("Its name in addresses; it tells services apart.", 60, least=1, pattern=r"^[-a-zA-Z0-9_]+$"),
            "name": text("As consumers read it.", 120, least=1),
            "description": text("What happens in it.", 600),
            "duration_minutes": number("How long it takes.", *_LENGTH),
            "lengths": many(
                "Further lengths to choose from.",
                {"type": "integer", "minimum": _LENGTH[0], "maximum": _LENGTH[1]},
                MOST_LENGTHS,
            ),
            "visibility": one_of("On the page for everybody, or for staff alone.", Service.Visibility.values),
            "price_minor": maybe(number("The price in the smallest coin: 8000 is 80.00.", 0, 100_000_000)),
            "currency": text("The currency of the price, such as EUR.", 3, pattern=r"^([A-Z]{3})?$"),
            "colour": one_of("In the calendar of staff.", ("", *COLOURS)),
            "needs_approval": flag("Staff say yes first."),
            "has_waitlist": flag("Who finds no time can wait for one."),
            "asks_language_need": flag("Consumers are asked which language, or which interpreter, they need."),
            "questions": many("What is asked when booking.", _QUESTION, intake.MOST_QUESTIONS),
        },
        required=("slug",),
    ),
    MOST,
)
SECTION = Section("services", read, write, SCHEMA)
