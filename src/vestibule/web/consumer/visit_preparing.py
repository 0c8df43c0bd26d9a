"""What is still to be answered before a visit, by the visit's own link: only what is open, never what was answered.

Who holds the link of a visit may add what is missing; what was said when booking is shown behind the link that
manages the appointment alone.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment
from vestibule.booking.preparation import unanswered
from vestibule.meetings.models import Participant
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.permissions import Actor, ActorKind
from vestibule.web.consumer import own_appointment, visit_seat
from vestibule.web.consumer.questions_form import QuestionsForm, keep_files


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest) -> HttpResponse:
    """Show the open questions, consents and files of one's visit, and take the answers."""
    seat = visit_seat.seat_of(request)
    appointment = appointment_of(seat) if seat is not None else None
    if seat is None or appointment is None or not own_appointment.is_open(appointment):
        return redirect("visit")
    questions = list(unanswered(appointment, by_visit_link=True))
    if not questions:
        return _page(request, appointment, None)
    if request.method == "GET":
        return _page(request, appointment, QuestionsForm(appointment.service, questions=questions))
    rates.limit("visit.prepare", seat.ref, 40, 3600)
    data, refused = keep_files(request, appointment.service)
    form = QuestionsForm(appointment.service, data, questions=questions, refused=refused, appointment=appointment)
    if form.is_valid():
        try:
            lifecycle.answer(_actor(appointment), appointment, _given(form.answers()))
            return redirect("visit-prepare")
        except Refusal as refusal:
            form.place(refusal)
    return _page(request, appointment, form, status=422)


def appointment_of(seat: Participant) -> Appointment | None:
    """Return the appointment of who booked it; None for a companion and for somebody who came by."""
    if seat.kind != Participant.Kind.CONSUMER:
        return None
    rows = Appointment.objects.select_related("business", "service__business", "service__location", "provider")
    found: Appointment | None = rows.filter(meeting=seat.meeting_id).first()
    return found


def _actor(appointment: Appointment) -> Actor:
    return Actor(ActorKind.CONSUMER, "consumer", appointment.business_id, subjects=frozenset({appointment.ref}))


def _given(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was left empty: nothing that is there already may be emptied from here."""
    return {name: answer for name, answer in answers.items() if answer not in (None, "", [], False)}


def _page(
    request: HttpRequest, appointment: Appointment, form: QuestionsForm | None, *, status: int = 200
) -> HttpResponse:
    context = own_appointment.base(appointment) | {"form": form}
    return render(request, "visit/prepare.html", context, status=status)
