"""Rows as API v1 shows them."""

from typing import Any

from vestibule.api.v1.schemas import instant
from vestibule.booking import links
from vestibule.booking.models import Appointment, Service


def service(row: Service) -> dict[str, Any]:
    """Return a service (offers prefetched) as anybody may see it."""
    offered = [offer.provider for offer in row.offers.all() if offer.provider.is_active]
    return {
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "duration_minutes": row.duration_minutes,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "location": row.location.kind if row.location is not None else "online",
        "seats": row.seats,
        "chooses_provider": row.consumer_chooses_provider,
        "providers": [one.slug for one in sorted(offered, key=lambda one: (one.position, one.name, one.pk))],
        "questions": row.questions,
    }


def appointment(row: Appointment, *, with_links: bool = False) -> dict[str, Any]:
    """Return an appointment; `with_links` adds the consumer's secret addresses."""
    changes = row.fresh_history or row.status_changes.all()
    told = {
        "id": row.ref,
        "business": row.business.slug,
        "service": row.service.slug,
        "provider": row.provider.slug,
        "start": instant(row.start),
        "end": instant(row.end),
        "status": str(row.status),
        "version": row.version,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "timezone": row.timezone,
        "running_late_minutes": row.running_late_minutes,
        "cancel_reason": row.cancel_reason,
        "consumer": {"name": row.name, "email": row.email, "phone": row.phone, "language": row.language},
        "answers": row.answers,
        "history": [{"status": one.status, "at": instant(one.at), "by": one.by_kind} for one in changes],
        "created_at": instant(row.created_at),
    }
    if with_links:
        addresses = links.addresses(row)
        told |= {"manage_url": addresses.manage, "visit_url": addresses.visit or None}
    return told
