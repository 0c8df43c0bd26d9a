"""The script that defines the elements, for pages of any site, at an address that stays."""

from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from vestibule.web import assets

NAME = "embed.js"
KEPT_SECONDS = 300
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_NOT_BUILT = "The elements were not built on this server. Run script/bootstrap, or install a release.\n"


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Give the built script, as small as the browser takes it."""
    path = assets.path(NAME)
    if path is None or not path.is_file():
        return _public(HttpResponse(_NOT_BUILT, content_type="text/plain; charset=utf-8", status=404), "no-store")
    encoding, content = _best(path, request.headers.get("Accept-Encoding", ""))
    tag = f'"{path.stem}{"-" if encoding else ""}{encoding}"'
    if tag in request.headers.get("If-None-Match", ""):
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(content, content_type="text/javascript; charset=utf-8")
        if encoding:
            answer["Content-Encoding"] = encoding
    answer["ETag"] = tag
    patch_vary_headers(answer, ("Accept-Encoding",))
    return _public(answer, f"public, max-age={KEPT_SECONDS}")


def _public(answer: HttpResponse, kept: str) -> HttpResponse:
    answer["Cache-Control"] = kept
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _best(path: Path, accepted: str) -> tuple[str, bytes]:
    for encoding, ending in _ENCODINGS:
        smaller = path.with_name(path.name + ending)
        if encoding in accepted and smaller.is_file():
            return encoding, _read(smaller)
    return "", _read(path)


@lru_cache(maxsize=8)
def _read(path: Path) -> bytes:
    return path.read_bytes()
