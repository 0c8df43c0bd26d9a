"""Waiting for an earlier time than the one somebody has."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from vestibule.booking import waitlist
from vestibule.booking.models import Appointment, WaitlistEntry
from vestibule.people import actors, rates
from vestibule.people.errors import Refusal
from vestibule.people.links import Purpose
from vestibule.people.permissions import Actor
from vestibule.web.consumer import choosing, link_cookie, own_appointment
from vestibule.web.consumer.holding import holding
from vestibule.web.consumer.own_appointment import mine
from vestibule.web.consumer.waiting_form import DaysForm, part_names, usual_days


@require_http_methods(["GET", "POST"])
@holding(mine)
def earlier(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Let somebody with an appointment wait for an earlier one, or no longer."""
    if not appointment.service.has_waitlist or appointment.status != Appointment.Status.BOOKED:
        return redirect("appointment")
    entry = next(iter(waitlist.entries_of(appointment)), None)
    if request.method == "GET":
        return _earlier_page(request, appointment, entry, _usual_earlier(appointment))
    if request.POST.get("leave") and entry is not None:
        link = link_cookie.link_to(entry.ref, Purpose.WAITLIST)
        waitlist.leave(actors.actor_of_link(link), entry)
        return redirect("appointment-earlier")
    rates.limit_others("waitlist.join", rates.client_key(request), waitlist.JOINS_PER_HOUR, 3600)
    form = DaysForm(request.POST)
    if form.is_valid():
        try:
            contact = own_appointment.contact_of(appointment)
            waitlist.join(actor, appointment.service, contact, appointment=appointment, **form.when())
            return redirect("appointment-earlier")
        except Refusal as refusal:
            form.place(refusal)
    return _earlier_page(request, appointment, entry, form, status=422)


def _usual_earlier(appointment: Appointment) -> DaysForm:
    days = usual_days(appointment.timezone) | {
        "last": choosing.day_in(appointment.start, appointment.timezone).isoformat()
    }
    return DaysForm(initial=days)


def _earlier_page(
    request: HttpRequest, appointment: Appointment, entry: WaitlistEntry | None, form: DaysForm, *, status: int = 200
) -> HttpResponse:
    context = own_appointment.base(appointment) | {
        "entry": entry,
        "form": form,
        "part_names": part_names(entry) if entry else [],
    }
    return render(request, "consumer/earlier.html", context, status=status)
