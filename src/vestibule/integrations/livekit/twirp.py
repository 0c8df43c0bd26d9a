"""Calls of LiveKit's server API: Twirp, JSON over HTTP."""

import asyncio
import time
from typing import Any

import httpx

from vestibule.integrations.livekit import tokens
from vestibule.meetings.ports import BackendError

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
LIFETIME_SECONDS = 60
PASSING = frozenset({"unavailable", "deadline_exceeded", "resource_exhausted", "aborted", "internal", "unknown"})


class TwirpError(BackendError):
    """What LiveKit answered instead: `code` is Twirp's, `""` when there was no answer."""

    def __init__(self, sentence: str, *, code: str = "", permanent: bool = False) -> None:
        super().__init__(sentence, permanent=permanent)
        self.code = code


class Twirp:
    """Asks one LiveKit server, with one connection pool for each event loop that asks."""

    def __init__(self, address: str, key: str, secret: str) -> None:
        self._address, self._key, self._secret = address, key, secret
        self._http: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, method: str, body: dict[str, Any], grants: dict[str, Any]) -> dict[str, Any]:
        """Call `Service/Method` with a token of `grants`; return its answer. Raises TwirpError."""
        now = int(time.time())
        claims = {"iss": self._key, "nbf": now - 5, "exp": now + LIFETIME_SECONDS, "video": grants}
        headers = {"Authorization": f"Bearer {tokens.sign(claims, self._secret)}"}
        try:
            answer = await self._client().post(f"{self._address}/twirp/livekit.{method}", json=body, headers=headers)
            told = {} if answer.status_code == httpx.codes.UNAUTHORIZED else answer.json()
        except httpx.HTTPError as failure:
            raise TwirpError(f"LiveKit does not answer: {type(failure).__name__}") from failure
        except ValueError as failure:
            raise TwirpError(f"LiveKit answered {answer.status_code}, which is not its API") from failure
        if not isinstance(told, dict):
            raise TwirpError("LiveKit's answer is no object")
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise TwirpError("LiveKit does not know our key, or not with this secret", permanent=True)
        if not answer.is_success:
            code = str(told.get("code", ""))
            words = f"LiveKit refused {method}: {code or answer.status_code} {told.get('msg', '')}"
            raise TwirpError(words[:300], code=code, permanent=code not in PASSING)
        return told

    async def get(self, path: str) -> int:
        """Return the status of a plain request, for a probe. Raises TwirpError when nobody answers."""
        try:
            return (await self._client().get(self._address + path)).status_code
        except httpx.HTTPError as failure:
            raise TwirpError(f"LiveKit does not answer: {type(failure).__name__}") from failure

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._http is None or self._loop is not loop:
            self._http, self._loop = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False), loop
        return self._http
