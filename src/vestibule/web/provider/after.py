"""Notes beside the video, and after the visit: how it went, the message to the consumer, the next one, the question."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from vestibule.booking import aftercare, follow_up
from vestibule.booking.models import Appointment
from vestibule.booking.status import NEXT, OVER
from vestibule.chat.models import Attachment
from vestibule.meetings import endings, notes
from vestibule.meetings.access import is_own
from vestibule.meetings.models import Meeting, Participant, VisitNote
from vestibule.people.errors import NotPermitted, Refusal
from vestibule.people.permissions import Permission
from vestibule.store import clock
from vestibule.web import note_paper
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.consumer import survey_shown
from vestibule.web.provider.hosts import require_host

S = Appointment.Status


@staff_page()
def ended(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Show how a visit went and what is left to do, and keep what is answered to the survey."""
    meeting = hosted(request, ref)
    seat = _own_seat(request, meeting)
    context = _context(request, meeting, seat)
    if request.method != "POST" or seat is None:
        return render(request, "provider/ended.html", context)

    def again(shown: dict[str, Any], status: int) -> HttpResponse:
        return render(request, "provider/ended.html", context | shown, status=status)

    return survey_shown.answered(seat, request, to=request.path, again=again)


@staff_page()
def private(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Show the private notes of a visit, and keep what the reader writes: by itself from a script, else by a button."""
    meeting = hosted(request, ref)
    by_script = request.headers.get("Accept") == "application/json"
    if request.method != "POST":
        return render(request, "provider/notes.html", {"meeting": meeting, **note_context(request, meeting)})
    try:
        note = notes.write(request.actor, ref, request.POST.get("text", ""), seen=_seen(request))
    except Refusal as refusal:
        if by_script:
            return JsonResponse({"code": refusal.code, "sentence": refusal.sentence}, status=refusal.status)
        context = note_context(request, meeting) | {"refusal": refusal, "written": request.POST.get("text", "")}
        return render(request, "provider/notes.html", {"meeting": meeting, **context}, status=refusal.status)
    if by_script:
        return JsonResponse({"seen": _stamp(note)})
    messages.success(request, _("Your notes are kept."))
    return redirect("desk-ended" if request.POST.get("back") == "ended" else "desk-notes", ref=ref)


@staff_page()
def message(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Send the consumer a message after the visit, or keep it as a draft."""
    meeting = hosted(request, ref)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    text, files = request.POST.get("text", ""), request.POST.getlist("files")
    try:
        if "draft" in request.POST:
            notes.write(request.actor, ref, text, kind=notes.Kind.AFTER_VISIT)
            messages.success(request, _("The draft is kept. Nothing was sent."))
        else:
            aftercare.send_note(request.actor, ref, text, files)
            messages.success(request, _("Sent. It waits on the page of the appointment."))
    except Refusal as refusal:
        context = _context(request, meeting, _own_seat(request, meeting))
        context |= {"not_sent": refusal, "draft": text, "chosen": files}
        return render(request, "provider/ended.html", context, status=refusal.status)
    return redirect("desk-ended", ref=ref)


@staff_page()
def note_pdf(request: StaffRequest, ref: str, note: str) -> HttpResponseBase:
    """Hand out a message that was sent after a visit as a PDF, to whoever may host the visit."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    meeting = hosted(request, ref)
    return note_paper.answer(meeting, note, f"user-{request.actor.user_id}", request.business.timezone)


def hosted(request: StaffRequest, ref: str) -> Meeting:
    """Return a meeting the reader hosts. Raises Http404 for a foreign one, NotPermitted for a colleague's."""
    require_host(request)
    meeting: Meeting = get_object_or_404(Meeting.objects.visible_to(request.actor), ref=ref)
    if not request.actor.may(Permission.HOST_ANY) and not is_own(request.actor, meeting):
        raise NotPermitted(_("This visit belongs to a colleague. Ask them, or a manager, to let you join."))
    return meeting


def note_context(request: StaffRequest, meeting: Meeting) -> dict[str, Any]:
    """Return what `parts/private_notes.html` shows: the reader's own words, and those of colleagues."""
    own = notes.own(request.actor, meeting.ref)
    return {
        "written": own.text if own is not None else "",
        "seen": _stamp(own) if own is not None else "",
        "of_colleagues": notes.of_colleagues(request.actor, meeting.ref),
        "actor": request.actor,
        "business": request.business,
        "zone": request.business.timezone,
    }


def _context(request: StaffRequest, meeting: Meeting, seat: Participant | None) -> dict[str, Any]:
    appointment = Appointment.objects.select_related("service", "provider").filter(meeting=meeting).first()
    draft = notes.own(request.actor, meeting.ref, notes.Kind.AFTER_VISIT)
    booked = follow_up.booked_after(appointment) if appointment is not None else None
    return {
        "meeting": meeting,
        "appointment": appointment,
        "may_settle": _may_settle(request, appointment),
        "verdicts": _verdicts(appointment),
        "is_over": meeting.state == Meeting.State.ENDED,
        "ending": endings.of(seat) if seat is not None else None,
        **(survey_shown.context_of(seat) if seat is not None else {}),
        **note_context(request, meeting),
        "sent": notes.sent(meeting),
        "draft": draft.text if draft is not None else "",
        "reaches": aftercare.reaches(appointment),
        "files": _files(meeting),
        "followed_by": booked,
        "follow_ups": [] if booked else _follow_ups(request, appointment),
    }


def _own_seat(request: StaffRequest, meeting: Meeting) -> Participant | None:
    seats = meeting.participants.filter(kind=Participant.Kind.PROVIDER)
    own = seats.filter(provider_id=request.actor.provider_id) if request.actor.provider_id else seats.none()
    found: Participant | None = own.first() or seats.filter(user_id=request.actor.user_id).first()
    if found is not None:
        found.meeting = meeting
    return found


def _files(meeting: Meeting) -> list[Attachment]:
    """Return what was sent in the visit's conversation and may be sent along."""
    rows = Attachment.objects.filter(thread_id=meeting.thread_id, state=Attachment.State.READY)
    return list(rows.defer("content", "thumbnail").order_by("-id")[:50])


def _may_change(request: StaffRequest, appointment: Appointment) -> bool:
    if request.actor.may(Permission.CHANGE_APPOINTMENTS):
        return True
    own = request.actor.provider_id == appointment.provider_id
    return own and request.actor.may(Permission.CHANGE_OWN_APPOINTMENTS)


def _may_settle(request: StaffRequest, appointment: Appointment | None) -> bool:
    if appointment is None or clock.now() < appointment.start or not _may_change(request, appointment):
        return False
    return appointment.status in OVER or appointment.status in Appointment.ACTIVE


def _verdicts(appointment: Appointment | None) -> list[str]:
    if appointment is None:
        return []
    return [str(one) for one in (S.COMPLETED, S.NO_SHOW, S.NOT_SEEN) if one in NEXT[appointment.status]]


def _follow_ups(request: StaffRequest, appointment: Appointment | None) -> list[datetime]:
    """Return free times for the next visit, for whoever may book it."""
    if appointment is None or not appointment.service.is_active or not _may_change(request, appointment):
        return []
    try:
        return follow_up.suggest(request.actor, appointment)
    except Refusal:
        return []


def _seen(request: StaffRequest) -> datetime | None:
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo is not None else None


def _stamp(note: VisitNote) -> str:
    return note.updated_at.isoformat()
