"""Turns refusals that reach the edge of a page into a page that says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from vestibule.people.errors import Refusal

Answer = Callable[[HttpRequest], HttpResponseBase]


class RefusalMiddleware:
    """Shows a refusal's sentence with its status, where the view did not place it better."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        template = "errors/404.html" if exception.status == 404 else "errors/refused.html"
        answer = render(request, template, {"refusal": exception}, status=exception.status)
        if "retry_after" in exception.facts:
            answer["Retry-After"] = str(exception.facts["retry_after"])
        return answer
