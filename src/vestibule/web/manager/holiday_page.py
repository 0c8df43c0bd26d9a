"""Public holidays: whose are kept, and on which of them the business is open all the same."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import holidays, setup
from vestibule.booking.models import DateOverride, Service
from vestibule.booking.setup.public_days import days_of
from vestibule.people.models import Business
from vestibule.scheduling import Hours, Override
from vestibule.web.manager import fields, panels, preview
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.what_if import Change

YEARS = 2


class PlaceForm(fields.Form):
    """Whose public holidays are kept."""

    holiday_country = fields.long_list(gettext_lazy("Country"), [], required=False)
    holiday_region = fields.one_of(
        gettext_lazy("Region"), [], required=False, hint=gettext_lazy("Some holidays are kept in some regions only.")
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("holiday_country", [("", _("Keep no public holidays")), *holidays.countries()])
        self.set_choices("holiday_region", [("", _("The whole country")), *holidays.regions(country)])
        self.has_regions = bool(holidays.regions(country))


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def public(request: StaffRequest) -> HttpResponse:
    """Show the public holidays of this and the next year, choose whose they are, and open some."""
    business = request.business
    posted = request.POST.get("form") if request.method == "POST" else None
    if posted == "open":
        return _switch(request)
    form = _form(request, business)
    may = request.actor.may(Permission.MANAGE_SETUP)
    locked(form, may)
    if panels.is_saving(request) and "regions" not in request.POST and form.is_valid():
        given = form.cleaned_data
        country, region = given["holiday_country"], given["holiday_region"]
        attempt(form, lambda: setup.keep_holidays(request.actor, business, country, region))
        if not form.errors:
            return done(request, _("The public holidays were saved. Nothing booked on them was moved."), request.path)
    shown = _as_typed(business, form)
    panel = _panel(request, business, shown) if shown is not business else panels.beside(request)
    if panels.is_drawing(request):
        return panels.drawn(request, panel, form)
    this_year = preview.today_in(business.timezone).year
    years = [(year, days_of(shown, year)) for year in range(this_year, this_year + YEARS)]
    is_stored = shown is business
    context: dict[str, Any] = {"form": form, "panel": panel, "may_edit": may, "years": years, "is_stored": is_stored}
    return show(request, "holidays.html", **context)


def _switch(request: StaffRequest) -> HttpResponse:
    """Open a holiday or close it again."""
    form = fields.Form(request.POST)
    form.is_valid()
    is_open = request.POST.get("is_open") == "1"
    on = _date(request.POST.get("date", ""))
    if on is not None:
        attempt(form, lambda: setup.open_on_holiday(request.actor, request.business, on, is_open=is_open))
    if on is None or form.errors:
        return done(request, _("That day is no public holiday here, so nothing was changed."), request.path)
    words = _("You are open on that holiday.") if is_open else _("You are closed on that holiday.")
    return done(request, words, request.path)


def _form(request: StaffRequest, business: Business) -> PlaceForm:
    if request.method != "POST":
        initial = {name: getattr(business, name) for name in PlaceForm.base_fields}
        return PlaceForm(initial=initial, country=business.holiday_country)
    data = request.POST.copy()
    country = str(data.get("holiday_country", ""))
    if country != business.holiday_country and data.get("holiday_region") == business.holiday_region:
        data["holiday_region"] = ""  # another country was chosen, and its regions were not there to choose from
    return PlaceForm(data, country=country)


def _as_typed(business: Business, form: PlaceForm) -> Business:
    """Return the business as stored, or a copy with the place typed that is never saved."""
    if not (form.is_bound and form.is_valid()):
        return business
    wanted = {name: form.cleaned_data[name] for name in PlaceForm.base_fields}
    if all(getattr(business, name) == value for name, value in wanted.items()):
        return business
    return Business(pk=business.pk, open_holidays=business.open_holidays, timezone=business.timezone, **wanted)


def _panel(request: StaffRequest, business: Business, shown: Business) -> panels.Panel:
    today = preview.today_in(business.timezone)
    years = range(today.year, today.year + YEARS)
    before, after = ({on for year in years for on in _closed(one, year)} for one in (business, shown))
    coming = sorted(on for on in before ^ after if on >= today)
    rows = DateOverride.objects.filter(business=business, date__in=before | after)
    said: set[tuple[Any, ...]] = set(rows.values_list("date", "provider", "schedule"))

    def hours(who: int, key: int | None, now: Hours) -> Hours:
        free = {on for on in before | after if not said & {(on, who, key), (on, None, None)}}
        kept = [one for one in now.overrides if one.day not in free]
        return replace(now, overrides=(*kept, *(Override(on) for on in sorted(free & after))))

    def change(_service: Service) -> Change:
        return Change(hours=hours)

    return panels.beside(request, change, first=coming[0] if coming else None)


def _closed(business: Business, year: int) -> list[date]:
    return [on for on, _name, is_open in days_of(business, year) if not is_open]


def _date(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if len(given) == 10 else None
    except ValueError:
        return None
