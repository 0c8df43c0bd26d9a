"""Links that open once: they belong to the first browser in which somebody presses the button.

Looking at the address uses nothing up, since scanners of mail do that. The browser that took the link keeps a cookie
of it until the link expires, and may open it as often as it likes.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from vestibule.meetings.models import Participant
from vestibule.people import links
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

_SALT = "vestibule.once"


def in_the_way(request: HttpRequest, link: CapabilityLink, seat: Participant, token: str) -> HttpResponse | None:
    """Return the page that stands before a link that opens once; None if this browser may go on with it.

    By POST the link is taken, unless another browser was first.
    """
    if not link.opens_once or _is_mine(request, link):
        return None
    if link.used_at is None and request.method == "POST" and links.use(link):
        return None
    link.refresh_from_db(fields=["used_at"])
    page, status = ("visit/used_link.html", 410) if link.used_at is not None else ("visit/open_once.html", 200)
    context = {"seat": seat, "business": link.business, "address": f"{settings.PUBLIC_URL}/visit?v={token}"}
    answer = render(request, page, context, status=status)
    add_never_cache_headers(answer)
    return answer


def keep(answer: HttpResponse, link: CapabilityLink) -> None:
    """Let `answer` set the cookie by which this browser may open its own link again."""
    if not link.opens_once:
        return
    answer.set_cookie(
        _name(link),
        signing.dumps(_said(link), salt=_SALT),
        max_age=max(0, int((link.expires_at - clock.now()).total_seconds())),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _is_mine(request: HttpRequest, link: CapabilityLink) -> bool:
    try:
        said = signing.loads(request.COOKIES.get(_name(link), ""), salt=_SALT)
    except signing.BadSignature:
        return False
    return link.used_at is not None and said == _said(link)


def _name(link: CapabilityLink) -> str:
    return f"vestibule_once_{link.pk}"


def _said(link: CapabilityLink) -> str:
    assert link.used_at is not None, "a link is kept by whoever used it"
    return f"{link.pk}:{link.used_at.timestamp():.6f}"
