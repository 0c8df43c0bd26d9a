"""Chats in real time for the browser's library of Azure Communication Services, beside the REST operations.

The protocol is nobody's standard: what of it is used here was learned from the library (MIT), and a test with the
library itself shows that it still fits. Nothing outside this package knows of it. See docs/reference/real-time-chat.md.
What is answered is loaded with the first connection.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from vestibule.api.acs.realtime.loop import start, stop
from vestibule.api.loading import loaded

__all__ = ["answer", "start", "stop", "takes"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_STEPS = re.compile(r"(?:/realtime)?/v4/a|/realtime/v3/registrations(?:/[^/]*)?|/socket\.io/1/?", re.IGNORECASE)
_LINES = re.compile(r"/socket\.io/1/(websocket|xhr-polling)/([A-Za-z0-9_=-]{1,4000})")


def takes(scope: Scope) -> bool:
    """Tell whether this connection is for here by its path."""
    path = scope.get("path", "")
    return _LINES.fullmatch(path) is not None or (scope["type"] == "http" and _STEPS.fullmatch(path) is not None)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one connection that `takes` accepted."""
    found = _LINES.fullmatch(scope["path"])
    if found is None or scope.get("method") == "OPTIONS":
        steps = await loaded("vestibule.api.acs.realtime.steps")
        await steps.application(scope, receive, send)
        return
    lines = await loaded("vestibule.api.acs.realtime.lines")
    answer_by = lines.socket if scope["type"] == "websocket" else lines.poll
    await answer_by(scope, receive, send, found[2])
