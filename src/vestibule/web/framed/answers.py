"""What goes back to a frame: the page with its next ticket, who may frame it, and pages for what cannot be shown."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.http import urlencode

from vestibule.experience import embeds
from vestibule.people.models import Business
from vestibule.web import languages
from vestibule.web.consumer import choosing, visiting
from vestibule.web.framed import places, tickets
from vestibule.web.framed.frames import Frame
from vestibule.web.framed.refusals import NotFramed
from vestibule.web.framed.tickets import Ticket

NOBODY = ("'none'",)


def finished(answer: HttpResponseBase, frame: Frame, began: Ticket) -> HttpResponseBase:
    """Give an answer the next ticket and its frame's headers; nothing of it is set in the browser."""
    answer.cookies.clear()
    is_changed = frame.by_script and frame.ticket.cookies != began.cookies
    is_page = isinstance(answer, HttpResponse) and answer.get("Content-Type", "").startswith("text/html")
    if is_changed:
        answer[tickets.HEADER] = frame.ticket.signed()
    if is_page and isinstance(answer, HttpResponse):
        answer.content = answer.content.replace(frame.mark.encode(), frame.ticket.signed().encode())
        answer["Content-Length"] = str(len(answer.content))
    if is_page or is_changed or "Cache-Control" not in answer:
        answer["Cache-Control"] = "no-store"
    _let_frame(answer, ancestors(frame))
    return answer


def ancestors(frame: Frame) -> tuple[str, ...]:
    """Return who may have the page of a frame around it."""
    return NOBODY if frame.ticket.is_app else ("'self'", *frame.origins)


def outside(request: HttpRequest, frame: Frame, address: str) -> HttpResponseBase:
    """Say that a page opens in a window of its own, with the link to it."""
    business = Business.objects.get(slug=frame.ticket.business)
    answer = _said(request, "framed/outside.html", business, {"address": address})
    return finished(answer, frame, frame.ticket)


def unknown(request: HttpRequest, frame: Frame) -> HttpResponseBase:
    """Say that a link opens nothing here, as of one that never was."""
    context = {"had_link": True, "why": visiting.UNKNOWN}
    return finished(_said(request, "visit/wrong_link.html", None, context, status=404), frame, frame.ticket)


def refused(request: HttpRequest, refusal: NotFramed) -> HttpResponse:
    """Say why nothing is shown. In a frame only where the ticket was a true one, and its site is still welcome."""
    ticket = refusal.ticket
    business = Business.objects.filter(slug=ticket.business).first() if ticket is not None else None
    context = {"refusal": refusal, "address": refusal.address}
    if ticket is not None:
        context |= {"again": _again(ticket), "origin": ticket.origin or "app"}
    answer = _said(request, "framed/refused.html", business, context, status=refusal.status)
    answer["Cache-Control"] = "no-store"
    was_framed = business is not None and ticket is not None and not ticket.is_app
    _let_frame(answer, ("'self'", *embeds.origins_of(business)) if business is not None and was_framed else NOBODY)
    if places.DOOR.fullmatch(request.path_info):
        answer["Access-Control-Allow-Origin"] = "*"  # the element asks once more why its frame stays empty
    return answer


def _said(
    request: HttpRequest, template: str, business: Business | None, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page above the middleware that knows the reader's language."""
    with translation.override(languages.of_request(request)):
        if business is not None:
            languages.settle(business)
        return render(request, template, {"business": business, **context}, status=status)


def _let_frame(answer: HttpResponseBase, who: tuple[str, ...]) -> None:
    held = getattr(answer, "_csp_replace", None) or {}
    answer._csp_replace = {**held, "frame-ancestors": list(who)}  # type: ignore[attr-defined]  # django-csp's
    answer.headers.pop("X-Frame-Options", None)
    if who == NOBODY:
        answer["X-Frame-Options"] = "DENY"


def _again(ticket: Ticket) -> str:
    """Return where the same frame begins anew."""
    given = {"app": "1"} if ticket.is_app else {"origin": ticket.origin}
    given |= {"theme": ticket.theme} if ticket.theme else {}
    zone = ticket.cookies.get(choosing.ZONE_COOKIE, "")
    given |= {"timezone": zone} if zone else {}
    return f"/embed/{ticket.business}/{ticket.kind}?{urlencode(given)}"
