"""Further hours of a provider under a name, that services are pinned to: the list, and one with its week and days."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import DateOverride, Schedule, WeeklyHours
from vestibule.booking.setup import Hours
from vestibule.people.models import Provider
from vestibule.web import times
from vestibule.web.manager import fields, panels, preview
from vestibule.web.manager.days import DayForm, told_days, with_day
from vestibule.web.manager.hours import may_edit_hours, typed_week
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, locked, open_to, show
from vestibule.web.manager.provider_pages import one
from vestibule.web.manager.what_if import Change

HOURS = (Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS)


class NameForm(fields.Form):
    """What a schedule is called."""

    name = fields.text(gettext_lazy("Name"), most=80, hint=gettext_lazy("Such as “Evening clinic”. Only staff see it."))


@open_to(Permission.SEE_SETUP, change=HOURS)
def listing(request: StaffRequest, slug: str) -> HttpResponse:
    """List a provider's schedules, and add one."""
    provider = one(request, slug)
    may = _require(request, provider)
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: setup.add_schedule(request.actor, provider, form.cleaned_data["name"]))
        if made is not None:
            words = _("%(name)s was added. Set its hours, then choose it where a service is offered.")
            return done(request, words % {"name": made.name}, _address(made))
    rows = Schedule.objects.visible_to(request.actor).filter(provider=provider)
    rows = rows.annotate(windows=Count("weekly_hours", distinct=True), services=Count("offers", distinct=True))
    context: dict[str, Any] = {"form": form, "provider": provider, "rows": rows, "may_edit": may}
    return show(request, "provider_schedules.html", tab="schedules", **context)


@open_to(Permission.SEE_SETUP, change=HOURS)
def details(request: StaffRequest, slug: str, ref: str) -> HttpResponse:
    """Show and change the weekly hours of a schedule, its name and its days."""
    schedule = _one(request, slug, ref)
    may = _require(request, schedule.provider)
    posted = request.POST.get("form") if request.method == "POST" else None
    rows = WeeklyHours.objects.filter(schedule=schedule)
    saved = [Hours(row.weekday, row.start_minute, row.end_minute) for row in rows]
    week, wants_save = typed_week(request, saved) if posted in (None, "week") else typed_week(None, saved)
    name_form = NameForm(request.POST if posted == "name" else None, initial={"name": schedule.name})
    day_form = DayForm(request.POST if posted == "day" else None, initial={"kind": "closed"})
    for each in (week, name_form, day_form):
        locked(each, may)
    answer = _stored(request, schedule, posted if wants_save or posted != "week" else None, week, name_form, day_form)
    if answer is not None:
        return answer
    typed = week.hours() if week.is_bound and week.is_valid() else saved
    is_day = posted == "day" and day_form.is_valid()
    panel = _day_panel(request, schedule, day_form) if is_day else _panel(request, schedule, typed, week.is_bound)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, day_form if posted == "day" else week)
    forms_ = (week, name_form, day_form)
    status = 422 if any(each.errors for each in forms_) or posted not in (None, "week", "name", "day") else 200
    context: dict[str, Any] = {
        "form": week,
        "name_form": name_form,
        "day_form": day_form,
        "schedule": schedule,
        "provider": schedule.provider,
        "panel": panel,
        "may_edit": may,
        "overrides": _days(schedule),
        "open_form": posted,
    }
    return show(request, "provider_schedule.html", status=status, tab="schedules", **context)


def _stored(
    request: StaffRequest, schedule: Schedule, posted: str | None, week: Any, name_form: NameForm, day_form: DayForm
) -> HttpResponse | None:
    """Store the form that was sent, and return where to go on; None if there was none or it is refused."""
    actor, business, provider = request.actor, request.business, schedule.provider
    if not panels.is_saving(request):
        return None
    if posted == "week" and week.is_valid():
        attempt(week, lambda: setup.set_hours(actor, business, week.hours(), provider=provider, schedule=schedule))
        if not week.errors:
            return done(request, _("The hours of %(name)s were saved.") % {"name": schedule.name}, request.path)
    if posted == "name" and name_form.is_valid():
        attempt(name_form, lambda: setup.rename_schedule(actor, schedule, name_form.cleaned_data["name"]))
        if not name_form.errors:
            return done(request, _("The name was saved."), request.path)
    if posted == "day" and day_form.is_valid():
        on, note, windows = day_form.cleaned_data["date"], day_form.cleaned_data["note"], day_form.windows()
        attempt(
            day_form,
            lambda: setup.set_override(actor, business, on, windows, provider=provider, schedule=schedule, note=note),
            on="date",
            windows="first_from",
        )
        if not day_form.errors:
            return done(request, _("The day was saved. It counts instead of the weekly hours."), request.path)
    return None


@open_to(Permission.SEE_SETUP, change=HOURS)
def remove(request: StaffRequest, slug: str, ref: str) -> HttpResponse:
    """Ask, then remove a schedule with its hours."""
    schedule = _one(request, slug, ref)
    if not may_edit_hours(request, schedule.provider):
        request.actor.require(Permission.MANAGE_SETUP)

    def gone() -> str:
        setup.remove_schedule(request.actor, schedule)
        return _("%(name)s was removed.") % {"name": schedule.name}

    return confirm(
        request,
        gone,
        title=_("Remove %(name)s?") % {"name": schedule.name},
        text=_("Its hours and days are removed with it. Appointments already booked stay as they are."),
        button=_("Remove the schedule"),
        back=_address(schedule),
        to=reverse("manage-schedules", args=[slug]),
    )


@open_to(Permission.SEE_SETUP, change=HOURS)
def remove_day(request: StaffRequest, slug: str, ref: str, day: str) -> HttpResponse:
    """Ask, then give a date of a schedule its weekly hours back."""
    schedule = _one(request, slug, ref)
    if not may_edit_hours(request, schedule.provider):
        request.actor.require(Permission.MANAGE_SETUP)
    row = find(request, DateOverride.objects.filter(schedule=schedule), ref=day)
    on = times.day(datetime.combine(row.date, time(12), ZoneInfo("UTC")), "UTC")

    def gone() -> str:
        provider = schedule.provider
        setup.remove_override(request.actor, request.business, row.date, provider=provider, schedule=schedule)
        return _("%(day)s has its weekly hours again.") % {"day": on}

    return confirm(
        request,
        gone,
        title=_("Give %(day)s its weekly hours back?") % {"day": on},
        text=_("The exception on that day is removed. Appointments already booked stay as they are."),
        button=_("Remove the exception"),
        back=_address(schedule),
    )


def _panel(request: StaffRequest, schedule: Schedule, typed: list[Hours], is_typed: bool) -> panels.Panel:
    provider = schedule.provider
    opening = preview.of_hours(request.business, typed, provider, schedule.pk)

    def change(_service: Any) -> Change:
        weekly = preview.windows_of(typed)
        return Change(
            hours=lambda who, key, now: replace(now, weekly=weekly) if (who, key) == (provider.pk, schedule.pk) else now
        )

    return panels.beside(
        request,
        change if is_typed else None,
        opening=opening,
        provider=provider,
        schedule=schedule,
        zone=provider.zone,
    )


def _day_panel(request: StaffRequest, schedule: Schedule, form: DayForm) -> panels.Panel:
    on, windows, whose = form.cleaned_data["date"], form.windows(), (schedule.provider_id, schedule.pk)
    change = Change(hours=lambda who, key, now: with_day(now, on, windows) if (who, key) == whose else now)
    return panels.beside(request, lambda service: change, provider=schedule.provider, schedule=schedule, first=on)


def _days(schedule: Schedule) -> list[DateOverride]:
    today: date = preview.today_in(schedule.provider.zone)
    return told_days(DateOverride.objects.filter(schedule=schedule, date__gte=today))


def _one(request: StaffRequest, slug: str, ref: str) -> Schedule:
    rows = Schedule.objects.select_related("provider__business", "business")
    schedule: Schedule = find(request, rows, provider__slug=slug, ref=ref)
    return schedule


def _require(request: StaffRequest, provider: Provider) -> bool:
    may = may_edit_hours(request, provider)
    if request.method == "POST" and not may:
        request.actor.require(Permission.MANAGE_SETUP)
    return may


def _address(schedule: Schedule) -> str:
    return reverse("manage-schedule", args=[schedule.provider.slug, schedule.ref])
