"""The live side of the product: its sockets and the hub behind them. See docs/reference/visit-protocol.md.

`visit_socket`, `desk_socket` and `talk_socket` are ASGI applications for one WebSocket each. The `notify_…` may be
called from any thread, inside or outside a transaction, by whatever changed something people are looking at.
"""

from vestibule.web.live.doors import (
    desk_socket,
    notify_desk,
    notify_files,
    notify_meeting,
    notify_thread,
    start,
    stop,
    talk_socket,
    visit_socket,
)

__all__ = [
    "desk_socket",
    "notify_desk",
    "notify_files",
    "notify_meeting",
    "notify_thread",
    "start",
    "stop",
    "talk_socket",
    "visit_socket",
]
