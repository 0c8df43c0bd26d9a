"""Addresses that people type or old links carry in any letter case: `/Visit` is `/visit`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

ANY_CASE = ("/visit",)


class LetterCaseMiddleware:
    """Reads the addresses of `ANY_CASE`, and what is below them, as if written in small letters."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        written = request.path_info.rstrip("/")
        small = written.lower()
        if request.path_info != small and small in ANY_CASE:
            request.path_info = small
        return self.get_response(request)
