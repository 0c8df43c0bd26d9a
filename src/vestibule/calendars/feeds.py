"""Feeds out: a secret address for each provider and business, for any calendar program to subscribe to.

An address is a capability link: it opens the coming appointments of one provider or business, until it is made anew,
stopped, or its provider is no longer there. A discreet one says when, and neither who nor what for.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from vestibule.calendars.connections import may_connect
from vestibule.people import audit, links
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, CapabilityLink, Provider
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

FULL, DISCREET = "full", "discreet"
LASTS = timedelta(days=10 * 366)
Purpose = CapabilityLink.Purpose
Owner = Business | Provider


@dataclass(frozen=True)
class Opened:
    """What an address opens."""

    business: Business
    provider: Provider | None
    is_discreet: bool


def give(actor: Actor, owner: Owner, *, discreet: bool = False) -> str:
    """Make a new address and return it; the one before opens nothing any more. Raises NotPermitted, NotFound."""
    _permit(actor, owner)
    with writing():
        links.revoke(_subject(owner), Purpose.FEED)
        made = links.issue(
            business_id=_business_id(owner),
            purpose=Purpose.FEED,
            role=DISCREET if discreet else FULL,
            subject=_subject(owner),
            expires_at=clock.now() + LASTS,
        )
        _record(actor, owner, "feed_made", discreet=discreet)
    return _address(made)


def stop(actor: Actor, owner: Owner) -> None:
    """Let the address of a provider or business open nothing any more. Stopping twice is no error."""
    _permit(actor, owner)
    with writing():
        if links.revoke(_subject(owner), Purpose.FEED):
            _record(actor, owner, "feed_stopped")


def current(actor: Actor, owner: Owner) -> tuple[str, bool]:
    """Return the address there is, with whether it is discreet; ("", False) for none. Raises as `give`."""
    _permit(actor, owner)
    live = CapabilityLink.objects.visible_to(actor).filter(
        subject=_subject(owner), purpose=Purpose.FEED, revoked_at=None, expires_at__gt=clock.now()
    )
    found: CapabilityLink | None = live.order_by("-pk").first()
    return ("", False) if found is None else (_address(found), found.role == DISCREET)


def resolve(token: str) -> Opened | None:
    """Return what the secret of an address opens, or None: unknown, made anew, stopped, or its provider has left."""
    link = links.resolve(token, Purpose.FEED)
    if link is None:
        return None
    kind, _, ref = link.subject.partition(":")
    is_discreet = link.role == DISCREET
    if kind == "business":
        return Opened(link.business, None, is_discreet) if link.business.ref == ref else None
    rows = Provider.objects.filter(business_id=link.business_id, ref=ref, is_active=True)
    provider: Provider | None = rows.select_related("membership").first()
    if provider is None or (provider.membership is not None and not provider.membership.is_active):
        return None
    return Opened(link.business, provider, is_discreet)


def _permit(actor: Actor, owner: Owner) -> None:
    if isinstance(owner, Provider):
        if actor.kind is not ActorKind.SYSTEM and actor.business_id != owner.business_id:
            raise NotFound("no such provider")
        if not may_connect(actor, owner):
            actor.require(Permission.MANAGE_SETUP)
        return
    if actor.kind is not ActorKind.SYSTEM and actor.business_id != owner.pk:
        raise NotFound("no such business")
    actor.require(Permission.MANAGE_SETUP)
    actor.require(Permission.SEE_APPOINTMENTS)


def _subject(owner: Owner) -> str:
    return f"{'provider' if isinstance(owner, Provider) else 'business'}:{owner.ref}"


def _business_id(owner: Owner) -> int:
    return owner.business_id if isinstance(owner, Provider) else owner.pk


def _address(link: CapabilityLink) -> str:
    return f"{settings.PUBLIC_URL}/feeds/{links.token(link)}.ics"


def _record(actor: Actor, owner: Owner, action: str, **details: bool) -> None:
    audit.record(actor, _business_id(owner), f"calendar.{action}", "calendar", owner.ref, summary=owner.name, **details)
