"""Capability links: who holds one may do one thing, until it expires or is revoked."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from vestibule.people.models import CapabilityLink
from vestibule.store import clock, rows

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
Purpose = CapabilityLink.Purpose


def issue(*, business_id: int, purpose: Purpose, role: str, subject: str, expires_at: datetime) -> CapabilityLink:
    """Store a fresh link to `subject` (a reference) and return it; `token` gives what goes into the address."""
    return store([draft(business_id, purpose, role, subject, expires_at)])[0]


def draft(
    business_id: int, purpose: Purpose, role: str, subject: str, expires_at: datetime, *, once: bool = False
) -> CapabilityLink:
    """Return a fresh link that is not stored yet; one that opens `once` belongs to the first browser that uses it."""
    nonce = secrets.token_urlsafe(16)
    return CapabilityLink(
        business_id=business_id,
        purpose=purpose,
        role=role,
        subject=subject,
        nonce=nonce,
        token_hash=_hash(_derive(nonce)),
        created_at=clock.now(),
        expires_at=expires_at,
        opens_once=once,
    )


def store(drafts: Sequence[CapabilityLink]) -> list[CapabilityLink]:
    """Store links made by `draft`, by one statement."""
    return rows.insert(drafts)


def token(link: CapabilityLink) -> str:
    """Return the 22 characters (128 bits) that open `link`; not to be stored or logged."""
    return _derive(link.nonce)


def resolve(given: str, purpose: Purpose, *, even_if_expired: bool = False) -> CapabilityLink | None:
    """Return the link that `given` opens for `purpose`, or None if there is none, or it is revoked or expired.

    `even_if_expired` lets a page say "this link has expired" to somebody who holds it; it must show nothing else.
    """
    if not TOKEN.fullmatch(given):
        return None
    found: CapabilityLink | None = (
        CapabilityLink.objects.select_related("business").filter(token_hash=_hash(given)).first()
    )
    if found is None or found.purpose != purpose or found.revoked_at is not None:
        return None
    if found.expires_at <= clock.now() and not even_if_expired:
        return None
    return found


def use(link: CapabilityLink) -> bool:
    """Take a link that opens once for the browser that asks; tell whether it was the first. One of two at once is."""
    now = clock.now()
    first = CapabilityLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now) == 1
    if first:
        link.used_at = now
    return first


def revoke(subject: str, purpose: Purpose | None = None) -> int:
    """Revoke the live links to `subject` and return how many there were."""
    live = CapabilityLink.objects.filter(subject=subject, revoked_at__isnull=True)
    if purpose is not None:
        live = live.filter(purpose=purpose)
    return live.update(revoked_at=clock.now())


def extend(subject: str, expires_at: datetime) -> int:
    """Let the live links to `subject` expire at `expires_at` instead; return how many there were."""
    return CapabilityLink.objects.filter(subject=subject, revoked_at__isnull=True).update(expires_at=expires_at)


def _derive(nonce: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), b"vestibule.link:" + nonce.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _hash(given: str) -> str:
    return hashlib.sha256(given.encode()).hexdigest()
