"""Bringing somebody in: helpers by a one-time link, and asking to be called by telephone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vestibule.web.live.rooms import VisitSession
from vestibule.web.live.shapes import Message, Shape

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

SHAPES: Mapping[str, Shape] = {}
HANDLERS: Mapping[str, Callable[["Hub", VisitSession, Message], Awaitable[None]]] = {}
