"""The visit of somebody from outside: the link, the device check, the waiting room, the end and the survey."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vestibule.booking.models import Appointment
from vestibule.booking.preparation import preparation_of
from vestibule.experience import survey
from vestibule.meetings import visit_links
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.waiting import is_open
from vestibule.people import links, rates
from vestibule.people.errors import Refusal
from vestibule.people.links import Purpose
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.consumer import link_reasons, opening_once, visit_seat

TURNED_AWAY = (Participant.State.DENIED, Participant.State.REMOVED)


@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest) -> HttpResponse:
    """Exchange the link for a cookie and a clean address; then show where the visit stands.

    A whole link may be pasted too. Links to meetings elsewhere are read, told apart, and never followed.
    """
    if request.method == "POST":
        return _opened(request, visit_links.parse_pasted(request.POST.get("link", ""), settings.PUBLIC_URL))
    if request.META["QUERY_STRING"]:
        return _opened(request, visit_links.parse(request.META["QUERY_STRING"], settings.PUBLIC_URL))
    seat = visit_seat.seat_of(request)
    if seat is None:
        return _wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    return _page(request, seat)


@require_http_methods(["GET", "POST"])
def ended(request: HttpRequest) -> HttpResponse:
    """Say thank you, ask the one question, and say what comes next."""
    seat = visit_seat.seat_of(request)
    if seat is None:
        return _wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    context = _context(seat) | {"question": survey.question_for(seat)}
    if request.method == "POST":
        rates.limit("survey", seat.ref, 20, 600)
        score = request.POST.get("score", "")
        try:
            survey.answer(
                seat,
                score=int(score) if score.isascii() and score.isdigit() and len(score) < 3 else -1,
                comment=request.POST.get("comment", ""),
            )
        except Refusal as refusal:
            context |= {"refusal": refusal, "comment": request.POST.get("comment", ""), "score": score}
            return render(request, "visit/ended.html", context, status=refusal.status)
        return redirect("visit-ended")
    context["is_answered"] = survey.answered(seat)
    return render(request, "visit/ended.html", context)


def _opened(request: HttpRequest, link: visit_links.Link) -> HttpResponse:
    if link.result == "own" and link.locator is not None:
        return _exchange(request, str(link.locator["token"]))
    return _wrong(request, link_reasons.sentence(link.result, link.reason))


def _wrong(request: HttpRequest, why: str, *, had_link: bool = True) -> HttpResponse:
    return render(request, "visit/wrong_link.html", {"why": why, "had_link": had_link}, status=404)


def _exchange(request: HttpRequest, token: str) -> HttpResponse:
    link = links.resolve(token, Purpose.VISIT, even_if_expired=True)
    seat = Participant.objects.select_related("meeting").filter(ref=link.subject).first() if link else None
    if link is None or seat is None:
        rates.limit("link.wrong", rates.client_key(request), 60, 600)
        return _wrong(request, _("It may be cut off, or it was replaced by a newer one."))
    if seat.kind == Participant.Kind.PROVIDER:
        return redirect("desk-visit", ref=seat.meeting.ref)
    page = opening_once.in_the_way(request, link, seat, token)
    if page is not None:
        return page
    answer = redirect("visit")
    visit_seat.remember(answer, link)
    opening_once.keep(answer, link)
    return answer


def _page(request: HttpRequest, seat: Participant) -> HttpResponse:
    meeting, now = seat.meeting, clock.now()
    context = _context(seat)
    if meeting.state == Meeting.State.CANCELLED:
        return render(request, "visit/cancelled.html", context, status=410)
    if meeting.state == Meeting.State.ENDED:
        return redirect("visit-ended") if seat.admitted_at else render(request, "visit/too_late.html", context)
    if seat.state in TURNED_AWAY:
        return render(request, "visit/turned_away.html", context, status=403)
    if is_open(meeting, now):
        return render(request, "visit/visit.html", context)
    if now >= meeting.closes_at:
        return render(request, "visit/too_late.html", context)
    opens = int((meeting.opens_at - now).total_seconds()) + 1
    context |= {
        "is_early": True,
        "opens_in": min(opens, 24 * 3600),
        "closed": _("You can check your camera and microphone now. The way in appears here when the room opens."),
    }
    return render(request, "visit/visit.html", context)


def _context(seat: Participant) -> dict[str, Any]:
    meeting = seat.meeting
    appointment = Appointment.objects.select_related("service", "provider", "business").filter(meeting=meeting).first()
    zone = appointment.timezone if appointment else meeting.business.timezone
    return {
        "business": meeting.business,
        "seat": seat,
        "meeting": meeting,
        "appointment": appointment,
        "provider_name": appointment.provider.name if appointment else "",
        "provider_title": appointment.provider.title if appointment else "",
        "zone": zone,
        "business_zone": meeting.business.timezone,
        "zones_differ": times.differ(zone, meeting.business.timezone, meeting.starts_at),
        "was_moved": appointment is not None and appointment.version > 0,
        "preparation": preparation_of(appointment) if appointment and seat.kind == Participant.Kind.CONSUMER else None,
    }
