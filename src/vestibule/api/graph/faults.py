"""Errors as Graph tells them: `{"error": {"code", "message", "innerError": {…}}}`."""

from datetime import UTC, datetime
from typing import Any

import orjson

from vestibule.api.plain import Answer
from vestibule.people.errors import Refusal

CODES = {
    400: "invalidRequest",
    401: "unauthenticated",
    403: "accessDenied",
    404: "itemNotFound",
    405: "invalidRequest",
    408: "invalidRequest",
    409: "nameAlreadyExists",
    413: "requestEntityTooLarge",
    415: "invalidRequest",
    429: "activityLimitReached",
    500: "generalException",
    503: "serviceNotAvailable",
}


class Fault(Exception):
    """A request that is not done. `code` is Graph's word for why; `facts` go into the inner error, as our own code."""

    def __init__(self, status: int, code: str, message: str, /, *, target: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.facts = facts


def of_refusal(refusal: Refusal) -> Fault:
    """Return what a verb's refusal is in this dialect: its own code and facts stand in the inner error."""
    status = 400 if refusal.status == 422 else refusal.status
    facts = {"code": refusal.code, **refusal.facts}
    word = "conflict" if refusal.status == 409 else CODES.get(status, "invalidRequest")
    return Fault(status, word, refusal.sentence, target=str(facts.pop("field", "")), **facts)


def told(fault: Fault, request_id: str, client_request_id: str) -> Answer:
    """Return a fault as it is sent."""
    inner = {**fault.facts, "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", "request-id": request_id}
    inner["client-request-id"] = client_request_id or request_id
    error: dict[str, Any] = {"code": fault.code, "message": fault.message, "innerError": inner}
    if fault.target:
        error["target"] = fault.target
    headers = {"Retry-After": str(fault.facts["retry_after"])} if "retry_after" in fault.facts else {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Answer(fault.status, orjson.dumps({"error": error}, default=str), headers)
