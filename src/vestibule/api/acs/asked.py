"""Who calls this API and what they ask, as the operations get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Call
from vestibule.people.communication import AccessKey, Resource
from vestibule.people.identities import Bearer
from vestibule.people.models import ProgramIdentity
from vestibule.people.permissions import Actor, ActorKind, Permission

KEY, TOKEN, ANYBODY = "key", "token", "anybody"
"""By what an operation is asked for: a request signed with an access key, the token of an identity, or by nobody."""


def origin(call: Call) -> str:
    """Return the origin that was called, as the outside knows it.

    Java's libraries, and some proxies, name the host without its port: what follows such an answer needs the port.
    """
    own = urlsplit(settings.PROGRAMS_URL)
    names = {own.netloc.casefold(), (own.hostname or "").casefold()} - {""}
    return str(settings.PROGRAMS_URL) if call.host.casefold() in names else call.origin


@dataclass(frozen=True)
class Caller:
    """Who calls: a program that holds a key, or an identity by its token (`bearer`)."""

    of: Resource
    key: AccessKey | None = None
    bearer: Bearer | None = None

    @property
    def business_id(self) -> int:
        return self.of.business_id

    @property
    def resource(self) -> UUID:
        return self.of.resource

    @property
    def identity(self) -> ProgramIdentity | None:
        return self.bearer.identity if self.bearer is not None else None

    @property
    def scopes(self) -> frozenset[str]:
        return self.bearer.scopes if self.bearer is not None else frozenset()

    @property
    def actor(self) -> Actor:
        """Who is said to have done it, for verbs and the audit trail; a key may do all its services do."""
        if self.bearer is not None:
            return self.bearer.actor
        held = frozenset({Permission.SEE_APPOINTMENTS, Permission.CHANGE_APPOINTMENTS, Permission.HOST_ANY})
        slot = self.key.slot if self.key is not None else ""
        return Actor(ActorKind.API_KEY, f"{slot} access key", self.business_id, permissions=held)


@dataclass(frozen=True)
class Asked:
    """One request for an operation: `params` is what stands in the places of its address, decoded."""

    call: Call
    caller: Caller
    params: Mapping[str, str]

    @property
    def origin(self) -> str:
        """The origin that was called, as the outside knows it: behind a proxy it is https all the same."""
        return origin(self.call)

    def body(self) -> dict[str, Any]:
        """Return the body, {} for none. Raises Malformed for what is not JSON, Fault (400) for what is no object."""
        read = self.call.json()
        if read is None:
            return {}
        if not isinstance(read, dict):
            raise Fault(400, "BadRequest", "The body has to be a JSON object. Nothing was changed.")
        return read
