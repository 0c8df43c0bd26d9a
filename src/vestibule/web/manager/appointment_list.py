"""The list of appointments: filters, pages, and the same as a file for a spreadsheet."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import conflicts
from vestibule.booking.conflicts import Conflict
from vestibule.booking.models import Appointment, Service, TimeOff
from vestibule.booking.transfer import exporting
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import SEES_APPOINTMENTS, StaffRequest, open_to, paged, query_without, show
from vestibule.web.times import day_bounds

WHEN = (("coming", gettext_lazy("Coming")), ("past", gettext_lazy("Past")), ("all", gettext_lazy("All")))
MOST_LABELS = 60
LONGEST_MINUTES = 24 * 60  # no appointment lasts longer: what began before is over, and need not be read
NEEDS = {
    "settle": gettext_lazy("Over, and nobody said how it went"),
    "time_off": gettext_lazy("Booked into time off"),
    "rules": gettext_lazy("No longer fits the rules"),
    "left": gettext_lazy("With somebody who left"),
}


class FilterForm(fields.Form):
    """Which appointments to list."""

    since = fields.day(gettext_lazy("From"), required=False)
    until = fields.day(gettext_lazy("Until"), required=False)
    status = fields.one_of(gettext_lazy("Status"), [], required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)
    label = fields.one_of(gettext_lazy("Label"), [], required=False)
    q = fields.text(
        gettext_lazy("Search"),
        most=120,
        required=False,
        placeholder=gettext_lazy("Name, e-mail, telephone, service, label or reference"),
    )

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        providers = Provider.objects.visible_to(request.actor).values_list("slug", "name")
        services = Service.objects.visible_to(request.actor).values_list("slug", "name")
        labelled = Appointment.objects.visible_to(request.actor).exclude(label="").order_by("label")
        labels = labelled.values_list("label", flat=True).distinct()[:MOST_LABELS]
        anything = [("", _("All"))]
        self.set_choices("label", [*anything, *((one, one) for one in labels)])
        self.set_choices("provider", [*anything, *providers])
        self.set_choices("service", [*anything, *services])
        self.set_choices("status", [*anything, *words(Appointment.Status.choices)])


@open_to(*SEES_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List appointments: those to come in order, those past the latest first."""
    form = FilterForm(request.GET, request=request)
    rows, when = _wanted(request, form)
    page = paged(request, rows.select_related("service", "provider"))
    if request.GET.get("needs") == "rules":
        why = {one.appointment.pk: one.sentence for one in conflicts.conflicts_of(request.business)}
        for row in page:
            row.why = why.get(row.pk, "")
    context: dict[str, Any] = {
        "page": page,
        "when": when,
        "whens": WHEN,
        "needs": NEEDS.get(request.GET.get("needs", ""), ""),
        "is_filtered": any(request.GET.get(name) for name in [*form.fields, "needs"]),
        "is_narrowed": any(request.GET.get(name) for name in form.fields if name != "q"),
        "query": query_without(request, "page"),
        "query_of_tabs": query_without(request, "page", "when", "needs"),
    }
    return show(request, "appointments.html", form=form, **context)


@open_to(*SEES_APPOINTMENTS)
def as_file(request: StaffRequest) -> HttpResponseBase:
    """The same list as comma-separated values."""
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    rows, _when = _wanted(request, FilterForm(request.GET, request=request))
    exporting.note(request.actor, request.business, "appointments")
    lines = exporting.appointment_lines(
        rows.select_related("service", "provider").iterator(500), request.business.timezone
    )
    return as_csv(lines, f"appointments-{request.business.slug}.csv")


def as_csv(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """Return lines of a spreadsheet as a file that is written while it is sent."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def needing(rows: QuerySet[Appointment], need: str, clashes: Iterable[Conflict] = ()) -> QuerySet[Appointment]:
    """Narrow appointments to those that wait for somebody in the office: one of NEEDS.

    `clashes` are the conflicts that "rules" stands for.
    """
    now = clock.to_minute(clock.now())
    active = rows.filter(status__in=Appointment.ACTIVE)
    if need == "settle":
        return active.filter(end_minute__lte=now)
    coming = active.filter(start_minute__gt=now)
    if need == "left":
        return coming.filter(provider__is_active=False)
    if need == "rules":
        return rows.filter(pk__in=[one.appointment.pk for one in clashes])
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
        clashes = conflicts.conflicts_of(request.business) if need == "rules" else []
        return needing(rows, need, clashes).order_by("start_minute", "pk"), "all"
    when = request.GET.get("when", "")
    if form.is_valid():
        rows = _filtered(rows, form.cleaned_data, request.business.timezone)
        if when not in dict(WHEN):
            is_search = any(form.cleaned_data[name] for name in ("since", "until", "q"))
            when = "all" if is_search else "coming"
    now = clock.to_minute(clock.now())
    if when == "all" or when == "past":
        rows = rows.filter(end_minute__lte=now) if when == "past" else rows
        return rows.order_by("-start_minute", "-pk"), when
    coming = rows.filter(end_minute__gt=now, start_minute__gt=now - LONGEST_MINUTES)
    return coming.order_by("start_minute", "pk"), "coming"


def _filtered(rows: QuerySet[Appointment], given: dict[str, Any], zone: str) -> QuerySet[Appointment]:
    if given["since"]:
        rows = rows.filter(start_minute__gte=day_bounds(given["since"], zone)[0])
    if given["until"]:
        rows = rows.filter(start_minute__lt=day_bounds(given["until"] + timedelta(days=1), zone)[0])
    if given["status"]:
        rows = rows.filter(status=given["status"])
    if given["provider"]:
        rows = rows.filter(provider__slug=given["provider"])
    if given["service"]:
        rows = rows.filter(service__slug=given["service"])
    if given["label"]:
        rows = rows.filter(label=given["label"])
    return rows.filter(_found_by(given["q"])) if given["q"] else rows


def _found_by(words: str) -> Q:
    """Return the condition for appointments somebody may mean by `words`; a number is sought as it is stored."""
    found = Q(name__icontains=words) | Q(email__icontains=words) | Q(label__icontains=words)
    found |= Q(service__name__icontains=words) | Q(ref=words.strip().lower()[:16])
    digits = "".join(one for one in words if one.isdigit())
    if len(digits) >= 4 and not any(one.isalpha() for one in words):
        found |= Q(phone__contains=digits.lstrip("0"))
    return found
