"""Rows as API v1 shows them."""

from typing import Any

from vestibule.api.v1.schemas import instant
from vestibule.booking import availability, links
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.series import Occurrence
from vestibule.store.clock import from_minute


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
        "lengths": list(availability.lengths_of(row)),
        "needs_approval": row.needs_approval,
        "has_waitlist": row.has_waitlist,
        "most_occurrences": row.most_occurrences,
        "asks_language_need": row.asks_language_need,
        "questions": row.questions,
    }


def appointment(row: Appointment, *, with_links: bool = False, for_staff: bool = False) -> dict[str, Any]:
    """Return an appointment; `with_links` adds the consumer's secret addresses, `for_staff` what staff alone see."""
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
        "consents": row.consents,
        "language_need": row.language_need,
        "helpers": [{"name": one["name"], "kind": one.get("kind", "")} for one in row.helpers],
        "series": row.series.ref if row.series is not None else None,
        "request_expires_at": instant(row.request_expires_at) if row.request_expires_at is not None else None,
        "history": [{"status": one.status, "at": instant(one.at), "by": one.by_kind} for one in changes],
        "created_at": instant(row.created_at),
    }
    if for_staff:
        told["label"] = row.label
    if with_links:
        addresses = links.addresses(row)
        told |= {"manage_url": addresses.manage, "visit_url": addresses.visit or None}
    return told


def occurrence(row: Appointment) -> dict[str, Any]:
    """Return a date of a series that was booked, with the consumer's secret addresses."""
    addresses = links.addresses(row)
    return {
        "start": instant(row.start),
        "booked": True,
        "id": row.ref,
        "status": str(row.status),
        "manage_url": addresses.manage,
        "visit_url": addresses.visit or None,
        "nearest": [],
    }


def refused(one: Occurrence) -> dict[str, Any]:
    """Return a date of a series that was not booked, with the reason and what is free near it."""
    return {
        "start": instant(one.start),
        "booked": False,
        "code": one.code,
        "detail": one.sentence,
        "nearest": [instant(near) for near in one.alternatives],
    }


def waiting(row: WaitlistEntry) -> dict[str, Any]:
    """Return a place on the waitlist."""
    start, expires = row.offered_start, row.offer_expires_at
    is_offered = row.status == WaitlistEntry.Status.OFFERED
    return {
        "id": row.ref,
        "status": str(row.status),
        "service": row.service.slug,
        "provider": row.provider.slug if row.provider is not None else None,
        "length_minutes": row.length_minutes,
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "day_parts": row.day_parts,
        "offered_start": instant(from_minute(start)) if is_offered and start is not None else None,
        "offer_expires_at": instant(expires) if is_offered and expires is not None else None,
        "appointment": row.appointment.ref if row.appointment is not None else None,
        "created_at": instant(row.created_at),
    }
