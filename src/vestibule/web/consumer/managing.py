"""One's own appointment: see it, move it, cancel it, say one is late, join; and the others of its series."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import access, announcements, answers, lifecycle, links, series
from vestibule.booking import texts as text_messages
from vestibule.booking.models import Appointment
from vestibule.people.errors import NotFound, Refusal
from vestibule.people.links import Purpose
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.web import note_paper
from vestibule.web.consumer import choosing, link_cookie, own_appointment, survey_shown
from vestibule.web.consumer.holding import exchange, holding
from vestibule.web.consumer.own_appointment import mine
from vestibule.web.consumer.starts import free_near, instant
from vestibule.web.framed import happened


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Exchange the link for a cookie and a clean address; then show the appointment as it stands."""
    if "v" in request.GET:
        return exchange(request, request.GET["v"], Purpose.MANAGE, to="appointment")
    found = mine(request)
    if isinstance(found, HttpResponse):
        return found
    context = own_appointment.whole(*found) | {
        "just_booked": "booked" in request.GET,
        "just_moved": "moved" in request.GET,
    }
    return render(request, "consumer/appointment.html", context)


@require_GET
@holding(mine)
def note_pdf(request: HttpRequest, _actor: Actor, appointment: Appointment, ref: str) -> HttpResponse:
    """Hand out a message after the visit as a PDF, to whoever reads it on the page of the appointment."""
    if appointment.meeting is None:
        raise NotFound(_("There is no such message here. Load the page again."))
    return note_paper.answer(appointment.meeting, ref, appointment.ref, appointment.timezone)


@require_http_methods(["GET", "POST"])
@holding(mine)
def move(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Choose another time, then move to it."""
    if not own_appointment.is_ahead(appointment):
        return redirect("appointment")
    choice = choosing.read(request, appointment.service, moving=appointment)
    if request.method == "GET":
        return render(request, "consumer/move.html", _moving(appointment, choice))
    provider = choosing.provider_named(appointment.service, request.POST.get("provider", ""))
    start = appointment.start
    try:
        start = instant(request.POST.get("start", ""))
        happened.moved(request, lifecycle.move(actor, appointment, start, provider=provider))
    except Refusal as refusal:
        near = free_near(refusal, appointment.service, start, provider=provider, moving=appointment)
        context = _moving(appointment, choice) | {"refusal": refusal, "nearest": near}
        return render(request, "consumer/move.html", context, status=refusal.status)
    return redirect("/appointment?moved=1")


@require_http_methods(["GET", "POST"])
@holding(mine)
def cancel(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Ask once, naming what will happen; then cancel this one, or all that are left of its series.

    After the change notice has begun one can still say that one cannot come.
    """
    if not own_appointment.is_ahead(appointment) or appointment.start <= clock.now():
        return redirect("appointment")
    later = [one for one in _others(appointment) if one.start > appointment.start and own_appointment.is_ahead(one)]
    is_late = not access.may_still_change(appointment)
    context = own_appointment.base(appointment) | {"later": [] if is_late else later, "is_late": is_late}
    if request.method == "POST":
        try:
            _cancel(actor, appointment, request.POST.get("reason", ""), is_late, request.POST.get("which", ""))
            happened.cancelled(request, appointment)
            return redirect("appointment")
        except Refusal as refusal:
            context |= {"refusal": refusal, "reason": request.POST.get("reason", "")}
            return render(request, "consumer/cancel.html", context, status=refusal.status)
    return render(request, "consumer/cancel.html", context)


@require_POST
@holding(mine)
def confirm(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Say that one comes. Only by a press: programs that look into mail open addresses, and press nothing."""
    try:
        answers.confirm(actor, appointment, by_page=True)
    except Refusal as refusal:
        context = own_appointment.whole(actor, appointment) | {"refusal": refusal}
        return render(request, "consumer/appointment.html", context, status=refusal.status)
    return redirect("/appointment#answer")


@require_POST
@holding(mine)
def texts(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Switch text messages to the number of the appointment on or off."""
    try:
        text_messages.switch(actor, appointment, on=request.POST.get("texts") == "on")
    except Refusal as refusal:
        context = own_appointment.whole(actor, appointment) | {"refusal": refusal}
        return render(request, "consumer/appointment.html", context, status=refusal.status)
    return redirect("/appointment#texts")


@require_POST
@holding(mine)
def survey(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Keep what somebody says of a visit they were in, as on the page it ended with."""
    seat = own_appointment.seat_of(appointment)
    if seat is None:
        raise NotFound(_("There is no such message here. Load the page again."))

    def again(shown: dict[str, Any], status: int) -> HttpResponse:
        context = own_appointment.whole(actor, appointment) | shown
        return render(request, "consumer/appointment.html", context, status=status)

    return survey_shown.answered(seat, request, to="/appointment#survey", again=again)


@require_POST
@holding(mine)
def late(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Tell the other side that one will be some minutes late."""
    text = request.POST.get("minutes", "")
    try:
        lifecycle.running_late(actor, appointment, int(text) if text.isascii() and text.isdigit() else 0)
    except Refusal as refusal:
        context = own_appointment.whole(actor, appointment) | {"refusal": refusal}
        return render(request, "consumer/appointment.html", context, status=refusal.status)
    return redirect("appointment")


@require_GET
@holding(mine)
def join(request: HttpRequest, _actor: Actor, appointment: Appointment) -> HttpResponse:
    """Go to the visit, by the appointment's own link for it."""
    return redirect(links.addresses(appointment).visit or "/appointment")


@require_GET
@holding(mine)
def calendar_file(request: HttpRequest, _actor: Actor, appointment: Appointment) -> HttpResponse:
    """Give the appointment as a file for the reader's own calendar."""
    answer = HttpResponse(announcements.calendar_file(appointment), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_GET
@holding(mine)
def other_of_series(request: HttpRequest, _actor: Actor, appointment: Appointment, ref: str) -> HttpResponse:
    """Go on to another appointment of the same series, which the same person holds. Raises NotFound."""
    other = next((one for one in _others(appointment) if one.ref == ref), None)
    if other is None:
        raise NotFound(_("There is no such appointment here. Check the link, or ask for a new one."))
    answer = redirect("appointment")
    link_cookie.remember(answer, link_cookie.link_to(other.ref))
    return answer


def _cancel(actor: Actor, appointment: Appointment, reason: str, is_late: bool, which: str) -> None:
    if is_late:
        lifecycle.cannot_come(actor, appointment, reason)
    elif which == "rest" and appointment.series_id:
        series.cancel_rest(actor, appointment, reason=reason)
    else:
        lifecycle.cancel(actor, appointment, reason=reason)


def _others(appointment: Appointment) -> list[Appointment]:
    return series.others(appointment) if appointment.series_id else []


def _moving(appointment: Appointment, choice: choosing.Choice) -> dict[str, Any]:
    return {
        **own_appointment.base(appointment),
        "page_path": "/appointment/move",
        "keep_url": choosing.address("/appointment/move", choice),
        "old_start": appointment.start,
        "old_end": appointment.end,
        **choosing.context(choice, "/appointment/move"),
    }
