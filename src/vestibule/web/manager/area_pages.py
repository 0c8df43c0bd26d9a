"""Waiting areas: the list, one of them, its hours, what people see there, closing it."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.meetings import area_pictures, areas
from vestibule.meetings.models import WaitingArea
from vestibule.store import clock
from vestibule.web.manager import panels
from vestibule.web.manager.area_forms import (
    AreaForm,
    CloseForm,
    ContentForm,
    NewAreaForm,
    PictureForm,
    hours_of,
    initial_of,
    week_of,
)
from vestibule.web.manager.hours import typed_week
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, locked, open_to, show

MANAGE = (Permission.MANAGE_SETUP,)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def listing(request: StaffRequest) -> HttpResponse:
    """List the areas, and add a group."""
    form = NewAreaForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: areas.create(request.actor, form.cleaned_data["name"]))
        if made is not None:
            words = _("%(name)s was added. Say who meets people there.") % {"name": made.name}
            return done(request, words, reverse("manage-area", args=[made.slug]))
    rows = [_row(request, area) for area in areas.areas_of(request.business)]
    return show(request, "areas.html", form=form, rows=rows)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change one area."""
    area = areas.visible(request.actor, slug)
    form = AreaForm(area, request.POST if request.method == "POST" else None, initial=initial_of(area))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: areas.change(request.actor, slug, **form.cleaned_data))
        if not form.errors:
            return done(request, _("%(name)s was saved.") % form.cleaned_data, request.path)
    groups = [(title, [form[name] for name in names if name in form.fields]) for title, names in _groups()]
    closing = CloseForm()
    context: dict[str, Any] = {"form": form, "groups": groups, "closing": closing, "may_edit": may}
    return show(request, "area.html", **context, **_about(request, area, "details"))


@open_to(Permission.SEE_SETUP, change=MANAGE)
def hours(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change when people may come without an appointment."""
    area = areas.visible(request.actor, slug)
    form, wants_save = typed_week(request, week_of(area.hours))
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if wants_save and form.is_valid():
        attempt(form, lambda: areas.change(request.actor, slug, hours=hours_of(form)))
        if not form.errors:
            return done(request, _("The hours of %(name)s were saved.") % {"name": area.name}, request.path)
    return show(request, "area_hours.html", form=form, may_edit=may, **_about(request, area, "hours"))


@open_to(Permission.SEE_SETUP, change=MANAGE)
def content(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change what people see while they wait, beside how it looks."""
    area = areas.visible(request.actor, slug)
    initial = {name: getattr(area, name) for name in ContentForm.base_fields}
    form = ContentForm(request.POST if request.method == "POST" else None, initial=initial)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and form.is_valid():
        attempt(form, lambda: areas.change(request.actor, slug, **form.cleaned_data))
        if not form.errors:
            return done(request, _("What people see in %(name)s was saved.") % {"name": area.name}, request.path)
    shown = form.cleaned_data if form.is_bound and form.is_valid() else initial
    context: dict[str, Any] = {"shown": shown, "media": area.content_media, "business": request.business}
    if panels.is_drawing(request):
        return render(request, "manager/parts/area_preview.html", context, status=422 if form.errors else 200)
    return show(
        request,
        "area_content.html",
        form=form,
        picture=PictureForm(),
        may_edit=may,
        **(context | _about(request, area, "content")),
    )


@open_to(*MANAGE, only_post=True)
def picture(request: StaffRequest, slug: str) -> HttpResponse:
    """Show another picture, or none."""
    area = areas.visible(request.actor, slug)
    back = reverse("manage-area-content", args=[slug])
    if "remove" in request.POST:
        area_pictures.take_down(request.actor, slug)
        return done(request, _("The picture is no longer shown."), back)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        assert isinstance(sent, UploadedFile)
        bytes_, words = sent.read(area_pictures.MOST_BYTES + 1), form.cleaned_data["alternative"]
        attempt(form, lambda: area_pictures.show(request.actor, slug, bytes_, words), media="file")
        if not form.errors:
            return done(request, _("The picture is shown from now on."), back)
    initial = {name: getattr(area, name) for name in ContentForm.base_fields}
    context = {"picture": form, "shown": initial, "media": area.content_media, "may_edit": True}
    return show(
        request,
        "area_content.html",
        status=422,
        form=ContentForm(initial=initial),
        **context,
        **_about(request, area, "content"),
    )


@open_to(*MANAGE, only_post=True)
def close(request: StaffRequest, slug: str) -> HttpResponse:
    """Take nobody new for a while, or people again."""
    back = redirect("manage-area", slug)
    if "open" in request.POST:
        area = areas.reopen(request.actor, slug)
        done(request, _("%(name)s takes people again.") % {"name": area.name}, "manage-areas")
        return back
    form = CloseForm(request.POST)
    if form.is_valid():
        minutes = int(form.cleaned_data["minutes"]) if form.cleaned_data["minutes"] else None
        area = areas.close(request.actor, slug, minutes=minutes, words=form.cleaned_data["text"])
        done(request, _("%(name)s takes nobody new now.") % {"name": area.name}, "manage-areas")
        return back
    area = areas.visible(request.actor, slug)
    shown = AreaForm(area, initial=initial_of(area))
    groups = [(title, [shown[name] for name in names if name in shown.fields]) for title, names in _groups()]
    context = {"form": shown, "groups": groups, "closing": form, "may_edit": True}
    return show(request, "area.html", status=422, **context, **_about(request, area, "details"))


@open_to(*MANAGE)
def retire(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then take an area out of use."""
    area = areas.visible(request.actor, slug)

    def gone() -> str:
        areas.retire(request.actor, slug)
        return _("%(name)s was taken away.") % {"name": area.name}

    return confirm(
        request,
        gone,
        title=_("Take %(name)s away?") % {"name": area.name},
        text=_("Its link stops working. Whoever has an appointment with its people waits in the area for everybody."),
        button=_("Take it away"),
        back=reverse("manage-area", args=[slug]),
        to=reverse("manage-areas"),
    )


def _groups() -> list[tuple[str, tuple[str, ...]]]:
    return [
        (_("Who"), ("name", "providers")),
        (_("Without an appointment"), ("takes_walk_ins", "walk_in_minutes")),
        (_("The wait"), ("amber_minutes", "red_minutes", "shows_position", "shows_expected_wait")),
        (_("Before somebody is let in"), ("identity_fields",)),
    ]


def _about(request: StaffRequest, area: WaitingArea, tab: str) -> dict[str, Any]:
    """Return what every page of one area shows."""
    zone, now = request.business.timezone, clock.now()
    opening = areas.opening(area, zone, now)
    is_closed = areas.is_closed(area, now)
    return {"area": area, "tab": tab, "opening": opening, "is_closed": is_closed, "link": _link(request, area)}


def _row(request: StaffRequest, area: WaitingArea) -> dict[str, Any]:
    return _about(request, area, "") | {"people": 0 if area._state.adding else len(area.providers.all())}


def _link(request: StaffRequest, area: WaitingArea) -> str:
    """Return the public address of walk-ins to this area; empty where none are taken."""
    if not area.takes_walk_ins:
        return ""
    slug = request.business.slug
    path = reverse("walk-in", args=[slug]) if area.is_default else reverse("walk-in-area", args=[slug, area.slug])
    return request.build_absolute_uri(path)
