"""Where appointments take place."""

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import Location
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
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


class LocationForm(fields.Form):
    """One place."""

    name = fields.text(gettext_lazy("Name"), most=120, hint=gettext_lazy("Such as “Video visit” or “Main street”."))
    kind = fields.one_of(gettext_lazy("How people meet there"), words(Location.Kind.choices), radio=True)
    address = fields.text(
        gettext_lazy("Address or number"),
        most=300,
        required=False,
        hint=gettext_lazy("For visits in person or by telephone; it stands in the confirmation."),
    )


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def listing(request: StaffRequest) -> HttpResponse:
    """List the places and add one."""
    form = LocationForm(request.POST or None, initial={"kind": Location.Kind.ONLINE})
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: setup.add_location(request.actor, request.business, **form.cleaned_data))
        if not form.errors:
            sentence = _("%(name)s was added. Services can take place there now.") % form.cleaned_data
            return done(request, sentence, "manage-locations")
    rows = Location.objects.visible_to(request.actor).annotate(used=Count("services"))
    return show(request, "locations.html", form=form, locations=rows)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show and change one place."""
    location = find(request, Location.objects.all(), ref=ref)
    initial = {name: getattr(location, name) for name in LocationForm.base_fields}
    form = LocationForm(request.POST or None, initial=initial)
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: setup.change_location(request.actor, location, **form.cleaned_data))
        if not form.errors:
            return done(request, _("%(name)s was saved.") % form.cleaned_data, "manage-locations")
    return show(request, "location.html", form=form, location=location)


@open_to(Permission.MANAGE_SETUP)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then remove a place no service uses."""
    location = find(request, Location.objects.all(), ref=ref)

    def gone() -> str:
        setup.remove_location(request.actor, location)
        return _("%(name)s was removed.") % {"name": location.name}

    return confirm(
        request,
        gone,
        title=_("Remove %(name)s?") % {"name": location.name},
        text=_("It can no longer be chosen for a service. Appointments keep what was said when they were booked."),
        button=_("Remove the location"),
        back=reverse("manage-locations"),
    )
