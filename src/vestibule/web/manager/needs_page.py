"""What a service needs besides people: rooms, devices, licences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from vestibule.booking import resources, setup
from vestibule.booking.models import Resource, ServiceResource
from vestibule.booking.setup import Need
from vestibule.web.manager import fields, panels, preview
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, open_to, show
from vestibule.web.manager.service_pages import MANAGE, one
from vestibule.web.manager.what_if import Change

MOST_UNITS = 100
GROUP_LENGTH = 40


class NeedsForm(fields.Form):
    """Which resources a service needs, and how many of each."""

    def __init__(self, data: QueryDict | None, *, resources: Sequence[Resource]) -> None:
        super().__init__(data)
        self._resources = resources

    def clean(self) -> dict[str, Any]:
        refs = set(self._refs())
        if refs - {resource.ref for resource in self._resources}:
            self.add_error(None, _("One of these is not in your business. Load the page again."))
        if any(self._quantity(ref) is None for ref in refs):
            self.add_error(None, _("How many are needed is a whole number from 1 to %(most)s.") % {"most": MOST_UNITS})
        if any(len(self._group(ref)) > GROUP_LENGTH or "\x00" in self._group(ref) for ref in refs):
            self.add_error(None, _("The name of a group has at most 40 characters. Shorten it."))
        return self.cleaned_data

    def needs(self) -> list[Need]:
        """Return what the service needs by a valid form."""
        chosen = set(self._refs())
        return [
            Need(resource, self._quantity(resource.ref) or 1, self._group(resource.ref))
            for resource in self._resources
            if resource.ref in chosen
        ]

    def _refs(self) -> list[str]:
        return self.data.getlist("need") if isinstance(self.data, QueryDict) else []

    def _quantity(self, ref: str) -> int | None:
        given = str(self.data.get(f"quantity-{ref}", "1")).strip() or "1"
        number = int(given) if given.isascii() and given.isdigit() and len(given) <= 3 else 0
        return number if 1 <= number <= MOST_UNITS else None

    def _group(self, ref: str) -> str:
        return str(self.data.get(f"group-{ref}", "")).strip()


@dataclass(frozen=True)
class NeedRow:
    """One resource on the page, as stored or as typed."""

    resource: Resource
    is_needed: bool
    quantity: str
    group: str


@open_to(Permission.SEE_SETUP, change=MANAGE)
def needs(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change what a service needs besides people, beside what that leaves of the coming week."""
    service = one(request, slug)
    known = list(Resource.objects.visible_to(request.actor).filter(is_active=True))
    data = request.POST if request.method == "POST" else None
    form = NeedsForm(data, resources=known)
    may = request.actor.may(Permission.MANAGE_SETUP)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_service(request.actor, service, needs=form.needs()))
        if not form.errors:
            return done(request, _("Saved what %(name)s needs.") % {"name": service.name}, request.path)
    change = Change(needs=_asked(form.needs())) if form.is_bound and form.is_valid() else None
    panel = panels.of_service(request, preview.of_effect(service, change), service)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    context: dict[str, Any] = {"form": form, "service": service, "panel": panel, "may_edit": may}
    stored = {need.resource_id: need for need in ServiceResource.objects.filter(service=service)}
    rows = [_row(resource, stored.get(resource.pk), data) for resource in known]
    return show(request, "service_needs.html", rows=rows, tab="needs", **context)


def _asked(needs: Sequence[Need]) -> list[resources.Need]:
    return [
        resources.Need(one.resource.pk, one.resource.mask_version, one.quantity, one.group, one.resource.name)
        for one in needs
    ]


def _row(resource: Resource, stored: ServiceResource | None, data: QueryDict | None) -> NeedRow:
    if data is not None:
        ref = resource.ref
        typed = str(data.get(f"quantity-{ref}", "1")), str(data.get(f"group-{ref}", ""))
        return NeedRow(resource, ref in data.getlist("need"), *typed)
    if stored is None:
        return NeedRow(resource, False, "1", "")
    return NeedRow(resource, True, str(stored.quantity), stored.group)
