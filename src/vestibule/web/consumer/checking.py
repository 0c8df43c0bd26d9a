"""The check of camera, microphone, loudspeaker and connection: with an appointment, days before it, or without one.

Whoever comes by a visit's link has the result kept with their seat, where staff see it, and is lent a relay to try.
Anybody else is given nothing but a page, and a body to time the line by.
"""

import secrets
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_POST

from vestibule.booking.models import Appointment
from vestibule.meetings import line_check, visit_links
from vestibule.meetings.models import Participant
from vestibule.meetings.waiting import DEVICE_STATES, is_open
from vestibule.people import links, rates
from vestibule.people.links import Purpose
from vestibule.store import clock
from vestibule.web.consumer import visit_seat
from vestibule.web.consumer.only_business import only_business

LINE_BYTES = 256_000
WINDOW = 600


@require_GET
def test_call(request: HttpRequest) -> HttpResponse:
    """Show the check. A visit's link (`?v=`) is exchanged for its cookie and a clean address first."""
    if request.META["QUERY_STRING"]:
        return _exchanged(request)
    seat = visit_seat.seat_of(request)
    if seat is None or line_check.is_past(seat.meeting):
        return render(request, "visit/test_call.html", {"business": only_business()})
    return render(request, "visit/test_call.html", _context(seat))


@require_POST
def relay(request: HttpRequest) -> HttpResponse:
    """Lend the relay for half a minute to somebody with a visit, to strangers less often; others get none."""
    seat = visit_seat.seat_of(request)
    if seat is None:
        return _answer({"servers": []})
    times, from_there = (3, 12) if line_check.is_stranger(seat) else (8, 40)
    rates.limit("check.relay", seat.ref, times, WINDOW)
    rates.limit_others(f"check.relay.address.{from_there}", rates.client_key(request), from_there, WINDOW)
    return _answer({"servers": [one.as_json() for one in line_check.relay_for(seat)]})


@require_GET
def line(request: HttpRequest) -> HttpResponse:
    """Give a body of 256 kB that nothing can make smaller, to see how fast it arrives."""
    rates.limit_others("check.line", rates.client_key(request), 40, WINDOW)
    answer = HttpResponse(_noise(), content_type="application/octet-stream")
    answer["Cache-Control"] = "no-store, no-transform"
    return answer


@require_POST
def result(request: HttpRequest) -> HttpResponse:
    """Keep what the check found, for staff to see. Words nobody knows are refused; without a visit nothing is kept."""
    seat = visit_seat.seat_of(request)
    if seat is None:
        return HttpResponse(status=204)
    rates.limit("check.result", seat.ref, 60, WINDOW)
    line_check.keep(seat, {name: request.POST[name] for name in DEVICE_STATES if name in request.POST})
    return HttpResponse(status=204)


def _exchanged(request: HttpRequest) -> HttpResponse:
    given = visit_links.parse(request.META["QUERY_STRING"], "")
    token = str(given.locator["token"]) if given.result == "own" and given.locator is not None else ""
    link = links.resolve(token, Purpose.VISIT)
    seat = Participant.objects.filter(ref=link.subject).first() if link is not None else None
    if token and link is None:
        rates.limit("link.wrong", rates.client_key(request), 60, 600)
    answer = redirect("test-call")
    # A link that opens once is kept for the visit; the check works without.
    if link is not None and seat is not None and seat.kind != Participant.Kind.PROVIDER and not link.opens_once:
        visit_seat.remember(answer, link)
    return answer


def _context(seat: Participant) -> dict[str, Any]:
    meeting = seat.meeting
    booked = Appointment.objects.select_related("service", "provider").filter(meeting=meeting).first()
    return {
        "business": meeting.business,
        "seat": seat,
        "meeting": meeting,
        "appointment": booked,
        "zone": booked.timezone if booked else meeting.business.timezone,
        "is_open": is_open(meeting, clock.now()),
    }


def _answer(facts: dict[str, Any]) -> JsonResponse:
    answer = JsonResponse(facts)
    add_never_cache_headers(answer)
    return answer


@cache
def _noise() -> bytes:
    return secrets.token_bytes(LINE_BYTES)
