"""Microsoft Graph v1.0: one request at a time, in turn, with patience; pages; errors by their codes.

Limits and headers: https://learn.microsoft.com/graph/throttling and /graph/best-practices-concept.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlsplit

from vestibule.integrations import entra
from vestibule.integrations.entra import Token
from vestibule.integrations.microsoft365 import circuit, tokens
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError
from vestibule.integrations.outward import Answer, Unanswered, Web, wait_of
from vestibule.store.pauses import spread

AT_ONCE = 3
"""Requests of one application at a time; Outlook takes four, whatever the mailbox."""
SECONDS = 45.0
ONE_REQUEST = 20.0
LARGEST = 8 * 1024 * 1024
MOST_PAGES = 400
MOST_TRIES = 5
_PATIENT = frozenset({429, 503, 504})
_turns: dict[str, threading.BoundedSemaphore] = {}
_guard = threading.Lock()

Json = dict[str, Any]


@dataclass
class Graph:
    """Asks for one application; `seconds` after it was opened nothing more is asked. Used by one thread at a time."""

    application: Application
    web: Web = field(repr=False)
    seconds: float = SECONDS
    sleep: Callable[[float], None] = time.sleep
    _until: float = 0.0

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    @classmethod
    def opened(cls, application: Application, allowed: tuple[str, ...] = (), *, seconds: float = SECONDS) -> Self:
        """Return a client that goes only to the open internet and to what the operator allows."""
        return cls(application, Web(entra.reach(allowed), seconds=ONE_REQUEST, largest=LARGEST), seconds)

    def close(self) -> None:
        """Let connections go."""
        self.web.close()

    def granted(self) -> frozenset[str]:
        """Return the permissions granted to the application. Raises GraphError."""
        return self._token().roles

    def get(self, path: str, query: Mapping[str, str] | None = None, prefer: str = "") -> Json:
        """Return what stands at `path`. Raises GraphError."""
        return self.ask("GET", self._url(path), query=query, prefer=prefer)

    def pages(self, path: str, query: Mapping[str, str] | None = None, prefer: str = "") -> Iterator[Json]:
        """Yield the answers of a collection, page by page; `path` may be a link that Graph gave. Raises GraphError."""
        url, seen = self._url(path), set[str]()
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise GraphError("Graph's pages lead round in circles", status=502)
            seen.add(url)
            page = self.ask("GET", url, query=query if len(seen) == 1 else None, prefer=prefer)
            yield page
            url = self._own(str(page.get("@odata.nextLink", "")))

    def post(self, path: str, body: Json, prefer: str = "") -> Json:
        """Hand `body` over. Raises GraphError, which may be `maybe_done`."""
        return self.ask("POST", self._url(path), body=body, prefer=prefer)

    def act(self, path: str) -> Json:
        """Have something done that takes no words. Raises GraphError, which may be `maybe_done`."""
        return self.ask("POST", self._url(path))

    def post_text(self, path: str, text: bytes) -> None:
        """Hand plain text over. Raises GraphError, which may be `maybe_done`."""
        self.ask("POST", self._url(path), text=text)

    def patch(self, path: str, body: Json, *, etag: str = "", prefer: str = "") -> Json:
        """Change what stands at `path`, if it still has `etag`. Raises GraphError (412: it has another one)."""
        return self.ask("PATCH", self._url(path), body=body, etag=etag, prefer=prefer)

    def delete(self, path: str, *, etag: str = "") -> None:
        """Take away what stands at `path`, if it still has `etag`. Raises GraphError."""
        self.ask("DELETE", self._url(path), etag=etag)

    def ask(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        text: bytes | None = None,
        etag: str = "",
        prefer: str = "",
    ) -> Json:
        """Ask once, again with a new token where the old one is not taken, and again after what Graph asks to wait.

        What may have been done is not asked again: whoever asks knows whether that is safe.
        """
        has_new_token = False
        kind, content = _written(body, text)
        for attempt in range(1, MOST_TRIES + 1):
            token = self._token()
            headers = self._headers(token.value, etag, prefer)
            try:
                answer = self._in_turn(method, url, headers | kind, params=query, content=content)
            except Unanswered as silent:
                raise GraphError(f"Graph {silent}", status=0, maybe_done=silent.maybe_done) from None
            if answer.is_success:
                return answer.json() if answer.body else {}
            if answer.status == 401 and not has_new_token:
                self._forget(token)
                has_new_token = True
                continue
            pause = self._pause(answer, method, attempt)
            if pause is None:
                break
            self.sleep(pause)
        if answer.status >= 500:
            _circuit_of(self.application).note(is_answered=False)
        raise _error(answer, method)

    def _token(self) -> Token:
        """Return a token. Raises GraphError, at once while Microsoft is known not to answer."""
        state = _circuit_of(self.application)
        state.require()
        try:
            return tokens.kept.of(self.application, self.web)
        except GraphError as failure:
            state.note(is_answered=not (failure.status == 0 or failure.status >= 500))
            raise

    def _forget(self, token: Token) -> None:
        tokens.kept.forget(self.application, token)

    def _in_turn(self, method: str, url: str, headers: dict[str, str], **more: Any) -> Answer:
        turn, left = _turn_of(self.application), self._left()
        if left <= 0:
            raise Unanswered("took all the time there was", maybe_done=False)
        if not turn.acquire(timeout=left):
            raise Unanswered("is asked for too much at once", maybe_done=False)
        state = _circuit_of(self.application)
        try:
            answer = self.web.ask(method, url, headers=headers, **more)
        except Unanswered:
            state.note(is_answered=False)
            raise
        finally:
            turn.release()
        if answer.status < 500:
            state.note(is_answered=True)
        return answer

    def _pause(self, answer: Answer, method: str, attempt: int) -> float | None:
        """Return how long to wait before asking again; None where that makes no sense, or takes too long."""
        if answer.status not in _PATIENT or attempt == MOST_TRIES or _may_be_done(answer, method):
            return None
        asked = wait_of(answer.headers)
        pause = (asked.total_seconds() if asked is not None else 0.5 * 2**attempt) + spread(0.3, 0, 1)
        return pause if pause + ONE_REQUEST / 4 < self._left() else None

    def _left(self) -> float:
        return self._until - time.monotonic()

    def _headers(self, token: str, etag: str, prefer: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {token}",
            "client-request-id": str(uuid.uuid4()),
            "Accept": "application/json",
        }
        headers |= {"If-Match": etag} if etag else {}
        return headers | ({"Prefer": prefer} if prefer else {})

    def _url(self, path: str) -> str:
        if path.startswith("/"):
            return f"{self.application.graph}/v1.0{path}"
        return self._own(path)

    def _own(self, link: str) -> str:
        """Return a link that Graph gave. Raises GraphError for one that leads elsewhere: our token would go there."""
        if link and urlsplit(link)[:2] != urlsplit(self.application.graph)[:2]:
            raise GraphError("Graph named a page at another address", status=502)
        return link


def _written(body: Json | None, text: bytes | None) -> tuple[dict[str, str], bytes | None]:
    """Return what is handed over, with the header that says what it is."""
    if text is not None:
        return {"Content-Type": "text/plain"}, text
    return ({}, None) if body is None else ({"Content-Type": "application/json"}, json.dumps(body).encode())


def of_user(mailbox: str) -> str:
    """Return the path of a user."""
    return f"/users/{quote(mailbox, safe='@')}"


def _turn_of(application: Application) -> threading.BoundedSemaphore:
    with _guard:
        return _turns.setdefault(f"{application.graph} {application.client_id}", threading.BoundedSemaphore(AT_ONCE))


def _circuit_of(application: Application) -> circuit.Circuit:
    return circuit.of(f"{application.authority} {application.graph} {application.tenant} {application.client_id}")


def _error(answer: Answer, method: str) -> GraphError:
    told = answer.json().get("error")
    error = told if isinstance(told, dict) else {}
    inner = error.get("innerError") or error.get("innererror")
    code = "".join(sign for sign in str(error.get("code", "")) if sign.isalnum() or sign == "_")[:60]
    request_id = answer.headers.get("request-id", "") or str(
        (inner if isinstance(inner, dict) else {}).get("request-id", "")
    )
    named = f" ({code})" if code else ""
    return GraphError(
        f"Graph answered {answer.status}{named}",
        status=answer.status,
        code=code,
        request_id="".join(sign for sign in request_id if sign.isalnum() or sign == "-")[:60],
        wait=wait_of(answer.headers),
        maybe_done=_may_be_done(answer, method),
    )


def _may_be_done(answer: Answer, method: str) -> bool:
    """Tell whether something may have been made although the answer says no; 503 and 429 come before the work."""
    return method == "POST" and answer.status >= 500 and answer.status != 503
