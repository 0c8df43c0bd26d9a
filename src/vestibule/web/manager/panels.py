"""The panel beside a form of set-up: the coming week as typed, and for which service it is shown.

A form posts to its own page. `?draw=1` answers with the panel alone, for scripts; the button "Preview" (name
`preview`) shows the page again. Neither stores anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from vestibule.booking.conflicts import Conflict, conflicts_of
from vestibule.booking.models import Appointment, Resource, Schedule, Service
from vestibule.people.models import Provider
from vestibule.web.manager import preview
from vestibule.web.manager.pages import StaffRequest
from vestibule.web.manager.preview import Preview
from vestibule.web.manager.what_if import Change

MOST_SERVICES = 100


@dataclass(frozen=True)
class Panel:
    """What stands beside the form. `opening` is when it is open, `effect` what can be booked of `service` then.

    `conflicts` are appointments that do not fit what is stored already.
    """

    opening: Preview | None = None
    effect: Preview | None = None
    service: Service | None = None
    services: Sequence[Service] = ()
    provider: Provider | None = None
    zone: str = ""
    conflicts: Sequence[Conflict] = ()


def is_saving(request: StaffRequest) -> bool:
    """Tell whether a form was sent to be stored, not to be looked at."""
    return request.method == "POST" and "preview" not in request.POST and not is_drawing(request)


def is_drawing(request: StaffRequest) -> bool:
    """Tell whether only the panel is asked for."""
    return request.method == "POST" and "draw" in request.GET


def drawn(request: StaffRequest, panel: Panel, *forms_: forms.Form) -> HttpResponse:
    """Return the panel alone; 422 while something typed cannot be read."""
    ok = all(form.is_valid() for form in forms_)
    return render(request, "manager/parts/panel.html", {"panel": panel}, status=200 if ok else 422)


def beside(
    request: StaffRequest,
    change: Callable[[Service], Change] | None = None,
    *,
    opening: Preview | None = None,
    provider: Provider | None = None,
    schedule: Schedule | None = None,
    resource: Resource | None = None,
    zone: str = "",
    first: date | None = None,
) -> Panel:
    """Return the panel with the effect of `change` on one service: the one chosen, else the first that is concerned.

    Its week begins today, or on `first` if that is later; with a provider only their starts are shown.
    """
    services = _services(request, provider, schedule, resource)
    wanted = request.POST.get("shown_for") or request.GET.get("shown_for")
    chosen = next((one for one in services if one.slug == wanted), services[0] if services else None)
    effect = None
    if chosen is not None:
        effect = preview.of_effect(chosen, change(chosen) if change is not None else None, first, provider)
    found = () if is_drawing(request) else _seen(request, conflicts_of(request.business, provider=provider))
    return Panel(opening, effect, chosen, services, provider, zone or request.business.timezone, found)


def of_service(request: StaffRequest, effect: Preview, service: Service | None = None) -> Panel:
    """Return the panel of a page about one service, which may be one that is not there yet (None)."""
    is_asked = service is not None and not is_drawing(request)
    found = _seen(request, conflicts_of(request.business, service=service)) if is_asked else ()
    return Panel(effect=effect, zone=request.business.timezone, conflicts=found)


def _seen(request: StaffRequest, found: Sequence[Conflict]) -> Sequence[Conflict]:
    """Leave out appointments the reader may not see."""
    if not found:
        return found
    refs = [one.appointment.pk for one in found]
    seen = set(Appointment.objects.visible_to(request.actor).filter(pk__in=refs).values_list("pk", flat=True))
    return [one for one in found if one.appointment.pk in seen]


def _services(
    request: StaffRequest, provider: Provider | None, schedule: Schedule | None, resource: Resource | None
) -> list[Service]:
    rows: Any = Service.objects.visible_to(request.actor).filter(is_active=True, offers__provider__is_active=True)
    if schedule is not None:
        rows = rows.filter(offers__schedule=schedule)
    elif provider is not None:
        rows = rows.filter(offers__provider=provider)
    if resource is not None:
        rows = rows.filter(needs__resource=resource)
    found: list[Service] = list(rows.select_related("business").distinct()[:MOST_SERVICES])
    for one in found:
        one.business = request.business
    return found
