"""The calendar: a day with a column for each provider or room, a week, or a month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.booking.models import Resource, Service
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.accents import BANDS
from vestibule.web.manager import calendar_asked, calendar_month, calendar_rows
from vestibule.web.manager.calendar_asked import Asked, Known
from vestibule.web.manager.calendar_grid import (
    Block,
    Column,
    Drawing,
    blocks_of,
    busy_blocks,
    colour_of_label,
    free_hours,
    hours_shown,
    in_lanes,
    stretches_of,
)
from vestibule.web.manager.calendar_rows import Happening
from vestibule.web.manager.openings import DAY, Openings, on_day
from vestibule.web.manager.pages import (
    CHANGES_APPOINTMENTS,
    SEES_APPOINTMENTS,
    Permission,
    StaffRequest,
    open_to,
    query_without,
    show,
)
from vestibule.web.manager.preview import in_clock, today_in

COLUMNS = 8


@open_to(*SEES_APPOINTMENTS)
def calendar(request: StaffRequest) -> HttpResponse:
    """Show a day, a week or a month."""
    known = Known.of(request)
    asked, form = calendar_asked.read(request, known)
    context: dict[str, Any] = {
        "asked": asked,
        "today": today_in(request.business.timezone),
        "views": [(name, label, asked.query(view=name).urlencode()) for name, label in calendar_asked.VIEWS],
        "has_resources": bool(known.resources),
        "may_book": any(request.actor.may(one) for one in CHANGES_APPOINTMENTS),
        "before": asked.query(on=asked.before).urlencode(),
        "after": asked.query(on=asked.after).urlencode(),
        "to_today": query_without(request, "date", "columns"),
        "query_of_hours": query_without(request, "hours"),
    }
    if asked.view == "month":
        weeks = calendar_month.weeks(request, asked)
        to_day = asked.query(view="day", on=asked.on)
        to_day.pop("date")
        context |= {"weeks": weeks, "weekdays": calendar_month.weekday_names(weeks[0]), "to_day": to_day.urlencode()}
        return show(request, "calendar_month.html", form=form, **context)
    sheet = _Sheet(request, asked, known)
    columns = list(sheet.columns())
    context |= {"columns": columns, "has_agenda": any(column.agenda for column in columns)}
    context |= {"legend": _legend(asked, known, columns), "paging": sheet.paging(), "query": asked.query().urlencode()}
    return show(request, "calendar.html", form=form, **context, **_hours(request, columns))


def _hours(request: StaffRequest, columns: Sequence[Column]) -> dict[str, Any]:
    """Return which hours to draw, and where the present minute stands among them."""
    zone, whole_day = request.business.timezone, request.GET.get("hours") == "all"
    openings = Openings(request.business)
    usual = [one for on in {column.on for column in columns} for one in stretches_of(openings, on, zone)]
    first, last = hours_shown(columns, usual, whole_day=whole_day)
    return {
        "first": first,
        "last": last,
        "hours": [(hour, in_clock(hour * 60)) for hour in range(first, last)],
        "now": _now(zone, first, last),
        "whole_day": whole_day,
    }


@dataclass(frozen=True)
class Paging:
    """Which of the columns are shown, when they are too many for one sheet."""

    page: int
    pages: int
    first: int
    last: int
    many: int
    query: str


class _Sheet:
    """One sheet of the calendar: whose columns it has, and what stands in them."""

    def __init__(self, request: StaffRequest, asked: Asked, known: Known) -> None:
        self._request, self._asked = request, asked
        self._zone = request.business.timezone
        self._owners: list[Any] = list(
            _resources(asked, known) if asked.by_resource else _people(request, asked, known)
        )
        self._pages = -(-len(self._owners) // COLUMNS) or 1
        text = request.GET.get("columns", "1")
        self._page = min(max(int(text), 1), self._pages) if text.isascii() and text.isdigit() and len(text) < 5 else 1
        self._shown = self._owners[(self._page - 1) * COLUMNS : self._page * COLUMNS]
        self._openings = Openings(request.business, [] if asked.by_resource else self._shown, since=asked.on)
        self._drawing = Drawing(
            self._zone,
            by_label=asked.colours == "label",
            names_provider=asked.by_resource or (asked.is_week and len(self._shown) != 1),
            movable=_movable(request),
        )

    def paging(self) -> Paging | None:
        """Return which columns these are, unless they are all."""
        if self._pages == 1:
            return None
        first = (self._page - 1) * COLUMNS
        query = query_without(self._request, "columns")
        return Paging(self._page, self._pages, first + 1, first + len(self._shown), len(self._owners), query)

    def columns(self) -> Iterator[Column]:
        """Yield the columns: one for each owner of a day, or one for each day of a week."""
        read = calendar_rows.of_resources if self._asked.by_resource else calendar_rows.of_providers
        happening = read(self._request, self._asked, self._shown)
        if self._asked.is_week:
            for ahead in range(7):
                yield self._column(self._asked.on + timedelta(days=ahead), happening, self._shown)
        else:
            for owner in self._shown:
                yield self._column(self._asked.on, happening, [owner])

    def _column(self, on: date, happening: Happening, owners: Sequence[Any]) -> Column:
        alone = owners[0] if len(owners) == 1 else None
        provider = alone if isinstance(alone, Provider) else None
        people = [one for one in owners if isinstance(one, Provider)]
        open_ = stretches_of(self._openings, on, self._zone, people)
        blocks = blocks_of(happening.rows(on, [one.pk for one in owners]), on, self._drawing)
        blocks = in_lanes(blocks + self._taken(on, happening, alone), on)
        today = today_in(self._zone)
        since = DAY if on < today else _minute_now(self._zone) if on == today else 0
        column = Column(
            on=on,
            title=alone.name if alone else "",
            line=provider.title if provider else self._away(on, people),
            provider=provider.slug if provider else "",
            resource=alone.slug if isinstance(alone, Resource) else "",
            is_today=on == today,
            open=open_,
            blocks=blocks,
        )
        if not open_ and (self._openings.has_hours(provider) or len(people) > 1):
            column.closed = self._openings.closed_note(on, provider)
        column.free = [(hour, _to_book(column, hour)) for hour in free_hours(open_, blocks, since)]
        return column

    def _away(self, on: date, people: Sequence[Provider]) -> str:
        """Return who of several is away on a date, for its heading: their time off has no column of its own."""
        names = [one.name for one in people if self._is_off(on, one)]
        return _("Away: %(names)s") % {"names": ", ".join(names)} if names else ""

    def _is_off(self, on: date, provider: Provider) -> bool:
        own = [(off.start_minute, off.end_minute) for off in self._openings.off(provider) if off.provider_id]
        return bool(on_day(own, on, self._zone))

    def _taken(self, on: date, happening: Happening, alone: Any) -> list[Block]:
        """Return time off and whatever else takes time, of the business and of the one whose column it is."""
        provider = alone if isinstance(alone, Provider) else None
        off = [(one.start_minute, one.end_minute, one.reason) for one in self._openings.off(provider)]
        blocks = busy_blocks(off, on, self._zone, _("Time off"))
        if alone is not None:
            usual = _("Busy elsewhere") if provider else _("Cannot be used")
            blocks += busy_blocks(happening.busy(alone.pk), on, self._zone, usual)
        return blocks


def _resources(asked: Asked, known: Known) -> Sequence[Resource]:
    return [asked.resource] if asked.resource else known.resources


def _people(request: StaffRequest, asked: Asked, known: Known) -> list[Provider]:
    """Return whose columns to show: who is asked for, who offers the service, and who left but still has something."""
    if asked.provider:
        return [asked.provider]
    people = list(known.providers)
    if asked.service:
        offers = Provider.objects.visible_to(request.actor).filter(offers__service__slug=asked.service)
        offering = set(offers.values_list("pk", flat=True))
        people = [one for one in people if one.pk in offering]
    if request.actor.may(Permission.SEE_APPOINTMENTS):
        span = Happening(request.business.timezone, asked.on, asked.days).span
        theirs = calendar_rows.wanted(request, asked, span).filter(provider__is_active=False)
        people += Provider.objects.visible_to(request.actor).filter(pk__in=theirs.values("provider"))
    return people


def _movable(request: StaffRequest) -> frozenset[int] | None:
    if request.actor.may(Permission.CHANGE_APPOINTMENTS):
        return frozenset()
    if request.actor.may(Permission.CHANGE_OWN_APPOINTMENTS) and request.actor.provider_id is not None:
        return frozenset({request.actor.provider_id})
    return None


def _to_book(column: Column, minute: int) -> str:
    """Return where an hour leads: booking with this provider, on this day, at that time."""
    query = QueryDict(mutable=True)
    query["day"] = column.on.isoformat()
    query["time"] = in_clock(minute)
    if column.provider:
        query["provider"] = column.provider
    return f"{reverse('manage-book')}?{query.urlencode()}"


def _legend(asked: Asked, known: Known, columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Return what the colours in sight mean: the name of each and what it stands for."""
    shown = {block.colour for column in columns for block in column.blocks if block.is_booked}
    if asked.colours == "label":
        labels = {block.label for column in columns for block in column.blocks if block.label}
        return [(colour_of_label(label), label) for label in sorted(labels)]
    named: list[Service] = [one for one in known.services if one.colour in BANDS and one.colour in shown]
    return [(one.colour, one.name) for one in named]


def _minute_now(zone: str) -> int:
    here = times.local(clock.now(), zone)
    return here.hour * 60 + here.minute


def _now(zone: str, first: int, last: int) -> int | None:
    now = _minute_now(zone)
    return now if first * 60 <= now < last * 60 else None
