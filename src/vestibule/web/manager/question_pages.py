"""What a service asks: the list, and one question beside how consumers will see it."""

from typing import Any

from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.booking import intake, setup
from vestibule.booking.models import Service, SharedQuestion
from vestibule.booking.setup.shared import checked
from vestibule.people.errors import NotFound, Refusal
from vestibule.web.consumer.questions_form import QuestionsForm
from vestibule.web.manager import panels
from vestibule.web.manager.pages import (
    Permission,
    StaffRequest,
    attempt,
    confirm,
    done,
    find,
    locked,
    open_to,
    show,
)
from vestibule.web.manager.service_forms import QUESTION_KINDS, QuestionForm, new_name
from vestibule.web.manager.service_pages import MANAGE, one


@open_to(Permission.SEE_SETUP)
def questions(request: StaffRequest, slug: str) -> HttpResponse:
    """List what a service asks."""
    service = one(request, slug)
    kinds = dict(QUESTION_KINDS)
    rows = [(one_, kinds.get(one_["type"], one_["type"])) for one_ in service.questions]
    asked = {one_["id"] for one_ in service.questions}
    shared = SharedQuestion.objects.visible_to(request.actor).filter(business=request.business)
    others = [one_ for one_ in shared if one_.question_id not in asked]
    return show(request, "service_questions.html", service=service, rows=rows, others=others, tab="questions")


@open_to(Permission.SEE_SETUP, change=MANAGE)
def question(request: StaffRequest, slug: str, name: str = "") -> HttpResponse:
    """Add a question, or change the one called `name`, beside how consumers will see it."""
    service = one(request, slug)
    stored = _question(service, name) if name else {"type": "text"}
    form = QuestionForm(request.POST if request.method == "POST" else None, initial=QuestionForm.initial_of(stored))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    kept = list(service.questions)
    known = [other["id"] for other in kept]
    at = known.index(name) if name else len(kept)
    made = form.question(name or new_name(form.cleaned_data["label"], known), stored) if form.is_valid() else None
    if panels.is_saving(request) and made is not None:
        kept[at : at + 1] = [made]
        named = {f"questions.{at}.{part}": part for part in QuestionForm.base_fields}
        attempt(form, lambda: setup.change_service(request.actor, service, questions=kept), **named)
        if not form.errors:
            return done(request, _("The question was saved."), reverse("manage-service-questions", args=[slug]))
    shown = _as_asked(service, made or (stored if name else None))
    if panels.is_drawing(request):
        status = 422 if made is None else 200
        return render(request, "manager/parts/question_preview.html", {"shown": shown}, status=status)
    context: dict[str, Any] = {"form": form, "service": service, "name": name, "shown": shown, "may_edit": may}
    return show(request, "service_question.html", tab="questions", **context)


def _as_asked(service: Service, made: dict[str, Any] | None) -> list[BoundField]:
    """Return a question as the booking page asks it; nothing while it cannot be."""
    if made is None:
        return []
    try:
        return QuestionsForm(service, questions=intake.clean_questions([made])).question_fields()
    except Refusal:
        return []


@open_to(*MANAGE, only_post=True)
def ask_shared(request: StaffRequest, slug: str, ref: str) -> HttpResponse:
    """Let a service ask a question that a program made for the business."""
    service = one(request, slug)
    shared = find(request, SharedQuestion.objects.filter(business=request.business), ref=ref)
    if shared.question_id not in {other["id"] for other in service.questions}:
        asked = checked(shared.question_id, shared.label, shared.choices)
        setup.change_service(request.actor, service, questions=[*service.questions, asked])
    return done(request, _("It is asked from now on."), reverse("manage-service-questions", args=[slug]))


@open_to(*MANAGE, only_post=True)
def move_question(request: StaffRequest, slug: str, name: str) -> HttpResponse:
    """Ask a question one place earlier or later."""
    service = one(request, slug)
    _question(service, name)
    kept = list(service.questions)
    at = [other["id"] for other in kept].index(name)
    to = at + (1 if request.POST.get("by") == "later" else -1)
    if 0 <= to < len(kept):
        kept[at], kept[to] = kept[to], kept[at]
        setup.change_service(request.actor, service, questions=kept)
    return done(request, _("The order was saved."), reverse("manage-service-questions", args=[slug]))


@open_to(*MANAGE)
def remove_question(request: StaffRequest, slug: str, name: str) -> HttpResponse:
    """Ask, then no longer ask."""
    service = one(request, slug)
    stored = _question(service, name)

    def gone() -> str:
        kept = [other for other in service.questions if other["id"] != name]
        setup.change_service(request.actor, service, questions=kept)
        return _("The question is no longer asked.")

    return confirm(
        request,
        gone,
        title=_("No longer ask this?"),
        text=_("“%(label)s” is left out from now on. Answers already given stay with their appointments.") % stored,
        button=_("Remove the question"),
        back=reverse("manage-service-questions", args=[slug]),
    )


def _question(service: Service, name: str) -> dict[str, Any]:
    for stored in service.questions:
        if stored["id"] == name:
            found: dict[str, Any] = stored
            return found
    raise NotFound(_("This question is no longer there. Somebody may have removed it."))
