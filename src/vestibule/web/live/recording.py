"""Recording over the socket: asking everybody, starting, stopping."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {}
HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {}
