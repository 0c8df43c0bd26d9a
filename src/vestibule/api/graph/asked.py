"""Who calls this API and what they ask, as the operations get it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vestibule.api.graph.faults import Fault
from vestibule.api.graph.hosts import origin_of
from vestibule.api.plain import Call
from vestibule.people.models import Business
from vestibule.people.permissions import Actor


@dataclass(frozen=True)
class Asked:
    """One request for an operation. `permissions` are those of Graph that the caller holds."""

    call: Call
    actor: Actor
    permissions: frozenset[str]
    params: Mapping[str, str]

    @cached_property
    def business(self) -> Business:
        """The business that calls, and the only one it may touch."""
        assert self.actor.business_id is not None, "whoever gets this far calls for a business"
        return Business.objects.get(pk=self.actor.business_id)

    @property
    def root(self) -> str:
        """The address of this API as the caller knows it, without a slash at its end."""
        return f"{origin_of(self.call)}/graph/v1.0"

    @property
    def address(self) -> str:
        """The address that was called, without its query."""
        return f"{origin_of(self.call)}{self.call.raw_path}"

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address by their names in lower case: Graph takes `$orderBy` as well."""
        return {name.casefold(): value for name, value in self.call.query.items()}

    def body(self) -> dict[str, Any]:
        """Return the body, {} for none. Raises Malformed for what is not JSON, Fault (400) for what is no object."""
        read = self.call.json()
        if read is None:
            return {}
        if not isinstance(read, dict):
            raise Fault(400, "invalidRequest", "The body has to be a JSON object. Nothing was changed.")
        return read
