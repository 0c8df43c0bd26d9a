"""Which language a page is in: chosen on it, remembered in a cookie, asked for by the browser, or the business'."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from vestibule.people.languages import shipped
from vestibule.people.models import Business

PARAMETER = "language"
STAFF = re.compile(r"/(manage|desk|account|signin|signout|dev)(/|$)")
"""Pages of staff are in English: half of their words in another language would read worse than none."""
PROGRAMS = re.compile(r"/(api|hooks|ws)/")
_ASKS = re.compile(rf"(?:^|&){PARAMETER}=")
_OF_A_BUSINESS = re.compile(r"/(?:book|walk-in)/([-\w]+)")


@dataclass(frozen=True)
class Choice:
    """One language of the switch: its own name, and this page in it."""

    code: str
    name: str
    href: str
    is_here: bool


class LanguageMiddleware:
    """Speaks the reader's language for one request, and remembers what was chosen on the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = "" if STAFF.match(request.path_info.lower()) else _generic(_taken_out(request)[:12])
        language = _offered_at(request.path_info, chosen or of_request(request))
        request.LANGUAGE_CODE = language
        with translation.override(language):
            answer = self.get_response(request)
        answer.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        if "public" in answer.headers.get("Cache-Control", ""):
            return answer  # the same for all, who may share one copy: no place for anybody's choice
        patch_vary_headers(answer, ("Accept-Language", "Cookie"))
        if chosen:
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=365 * 24 * 3600,
                secure=settings.IS_HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return answer


def _taken_out(request: HttpRequest) -> str:
    """Return the language an address asks for, and take it out: a page sees the address as if without."""
    if not _ASKS.search(request.META.get("QUERY_STRING", "")) or PROGRAMS.match(request.path_info):
        return ""  # and an address too long to be read is not read here
    asked = _asked(request)
    wanted = asked.get(PARAMETER, "")
    if PARAMETER in asked:
        others = asked.copy()
        del others[PARAMETER]
        request.META["QUERY_STRING"] = others.urlencode()
        request.GET = QueryDict(others.urlencode())
    return wanted


def _asked(request: HttpRequest) -> QueryDict:
    """Return what an address asks for; nothing for one of so many parts that it is refused, as its page says."""
    try:
        return request.GET
    except TooManyFieldsSent:
        return QueryDict()


def of_request(request: HttpRequest) -> str:
    """Return the language of a page, unless one is chosen by its address."""
    path = request.path_info
    if STAFF.match(path.lower()):
        return settings.LANGUAGE_CODE
    given = request.headers.get("Accept-Language", "")
    known = heard(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), given)
    return known or (_of_business(path) if given else "") or settings.LANGUAGE_CODE


def offered(business: Business | None) -> list[str]:
    """Return the languages a business offers, by their codes; all that are shipped where it chose none."""
    known = [code for code, _name in settings.LANGUAGES]
    chosen = business.languages if business is not None else []
    return [code for code in known if code in chosen] or known


def speak(request: HttpRequest, business: Business) -> None:
    """Answer a request in the language of `business` from here on, if the reader's is none that it offers."""
    request.LANGUAGE_CODE = settle(business)  # until the block of the middleware ends


def settle(business: Business) -> str:
    """Speak a language that `business` offers until the block around ends: the reader's, else its own. Return it."""
    here = translation.get_language() or ""
    language = _of_those(business, here)
    if language != here:
        translation.activate(language)
    return language


def _of_those(business: Business, language: str) -> str:
    """Return `language` if a business offers it, else its own."""
    codes = offered(business)
    if not business.languages or _generic(language) in codes:
        return language
    own = _generic(business.language)
    return own if own in codes else codes[0]


def _offered_at(path: str, language: str) -> str:
    slug = _OF_A_BUSINESS.match(path)
    business = Business.objects.filter(slug=slug[1]).only("language", "languages").first() if slug else None
    return _of_those(business, language) if business is not None else language


def heard(remembered: str, accepted: str) -> str:
    """Return the shipped language that was remembered, or the first that a browser accepts; else ""."""
    if known := _generic(remembered[:12]):
        return known
    for tag, _weight in parse_accept_lang_header(accepted[:500]):
        if tag != "*" and (known := _generic(tag)):
            return known
    return ""


def of_socket(scope: Mapping[str, Any]) -> str:
    """Return the language in which a socket is answered, by its ASGI scope: that of the page it was opened from."""
    if scope.get("path", "").startswith("/ws/desk"):
        return settings.LANGUAGE_CODE
    said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        cookies = SimpleCookie(said.get("cookie", "")[:8000])
    except CookieError:
        cookies = SimpleCookie()
    kept = cookies.get(settings.LANGUAGE_COOKIE_NAME)
    return heard(kept.value if kept else "", said.get("accept-language", "")) or settings.LANGUAGE_CODE


def choices(request: HttpRequest, business: Business | None = None) -> list[Choice]:
    """Return the languages a page can be had in, of those `business` offers.

    None for what was sent by a form, which would be lost, and where there is one only.
    """
    if request.method not in ("GET", "HEAD") or STAFF.match(request.path_info.lower()):
        return []
    here = translation.get_language() or ""
    # Elsewhere an address holds somebody's link, which no page repeats.
    kept = _asked(request).copy() if _OF_A_BUSINESS.match(request.path_info) else QueryDict(mutable=True)
    found = []
    codes = offered(business)
    for code, name in settings.LANGUAGES if len(codes) > 1 else []:
        if code not in codes:
            continue
        kept[PARAMETER] = code
        found.append(Choice(code, str(name), f"?{kept.urlencode()}", is_here=code == here))
    return found


def _generic(tag: str) -> str:
    """Return the code of the shipped language that `tag` is, or is a variety of; else ""."""
    return translation.get_supported_language_variant(tag) if tag and shipped(tag) else ""


def business_at(path: str) -> Business | None:
    """Return the business whose pages an address is of: those below `/book/` and `/walk-in/`."""
    slug = _OF_A_BUSINESS.match(path)
    found: Business | None = Business.objects.filter(slug=slug[1]).first() if slug else None
    return found


def _of_business(path: str) -> str:
    slug = _OF_A_BUSINESS.match(path)
    business = Business.objects.filter(slug=slug[1]).only("language").first() if slug else None
    return _generic(business.language) if business else ""
