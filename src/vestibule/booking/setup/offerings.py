"""What can be booked, with its rules, and who offers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import intake
from vestibule.booking.models import Location, Service, ServiceProvider
from vestibule.booking.setup import values
from vestibule.booking.setup.values import Check
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.people.slugs import slug_from
from vestibule.store.transactions import writing

PERIODS = ("day", "week", "month", "year")
YEAR_MINUTES = 366 * 24 * 60
_PRIVATE = frozenset({"questions", "description"})


@dataclass(frozen=True)
class Offer:
    """That a provider offers a service. `role`: one_of or fixed; `group` names who stands in for whom ("mixed")."""

    provider: Provider
    role: str = "one_of"
    group: str = ""


def add_service(actor: Actor, business: Business, *, name: str, offers: Sequence[Offer] = (), **others: Any) -> Service:
    """Add a service with Bookings' defaults; a missing slug is made from the name."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked({"name": name, **others}, CHECKS)
    checked.setdefault("interval_minutes", checked.get("duration_minutes", 30))
    with writing():
        theirs = Service.objects.filter(business=business)
        if "slug" in checked:
            values.require_free_slug(checked["slug"], theirs)
        else:
            checked["slug"] = slug_from(checked["name"], theirs)
        service = Service(business=business, **checked)
        _check_together(service)
        service.save()
        _replace_offers(service, offers)
        audit.record(actor, business.pk, "service.added", "service", service.ref, summary=service.name)
    return service


def change_service(actor: Actor, service: Service, *, offers: Sequence[Offer] | None = None, **changes: Any) -> Service:
    """Change a service's rules; appointments already booked keep theirs. `offers` replaces who offers it."""
    values.permit(actor, service.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(changes, CHECKS)
    with writing():
        rows = Service.objects.select_for_update(of=("self",)).select_related("business", "location")
        current: Service = rows.get(pk=service.pk)
        if checked.get("slug", current.slug) != current.slug:
            values.require_free_slug(checked["slug"], Service.objects.filter(business_id=current.business_id))
        changed = values.change(current, checked)
        _check_together(current)
        if offers is not None:
            _replace_offers(current, offers)
            changed["offers"] = [one.provider.slug for one in offers]
        if changed:
            told = {name: was for name, was in changed.items() if name not in _PRIVATE}
            audit.record(
                actor, current.business_id, "service.changed", "service", current.ref, summary=current.name, **told
            )
    return current


def retire_service(actor: Actor, service: Service) -> Service:
    """Take a service off every page; its appointments stay."""
    return change_service(actor, service, is_active=False)


def _replace_offers(service: Service, offers: Sequence[Offer]) -> None:
    known = {one.provider.pk: one for one in offers}
    if len(known) < len(offers) or len(offers) > 1000:
        raise Invalid(_("Each provider offers a service once."), field="offers")
    for offer in offers:
        if offer.provider.business_id != service.business_id:
            raise NotFound(_("There is no such provider in your business."))
        values.choice(list(ServiceProvider.Role.values))(offer.role, "offers")
        values.text(40)(offer.group, "offers")
    ServiceProvider.objects.filter(service=service).delete()
    ServiceProvider.objects.bulk_create(
        ServiceProvider(service=service, provider=one.provider, role=one.role, group=one.group) for one in offers
    )
    masks.raise_versions(known)


def _check_together(service: Service) -> None:
    if service.location is not None and service.location.business_id != service.business_id:
        raise NotFound(_("There is no such location in your business."))
    if service.window_type == Service.Window.RANGE:
        if service.window_from and service.window_to and service.window_from > service.window_to:
            raise Invalid(_("The last bookable date is before the first."), field="window_to")
        if not (service.window_from or service.window_to):
            raise Invalid(_("Enter the first or the last bookable date."), field="window_from")
    if service.window_type == Service.Window.ROLLING_MINUTES and not service.window_minutes:
        raise Invalid(_("Enter how many minutes ahead can be booked."), field="window_minutes")
    if service.price_minor is not None and not service.currency:
        raise Invalid(_("Enter the currency of the price, such as EUR."), field="currency")
    if service.seats > 1 and service.assignment != Service.Assignment.ANY:
        raise Invalid(_("A group service has one provider a session."), field="assignment")


def _location(given: Any, field: str) -> Location | None:
    if given is not None and not isinstance(given, Location):
        raise Invalid(_("Choose a location of the list."), field=field)
    return given


def _currency(given: Any, field: str) -> str:
    if given != "" and not (isinstance(given, str) and len(given) == 3 and given.isascii() and given.isupper()):
        raise Invalid(_("Enter a currency by its three letters, such as EUR."), field=field)
    return str(given)


def _limits(given: Any, field: str) -> dict[str, Any]:
    """Check `{"max_per": {"day": n}, "max_minutes_per": {…}, "timezone": zone, "scope": "staff"|"service"}`."""
    if not isinstance(given, Mapping) or not set(given) <= {"max_per", "max_minutes_per", "timezone", "scope"}:
        raise Invalid(_("These limits cannot be read. Enter them again."), field=field)
    limits: dict[str, Any] = {}
    for name, most in (("max_per", 10_000), ("max_minutes_per", YEAR_MINUTES)):
        counts = given.get(name, {})
        if not isinstance(counts, Mapping) or not set(counts) <= set(PERIODS):
            raise Invalid(_("Limits are per day, week, month or year."), field=f"{field}.{name}")
        check = values.number(1, most)
        if counts:
            limits[name] = {period: check(counts[period], f"{field}.{name}.{period}") for period in counts}
    if limits:
        limits["timezone"] = values.zone_or_none(given.get("timezone", ""), f"{field}.timezone")
        limits["scope"] = values.choice(["staff", "service"])(given.get("scope", "staff"), f"{field}.scope")
    return limits


CHECKS: dict[str, Check] = {
    "name": values.text(120, least=1),
    "slug": values.slug,
    "description": values.text(600, lines=True),
    "location": _location,
    "position": values.number(0, 100_000),
    "visibility": values.choice(list(Service.Visibility.values)),
    "is_active": values.yes_or_no,
    "price_minor": values.maybe(values.number(0, 100_000_000)),
    "currency": _currency,
    "duration_minutes": values.number(1, 24 * 60),
    "interval_minutes": values.number(1, 24 * 60),
    "buffer_before_minutes": values.number(0, 24 * 60),
    "buffer_after_minutes": values.number(0, 24 * 60),
    "alignment": values.choice(list(Service.Alignment.values)),
    "align_step_minutes": values.maybe(values.number(1, 24 * 60)),
    "alignment_timezone": values.zone_or_none,
    "notice_minutes": values.number(0, YEAR_MINUTES),
    "change_notice_minutes": values.number(0, YEAR_MINUTES),
    "window_type": values.choice(list(Service.Window.values)),
    "window_days": values.number(0, 1100),
    "window_business_days": values.yes_or_no,
    "window_minutes": values.number(0, 3 * YEAR_MINUTES),
    "window_from": values.maybe(values.day),
    "window_to": values.maybe(values.day),
    "limits": _limits,
    "seats": values.number(1, 1000),
    "assignment": values.choice(list(Service.Assignment.values)),
    "consumer_chooses_provider": values.yes_or_no,
    "questions": lambda given, field: intake.clean_questions(given),
}
