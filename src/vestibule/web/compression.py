"""Answers in fewer bytes: texts of pages and programs as gzip, for whoever takes it (decision record 25).

Compression tells by the length of an answer what is in it twice. Who can put words into a page that also holds a
secret, and make a browser ask for it, learns the secret by its length (BREACH). So what another site may have begun in
somebody's name stays as it is, and all else gets up to a hundred bytes by chance.
"""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from vestibule.web.languages import STAFF

SMALLEST = 1400
"""Bytes; anything shorter travels in one packet either way."""
TYPES = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/json",
        "application/problem+json",
        "application/manifest+json",
        "image/svg+xml",
    }
)
OWN = ("same-origin", "none")
"""Where a browser says a request began that no other site can make it send."""
_REFUSES = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")


class CompressionMiddleware(GZipMiddleware):
    """Compresses whole answers of `TYPES` from 1400 bytes on; streams, parts and files pass through untouched."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, compressed where that is worth it, safe and asked for."""
        if response.streaming or not _is_text(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if len(response.content) < SMALLEST or may_leak(request):  # type: ignore[attr-defined]  # not streaming
            return response
        if _REFUSES.search(request.headers.get("Accept-Encoding", "")):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


def may_leak(request: HttpRequest) -> bool:
    """Tell whether another site may have begun this request in somebody's name, and could read by its length.

    That takes cookies, and words of others beside the secrets: from the address, or on pages of staff from anybody.
    Browsers that do not say where a request began count as if another site did.
    """
    if request.headers.get("Sec-Fetch-Site", "") in OWN or not request.COOKIES:
        return False
    return bool(request.META.get("QUERY_STRING")) or STAFF.match(request.path_info.lower()) is not None


def _is_text(response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return (
        kind in TYPES
        and not response.has_header("Content-Range")
        and "no-transform" not in response.headers.get("Cache-Control", "")
    )
