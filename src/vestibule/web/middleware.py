"""Turns refusals that reach the edge of a page into a page that says so, and tells limits where a request is from."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

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
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_busy(exception):
            return shown(request, Busy())
        return shown(request, exception) if isinstance(exception, Refusal) else None


def shown(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page that says a refusal's sentence, with its status."""
    template = "errors/404.html" if refusal.status == 404 else "errors/refused.html"
    business = business_at(request.path_info) if refusal.status < 500 else None
    answer = render(request, template, {"refusal": refusal, "business": business}, status=refusal.status)
    if "retry_after" in refusal.facts:
        answer["Retry-After"] = str(refusal.facts["retry_after"])
    return answer
