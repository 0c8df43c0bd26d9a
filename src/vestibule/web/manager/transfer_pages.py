"""Import and export: files in, with each line's verdict before anything is written; files out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking.own_calendar import events
from vestibule.booking.transfer import busy, exporting, importing, tables
from vestibule.booking.transfer.lines import Plan
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.clock import from_minute
from vestibule.web.manager import fields
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.pages import StaffRequest, attempt, confirm, done, find, open_to, show
from vestibule.web.manager.preview import today_in
from vestibule.web.times import day_bounds

P = Permission
KINDS = {
    "appointments": gettext_lazy("Appointments (CSV)"),
    "consumers": gettext_lazy("Consumers (CSV)"),
    "busy": gettext_lazy("Busy times (CSV)"),
    "calendar": gettext_lazy("Busy times from a calendar (ICS)"),
}
NEEDS_PROVIDER = frozenset({"calendar"})
MOST_LISTED = 500
LONGEST_DAYS = 1100


class ImportForm(fields.Form):
    """What is in the file, and whom it is about."""

    kind = fields.one_of(gettext_lazy("What is in the file"), list(KINDS.items()), radio=True)
    provider = fields.one_of(
        gettext_lazy("Whose busy times"),
        [],
        required=False,
        hint=gettext_lazy("For a calendar, and for lines that name nobody."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        allow_empty_file=True,
        help_text=gettext_lazy("At most 5 MB and 5,000 lines. The first line of a CSV file names the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.ics,text/csv,text/calendar"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        people: Sequence[Provider],
    ) -> None:
        super().__init__(data, files, initial={"kind": "appointments"})
        self.people = {one.slug: one for one in people}
        nobody = [("", _("Nobody in particular"))]
        self.set_choices("provider", nobody + [(one.slug, one.name) for one in people])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") in NEEDS_PROVIDER and not given.get("provider"):
            self.add_error("provider", _("Say whose calendar it is."))
        if given.get("file") and given["file"].size > tables.MOST_BYTES:
            self.add_error("file", _("This file is larger than 5 MB. Split it, and take in one part after the other."))
        return given


class ExportForm(fields.Form):
    """Whose appointments, and when."""

    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    since = fields.day(gettext_lazy("From"))
    until = fields.day(gettext_lazy("Until"))

    def __init__(self, data: QueryDict | None, people: Sequence[Provider], today: date) -> None:
        super().__init__(data, initial={"since": today, "until": today + timedelta(days=90)})
        everybody = [("", _("Everybody"))]
        self.set_choices("provider", everybody + [(one.slug, one.name) for one in people])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and not 0 <= (until - since).days < LONGEST_DAYS:
            self.add_error("until", _("Choose a stretch that ends after it begins, of at most three years."))
        return given


@dataclass(frozen=True)
class Way:
    """How one kind of file is taken in: what plans it, and what carries the plan out."""

    plan: Callable[[Actor, Business, bytes, Provider | None], Plan]
    take: Callable[[Actor, Business, Plan], Plan]


def _calendar_plan(actor: Actor, business: Business, content: bytes, provider: Provider | None) -> Plan:
    if provider is None:
        raise Invalid(_("Say whose calendar it is."), field="provider")
    return busy.plan_calendar(actor, business, content, provider)


WAYS = {
    "appointments": Way(lambda a, b, c, _p: importing.plan_appointments(a, b, c), importing.take_appointments),
    "consumers": Way(lambda a, b, c, _p: importing.plan_consumers(a, b, c), importing.take_consumers),
    "busy": Way(busy.plan_table, busy.take),
    "calendar": Way(_calendar_plan, busy.take),
}


@open_to(P.CHANGE_APPOINTMENTS)
def transfer(request: StaffRequest) -> HttpResponse:
    """Show what can be taken in and out."""
    return show(request, "transfer.html", **_empty(request, _people(request)))


@open_to(P.CHANGE_APPOINTMENTS)
def take_in(request: StaffRequest) -> HttpResponse:
    """Look at a file and say what becomes of each line; when told to, do it."""
    people = _people(request)
    if request.method != "POST":
        return show(request, "transfer.html", **_empty(request, people))
    if "kept" in request.POST:
        return _carry_out(request, people)
    form = ImportForm(request.POST, request.FILES, people=people)
    plan = None
    if form.is_valid():
        kind, provider = form.cleaned_data["kind"], form.people.get(form.cleaned_data["provider"])
        content = form.cleaned_data["file"].read()
        plan = attempt(form, lambda: WAYS[kind].plan(request.actor, request.business, content, provider))
    if plan is None:
        return show(request, "transfer.html", **_empty(request, people) | {"form": form})
    kept = importing.keep(request.actor, request.business, content) if plan.new else None
    context: dict[str, Any] = {"plan": plan, "kind": kind, "what": KINDS[kind], "kept": kept, "provider": provider}
    return show(request, "transfer_plan.html", most=MOST_LISTED, **context)


@open_to(P.CHANGE_APPOINTMENTS)
def give_out(request: StaffRequest, what: str) -> HttpResponseBase:
    """Give out consumers as a spreadsheet, or a stretch of appointments as a calendar."""
    if request.method == "POST":
        raise NotFound(_("There is nothing to send here."))
    slug = request.business.slug
    if what == "consumers":
        lines = exporting.consumer_lines(request.actor)
        exporting.note(request.actor, request.business, "consumers")
        return as_csv(lines, f"consumers-{slug}.csv")
    people = _people(request)
    today = today_in(request.business.timezone)
    asked = request.GET if "since" in request.GET else _usual_stretch(today)
    form = ExportForm(asked, people, today)
    if not form.is_valid():
        return show(request, "transfer.html", status=422, **_empty(request, people) | {"export": form})
    days = (form.cleaned_data["until"] - form.cleaned_data["since"]).days + 1
    first, last = day_bounds(form.cleaned_data["since"], request.business.timezone, days)
    provider = next((one for one in people if one.slug == form.cleaned_data["provider"]), None)
    stretch = from_minute(first), from_minute(last)
    content = exporting.calendar(request.actor, request.business, *stretch, provider)
    exporting.note(request.actor, request.business, "calendar", provider=provider.slug if provider else "")
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{provider.slug if provider else slug}.ics"'
    return answer


@open_to(P.CHANGE_APPOINTMENTS)
def take_out(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then remove the busy times of a provider that came from files."""
    provider: Provider = find(request, Provider.objects.all(), slug=slug)

    def gone() -> str:
        many = busy.take_out(request.actor, provider)
        words = ngettext("%(n)s busy time was removed.", "%(n)s busy times were removed.", many)
        return words % {"n": many}

    return confirm(
        request,
        gone,
        title=_("Remove the imported busy times of %(name)s?") % {"name": provider.name},
        text=_("Their time is free to be booked again. Calendars that are connected are not touched."),
        button=_("Remove them"),
        back=reverse("manage-transfer"),
    )


@open_to(P.CHANGE_APPOINTMENTS)
def take_out_events(request: StaffRequest, slug: str) -> HttpResponse:
    """Ask, then take out of a provider's calendar what programs put there."""
    provider: Provider = find(request, Provider.objects.all(), slug=slug)

    def gone() -> str:
        many = events.clear(request.actor, provider)
        words = ngettext("%(n)s event was taken out.", "%(n)s events were taken out.", many)
        return words % {"n": many}

    return confirm(
        request,
        gone,
        title=_("Take out what programs put into the calendar of %(name)s?") % {"name": provider.name},
        text=_("Their time is free to be booked again, and meetings that belong to it are deleted."),
        button=_("Take it out"),
        back=reverse("manage-transfer"),
    )


def _carry_out(request: StaffRequest, people: Sequence[Provider]) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in WAYS:
        raise NotFound(_("This file is not here any more. Choose it again."))
    content = importing.kept(request.actor, request.POST.get("kept", ""))
    provider = next((one for one in people if one.slug == request.POST.get("provider", "")), None)
    plan = WAYS[kind].plan(request.actor, request.business, content, provider)
    done_plan = WAYS[kind].take(request.actor, request.business, plan)
    importing.forget(request.actor, request.POST["kept"])
    many = len(done_plan.new)
    words = ngettext("%(n)s line was taken in.", "%(n)s lines were taken in.", many) % {"n": many}
    if not done_plan.refused:
        return done(request, words, "manage-transfer")
    context: dict[str, Any] = {"plan": done_plan, "kind": kind, "what": KINDS[kind], "kept": None, "said": words}
    return show(request, "transfer_plan.html", status=200, most=MOST_LISTED, **context)


def _people(request: StaffRequest) -> list[Provider]:
    return list(Provider.objects.visible_to(request.actor).filter(is_active=True))


def _empty(request: StaffRequest, people: Sequence[Provider]) -> dict[str, Any]:
    return {
        "form": ImportForm(people=people),
        "export": ExportForm(None, people, today_in(request.business.timezone)),
        "taken_in": busy.taken_in(request.actor, request.business),
        "put_down": events.ahead(request.actor),
    }


def _usual_stretch(today: date) -> QueryDict:
    query = QueryDict(mutable=True)
    query["since"], query["until"] = today.isoformat(), (today + timedelta(days=90)).isoformat()
    return query
