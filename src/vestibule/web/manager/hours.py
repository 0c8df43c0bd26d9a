"""Weekly hours: of the business, and of providers who do not follow it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import WeeklyHours
from vestibule.booking.setup import Hours
from vestibule.people.models import Provider
from vestibule.web.manager import fields, preview
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, find, locked, open_to, show
from vestibule.web.manager.week_form import WeekForm, with_monday_copied, with_window_added

WHOSE = (
    ("business", gettext_lazy("Follows the opening hours of the business")),
    ("own", gettext_lazy("Has working hours of their own")),
)


class WhoseForm(fields.Form):
    """Whether a provider follows the business."""

    whose = fields.one_of(gettext_lazy("Working hours"), words(WHOSE), radio=True)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def of_business(request: StaffRequest) -> HttpResponse:
    """Show and change when the business is open."""
    business = request.business
    saved = _hours(WeeklyHours.objects.filter(business=business, provider=None))
    may = request.actor.may(Permission.MANAGE_SETUP)
    form, wants_save = _week(request, saved)
    locked(form, may)
    if wants_save and form.is_valid():
        attempt(form, lambda: setup.set_hours(request.actor, business, form.hours()))
        if not form.errors:
            return done(request, _("The opening hours were saved. They count from now on."), "manage-hours")
    week = preview.of_hours(business, _typed(form, saved))
    return show(request, "hours.html", form=form, preview=week, may_edit=may)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS))
def of_provider(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change when a provider works; providers may change their own hours."""
    provider = find(request, Provider.objects.all(), slug=slug)
    may = may_edit_hours(request, provider)
    if request.method == "POST" and not may:
        request.actor.require(Permission.MANAGE_SETUP)
    shown = None if provider.uses_business_hours else provider
    saved = _hours(WeeklyHours.objects.filter(business=request.business, provider=shown))
    form, wants_save = _week(request, saved)
    whose = WhoseForm(
        request.POST if request.method == "POST" else None,
        initial={"whose": "business" if provider.uses_business_hours else "own"},
    )
    locked(form, may)
    locked(whose, may)
    if wants_save and whose.is_valid() and (form.is_valid() or whose.cleaned_data["whose"] == "business"):
        attempt(form, lambda: _save(request, provider, whose.cleaned_data["whose"], form))
        if not form.errors:
            words_ = _("The working hours of %(name)s were saved.") % {"name": provider.name}
            return done(request, words_, request.path)
    week = preview.of_hours(request.business, _typed(form, saved), provider)
    context: dict[str, Any] = {"form": form, "whose": whose, "provider": provider, "preview": week, "may_edit": may}
    status = 422 if form.errors or whose.errors else 200
    return show(request, "provider_hours.html", status=status, tab="hours", **context)


@open_to(Permission.SEE_SETUP, only_post=True)
def preview_of_hours(request: StaffRequest, slug: str = "") -> HttpResponse:
    """Draw the coming week as typed; nothing is stored."""
    provider = find(request, Provider.objects.all(), slug=slug) if slug else None
    form = WeekForm(request.POST)
    hours = form.hours() if form.is_valid() else []
    drawn = preview.of_hours(request.business, hours, provider)
    context: dict[str, Any] = {"preview": drawn, "zone": request.business.timezone}
    return render(request, "manager/parts/preview.html", context, status=200 if form.is_valid() else 422)


def may_edit_hours(request: StaffRequest, provider: Provider) -> bool:
    """Tell whether the reader may change this provider's hours and days off."""
    actor = request.actor
    return actor.may(Permission.MANAGE_SETUP) or (
        actor.may(Permission.MANAGE_OWN_HOURS) and actor.provider_id == provider.pk
    )


def _save(request: StaffRequest, provider: Provider, whose: str, form: WeekForm) -> None:
    if whose == "business":
        setup.follow_business_hours(request.actor, provider)
    else:
        setup.set_hours(request.actor, request.business, form.hours(), provider=provider)


def _week(request: StaffRequest, saved: Iterable[Hours]) -> tuple[WeekForm, bool]:
    """Return the form as saved, as typed, or as typed with a window more or Monday copied; and whether to save."""
    if request.method != "POST":
        return WeekForm(hours=saved), False
    data: QueryDict = request.POST
    if "add" in data:
        return WeekForm(with_window_added(data, request.POST.get("add", ""))), False
    if "copy" in data:
        return WeekForm(with_monday_copied(data)), False
    return WeekForm(data), "preview" not in data


def _typed(form: WeekForm, saved: list[Hours]) -> list[Any]:
    return form.hours() if form.is_bound and form.is_valid() else saved


def _hours(rows: Iterable[WeeklyHours]) -> list[Hours]:
    return [Hours(row.weekday, row.start_minute, row.end_minute) for row in rows]
