"""What can be booked, with the questions and consents of each. Who offers a service is no part of the experience."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import intake
from vestibule.booking.models import Service
from vestibule.booking.setup import offerings, rule_groups
from vestibule.booking.setup.offerings import Offer
from vestibule.booking.setup.service_values import COLOURS, MOST_LENGTHS, YEAR_MINUTES
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
RULES = (
    "interval_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "notice_minutes",
    "change_notice_minutes",
    "window_days",
    "max_open_per_consumer",
    "approval_minutes",
    "no_show_after_minutes",
    "consumer_chooses_provider",
    "prefers_known_provider",
)
"""Those of a service's own rules that belong to the experience; it follows the business in all others."""


def read(business: Business) -> list[dict[str, Any]]:
    """Return the services in use, in the order of the booking page."""
    return [{**{key: getattr(one, key) for key in KEYS}, "rules": _own_rules(one)} for one in _used(business)]


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


def _own_rules(service: Service) -> dict[str, Any]:
    """Return the rules a service has of its own, in a group it does not take over from the business."""
    return {name: getattr(service, name) for name in RULES if rule_groups.GROUP_OF[name] not in service.follows}


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
    changes = changed(wanted, was, (*KEYS, "rules"))
    changes.pop("slug", None)
    rules_before = was.get("rules", {}) if isinstance(was, Mapping) else {}
    rules = changes.pop("rules", None)
    if rules is not None:
        with under("rules"):
            changes |= changed(rules, rules_before, RULES)
    if known is None:
        _add(actor, business, {"name": "", **changes, "slug": wanted["slug"], "position": position})
        return
    if known.position != position:
        changes["position"] = position
    if not known.is_active:
        changes["is_active"] = True
    follows = None if rules is None else _followed_again(known, wanted, changes, rules_before)
    if changes or follows is not None:
        offerings.change_service(actor, known, follows=follows, **changes)


def _add(actor: Actor, business: Business, given: dict[str, Any]) -> None:
    """Add a service that everybody offers. It follows the business in whether staff say yes first, if that is equal."""
    usual = rule_groups.rules_of_business(business)["needs_approval"]
    if "approval_minutes" not in given and given.get("needs_approval") == usual:
        given.pop("needs_approval")
    everybody = Provider.objects.filter(business=business, is_active=True)
    offerings.add_service(actor, business, offers=[Offer(provider) for provider in everybody], **given)


def _followed_again(
    service: Service, wanted: Mapping[str, Any], changes: Mapping[str, Any], rules_before: Mapping[str, Any]
) -> list[str] | None:
    """Return the groups of rules a service follows when rules it had are its own no more; None if there are none.

    A group stays its own as long as one of its fields is wanted, among the rules or beside them.
    """
    gone = rules_before.keys() - wanted["rules"].keys()
    back = rule_groups.left_by(gone) - rule_groups.left_by((*wanted["rules"], *wanted))
    return rule_groups.in_order((set(service.follows) | back) - rule_groups.left_by(changes)) if back else None


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
_RULES = entry(
    "The rules it has of its own; whatever is not named it takes over from the business.",
    {
        "interval_minutes": number("From one start to the next.", *_LENGTH),
        "buffer_before_minutes": number("Kept free before.", 0, _LENGTH[1]),
        "buffer_after_minutes": number("Kept free after.", 0, _LENGTH[1]),
        "notice_minutes": number("How long before the start it can last be booked.", 0, YEAR_MINUTES),
        "change_notice_minutes": number("How long before it can last be moved or cancelled.", 0, YEAR_MINUTES),
        "window_days": number("How many days ahead it can be booked.", 0, 1100),
        "max_open_per_consumer": maybe(number("Bookings one consumer may have ahead; null: any.", 1, 1000)),
        "approval_minutes": number("How long a request waits for an answer.", 0, 60 * 24 * 60),
        "no_show_after_minutes": maybe(number("When somebody who did not come counts as missed.", *_LENGTH)),
        "consumer_chooses_provider": flag("Consumers choose whom they meet."),
        "prefers_known_provider": flag("Whoever was met before comes first."),
    },
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
            "rules": _RULES,
        },
        required=("slug",),
    ),
    MOST,
)
SECTION = Section("services", read, write, SCHEMA)
