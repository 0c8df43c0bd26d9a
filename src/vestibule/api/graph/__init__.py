"""Microsoft Graph's API as far as it is about appointments, served by us: Bookings, meetings, calendars.

What is answered is loaded with the first request, since most installations answer none.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from vestibule.api.loading import loaded

ROOT = "/graph/"


async def application(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer one request below `ROOT`."""
    doors = await loaded("vestibule.api.graph.doors")
    await doors.application(scope, receive, send)
