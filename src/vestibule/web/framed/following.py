"""Redirects of a framed page, followed inside the server: the browser would ask again without the ticket."""

from io import BytesIO
from urllib.parse import unquote_to_bytes, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase

from vestibule.web.framed import jar
from vestibule.web.framed.frames import Frame

MOST = 6
_OF_ONE_REQUEST = (
    "HTTP_COOKIE",
    "HTTP_VESTIBULE_TICKET",
    "HTTP_ORIGIN",
    "HTTP_CONTENT_TYPE",
    "HTTP_CONTENT_LENGTH",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
)


def leads_to(answer: HttpResponseBase) -> str:
    """Return where an answer sends its reader; "" if nowhere."""
    return str(answer.get("Location", "")) if 300 <= answer.status_code < 400 else ""


def own_path(address: str, request: HttpRequest, own_origin: str) -> str:
    """Return path, query and fragment of an address on this server; "" for one elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    here = {own_origin, f"{request.scheme}://{request.get_host()}"}
    is_own = f"{parts.scheme}://{parts.netloc}" in here if parts.scheme or parts.netloc else True
    if not is_own or not parts.path.startswith("/"):
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path}{query}#{parts.fragment}" if parts.fragment else f"{parts.path}{query}"


def as_path_info(path: str) -> str:
    """Return the path of an address as WSGI has it: decoded, its bytes one character each (PEP 3333)."""
    return unquote_to_bytes(path).decode("latin-1")


def opened(request: HttpRequest, path: str, frame: Frame) -> HttpRequest:
    """Return the request of somebody in the same frame who opens `path` next."""
    parts = urlsplit(path)
    environ = {name: value for name, value in request.META.items() if name not in _OF_ONE_REQUEST}
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": as_path_info(parts.path),
        "QUERY_STRING": parts.query,
        "wsgi.input": BytesIO(),
    }
    frame.fragment = parts.fragment
    following = WSGIRequest(environ)
    put_in(following, frame)
    return following


def put_in(request: HttpRequest, frame: Frame) -> None:
    """Give a request the cookies of its frame in place of the browser's, none of which is looked at again."""
    forget_cookies(request)
    request.COOKIES = jar.sent_to(request.path_info, frame.ticket.cookies)
    request.framed = frame  # type: ignore[attr-defined]  # what templates and `frames.of` look for
    # What the browser sends by itself counts for nothing, so nobody can make it act for its owner: the ticket, which
    # only our own page holds, is all there is. Django's own tests use the same door.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # Django's own switch


def forget_cookies(request: HttpRequest) -> None:
    """Leave nothing of what a browser sent by itself."""
    request.META.pop("HTTP_COOKIE", None)
    request.COOKIES = {}
