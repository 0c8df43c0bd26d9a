"""Turns refusals that reach the edge of a page into a page that says so, and tells limits where a request is from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext as _

from vestibule.people import rates
from vestibule.people.errors import Busy, Refusal
from vestibule.store.busy import is_busy
from vestibule.web.languages import business_at

Answer = Callable[[HttpRequest], HttpResponseBase]


class RefusalMiddleware:
    """Shows a refusal's sentence with its status, where the view did not place it better."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with rates.answering(request):
            return _said(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_busy(exception):
            return shown(request, Busy())
        return shown(request, exception) if isinstance(exception, Refusal) else None


class ForAButton(Refusal):
    """An address that only takes what is pressed was opened, as by loading a page again."""

    code = "method_not_allowed"
    status = 405

    def __init__(self) -> None:
        super().__init__(_("Nothing was done: this address is for a button on a page. Go back, and press it there."))


def _said(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Put a page in the place of an empty answer to somebody who opened what is to be pressed."""
    is_refused = answer.status_code == ForAButton.status and request.method == "GET"
    if not is_refused or not isinstance(answer, HttpResponseNotAllowed):
        return answer
    if "text/html" not in request.headers.get("Accept", ""):
        return answer
    section, _slash, _rest = request.path_info.strip("/").partition("/")
    back = f"/{section}" if section in ("desk", "manage") else request.path_info.rstrip("/").rpartition("/")[0]
    page = shown(request, ForAButton(), back=back or "/")
    page["Allow"] = answer["Allow"]
    return page


def shown(request: HttpRequest, refusal: Refusal, *, back: str = "") -> HttpResponse:
    """Return the page that says a refusal's sentence, with its status; `back` is where to go from there."""
    template = "errors/404.html" if refusal.status == 404 else "errors/refused.html"
    business = business_at(request.path_info) if refusal.status < 500 else None
    context = {"refusal": refusal, "business": business, "back": back}
    answer = render(request, template, context, status=refusal.status)
    if "retry_after" in refusal.facts:
        answer["Retry-After"] = str(refusal.facts["retry_after"])
    return answer
