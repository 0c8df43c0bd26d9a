"""Services: the list, what one is, its rules, who offers it, what it asks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import setup
from vestibule.booking.models import Appointment, Location, Service
from vestibule.booking.setup import Offer, values
from vestibule.booking.setup.offerings import complete, draft
from vestibule.booking.setup.service_values import CHECKS, check_together
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.manager import panels, preview, what_if
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
from vestibule.web.manager.preview import Preview
from vestibule.web.manager.rule_forms import NAMES, ServiceRulesForm
from vestibule.web.manager.service_forms import DetailsForm, NewServiceForm
from vestibule.web.manager.what_if import Change

MANAGE = (Permission.MANAGE_SETUP,)


def one(request: StaffRequest, slug: str) -> Service:
    """Return the reader's service of that name, or 404."""
    service: Service = find(request, Service.objects.select_related("business", "location"), slug=slug)
    return service


@open_to(Permission.SEE_SETUP)
def listing(request: StaffRequest) -> HttpResponse:
    """List the services, those taken off the pages last."""
    offered = Count("offers", filter=Q(offers__provider__is_active=True))
    rows = Service.objects.visible_to(request.actor).select_related("location").annotate(offered=offered)
    return show(request, "services.html", services=rows.order_by("-is_active", "position", "name", "pk"))


@open_to(*MANAGE)
def add(request: StaffRequest) -> HttpResponse:
    """Add a service that follows the business' rules, beside what could be booked of it; then show its rules."""
    form = NewServiceForm(request.POST or None, initial={"duration_minutes": 30, "everybody": True})
    if panels.is_saving(request) and form.is_valid():
        made = attempt(form, lambda: _add(request, form.cleaned_data))
        if made is not None:
            words = _("%(name)s was added with the rules of your business. See below what can be booked.")
            return done(request, words % {"name": made.name}, reverse("manage-service-rules", args=[made.slug]))
    panel = panels.of_service(request, _as_typed(request, form))
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    return show(request, "service_new.html", form=form, panel=panel)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change what a service is."""
    service = one(request, slug)
    places = list(Location.objects.visible_to(request.actor))
    form = DetailsForm(request.POST or None, initial=DetailsForm.initial_of(service), locations=places)
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: setup.change_service(request.actor, service, **form.values()), price_minor="price")
        if not form.errors:
            return done(request, _("%(name)s was saved.") % form.cleaned_data, request.path)
    return show(request, "service.html", form=form, service=service, tab="details")


@open_to(Permission.SEE_SETUP, change=MANAGE)
def rules(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change when a service can be booked, beside what that makes of the coming week."""
    service = one(request, slug)
    data = request.POST if request.method == "POST" else None
    initial = ServiceRulesForm.initial_of(service)
    form = ServiceRulesForm(data, initial=initial, business=request.business, follows=service.follows)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: setup.change_service(request.actor, service, **form.values()), **NAMES)
        if not form.errors:
            words = _("The rules of %(name)s were saved. Appointments already booked keep theirs.")
            return done(request, words % {"name": service.name}, request.path)
    changes = form.values() if form.is_bound and form.is_valid() else {}
    panel = panels.of_service(request, effect_of(service, changes), service)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    return show(request, "service_rules.html", form=form, service=service, panel=panel, may_edit=may, tab="rules")


def effect_of(service: Service, changes: Mapping[str, Any]) -> Preview:
    """Return what typed changes of a service would do to its coming week; what does not fit together is said."""
    if not changes:
        return preview.of_effect(service)
    given = dict(changes)
    try:
        follows = given.pop("follows", None)
        checked = values.checked(given, CHECKS)
        wanted = what_if.with_fields(service, complete(service, checked, follows))
        check_together(wanted)
    except Refusal as refused:
        return replace(preview.of_effect(service), note=refused.sentence)
    return preview.of_effect(service, Change(service=wanted))


@open_to(*MANAGE)
def retire(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then take a service off every page."""
    service = one(request, slug)
    now = clock.to_minute(clock.now())
    coming = Appointment.objects.filter(service=service, status__in=Appointment.OPEN, start_minute__gte=now).count()
    stay = ngettext("%(n)s appointment already booked stays.", "%(n)s appointments already booked stay.", coming) % {
        "n": coming
    }

    def retired() -> str:
        setup.retire_service(request.actor, service)
        return _("%(name)s was taken off every page.") % {"name": service.name}

    return confirm(
        request,
        retired,
        title=_("Take %(name)s off every page?") % {"name": service.name},
        text=_("Nobody can book it any more, staff included. %(stay)s You can offer it again later.") % {"stay": stay},
        button=_("Take it off"),
        back=reverse("manage-service", args=[service.slug]),
        to="manage-services",
    )


@open_to(*MANAGE, only_post=True)
def restore(request: StaffRequest, slug: str) -> HttpResponse:
    """Offer a service again."""
    service = one(request, slug)
    setup.change_service(request.actor, service, is_active=True)
    return done(request, _("%(name)s can be booked again.") % {"name": service.name}, "manage-services")


def _add(request: StaffRequest, given: dict[str, Any]) -> Service:
    return setup.add_service(
        request.actor,
        request.business,
        name=given["name"],
        description=given["description"],
        duration_minutes=given["duration_minutes"],
        offers=[Offer(provider) for provider in _everybody(request, given)],
    )


def _everybody(request: StaffRequest, given: Mapping[str, Any]) -> list[Provider]:
    return list(Provider.objects.visible_to(request.actor).filter(is_active=True)) if given["everybody"] else []


def _as_typed(request: StaffRequest, form: NewServiceForm) -> Preview:
    """Return what could be booked of a service that is not stored, and never is by this."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else {"duration_minutes": 30, "everybody": True}
    service = draft(request.business, {"name": "-", "duration_minutes": given["duration_minutes"]})
    offers = [what_if.offered(Offer(provider)) for provider in _everybody(request, given)]
    return preview.of_new(service, Change(offers=offers))
