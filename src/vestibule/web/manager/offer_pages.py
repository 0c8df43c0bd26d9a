"""Who offers a service, and what it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import Service, ServiceProvider
from vestibule.booking.setup import Offer
from vestibule.people.errors import NotFound
from vestibule.people.models import Provider
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, locked, open_to, show
from vestibule.web.manager.service_forms import QuestionForm, new_name
from vestibule.web.manager.service_pages import MANAGE, one

ASSIGNMENTS = (
    ("any", gettext_lazy("Any one of them: whoever is free and was booked least recently")),
    ("all", gettext_lazy("All of them together, in one appointment")),
    ("mixed", gettext_lazy("Some always, and one of each group")),
)
GROUP_LENGTH = 40


class AssignmentForm(fields.Form):
    """How the providers of a service are assigned, and which they are."""

    assignment = fields.one_of(gettext_lazy("Who takes part"), words(ASSIGNMENTS), radio=True)
    consumer_chooses_provider = fields.tick(
        gettext_lazy("Consumers may choose a person"),
        hint=gettext_lazy("If not, they see times only and meet whoever is assigned."),
    )

    def __init__(self, *args: Any, providers: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._providers = providers

    def clean(self) -> dict[str, Any]:
        known = {provider.ref for provider in self._providers}
        if set(self._refs()) - known:
            self.add_error(None, _("One of these people is not in your business. Load the page again."))
        if any(len(self._group(ref)) > GROUP_LENGTH or "\x00" in self._group(ref) for ref in known):
            self.add_error(None, _("The name of a group has at most 40 characters. Shorten it."))
        return self.cleaned_data

    def offers(self) -> list[Offer]:
        """Return who offers the service by a valid form."""
        chosen = set(self._refs())
        return [
            Offer(provider, "fixed" if self._is_fixed(provider.ref) else "one_of", self._group(provider.ref))
            for provider in self._providers
            if provider.ref in chosen
        ]

    def _refs(self) -> list[str]:
        return self.data.getlist("offer") if isinstance(self.data, QueryDict) else []

    def _is_fixed(self, ref: str) -> bool:
        return self.data.get(f"role-{ref}") == "fixed"

    def _group(self, ref: str) -> str:
        return str(self.data.get(f"group-{ref}", "")).strip()


@dataclass(frozen=True)
class OfferRow:
    """One provider on the page."""

    provider: Provider
    offers: bool
    is_fixed: bool
    group: str


@open_to(Permission.SEE_SETUP, change=MANAGE)
def offers(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change who offers a service."""
    service = one(request, slug)
    providers = list(Provider.objects.visible_to(request.actor).filter(is_active=True))
    initial = {
        "assignment": service.assignment,
        "consumer_chooses_provider": service.consumer_chooses_provider,
    }
    data = request.POST if request.method == "POST" else None
    form = AssignmentForm(data, initial=initial, providers=providers)
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: setup.change_service(request.actor, service, offers=form.offers(), **form.cleaned_data))
        if not form.errors:
            return done(request, _("Saved who offers %(name)s.") % {"name": service.name}, request.path)
    is_mixed = str(form["assignment"].value()) == Service.Assignment.MIXED
    rows = _rows(service, providers, data)
    return show(request, "service_offers.html", form=form, service=service, rows=rows, is_mixed=is_mixed, tab="offers")


@open_to(Permission.SEE_SETUP)
def questions(request: StaffRequest, slug: str) -> HttpResponse:
    """List what a service asks."""
    return show(request, "service_questions.html", service=one(request, slug), tab="questions")


@open_to(Permission.SEE_SETUP, change=MANAGE)
def question(request: StaffRequest, slug: str, name: str = "") -> HttpResponse:
    """Add a question, or change the one called `name`."""
    service = one(request, slug)
    stored = _question(service, name) if name else {"type": "text"}
    form = QuestionForm(request.POST or None, initial=QuestionForm.initial_of(stored))
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        kept = list(service.questions)
        known = [other["id"] for other in kept]
        made = form.question(name or new_name(form.cleaned_data["label"], known))
        at = known.index(name) if name else len(kept)
        kept[at : at + 1] = [made]
        named = {f"questions.{at}.{part}": part for part in ("label", "type", "help", "required", "choices")}
        attempt(form, lambda: setup.change_service(request.actor, service, questions=kept), **named)
        if not form.errors:
            return done(request, _("The question was saved."), reverse("manage-service-questions", args=[slug]))
    return show(request, "service_question.html", form=form, service=service, name=name, tab="questions")


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


def _rows(service: Service, providers: Sequence[Provider], data: QueryDict | None) -> list[OfferRow]:
    stored = {offer.provider_id: offer for offer in ServiceProvider.objects.filter(service=service)}
    rows = []
    for provider in providers:
        offer = stored.get(provider.pk)
        if data is not None:
            is_fixed = data.get(f"role-{provider.ref}") == "fixed"
            rows.append(
                OfferRow(
                    provider, provider.ref in data.getlist("offer"), is_fixed, data.get(f"group-{provider.ref}", "")
                )
            )
        else:
            is_fixed = offer is not None and offer.role == ServiceProvider.Role.FIXED
            rows.append(OfferRow(provider, offer is not None, is_fixed, offer.group if offer else ""))
    return rows
