"""Services: the list, what one is, its rules, who offers it, what it asks."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import setup
from vestibule.booking.models import Appointment, Location, Service
from vestibule.booking.setup import Offer
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.manager import preview
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
from vestibule.web.manager.service_forms import DetailsForm, NewServiceForm, RulesForm

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
    """Add a service with the usual rules, then show these."""
    form = NewServiceForm(request.POST or None, initial={"duration_minutes": 30, "everybody": True})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _add(request, form.cleaned_data))
        if made is not None:
            words = _("%(name)s was added with the usual rules. See below what can be booked, and change them.")
            return done(request, words % {"name": made.name}, reverse("manage-service-rules", args=[made.slug]))
    return show(request, "service_new.html", form=form)


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
    form = RulesForm(request.POST or None, initial=RulesForm.initial_of(service))
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    changes: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        changes = form.values()
        if "preview" not in request.POST:
            attempt(form, lambda: setup.change_service(request.actor, service, **changes), **NAMES)
            if not form.errors:
                words = _("The rules of %(name)s were saved. Appointments already booked keep theirs.")
                return done(request, words % {"name": service.name}, request.path)
    week = preview.of_service(service, changes)
    return show(request, "service_rules.html", form=form, service=service, preview=week, tab="rules")


NAMES = {"notice_minutes": "notice", "change_notice_minutes": "change_notice", "limits": "max_day"}
"""Which question of the form stands for which field of a service."""


@open_to(Permission.SEE_SETUP, only_post=True)
def preview_of_rules(request: StaffRequest, slug: str) -> HttpResponse:
    """Draw the coming week as the rules typed would make it; nothing is stored."""
    service = one(request, slug)
    form = RulesForm(request.POST)
    valid = form.is_valid()
    drawn = preview.of_service(service, form.values() if valid else {})
    context: dict[str, Any] = {"preview": drawn, "zone": request.business.timezone}
    return render(request, "manager/parts/preview.html", context, status=200 if valid else 422)


@open_to(*MANAGE)
def retire(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then take a service off every page."""
    service = one(request, slug)
    now = clock.to_minute(clock.now())
    coming = Appointment.objects.filter(service=service, status__in=Appointment.ACTIVE, start_minute__gte=now).count()
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
    everybody = Provider.objects.visible_to(request.actor).filter(is_active=True) if given["everybody"] else ()
    return setup.add_service(
        request.actor,
        request.business,
        name=given["name"],
        description=given["description"],
        duration_minutes=given["duration_minutes"],
        interval_minutes=given["duration_minutes"],
        offers=[Offer(provider) for provider in everybody],
    )
