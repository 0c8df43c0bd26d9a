"""A poster for tests: it asks nobody, answers what it is told to, and remembers."""

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from vestibule.subscriptions.ports import Reply, Request, Unreachable


class FakePoster:
    """Agrees to be told, and takes everything; `answers` by path say otherwise, and may raise Unreachable."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.taken: list[Request] = []
        self.answers: dict[str, Callable[[Request], Reply]] = {}
        self.agrees = True
        self._lock = threading.Lock()

    def refusal(self, url: str) -> str:
        """Return what of an address is wrong: everything but https is."""
        return "" if url.startswith("https://") else "not_https"

    def shown(self, url: str) -> str:
        """Return the origin of an address."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"

    def ask(self, request: Request, *, seconds: float) -> Reply:
        """Answer as told. Raises Unreachable where an answer does."""
        with self._lock:
            self.asked.append(request)
        if (agreed := _agreed(request)) is not None:
            return agreed if self.agrees else Reply(200)
        answer = self.answers.get(urlsplit(request.url).path)
        reply = answer(request) if answer is not None else Reply(200)
        if reply.is_success:
            with self._lock:
                self.taken.append(request)
        return reply

    def told(self) -> list[Any]:
        """Return all events that were taken, in the shape they came in."""
        found: list[Any] = []
        for request in self.taken:
            body = json.loads(request.body)
            found += body if isinstance(body, list) else body.get("value", [body])
        return found


def unreachable(request: Request) -> Reply:
    """An answer for an address that is down."""
    raise Unreachable("did not answer in time")


def _agreed(request: Request) -> Reply | None:
    """Return the right answer to a handshake of any shape; None for what is none."""
    if request.method == "OPTIONS":
        return Reply(200, {"webhook-allowed-origin": request.headers["WebHook-Request-Origin"]})
    if "validationToken=" in request.url:
        token = unquote(request.url.partition("validationToken=")[2])
        return Reply(200, {"content-type": "text/plain"}, token.encode())
    if request.headers.get("aeg-event-type") == "SubscriptionValidation":
        code = json.loads(request.body)[0]["data"]["validationCode"]
        return Reply(200, {}, json.dumps({"validationResponse": code}).encode())
    return None
