"""Questions and consents in the draft: of each service a list, and one question on a page of its own."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.experience import document, drafts
from vestibule.people.errors import NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.web.manager.experience import steps
from vestibule.web.manager.experience.pages import MANAGE, shown
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to
from vestibule.web.manager.service_forms import QUESTION_KINDS, QuestionForm, new_name

Services = list[dict[str, Any]]


@open_to(Permission.SEE_SETUP, change=MANAGE)
def listing(request: StaffRequest) -> HttpResponse:
    """Show what each service asks; move a question or leave it out when posted."""
    here = steps.named(steps.QUESTIONS)
    if request.method == "POST":
        return _changed(request)
    kinds = dict(QUESTION_KINDS)
    rows = [
        (one, [(asked, kinds.get(asked["type"], asked["type"])) for asked in one.get("questions", [])])
        for one in _services(request.actor, request.business)
    ]
    draft = drafts.of(request.actor, request.business)
    may = request.actor.may(Permission.MANAGE_SETUP)
    return shown(request, "questions.html", here, draft, rows=rows, may_edit=may)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def question(request: StaffRequest, service: str, name: str = "") -> HttpResponse:
    """Add a question to a service of the draft, or change the one called `name`."""
    form, services = parse(request, service, name)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    back = reverse("manage-experience-step", args=[steps.QUESTIONS])
    if request.method == "POST" and form.is_valid():
        wanted, at = _with(services, service, name, form)
        where = f"services.{_place(services, service)}.questions.{at}"
        named = {f"{where}.{part}": part for part in QuestionForm.base_fields}
        attempt(form, lambda: _keep(request, wanted), **named)
        if not form.errors:
            return done(request, _("The question was kept in the draft."), back)
    draft = drafts.of(request.actor, request.business)
    context: dict[str, Any] = {
        "form": form,
        "name": name,
        "service": services[_place(services, service)],
        "may_edit": may,
        "back": back,
        "status": 422 if form.errors else 200,
    }
    return shown(request, "question.html", steps.named(steps.QUESTIONS), draft, **context)


def parse(request: StaffRequest, service: str, name: str) -> tuple[QuestionForm, Services]:
    """Return the form of one question, and the services of the draft. Raises NotFound."""
    services = _services(request.actor, request.business)
    asked = services[_place(services, service)].get("questions", [])
    stored = _question(asked, name) if name else {"type": "text"}
    data = request.POST if request.method == "POST" else None
    return QuestionForm(data, initial=QuestionForm.initial_of(stored)), services


def parts_typed(request: StaffRequest, service: str, name: str) -> dict[str, Any]:
    """Return the part of the document with the question as typed; as it is while that cannot be read."""
    form, services = parse(request, service, name)
    return {"services": _with(services, service, name, form)[0]} if form.is_valid() else {}


def _with(services: Services, slug: str, name: str, form: QuestionForm) -> tuple[Services, int]:
    """Return the services with the question of a valid form in its place, and that place."""
    wanted = deepcopy(services)
    asked = wanted[_place(wanted, slug)].setdefault("questions", [])
    known = [other["id"] for other in asked]
    at = known.index(name) if name else len(asked)
    stored = asked[at] if name else {}
    asked[at : at + 1] = [form.question(name or new_name(form.cleaned_data["label"], known), stored)]
    return wanted, at


def _changed(request: StaffRequest) -> HttpResponse:
    """Do what one of the small buttons says: `earlier`, `later` or `remove`, of a question of a service."""
    if "do" not in request.POST:
        drafts.remember_step(request.actor, request.business, steps.after(steps.named(steps.QUESTIONS)).slug)
        return redirect(steps.after(steps.named(steps.QUESTIONS)).href)
    what, _space, rest = request.POST["do"].partition(" ")
    slug, _space, name = rest.partition(" ")
    services = deepcopy(_services(request.actor, request.business))
    asked = services[_place(services, slug)].get("questions", [])
    at = asked.index(_question(asked, name))
    taken = asked.pop(at)
    if what != "remove":
        asked.insert(max(0, at + (1 if what == "later" else -1)), taken)
    _keep(request, services)
    words = _("The question is left out of the draft.") if what == "remove" else _("The order was kept in the draft.")
    return done(request, words, reverse("manage-experience-step", args=[steps.QUESTIONS]))


def _keep(request: StaffRequest, services: Services) -> Any:
    return drafts.change(request.actor, request.business, {"services": services}, step=steps.QUESTIONS)


def _services(actor: Actor, business: Business) -> Services:
    draft = drafts.of(actor, business)
    held = draft.document if draft is not None else document.read(business)
    return list(held.get("services", []))


def _place(services: Services, slug: str) -> int:
    for place, one in enumerate(services):
        if one["slug"] == slug:
            return place
    raise NotFound(_("There is no such service in the draft. Somebody may have taken it out."))


def _question(asked: list[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    for stored in asked:
        if stored["id"] == name:
            return stored
    raise NotFound(_("This question is no longer there. Somebody may have removed it."))
