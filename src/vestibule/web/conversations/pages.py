"""The conversation of an appointment on a page of its own: for its consumer, for staff, and after the visit.

Without script it is a list and a form; the script makes the list live and lets files be sent.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vestibule.booking.models import Appointment
from vestibule.chat import verbs as chat
from vestibule.meetings import talking
from vestibule.meetings.models import Meeting
from vestibule.meetings.talking import Talker
from vestibule.people.errors import Refusal
from vestibule.people.permissions import Actor
from vestibule.web import call_words
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.consumer.holding import holding
from vestibule.web.consumer.own_appointment import mine
from vestibule.web.live import authorise, threads
from vestibule.web.live.talk_door import OWN_UPLOADS
from vestibule.web.provider import programs

SHOWN = 100


@require_http_methods(["GET", "POST"])
@holding(mine)
def own(request: HttpRequest, _actor: Actor, appointment: Appointment) -> HttpResponse:
    """Show the consumer of an appointment what was said, and take what they write."""
    if appointment.meeting is None:
        return redirect("appointment")
    talker = talking.own(appointment.meeting)
    surroundings = {
        "back": "/appointment",
        "back_words": _("Back to your appointment"),
        "door": "/appointment/talk",
        "at": OWN_UPLOADS,
        "with_whom": appointment.provider.name,
        "zone": appointment.timezone,
    }
    return _page(request, talker, appointment.meeting, surroundings)


@require_http_methods(["GET", "POST"])
def of_visit(request: HttpRequest) -> HttpResponse:
    """Show somebody whom staff let in what was said in their visit, also after it."""
    talker = threads.of_visit(request.COOKIES.get(authorise.VISIT_COOKIE, ""))
    meeting = Meeting.objects.select_related("business").get(ref=talker.meeting)
    appointment = _appointment_of(meeting)
    surroundings = {
        "back": "/visit/ended" if meeting.state == Meeting.State.ENDED else "/visit",
        "back_words": _("Back to your visit"),
        "door": "/ws/talk",
        "at": threads.UPLOADS,
        "with_whom": appointment.provider.name if appointment else meeting.business.name,
        "zone": appointment.timezone if appointment else meeting.business.timezone,
    }
    return _page(request, talker, meeting, surroundings)


@require_http_methods(["GET", "POST"])
@staff_page()
def of_staff(request: StaffRequest, ref: str) -> HttpResponse:
    """Show staff who may host a visit what was said in it, before, in and after the call."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.actor).select_related("business"), ref=ref)
    talker = talking.staff(request.actor, meeting.ref)
    appointment = _appointment_of(meeting)
    surroundings = {
        "back": f"/manage/appointments/{appointment.ref}" if appointment else "/desk",
        "back_words": _("Back to the appointment") if appointment else _("Back to the desk"),
        "door": "/ws/talk",
        "at": threads.UPLOADS,
        "with_whom": appointment.name if appointment else meeting.title,
        "zone": meeting.business.timezone,
        "is_staff": True,
        "programs_words": programs.LINK_WORDS,
        "layout": "layouts/staff.html",
    }
    return _page(request, talker, meeting, surroundings)


def _page(request: HttpRequest, talker: Talker, meeting: Meeting, surroundings: dict[str, Any]) -> HttpResponse:
    refusal, text = None, ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            _write(talker, text, request.POST.get("client_id", ""))
            return redirect(f"{request.path}#write")
        except Refusal as refused:
            refusal = refused
    page = threads.page(talker, limit=SHOWN, at=surroundings["at"])
    if page["items"] and request.method == "GET":
        chat.mark_read(talker.thread_id, talker.key, page["items"][-1]["number"])
    context = {
        "layout": "layouts/visit.html",
        **surroundings,
        "business": meeting.business,
        "meeting": meeting,
        "talker": talker,
        "actor": talker.actor,
        "page": page,
        "programs": _program_words(page["programs"]),
        "items": [_shown(item, talker, surroundings) for item in page["items"]],
        "refusal": refusal,
        "text": text,
        "client_id": secrets.token_urlsafe(12),
    }
    return render(request, "conversations/page.html", context, status=refusal.status if refusal else 200)


def _program_words(names: Sequence[str]) -> str:
    """Return who reads along through a program, in the words of the live panel; "" for nobody."""
    unnamed, together = (gettext(call_words.WORDS[key]) for key in ("chat.program_unnamed", "chat.programs"))
    return together.format(names=", ".join(name or unnamed for name in names)) if names else ""


def _write(talker: Talker, text: str, client_id: str) -> None:
    talker.require_turn()
    key = client_id[:40] or secrets.token_urlsafe(12)
    chat.post(talker.thread_id, talker.key, talker.name, key, text)


def _shown(item: dict[str, Any], talker: Talker, surroundings: dict[str, Any]) -> dict[str, Any]:
    file = item.get("attachment")
    return {
        "is_own": item["from"]["id"] == talker.key,
        "name": item["from"]["name"],
        "text": item["text"],
        "at": datetime.fromisoformat(item["at"]),
        "is_deleted": item.get("deleted", False),
        "is_edited": "edited_at" in item,
        "file": file and file | {"href": file.get("url", "").replace(threads.UPLOADS, surroundings["at"], 1)},
    }


def _appointment_of(meeting: Meeting) -> Appointment | None:
    found: Appointment | None = Appointment.objects.select_related("provider").filter(meeting=meeting).first()
    return found
