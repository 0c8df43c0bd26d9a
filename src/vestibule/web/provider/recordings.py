"""Recordings of a visit, for staff: what there is and until when; taking one leaves a trace."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from vestibule.meetings import recordings
from vestibule.meetings.models import Participant, Recording
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.provider.after import hosted

MEDIA_TYPE = "video/mp4"


@staff_page()
def listed(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Show the recordings of one visit, who agreed, and when each will be deleted."""
    meeting = hosted(request, ref)
    names = dict(Participant.objects.filter(meeting=meeting).values_list("ref", "name"))
    found = recordings.of_meeting(request.actor, ref)
    rows = [(row, _agreed(row, names), _length(row), recordings.failure_words(row)) for row in found]
    context: dict[str, Any] = {
        "business": request.business,
        "actor": request.actor,
        "zone": request.business.timezone,
        "meeting": meeting,
        "rows": rows,
        "why_not": recordings.why_not(meeting),
    }
    return render(request, "provider/recordings.html", context)


@staff_page()
def download(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Hand out the file of one recording, always to be saved and never shown from here."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    recording, path = recordings.opened(request.actor, ref)
    name = f"{recording.asked_at:%Y-%m-%d}-{recording.ref}.mp4"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=MEDIA_TYPE)


@staff_page()
def delete(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Delete one recording before its time."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    recording = recordings.delete(request.actor, ref)
    messages.success(request, _("The recording is deleted."))
    return redirect("desk-recordings", ref=recording.meeting.ref)


def _agreed(recording: Recording, names: dict[str, str]) -> str:
    return ", ".join(names.get(ref, "?") for ref in recording.consents)


def _length(recording: Recording) -> timedelta:
    """Return how long it is, to the minute, and never nothing."""
    return timedelta(minutes=max(1, round((recording.seconds or 0) / 60)))
