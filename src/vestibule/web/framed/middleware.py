"""Answers what framed pages send: with the cookies of their ticket in place of the browser's, and the next ticket.

Stands ahead of sessions and of the check against forgery, so that nothing below it ever sees what a browser sent by
itself: a signed-in owner who looks at a site with our elements in it is a stranger in there.
"""

from collections.abc import Callable
from dataclasses import replace

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from vestibule.experience import embeds
from vestibule.people.models import Business
from vestibule.web.consumer import visiting
from vestibule.web.framed import answers, doors, following, jar, places, refusals, tickets
from vestibule.web.framed.frames import Frame
from vestibule.web.framed.tickets import Ticket

Answer = Callable[[HttpRequest], HttpResponseBase]
METHOD = "_method"
_UNREADABLE = (SuspiciousOperation, RequestDataTooBig, MultiPartParserError, UnreadablePostError)


class FramedMiddleware:
    """Serves frames, and leaves every other request as it is."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        door = places.DOOR.fullmatch(request.path_info)
        text = _sent(request)
        opens = request.method in ("GET", "HEAD") or _only_opens(request)
        if text is None and door is None:
            return self.get_response(request)
        following.forget_cookies(request)
        try:
            if opens and door is not None:
                ticket = doors.begun(request, door["business"], door["kind"])
            else:
                ticket = _held(request, text or "")
            frame = _frame(request, ticket)
        except refusals.NotFramed as refusal:
            return answers.refused(request, refusal)
        if opens:
            _as_get(request)
        return self._served(request, frame)

    def _served(self, request: HttpRequest, frame: Frame) -> HttpResponseBase:
        """Answer, going where redirects lead as long as that is a page of the frame's."""
        began = frame.ticket
        path = request.get_full_path()
        following.put_in(request, frame)
        for _hop in range(following.MOST + 1):
            if not places.kind_of(request.path_info, frame.ticket.business):
                return answers.outside(request, frame, path)
            answer = self.get_response(request)
            if not _take(frame, answer):
                return answers.unknown(request, frame)
            address = following.leads_to(answer)
            if not address:
                return answers.finished(answer, frame, began)
            path = following.own_path(address, request, visiting.origin_of(request))
            if not path:
                return answers.outside(request, frame, address)
            request = following.opened(request, path, frame)
        return answers.outside(request, frame, path)


def _sent(request: HttpRequest) -> str | None:
    """Return the ticket a request brings, as text; None for none."""
    if places.PROGRAMS.match(request.path_info):
        return None
    if tickets.HEADER in request.headers:
        return request.headers[tickets.HEADER]
    if request.method != "POST":
        return None
    try:
        return request.POST.get(tickets.FIELD)
    except _UNREADABLE:
        return None  # what reads it below says so


def _only_opens(request: HttpRequest) -> bool:
    if request.method != "POST" or tickets.HEADER in request.headers:
        return False
    try:
        return request.POST.get(METHOD) == "GET" and tickets.FIELD in request.POST
    except _UNREADABLE:
        return False


def _as_get(request: HttpRequest) -> None:
    """Make a form that only opens its address what a link is elsewhere."""
    if request.method != "POST":
        return
    request.method = request.META["REQUEST_METHOD"] = "GET"
    request.POST = QueryDict()
    request._files = {}  # type: ignore[attr-defined]  # the other half of what Django read


def _held(request: HttpRequest, text: str) -> Ticket:
    """Return the ticket that a page of ours sent. Raises NotFramed."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise refusals.FalseTicket
    try:
        return tickets.read(text)
    except tickets.Expired as late:
        raise refusals.TooOld(late.ticket) from late
    except tickets.NoTicket as false:
        raise refusals.FalseTicket from false


def _frame(request: HttpRequest, ticket: Ticket) -> Frame:
    """Return the frame of a ticket, whose site must still be welcome. Raises NotFramed."""
    business = Business.objects.filter(slug=ticket.business).only("pk", "slug").first()
    if business is None:
        raise refusals.NothingHere
    if not ticket.is_app and not doors.is_welcome(request, business, ticket.origin):
        raise refusals.NotListed(f"/book/{ticket.business}")
    return Frame(ticket, tuple(embeds.origins_of(business)), by_script=tickets.HEADER in request.headers)


def _take(frame: Frame, answer: HttpResponseBase) -> bool:
    """Put what an answer sets into the frame's ticket; False for what opens another business' things."""
    was = frame.ticket.cookies
    kept = jar.after(was, answer)
    new = {name: value for name, value in kept.items() if was.get(name) != value}
    if any(jar.is_foreign(name, value, frame.ticket.business) for name, value in new.items()):
        return False
    frame.ticket = replace(frame.ticket, cookies=kept)
    return True
