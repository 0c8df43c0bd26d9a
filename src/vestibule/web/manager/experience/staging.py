"""The real page of a scene: its own view, found by its address, with the links somebody there would hold.

What comes back is text alone. Cookies that a view sets are kept for the next address it leads to, and go nowhere else.
"""

from io import BytesIO
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import translation

from vestibule.booking import links as addresses
from vestibule.experience.preview import Scene, State
from vestibule.people.errors import Refusal
from vestibule.people.models import CapabilityLink
from vestibule.web import errors, middleware
from vestibule.web.consumer import link_cookie, visit_seat
from vestibule.web.framed.following import as_path_info

_LEADS_ON = 4
_WRONG = "/visit?v=" + "0" * 22


def page(scene: Scene, state: State, outer: HttpRequest, language: str) -> str:
    """Return the document a consumer is shown at `state`, in `language`."""
    with translation.override(language):
        return _answered(_address(scene, state), _links(scene), outer, language)


def _address(scene: Scene, state: State) -> str:
    book = f"/book/{scene.business.slug}"
    service = f"{book}/{scene.service.slug}" if scene.service is not None else book
    hold = f"{service}/details?hold={scene.hold.ref}" if scene.hold is not None else service
    return {
        State.BOOK: book,
        State.SERVICE: service,
        State.DETAILS: hold,
        State.CONFIRMED: "/appointment?booked=1",
        State.ENDED: "/visit/ended",
        State.SURVEY: "/visit/ended",
        State.ERROR: _WRONG,
    }.get(state, "/visit")


def _links(scene: Scene) -> dict[str, str]:
    """Return the cookies of somebody who opened the links of their appointment."""
    if scene.appointment is None:
        return {}
    answer = HttpResponse()
    made = addresses.of(scene.appointment)
    for link in CapabilityLink.objects.filter(pk__in=[one for one in (made.manage, made.visit) if one is not None]):
        remember = visit_seat.remember if link.purpose == CapabilityLink.Purpose.VISIT else link_cookie.remember
        remember(answer, link)
    return _cookies(answer)


def _cookies(answer: Any) -> dict[str, str]:
    return {name: morsel.value for name, morsel in answer.cookies.items()}


def _answered(address: str, cookies: dict[str, str], outer: HttpRequest, language: str) -> str:
    """Return what a browser with these cookies is shown at `address`, followed where it leads on to."""
    for _turn in range(_LEADS_ON):
        answer = _asked(address, cookies, outer, language)
        cookies |= _cookies(answer)
        if not 300 <= answer.status_code < 400:
            return answer.content.decode()
        address = answer["Location"]
    return ""


def _asked(address: str, cookies: dict[str, str], outer: HttpRequest, language: str) -> HttpResponse:
    request = _request(address, cookies, outer, language)
    found = resolve(request.path_info)
    try:
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    except Refusal as refusal:
        return middleware.shown(request, refusal)
    except Http404 as missing:
        return errors.not_found(request, missing)
    return answer


def _request(address: str, cookies: dict[str, str], outer: HttpRequest, language: str) -> HttpRequest:
    """Return the request of somebody outside who is not signed in: nothing of whoever looks at it is in there."""
    path, _mark, query = address.partition("?")
    asked = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": as_path_info(path),
            "QUERY_STRING": query,
            "SERVER_NAME": outer.META.get("SERVER_NAME", "localhost"),
            "SERVER_PORT": outer.META.get("SERVER_PORT", "80"),
            "HTTP_HOST": outer.META.get("HTTP_HOST", "localhost"),
            "REMOTE_ADDR": outer.META.get("REMOTE_ADDR", ""),
            "wsgi.url_scheme": outer.scheme or "http",
            "wsgi.input": BytesIO(),
        }
    )
    asked.COOKIES = cookies
    asked.user = AnonymousUser()
    asked.LANGUAGE_CODE = language
    return asked
