"""The booking rules of a business and of its providers: what services follow, and what counts for one person."""

from collections.abc import Mapping
from typing import Any

from vestibule.booking.models import ProviderRules, Service
from vestibule.booking.setup import rule_groups, values
from vestibule.booking.setup.businesses import change_business
from vestibule.booking.setup.service_values import CHECKS, YEAR_MINUTES, check_together, check_window, limits
from vestibule.booking.setup.values import Check
from vestibule.people import audit, masks
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

BUSINESS_CHECKS: dict[str, Check] = {name: CHECKS[name] for name in rule_groups.RULES} | {
    "interval_minutes": values.maybe(CHECKS["interval_minutes"])
}
MOST = "max_open_of_all_services"
_WHOLE: dict[str, Check] = {
    "buffer_rule": values.choice(list(Business.BufferRule.values)),
    MOST: values.maybe(values.number(1, 1000)),
}


def change_booking_rules(actor: Actor, business: Business, **rules: Any) -> Business:
    """Change the rules that services of a business follow, by the names of `Service`'s fields (`rule_groups.RULES`).

    `interval_minutes` None means a start after each length. What is changed is written through to every service that
    follows it. `buffer_rule` and `max_open_of_all_services` count for the business as a whole.
    Appointments already booked stay. Raises Invalid naming the field, also where a service would not fit.
    """
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    whole = {name: _WHOLE[name](rules[name], name) for name in _WHOLE if name in rules}
    checked = checked_rules(business, {name: value for name, value in rules.items() if name not in _WHOLE})
    with writing():
        if whole:
            most = {"max_open_per_consumer": whole.pop(MOST)} if MOST in whole else {}
            change_business(actor, business, **whole, **most)
        current = Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        before = rule_groups.rules_of_business(current)
        changed = {name: [before[name], value] for name, value in checked.items() if before[name] != value}
        if changed:
            current.booking_rules = current.booking_rules | rule_groups.stored(checked)
            current.save(update_fields=["booking_rules"])
            services = _write_through(current)
            told = {name: [*rule_groups.stored({"b": was, "a": now}).values()] for name, (was, now) in changed.items()}
            audit.record(
                actor,
                current.pk,
                "business.rules_changed",
                "business",
                current.ref,
                summary=current.name,
                services=services,
                **told,
            )
    return current


def checked_rules(business: Business, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules of a business, checked one by one and together with those it has."""
    checked = values.checked(rules, BUSINESS_CHECKS)
    wanted = rule_groups.rules_of_business(business) | checked
    check_window(Service(**wanted | {"interval_minutes": 30}))
    return checked


def _write_through(business: Business) -> list[str]:
    """Give every service what it follows; return the slugs of those that changed."""
    changed = []
    for service in Service.objects.select_for_update(no_key=True).filter(business=business):
        service.business = business
        wanted = rule_groups.taken_over(business, service.follows, duration_minutes=service.duration_minutes)
        if values.change(service, wanted):
            check_together(service)
            changed.append(service.slug)
    return changed


def change_provider_rules(actor: Actor, provider: Provider, **rules: Any) -> ProviderRules:
    """Change what counts for a provider in place of a service's rules; None: as the service says.

    Takes `buffer_before_minutes`, `buffer_after_minutes`, `notice_minutes` and `limits`, which count all services
    together (`{}`: none). Raises Invalid naming the field.
    """
    values.permit(actor, provider.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(rules, PROVIDER_CHECKS)
    with writing():
        current, _made = ProviderRules.objects.get_or_create(provider=provider)
        changed = values.change(current, checked)
        if changed:
            masks.raise_versions([provider.pk])
            audit.record(
                actor,
                provider.business_id,
                "provider.rules_changed",
                "provider",
                provider.ref,
                summary=provider.name,
                **changed,
            )
    return current


def _provider_limits(given: Any, field: str) -> dict[str, Any]:
    found = limits(given, field)
    return {name: value for name, value in found.items() if name != "scope"}


PROVIDER_CHECKS: dict[str, Check] = {
    "buffer_before_minutes": values.maybe(values.number(0, 24 * 60)),
    "buffer_after_minutes": values.maybe(values.number(0, 24 * 60)),
    "notice_minutes": values.maybe(values.number(0, YEAR_MINUTES)),
    "limits": _provider_limits,
}
