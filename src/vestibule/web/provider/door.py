"""What staff do to people at the door, as forms: the desk without script. The script says the same over its socket."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment
from vestibule.meetings import call_requests, identity, outside, transfers, waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.provider.hosts import require_host


@staff_page()
def act(request: StaffRequest, deed: str, ref: str) -> HttpResponseBase:
    """Do one deed to one person, or about where one visit is held, and show the page again; a refusal is said there."""
    require_host(request)
    if deed not in DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        messages.success(request, DEEDS[deed](request, ref))
    except (NotFound, NotPermitted):
        raise
    except Refusal as refused:
        messages.error(request, refused.sentence)
    return _back_to(request, ref)


def _back_to(request: StaffRequest, ref: str) -> HttpResponseBase:
    """Go back to where the button was: the page of the visit, of its appointment, or the desk."""
    back = request.POST.get("back", "")
    if back == "visit":
        return redirect("desk-visit", ref=ref)
    if back == "appointment":
        booked = Appointment.objects.visible_to(request.actor).filter(meeting__ref=ref).first()
        return redirect("manage-appointment", ref=booked.ref) if booked is not None else redirect("desk")
    return redirect("desk")


def _admit(request: StaffRequest, ref: str) -> str:
    return _about(waiting.admit(request.actor, ref), _("%(name)s is let in."))


def _hold(request: StaffRequest, ref: str) -> str:
    return _about(waiting.hold(request.actor, ref), _("%(name)s is on hold and keeps the place."))


def _back(request: StaffRequest, ref: str) -> str:
    return _about(waiting.back_to_queue(request.actor, ref), _("%(name)s is back in the queue."))


def _called(request: StaffRequest, ref: str) -> str:
    return _about(call_requests.done(request.actor, ref), _("Noted: you have called %(name)s."))


def _confirm(request: StaffRequest, ref: str) -> str:
    return _about(identity.confirm(request.actor, ref), _("You have confirmed who %(name)s is."))


def _unlock(request: StaffRequest, ref: str) -> str:
    return _about(identity.unlock(request.actor, ref), _("The link of %(name)s works again."))


def _deny(request: StaffRequest, ref: str) -> str:
    seat = waiting.deny(request.actor, ref, request.POST.get("text", ""))
    return _about(seat, _("%(name)s was not let in, and is told so."))


def _transfer(request: StaffRequest, ref: str) -> str:
    kind, _colon, slug = request.POST.get("to", "").partition(":")
    to = {name: slug if name == kind else "" for name in ("provider", "area")}
    transfers.transfer(request.actor, ref, **to)
    return _("The visit was handed on.")


def _make_again(request: StaffRequest, ref: str) -> str:
    outside.again(request.actor, _meeting(request, ref))
    return _("The meeting in Teams is being made once more.")


def _meet_here(request: StaffRequest, ref: str) -> str:
    outside.meet_here(request.actor, _meeting(request, ref))
    return _("You meet here: whoever is let in joins the call on this page.")


def _meeting(request: StaffRequest, ref: str) -> Meeting:
    found: Meeting = get_object_or_404(Meeting.objects.visible_to(request.actor), ref=ref)
    return found


def _about(seat: Participant, words: str) -> str:
    return words % {"name": seat.name}


DEEDS: dict[str, Callable[[StaffRequest, str], str]] = {
    "admit": _admit,
    "hold": _hold,
    "back": _back,
    "called": _called,
    "confirm": _confirm,
    "unlock": _unlock,
    "deny": _deny,
    "transfer": _transfer,
    "make-again": _make_again,
    "meet-here": _meet_here,
}
