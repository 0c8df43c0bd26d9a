"""API v1 as one ninja API object; each resource keeps its own router."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.parser import Parser

from vestibule.api.v1 import (
    appointments,
    booking,
    join_links,
    openness,
    problems,
    records,
    reports,
    setup,
    setup_hours,
    setup_resources,
    waiting,
    waiting_areas,
)
from vestibule.api.v1.description import described
from vestibule.api.v1.problems import MethodNotAllowed
from vestibule.people.errors import NotFound

View = Callable[..., HttpResponseBase]


class StrictJson(Parser):
    """Reads bodies by a parser that neither recurses without end nor takes NaN for a number."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise HttpError(400, "malformed") from error


class ProblemApi(NinjaAPI):
    """An API whose unknown addresses and methods are problem details as well."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_problem_for_other_methods(pattern.callback)
        return [re_path(r"^$", _stray), *patterns, path("openapi.json", _openapi), re_path(r"^.*$", _stray)]


def _with_problem_for_other_methods(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
        response = view(request, *args, **parts)
        if isinstance(response, HttpResponseNotAllowed):
            known = response["Allow"]
            words = _("This address takes %(methods)s only.") % {"methods": known}
            response = problems.of_refusal(MethodNotAllowed(words))
            response["Allow"] = known
        return response

    return answer


@csrf_exempt
def _stray(request: HttpRequest) -> HttpResponse:
    return problems.of_refusal(NotFound(_("There is nothing at this address. See /api/v1/openapi.json.")))


@require_safe
def _openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_described(), content_type="application/json")


@cache
def _described() -> bytes:
    return orjson.dumps(described(api), option=orjson.OPT_NON_STR_KEYS)


api = ProblemApi(
    title="Vestibule API",
    version="1",
    description=(
        "Times are RFC 3339 in UTC. Errors are RFC 9457 problem details with a stable `code`."
        " Every POST takes an `Idempotency-Key`: repeated within 24 hours it changes nothing and answers the same."
    ),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
    parser=StrictJson(),
)
problems.register(api)
api.add_router("/businesses", openness.router)
api.add_router("/businesses", booking.flow)
api.add_router("/businesses", waiting.joining)
api.add_router("", waiting.router)
api.add_router("/businesses", waiting_areas.router)
api.add_router("/businesses", setup.router)
api.add_router("/businesses", setup_hours.router)
api.add_router("/businesses", setup_resources.router)
api.add_router("", join_links.router)
api.add_router("", records.router)
api.add_router("/reports", reports.router)
api.add_router("/appointments", appointments.own)
