"""The provider's desk: today, who waits, one button; and the visit as staff see it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from vestibule.booking import beside, unread
from vestibule.booking.models import Appointment
from vestibule.meetings import areas, elsewhere, visit_rules
from vestibule.meetings.access import is_own
from vestibule.meetings.models import Meeting
from vestibule.people.errors import NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Permission
from vestibule.web import addons, calendar_state, times
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.live import entries
from vestibule.web.media_server import reaches_media_server
from vestibule.web.provider import after, waiting_list
from vestibule.web.provider.hosts import require_host


@staff_page()
def desk(request: StaffRequest) -> HttpResponse:
    """Show today's appointments; the script keeps them live."""
    require_host(request)
    zone = request.business.timezone
    today = entries.today(zone)
    first, end = times.day_bounds(today, zone)
    mine = Appointment.objects.visible_to(request.actor).filter(start_minute__gte=first, start_minute__lt=end)
    day = mine.select_related("service", "provider", "meeting__outside")
    context: dict[str, Any] = {
        "business": request.business,
        "actor": request.actor,
        "day": day,
        "door": waiting_list.of(request.actor),
        "hosts": Provider.objects.visible_to(request.actor).filter(is_active=True),
        "groups": areas.areas_of(request.business),
        "hosts_any": request.actor.may(Permission.HOST_ANY),
        "today": today,
        "zone": zone,
        "is_provider": request.actor.provider_id is not None,
        "unread": unread.of_staff(request.actor),
        "calendar_notices": calendar_state.notices(request.actor),
    }
    return render(request, "provider/desk.html", context)


@staff_page()
@reaches_media_server
def visit(request: StaffRequest, ref: str) -> HttpResponse:
    """Show one visit to a member of staff who may host it: device check, call, chat."""
    context = _hosted(request, ref)
    if context["meeting"].state in (Meeting.State.ENDED, Meeting.State.CANCELLED):
        return redirect("desk-ended", ref=ref)
    page = render(request, "provider/visit.html", context | after.note_context(request, context["meeting"]))
    return addons.let_in(page, context["meeting"])


def _hosted(request: StaffRequest, ref: str) -> dict[str, Any]:
    """Return what pages of one visit show. Raises Http404 for a foreign one, NotPermitted for a colleague's."""
    require_host(request)
    meeting = get_object_or_404(Meeting.objects.visible_to(request.actor), ref=ref)
    if not request.actor.may(Permission.HOST_ANY) and not is_own(request.actor, meeting):
        raise NotPermitted(_("This visit belongs to a colleague. Ask them, or a manager, to let you join."))
    appointment = Appointment.objects.select_related("service", "provider").filter(meeting=meeting).first()
    return {
        "business": request.business,
        "actor": request.actor,
        "meeting": meeting,
        "appointment": appointment,
        "zone": request.business.timezone,
        "visit_rules": visit_rules.of(request.business),
        "answers": _answers(appointment),
        "noted": beside.notes_for_staff(appointment) if appointment is not None else "",
        "held": elsewhere.for_staff(meeting),
    }


def _answers(appointment: Appointment | None) -> list[tuple[str, str]]:
    """Return what the consumer answered when booking, with the questions as the service asks them now."""
    if appointment is None:
        return []
    labels = {question["id"]: question["label"] for question in appointment.service.questions}
    return [(labels.get(name, name), _words(value)) for name, value in appointment.answers.items()]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return ", ".join(value) if isinstance(value, list) else str(value)
