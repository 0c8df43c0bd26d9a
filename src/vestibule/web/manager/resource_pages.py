"""Rooms, devices and licences: the list, one of them, and when it cannot be used."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import setup
from vestibule.booking.models import Resource, ResourceClosure
from vestibule.booking.setup import resources as stock
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.manager import fields, panels
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, locked, open_to, show
from vestibule.web.manager.stretch_form import StretchForm
from vestibule.web.manager.what_if import NOTHING, Change

MANAGE = (Permission.MANAGE_SETUP,)


class NewResourceForm(fields.Form):
    """What a resource is, and how many of it there are."""

    name = fields.text(gettext_lazy("Name"), most=120, hint=gettext_lazy("Such as “Room 2” or “Ultrasound device”."))
    kind = fields.one_of(gettext_lazy("What it is"), words(Resource.Kind.choices))
    quantity = fields.number(
        gettext_lazy("How many there are"),
        least=1,
        most=stock.MOST_UNITS,
        hint=gettext_lazy("Any one of them will do. Name rooms that differ one by one instead."),
    )
    note = fields.text(gettext_lazy("Note"), most=300, required=False, hint=gettext_lazy("Only staff see this."))


class ResourceForm(NewResourceForm):
    """A resource that exists also has a place in the list."""

    position = fields.number(
        gettext_lazy("Place in the list"), most=9999, hint=gettext_lazy("Smaller numbers come first.")
    )


class ClosureForm(StretchForm):
    """When it cannot be used."""

    prefix = "closure"

    reason = fields.text(gettext_lazy("What for"), most=120, required=False, hint=gettext_lazy("Such as maintenance."))


@open_to(Permission.SEE_SETUP)
def listing(request: StaffRequest) -> HttpResponse:
    """List the resources, those retired last."""
    rows = Resource.objects.visible_to(request.actor).annotate(
        quantity=Count("units", filter=Q(units__is_active=True), distinct=True),
        services=Count("needed_by", filter=Q(needed_by__service__is_active=True), distinct=True),
    )
    return show(request, "resources.html", rows=rows.order_by("-is_active", "position", "name", "pk"))


@open_to(*MANAGE)
def add(request: StaffRequest) -> HttpResponse:
    """Add a resource; services that need it are chosen on their own pages."""
    form = NewResourceForm(request.POST or None, initial={"quantity": 1, "kind": "room"})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: setup.add_resource(request.actor, request.business, **form.cleaned_data))
        if made is not None:
            said = _("%(name)s was added. Say under “What it needs” of a service that appointments use it.")
            return done(request, said % {"name": made.name}, reverse("manage-resource", args=[made.ref]))
    return show(request, "resource_new.html", form=form)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show and change a resource and its closures, beside what that leaves of the coming week."""
    resource = one(request, ref)
    posted = str(request.POST.get("form")) if request.method == "POST" else ""
    initial = {name: getattr(resource, name) for name in ("name", "kind", "note", "position")}
    before = stock.quantity_of(resource)
    form = ResourceForm(
        request.POST if posted == "details" else None, initial={**initial, "quantity": before, "form": "details"}
    )
    closure = ClosureForm(request.POST if posted == "closure" else None)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    typed = {"details": form, "closure": closure}.get(posted)
    if panels.is_saving(request) and typed is not None and typed.is_valid():
        attempt(typed, lambda: _store(request, resource, posted, typed), start="first_day", end="last_day")
        if not typed.errors:
            return done(request, _said(resource, posted), request.path)
    panel = _panel(request, resource, posted, typed)
    if panels.is_drawing(request) and typed is not None:
        return panels.drawn(request, panel, typed)
    closures = ResourceClosure.objects.filter(resource=resource, end_minute__gt=clock.to_minute(clock.now()))
    services = [need.service for need in resource.needed_by.select_related("service").order_by("service__name")]
    context: dict[str, Any] = {"form": form, "closure_form": closure, "resource": resource, "panel": panel}
    context |= {"may_edit": may, "closures": closures, "services": services, "still_lent": stock.still_lent(resource)}
    status = 422 if posted and (typed is None or typed.errors) else 200
    return show(request, "resource.html", status=status, open_form=posted, **context)


@open_to(*MANAGE)
def retire(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then lend a resource to nobody new."""
    resource = one(request, ref)

    def gone() -> str:
        setup.retire_resource(request.actor, resource)
        return _("%(name)s is lent to nobody new.") % {"name": resource.name}

    return confirm(
        request,
        gone,
        title=_("Retire %(name)s?") % {"name": resource.name},
        text=_("No service can need it any more. What is booked with it stays. You can bring it back later."),
        button=_("Retire it"),
        back=reverse("manage-resource", args=[ref]),
        to="manage-resources",
    )


@open_to(*MANAGE, only_post=True)
def restore(request: StaffRequest, ref: str) -> HttpResponse:
    """Let a resource be used again."""
    resource = one(request, ref)
    setup.restore_resource(request.actor, resource)
    return done(request, _("%(name)s can be used again.") % {"name": resource.name}, "manage-resources")


@open_to(*MANAGE)
def reopen(request: StaffRequest, ref: str, closure: str) -> HttpResponse:
    """Ask, then remove a closure."""
    resource = one(request, ref)
    row = next((each for each in resource.closures.all() if each.ref == closure), None)
    if row is None:
        find(request, Resource.objects.none(), ref=closure)
    assert row is not None
    row.resource = resource
    span = times.span(row.start_minute, row.end_minute, request.business.timezone)

    def gone() -> str:
        setup.reopen_resource(request.actor, row)
        return _("%(name)s can be used then.") % {"name": resource.name}

    return confirm(
        request,
        gone,
        title=_("Remove this closure?"),
        text=_("%(name)s can be used again: %(span)s.") % {"name": resource.name, "span": span},
        button=_("Remove the closure"),
        back=reverse("manage-resource", args=[ref]),
    )


def one(request: StaffRequest, ref: str) -> Resource:
    """Return the reader's resource of that reference, or 404."""
    resource: Resource = find(request, Resource.objects.select_related("business"), ref=ref)
    return resource


def _store(request: StaffRequest, resource: Resource, posted: str, form: Any) -> None:
    if posted == "details":
        setup.change_resource(request.actor, resource, **form.cleaned_data)
        return
    start, end = form.stretch(request.business.timezone)
    setup.close_resource(request.actor, resource, start, end, form.cleaned_data["reason"])


def _said(resource: Resource, posted: str) -> str:
    if posted == "closure":
        return _("The closure was saved. What is booked in it stays booked: see what to move.")
    lent = stock.still_lent(resource)
    kept = ngettext(
        "%(n)s unit taken away stays with what is booked until that is over.",
        "%(n)s units taken away stay with what is booked until that is over.",
        lent,
    )
    saved = _("%(name)s was saved.") % {"name": resource.name}
    return f"{saved} {kept % {'n': lent}}" if lent else saved


def _panel(request: StaffRequest, resource: Resource, posted: str, form: Any) -> panels.Panel:
    if form is None or not form.is_valid():
        return panels.beside(request, resource=resource)
    if posted == "details":
        change = Change(units={resource.pk: form.cleaned_data["quantity"]})
        return panels.beside(request, lambda service: change, resource=resource)
    start, end = form.stretch(request.business.timezone)
    first, last = clock.to_minute(start), clock.to_minute(end)
    change = Change(closed={resource.pk: [(first, last)]}) if first < last else NOTHING
    return panels.beside(request, lambda service: change, resource=resource, first=form.cleaned_data["first_day"])
