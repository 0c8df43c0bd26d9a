"""The visit of somebody from outside: the link, the device check, the waiting room, the end and the survey."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vestibule.booking.models import Appointment
from vestibule.booking.preparation import preparation_of
from vestibule.meetings import elsewhere, identity, online_door, room_people, rooms, visit_links, visit_rules
from vestibule.meetings.models import TURNED_AWAY, Meeting, Participant
from vestibule.meetings.waiting import is_in, is_open, is_turned_off
from vestibule.people import links, rates
from vestibule.people.links import Purpose
from vestibule.store import clock
from vestibule.web import addons, times
from vestibule.web.consumer import in_teams, link_reasons, meeting_door, opening_once, staff_way, visit_seat, walking_in
from vestibule.web.consumer.only_business import only_business
from vestibule.web.consumer.telephone import phone_context
from vestibule.web.framed import frames
from vestibule.web.media_server import reaches_media_server

UNKNOWN = gettext_lazy("It may be cut off, or it was replaced by a newer one.")


@reaches_media_server
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest) -> HttpResponse:
    """Exchange the link for a cookie and a clean address; then show where the visit stands.

    A whole link may be pasted too. Links to meetings elsewhere are read, told apart, and never followed from here.
    """
    if request.method == "POST":
        return _opened(request, visit_links.parse_pasted(request.POST.get("link", ""), origin_of(request)))
    if visit_links.names_a_meeting(request.META["QUERY_STRING"]):
        return opened(request)
    seat = visit_seat.seat_of(request)
    if seat is None:
        # Who comes without a link has done nothing wrong.
        return wrong(request, link_reasons.sentence("invalid", "no_locator"), had_link=False, status=200)
    return _page(request, seat)


def opened(request: HttpRequest) -> HttpResponse:
    """Answer with what the query of this address opens, on whichever page it came."""
    return _opened(request, visit_links.parse(request.META["QUERY_STRING"], origin_of(request)))


def origin_of(request: HttpRequest) -> str:
    """Return the address this server is reached at, by which its own links are known."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def _opened(request: HttpRequest, link: visit_links.Link) -> HttpResponse:
    if link.result == "own" and link.locator is not None:
        return _exchange(request, str(link.locator["token"]))
    if link.result == "teams" and link.locator is not None:
        return _by_number(request, link.locator) or in_teams.page(request, link.locator)
    return wrong(request, link_reasons.sentence(link.result, link.reason))


def _by_number(request: HttpRequest, locator: Mapping[str, str | None]) -> HttpResponse | None:
    """Return the door of a meeting of ours that is named as those of Teams are, by number and passcode."""
    number = locator.get("meeting_id") or ""
    link = meeting_door.by_number(request, number, locator.get("passcode") or "")
    meeting = online_door.meeting_of(link) if link is not None else None
    return meeting_door.answer(request, link, meeting) if link is not None and meeting is not None else None


def wrong(request: HttpRequest, why: str | Promise, *, had_link: bool = True, status: int = 404) -> HttpResponse:
    """Say that there is no visit to show here, and how to find it."""
    context = {"why": why, "had_link": had_link, "business": only_business()}
    return render(request, "visit/wrong_link.html", context, status=status)


def _exchange(request: HttpRequest, token: str) -> HttpResponse:
    link = links.resolve(token, Purpose.VISIT, even_if_expired=True)
    meeting = online_door.meeting_of(link) if link is not None else None
    if link is not None and meeting is not None and not frames.is_elsewhere(request, link.business):
        return meeting_door.answer(request, link, meeting) or wrong(request, meeting_door.OVER)
    seat = Participant.objects.select_related("meeting").filter(ref=link.subject).first() if link else None
    if link is None or seat is None or frames.is_elsewhere(request, link.business):
        rates.limit("link.wrong", rates.client_key(request), 60, 600)
        return wrong(request, UNKNOWN)
    if seat.kind == Participant.Kind.PROVIDER or staff_way.leads_to_desk(request, seat.meeting):
        return redirect("desk-visit", ref=seat.meeting.ref)
    rooms.come_again(seat.ref)
    page = opening_once.in_the_way(request, link, seat, token)
    if page is not None:
        return page
    answer = redirect("visit")
    visit_seat.remember(answer, link)
    opening_once.keep(answer, link)
    return answer


def _page(request: HttpRequest, seat: Participant) -> HttpResponse:
    meeting, now = seat.meeting, clock.now()
    context = context_of(seat)
    if meeting.state == Meeting.State.CANCELLED:
        return render(request, "visit/cancelled.html", context, status=410)
    if meeting.state == Meeting.State.ENDED:
        came = seat.admitted_at or seat.arrived_at
        return redirect("visit-ended") if came else render(request, "visit/too_late.html", context)
    if seat.state in TURNED_AWAY:
        return render(request, "visit/turned_away.html", context, status=403)
    if is_turned_off(seat):
        return walking_in.closed_page(request, seat)
    if not seat.name:
        return redirect("visit-name")
    if is_open(meeting, now):
        return _before_joining(request, context)
    if now >= meeting.closes_at:
        return render(request, "visit/too_late.html", context)
    opens = int((meeting.opens_at - now).total_seconds()) + 1
    context |= {
        "is_early": True,
        "opens_in": min(opens, 24 * 3600),
        "closed": _("You can check your camera and microphone now. The way in appears here when the room opens."),
    }
    return _before_joining(request, context)


def _before_joining(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Return the page of the visit; letters of the business would weigh half as much as all of it, and come later."""
    page = render(request, "visit/visit.html", context | {"letters_later": True})
    return addons.let_in(page, context["meeting"])


def context_of(seat: Participant) -> dict[str, Any]:
    """Return what every page of a visit shows of it."""
    meeting = seat.meeting
    appointment = Appointment.objects.select_related("service", "provider", "business").filter(meeting=meeting).first()
    zone = appointment.timezone if appointment else meeting.business.timezone
    is_consumer = seat.kind == Participant.Kind.CONSUMER
    return {
        **phone_context(seat),
        "business": meeting.business,
        "visit_rules": visit_rules.of(meeting.business),
        "seat": seat,
        "own_name": identity.name_to_show(seat),
        "meeting": meeting,
        "has_time": meeting.kind != Meeting.Kind.WALK_IN and not room_people.is_own(meeting),
        "appointment": appointment,
        "provider_name": appointment.provider.name if appointment else "",
        "provider_title": appointment.provider.title if appointment else "",
        "zone": zone,
        "business_zone": meeting.business.timezone,
        "zones_differ": times.differ(zone, meeting.business.timezone, meeting.starts_at),
        "was_moved": appointment is not None and appointment.version > 0,
        "is_in_teams": elsewhere.held_in(meeting) != elsewhere.HERE,
        "way": elsewhere.for_guest(meeting) if is_in(seat) else None,
        "preparation": preparation_of(appointment, by_visit_link=True) if appointment and is_consumer else None,
    }
