"""The booking page of Bookings in ours, or the way to it, where the business chose that people book there.

Our own pages ask nobody else for anything. This one does where the business chose it, and unless that was switched off
too, only when the reader says so.
"""

from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import pages
from vestibule.people import ways
from vestibule.people.models import Business
from vestibule.web.consumer import walking_in

SAYS_SO = "load"
"""What the reader's button sends."""


def shown(request: HttpRequest, business: Business, way: str, link: SchedulerLink) -> HttpResponse:
    """Show the page of Bookings in a frame, the button that loads it, or the link to it."""
    address = pages.address_of(link)
    is_embedded = way == ways.Page.EMBEDDED
    loads = is_embedded and (SAYS_SO in request.GET or not link.asks_first)
    context: dict[str, Any] = {
        "business": business,
        "address": address,
        "is_embedded": is_embedded,
        "loads": loads,
        "walk_in_url": walking_in.address_of(business),
    }
    if not loads:
        return render(request, "consumer/outside_page.html", context)
    framing: Any = csp_update({"frame-src": pages.frames_of(address)})
    answer: HttpResponse = framing(_page)(request, context)
    return answer


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "consumer/outside_page.html", context)
