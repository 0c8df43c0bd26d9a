"""Reports: bookings, cancellations, no-shows, lead times and utilisation, with plots, tables and files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import reports, utilisation
from vestibule.booking.models import Service
from vestibule.booking.reports import Asked, Bucket, LeadTimes, Line
from vestibule.booking.transfer import tables
from vestibule.booking.utilisation import Use, Utilisation
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.web import times
from vestibule.web.manager import fields, report_words
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show
from vestibule.web.manager.plots import Plot, Series, plot_of
from vestibule.web.manager.preview import today_in

BUCKETS = (
    ("", gettext_lazy("Automatic")),
    ("day", gettext_lazy("Day")),
    ("week", gettext_lazy("Week")),
    ("month", gettext_lazy("Month")),
)
STRETCHES = (
    (gettext_lazy("Last 7 days"), -6, 0),
    (gettext_lazy("Last 30 days"), -29, 0),
    (gettext_lazy("Last 90 days"), -89, 0),
    (gettext_lazy("Last 12 months"), -364, 0),
    (gettext_lazy("Next 30 days"), 0, 29),
)
MOST_DAYS_BY_DAY, MOST_DAYS_BY_WEEK = 45, 200
Words = str | Promise


class FilterForm(fields.Form):
    """What to report on."""

    since = fields.day(gettext_lazy("From"))
    until = fields.day(gettext_lazy("Until"))
    by = fields.one_of(gettext_lazy("By"), words(BUCKETS), required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)

    def __init__(self, data: Any, *, providers: Sequence[Provider], services: Sequence[Service]) -> None:
        super().__init__(data)
        everything = [("", _("All"))]
        self.set_choices("provider", [*everything, *((one.slug, one.name) for one in providers)])
        self.set_choices("service", [*everything, *((one.slug, one.name) for one in services)])


@dataclass(frozen=True)
class Shortcut:
    """A stretch to choose with one click."""

    words: Words
    href: str
    is_here: bool


@dataclass(frozen=True)
class Tile:
    """One number and what it counts."""

    value: str
    label: Words


@open_to(Permission.SEE_RESULTS)
def page(request: StaffRequest) -> HttpResponse:
    """Show everything at once, for one stretch."""
    form = _form(request)
    asked, problem = _asked(request, form)
    context: dict[str, Any] = {"shortcuts": _shortcuts(request), "problem": problem, "asked": asked}
    if asked is not None:
        lines = reports.counts(request.actor, request.business, asked)
        leads = reports.lead_times(request.actor, request.business, asked)
        use = utilisation.utilisation(request.actor, request.business, asked)
        context |= {
            "lines": lines,
            "tiles": _tiles(lines, leads, use),
            "plot": _plot(lines, asked.bucket),
            "leads": [_lead_bar(one) for one in leads.bins],
            "most_leads": max((one.count for one in leads.bins), default=0),
            "has_leads": leads.count > 0,
            "use": use,
            "has_seats": any(one.seats_offered for one in use.services),
            "query": request.GET.urlencode(),
        }
    return show(request, "reports.html", form=form, **context)


@open_to(Permission.SEE_RESULTS)
def as_file(request: StaffRequest, name: str) -> HttpResponseBase:
    """One of the tables as a file: bookings, lead-times, providers or services."""
    asked, _problem = _asked(request, _form(request))
    table = _TABLES.get(name)
    if asked is None or table is None:
        raise Http404
    header, rows = table(request, asked)
    cells = (["" if cell is None else str(cell) for cell in row] for row in rows)
    return as_csv(tables.written(header, cells), f"{name}-{request.business.slug}-{asked.first}-{asked.last}.csv")


def _form(request: StaffRequest) -> FilterForm:
    today = today_in(request.business.timezone)
    data = request.GET.copy()
    data.setdefault("since", f"{today - timedelta(days=29):%Y-%m-%d}")
    data.setdefault("until", f"{today:%Y-%m-%d}")
    providers = list(Provider.objects.filter(business=request.business))
    services = list(Service.objects.filter(business=request.business))
    return FilterForm(data, providers=providers, services=services)


def _asked(request: StaffRequest, form: FilterForm) -> tuple[Asked | None, str]:
    """Return what a valid form asks for, or what is wrong with it."""
    if not form.is_valid():
        return None, ""
    given = form.cleaned_data
    days = (given["until"] - given["since"]).days + 1
    usual = "day" if days <= MOST_DAYS_BY_DAY else "week" if days <= MOST_DAYS_BY_WEEK else "month"
    provider = Provider.objects.filter(business=request.business, slug=given["provider"]).first()
    service = Service.objects.filter(business=request.business, slug=given["service"]).first()
    try:
        asked = Asked(
            given["since"],
            given["until"],
            Bucket(given["by"] or usual),
            provider.pk if provider else None,
            service.pk if service else None,
        )
    except Refusal as refused:
        form.add_error("until", refused.sentence)
        return None, refused.sentence
    return asked, ""


def _shortcuts(request: StaffRequest) -> list[Shortcut]:
    today = today_in(request.business.timezone)
    kept = {name: request.GET[name] for name in ("provider", "service") if request.GET.get(name)}
    found = []
    for label, first, last in STRETCHES:
        stretch = {
            "since": f"{today + timedelta(days=first):%Y-%m-%d}",
            "until": f"{today + timedelta(days=last):%Y-%m-%d}",
        }
        here = all(request.GET.get(name) == value for name, value in stretch.items())
        found.append(Shortcut(label, f"{reverse('manage-reports')}?{urlencode(stretch | kept)}", here))
    return found


def _tiles(lines: Sequence[Line], leads: LeadTimes, use: Utilisation) -> list[Tile]:
    kept, cancelled = sum(line.kept for line in lines), sum(line.all_cancelled for line in lines)
    missed, held = sum(line.no_shows for line in lines), sum(line.completed for line in lines)
    ahead = report_words.length(leads.median) if leads.median is not None else "–"
    return [
        Tile(str(sum(line.made for line in lines)), _("bookings made")),
        Tile(str(kept), _("appointments in this period")),
        Tile(report_words.percent(cancelled, kept + cancelled), _("cancelled")),
        Tile(report_words.percent(missed, missed + held), _("did not come")),
        Tile(ahead, _("half were booked at least this far ahead")),
        Tile(report_words.percent(use.booked, use.offered), _("of offered time is booked")),
    ]


def _plot(lines: Sequence[Line], bucket: Bucket) -> Plot:
    return plot_of(
        [_label(line, bucket) for line in lines],
        (
            Series("a", _("Took place or to come"), [line.kept - line.no_shows for line in lines]),
            Series("b", _("Did not come"), [line.no_shows for line in lines]),
            Series("c", _("Cancelled"), [line.all_cancelled for line in lines]),
        ),
    )


def _label(line: Line, bucket: Bucket) -> str:
    if bucket is Bucket.MONTH:
        return times.written(line.first, "F Y")
    return times.written(line.first, "j M Y")


def _lead_bar(one: reports.Lead) -> dict[str, Any]:
    return {"label": report_words.lead(one), "value": one.count}


Table = tuple[list[str], list[list[Any]]]


def _bookings_table(request: StaffRequest, asked: Asked) -> Table:
    header = ["From", "Until", "Bookings made", "Appointments", "Completed", "Did not come", "Left before being seen"]
    header += ["Requests"]
    header += ["Cancelled by consumer", "Cancelled by provider", "Cancelled by business"]
    lines = reports.counts(request.actor, request.business, asked)
    return header, [
        [
            *(line.first.isoformat(), line.last.isoformat(), line.made, line.kept, line.completed, line.no_shows),
            *(line.not_seen, line.requested, *line.cancelled.values()),
        ]
        for line in lines
    ]


def _leads_table(request: StaffRequest, asked: Asked) -> Table:
    leads = reports.lead_times(request.actor, request.business, asked)
    header = ["At least minutes ahead", "Less than minutes ahead", "Appointments"]
    return header, [[one.least, one.under, one.count] for one in leads.bins]


def _providers_table(request: StaffRequest, asked: Asked) -> Table:
    use = utilisation.utilisation(request.actor, request.business, asked)
    return ["Provider", "Minutes booked", "Minutes offered", "Percent"], [_use_row(one) for one in use.providers]


def _services_table(request: StaffRequest, asked: Asked) -> Table:
    use = utilisation.utilisation(request.actor, request.business, asked)
    header = ["Service", "Minutes booked", "Minutes offered", "Percent", "Seats taken", "Seats offered"]
    return header, [[*_use_row(one), one.seats_taken or None, one.seats_offered or None] for one in use.services]


def _use_row(one: Use) -> list[Any]:
    return [one.name, one.booked, one.offered, None if one.percent is None else round(one.percent, 1)]


_TABLES: dict[str, Callable[[StaffRequest, Asked], Table]] = {
    "bookings": _bookings_table,
    "lead-times": _leads_table,
    "providers": _providers_table,
    "services": _services_table,
}
