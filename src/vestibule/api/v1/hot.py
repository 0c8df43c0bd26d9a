"""Reads hot enough to be plain ASGI functions beside Django."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


def takes(scope: MutableMapping[str, Any]) -> bool:
    """Tell whether this request is answered here."""
    return False


async def answer(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer a request that `takes` accepted."""
