"""Errors as Communication Services tells them: `{"error": {"code", "message", …}}`, the code in a header too."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson

from vestibule.api.plain import Answer
from vestibule.people.errors import Refusal

CODES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    409: "Conflict",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}


_EXPLAINED = {
    400: "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    404: "https://tools.ietf.org/html/rfc9110#section-15.5.5",
}


class Fault(Exception):
    """A request that is not done. `code` is Communication Services' word for why, the message is for people."""

    def __init__(self, status: int, code: str, message: str, *, target: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.retry_after = retry_after


class Problem(Fault):
    """A fault that text messages tell as problem details (RFC 9457); `errors` are sentences by field."""

    def __init__(self, status: int, title: str, errors: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(status, CODES[status], title)
        self.errors = dict(errors or {})

    def as_json(self) -> dict[str, Any]:
        """Return it as it is told, with a name by which it is found in a log."""
        told: dict[str, Any] = {"type": _EXPLAINED[self.status], "title": self.message, "status": self.status}
        if self.errors:
            told["errors"] = self.errors
        return {**told, "traceId": f"00-{uuid4().hex}-{uuid4().hex[:16]}-00"}


def of_refusal(refusal: Refusal) -> Fault:
    """Return what a verb's refusal is in this dialect; values that cannot be used are 400 here."""
    status = 400 if refusal.status == 422 else refusal.status
    target, wait = str(refusal.facts.get("field", "")), int(refusal.facts.get("retry_after", 0))
    return Fault(status, CODES.get(status, "BadRequest"), refusal.sentence, target=target, retry_after=wait)


def told(fault: Fault) -> Answer:
    """Return a fault as it is sent."""
    if isinstance(fault, Problem):
        return Answer(fault.status, orjson.dumps(fault.as_json()), {"x-ms-error-code": fault.code})
    error: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if fault.target:
        error["target"] = fault.target
    headers = {"x-ms-error-code": fault.code}
    if fault.retry_after:
        headers["Retry-After"] = str(fault.retry_after)
    return Answer(fault.status, orjson.dumps({"error": error}), headers)
