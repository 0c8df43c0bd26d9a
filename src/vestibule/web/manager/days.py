"""Days that are not as every week: other hours, closed days, time off; of the business or of one provider."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import DateOverride, TimeOff
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.manager import fields, preview
from vestibule.web.manager.fields import words
from vestibule.web.manager.hours import may_edit_hours
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show
from vestibule.web.manager.preview import in_clock
from vestibule.web.manager.week_form import MIDNIGHT, minutes

KINDS = (("closed", gettext_lazy("Closed all day")), ("hours", gettext_lazy("Open at these hours")))


class DayForm(fields.Form):
    """Other hours on one date."""

    prefix = "day"

    date = fields.day(gettext_lazy("Date"))
    kind = fields.one_of(gettext_lazy("On this day"), words(KINDS), radio=True)
    first_from = fields.clock(gettext_lazy("From"), required=False)
    first_to = fields.clock(gettext_lazy("To"), required=False)
    second_from = fields.clock(gettext_lazy("And from"), required=False)
    second_to = fields.clock(gettext_lazy("To"), required=False, name=gettext_lazy("Second window, to"))
    note = fields.text(gettext_lazy("What for"), most=120, required=False, hint=gettext_lazy("Only staff see this."))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") == "hours":
            if given.get("first_from") is None or given.get("first_to") is None:
                self.add_error("first_from", _("Say from when to when it is open, or choose “Closed all day”."))
            if (given.get("second_from") is None) != (given.get("second_to") is None):
                self.add_error("second_from", _("Give both times of the second window, or neither."))
        return given

    def windows(self) -> list[tuple[int, int]]:
        """Return the windows of a valid form; none when closed."""
        if self.cleaned_data["kind"] == "closed":
            return []
        pairs = [(self.cleaned_data[f"{one}_from"], self.cleaned_data[f"{one}_to"]) for one in ("first", "second")]
        return [(minutes(start), minutes(end) or MIDNIGHT) for start, end in pairs if start is not None]


class OffForm(fields.Form):
    """A stretch without appointments, in local time."""

    prefix = "off"

    first_day = fields.day(gettext_lazy("First day"))
    first_time = fields.clock(gettext_lazy("From"), required=False)
    last_day = fields.day(gettext_lazy("Last day"))
    last_time = fields.clock(gettext_lazy("Until"), required=False)
    reason = fields.text(gettext_lazy("What for"), most=120, required=False, hint=gettext_lazy("Only staff see this."))

    def stretch(self, zone: str) -> tuple[datetime, datetime]:
        """Return the instants a valid form names; without times whole days are meant."""
        given, there = self.cleaned_data, ZoneInfo(zone)
        begins = datetime.combine(given["first_day"], given["first_time"] or time(), there)
        if given["last_time"] is None:
            return begins, datetime.combine(given["last_day"] + timedelta(days=1), time(), there)
        return begins, datetime.combine(given["last_day"], given["last_time"], there)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS))
def days(request: StaffRequest, slug: str = "") -> HttpResponse:
    """Show days that are not as every week, and add one."""
    provider = _provider(request, slug)
    may = _may_edit(request, provider)
    if request.method == "POST" and not may:
        request.actor.require(Permission.MANAGE_SETUP)
    posted = request.POST.get("form") if request.method == "POST" else None
    day_form = DayForm(request.POST if posted == "day" else None, initial={"kind": "closed"})
    off_form = OffForm(request.POST if posted == "off" else None)
    if posted == "day" and day_form.is_valid():
        attempt(day_form, lambda: _add_day(request, provider, day_form), on="date", windows="first_from")
        if not day_form.errors:
            return done(request, _("The day was saved. It counts instead of the weekly hours."), request.path)
    if posted == "off" and off_form.is_valid():
        attempt(off_form, lambda: _add_off(request, provider, off_form), start="first_day", end="last_day")
        if not off_form.errors:
            return done(
                request,
                _("The time off was saved. What is booked in it stays booked: move it if need be."),
                request.path,
            )
    status = 422 if posted and (day_form.errors or off_form.errors or posted not in ("day", "off")) else 200
    context: dict[str, Any] = _coming(request, provider) | {"day_form": day_form, "off_form": off_form, "tab": "days"}
    layout = f"manager/{'provider' if provider else 'setup'}_layout.html"
    return show(request, "days.html", status=status, layout=layout, provider=provider, may_edit=may, **context)


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS))
def remove_day(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then give a date its weekly hours back."""
    row = find(request, DateOverride.objects.select_related("provider"), ref=ref)
    if not _may_edit(request, row.provider):
        request.actor.require(Permission.MANAGE_SETUP)
    on = times.day(datetime.combine(row.date, time(12), ZoneInfo("UTC")), "UTC")

    def remove() -> str:
        setup.remove_override(request.actor, request.business, row.date, provider=row.provider)
        return _("%(day)s has its weekly hours again.") % {"day": on}

    return confirm(
        request,
        remove,
        title=_("Give %(day)s its weekly hours back?") % {"day": on},
        text=_("The exception on that day is removed. Appointments already booked stay as they are."),
        button=_("Remove the exception"),
        back=_back(row.provider),
    )


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS))
def remove_off(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then take appointments again in a stretch."""
    row = find(request, TimeOff.objects.select_related("provider"), ref=ref)
    if not _may_edit(request, row.provider):
        request.actor.require(Permission.MANAGE_SETUP)
    span = times.span(row.start_minute, row.end_minute, _zone(request, row.provider))

    def remove() -> str:
        setup.remove_time_off(request.actor, row)
        return _("The time off was removed. That time can be booked again.")

    return confirm(
        request,
        remove,
        title=_("Remove this time off?"),
        text=_("%(span)s can be booked again from now on.") % {"span": span},
        button=_("Remove the time off"),
        back=_back(row.provider),
    )


def _coming(request: StaffRequest, provider: Provider | None) -> dict[str, Any]:
    today = preview.today_in(_zone(request, provider))
    overrides = DateOverride.objects.visible_to(request.actor).filter(provider=provider, date__gte=today)
    off = TimeOff.objects.visible_to(request.actor).filter(
        provider=provider, end_minute__gt=clock.to_minute(clock.now())
    )
    shared = DateOverride.objects.visible_to(request.actor).filter(provider=None, date__gte=today)
    zone = _zone(request, provider)
    return {"zone": zone, "overrides": _told(overrides), "off": off, "shared": _told(shared) if provider else []}


def _told(rows: Iterable[DateOverride]) -> list[DateOverride]:
    """Return rows with `hours` in words; several windows of one day as one row."""
    told: dict[date, DateOverride] = {}
    for row in rows:
        words = _("Closed") if row.is_closed else f"{in_clock(row.start_minute)}–{in_clock(row.end_minute)}"
        first = told.setdefault(row.date, row)
        first.hours = words if first is row else f"{first.hours}, {words}"  # type: ignore[attr-defined]
    return list(told.values())


def _provider(request: StaffRequest, slug: str) -> Provider | None:
    return find(request, Provider.objects.all(), slug=slug) if slug else None


def _may_edit(request: StaffRequest, provider: Provider | None) -> bool:
    if provider is None:
        return request.actor.may(Permission.MANAGE_SETUP)
    return may_edit_hours(request, provider)


def _add_day(request: StaffRequest, provider: Provider | None, form: DayForm) -> None:
    on, note = form.cleaned_data["date"], form.cleaned_data["note"]
    setup.set_override(request.actor, request.business, on, form.windows(), provider=provider, note=note)


def _add_off(request: StaffRequest, provider: Provider | None, form: OffForm) -> None:
    start, end = form.stretch(_zone(request, provider))
    reason = form.cleaned_data["reason"]
    setup.add_time_off(request.actor, request.business, start, end, provider=provider, reason=reason)


def _zone(request: StaffRequest, provider: Provider | None) -> str:
    """Return the zone in which days off are said: the provider's own, or the business'."""
    return provider.timezone if provider and provider.timezone else request.business.timezone


def _back(provider: Provider | None) -> str:
    return reverse("manage-provider-days", args=[provider.slug]) if provider else reverse("manage-days")
