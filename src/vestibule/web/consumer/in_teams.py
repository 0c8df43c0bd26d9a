"""The page for who comes by a link to a meeting in Teams, of whatever shape: our looks, and the way on by a tap.

Bookings sends consumers here where a business entered this page as its Deployed App URL. A link to Teams is no link of
ours: it opens nobody's seat, tells no name and no time, and whose it is is said only as far as the business goes.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vestibule.meetings import elsewhere, visit_links
from vestibule.people import rates
from vestibule.people.errors import TooMany
from vestibule.people.models import Business
from vestibule.web import languages
from vestibule.web.consumer.only_business import only_business

LOOKS, SECONDS = 30, 60
"""How often somebody may ask whose meeting a link leads to; the page itself comes as often as they like."""


def page(request: HttpRequest, locator: Mapping[str, str | None]) -> HttpResponse:
    """Offer the way on to a meeting of Teams: by a tap and never by itself, to an address made here from scratch."""
    address = visit_links.join_address(locator)
    ours = _whose(request, locator)
    if ours is not None:
        languages.speak(request, ours)
    context = {
        "address": address,
        "host": urlsplit(address).hostname,
        "number": locator["meeting_id"] if locator["kind"] == "teams_meeting_id" else "",
        "passcode": locator.get("passcode") or "",
        "business": ours or only_business(),
        "is_ours": ours is not None,
    }
    return render(request, "visit/in_teams.html", context)


def _whose(request: HttpRequest, locator: Mapping[str, str | None]) -> Business | None:
    """Return the business that holds the meeting, if it is one of ours that is not over."""
    try:
        rates.limit("link.whose", rates.client_key(request), LOOKS, SECONDS)
    except TooMany:
        return None
    meeting = elsewhere.meeting_at(locator)
    return meeting.business if meeting is not None else None
