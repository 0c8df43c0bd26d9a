"""The list of appointments: filters, pages, and the same as a file for a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment, Service, TimeOff
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.openings import bounds
from vestibule.web.manager.pages import SEES_APPOINTMENTS, StaffRequest, open_to, paged, query_without, show

WHEN = (("coming", gettext_lazy("Coming")), ("past", gettext_lazy("Past")), ("all", gettext_lazy("All")))
NEEDS = {
    "settle": gettext_lazy("Over, and nobody said how it went"),
    "time_off": gettext_lazy("Booked into time off"),
    "left": gettext_lazy("With somebody who left"),
}


class FilterForm(fields.Form):
    """Which appointments to list."""

    since = fields.day(gettext_lazy("From"), required=False)
    until = fields.day(gettext_lazy("Until"), required=False)
    status = fields.one_of(gettext_lazy("Status"), [], required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)
    q = fields.text(gettext_lazy("Name or e-mail"), most=120, required=False)

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        providers = Provider.objects.visible_to(request.actor).values_list("slug", "name")
        services = Service.objects.visible_to(request.actor).values_list("slug", "name")
        anything = [("", _("All"))]
        self.fields["provider"].choices = [*anything, *providers]  # type: ignore[attr-defined]
        self.fields["service"].choices = [*anything, *services]  # type: ignore[attr-defined]
        self.fields["status"].choices = [*anything, *words(Appointment.Status.choices)]  # type: ignore[attr-defined]


@open_to(*SEES_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List appointments: those to come in order, those past the latest first."""
    form = FilterForm(request.GET, request=request)
    rows, when = _wanted(request, form)
    page = paged(request, rows.select_related("service", "provider"))
    context: dict[str, Any] = {
        "page": page,
        "when": when,
        "whens": WHEN,
        "needs": NEEDS.get(request.GET.get("needs", ""), ""),
        "is_filtered": any(request.GET.get(name) for name in [*form.fields, "needs"]),
        "query": query_without(request, "page"),
        "query_of_tabs": query_without(request, "page", "when", "needs"),
    }
    return show(request, "appointments.html", form=form, **context)


@open_to(*SEES_APPOINTMENTS)
def as_file(request: StaffRequest) -> HttpResponseBase:
    """The same list as comma-separated values."""
    rows, _when = _wanted(request, FilterForm(request.GET, request=request))
    lines = _lines(rows.select_related("service", "provider").iterator(500), request.business.timezone)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="appointments-{request.business.slug}.csv"'
    return answer


def needing(rows: QuerySet[Appointment], need: str) -> QuerySet[Appointment]:
    """Narrow appointments to those that wait for somebody in the office: one of NEEDS."""
    now = clock.to_minute(clock.now())
    active = rows.filter(status__in=Appointment.ACTIVE)
    if need == "settle":
        return active.filter(end_minute__lte=now)
    coming = active.filter(start_minute__gt=now)
    if need == "left":
        return coming.filter(provider__is_active=False)
    off = TimeOff.objects.filter(
        Q(provider__isnull=True) | Q(provider_id=OuterRef("provider_id")),
        business_id=OuterRef("business_id"),
        start_minute__lt=OuterRef("end_minute"),
        end_minute__gt=OuterRef("start_minute"),
    )
    return coming.filter(Exists(off))


def _wanted(request: StaffRequest, form: FilterForm) -> tuple[QuerySet[Appointment], str]:
    rows: QuerySet[Appointment] = Appointment.objects.visible_to(request.actor)
    need = request.GET.get("needs", "")
    if need in NEEDS:
        return needing(rows, need).order_by("start_minute", "pk"), "all"
    when = request.GET.get("when", "")
    if form.is_valid():
        rows = _filtered(rows, form.cleaned_data, request.business.timezone)
        if when not in dict(WHEN):
            when = "all" if form.cleaned_data["since"] or form.cleaned_data["until"] else "coming"
    now = clock.to_minute(clock.now())
    if when == "all" or when == "past":
        rows = rows.filter(end_minute__lte=now) if when == "past" else rows
        return rows.order_by("-start_minute", "-pk"), when
    return rows.filter(end_minute__gt=now).order_by("start_minute", "pk"), "coming"


def _filtered(rows: QuerySet[Appointment], given: dict[str, Any], zone: str) -> QuerySet[Appointment]:
    if given["since"]:
        rows = rows.filter(start_minute__gte=bounds(given["since"], zone)[0])
    if given["until"]:
        rows = rows.filter(start_minute__lt=bounds(given["until"] + timedelta(days=1), zone)[0])
    if given["status"]:
        rows = rows.filter(status=given["status"])
    if given["provider"]:
        rows = rows.filter(provider__slug=given["provider"])
    if given["service"]:
        rows = rows.filter(service__slug=given["service"])
    if given["q"]:
        rows = rows.filter(Q(name__icontains=given["q"]) | Q(email__icontains=given["q"]))
    return rows


class _Echo:
    """Gives back what is written, so that the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterable[Appointment], zone: str) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(
        ["Reference", "Date", "Start", "End", "Zone", "Service", "Provider", "Name", "E-mail", "Phone", "Status"]
    )
    for row in rows:
        start = times.local(row.start_minute, zone)
        end = times.local(row.end_minute, zone)
        cells = [row.ref, f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}", zone]
        cells += [row.service.name, row.provider.name, row.name, row.email, row.phone, row.status]
        yield writer.writerow([_inert(cell) for cell in cells])


def _inert(cell: str) -> str:
    """Keep spreadsheets from reading what people typed as a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
