"""Days that are not as every week: other hours, closed days, time off; of the business or of one provider."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import setup
from vestibule.booking.models import DateOverride, TimeOff
from vestibule.booking.models import Trip as Journey
from vestibule.people.models import Provider
from vestibule.scheduling import Hours, Override, Trip
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.manager import fields, panels, preview
from vestibule.web.manager.fields import words
from vestibule.web.manager.hours import may_edit_hours
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show
from vestibule.web.manager.preview import in_clock
from vestibule.web.manager.stretch_form import StretchForm
from vestibule.web.manager.week_form import MIDNIGHT, minutes
from vestibule.web.manager.what_if import NOTHING, Change

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


class OffForm(StretchForm):
    """Time without appointments, and who stands in."""

    prefix = "off"

    redirect_to = fields.one_of(
        gettext_lazy("Meanwhile show"),
        [],
        required=False,
        hint=gettext_lazy("Whoever asks for this person then is shown the times of this colleague."),
    )
    reason = fields.text(gettext_lazy("What for"), most=120, required=False, hint=gettext_lazy("Only staff see this."))

    def __init__(self, *args: Any, colleagues: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._colleagues = {one.ref: one for one in colleagues}
        choices = [("", _("Nobody else")), *((one.ref, one.name) for one in colleagues)]
        self.set_choices("redirect_to", choices)

    def colleague(self) -> Provider | None:
        """Return who stands in, by a valid form."""
        return self._colleagues.get(self.cleaned_data["redirect_to"])


class TripForm(fields.Form):
    """Dates on which a provider keeps their hours in another zone."""

    prefix = "trip"

    first = fields.day(gettext_lazy("First day away"))
    last = fields.day(gettext_lazy("Last day away"), required=False, hint=gettext_lazy("Empty: for good."))
    timezone = fields.zone(gettext_lazy("Time zone there"))


HOURS = (Permission.MANAGE_SETUP, Permission.MANAGE_OWN_HOURS)
FORMS = ("day", "off", "trip")


@open_to(Permission.SEE_SETUP, change=HOURS)
def days(request: StaffRequest, slug: str = "") -> HttpResponse:
    """Show days that are not as every week, and add one, beside what it does to that week."""
    provider = _provider(request, slug)
    may = _may_edit(request, provider)
    if request.method == "POST" and not may:
        request.actor.require(Permission.MANAGE_SETUP)
    posted = str(request.POST.get("form")) if request.method == "POST" else ""
    colleagues = _colleagues(request, provider)
    forms_: dict[str, Any] = {
        "day": DayForm(request.POST if posted == "day" else None, initial={"kind": "closed"}),
        "off": OffForm(request.POST if posted == "off" else None, colleagues=colleagues),
        "trip": TripForm(
            request.POST if posted == "trip" and provider else None, initial={"timezone": _zone(request, provider)}
        ),
    }
    typed = forms_.get(posted)
    if panels.is_saving(request) and typed is not None and typed.is_bound and typed.is_valid():
        attempt(typed, lambda: _store(request, provider, posted, typed), **NAMES)
        if not typed.errors:
            return done(request, str(SAVED[posted]), request.path)
    panel = _panel(request, provider, posted, typed)
    if panels.is_drawing(request) and typed is not None:
        return panels.drawn(request, panel, typed)
    status = 422 if posted and (typed is None or not typed.is_bound or typed.errors) else 200
    context: dict[str, Any] = _coming(request, provider) | {f"{name}_form": form for name, form in forms_.items()}
    context |= {"tab": "days", "panel": panel, "open_form": posted, "has_colleagues": bool(colleagues)}
    layout = f"manager/{'provider' if provider else 'setup'}_layout.html"
    return show(request, "days.html", status=status, layout=layout, provider=provider, may_edit=may, **context)


NAMES = {"on": "date", "windows": "first_from", "start": "first_day", "end": "last_day"}
SAVED = {
    "day": gettext_lazy("The day was saved. It counts instead of the weekly hours."),
    "off": gettext_lazy("The time off was saved. What is booked in it stays booked: see what to move below."),
    "trip": gettext_lazy("The travel was saved. The hours are kept on the clocks there."),
}


def _store(request: StaffRequest, provider: Provider | None, posted: str, form: Any) -> None:
    actor, given = request.actor, form.cleaned_data
    if posted == "day":
        note = given["note"]
        setup.set_override(actor, request.business, given["date"], form.windows(), provider=provider, note=note)
    elif posted == "off":
        start, end = form.stretch(_zone(request, provider))
        more: dict[str, Any] = {"reason": given["reason"], "redirect_to": form.colleague()}
        setup.add_time_off(actor, request.business, start, end, provider=provider, **more)
    elif provider is not None:
        setup.add_trip(actor, provider, given["first"], given["last"], given["timezone"])


def _panel(request: StaffRequest, provider: Provider | None, posted: str, form: Any) -> panels.Panel:
    zone = request.business.timezone
    if form is None or not form.is_bound or not form.is_valid():
        return panels.beside(request, provider=provider, zone=zone)
    given = form.cleaned_data
    first = given[{"day": "date", "off": "first_day", "trip": "first"}[posted]]
    try:
        change = _change(request, provider, posted, form)
    except ValueError:
        change = NOTHING
    return panels.beside(request, lambda service: change, provider=provider, zone=zone, first=first)


def _change(request: StaffRequest, provider: Provider | None, posted: str, form: Any) -> Change:
    given, whose = form.cleaned_data, provider.pk if provider else None
    if posted == "off":
        start, end = form.stretch(_zone(request, provider))
        return Change(off={whose: [(clock.to_minute(start), clock.to_minute(end))]})
    if posted == "trip":
        trip = Trip(given["first"], given["last"], given["timezone"])
        return Change(hours=lambda who, key, now: replace(now, trips=(*now.trips, trip)) if who == whose else now)
    on, windows = given["date"], form.windows()
    rows = Provider.objects.filter(business=request.business)
    following = set(rows.filter(uses_business_hours=True).values_list("pk", flat=True))
    named = set(DateOverride.objects.filter(provider__isnull=False, date=on).values_list("provider", "schedule"))

    def hours(who: int, key: int | None, now: Hours) -> Hours:
        if whose is not None and (who, key) != (whose, None):
            return now
        if whose is None and ((who, key) in named or (windows and (who not in following or key is not None))):
            return now
        return with_day(now, on, windows)

    return Change(hours=hours)


def with_day(hours: Hours, on: date, windows: Sequence[tuple[int, int]]) -> Hours:
    """Return hours with other windows on one date; without any it is closed."""
    others = [one for one in hours.overrides if one.day != on]
    mine = [Override(on, start, end) for start, end in windows] or [Override(on)]
    return replace(hours, overrides=(*mine, *others))


def _colleagues(request: StaffRequest, provider: Provider | None) -> list[Provider]:
    if provider is None:
        return []
    return list(Provider.objects.visible_to(request.actor).filter(is_active=True).exclude(pk=provider.pk))


@open_to(Permission.SEE_SETUP, change=HOURS)
def remove_trip(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then keep a provider's hours in their own zone again."""
    row = find(request, Journey.objects.select_related("provider__business"), ref=ref)
    if not _may_edit(request, row.provider):
        request.actor.require(Permission.MANAGE_SETUP)

    def remove() -> str:
        setup.remove_trip(request.actor, row)
        return _("The travel was removed. The hours are in the usual zone again.")

    return confirm(
        request,
        remove,
        title=_("Remove this travel?"),
        text=_("On these days the hours of %(name)s are in %(zone)s again. What is booked stays booked.")
        % {"name": row.provider.name, "zone": times.zone_name(row.provider.zone)},
        button=_("Remove the travel"),
        back=_back(row.provider),
    )


@open_to(Permission.SEE_SETUP, change=HOURS)
def remove_day(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then give a date its weekly hours back."""
    row = find(request, DateOverride.objects.filter(schedule=None).select_related("provider"), ref=ref)
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


@open_to(Permission.SEE_SETUP, change=HOURS)
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
    mine = DateOverride.objects.visible_to(request.actor).filter(schedule=None, date__gte=today)
    overrides = mine.filter(provider=provider)
    off = TimeOff.objects.visible_to(request.actor).filter(
        provider=provider, end_minute__gt=clock.to_minute(clock.now())
    )
    shared = mine.filter(provider=None)
    zone = _zone(request, provider)
    trips: Any = ()
    if provider is not None:
        trips = Journey.objects.visible_to(request.actor).filter(provider=provider).exclude(last__lt=today)
    told = {"overrides": told_days(overrides), "shared": told_days(shared) if provider else []}
    return {"zone": zone, "off": off.select_related("redirect_to"), "trips": trips} | told


def told_days(rows: Iterable[DateOverride]) -> list[DateOverride]:
    """Return rows with `hours` in words; several windows of one day as one row."""
    told: dict[date, DateOverride] = {}
    for row in rows:
        words = _("Closed") if row.is_closed else f"{in_clock(row.start_minute)}–{in_clock(row.end_minute)}"
        first = told.setdefault(row.date, row)
        first.hours = words if first is row else f"{first.hours}, {words}"  # type: ignore[attr-defined]  # for the page
    return list(told.values())


def _provider(request: StaffRequest, slug: str) -> Provider | None:
    return find(request, Provider.objects.all(), slug=slug) if slug else None


def _may_edit(request: StaffRequest, provider: Provider | None) -> bool:
    if provider is None:
        return request.actor.may(Permission.MANAGE_SETUP)
    return may_edit_hours(request, provider)


def _zone(request: StaffRequest, provider: Provider | None) -> str:
    """Return the zone in which days off are said: the provider's own, or the business'."""
    return provider.timezone if provider and provider.timezone else request.business.timezone


def _back(provider: Provider | None) -> str:
    return reverse("manage-provider-days", args=[provider.slug]) if provider else reverse("manage-days")
