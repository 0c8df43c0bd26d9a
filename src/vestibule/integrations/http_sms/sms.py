"""Text messages by JSON over HTTP: the plainest gateway there is, and easily put before any other."""

from typing import Self

import httpx

from vestibule.notifications.ports import DeliveryError, Sms
from vestibule.store.configuration import Configuration

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
PASSING = frozenset({401, 403, 404, 407, 408, 425, 429})
"""Answers that speak of the gateway or our settings, not of this message: an operator can mend those."""


class HttpSms:
    """Posts `{"id", "to", "text"}`; any 2xx means taken. `id` is also the `Idempotency-Key`, the same on retries."""

    def __init__(self, url: str, *, key: str = "", client: httpx.Client | None = None) -> None:
        """Raises ValueError when `url` is no http or https address."""
        if not _is_web_address(url):
            raise ValueError("the SMS gateway must be given as https://host/path")
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["SMS_URL"]:
            return None
        return cls(configuration["SMS_URL"], key=configuration["SMS_KEY"])

    def send(self, sms: Sms) -> str:
        """Hand over `sms` and return the gateway's id for it, or ours. Raises DeliveryError when it was not taken."""
        try:
            answer = self._http.post(
                self._url,
                json={"id": sms.ref, "to": sms.to, "text": sms.body},
                headers={**self._headers, "Idempotency-Key": sms.ref},
            )
        except httpx.HTTPError as failure:
            words = f"the SMS gateway cannot be reached: {type(failure).__name__}"
            raise DeliveryError(words, permanent=False) from failure
        if answer.is_success:
            return _id_of(answer) or sms.ref
        code = answer.status_code
        permanent = 400 <= code < 500 and code not in PASSING
        raise DeliveryError(f"the SMS gateway answered {code}", permanent=permanent)


def _is_web_address(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def _id_of(answer: httpx.Response) -> str:
    """Return the `id` of a JSON answer; a gateway need not give one."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("id") or "")[:200] if isinstance(told, dict) else ""
