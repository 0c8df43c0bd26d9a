"""Requests that wait for an answer, and the follow-up of an appointment."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import follow_up, requests
from vestibule.booking.models import Appointment
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.web import times
from vestibule.web.consumer.starts import instant, nearest
from vestibule.web.manager import fields
from vestibule.web.manager.appointment_pages import one, require_change
from vestibule.web.manager.pages import CHANGES_APPOINTMENTS, StaffRequest, attempt, done, open_to, show


class DeclineForm(fields.Form):
    """Why a request is turned down."""

    reason = fields.lines(
        gettext_lazy("Reason"), most=300, hint=gettext_lazy("The consumer reads it. Leave it empty to say nothing.")
    )


@open_to(*CHANGES_APPOINTMENTS, only_post=True)
def approve(request: StaffRequest, ref: str) -> HttpResponse:
    """Say yes to a request."""
    appointment = one(request, ref)
    require_change(request, appointment)
    booked = requests.approve(request.actor, appointment)
    when = times.span(booked.start, booked.end, request.business.timezone)
    words = _("Booked: %(name)s, %(when)s. Both sides are told.") % {"name": booked.name, "when": when}
    return done(request, words, _back(request, ref))


@open_to(*CHANGES_APPOINTMENTS)
def decline(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask why, then say no to a request."""
    appointment = one(request, ref)
    require_change(request, appointment)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: requests.decline(request.actor, appointment, reason=form.cleaned_data["reason"]))
        if not form.errors:
            words = _("The request of %(name)s was declined, and they are told.") % {"name": appointment.name}
            return done(request, words, _back(request, ref))
    return show(request, "decline.html", form=form, appointment=appointment)


@open_to(*CHANGES_APPOINTMENTS)
def book_follow_up(request: StaffRequest, ref: str) -> HttpResponse:
    """Offer times about one, two and four weeks on, and book the chosen one: same person, same service."""
    appointment = one(request, ref)
    require_change(request, appointment)
    problem, status, offered = "", 200, []
    if request.method == "POST":
        try:
            booked = follow_up.book(request.actor, appointment, instant(request.POST.get("start", "")))
        except (NotPermitted, NotFound):
            raise
        except Refusal as refused:
            problem, status, offered = refused.sentence, refused.status, nearest(refused)
        else:
            when = times.span(booked.start, booked.end, request.business.timezone)
            words = _("Follow-up booked: %(name)s, %(when)s. A confirmation goes to %(email)s.")
            told = words % {"name": booked.name, "when": when, "email": booked.email}
            return done(request, told, _after_visit(request, appointment) or _page_of(booked.ref))
    context: dict[str, Any] = {"appointment": appointment, "problem": problem}
    context["starts"] = offered or follow_up.suggest(request.actor, appointment)
    return show(request, "follow_up.html", status=status, **context)


def _back(request: StaffRequest, ref: str) -> str:
    return "manage" if request.POST.get("back") == "today" else _page_of(ref)


def _page_of(ref: str) -> str:
    return reverse("manage-appointment", args=[ref])


def _after_visit(request: StaffRequest, appointment: Appointment) -> str:
    """Return the page after the visit, for whoever came from there, else ""."""
    if request.POST.get("back") != "desk" or appointment.meeting is None:
        return ""
    return reverse("desk-ended", args=[appointment.meeting.ref])
