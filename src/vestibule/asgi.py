"""One process, one front door: sockets and hot reads as plain ASGI functions, everything else through WSGI.

Django's own ASGI path costs over 1 ms a request and one database connection each (decision record 2), so pages and
most of the API run in a fixed pool of threads that keep their connections.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")

from django.core.wsgi import get_wsgi_application

_pages = get_wsgi_application()  # sets Django up, which the imports below need

from vestibule.api import acs, graph
from vestibule.api.acs import realtime
from vestibule.api.v1 import hot
from vestibule.web import live
from vestibule.web.bridge import with_threads
from vestibule.web.static_files import with_static_files
from vestibule.web.whole_requests import with_whole_requests

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

THREADS = 8
_bridge = with_whole_requests(with_threads(with_static_files(_pages), THREADS))
_sockets = {
    "/ws/visit": live.visit_socket,
    "/ws/desk": live.desk_socket,
    "/ws/talk": live.talk_socket,
    "/appointment/talk": live.talk_socket,  # where the cookie of one's own appointment is sent
}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif acs.is_own_host(scope):
        await _programs(scope, receive, send)
    elif scope["type"] == "websocket":
        await _sockets.get(scope["path"], _no_such_socket)(scope, receive, send)
    elif hot.takes(scope):
        await hot.answer(scope, receive, send)
    elif scope["path"].startswith(graph.ROOT):
        await graph.application(scope, receive, send)
    else:
        await _bridge(scope, receive, send)


async def secured(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one connection at the TLS port: what programs ask of Communication Services, and everything else."""
    if scope["type"] != "lifespan" and realtime.takes(scope):
        await realtime.answer(scope, receive, send)
    elif scope["type"] != "lifespan" and acs.takes(scope):
        await acs.application(scope, receive, send)
    else:
        await application(scope, receive, send)


async def _programs(scope: Scope, receive: Receive, send: Send) -> None:
    if realtime.takes(scope):
        await realtime.answer(scope, receive, send)
    elif scope["type"] == "websocket":
        await _no_such_socket(scope, receive, send)
    else:
        await acs.application(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await live.start()
            await realtime.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await realtime.stop()
            await live.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4404})
