"""Getting ready for one's own appointment: answers to questions, files, and whom one brings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vestibule.booking import documents, lifecycle
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Helper
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.permissions import Actor
from vestibule.web.consumer import own_appointment
from vestibule.web.consumer.holding import holding
from vestibule.web.consumer.own_appointment import mine
from vestibule.web.consumer.questions_form import PREFIX, QuestionsForm, keep_files

KINDS = ("helper", "interpreter")


@require_http_methods(["GET", "POST"])
@holding(mine)
def answers(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Show the questions with the answers so far; take what changed."""
    questions = own_appointment.answerable(appointment)
    if not questions or not own_appointment.is_open(appointment):
        return redirect("appointment")
    given = {PREFIX + name: answer for name, answer in appointment.answers.items()}
    if request.method == "GET":
        form = QuestionsForm(appointment.service, questions=questions, initial=given, appointment=appointment)
        return _answers_page(request, appointment, form)
    data, refused = keep_files(request, appointment.service)
    form = QuestionsForm(
        appointment.service, data, questions=questions, refused=refused, initial=given, appointment=appointment
    )
    if form.is_valid():
        try:
            lifecycle.answer(actor, appointment, form.answers())
            messages.success(request, _("Your answers are saved."))
            return redirect("appointment")
        except Refusal as refusal:
            form.place(refusal)
    return _answers_page(request, appointment, form, status=422)


@require_http_methods(["GET", "POST"])
@holding(mine)
def files(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Show the files of the appointment; take one more."""
    if not own_appointment.is_open(appointment):
        return redirect("appointment")
    if request.method == "GET":
        return _files_page(request, actor, appointment)
    sent = request.FILES.get("file")
    rates.limit("appointment.file", appointment.ref, 40, 3600)
    rates.limit("appointment.file.day", rates.client_key(request), 4 * documents.PER_DAY, 24 * 3600)
    if sent is None:
        return _files_page(request, actor, appointment, status=422, is_missing=True)
    try:
        documents.add(
            actor,
            appointment,
            name=sent.name or "",
            media_type=sent.content_type or "",
            content=sent.read(documents.MOST_BYTES + 1),
        )
    except Refusal as refusal:
        return _files_page(request, actor, appointment, status=refusal.status, refusal=refusal)
    messages.success(request, _("Your file is here. %(name)s can open it.") % {"name": appointment.business.name})
    return redirect("appointment-documents")


@require_GET
@holding(mine)
def file(request: HttpRequest, actor: Actor, appointment: Appointment, ref: str) -> HttpResponse:
    """Give one file of the appointment to download."""
    rates.limit("appointment.file.read", appointment.ref, 200, 3600)  # each is read whole and noted in the audit trail
    document = documents.open(actor, ref)
    return HttpResponse(bytes(document.content), headers=documents.headers(document))


@require_POST
@holding(mine)
def remove_file(request: HttpRequest, actor: Actor, appointment: Appointment, ref: str) -> HttpResponse:
    """Take away a file that was sent from here."""
    document = next((one for one in documents.listed(actor, appointment) if one.ref == ref), None)
    if document is not None:
        documents.remove(actor, document)
    return redirect("appointment-documents")


@require_http_methods(["GET", "POST"])
@holding(mine)
def helpers(request: HttpRequest, actor: Actor, appointment: Appointment) -> HttpResponse:
    """Show whom one brings; invite one more, and show their link this once."""
    if not own_appointment.is_open(appointment):
        return redirect("appointment")
    if request.method == "GET":
        return _helpers_page(request, appointment)
    given = request.POST
    kind = given.get("kind", "")
    helper = Helper(given.get("name", ""), given.get("email", ""), kind if kind in KINDS else KINDS[0])
    rates.limit("appointment.helper", appointment.ref, 20, 3600)
    try:
        link = lifecycle.add_helper(actor, appointment, helper)
    except Refusal as refusal:
        typed = {"typed": helper, "refusal": refusal, "wrong": refusal.facts.get("field", "")}
        return _helpers_page(request, appointment, status=refusal.status, **typed)
    appointment.refresh_from_db()
    return _helpers_page(request, appointment, link=link, invited=helper)


@require_POST
@holding(mine)
def remove_helper(request: HttpRequest, actor: Actor, appointment: Appointment, index: int) -> HttpResponse:
    """Take somebody out again: their link opens nothing any more."""
    lifecycle.remove_helper(actor, appointment, index)
    messages.success(request, _("They are taken out; their link opens nothing any more."))
    return redirect("appointment-helpers")


def _answers_page(
    request: HttpRequest, appointment: Appointment, form: QuestionsForm, *, status: int = 200
) -> HttpResponse:
    context = own_appointment.base(appointment) | {"form": form}
    return render(request, "consumer/answers.html", context, status=status)


def _files_page(
    request: HttpRequest, actor: Actor, appointment: Appointment, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = own_appointment.base(appointment) | {
        "documents": documents.listed(actor, appointment),
        "most": documents.MOST_EACH,
        **more,
    }
    return render(request, "consumer/documents.html", context, status=status)


def _helpers_page(request: HttpRequest, appointment: Appointment, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "consumer/helpers.html", own_appointment.base(appointment) | more, status=status)
