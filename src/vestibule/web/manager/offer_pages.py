"""Who offers a service, by which hours, and how they are assigned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import Schedule, Service, ServiceProvider
from vestibule.booking.resources import needs_of
from vestibule.booking.setup import Offer
from vestibule.booking.setup.offerings import MOST_WEIGHT
from vestibule.booking.setup.service_values import check_together
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.web.manager import fields, panels, preview, what_if
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.preview import Preview
from vestibule.web.manager.service_pages import MANAGE, one
from vestibule.web.manager.what_if import Change

ASSIGNMENTS = (
    ("any", gettext_lazy("Any one of them: whoever is free and was booked least recently")),
    ("all", gettext_lazy("All of them together, in one appointment")),
    ("some", gettext_lazy("Some of them together: whoever is free")),
    ("mixed", gettext_lazy("Some always, and one of each group")),
)
GROUP_LENGTH = 40


class AssignmentForm(fields.Form):
    """How the providers of a service are assigned, and which they are."""

    assignment = fields.one_of(gettext_lazy("Who takes part"), words(ASSIGNMENTS), radio=True)
    team_size = fields.number(
        gettext_lazy("How many together"),
        most=100,
        required=False,
        hint=gettext_lazy("For “some of them together”: how many take part in each appointment."),
    )

    def __init__(self, *args: Any, providers: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._providers = providers

    def clean(self) -> dict[str, Any]:
        known = {provider.ref for provider in self._providers}
        chosen = set(self._refs())
        if chosen - known:
            self.add_error(None, _("One of these people is not in your business. Load the page again."))
        if any(len(self._group(ref)) > GROUP_LENGTH or "\x00" in self._group(ref) for ref in known):
            self.add_error(None, _("The name of a group has at most 40 characters. Shorten it."))
        if any(self._weight(ref) is None for ref in known & chosen):
            words_ = _("A share of bookings is a whole number from 1 to %(most)s.")
            self.add_error(None, words_ % {"most": MOST_WEIGHT})
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """Return the fields of the service that a valid form sets."""
        return {"assignment": self.cleaned_data["assignment"], "team_size": self.cleaned_data["team_size"] or 0}

    def offers(self) -> list[Offer]:
        """Return who offers the service by a valid form."""
        chosen = set(self._refs())
        return [
            Offer(
                provider,
                "fixed" if self.data.get(f"role-{provider.ref}") == "fixed" else "one_of",
                self._group(provider.ref),
                self._schedule(provider),
                self._weight(provider.ref) or 1,
            )
            for provider in self._providers
            if provider.ref in chosen
        ]

    def _refs(self) -> list[str]:
        return self.data.getlist("offer") if isinstance(self.data, QueryDict) else []

    def _group(self, ref: str) -> str:
        return str(self.data.get(f"group-{ref}", "")).strip()

    def _weight(self, ref: str) -> int | None:
        given = str(self.data.get(f"weight-{ref}", "1")).strip() or "1"
        number = int(given) if given.isascii() and given.isdigit() and len(given) <= 3 else 0
        return number if 1 <= number <= MOST_WEIGHT else None

    def _schedule(self, provider: Provider) -> Schedule | None:
        wanted = self.data.get(f"schedule-{provider.ref}", "")
        return next((one for one in provider.schedules.all() if one.ref == wanted), None)


@dataclass(frozen=True)
class OfferRow:
    """One provider on the page, as stored or as typed."""

    provider: Provider
    offers: bool
    is_fixed: bool
    group: str
    schedule: str
    weight: str
    schedules: Sequence[Schedule]


@open_to(Permission.SEE_SETUP, change=MANAGE)
def offers(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change who offers a service, by which hours, and how they are assigned."""
    service = one(request, slug)
    active = Provider.objects.visible_to(request.actor).filter(is_active=True)
    providers = list(active.select_related("own_rules").prefetch_related("schedules"))
    initial = {"assignment": service.assignment, "team_size": service.team_size or None}
    data = request.POST if request.method == "POST" else None
    form = AssignmentForm(data, initial=initial, providers=providers)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    panel = panels.of_service(request, _effect(service, form), service)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_service(request.actor, service, offers=form.offers(), **form.values()))
        if not form.errors:
            return done(request, _("Saved who offers %(name)s.") % {"name": service.name}, request.path)
    context: dict[str, Any] = {"form": form, "service": service, "panel": panel, "may_edit": may}
    context["has_schedules"] = any(provider.schedules.all() for provider in providers)
    return show(request, "service_offers.html", rows=_rows(service, providers, data), tab="offers", **context)


def _effect(service: Service, form: AssignmentForm) -> Preview:
    if not (form.is_bound and form.is_valid()):
        return preview.of_effect(service)
    wanted = what_if.with_fields(service, form.values())
    try:
        check_together(wanted)
    except Refusal as refused:
        return replace(preview.of_effect(service), note=refused.sentence)
    offers = [what_if.offered(one, getattr(one.provider, "own_rules", None)) for one in form.offers()]
    return preview.of_effect(service, Change(service=wanted, offers=offers, needs=needs_of(service.pk)))


def _rows(service: Service, providers: Sequence[Provider], data: QueryDict | None) -> list[OfferRow]:
    if data is not None:
        return [_typed(provider, data) for provider in providers]
    stored = {offer.provider_id: offer for offer in ServiceProvider.objects.filter(service=service)}
    return [_stored(provider, stored.get(provider.pk)) for provider in providers]


def _typed(provider: Provider, data: QueryDict) -> OfferRow:
    ref = provider.ref
    return OfferRow(
        provider,
        ref in data.getlist("offer"),
        data.get(f"role-{ref}") == "fixed",
        str(data.get(f"group-{ref}", "")),
        str(data.get(f"schedule-{ref}", "")),
        str(data.get(f"weight-{ref}", "1")),
        list(provider.schedules.all()),
    )


def _stored(provider: Provider, offer: ServiceProvider | None) -> OfferRow:
    schedules = list(provider.schedules.all())
    if offer is None:
        return OfferRow(provider, False, False, "", "", "1", schedules)
    pinned = next((one.ref for one in schedules if one.pk == offer.schedule_id), "")
    is_fixed = offer.role == ServiceProvider.Role.FIXED
    return OfferRow(provider, True, is_fixed, offer.group, pinned, str(offer.weight), schedules)
