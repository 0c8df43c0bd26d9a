"""One's own appointment, behind its link: who asks, which it is, and what its pages show of it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from vestibule.booking import access, announcements, series, texts, waitlist
from vestibule.booking.models import Appointment, Location, Service
from vestibule.booking.preparation import preparation_of
from vestibule.booking.status import OVER
from vestibule.booking.wishes import Contact
from vestibule.chat import verbs as chat
from vestibule.meetings import notes, talking, visit_rules, waiting
from vestibule.meetings.models import Participant
from vestibule.people import actors
from vestibule.people.errors import Refusal
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.web import languages, times
from vestibule.web.consumer import choosing, link_cookie, survey_shown
from vestibule.web.consumer.calendar_links import calendar_links

S = Appointment.Status
AHEAD = (S.REQUESTED, S.BOOKED, S.ARRIVED)
LATE_CHOICES = (5, 10, 15, 20, 30)


def mine(request: HttpRequest) -> tuple[Actor, Appointment] | HttpResponse:
    """Return who asks and their appointment, or the page that says there is none."""
    link = link_cookie.current(request)
    if link is None:
        return render(request, "consumer/wrong_link.html", status=404)
    actor = actors.actor_of_link(link)
    appointment = (
        Appointment.objects.visible_to(actor)
        .select_related("business", "service__business", "service__location", "provider", "meeting", "series")
        .first()
    )
    if appointment is None:
        return render(request, "consumer/wrong_link.html", status=404)
    languages.speak(request, appointment.business)
    return actor, appointment


def is_ahead(appointment: Appointment) -> bool:
    """Tell whether it may still be moved or cancelled, as far as its status goes."""
    return appointment.status in AHEAD


def is_open(appointment: Appointment) -> bool:
    """Tell whether answers, files and companions may still be added: until it ends."""
    return appointment.status in (*AHEAD, S.WAITING, S.IN_VISIT) and appointment.end > clock.now()


def base(appointment: Appointment) -> dict[str, Any]:
    """Return what every page about one's own appointment shows."""
    home = appointment.business.timezone
    return {
        "business": appointment.business,
        "service": appointment.service,
        "home_url": f"/book/{appointment.business.slug}",
        "appointment": appointment,
        "start": appointment.start,
        "end": appointment.end,
        "zone": appointment.timezone,
        "business_zone": home,
        "zones_differ": times.differ(appointment.timezone, home, appointment.start),
        "is_request": appointment.status == S.REQUESTED,
        "is_online": _is_online(appointment.service),
        "may_bring": _is_online(appointment.service) and visit_rules.of(appointment.business_id).helper_links,
        "is_by_phone": _is_by_phone(appointment.service),
    }


def whole(actor: Actor, appointment: Appointment) -> dict[str, Any]:
    """Return what the page of the appointment itself shows."""
    now = clock.now()
    seconds_left = (appointment.start - now).total_seconds()
    ahead = is_ahead(appointment)
    is_over = appointment.status in OVER or appointment.end <= now
    others = series.others(appointment) if appointment.series_id else []
    return {
        **base(appointment),
        "team": [one.name for one in announcements.team_of(appointment) if one.pk != appointment.provider_id],
        "is_cancelled": appointment.status == S.CANCELLED,
        "was_request": appointment.status == S.CANCELLED and not _was_booked(appointment),
        "was_missed": appointment.status == S.NO_SHOW,
        "was_not_seen": appointment.status == S.NOT_SEEN,
        "visit_notes": notes.sent(appointment.meeting) if appointment.meeting is not None else [],
        "is_over": is_over,
        "is_ahead": ahead and appointment.start > now,
        **_survey(appointment),
        "can_prepare": is_open(appointment),
        "can_answer": appointment.status == S.BOOKED and appointment.start > now,
        "can_change": ahead and seconds_left > 0 and access.may_still_change(appointment),
        "can_be_late": appointment.status in (S.BOOKED, S.ARRIVED) and -3600 < seconds_left < 3 * 3600 and not is_over,
        **_talk(appointment),
        "texts": texts.of(appointment) if ahead and appointment.end > now else None,
        "can_join": appointment.meeting is not None and appointment.meeting.opens_at <= now,
        "late_choices": LATE_CHOICES,
        "others": others,
        "questions_left": _questions_left(appointment),
        "preparation": preparation_of(appointment),
        "asks": bool(answerable(appointment)),
        "documents_count": appointment.documents.count() if is_open(appointment) else 0,
        "wants_earlier": next(iter(waitlist.entries_of(appointment)), None) if _has_earlier(appointment) else None,
        "can_want_earlier": _has_earlier(appointment) and appointment.start > now,
        "calendars": calendar_links(appointment),
        "rebook_url": rebook_url(appointment),
    }


def seat_of(appointment: Appointment) -> Participant | None:
    """Return the consumer's seat in the visit, once they were let in; only they are asked how it was."""
    if appointment.meeting_id is None:
        return None
    seats = Participant.objects.filter(meeting=appointment.meeting_id, kind=Participant.Kind.CONSUMER)
    seat = seats.select_related("meeting__business").first()
    return seat if seat is not None and waiting.was_in(seat) else None


def _survey(appointment: Appointment) -> dict[str, Any]:
    seat = seat_of(appointment) if appointment.status == S.COMPLETED else None
    if seat is None:
        return {}
    return {**survey_shown.context_of(seat), "survey_action": reverse("appointment-survey")}


def _talk(appointment: Appointment) -> dict[str, Any]:
    """Return whether there is a conversation to go to, and how many messages wait there."""
    if appointment.meeting is None:
        return {"talks": False}
    try:
        talker = talking.own(appointment.meeting)
    except Refusal:
        return {"talks": False}
    unread = chat.unread(talker.thread_id, talker.key)
    return {"talks": talker.may_write or chat.history(talker.thread_id, limit=1)[0], "unread_messages": unread}


def answerable(appointment: Appointment) -> list[dict[str, Any]]:
    """Return the questions whose answers may still change: all but the consents that were given."""
    return [
        question
        for question in appointment.service.questions
        if question["type"] != "consent" or appointment.answers.get(question["id"]) is not True
    ]


def rebook_url(appointment: Appointment) -> str:
    """Return where the same is booked again: with the same person where one may choose, else the front page."""
    service = appointment.service
    if not service.is_active or service.visibility != Service.Visibility.PUBLIC:
        return f"/book/{appointment.business.slug}"
    address = f"/book/{appointment.business.slug}/{service.slug}"
    offered = {one.pk for one in choosing.providers_of(service)}
    query = {"provider": appointment.provider.slug} if appointment.provider_id in offered else {}
    length = appointment.end_minute - appointment.start_minute
    if choosing.length_named(service, str(length)):
        query["length"] = str(length)
    return f"{address}?{urlencode(query)}" if query else address


def contact_of(appointment: Appointment) -> Contact:
    """Return who an appointment is for."""
    one = appointment
    return Contact(one.name, one.email, one.phone, one.timezone, one.language)


def _questions_left(appointment: Appointment) -> int:
    return sum(question["id"] not in appointment.answers for question in answerable(appointment))


def _was_booked(appointment: Appointment) -> bool:
    return appointment.status_changes.filter(status=S.BOOKED).exists()


def _has_earlier(appointment: Appointment) -> bool:
    return appointment.service.has_waitlist and appointment.status == S.BOOKED


def _is_online(service: Service) -> bool:
    return service.location is None or service.location.kind == Location.Kind.ONLINE


def _is_by_phone(service: Service) -> bool:
    return service.location is not None and service.location.kind == Location.Kind.PHONE
