"""What happened in a visit, for whoever has to find out why it was bad: a page to read, and JSON to pass on."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.meetings import call_log, outcome
from vestibule.meetings.call_log import Entry
from vestibule.meetings.models import Meeting
from vestibule.web.account.guards import StaffRequest, staff_page

N = gettext_noop
ON_SERVER = {
    "arrived": N("Opened the page"),
    "waiting": N("Went to the waiting room"),
    "left_waiting": N("Left the waiting room"),
    "held": N("Put on hold"),
    "back_in_queue": N("Back in the queue"),
    "transferred": N("Transferred"),
    "admitted": N("Was let in"),
    "denied": N("Was not let in"),
    "removed": N("Was taken out"),
    "joined": N("Joined the call"),
    "left": N("Left the call"),
    "started": N("The visit began"),
    "ended": N("The visit ended"),
    "room_locked": N("Locked the room"),
    "room_unlocked": N("Unlocked the room"),
    "carried": N("What carries the call was chosen"),
    "call_asked": N("Asked to be telephoned"),
    "called": N("Was telephoned"),
    "line_failed": N("No connection could be made"),
    "media_joined": N("Reached the media server"),
    "media_left": N("Left the media server"),
    "media_room_ended": N("The media server closed the room"),
    "outside_call_started": N("The call began in Azure"),
    "outside_call_joined": N("Joined the call in Azure"),
    "outside_call_left": N("Left the call in Azure"),
    "outside_call_ended": N("The call ended in Azure"),
    "outside_call_recorded": N("A recording of the call is in Azure"),
    "recording_asked": N("Asked to record"),
    "recording_agreed": N("Agreed to a recording"),
    "recording_declined": N("Did not agree to a recording"),
    "recording_stopped": N("Ended the recording"),
    "identity_given": N("Gave what is asked before coming in"),
    "identity_wrong": N("Gave a date of birth that does not fit"),
    "identity_confirmed": N("Was recognised"),
    "locked": N("Gave wrong answers too often and was locked out"),
    "unlocked": N("May try again"),
}
IN_BROWSER = {
    "state": N("Connection"),
    "route": N("Route of sound and picture"),
    "restart": N("Tried another route"),
    "epoch": N("Built the connection anew"),
    "relay_refused": N("The relay refused"),
    "sending": N("Size of the own picture"),
    "moved": N("Carried by something else from here on"),
    "move_failed": N("Could not be carried otherwise"),
    "quality": N("Quality of the line"),
    "device": N("Camera or microphone"),
    "media": N("Switched"),
    "gesture": N("The browser wanted a tap before playing sound"),
    "captions": N("Captions of the own voice"),
    "failed": N("Failed"),
}
TROUBLE = {
    "restart",
    "epoch",
    "relay_refused",
    "move_failed",
    "failed",
    "line_failed",
    "gesture",
    "identity_wrong",
    "locked",
}
HIDDEN = {"about", "ref", "recording", "call"}
TROUBLED_STATES = {"unstable", "reconnecting", "failed"}


@staff_page()
def story(request: StaffRequest, ref: str) -> HttpResponse:
    """Show what happened in a visit, oldest first. Raises NotFound or NotPermitted as `call_log.story`."""
    entries = call_log.story(request.actor, ref)
    meeting = get_object_or_404(Meeting.objects.visible_to(request.actor), ref=ref)
    context = {
        "business": request.business,
        "actor": request.actor,
        "meeting": meeting,
        "zone": request.business.timezone,
        "rows": [_row(entry) for entry in entries],
    }
    return render(request, "provider/call_log.html", context)


@staff_page()
def as_json(request: StaffRequest, ref: str) -> JsonResponse:
    """Return the same as JSON, to be attached to a question to support."""
    entries = call_log.story(request.actor, ref)
    return JsonResponse({"meeting": ref, "kept_days": 30, "events": call_log.as_json(entries)})


def _row(entry: Entry) -> dict[str, object]:
    words = (IN_BROWSER if entry.from_browser else ON_SERVER).get(entry.kind, entry.kind.replace("_", " "))
    if _is_plain_end(entry):
        words = N("The call ended for this browser")
    details = ", ".join(_fact(name, value) for name, value in entry.details.items() if value and name not in HIDDEN)
    return {
        "at": entry.at,
        "who": entry.who,
        "from_browser": entry.from_browser,
        "words": _(words),
        "details": details,
        "is_trouble": _is_trouble(entry),
    }


def _is_plain_end(entry: Entry) -> bool:
    """Tell whether a call was ended by somebody, rather than failed."""
    return entry.from_browser and entry.kind == "failed" and not _cause(entry)


def _is_trouble(entry: Entry) -> bool:
    if _is_plain_end(entry):
        return False
    if entry.kind in TROUBLE or entry.details.get("detail") in TROUBLED_STATES:
        return True
    if entry.kind == "quality":
        return bool(entry.details.get("level", 4) <= 1)
    return entry.from_browser and bool(_cause(entry))


def _cause(entry: Entry) -> str:
    return outcome.cause_of(entry.kind, str(entry.details.get("detail", "")))


def _fact(name: str, value: object) -> str:
    if name == "by":
        return _("by %(name)s") % {"name": value}
    if name == "to":
        return _("to %(name)s") % {"name": value}
    if name == "seconds":
        return _("after %(seconds)s s") % {"seconds": value}
    return str(value) if name in ("detail", "reason") else f"{name.replace('_', ' ')} {value}"
