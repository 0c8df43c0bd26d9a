"""One's own appointment, behind its link: see it, move it, cancel it, say one is late, join."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import announcements, lifecycle, links
from vestibule.booking.models import Appointment
from vestibule.people import actors, rates
from vestibule.people import links as capability
from vestibule.people.errors import Refusal
from vestibule.people.links import Purpose
from vestibule.people.models import CapabilityLink, Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.web.consumer import choosing, link_cookie
from vestibule.web.consumer.starts import instant, nearest


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Exchange the link for a cookie and a clean address; then show the appointment as it stands."""
    if "v" in request.GET:
        return _exchange(request, request.GET["v"])
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    _actor, appointment = found
    context = _context(appointment) | {"just_booked": "booked" in request.GET}
    return render(request, "consumer/appointment.html", context)


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest) -> HttpResponse:
    """Choose another time, then move to it."""
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    actor, appointment = found
    if not _changeable(appointment):
        return redirect("appointment")
    choice = choosing.read(request, appointment.service, moving=appointment)
    if request.method == "GET":
        return render(request, "consumer/move.html", _moving(appointment, choice))
    try:
        provider = _provider(appointment, request.POST.get("provider", ""))
        lifecycle.move(actor, appointment, instant(request.POST.get("start", "")), provider=provider)
    except Refusal as refusal:
        context = _moving(appointment, choice) | {"refusal": refusal, "nearest": nearest(refusal)}
        return render(request, "consumer/move.html", context, status=refusal.status)
    return redirect("/appointment?moved=1")


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest) -> HttpResponse:
    """Ask once, naming what will happen; then cancel."""
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    actor, appointment = found
    if not _changeable(appointment):
        return redirect("appointment")
    context = _context(appointment)
    if request.method == "POST":
        try:
            lifecycle.cancel(actor, appointment, reason=request.POST.get("reason", ""))
            return redirect("appointment")
        except Refusal as refusal:
            context |= {"refusal": refusal, "reason": request.POST.get("reason", "")}
            return render(request, "consumer/cancel.html", context, status=refusal.status)
    return render(request, "consumer/cancel.html", context)


@require_POST
def late(request: HttpRequest) -> HttpResponse:
    """Tell the other side that one will be some minutes late."""
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    actor, appointment = found
    text = request.POST.get("minutes", "")
    try:
        lifecycle.running_late(actor, appointment, int(text) if text.isascii() and text.isdigit() else 0)
    except Refusal as refusal:
        context = _context(appointment) | {"refusal": refusal}
        return render(request, "consumer/appointment.html", context, status=refusal.status)
    return redirect("appointment")


@require_GET
def join(request: HttpRequest) -> HttpResponse:
    """Go to the visit, by the appointment's own link for it."""
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    return redirect(links.addresses(found[1]).visit or "/appointment")


@require_GET
def calendar_file(request: HttpRequest) -> HttpResponse:
    """Give the appointment as a file for the reader's own calendar."""
    found = _mine(request)
    if isinstance(found, HttpResponse):
        return found
    answer = HttpResponse(announcements.calendar_file(found[1]), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _exchange(request: HttpRequest, token: str) -> HttpResponse:
    link = capability.resolve(token, Purpose.MANAGE, even_if_expired=True)
    if link is None:
        rates.limit("link.wrong", rates.client_key(request), 60, 600)
        return render(request, "consumer/wrong_link.html", status=404)
    if link.expires_at <= clock.now():
        return _expired(request, link)
    answer = redirect("appointment")
    link_cookie.remember(answer, link, secure=settings.SESSION_COOKIE_SECURE)
    return answer


def _mine(request: HttpRequest) -> tuple[Actor, Appointment] | HttpResponse:
    """Return who asks and their appointment, or the page that says there is none."""
    link = link_cookie.current(request)
    if link is None:
        return render(request, "consumer/wrong_link.html", status=404)
    actor = actors.actor_of_link(link)
    appointment = (
        Appointment.objects.visible_to(actor)
        .select_related("business", "service", "service__location", "provider", "meeting")
        .first()
    )
    if appointment is None:
        return render(request, "consumer/wrong_link.html", status=404)
    return actor, appointment


def _expired(request: HttpRequest, link: CapabilityLink) -> HttpResponse:
    return render(request, "consumer/expired_link.html", {"business": link.business}, status=410)


def _changeable(appointment: Appointment) -> bool:
    return appointment.status in (Appointment.Status.BOOKED, Appointment.Status.ARRIVED)


def _context(appointment: Appointment) -> dict[str, Any]:
    now = clock.now()
    notice = appointment.service.change_notice_minutes
    seconds_left = (appointment.start - now).total_seconds()
    return {
        "business": appointment.business,
        "home_url": f"/book/{appointment.business.slug}",
        "appointment": appointment,
        "start": appointment.start,
        "end": appointment.end,
        "zone": appointment.timezone,
        "business_zone": appointment.business.timezone,
        "zones_differ": appointment.timezone != appointment.business.timezone,
        "is_cancelled": appointment.status == Appointment.Status.CANCELLED,
        "is_over": appointment.status in (Appointment.Status.COMPLETED, Appointment.Status.NO_SHOW)
        or appointment.end <= now,
        "can_change": _changeable(appointment) and seconds_left >= notice * 60,
        "can_be_late": _changeable(appointment) and -3600 < seconds_left < 3 * 3600 and appointment.end > now,
        "can_join": appointment.meeting is not None and appointment.meeting.opens_at <= now,
        "late_choices": (5, 10, 15, 20, 30),
    }


def _moving(appointment: Appointment, choice: choosing.Choice) -> dict[str, Any]:
    return {
        **_context(appointment),
        "service": appointment.service,
        "page_path": "/appointment/move",
        "keep_url": choosing.address("/appointment/move", choice),
        "old_start": appointment.start,
        "old_end": appointment.end,
        **choosing.context(choice, "/appointment/move"),
    }


def _provider(appointment: Appointment, slug: str) -> Provider | None:
    return next((one for one in choosing.providers_of(appointment.service) if one.slug == slug), None)
