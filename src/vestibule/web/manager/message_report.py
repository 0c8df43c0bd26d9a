"""What became of messages: sent, delivered, failed, held back, answered. Page and file."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import message_reports
from vestibule.booking.message_reports import By, Coming, Line, Report
from vestibule.booking.reports import Asked
from vestibule.booking.transfer import tables
from vestibule.notifications.gateways import KEPT
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Refusal
from vestibule.web import times
from vestibule.web.manager import fields, report_words
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.fields import words
from vestibule.web.manager.message_kinds import kind_words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show
from vestibule.web.manager.plots import Plot, Series, plot_of
from vestibule.web.manager.preview import today_in
from vestibule.web.manager.reports import Shortcut, Tile

BY = (
    ("day", gettext_lazy("Day")),
    ("channel", gettext_lazy("E-mail or text message")),
    ("kind", gettext_lazy("Message")),
    ("gateway", gettext_lazy("Gateway")),
)
STRETCHES = ((gettext_lazy("Last 7 days"), 7), (gettext_lazy("Last 30 days"), 30), (gettext_lazy("Last 90 days"), 90))
MOST_COLUMNS = 100
_CSV: Sequence[tuple[str, Callable[[Line], int]]] = (
    ("Sent", lambda line: line.sent),
    ("Delivered", lambda line: line.delivered),
    ("Not delivered", lambda line: line.undelivered),
    ("Could not be sent", lambda line: line.failed),
    ("Held back", lambda line: line.held_back),
    ("Answered: comes", lambda line: line.answers["confirm"]),
    ("Answered: cancels", lambda line: line.answers["cancel"]),
    ("Answered: late", lambda line: line.answers["late"]),
)


class FilterForm(fields.Form):
    """What to report on."""

    since = fields.day(gettext_lazy("From"))
    until = fields.day(gettext_lazy("Until"))
    by = fields.one_of(gettext_lazy("By"), words(BY), required=False)


@open_to(Permission.SEE_RESULTS)
def page(request: StaffRequest) -> HttpResponse:
    """Show the numbers of one stretch: as tiles, drawn by day, and as a table."""
    form = _form(request)
    asked, by = _asked(form)
    context: dict[str, Any] = {"shortcuts": _shortcuts(request), "asked": asked, "by": by}
    if asked is not None:
        report = message_reports.report(request.actor, request.business, asked, by)
        days = report
        if by is not By.DAY:
            days = message_reports.report(request.actor, request.business, asked, By.DAY)
        context |= {
            "tiles": _tiles(report.whole),
            "plot": _plot(days),
            "rows": [{"label": _label(line, by), "line": line} for line in report.lines if line.total],
            "coming": _coming(report.coming),
            "query": request.GET.urlencode(),
        }
    return show(request, "message_report.html", form=form, **context)


@open_to(Permission.SEE_RESULTS)
def as_file(request: StaffRequest) -> HttpResponseBase:
    """The same table as a file."""
    asked, by = _asked(_form(request))
    if asked is None:
        raise Http404
    report = message_reports.report(request.actor, request.business, asked, by)
    header = [dict(BY)[by], *(name for name, _value in _CSV)]
    rows = ([_label(line, by), *(str(value(line)) for _name, value in _CSV)] for line in report.lines)
    name = f"messages-{request.business.slug}-{asked.first}-{asked.last}.csv"
    return as_csv(tables.written([str(cell) for cell in header], rows), name)


def _form(request: StaffRequest) -> FilterForm:
    today = today_in(request.business.timezone)
    data = request.GET.copy()
    data.setdefault("since", f"{today - timedelta(days=6):%Y-%m-%d}")
    data.setdefault("until", f"{today:%Y-%m-%d}")
    data.setdefault("by", "channel")
    return FilterForm(data)


def _asked(form: FilterForm) -> tuple[Asked | None, By]:
    if not form.is_valid():
        return None, By.CHANNEL
    given = form.cleaned_data
    try:
        return Asked(given["since"], given["until"]), By(given["by"] or "channel")
    except Refusal as refused:
        form.add_error("until", refused.sentence)
        return None, By.CHANNEL


def _shortcuts(request: StaffRequest) -> list[Shortcut]:
    today = today_in(request.business.timezone)
    by = {"by": request.GET["by"]} if request.GET.get("by") else {}
    found = []
    for label, days in STRETCHES:
        stretch = {"since": f"{today - timedelta(days=days - 1):%Y-%m-%d}", "until": f"{today:%Y-%m-%d}"}
        is_usual = days == STRETCHES[0][1] and not request.GET.get("since")
        here = is_usual or all(request.GET.get(name) == value for name, value in stretch.items())
        found.append(Shortcut(label, f"{reverse('manage-message-report')}?{urlencode(stretch | by)}", here))
    return found


def _tiles(whole: Line) -> list[Tile]:
    known = whole.delivered + whole.undelivered
    return [
        Tile(str(whole.sent), _("sent")),
        Tile(report_words.percent(whole.delivered, known), _("delivered, of those reported on")),
        Tile(str(whole.undelivered), _("not delivered")),
        Tile(str(whole.failed), _("could not be sent")),
        Tile(str(whole.held_back), _("held back")),
        Tile(report_words.percent(whole.answered, whole.sent), _("answered")),
    ]


def _plot(report: Report) -> Plot:
    lines = report.lines[-MOST_COLUMNS:]
    return plot_of(
        [_day(line, "j M Y") for line in lines],
        (
            Series("a", _("Sent"), [line.sent - line.undelivered for line in lines]),
            Series("b", _("Not sent or not delivered"), [line.failed + line.undelivered for line in lines]),
            Series("c", _("Held back"), [line.held_back for line in lines]),
        ),
    )


def _day(line: Line, wanted: str) -> str:
    return times.written(line.day, wanted) if line.day is not None else ""


def _label(line: Line, by: By) -> str:
    if by is By.DAY:
        return _day(line, "Y-m-d")
    if by is By.CHANNEL:
        return str(OutboxMessage.Channel(line.label).label)
    if by is By.KIND:
        return kind_words(line.label)
    return {"": _("None was asked"), KEPT: _("None: kept here")}.get(line.label, line.label)


def _coming(coming: Coming) -> list[Tile]:
    """Return how many did not come, of those who had said that they come and of the others."""
    if not coming.confirmed and not coming.others:
        return []
    said = report_words.percent(coming.confirmed_no_shows, coming.confirmed)
    silent = report_words.percent(coming.other_no_shows, coming.others)
    return [
        Tile(said, _("did not come, of %(n)s who had said that they come") % {"n": coming.confirmed}),
        Tile(silent, _("did not come, of %(n)s others") % {"n": coming.others}),
    ]
