"""What every desk of a business knows besides its day: areas, prepared texts, and who is there. Runs in threads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vestibule.meetings import alerting, areas, prepared
from vestibule.people.models import Business, Membership, Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.web.live import snapshots
from vestibule.web.live.snapshots import Json


def of(business_id: int) -> dict[str, Json]:
    """Return the fields of `areas` and of `providers`, by the type of the message."""
    zone = Business.objects.values_list("timezone", flat=True).get(pk=business_id)
    facts = areas.facts_of(areas.areas_of(business_id), zone, clock.now())
    texts = [
        {
            "id": text.ref,
            "text": text.text,
            "area": text.area.slug if text.area is not None else None,
            "after_minutes": text.after_minutes,
        }
        for text in prepared.texts_of(business_id)
    ]
    return {
        "areas": {"areas": [_stamped(area) for area in facts], "prepared": texts},
        "providers": {"providers": _providers(business_id)},
    }


def own(actor: Actor) -> Json:
    """Return the fields of `welcome` that are one member of staff's: their provider, and how they want to be told."""
    provider = Provider.objects.filter(pk=actor.provider_id or 0).first()
    membership = Membership.objects.visible_to(actor).filter(user_id=actor.user_id or 0, is_active=True).first()
    wants = alerting.of(membership) if membership is not None else None
    alerts = {flag: getattr(wants, flag, False) for flag in ("sound", "title", "desktop", "only_mine")}
    return {"provider": provider.slug if provider is not None else None, "alerts": alerts}


def _providers(business_id: int) -> list[Json]:
    return [
        {"slug": one.slug, "name": one.name, "presence": str(one.presence), "away_words": one.away_words}
        for one in Provider.objects.filter(business_id=business_id, is_active=True)
    ]


def _stamped(facts: Mapping[str, Any]) -> Json:
    return {name: snapshots.stamp(value) if isinstance(value, datetime) else value for name, value in facts.items()}
