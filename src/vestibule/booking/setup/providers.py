"""Who meets consumers."""

from typing import Any

from vestibule.booking import replanning
from vestibule.booking.setup import values
from vestibule.booking.setup.values import Check
from vestibule.people import audit, masks, slugs
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MASKED = frozenset({"timezone", "uses_business_hours", "is_active"})


def add_provider(actor: Actor, business: Business, *, name: str, **others: Any) -> Provider:
    """Add somebody who meets consumers; a missing slug is made from the name. No sign-in is made here."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    checked = values.checked({"name": name, **others}, _checks(business))
    with slugs.taken_is_refused(), writing():
        theirs = Provider.objects.filter(business=business)
        if "slug" in checked:
            values.require_free_slug(checked["slug"], theirs)
        else:
            checked["slug"] = slugs.slug_from(checked["name"], theirs)
        provider = Provider.objects.create(business=business, mask_version=masks.new_version(), **checked)
        audit.record(actor, business.pk, "provider.added", "provider", provider.ref, summary=provider.name)
    return provider


def change_provider(actor: Actor, provider: Provider, **changes: Any) -> Provider:
    """Change name, title, slug, email, phone, timezone, position, is_active or uses_business_hours."""
    values.permit(actor, provider.business_id, Permission.MANAGE_SETUP)
    checked = values.checked(changes, _checks(provider.business))
    with slugs.taken_is_refused(), writing():
        current: Provider = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if checked.get("slug", current.slug) != current.slug:
            values.require_free_slug(checked["slug"], Provider.objects.filter(business_id=current.business_id))
        changed = values.change(current, checked)
        if changed:
            if MASKED & set(changed):
                masks.raise_versions([current.pk])
            replanning.follow(current.business_id, changed)
            audit.record(
                actor, current.business_id, "provider.changed", "provider", current.ref, summary=current.name, **changed
            )
    return current


def _checks(business: Business) -> dict[str, Check]:
    return {
        "name": values.text(120, least=1),
        "title": values.text(120),
        "slug": values.slug,
        "email": values.email,
        "phone": values.phone(business),
        "timezone": values.zone_or_none,
        "position": values.number(0, 100_000),
        "is_active": values.yes_or_no,
        "uses_business_hours": values.yes_or_no,
    }
