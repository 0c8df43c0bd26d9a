"""What can be booked, with its rules, who offers it and what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import replanning
from vestibule.booking.models import Resource, Schedule, Service, ServiceProvider, ServiceResource
from vestibule.booking.setup import rule_groups, values
from vestibule.booking.setup.service_values import CHECKS, check_together
from vestibule.people import audit, masks, slugs
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST_WEIGHT = 16
_PRIVATE = frozenset({"questions", "description"})


@dataclass(frozen=True)
class Offer:
    """That a provider offers a service. `role`: one_of or fixed; `group` names who stands in for whom ("mixed").

    `schedule` is the one of the provider's schedules that counts for the service, None their usual hours. Who has
    `weight` 2 is given twice as many bookings as who has 1.
    """

    provider: Provider
    role: str = "one_of"
    group: str = ""
    schedule: Schedule | None = None
    weight: int = 1


@dataclass(frozen=True)
class Need:
    """That a service needs `quantity` units of a resource; of those that share a `group`, any one will do."""

    resource: Resource
    quantity: int = 1
    group: str = ""


def add_service(
    actor: Actor,
    business: Business,
    *,
    name: str,
    offers: Sequence[Offer] = (),
    needs: Sequence[Need] = (),
    follows: Sequence[str] | None = None,
    **others: Any,
) -> Service:
    """Add a service that follows its business' rules in all that is not given; a missing slug is made of the name."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked({"name": name, **others}, CHECKS)
    with slugs.taken_is_refused(), writing():
        theirs = Service.objects.filter(business=business)
        if "slug" in checked:
            values.require_free_slug(checked["slug"], theirs)
        else:
            checked["slug"] = slugs.slug_from(checked["name"], theirs)
        current = Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        service = draft(current, checked, follows)
        service.business = business
        check_together(service)
        _require_team(service, offers)
        service.save()
        _replace_offers(service, offers)
        _replace_needs(service, needs)
        audit.record(actor, business.pk, "service.added", "service", service.ref, summary=service.name)
    return service


def draft(business: Business, checked: Mapping[str, Any], follows: Sequence[str] | None = None) -> Service:
    """Return a service of checked values that is not saved, with what it takes over from its business."""
    groups = _followed(list(rule_groups.GROUPS), checked, follows)
    length = checked.get("duration_minutes", 30)
    taken_over = rule_groups.taken_over(business, groups, duration_minutes=length)
    return Service(business=business, follows=groups, **{"interval_minutes": length} | dict(checked) | taken_over)


def change_service(
    actor: Actor,
    service: Service,
    *,
    offers: Sequence[Offer] | None = None,
    needs: Sequence[Need] | None = None,
    follows: Sequence[str] | None = None,
    **changes: Any,
) -> Service:
    """Change a service; appointments already booked keep what they have.

    `offers` and `needs` replace who offers it and what it needs. `follows` names the groups of rules
    (`rule_groups.GROUPS`) it takes over from the business; without it, a service leaves the groups of what is changed.
    """
    values.permit(actor, service.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(changes, CHECKS)
    with slugs.taken_is_refused(), writing():
        rows = Service.objects.select_for_update(of=("self",), no_key=True).select_related("business", "location")
        current: Service = rows.get(pk=service.pk)
        current.business = Business.objects.get(pk=current.business_id)  # its rules as of after the lock
        if checked.get("slug", current.slug) != current.slug:
            values.require_free_slug(checked["slug"], Service.objects.filter(business_id=current.business_id))
        changed = values.change(current, complete(current, checked, follows))
        check_together(current)
        if offers is not None:
            _require_team(current, offers)
            _replace_offers(current, offers)
            changed["offers"] = [one.provider.slug for one in offers]
        if needs is not None:
            _replace_needs(current, needs)
            changed["needs"] = [one.resource.slug for one in needs]
        if changed:
            replanning.follow(current.business_id, changed)
            told = {name: was for name, was in changed.items() if name not in _PRIVATE}
            audit.record(
                actor, current.business_id, "service.changed", "service", current.ref, summary=current.name, **told
            )
    return current


def complete(service: Service, checked: Mapping[str, Any], follows: Sequence[str] | None) -> dict[str, Any]:
    """Return checked changes of a service with what follows from them: the groups it follows, and their rules."""
    groups = _followed(service.follows, checked, follows)
    length = checked.get("duration_minutes", service.duration_minutes)
    taken_over = rule_groups.taken_over(service.business, groups, duration_minutes=length)
    return {**checked, **taken_over, "follows": groups}


def retire_service(actor: Actor, service: Service) -> Service:
    """Take a service off every page; its appointments stay."""
    return change_service(actor, service, is_active=False)


def _followed(now: Sequence[str], checked: Mapping[str, Any], wanted: Sequence[str] | None) -> list[str]:
    """Return the groups followed after a change. Raises Invalid if a field is given for a group that is followed."""
    left = rule_groups.left_by(checked)
    if wanted is None:
        return rule_groups.in_order(set(now) - left)
    if isinstance(wanted, str) or any(one not in list(rule_groups.GROUPS) for one in wanted):
        known = ", ".join(rule_groups.GROUPS)
        raise Invalid(_("These are the groups of rules: %(known)s.") % {"known": known}, field="follows")
    for name in checked:
        if rule_groups.GROUP_OF.get(name) in wanted:
            raise Invalid(_("This is taken over from the business. Change it there, or stop following it."), field=name)
    return rule_groups.in_order(wanted)


def _require_team(service: Service, offers: Sequence[Offer]) -> None:
    if service.assignment == Service.Assignment.SOME and 0 < len(offers) < service.team_size:
        words = _("%(n)s people take part in each appointment. Choose at least as many who offer it.")
        raise Invalid(words % {"n": service.team_size}, field="team_size")


def _replace_offers(service: Service, offers: Sequence[Offer]) -> None:
    known = {one.provider.pk: one for one in offers}
    if len(known) < len(offers) or len(offers) > 1000:
        raise Invalid(_("Each provider offers a service once."), field="offers")
    for offer in offers:
        _check_offer(service, offer)
    before = dict(ServiceProvider.objects.filter(service=service).values_list("provider_id", "turn"))
    staying = [turn for provider, turn in before.items() if provider in known]
    joining = min(staying, default=0)  # whoever joins has nothing to catch up on
    ServiceProvider.objects.filter(service=service).delete()
    ServiceProvider.objects.bulk_create(
        ServiceProvider(
            service=service,
            provider=one.provider,
            role=one.role,
            group=one.group,
            schedule=one.schedule,
            weight=one.weight,
            turn=before.get(one.provider.pk, joining),
        )
        for one in offers
    )
    masks.raise_versions({*known, *before})


def _check_offer(service: Service, offer: Offer) -> None:
    if offer.provider.business_id != service.business_id:
        raise NotFound(_("There is no such provider in your business."))
    values.choice(list(ServiceProvider.Role.values))(offer.role, "offers")
    values.text(40)(offer.group, "offers")
    values.number(1, MOST_WEIGHT)(offer.weight, "weight")
    if offer.schedule is not None and offer.schedule.provider_id != offer.provider.pk:
        raise Invalid(_("This schedule is another person's. Choose one of their own."), field="schedule")


def _replace_needs(service: Service, needs: Sequence[Need]) -> None:
    if len({need.resource.pk for need in needs}) < len(needs) or len(needs) > 20:
        raise Invalid(_("A service needs each resource once, and 20 of them at most."), field="needs")
    for need in needs:
        if need.resource.business_id != service.business_id:
            raise NotFound(_("There is no such resource in your business."))
        values.number(1, 100)(need.quantity, "quantity")
        values.text(40)(need.group, "group")
    ServiceResource.objects.filter(service=service).delete()
    ServiceResource.objects.bulk_create(
        ServiceResource(service=service, resource=need.resource, quantity=need.quantity, group=need.group)
        for need in needs
    )
