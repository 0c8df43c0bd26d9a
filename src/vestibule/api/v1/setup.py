"""Booking rules by API key: of a business, of a service that follows it or has its own, of a provider."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from vestibule.api.v1.callers import answer, business_named, key_with, once
from vestibule.api.v1.schemas import Given, Word
from vestibule.api.v1.setup_schemas import BusinessRulesIn, NeedIn, OfferIn, ProviderRulesIn, RulesOut, ServiceRulesIn
from vestibule.booking import setup
from vestibule.booking.models import ProviderRules, Resource, Schedule, Service
from vestibule.booking.setup import Need, Offer, rule_groups
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission

router = Router(tags=["Set-up"])
OF_SERVICE = (
    *("duration_minutes", "lengths", "seats", "assignment", "team_size", "most_occurrences", "has_waitlist"),
    *("asks_language_need", "visibility", "availability", "follows"),
)
OF_PROVIDER = ("buffer_before_minutes", "buffer_after_minutes", "notice_minutes", "limits")


@router.get("/{business}/rules", response=RulesOut, summary="Rules of a business")
def business_rules(request: HttpRequest, business: Word) -> HttpResponse:
    """What services follow; by key (`setup:read`)."""
    _actor, row = found(request, business, Permission.SEE_SETUP)
    return told(_of_business(row))


@router.patch("/{business}/rules", response=RulesOut, summary="Change the rules of a business")
def change_business_rules(request: HttpRequest, business: Word, given: BusinessRulesIn) -> HttpResponse:
    """Written through to every service that follows them; what is booked stays. By key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    rules = members(given)
    return once(request, actor, lambda: (200, _of_business(setup.change_booking_rules(actor, row, **rules))))


@router.get("/{business}/services/{service}/rules", response=RulesOut, summary="Rules of a service")
def service_rules(request: HttpRequest, business: Word, service: Word) -> HttpResponse:
    """Its rules, who offers it and what it needs; by key (`setup:read`)."""
    actor, row = found(request, business, Permission.SEE_SETUP)
    return told(_of_service(_service(actor, row, service)))


@router.patch("/{business}/services/{service}/rules", response=RulesOut, summary="Change the rules of a service")
def change_service_rules(request: HttpRequest, business: Word, service: Word, given: ServiceRulesIn) -> HttpResponse:
    """A rule given leaves the group it was taken over with. What is booked stays. By key (`setup:write`)."""
    actor, row = found(request, business, Permission.MANAGE_SETUP)
    known = _service(actor, row, service)
    rules = members(given)
    if given.offers is not None:
        rules["offers"] = [_offer(actor, one, at) for at, one in enumerate(given.offers)]
    if given.needs is not None:
        rules["needs"] = [_need(actor, one, at) for at, one in enumerate(given.needs)]
    return once(request, actor, lambda: (200, _of_service(setup.change_service(actor, known, **rules))))


@router.get("/{business}/providers/{provider}/rules", response=RulesOut, summary="Rules of a provider")
def provider_rules(request: HttpRequest, business: Word, provider: Word) -> HttpResponse:
    """What counts for them in place of the services' rules; by key (`setup:read`)."""
    actor, _row = found(request, business, Permission.SEE_SETUP)
    who = provider_named(actor, provider)
    return told(_of_provider(ProviderRules.objects.filter(provider=who).first() or ProviderRules(provider=who)))


@router.patch("/{business}/providers/{provider}/rules", response=RulesOut, summary="Change the rules of a provider")
def change_provider_rules(request: HttpRequest, business: Word, provider: Word, given: ProviderRulesIn) -> HttpResponse:
    """Counts in every service they offer; what is booked stays. By key (`setup:write`)."""
    actor, _row = found(request, business, Permission.MANAGE_SETUP)
    who = provider_named(actor, provider)
    rules = members(given)
    if rules.get("limits"):
        rules["limits"].pop("scope", None)
    return once(request, actor, lambda: (200, _of_provider(setup.change_provider_rules(actor, who, **rules))))


def found(request: HttpRequest, business: str, permission: Permission) -> tuple[Actor, Business]:
    """Return the key that calls and its business. Raises Unauthorised, NotPermitted, NotFound."""
    actor = key_with(request, permission)
    return actor, business_named(business, actor)


def told(value: Any) -> HttpResponse:
    """Answer with JSON."""
    return answer(200, orjson.dumps(value))


def members(given: Given) -> dict[str, Any]:
    """Return what was given, and nothing that was left out; limits null are none."""
    values: dict[str, Any] = given.model_dump(exclude_unset=True)
    if "limits" in values and values["limits"] is None:
        values["limits"] = {}
    if values.get("availability") is not None:
        values["availability"] = _availability(values["availability"])
    elif "availability" in values:
        values["availability"] = {}
    return values


def provider_named(actor: Actor, slug: str, field: str = "") -> Provider:
    """Return the business' provider of that slug. Raises NotFound, or Invalid naming `field` where one is given."""
    row: Provider | None = Provider.objects.visible_to(actor).select_related("business").filter(slug=slug).first()
    if row is None:
        words = _("There is no provider of that name in your business.")
        raise Invalid(words, field=field) if field else NotFound(words)
    return row


def _service(actor: Actor, business: Business, slug: str) -> Service:
    row: Service | None = Service.objects.visible_to(actor).select_related("business").filter(slug=slug).first()
    if row is None:
        raise NotFound(_("There is no service of that name in your business."))
    return row


def _availability(given: dict[str, Any]) -> dict[str, Any]:
    ranges = [{"from": one.pop("since"), "to": one.pop("until"), **one} for one in given.get("ranges", [])]
    return {**given, "ranges": ranges} if ranges else given


def _offer(actor: Actor, given: OfferIn, at: int) -> Offer:
    provider = provider_named(actor, given.provider, f"offers.{at}.provider")
    schedule = None
    if given.schedule is not None:
        schedule = Schedule.objects.visible_to(actor).filter(provider=provider, ref=given.schedule).first()
        if schedule is None:
            words = _("This person has no such schedule. Give the id of one of theirs.")
            raise Invalid(words, field=f"offers.{at}.schedule")
    return Offer(provider, given.role, given.group, schedule, given.weight)


def _need(actor: Actor, given: NeedIn, at: int) -> Need:
    row = Resource.objects.visible_to(actor).filter(slug=given.resource, is_active=True).first()
    if row is None:
        raise Invalid(_("There is no resource of that name in your business."), field=f"needs.{at}.resource")
    return Need(row, given.quantity, given.group)


def _of_business(business: Business) -> dict[str, Any]:
    rules = rule_groups.stored(rule_groups.rules_of_business(business))
    most = business.max_open_per_consumer
    return {"rules": rules | {"buffer_rule": business.buffer_rule, "max_open_of_all_services": most}}


def _of_service(service: Service) -> dict[str, Any]:
    rules = rule_groups.stored({name: getattr(service, name) for name in (*OF_SERVICE, *rule_groups.RULES)})
    rows = service.offers.select_related("provider", "schedule").order_by("provider__position", "provider__name")
    rules["offers"] = [
        {
            "provider": one.provider.slug,
            "role": one.role,
            "group": one.group,
            "schedule": one.schedule.ref if one.schedule else None,
            "weight": one.weight,
        }
        for one in rows
    ]
    rules["needs"] = [
        {"resource": one.resource.slug, "quantity": one.quantity, "group": one.group}
        for one in service.needs.select_related("resource").order_by("pk")
    ]
    return {"rules": rules}


def _of_provider(rules: ProviderRules) -> dict[str, Any]:
    return {"rules": {name: getattr(rules, name) for name in OF_PROVIDER}}
