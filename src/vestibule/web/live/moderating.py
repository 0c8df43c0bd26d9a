"""What somebody in the call does to the call: raising a hand, reacting, muting others, locking the room."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {}
HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {}
