"""HTTP connections that cannot be held open by saying little, nor fill the memory by saying much."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
MOST_AROUND = 2 * 1024 * 1024
"""Of what comes with one request and is not its body: head, framing, trailers."""
LARGEST_BODY = 16 * 1024 * 1024
"""Doors hold bodies to less: what is sent all the same, after they said so, is not listened to for ever."""
HEAD_SECONDS = 20.0


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose request line and headers are over 64 KB, or are not there within 20 seconds."""

    _received = 0
    _body = 0
    _is_in_head = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        if self._is_in_head and self._received > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of this request is too large.")
        elif self._received - self._body > MOST_AROUND or self._body > LARGEST_BODY:
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_begin(self) -> None:
        self._received = self._body = 0
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._is_in_head = True
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
