"""Every operation of this API, from the modules that do them."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from vestibule.api.acs.asked import Asked
from vestibule.api.plain import Operation

MODULES = ("identity", "rooms", "chat", "chat_files", "chat_messages", "chat_people", "realtime.steps", "sms", "email")
"""Those beside this one that have operations; loaded at the first request, since most installations answer none."""


@cache
def operations() -> Sequence[Operation[Asked]]:
    """Return all operations."""
    found = (import_module(f"vestibule.api.acs.{name}").operations for name in MODULES)
    return [operation for table in found for operation in table]
