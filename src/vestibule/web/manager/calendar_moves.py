"""Moving an appointment within the calendar: what would happen, said before it is done; then doing it.

Script asks in JSON while somebody drags, by the same engine that books; without script the same is a page with a form.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import availability, lifecycle, seating
from vestibule.booking.models import Appointment
from vestibule.booking.seating import Aim
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import Provider
from vestibule.store.clock import from_minute, to_minute
from vestibule.web import times
from vestibule.web.consumer.starts import instant
from vestibule.web.consumer.starts import nearest as nearest_of
from vestibule.web.manager import fields
from vestibule.web.manager.appointment_pages import one, require_change
from vestibule.web.manager.pages import CHANGES_APPOINTMENTS, StaffRequest, done, open_to, show
from vestibule.web.manager.picker import providers_for
from vestibule.web.times import day_bounds

MOST_SHOWN_DAYS = 7
MOST_NEAREST = 4


class TimeForm(fields.Form):
    """When an appointment is to be, how long, and with whom."""

    on = fields.day(gettext_lazy("Date"))
    at = fields.clock(gettext_lazy("Time"))
    length = fields.number(gettext_lazy("Minutes"), least=5, most=1440)
    provider = fields.one_of(gettext_lazy("With"), [])

    def __init__(self, data: QueryDict | None, appointment: Appointment, providers: list[Provider], zone: str) -> None:
        start = times.local(appointment.start_minute, zone)
        initial = {
            "on": start.date(),
            "at": start.time(),
            "length": appointment.end_minute - appointment.start_minute,
            "provider": appointment.provider.slug,
        }
        super().__init__(data, initial=initial)
        known = providers if appointment.provider in providers else [appointment.provider, *providers]
        self._known = {provider.slug: provider for provider in known}
        self._zone = zone
        self.set_choices("provider", [(provider.slug, provider.name) for provider in known])

    def target(self) -> "Target":
        """Return where a valid form wants it. Raises Invalid for a time that the clocks leave out that day."""
        given = self.cleaned_data
        start = wall(given["on"], given["at"], self._zone)
        return Target(start, given["length"], self._known[given["provider"]])


@dataclass(frozen=True)
class Target:
    """A start (aware), a length in minutes, a provider."""

    start: datetime
    length: int
    provider: Provider

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.length)


def wall(on: date, at: time, zone: str) -> datetime:
    """Return the instant at which clocks of `zone` show that time. Raises Invalid where they never do."""
    home = ZoneInfo(zone)
    start = datetime.combine(on, at, home)
    if from_minute(to_minute(start)).astimezone(home).replace(tzinfo=None) != start.replace(tzinfo=None):
        words = _("Clocks go forward that night, so there is no such time. Choose another.")
        raise Invalid(words, field="at")
    return from_minute(to_minute(start))


@open_to(*CHANGES_APPOINTMENTS)
def change_time(request: StaffRequest, ref: str) -> HttpResponse:
    """Show when an appointment is, and change it: page, panel of the calendar, and what script posts to."""
    appointment = one(request, ref)
    require_change(request, appointment)
    form = _form(request, appointment, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"appointment": appointment, "form": form, "nearest": []}
    status = 200
    if request.method == "POST":
        answer = _attempt(request, appointment, form)
        if isinstance(answer, HttpResponse):
            return answer
        status = answer.status if answer else 422
        context["nearest"] = _nearest(answer, appointment, form, request.business.timezone)
        if _wants_data(request):
            said = answer.sentence if answer else _("Something is missing here. Fill it in.")
            return JsonResponse({"ok": False, "said": said, "nearest": context["nearest"]}, status=status)
    if "panel" in request.GET:
        context |= {"zone": request.business.timezone}
        return render(request, "manager/parts/appointment_panel.html", context, status=status)
    return show(request, "appointment_time.html", status=status, **context)


def _wants_data(request: StaffRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _attempt(request: StaffRequest, appointment: Appointment, form: TimeForm) -> HttpResponse | Refusal | None:
    """Change the appointment as the form says; return why not, or None for a form that cannot be read."""
    if not form.is_valid():
        return None
    before = _where(appointment, request.business.timezone)
    try:
        return _moved(request, appointment, form.target(), before)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refused:
        form.add_error(None, refused.sentence)
        return refused


@open_to(*CHANGES_APPOINTMENTS)
def check(request: StaffRequest) -> HttpResponse:
    """Say what a change would meet, without making it."""
    appointment = one(request, request.GET.get("ref", "").replace("\0", "")[:16])
    require_change(request, appointment)
    zone = request.business.timezone
    form = _form(request, appointment, request.GET)
    if not form.is_valid():
        return JsonResponse({"ok": False, "said": _("This is no time. Check date, time and length."), "nearest": []})
    try:
        target = form.target()
        refusal = _refusal(appointment, target, zone)
    except Refusal as refused:
        refusal, target = refused, None
    if refusal is not None or target is None:
        said = refusal.sentence if refusal else ""
        code = refusal.code if refusal else ""
        nearest = _nearest(refusal, appointment, form, zone)
        return JsonResponse({"ok": False, "code": code, "said": said, "nearest": nearest})
    when = times.span(target.start, target.end, zone)
    is_length = target.provider.pk == appointment.provider_id and to_minute(target.start) == appointment.start_minute
    return JsonResponse(
        {
            "ok": True,
            "title": _question(appointment, target) % {"name": appointment.name, "who": target.provider.name},
            "when": _("%(when)s, with %(who)s") % {"when": when, "who": target.provider.name},
            "button": _("Change it") if is_length else _("Move it"),
            "said": _("%(when)s, %(who)s: free") % {"when": when, "who": target.provider.name},
            "note": _("Both sides get word of it at once. Links stay good, reminders follow."),
        }
    )


@open_to(*CHANGES_APPOINTMENTS)
def starts(request: StaffRequest) -> HttpResponse:
    """Say which starts are free for an appointment on the dates and with the providers that are in sight."""
    appointment = one(request, request.GET.get("ref", "").replace("\0", "")[:16])
    require_change(request, appointment)
    zone = request.business.timezone
    form = fields.Form(request.GET)
    form.fields["date"] = fields.day("")
    wanted = set(request.GET.get("providers", "").split(",")[:20]) | {appointment.provider.slug}
    free: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    if form.is_valid():
        first, last = day_bounds(form.cleaned_data["date"], zone, MOST_SHOWN_DAYS)
        people = {one.pk: one.slug for one in providers_for(request, appointment.service) if one.slug in wanted}
        try:
            slots = availability.free_starts(
                appointment.service, from_minute(first), from_minute(last), as_staff=True, moving=appointment
            )
        except Refusal:
            slots = []
        for slot in slots:
            here = times.local(slot.start, zone)
            for pk in slot.providers:
                if pk in people:
                    free[people[pk]][here.date().isoformat()].append(here.hour * 60 + here.minute)
    return JsonResponse({"step": max(appointment.service.interval_minutes, 5), "free": free})


def _form(request: StaffRequest, appointment: Appointment, data: QueryDict | None) -> TimeForm:
    if data is not None and data.get("start"):
        data = _spelled(data, request.business.timezone)
    return TimeForm(data, appointment, providers_for(request, appointment.service), request.business.timezone)


def _spelled(data: QueryDict, zone: str) -> QueryDict:
    """Return a form's data in which one of the offered starts was chosen, as date and time."""
    start = times.local(instant(str(data["start"])), zone)
    spelled = data.copy()
    spelled["on"], spelled["at"] = f"{start:%Y-%m-%d}", f"{start:%H:%M}"
    return spelled


def _refusal(appointment: Appointment, target: Target, zone: str) -> Refusal | None:
    availability.require_offered(appointment.service, target.start, as_staff=True)
    aim = Aim(
        appointment.service,
        to_minute(target.start),
        zone,
        target.provider.pk,
        as_staff=True,
        moving=appointment,
        length=target.length,
    )
    return seating.refusal_of(aim)


def _moved(request: StaffRequest, appointment: Appointment, target: Target, before: dict[str, Any]) -> HttpResponse:
    length = target.length if target.length != before["length"] else None
    provider = target.provider if target.provider.pk != appointment.provider_id else None
    moved = lifecycle.move(request.actor, appointment, target.start, provider=provider, length=length)
    when = times.span(moved.start, moved.end, request.business.timezone)
    words = _("%(name)s: now %(when)s, %(who)s. Both sides are told.")
    said = words % {"name": moved.name, "when": when, "who": moved.provider.name}
    if _wants_data(request):
        return JsonResponse({"ok": True, "said": said, "undo": before})
    return done(request, said, reverse("manage-appointment", args=[moved.ref]))


def _where(appointment: Appointment, zone: str) -> dict[str, Any]:
    """Return what to post to have it where it is now."""
    start = times.local(appointment.start_minute, zone)
    return {
        "on": f"{start:%Y-%m-%d}",
        "at": f"{start:%H:%M}",
        "length": appointment.end_minute - appointment.start_minute,
        "provider": appointment.provider.slug,
    }


def _question(appointment: Appointment, target: Target) -> str:
    if target.provider.pk != appointment.provider_id:
        return _("Move %(name)s to %(who)s?")
    if to_minute(target.start) == appointment.start_minute:
        return _("Change the length for %(name)s?")
    return _("Move %(name)s?")


def _nearest(refusal: Refusal | None, appointment: Appointment, form: TimeForm, zone: str) -> list[dict[str, str]]:
    """Return free starts near a refused one, as people read them: those the refusal names, else the engine's."""
    if refusal is None:
        return []
    found = nearest_of(refusal)
    if not found:
        try:
            target = form.target()
            question = availability.ask(
                appointment.service, provider=target.provider, length=target.length, as_staff=True, moving=appointment
            )
        except Refusal:
            return []
        found = availability.nearest(question, to_minute(target.start), most=MOST_NEAREST)
    shown = [(times.iso(at), times.local(at, zone)) for at in found[:MOST_NEAREST]]
    return [
        {"on": f"{at:%Y-%m-%d}", "at": f"{at:%H:%M}", "iso": iso, "words": times.moment(at, zone)} for iso, at in shown
    ]
