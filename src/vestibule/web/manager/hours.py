"""Weekly hours: of the business, and of providers who do not follow it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import WeeklyHours
from vestibule.booking.setup import Hours
from vestibule.people.models import Provider
from vestibule.web.manager import fields, panels, preview
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, find, locked, open_to, show
from vestibule.web.manager.week_form import WeekForm, with_monday_copied, with_window_added
from vestibule.web.manager.what_if import Change

WHOSE = (
    ("business", gettext_lazy("Follows the opening hours of the business")),
    ("own", gettext_lazy("Has working hours of their own")),
)


class WhoseForm(fields.Form):
    """Whether a provider follows the business."""

    whose = fields.one_of(gettext_lazy("Working hours"), words(WHOSE), radio=True)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def of_business(request: StaffRequest) -> HttpResponse:
    """Show and change when the business is open, beside what that makes of the coming week."""
    business = request.business
    saved = _hours(WeeklyHours.objects.filter(business=business, provider=None))
    may = request.actor.may(Permission.MANAGE_SETUP)
    form, wants_save = typed_week(request, saved)
    locked(form, may)
    if wants_save and form.is_valid():
        attempt(form, lambda: setup.set_hours(request.actor, business, form.hours()))
        if not form.errors:
            return done(request, _("The opening hours were saved. They count from now on."), "manage-hours")
    typed = _typed(form, saved)
    following = set(Provider.objects.filter(business=business, uses_business_hours=True).values_list("pk", flat=True))
    change = _with_week(typed, lambda who: who in following) if form.is_bound else None
    opening = preview.of_hours(business, typed)
    panel = panels.beside(request, (lambda service: change) if change else None, opening=opening)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    return show(request, "hours.html", form=form, panel=panel, may_edit=may)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS))
def of_provider(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change when a provider works; providers may change their own hours."""
    provider = find(request, Provider.objects.select_related("business"), slug=slug)
    may = may_edit_hours(request, provider)
    if request.method == "POST" and not may:
        request.actor.require(Permission.MANAGE_SETUP)
    of_house = _hours(WeeklyHours.objects.filter(business=request.business, provider=None))
    own = _hours(WeeklyHours.objects.filter(business=request.business, provider=provider, schedule=None))
    saved = of_house if provider.uses_business_hours else own
    form, wants_save = typed_week(request, saved)
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
    follows = whose.is_bound and whose.is_valid() and whose.cleaned_data["whose"] == "business"
    typed = of_house if follows else _typed(form, saved)
    change = _with_week(typed, lambda who: who == provider.pk) if form.is_bound else None
    opening = preview.of_hours(request.business, typed, provider)
    panel = panels.beside(
        request, (lambda service: change) if change else None, opening=opening, provider=provider, zone=provider.zone
    )
    if panels.is_drawing(request):
        return panels.drawn(request, panel, whose, *([] if follows else [form]))
    context: dict[str, Any] = {"form": form, "whose": whose, "provider": provider, "panel": panel, "may_edit": may}
    status = 422 if form.errors or whose.errors else 200
    return show(request, "provider_hours.html", status=status, tab="hours", **context)


def _with_week(typed: Sequence[Any], concerns: Callable[[int], bool]) -> Change:
    """Return the change of the usual weekly hours of those providers whom it concerns."""
    weekly = preview.windows_of(typed)
    return Change(
        hours=lambda who, schedule, now: replace(now, weekly=weekly) if schedule is None and concerns(who) else now
    )


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


def typed_week(request: StaffRequest | None, saved: Iterable[Hours]) -> tuple[WeekForm, bool]:
    """Return the form as saved, as typed, or as typed with a window more or Monday copied; and whether to save."""
    if request is None or request.method != "POST":
        return WeekForm(hours=saved), False
    data: QueryDict = request.POST
    if "add" in data:
        return WeekForm(with_window_added(data, request.POST.get("add", ""))), False
    if "copy" in data:
        return WeekForm(with_monday_copied(data)), False
    return WeekForm(data), panels.is_saving(request)


def _typed(form: WeekForm, saved: list[Hours]) -> list[Any]:
    return form.hours() if form.is_bound and form.is_valid() else saved


def _hours(rows: Iterable[WeeklyHours]) -> list[Hours]:
    return [Hours(row.weekday, row.start_minute, row.end_minute) for row in rows]
