"""Rooms, devices and licences: how many there are, when they cannot be used."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from vestibule.booking import contacts
from vestibule.booking.models import Resource, ResourceClosure, ResourceUnit, ResourceUse, Service
from vestibule.booking.setup import values
from vestibule.booking.setup.away import checked_stretch
from vestibule.booking.setup.values import Check
from vestibule.people import audit, masks, slugs
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

MOST_UNITS = 100
_quantity = values.number(1, MOST_UNITS)


def add_resource(actor: Actor, business: Business, *, name: str, quantity: int = 1, **others: Any) -> Resource:
    """Add a resource of `quantity` units; a missing slug is made of the name. Takes kind, note, position, slug."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked({"name": name, **others}, _CHECKS)
    units = _quantity(quantity, "quantity")
    with slugs.taken_is_refused(), writing():
        theirs = Resource.objects.filter(business=business)
        if "slug" in checked:
            values.require_free_slug(checked["slug"], theirs)
        else:
            checked["slug"] = slugs.slug_from(checked["name"], theirs)
        resource = Resource.objects.create(business=business, mask_version=masks.new_version(), **checked)
        ResourceUnit.objects.bulk_create(ResourceUnit(resource=resource, number=n + 1) for n in range(units))
        _record(actor, resource, "resource.added", quantity=units)
    return resource


def change_resource(
    actor: Actor, resource: Resource, *, quantity: int | None = None, is_active: bool | None = None, **changes: Any
) -> Resource:
    """Change name, slug, kind, note, position, how many units there are, or whether it is used at all.

    Units taken away are lent to nobody new, the free ones first; what is booked keeps its unit until it is over.
    """
    values.permit(actor, resource.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(changes, _CHECKS)
    units = None if quantity is None else _quantity(quantity, "quantity")
    with slugs.taken_is_refused(), writing():
        current: Resource = Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
        if checked.get("slug", current.slug) != current.slug:
            values.require_free_slug(checked["slug"], Resource.objects.filter(business_id=current.business_id))
        changed = values.change(current, checked)
        before = quantity_of(current)
        if units is not None and units != before:
            _set_quantity(current, units)
            raise_version(current)
            changed["quantity"] = [before, units]
        if changed:
            _record(actor, current, "resource.changed", **changed)
        if is_active is not None:
            (restore_resource if is_active else retire_resource)(actor, current)
    return current


def retire_resource(actor: Actor, resource: Resource) -> Resource:
    """Lend a resource to nobody new. Raises Invalid (field `resource`) while a service on offer needs it."""
    values.permit(actor, resource.business_id, Permission.MANAGE_SETUP)
    with writing():
        needing = Service.objects.filter(needs__resource=resource, is_active=True).values_list("name", flat=True)[:3]
        if needing:
            words = _("These services need it: %(names)s. Take it off them first.")
            raise Invalid(words % {"names": ", ".join(needing)}, field="resource")
        return _set_active(actor, resource, is_active=False)


def restore_resource(actor: Actor, resource: Resource) -> Resource:
    """Let a retired resource be used again."""
    values.permit(actor, resource.business_id, Permission.MANAGE_SETUP)
    with writing():
        return _set_active(actor, resource, is_active=True)


def close_resource(
    actor: Actor, resource: Resource, start: datetime, end: datetime, reason: str = ""
) -> ResourceClosure:
    """Let nobody use a resource from `start` to `end` (aware), all its units. What is booked in it stays booked."""
    values.permit(actor, resource.business_id, Permission.MANAGE_SETUP)
    start, end = checked_stretch(start, end, _("A closure ends after it begins, and within three years."))
    words = contacts.clean_text(reason, "reason", most=120)
    with writing():
        closure = ResourceClosure.objects.create(
            resource=resource,
            start_minute=to_minute(start),
            end_minute=to_minute(end + timedelta(seconds=59)),
            reason=words,
        )
        raise_version(resource)
        _record(actor, resource, "resource.closed", start=start.isoformat(), end=end.isoformat())
    return closure


def reopen_resource(actor: Actor, closure: ResourceClosure) -> None:
    """Remove a closure."""
    resource = closure.resource
    values.permit(actor, resource.business_id, Permission.MANAGE_SETUP)
    with writing():
        ResourceClosure.objects.filter(pk=closure.pk).delete()
        raise_version(resource)
        _record(actor, resource, "resource.reopened")


def quantity_of(resource: Resource) -> int:
    """Return how many units can be lent."""
    return ResourceUnit.objects.filter(resource=resource, is_active=True).count()


def still_lent(resource: Resource) -> int:
    """Return how many units that were taken away are still used by something booked."""
    taken_away = ResourceUnit.objects.filter(resource=resource, is_active=False)
    return taken_away.filter(Exists(_coming_uses())).count()


def raise_version(resource: Resource) -> None:
    """Tell every process that units or closures of a resource changed. Call it inside the writing block."""
    Resource.objects.filter(pk=resource.pk).update(mask_version=masks.new_version())


def _set_quantity(resource: Resource, wanted: int) -> None:
    units = list(ResourceUnit.objects.filter(resource=resource).annotate(is_lent=Exists(_coming_uses())))
    lent = [unit for unit in units if unit.is_active]
    if wanted < len(lent):
        going = sorted(lent, key=lambda unit: (unit.is_lent, -unit.number))[: len(lent) - wanted]
        ResourceUnit.objects.filter(pk__in=[unit.pk for unit in going]).update(is_active=False)
        return
    missing = wanted - len(lent)
    idle = [unit.pk for unit in units if not unit.is_active][:missing]
    ResourceUnit.objects.filter(pk__in=idle).update(is_active=True)
    highest = max((unit.number for unit in units), default=0)
    ResourceUnit.objects.bulk_create(
        ResourceUnit(resource=resource, number=highest + n + 1) for n in range(missing - len(idle))
    )


def _coming_uses() -> Any:
    now = to_minute(clock.now())
    return ResourceUse.objects.filter(unit=OuterRef("pk"), is_active=True, end_minute__gt=now)


def _set_active(actor: Actor, resource: Resource, *, is_active: bool) -> Resource:
    current: Resource = Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    if values.change(current, {"is_active": is_active}):
        raise_version(current)
        _record(actor, current, "resource.restored" if is_active else "resource.retired")
    return current


def _record(actor: Actor, resource: Resource, action: str, **details: Any) -> None:
    audit.record(actor, resource.business_id, action, "resource", resource.ref, summary=resource.name, **details)


_CHECKS: dict[str, Check] = {
    "name": values.text(120, least=1),
    "slug": values.slug,
    "kind": values.choice(list(Resource.Kind.values)),
    "note": values.text(300),
    "position": values.number(0, 100_000),
}
