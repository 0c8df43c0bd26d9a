"""Why a time is not offered: each rule's verdict on one start, the setting that decides it, and the day around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import availability, missing
from vestibule.booking.models import Service
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.scheduling import zones
from vestibule.store import clock
from vestibule.store.clock import from_minute, to_minute
from vestibule.web import times
from vestibule.web.manager import deciding, fields
from vestibule.web.manager.day_strip import Strip, strip_of
from vestibule.web.manager.deciding import Setting
from vestibule.web.manager.pages import SEES_APPOINTMENTS, Permission, StaffRequest, open_to, show
from vestibule.web.times import day_bounds


class WhyForm(fields.Form):
    """Which start to look at."""

    service = fields.one_of(gettext_lazy("Service"), [])
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    length = fields.one_of(gettext_lazy("Length"), [], required=False)
    day = fields.day(gettext_lazy("Date"))
    time = fields.clock(gettext_lazy("Time"))

    def __init__(
        self, data: Any, *, services: Sequence[Service], providers: Sequence[Provider], lengths: Sequence[int]
    ) -> None:
        super().__init__(data)
        anybody = [("", _("Anybody"))] if len(providers) != 1 else []
        self.set_choices("service", [(one.slug, one.name) for one in services])
        self.set_choices("provider", [*anybody, *((one.slug, one.name) for one in providers)])
        if len(lengths) > 1:
            usual = [("", times.duration(lengths[0]))]
            further = [(str(one), times.duration(one)) for one in lengths[1:]]
            self.set_choices("length", [*usual, *further])
        else:
            del self.fields["length"]


@dataclass(frozen=True)
class Line:
    """One rule's verdict, and where its setting is."""

    rule: str
    allows: bool
    sentence: str
    setting: Setting | None


@dataclass(frozen=True)
class Answer:
    """What is known of one start."""

    start: datetime
    is_offered: bool
    lines: Sequence[Line]
    nearest: Sequence[tuple[datetime, str]]
    strip: Strip


def address(service: str, day: date, minute: int, *, provider: str = "", length: int | None = None) -> str:
    """Return the address that explains a start: slugs, a local date of the business, minutes since its midnight."""
    query = {"service": service, "day": f"{day:%Y-%m-%d}", "time": f"{minute // 60:02}:{minute % 60:02}"}
    more = {"provider": provider} | ({"length": str(length)} if length else {})
    return f"{reverse('manage-why')}?{urlencode(query | {name: value for name, value in more.items() if value})}"


@open_to(*SEES_APPOINTMENTS)
def why(request: StaffRequest) -> HttpResponse:
    """Explain one start of one service, for one provider or for whoever comes closest to being free."""
    services = list(Service.objects.visible_to(request.actor).filter(is_active=True).select_related("business"))
    providers = _providers(request)
    asked = _service(request, services)
    is_own = not request.actor.may(Permission.SEE_APPOINTMENTS)
    if asked is None or (is_own and not providers):
        return show(request, "why.html", form=None)
    form = WhyForm(
        _filled(request, asked), services=services, providers=providers, lengths=availability.lengths_of(asked)
    )
    context: dict[str, Any] = {"service": asked, "answer": None, "problem": ""}
    if form.is_valid():
        given = form.cleaned_data
        own = providers[0] if is_own else None  # whose day it is not theirs to see is not "anybody" either
        provider = next((one for one in providers if one.slug == given["provider"]), own)
        try:
            context["answer"] = _answer(request, asked, provider, given)
        except Refusal as refused:
            context["problem"] = refused.sentence
        context |= {"provider": provider, "wall": given["time"], "on": given["day"]}
    return show(request, "why.html", form=form, **context)


def _service(request: StaffRequest, services: Sequence[Service]) -> Service | None:
    """Return the service that is named, else the first that the provider who is named offers, else the first."""
    named = next((one for one in services if one.slug == request.GET.get("service")), None)
    provider = request.GET.get("provider", "")
    if named is None and provider and "\0" not in provider:
        offered = set(Service.objects.filter(offers__provider__slug=provider[:60]).values_list("pk", flat=True))
        named = next((one for one in services if one.pk in offered), None)
    return named or (services[0] if services else None)


def _providers(request: StaffRequest) -> list[Provider]:
    """Return the providers whose days the reader may see."""
    rows = Provider.objects.visible_to(request.actor).filter(is_active=True)
    if not request.actor.may(Permission.SEE_APPOINTMENTS):
        rows = rows.filter(pk=request.actor.provider_id)
    return list(rows.order_by("position", "name", "pk"))


def _filled(request: StaffRequest, service: Service) -> Any:
    """Return what is asked; what is left out is the next morning, at nine."""
    data = request.GET.copy()
    tomorrow = clock.now().astimezone(zones.zone(request.business.timezone)) + timedelta(days=1)
    data.setdefault("day", f"{tomorrow:%Y-%m-%d}")
    data.setdefault("time", "09:00")
    data["service"] = service.slug
    return data


def _answer(request: StaffRequest, service: Service, provider: Provider | None, given: dict[str, Any]) -> Answer:
    """Raises Refusal where there is no question to ask, such as a service nobody offers."""
    zone = request.business.timezone
    shown = deciding.as_public(service)
    length = int(given.get("length") or 0) or None
    start = _instant(given["day"], given["time"], zone)

    def link(minute: int) -> str:
        at, who = times.local(minute, zone), provider.slug if provider else ""
        return address(service.slug, at.date(), at.hour * 60 + at.minute, provider=who, length=length)

    lines = _lines(request, shown, start, provider, length)
    if service.visibility != Service.Visibility.PUBLIC:
        lines.insert(0, Line("service", False, str(deciding.HIDDEN), deciding.of_service(request.actor, service)))
    first, last = day_bounds(given["day"], zone)
    parts = missing.parts(shown, first, last, provider=provider, length=length)
    near = availability.nearest(availability.ask(shown, provider=provider, length=length), to_minute(start))
    return Answer(
        start,
        all(one.allows for one in lines),
        sorted(lines, key=lambda line: line.allows),
        [(one, link(to_minute(one))) for one in near],
        strip_of(parts, first, last, to_minute(start), zone, link),
    )


def _lines(
    request: StaffRequest, service: Service, start: datetime, provider: Provider | None, length: int | None
) -> list[Line]:
    verdicts = availability.explain(service, start, provider=provider, length=length)
    return [
        Line(one.rule, one.allows, one.sentence, deciding.setting_of(request.actor, one, service, provider, start))
        for one in verdicts
    ]


def _instant(on: date, at: time, zone: str) -> datetime:
    """Return a wall time as an instant; one that the clocks skip counts as the first after the gap."""
    return from_minute(to_minute(datetime.combine(on, at, zones.zone(zone))))
