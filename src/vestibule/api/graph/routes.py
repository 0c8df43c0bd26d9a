"""Every operation of this API, from the modules that do them."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from vestibule.api.graph.asked import Asked
from vestibule.api.plain import Operation

MODULES: tuple[str, ...] = (
    "appointments",
    "availability",
    "businesses",
    "calendar_view",
    "currencies",
    "customers",
    "events",
    "meetings",
    "meetings_texts",
    "offerings",
    "questions",
    "schedules",
    "staff",
    "subscriptions",
    "users_mail",
)
"""Those beside this one that have operations; templates are below `/graph/v1.0`."""


@cache
def operations() -> Sequence[Operation[Asked]]:
    """Return all operations, those with fewer places in their addresses first: `/me` before `/{id}`."""
    found = (import_module(f"vestibule.api.graph.{name}").operations for name in MODULES)
    return sorted((one for table in found for one in table), key=lambda one: one.template.count("{"))
