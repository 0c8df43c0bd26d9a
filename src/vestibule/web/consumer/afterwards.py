"""After the visit, for whoever came: how it ended, the way back, one question, the message, the next appointment."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import follow_up
from vestibule.booking.models import Appointment
from vestibule.meetings import call_requests, endings, notes, talking
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import Participant
from vestibule.meetings.waiting import was_in
from vestibule.people import rates
from vestibule.people.errors import Invalid, Refusal
from vestibule.web import live, note_paper
from vestibule.web.consumer import link_reasons, survey_shown, visit_seat, visiting
from vestibule.web.consumer.telephone import own_appointment
from vestibule.web.framed import happened

NEXT_TIMES = 3
MAY_BOOK = ("ended", "closed", "nobody_came")
"""How a visit is over for somebody who was let in, and may book the next one by its link."""
UNMET = ("nobody_came", "not_seen", "not_come")


@require_http_methods(["GET", "POST"])
def ended(request: HttpRequest) -> HttpResponseBase:
    """Say how it ended, and what comes next, and keep what is answered to the survey."""
    seat = visit_seat.seat_of(request)
    if seat is None:
        return visiting.wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    context = _context(seat)
    if request.method != "POST":
        return render(request, "visit/ended.html", context)

    def again(shown: dict[str, Any], status: int) -> HttpResponse:
        return render(request, "visit/ended.html", context | shown, status=status)

    return survey_shown.answered(seat, request, to="visit-ended", again=again)


@require_POST
def book_next(request: HttpRequest) -> HttpResponse:
    """Book the next appointment in one step: the same service and provider, at the time that was pressed."""
    seat = visit_seat.seat_of(request)
    appointment = own_appointment(seat) if seat is not None else None
    # Who only holds the link, and was never let in or was taken out, books nothing in the name of who was meant.
    if seat is None or appointment is None or endings.of(seat).reason not in MAY_BOOK:
        return visiting.wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    rates.limit("visit.next", seat.ref, 5, 3600)
    try:
        agreed = tuple(request.POST.getlist("consents"))
        happened.booked(request, follow_up.book_again(appointment, _instant(request.POST.get("start", "")), agreed))
    except Refusal as refusal:
        return render(request, "visit/ended.html", _context(seat) | {"not_booked": refusal}, status=refusal.status)
    return redirect("visit-ended")


@require_GET
def note_pdf(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand out a message after the visit as a PDF, to whoever reads it where their visit ended."""
    seat = visit_seat.seat_of(request)
    if seat is None or seat.kind != Participant.Kind.CONSUMER or not was_in(seat):
        return visiting.wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    return note_paper.answer(seat.meeting, ref, seat.ref, visiting.context_of(seat)["zone"])


@require_http_methods(["GET", "POST"])
def by_phone(request: HttpRequest) -> HttpResponse:
    """Show how the visit may go on by telephone, and take the wish to be called: works without script or socket."""
    seat = visit_seat.seat_of(request)
    if seat is None:
        return visiting.wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False)
    context = visiting.context_of(seat)
    if request.method != "POST":
        return render(request, "visit/by_phone.html", context)
    try:
        call_requests.ask(seat.ref, request.POST.get("phone", ""))
    except Refusal as refusal:
        context |= {"refusal": refusal, "phone": request.POST.get("phone", "")}
        return render(request, "visit/by_phone.html", context, status=refusal.status)
    live.notify_meeting(seat.meeting.ref)
    return redirect("visit-by-phone")


def _context(seat: Participant) -> dict[str, Any]:
    appointment = own_appointment(seat)
    ending = endings.of(seat)
    is_consumer = seat.kind == Participant.Kind.CONSUMER
    return {
        **visiting.context_of(seat),
        **survey_shown.context_of(seat),
        "ending": ending,
        "is_unmet": ending.reason in UNMET,
        "reads_messages": _reads_messages(seat),
        "notes": notes.sent(seat.meeting) if is_consumer and was_in(seat) else [],
        "next_booked": follow_up.booked_after(appointment) if appointment is not None else None,
        "next_consents": follow_up.consents_of(appointment) if appointment is not None else [],
        "next_times": _next_times(appointment) if ending.reason in MAY_BOOK else [],
    }


def _reads_messages(seat: Participant) -> bool:
    try:
        talking.let_in(seat.ref)
    except NotAdmitted:
        return False
    return True


def _next_times(appointment: Appointment | None) -> list[datetime]:
    if appointment is None:
        return []
    try:
        return follow_up.offer(appointment, most=NEXT_TIMES)
    except Refusal:
        return []


def _instant(given: str) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise Invalid(_("This time cannot be read. Choose one of those shown."), field="start")
    return at
