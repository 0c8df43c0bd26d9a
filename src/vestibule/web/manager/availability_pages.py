"""When a service can be booked at all: whenever staff are free, never, or at hours of its own; and date ranges."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.setup import Hours
from vestibule.web import times
from vestibule.web.manager import fields, panels
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, locked, open_to, show
from vestibule.web.manager.preview import in_clock
from vestibule.web.manager.service_pages import MANAGE, effect_of, one
from vestibule.web.manager.week_form import WeekForm, with_monday_copied, with_window_added

KINDS = (
    ("free", gettext_lazy("Whenever staff are free")),
    ("hours", gettext_lazy("At these hours, when staff are free")),
    ("closed", gettext_lazy("It cannot be booked")),
)
USUAL: dict[str, Any] = {"general": "free", "weekly": [], "ranges": []}
DAY_NAMES = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


class KindForm(fields.Form):
    """When a service can be booked in general."""

    kind = fields.one_of(gettext_lazy("It can be booked"), words(KINDS), radio=True)


class RangeForm(KindForm):
    """When it can be booked between two dates instead."""

    first = fields.day(gettext_lazy("From"))
    last = fields.day(gettext_lazy("Until"), hint=gettext_lazy("This day included."))
    field_order = ("first", "last", "kind")


@open_to(Permission.SEE_SETUP, change=MANAGE)
def general(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and change when a service can be booked at all."""
    service = one(request, slug)
    stored = USUAL | service.availability
    data = request.POST if request.method == "POST" else None
    form = KindForm(data, initial={"kind": stored["general"]})
    week, wants_more = _week(data, stored["weekly"])
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    locked(week, may)
    valid = _is_valid(form, week)
    wanted = {**stored, "general": form.cleaned_data["kind"], "weekly": _windows(form, week)} if valid else None
    if panels.is_saving(request) and wanted is not None and not wants_more:
        attempt(form, lambda: setup.change_service(request.actor, service, availability=wanted), **NAMES)
        if not form.errors:
            return done(request, _("Saved when %(name)s can be booked.") % {"name": service.name}, request.path)
    panel = panels.of_service(request, effect_of(service, {"availability": wanted} if wanted else {}), service)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, *([form, week] if not valid else []))
    context: dict[str, Any] = {"form": form, "week": week, "panel": panel, "may_edit": may, "service": service}
    status = 422 if form.errors or (week.errors and not valid) else 200
    ranges = [_told(stretch) for stretch in stored["ranges"]]
    return show(request, "service_availability.html", status=status, ranges=ranges, tab="availability", **context)


NAMES = {"availability.general": "kind", "availability.weekly": "kind", "availability.ranges": "kind"}


@open_to(*MANAGE)
def add_range(request: StaffRequest, slug: str) -> HttpResponse:
    """Let a service be bookable otherwise between two dates."""
    service = one(request, slug)
    stored = USUAL | service.availability
    data = request.POST if request.method == "POST" else None
    form = RangeForm(data, initial={"kind": "closed"})
    week, wants_more = _week(data, [])
    valid = _is_valid(form, week)
    wanted = {**stored, "ranges": [*stored["ranges"], _stretch(form, week)]} if valid else None
    if panels.is_saving(request) and wanted is not None and not wants_more:
        at = f"availability.ranges.{len(stored['ranges'])}"
        names = {f"{at}.from": "first", f"{at}.to": "last", f"{at}.kind": "kind", f"{at}.weekly": "kind"}
        attempt(form, lambda: setup.change_service(request.actor, service, availability=wanted), **names)
        if not form.errors:
            return done(request, _("The dates were saved."), reverse("manage-service-availability", args=[slug]))
    panel = panels.of_service(request, effect_of(service, {"availability": wanted} if wanted else {}), service)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, *([form, week] if not valid else []))
    status = 422 if form.errors or (week.errors and not valid) else 200
    context: dict[str, Any] = {"form": form, "week": week, "panel": panel, "may_edit": True, "service": service}
    return show(request, "service_range.html", status=status, tab="availability", **context)


@open_to(*MANAGE)
def remove_range(request: StaffRequest, slug: str, dates: str) -> HttpResponse:
    """Ask, then let a service be bookable as usual on those dates."""
    service = one(request, slug)
    ranges = service.availability.get("ranges", [])
    found = next((stretch for stretch in ranges if _key(stretch) == dates), None)
    if found is None:
        raise Http404

    def remove() -> str:
        kept = [stretch for stretch in ranges if stretch is not found]
        setup.change_service(request.actor, service, availability={**service.availability, "ranges": kept})
        return _("Those dates are as usual again.")

    return confirm(
        request,
        remove,
        title=_("Make these dates usual again?"),
        text=_("%(dates)s: %(name)s can be booked then as at all other times.")
        % {"dates": _told(found)["dates"], "name": service.name},
        button=_("Remove the dates"),
        back=reverse("manage-service-availability", args=[slug]),
    )


def _week(data: QueryDict | None, weekly: list[list[int]]) -> tuple[WeekForm, bool]:
    """Return the week as stored, or as typed; and whether only a window more was asked for."""
    if data is None:
        return WeekForm(hours=[Hours(*window) for window in weekly]), False
    if "add" in data:
        return WeekForm(with_window_added(data, str(data.get("add", "")))), True
    if "copy" in data:
        return WeekForm(with_monday_copied(data)), True
    return WeekForm(data), False


def _is_valid(form: fields.Form, week: WeekForm) -> bool:
    return form.is_bound and form.is_valid() and (form.cleaned_data["kind"] != "hours" or week.is_valid())


def _windows(form: fields.Form, week: WeekForm) -> list[list[int]]:
    if form.cleaned_data["kind"] != "hours":
        return []
    return [[one.weekday, one.start, one.end] for one in week.hours()]


def _stretch(form: RangeForm, week: WeekForm) -> dict[str, Any]:
    given = form.cleaned_data
    dates = {"from": given["first"].isoformat(), "to": given["last"].isoformat()}
    return dates | {"kind": given["kind"], "weekly": _windows(form, week)}


def _key(stretch: Mapping[str, Any]) -> str:
    return f"{stretch['from']}_{stretch['to']}"


def _told(stretch: Mapping[str, Any]) -> dict[str, str]:
    first, last = (times.written(date.fromisoformat(stretch[side]), "j F Y") for side in ("from", "to"))
    dates = first if first == last else f"{first} – {last}"
    return {"key": _key(stretch), "dates": dates, "kind": _kind(stretch)}


def _kind(stretch: Mapping[str, Any]) -> str:
    if stretch["kind"] != "hours":
        return str(dict(KINDS)[stretch["kind"]])
    told = (f"{DAY_NAMES[day]} {in_clock(start)}–{in_clock(end)}" for day, start, end in stretch.get("weekly", ()))
    return ", ".join(told)
