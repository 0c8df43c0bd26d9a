"""Refusals as programs read them: RFC 9457 problem details, each with a stable `code`."""

from typing import Any

import orjson
from django.http import HttpResponse

from vestibule.people.errors import Refusal

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Refused",
    429: "Too many requests",
    500: "Fault",
    503: "Busy",
}


def body(status: int, code: str, detail: str, **members: Any) -> bytes:
    """Return problem details as JSON; `members` are more of them, such as `retry_after`."""
    told = {
        "type": f"urn:vestibule:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    return orjson.dumps(members | told)


def problem(status: int, code: str, detail: str, **members: Any) -> HttpResponse:
    """Return problem details as a response that is not stored; `retry_after` (seconds) is a header too."""
    answer = HttpResponse(body(status, code, detail, **members), status=status, content_type=CONTENT_TYPE)
    if "retry_after" in members:
        answer["Retry-After"] = str(members["retry_after"])
    answer["Cache-Control"] = "no-store"
    return answer


def of_refusal(refusal: Refusal) -> HttpResponse:
    """Return a refusal of a verb as problem details."""
    return problem(refusal.status, refusal.code, refusal.sentence, **refusal.facts)
