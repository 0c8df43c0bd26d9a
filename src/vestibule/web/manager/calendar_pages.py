"""The calendar: a day with a column for each provider, or a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment, Service
from vestibule.booking.rules import WEEKDAYS
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.manager import fields
from vestibule.web.manager.calendar_grid import Column, Day, free_hours, hours_shown, stretches_of
from vestibule.web.manager.fields import words
from vestibule.web.manager.openings import DAY, Openings, bounds
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
VIEWS = (("day", gettext_lazy("Day")), ("week", gettext_lazy("Week")))


class CalendarForm(fields.Form):
    """Which part of the calendar to show."""

    view = fields.one_of(gettext_lazy("View"), words(VIEWS), required=False)
    date = fields.day(gettext_lazy("Date"), required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)

    def __init__(self, data: QueryDict, *, providers: Sequence[Provider], services: Sequence[Service]) -> None:
        super().__init__(data)
        people = [(one.slug, one.name) for one in providers]
        if len(providers) > 1:
            people = [("", _("Everybody")), *people]
        self.fields["provider"].choices = people  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", _("All")), *((one.slug, one.name) for one in services)]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    on: date
    is_week: bool
    provider: Provider | None
    service: str


@open_to(*SEES_APPOINTMENTS)
def calendar(request: StaffRequest) -> HttpResponse:
    """Show a day or a week."""
    providers = _providers(request)
    services = list(Service.objects.visible_to(request.actor).filter(is_active=True))
    form = CalendarForm(request.GET, providers=providers, services=services)
    asked = _asked(request, form, providers)
    if form.is_valid():
        form = CalendarForm(_shown(asked), providers=providers, services=services)
    columns, pages = _week(request, asked) if asked.is_week else _day(request, asked, providers)
    step = timedelta(days=7 if asked.is_week else 1)
    context: dict[str, Any] = {
        "columns": columns,
        "asked": asked,
        "until_day": asked.on + timedelta(days=6),
        "before": asked.on - step,
        "after": asked.on + step,
        "today": today_in(request.business.timezone),
        "has_agenda": any(column.agenda for column in columns),
        "may_book": any(request.actor.may(one) for one in CHANGES_APPOINTMENTS),
        "stay": query_without(request, "date", "columns"),
        "query_of_hours": query_without(request, "hours"),
    }
    return show(request, "calendar.html", form=form, **context, **pages, **_hours(request, columns))


def _hours(request: StaffRequest, columns: Sequence[Column]) -> dict[str, Any]:
    """Return which hours to draw, and where the present minute stands among them."""
    zone, whole_day = request.business.timezone, request.GET.get("hours") == "all"
    openings = Openings(request.business)
    usual = [one for on in {column.on for column in columns} for one in stretches_of(openings, on, zone, None)]
    first, last = hours_shown(columns, usual, whole_day=whole_day)
    return {
        "first": first,
        "last": last,
        "hours": [(hour, in_clock(hour * 60)) for hour in range(first, last)],
        "now": _now(zone, first, last),
        "whole_day": whole_day,
    }


def _providers(request: StaffRequest) -> list[Provider]:
    rows = Provider.objects.visible_to(request.actor).select_related("business").filter(is_active=True)
    if not request.actor.may(Permission.SEE_APPOINTMENTS):
        rows = rows.filter(pk=request.actor.provider_id)
    return list(rows)


def _asked(request: StaffRequest, form: CalendarForm, providers: Sequence[Provider]) -> Asked:
    given = form.cleaned_data if form.is_valid() else {}
    is_week = given.get("view") == "week"
    on = given.get("date") or today_in(request.business.timezone)
    if is_week:
        on -= timedelta(days=(on.weekday() - WEEKDAYS.index(request.business.week_start)) % 7)
    slug = given.get("provider", "")
    provider = next((one for one in providers if one.slug == slug), None)
    if provider is None and len(providers) == 1:
        provider = providers[0]
    return Asked(on, is_week, provider, given.get("service", ""))


def _shown(asked: Asked) -> QueryDict:
    """Return what the page shows as the address that would ask for all of it."""
    query = QueryDict(mutable=True)
    query["view"] = "week" if asked.is_week else "day"
    query["date"] = asked.on.isoformat()
    query["provider"] = asked.provider.slug if asked.provider else ""
    query["service"] = asked.service
    return query


SHOWN = ("ref", "business_id", "service_id", "provider_id", "status", "start_minute", "end_minute", "name")


def _read(request: StaffRequest, rows: QuerySet[Appointment]) -> list[Appointment]:
    """Read what blocks show; services and providers are few, so each is read once."""
    found = list(rows.only(*SHOWN))
    services = Service.objects.visible_to(request.actor).in_bulk({row.service_id for row in found})
    providers = Provider.objects.visible_to(request.actor).in_bulk({row.provider_id for row in found})
    for row in found:
        row.service, row.provider = services[row.service_id], providers[row.provider_id]
    return found


def _rows(request: StaffRequest, asked: Asked, days: int) -> QuerySet[Appointment]:
    first, last = bounds(asked.on, request.business.timezone, days)
    rows = Appointment.objects.visible_to(request.actor).filter(
        start_minute__lt=last, start_minute__gte=first - DAY, end_minute__gt=first
    )
    rows = rows.exclude(status=Appointment.Status.CANCELLED)
    if asked.service:
        rows = rows.filter(service__slug=asked.service)
    return rows


def _day(request: StaffRequest, asked: Asked, providers: Sequence[Provider]) -> tuple[list[Column], dict[str, Any]]:
    wanted = [asked.provider] if asked.provider else list(providers)
    if asked.service and not asked.provider:
        offering = set(
            Provider.objects.visible_to(request.actor)
            .filter(offers__service__slug=asked.service)
            .values_list("pk", flat=True)
        )
        wanted = [one for one in wanted if one.pk in offering]
    pages = -(-len(wanted) // COLUMNS) or 1
    text = request.GET.get("columns", "1")
    page = min(max(int(text), 1), pages) if text.isascii() and text.isdigit() and len(text) < 5 else 1
    shown = wanted[(page - 1) * COLUMNS : page * COLUMNS]
    openings = Openings(request.business, shown)
    happening = Day(request.business.timezone, asked.on, 1, _read(request, _rows(request, asked, 1)))
    happening.read_for(shown)
    columns = [_column(request, asked.on, openings, happening, provider) for provider in shown]
    paging = {"column_page": page, "column_pages": pages, "column_query": query_without(request, "columns")}
    return columns, paging


def _week(request: StaffRequest, asked: Asked) -> tuple[list[Column], dict[str, Any]]:
    provider = asked.provider
    openings = Openings(request.business, [provider] if provider else [])
    rows = _rows(request, asked, 7)
    if provider:
        rows = rows.filter(Q(provider=provider) | Q(seats__occupancy__provider=provider)).distinct()
    happening = Day(request.business.timezone, asked.on, 7, _read(request, rows))
    happening.read_for([provider] if provider else [])
    return [_column(request, asked.on + timedelta(days=ahead), openings, happening, provider) for ahead in range(7)], {}


def _column(request: StaffRequest, on: date, openings: Openings, happening: Day, provider: Provider | None) -> Column:
    zone = request.business.timezone
    open_ = stretches_of(openings, on, zone, provider)
    blocks = happening.blocks(on, openings, provider)
    today = today_in(zone)
    since = DAY if on < today else _minute_now(zone) if on == today else 0
    query = QueryDict(mutable=True)
    query["day"] = on.isoformat()
    if provider:
        query["provider"] = provider.slug
    target = f"{reverse('manage-book')}?{query.urlencode()}"
    return Column(
        on=on,
        title=provider.name if provider else "",
        line=provider.title if provider else "",
        provider=provider.slug if provider else "",
        is_today=on == today,
        open=open_,
        blocks=blocks,
        free=[(hour, target) for hour in free_hours(open_, blocks, since)],
    )


def _minute_now(zone: str) -> int:
    here = times.local(clock.now(), zone)
    return here.hour * 60 + here.minute


def _now(zone: str, first: int, last: int) -> int | None:
    now = _minute_now(zone)
    return now if first * 60 <= now < last * 60 else None
