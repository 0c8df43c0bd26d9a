"""A business as a resource of Azure Communication Services: whether it is one, for what, and by which access keys.

Requests name no key: who signed one is found by trying. So what is known of all resources is kept in memory, for two
seconds where another process may have changed it.
"""

import base64
import secrets as chance
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from vestibule.people import audit, secrets
from vestibule.people.errors import Invalid
from vestibule.people.models import CommunicationResource
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import after_commit, writing

SERVICES = ("identity", "rooms", "chat", "sms", "email")
"""What a program may be let do, each by itself."""
SLOTS = ("primary", "secondary")
KEY_BYTES = 64
KNOWN_FOR_SECONDS = 2.0
USE_IS_NOTED_EVERY = timedelta(minutes=10)
_PURPOSE = "communication resource"


@dataclass(frozen=True)
class AccessKey:
    """One of the two keys of a resource, as it is at `number`."""

    slot: str
    number: int
    clear: bytes


@dataclass(frozen=True)
class Resource:
    """A resource that answers: its name in identities, whose it is, what it offers, and its keys."""

    business_id: int
    resource: UUID
    services: frozenset[str]
    keys: tuple[AccessKey, ...]

    def key(self, slot: str) -> AccessKey:
        """Return the key that is now in `slot`."""
        return next(key for key in self.keys if key.slot == slot)


class _Known:
    """The resources that answer, as they were at `at` (monotonic seconds), None: not read yet; when keys were used.

    `changes` counts what was changed here, so that what was read before a change is not kept after it.
    """

    lock = threading.Lock()
    at = 0.0
    changes = 0
    rows: Mapping[UUID, Resource] | None = None
    used: ClassVar[dict[tuple[UUID, str, int], datetime]] = {}


def of(business_id: int) -> CommunicationResource | None:
    """Return the resource of a business, on or off; None before it was ever one."""
    found: CommunicationResource | None = CommunicationResource.objects.filter(business_id=business_id).first()
    return found


def named(business_id: int) -> UUID:
    """Return what a business is called as a resource; the first time it gets that name and its keys, and stays off."""
    found = CommunicationResource.objects.filter(business_id=business_id).values_list("resource", flat=True).first()
    if found is not None:
        return UUID(str(found))
    with writing():
        keys = {f"{slot}_key": _encrypted(_fresh()) for slot in SLOTS}
        return CommunicationResource.objects.get_or_create(business_id=business_id, defaults=keys)[0].resource


def put(actor: Actor, *, is_on: bool, services: Iterable[str]) -> CommunicationResource:
    """Let programs use the actor's business as a resource for `services`, or let them not; return it.

    The first time it gets its keys. Raises Invalid for an unknown service, or none where it is on.
    """
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    wanted = [service for service in SERVICES if service in set(services)]
    if set(services) - set(SERVICES) or (is_on and not wanted):
        words = _("Choose at least one of these services, or switch it off: %(known)s.")
        raise Invalid(words % {"known": ", ".join(SERVICES)}, field="services")
    with writing():
        keys = {f"{slot}_key": _encrypted(_fresh()) for slot in SLOTS}
        row, _made = CommunicationResource.objects.get_or_create(business_id=business_id, defaults=keys)
        if (row.is_on, row.services) != (is_on, wanted):
            row.is_on, row.services = is_on, wanted
            row.save(update_fields=["is_on", "services"])
            audit.record(
                actor,
                business_id,
                "programs.communication_set",
                "resource",
                str(row.resource),
                on=is_on,
                services=wanted,
            )
        after_commit(forget)
    return row


def renew(actor: Actor, slot: str) -> CommunicationResource:
    """Put a fresh key into `slot`: whatever was signed or made with the one before opens nothing from now on.

    Raises Invalid for an unknown slot, or before the business is a resource.
    """
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    with writing():
        found = CommunicationResource.objects.select_for_update().filter(business_id=business_id)
        row: CommunicationResource | None = found.first()
        if row is None or slot not in SLOTS:
            raise _unknown()
        changed = {"key": _encrypted(_fresh()), "made_at": clock.now(), "used_at": None}
        changed["number"] = getattr(row, f"{slot}_number") + 1
        for name, value in changed.items():
            setattr(row, f"{slot}_{name}", value)
        row.save(update_fields=[f"{slot}_{name}" for name in changed])
        audit.record(
            actor, business_id, "programs.access_key_renewed", "resource_of_programs", str(row.resource), summary=slot
        )
        after_commit(forget)
    return row


def reveal(actor: Actor, slot: str, endpoint: str) -> str:
    """Return the connection string of a key to who may manage keys, and note that it was looked at. Raises Invalid."""
    business_id = actor.business_of(Permission.MANAGE_KEYS)
    row = of(business_id)
    if row is None or slot not in SLOTS:
        raise _unknown()
    with writing():
        audit.record(
            actor, business_id, "programs.access_key_seen", "resource_of_programs", str(row.resource), summary=slot
        )
    return connection_string(row, slot, endpoint)


def clear_key(row: CommunicationResource, slot: str) -> str:
    """Return a key as programs are given it (base64); for who may manage keys, and never to be logged."""
    return base64.b64encode(secrets.decrypt(_PURPOSE, getattr(row, f"{slot}_key"))).decode()


def connection_string(row: CommunicationResource, slot: str, endpoint: str) -> str:
    """Return the connection string of `endpoint` (an origin), in the one form that all official SDKs read."""
    return f"endpoint={endpoint.rstrip('/')}/;accesskey={clear_key(row, slot)}"


def answering() -> Mapping[UUID, Resource]:
    """Return every resource that is on, by its name, with its keys in the clear: to try who signed a request."""
    if (kept := _kept()) is not None:
        return kept
    with _Known.lock:
        if (kept := _kept()) is not None:  # read while this waited
            return kept
        seen, now = _Known.changes, time.monotonic()
        rows = _read()
        _Known.rows, _Known.at = rows, now
        if seen != _Known.changes:
            _Known.rows = None
        return rows


def _kept() -> Mapping[UUID, Resource] | None:
    rows = _Known.rows
    return rows if time.monotonic() - _Known.at < KNOWN_FOR_SECONDS else None


def forget() -> None:
    """Read the resources anew when they are next asked for."""
    _Known.changes += 1
    _Known.rows = None


def note_use(resource: Resource, key: AccessKey) -> None:
    """Note that a key was used, at most every ten minutes, so that the office sees when an old one is done with."""
    now, name = clock.now(), (resource.resource, key.slot, key.number)
    if now - _Known.used.get(name, now - USE_IS_NOTED_EVERY) < USE_IS_NOTED_EVERY:
        return
    _Known.used[name] = now
    with writing():
        mine = CommunicationResource.objects.filter(business_id=resource.business_id)
        mine.filter(**{f"{key.slot}_number": key.number}).update(**{f"{key.slot}_used_at": now})


def _read() -> Mapping[UUID, Resource]:
    rows = CommunicationResource.objects.filter(is_on=True)
    return {row.resource: _resource(row) for row in rows}


def _resource(row: CommunicationResource) -> Resource:
    keys = tuple(
        AccessKey(slot, getattr(row, f"{slot}_number"), secrets.decrypt(_PURPOSE, getattr(row, f"{slot}_key")))
        for slot in SLOTS
    )
    return Resource(row.business_id, row.resource, frozenset(row.services), keys)


def _fresh() -> bytes:
    return chance.token_bytes(KEY_BYTES)


def _encrypted(clear: bytes) -> str:
    return secrets.encrypt(_PURPOSE, clear)


def _unknown() -> Invalid:
    return Invalid(_("There is no such key. Load the page again."), field="slot")
