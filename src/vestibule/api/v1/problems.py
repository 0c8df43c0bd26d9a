"""Errors as API v1 tells them: RFC 9457 problem details, each with a stable `code`."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from vestibule.people import problems
from vestibule.people.errors import Busy, Refusal
from vestibule.store.busy import is_busy

log = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    field: str = Field(description="Where: `consumer.email`, `query.from`")
    message: str


class Problem(BaseModel):
    """An error as RFC 9457 says it. More members may be there, such as `nearest` or `retry_after`."""

    type: str = Field(description="`urn:vestibule:` and the code")
    title: str
    status: int
    detail: str = Field(description="What happened, what it means, what to do next")
    code: str = Field(description="Stable; programs decide by it")
    errors: list[FieldProblem] | None = None


class Unauthorised(Refusal):
    """No key or link was given, or none that is known."""

    code = "unauthorised"
    status = 401


class MethodNotAllowed(Refusal):
    """There is something at this address, but not for this method."""

    code = "method_not_allowed"
    status = 405


def problem(status: int, code: str, detail: str, **members: Any) -> HttpResponse:
    """Return problem details as a response that says how to sign in, and is no incident in the log."""
    answer = problems.problem(status, code, detail, **members)
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a refusal is an answer, not an incident
    return answer


def of_refusal(refusal: Refusal) -> HttpResponse:
    """Return a refusal of a verb as problem details."""
    return problem(refusal.status, refusal.code, refusal.sentence, **refusal.facts)


def register(api: NinjaAPI) -> None:
    """Make every error of `api` problem details."""
    handlers: dict[Any, Any] = {
        Refusal: _refused,
        ValidationError: _invalid,
        HttpError: _http_error,
        Http404: _not_found,
        RequestDataTooBig: _too_large,
        SuspiciousOperation: _suspicious,
        Exception: _failed,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, error: Refusal) -> HttpResponse:
    return of_refusal(error)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [_field_problem(one) for one in error.errors[:20]]
    return problem(422, "invalid", _("Some values cannot be used. Nothing was changed."), errors=errors)


def _field_problem(error: Mapping[str, Any]) -> dict[str, str]:
    where = [str(part) for part in error["loc"]]
    shown = where[2:] if where[:1] == ["body"] else where
    return {"field": ".".join(shown)[:200] or "body", "message": str(error["msg"])[:300]}


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 400:
        return problem(400, "malformed", _("The body is not JSON that can be read. Nothing was changed."))
    return problem(error.status_code, "refused", str(error))


def _not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(404, "not_found", _("There is nothing here, or nothing you may see."))


def _suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, "malformed", _("This request cannot be read. Nothing was changed."))


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(413, "too_large", _("This request is larger than 256 KB. Nothing was changed."))


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_busy(error):
        return of_refusal(Busy())
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return HttpResponse(fault(), status=500, content_type=problems.CONTENT_TYPE)


def fault() -> bytes:
    """Return what is said of a fault of ours, as JSON; what it was is for the log alone."""
    return problems.body(
        500, "failed", _("Something went wrong on our side, so nothing was changed. Try again in a moment.")
    )
