"""The files of an appointment, as staff see them: what the consumer sent, and what the business adds."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.booking import documents
from vestibule.booking.models import Appointment
from vestibule.people.errors import Refusal
from vestibule.web.manager.appointment_pages import may_change, one, require_change
from vestibule.web.manager.pages import (
    CHANGES_APPOINTMENTS,
    SEES_APPOINTMENTS,
    StaffRequest,
    done,
    open_to,
    show,
)


@open_to(*SEES_APPOINTMENTS, change=CHANGES_APPOINTMENTS)
def listing(request: StaffRequest, ref: str) -> HttpResponse:
    """Show the files of an appointment; take one more."""
    appointment = one(request, ref)
    if request.method != "POST":
        return _page(request, appointment)
    require_change(request, appointment)
    sent = request.FILES.get("file")
    if sent is None:
        return _page(request, appointment, status=422, problem=_("Choose a file first, then add it."))
    try:
        documents.add(
            request.actor,
            appointment,
            name=sent.name or "",
            media_type=sent.content_type or "",
            content=sent.read(documents.MOST_BYTES + 1),
        )
    except Refusal as refusal:
        return _page(request, appointment, status=refusal.status, problem=refusal.sentence)
    words = _("The file is added. %(name)s sees it on the page of the appointment.") % {"name": appointment.name}
    return done(request, words, _address(ref))


@open_to(*SEES_APPOINTMENTS, change=CHANGES_APPOINTMENTS)
def download(request: StaffRequest, ref: str, document: str) -> HttpResponse:
    """Give one file to download; that it was opened is noted."""
    one(request, ref)
    found = documents.open(request.actor, document)
    return HttpResponse(bytes(found.content), headers=documents.headers(found))


@open_to(*CHANGES_APPOINTMENTS, only_post=True)
def remove(request: StaffRequest, ref: str, document: str) -> HttpResponse:
    """Delete one file."""
    appointment = one(request, ref)
    require_change(request, appointment)
    found = next((file for file in documents.listed(request.actor, appointment) if file.ref == document), None)
    if found is not None:
        documents.remove(request.actor, found)
    return done(request, _("The file is deleted."), _address(ref))


def _page(request: StaffRequest, appointment: Appointment, *, status: int = 200, problem: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "appointment": appointment,
        "files": documents.listed(request.actor, appointment),
        "may_add": may_change(request, appointment) and appointment.status != Appointment.Status.CANCELLED,
        "may_remove": may_change(request, appointment),
        "most": documents.MOST_EACH,
        "problem": problem,
    }
    return show(request, "files.html", status=status, **context)


def _address(ref: str) -> str:
    return reverse("manage-appointment-files", args=[ref])
