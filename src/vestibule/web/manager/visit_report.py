"""How visits went, counted now: waits, lateness, lengths, who left, technical trouble, satisfaction. Page and file."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.booking.reports import Asked
from vestibule.booking.transfer import tables
from vestibule.booking.visit_reports import By, Figures, VisitLine
from vestibule.experience import visit_reports
from vestibule.experience.visit_reports import Report, Row
from vestibule.meetings.models import WaitingArea
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.web import times
from vestibule.web.manager import fields, report_words
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show
from vestibule.web.manager.plots import Plot, Series, plot_of
from vestibule.web.manager.preview import today_in
from vestibule.web.manager.reports import MOST_DAYS_BY_DAY, MOST_DAYS_BY_WEEK, Shortcut, Tile

BY = (
    ("", gettext_lazy("Date")),
    ("provider", gettext_lazy("Provider")),
    ("service", gettext_lazy("Service")),
    ("area", gettext_lazy("Waiting area")),
)
STRETCHES = (
    (gettext_lazy("Today"), 0),
    (gettext_lazy("Last 7 days"), -6),
    (gettext_lazy("Last 30 days"), -29),
    (gettext_lazy("Last 12 months"), -364),
)
CAUSES = {
    "connection": gettext_lazy("Connection between the browsers"),
    "relay": gettext_lazy("Relay refused"),
    "media_server": gettext_lazy("Media server"),
    "device": gettext_lazy("Camera or microphone"),
}
_CSV: Sequence[tuple[str, Callable[[Row], Any]]] = (
    ("Visits", lambda row: row.line.visits),
    ("Walk-ins", lambda row: row.line.walk_ins),
    ("Rooms", lambda row: row.line.rooms),
    ("Seen", lambda row: row.line.seen),
    ("Did not come", lambda row: row.line.no_shows),
    ("Left before being seen", lambda row: row.line.left),
    ("Waited", lambda row: row.line.waits.count),
    ("Wait, median seconds", lambda row: row.line.waits.median),
    ("Wait, nine in ten at most seconds", lambda row: row.line.waits.most_of_them),
    ("Wait, longest seconds", lambda row: row.line.waits.longest),
    ("Consumers late", lambda row: row.line.consumer_late.count),
    ("Consumers late, median seconds", lambda row: row.line.consumer_late.median),
    ("Staff late", lambda row: row.line.staff_late.count),
    ("Staff late, median seconds", lambda row: row.line.staff_late.median),
    ("Length, median seconds", lambda row: row.line.lengths.median),
    ("Beyond plan, median seconds", lambda row: row.line.beyond.median),
    ("With technical trouble", lambda row: row.line.failed),
    *((f"Trouble: {cause}", lambda row, cause=cause: row.line.failures[cause]) for cause in CAUSES),
    ("Answers", lambda row: row.satisfaction.answers),
    ("Satisfied", lambda row: row.satisfaction.happy),
)


class FilterForm(fields.Form):
    """What to report on."""

    since = fields.day(gettext_lazy("From"))
    until = fields.day(gettext_lazy("Until"))
    by = fields.one_of(gettext_lazy("By"), words(BY), required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)
    area = fields.one_of(gettext_lazy("Waiting area"), [], required=False)

    def __init__(self, request: StaffRequest, data: Any) -> None:
        super().__init__(data)
        for name, rows in self.rows(request).items():
            self.set_choices(name, [("", _("All")), *rows.values_list("slug", "name")])

    @staticmethod
    def rows(request: StaffRequest) -> dict[str, Any]:
        """Return what each choice is made from."""
        return {
            "provider": Provider.objects.filter(business=request.business),
            "service": Service.objects.filter(business=request.business),
            "area": WaitingArea.objects.filter(business=request.business),
        }


@open_to(Permission.SEE_RESULTS)
def page(request: StaffRequest) -> HttpResponse:
    """Show the numbers of one stretch: as tiles, drawn, and as a table."""
    form = _form(request)
    asked, by, problem = _asked(request, form)
    context: dict[str, Any] = {"shortcuts": _shortcuts(request), "problem": problem, "asked": asked, "by": by}
    if asked is not None:
        report = visit_reports.report(request.actor, request.business, asked, by)
        context |= {
            "tiles": _tiles(report.whole),
            "times": _times(report.whole.line),
            "plot": _plot(report),
            "is_by_day": by in (By.DAY, By.WEEK, By.MONTH),
            "rows": [_shown(row, by) for row in report.rows if row.line.visits],
            "has_rooms": bool(report.whole.line.rooms),
            "causes": _causes(report.whole.line),
            "most_trouble": max(report.whole.line.failures.values(), default=0),
            "query": request.GET.urlencode(),
        }
    return show(request, "visit_report.html", form=form, **context)


@open_to(Permission.SEE_RESULTS)
def as_file(request: StaffRequest) -> HttpResponseBase:
    """The same table as a file, times in seconds."""
    asked, by, _problem = _asked(request, _form(request))
    if asked is None:
        raise Http404
    report = visit_reports.report(request.actor, request.business, asked, by)
    header = [_head(by), *(name for name, _value in _CSV)]
    rows = [[row.line.label, *(value(row) for _name, value in _CSV)] for row in report.rows]
    cells = (["" if cell is None else str(cell) for cell in row] for row in rows)
    return as_csv(tables.written(header, cells), f"visits-{request.business.slug}-{asked.first}-{asked.last}.csv")


def _head(by: By) -> str:
    return {By.PROVIDER: "Provider", By.SERVICE: "Service", By.AREA: "Waiting area"}.get(by, "From")


def _form(request: StaffRequest) -> FilterForm:
    today = today_in(request.business.timezone)
    data = request.GET.copy()
    data.setdefault("since", f"{today - timedelta(days=29):%Y-%m-%d}")
    data.setdefault("until", f"{today:%Y-%m-%d}")
    return FilterForm(request, data)


def _asked(request: StaffRequest, form: FilterForm) -> tuple[Asked | None, By, str]:
    """Return what a valid form asks for and by what, or what is wrong with it."""
    if not form.is_valid():
        return None, By.DAY, ""
    given = form.cleaned_data
    days = (given["until"] - given["since"]).days + 1
    usual = "day" if days <= MOST_DAYS_BY_DAY else "week" if days <= MOST_DAYS_BY_WEEK else "month"
    chosen = {
        name: rows.filter(slug=given[name]).values_list("pk", flat=True).first()
        for name, rows in form.rows(request).items()
        if given[name]
    }
    try:
        return Asked(given["since"], given["until"], **chosen), By(given["by"] or usual), ""
    except Refusal as refused:
        form.add_error("until", refused.sentence)
        return None, By.DAY, refused.sentence


def _shortcuts(request: StaffRequest) -> list[Shortcut]:
    today = today_in(request.business.timezone)
    kept = {name: request.GET[name] for name in ("by", "provider", "service", "area") if request.GET.get(name)}
    found = []
    for label, first in STRETCHES:
        stretch = {"since": f"{today + timedelta(days=first):%Y-%m-%d}", "until": f"{today:%Y-%m-%d}"}
        here = all(request.GET.get(name) == value for name, value in stretch.items())
        found.append(Shortcut(label, f"{reverse('manage-visit-report')}?{urlencode(stretch | kept)}", here))
    return found


def _tiles(whole: Row) -> list[Tile]:
    line, liked = whole.line, whole.satisfaction
    return [
        Tile(str(line.visits), _("visits, walk-ins included")),
        Tile(report_words.percent(line.no_shows, line.visits), _("did not come")),
        Tile(report_words.percent(line.left, line.visits), _("left before being seen")),
        Tile(report_words.percent(line.staff_late.count, line.seen), _("were let in late")),
        Tile(report_words.percent(line.failed, line.visits), _("had technical trouble")),
        Tile(report_words.percent(liked.happy, liked.answers), _("of those who answered were satisfied")),
    ]


def _times(line: VisitLine) -> list[Tile]:
    return [
        Tile(_length(line.waits.median), _("half waited at most this long")),
        Tile(_length(line.waits.most_of_them), _("nine in ten waited at most this long")),
        Tile(_length(line.lengths.median), _("half took at most this long")),
        Tile(_signed(line.beyond.median), _("against the time planned, half at most")),
    ]


def _plot(report: Report) -> Plot:
    lines = [row.line for row in report.rows]
    others = [line.visits - line.no_shows - line.left for line in lines]
    return plot_of(
        [_label(line) for line in lines],
        (
            Series("a", _("Took place, or not settled"), others),
            Series("b", _("Did not come"), [line.no_shows for line in lines]),
            Series("c", _("Left before being seen"), [line.left for line in lines]),
        ),
    )


def _label(line: VisitLine) -> str:
    if line.first is not None:
        return times.written(line.first, "j M Y")
    return line.label or _("None named")


def _shown(row: Row, by: By) -> dict[str, Any]:
    line = row.line
    return {
        "label": _label(line) if line.label or by is not By.SERVICE else _("Walk-ins"),
        "line": line,
        "wait": _length(line.waits.median),
        "most_waits": _length(line.waits.most_of_them),
        "consumer_late": _late(line.consumer_late),
        "staff_late": _late(line.staff_late),
        "length": _length(line.lengths.median),
        "beyond": _signed(line.beyond.median),
        "satisfied": report_words.percent(row.satisfaction.happy, row.satisfaction.answers),
    }


def _causes(line: VisitLine) -> list[dict[str, Any]]:
    return [{"label": words, "value": line.failures[cause]} for cause, words in CAUSES.items()]


def _late(of: Figures) -> str:
    """Return how many were late, and by how much half of them at most."""
    return f"{of.count} ({_length(of.median)})" if of.count else "–"


def _length(seconds: int | None) -> str:
    """Return "45 s" or "12 min" or "1 h 5 min"; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return _("%(n)s s") % {"n": seconds}
    return report_words.length(round(seconds / 60))


def _signed(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    return f"{'+' if seconds > 0 else '−' if seconds < 0 else ''}{_length(abs(seconds))}"
