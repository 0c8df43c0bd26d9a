"""Bearer keys of the API: made, shown once, found by their hash, revoked."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import ApiKey
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

P = Permission
SCOPES: dict[str, frozenset[Permission]] = {
    "appointments:read": frozenset({P.SEE_APPOINTMENTS, P.SEE_SETUP}),
    "appointments:write": frozenset({P.SEE_APPOINTMENTS, P.SEE_SETUP, P.CHANGE_APPOINTMENTS}),
    "setup:read": frozenset({P.SEE_SETUP}),
    "setup:write": frozenset({P.SEE_SETUP, P.MANAGE_SETUP}),
    "results:read": frozenset({P.SEE_RESULTS}),
    "business:manage": frozenset({P.SEE_SETUP, P.MANAGE_SETUP, P.MANAGE_STAFF, P.MANAGE_BUSINESS}),
    "activity:read": frozenset({P.SEE_ACTIVITY}),
}
PREFIX = "vst_"
_TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_USE_IS_NOTED_EVERY = timedelta(minutes=10)


def create(actor: Actor, name: str, scopes: Iterable[str]) -> tuple[ApiKey, str]:
    """Make a key of the actor's business and return it with its token, which is shown this once and never stored.

    Raises Invalid for an unknown scope, no scope, or a name that is empty or longer than 80 characters.
    """
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    wanted = sorted(set(scopes))
    _check(name, wanted)
    token = PREFIX + secrets.token_urlsafe(32)
    with writing():
        key = ApiKey.objects.create(
            business_id=business_id, name=name, prefix=token[:12], token_hash=_hash(token), scopes=wanted
        )
        audit.record(actor, key.business_id, "api_key.created", "api_key", str(key.pk), summary=name, scopes=wanted)
    return key, token


def revoke(actor: Actor, key_id: int) -> ApiKey:
    """End a key at once. Revoking twice is no error. Raises NotFound for a key of somebody else's business."""
    actor.require(Permission.MANAGE_KEYS)
    with writing():
        key: ApiKey | None = ApiKey.objects.visible_to(actor).filter(pk=key_id).first()
        if key is None:
            raise NotFound(_("There is no such key in your business."))
        if key.revoked_at is None:
            key.revoked_at = clock.now()
            key.save(update_fields=["revoked_at"])
            audit.record(actor, key.business_id, "api_key.revoked", "api_key", str(key.pk), summary=key.name)
    return key


def find(bearer: str) -> ApiKey | None:
    """Return the live key whose token is `bearer`, or None; notes its use at most every ten minutes."""
    if not _TOKEN.fullmatch(bearer):
        return None
    key: ApiKey | None = ApiKey.objects.filter(token_hash=_hash(bearer), revoked_at__isnull=True).first()
    if key is not None:
        _note_use(key)
    return key


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """Return what `scopes` allow together; a scope that is no longer known allows nothing."""
    return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))


def _note_use(key: ApiKey) -> None:
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at >= _USE_IS_NOTED_EVERY:
        with writing():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _check(name: str, scopes: list[str]) -> None:
    if not 0 < len(name.strip()) <= 80:
        raise Invalid(_("A key needs a name of at most 80 characters, so that you know it again."), field="name")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        known = ", ".join(SCOPES)
        raise Invalid(_("A key needs one or more of these scopes: %(known)s.") % {"known": known}, field="scopes")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
