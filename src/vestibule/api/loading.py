"""Dialects are loaded with their first request, since most installations answer none of them."""

import asyncio
from importlib import import_module
from types import ModuleType

_loaded: dict[str, ModuleType] = {}


async def loaded(name: str) -> ModuleType:
    """Return a module by its full name, loaded at the first call.

    In a thread, so that nobody else waits; whoever asks meanwhile gets the module once it is whole. Raises ImportError.
    """
    if name not in _loaded:  # not `sys.modules`, which has a module before it is whole
        _loaded[name] = await asyncio.to_thread(import_module, name)
    return _loaded[name]
