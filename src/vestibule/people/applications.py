"""Programs that call a business by the Graph-shaped API: its tenant, their secrets, and the access tokens these give.

An access token lives an hour by the world's clock and ends sooner with the secret or the application it was got by.
"""

import hashlib
import secrets as chance
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from vestibule.people import api_keys, audit, secrets
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import ApiKey, Application, ApplicationSecret, Business, GraphTenant
from vestibule.people.permissions import Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

P = Permission
_READS = frozenset({P.SEE_SETUP, P.SEE_APPOINTMENTS, P.SEE_OWN_APPOINTMENTS})
_BOOKS = _READS | {P.CHANGE_APPOINTMENTS, P.CHANGE_OWN_APPOINTMENTS}
GRANTS: dict[str, frozenset[Permission]] = {
    "Bookings.Read.All": _READS,
    "BookingsAppointment.ReadWrite.All": _BOOKS,
    "Bookings.ReadWrite.All": _BOOKS | {P.MANAGE_SETUP, P.MANAGE_OWN_HOURS},
    "Bookings.Manage.All": _BOOKS | {P.MANAGE_SETUP, P.MANAGE_OWN_HOURS, P.MANAGE_STAFF, P.MANAGE_BUSINESS},
    "Calendars.ReadBasic": _READS,
    "Calendars.Read": _READS,
    "Calendars.ReadWrite": _BOOKS | {P.MANAGE_OWN_HOURS, P.MANAGE_SETUP},
    "OnlineMeetings.Read.All": _READS,
    "OnlineMeetings.ReadWrite.All": _BOOKS | {P.HOST_ANY},
    "VirtualAppointment.Read.All": _READS,
    "VirtualAppointmentNotification.Send": _BOOKS,
    "Mail.Send": _BOOKS,
}
"""What each application permission of Graph allows here."""
OF_SCOPES: dict[str, frozenset[str]] = {
    "appointments:read": frozenset(
        {"Bookings.Read.All", "Calendars.ReadBasic", "Calendars.Read", "OnlineMeetings.Read.All"}
        | {"VirtualAppointment.Read.All"}
    ),
    "appointments:write": frozenset(
        {"BookingsAppointment.ReadWrite.All", "Calendars.ReadWrite", "OnlineMeetings.ReadWrite.All", "Mail.Send"}
        | {"VirtualAppointmentNotification.Send"}
    ),
    "setup:read": frozenset({"Bookings.Read.All"}),
    "setup:write": frozenset({"Bookings.ReadWrite.All"}),
    "business:manage": frozenset({"Bookings.Manage.All"}),
}
"""Which permissions of Graph a key of ours has by its scopes."""
SECRET_LIVES = timedelta(days=730)
TOKEN_SECONDS = 3600
MOST_SECRETS = 5
_ALGORITHM = "HS256"
_USE_IS_NOTED_EVERY = timedelta(minutes=10)


class NotAuthenticated(Refusal):
    """No token was given, or one that opens nothing."""

    code = "unauthenticated"
    status = 401


@dataclass(frozen=True)
class Granted:
    """An access token, and for how many seconds it holds."""

    token: str
    seconds: int = TOKEN_SECONDS


@dataclass(frozen=True)
class Program:
    """Who calls by an access token: for whom, as whom, and with which permissions of Graph."""

    actor: Actor
    permissions: frozenset[str]


def tenant_of(business_id: int) -> GraphTenant | None:
    """Return the tenant a business is, on or off; None before it was ever one."""
    found: GraphTenant | None = GraphTenant.objects.filter(business_id=business_id).first()
    return found


def switch(actor: Actor, *, is_on: bool) -> GraphTenant:
    """Let programs call the actor's business by the Graph-shaped API, or let them not."""
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    with writing():
        row, _made = GraphTenant.objects.get_or_create(business_id=business_id)
        if row.is_on != is_on:
            row.is_on = is_on
            row.save(update_fields=["is_on"])
            audit.record(actor, business_id, "programs.graph_set", "tenant", str(row.tenant), on=is_on)
    return row


def register(actor: Actor, name: str, permissions: Iterable[str]) -> tuple[Application, str]:
    """Make an application of the actor's business and return it with its first secret, which is shown this once.

    Raises Invalid for a name that is empty, taken or over 80 characters, and for no or an unknown permission.
    """
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    wanted = [one for one in GRANTS if one in set(permissions)]
    if not 0 < len(name.strip()) <= 80:
        raise Invalid(_("An application needs a name of at most 80 characters."), field="name")
    if not wanted or set(permissions) - set(GRANTS):
        raise Invalid(
            _("Choose what the application may do: at least one permission of the list."), field="permissions"
        )
    with writing():
        Business.objects.select_for_update(no_key=True).get(pk=business_id)  # of two at once of one name one is made
        if Application.objects.filter(business_id=business_id, name=name.strip(), revoked_at=None).exists():
            words = _("There is an application of this name already, and what each did could not be told apart.")
            raise Invalid(words, field="name")
        row = Application.objects.create(business_id=business_id, name=name.strip(), permissions=wanted)
        audit.record(
            actor, business_id, "programs.application_made", "application", str(row.client_id), summary=row.name,
            permissions=wanted,
        )  # fmt: skip
        clear = _add_secret(row)
    return row, clear


def add_secret(actor: Actor, application_id: int) -> str:
    """Give an application one more secret, and return it; those before go on. Raises NotFound, Invalid beyond five."""
    with writing():
        row = _mine(actor, application_id)
        live = row.secrets.filter(revoked_at=None, expires_at__gt=clock.now())
        if live.count() >= MOST_SECRETS:
            raise Invalid(_("An application has five secrets at most. Revoke one that is not used any more first."))
        clear = _add_secret(row)
        audit.record(
            actor, row.business_id, "programs.secret_made", "application", str(row.client_id), summary=row.name
        )
    return clear


def revoke_secret(actor: Actor, application_id: int, secret_id: int) -> None:
    """End a secret and every token got by it at once. Raises NotFound."""
    with writing():
        row = _mine(actor, application_id)
        if row.secrets.filter(pk=secret_id, revoked_at=None).update(revoked_at=clock.now()):
            words = {"summary": row.name}
            audit.record(actor, row.business_id, "programs.secret_revoked", "application", str(row.client_id), **words)


def revoke(actor: Actor, application_id: int) -> Application:
    """End an application, its secrets and its tokens at once. Raises NotFound."""
    with writing():
        row = _mine(actor, application_id)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            row.save(update_fields=["revoked_at"])
            words = {"summary": row.name}
            audit.record(
                actor, row.business_id, "programs.application_revoked", "application", str(row.client_id), **words
            )
    return row


def grant(tenant: str, client_id: str, secret: str) -> Granted:
    """Return an access token for an application that shows its secret. `tenant` is its id, or the business' slug.

    Raises NotAuthenticated, in one and the same way whatever is wrong.
    """
    import jwt

    rows = ApplicationSecret.objects.filter(secret_hash=_hash(secret), revoked_at=None, expires_at__gt=clock.now())
    found = rows.filter(application__revoked_at=None).select_related("application__business").first()
    if found is None or str(found.application.client_id) != client_id.casefold():
        raise _refused()
    mine = tenant_of(found.application.business_id)
    if mine is None or not mine.is_on or tenant.casefold() not in (str(mine.tenant), found.application.business.slug):
        raise _refused()
    now = int(time.time())
    claims = {
        "aud": "graph",
        "tid": str(mine.tenant),
        "appid": str(found.application.client_id),
        "sid": found.pk,
        "roles": found.application.permissions,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
    }
    return Granted(jwt.encode(claims, _key(mine.tenant), algorithm=_ALGORITHM))


def program(token: str) -> Program:
    """Return who holds the access token `token`. Raises NotAuthenticated."""
    claims = _opened(token)
    live = ApplicationSecret.objects.filter(revoked_at=None, expires_at__gt=clock.now())
    rows = live.filter(pk=claims["sid"], application__revoked_at=None)
    found = rows.select_related("application__business__graph_tenant").first()
    if found is None:
        raise _refused()
    row = found.application
    mine = getattr(row.business, "graph_tenant", None)
    if mine is None or not mine.is_on or str(mine.tenant) != claims["tid"] or str(row.client_id) != claims["appid"]:
        raise _refused()
    _note_use(row)
    permissions = frozenset(row.permissions)
    return Program(_actor(f"application {row.name}", _named(row), row.business_id, permissions), permissions)


def of_key(bearer: str) -> Program:
    """Return who holds a key of ours, which works here as it does for our own API. Raises NotAuthenticated."""
    key = api_keys.find(bearer)
    mine = tenant_of(key.business_id) if key is not None else None
    if key is None or mine is None or not mine.is_on:
        raise _refused()
    permissions = frozenset[str]().union(*(OF_SCOPES.get(scope, frozenset()) for scope in key.scopes))
    return Program(_actor(f"key {key.name}", _named(key), key.business_id, permissions), permissions)


def callers(business_id: int) -> set[str]:
    """Return what all are named (`Actor.program`) who may call by the Graph-shaped API now; none where it is off."""
    mine = tenant_of(business_id)
    if mine is None or not mine.is_on:
        return set()
    applications = Application.objects.filter(business_id=business_id, revoked_at=None)
    keys = ApiKey.objects.filter(business_id=business_id, revoked_at=None)
    return {_named(one) for one in (*applications.only("client_id"), *keys.only("pk"))}


def _named(row: Application | ApiKey) -> str:
    return f"application:{row.client_id}" if isinstance(row, Application) else f"key:{row.pk}"


def _actor(label: str, program: str, business_id: int, permissions: Iterable[str]) -> Actor:
    allowed = frozenset[Permission]().union(*(GRANTS.get(one, frozenset()) for one in permissions))
    return Actor(ActorKind.API_KEY, label, business_id, permissions=allowed, program=program)


def _opened(token: str) -> dict[str, Any]:
    import jwt

    try:
        tenant = UUID(str(jwt.decode(token, options={"verify_signature": False}).get("tid")))
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(tenant),
            algorithms=[_ALGORITHM],
            audience="graph",
            options={"require": ["exp", "iat", "tid", "appid", "sid"]},
        )
    except (jwt.InvalidTokenError, ValueError) as wrong:
        raise _refused() from wrong
    return claims


def _mine(actor: Actor, application_id: int) -> Application:
    actor.require(Permission.MANAGE_KEYS)
    found = Application.objects.visible_to(actor).select_for_update().filter(pk=application_id).first()
    if found is None:
        raise NotFound(_("There is no such application in your business."))
    row: Application = found
    return row


def _add_secret(row: Application) -> str:
    clear = chance.token_urlsafe(30)
    ApplicationSecret.objects.create(
        application=row, hint=clear[:3], secret_hash=_hash(clear), expires_at=clock.now() + SECRET_LIVES
    )
    return clear


def _note_use(row: Application) -> None:
    now = clock.now()
    if row.last_used_at is None or now - row.last_used_at >= _USE_IS_NOTED_EVERY:
        with writing():
            Application.objects.filter(pk=row.pk).update(last_used_at=now)


def _key(tenant: UUID) -> str:
    return secrets.derived("graph tokens", str(tenant))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _refused() -> NotAuthenticated:
    return NotAuthenticated(_("This application, secret or token opens nothing here. Check it, or ask for a new one."))
