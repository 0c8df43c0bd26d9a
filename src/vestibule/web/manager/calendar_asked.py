"""What the calendar's address asks for. All of it is there, so that a bookmark or a colleague sees the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Appointment, Resource, Service
from vestibule.booking.rules import WEEKDAYS
from vestibule.people.models import Provider
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest
from vestibule.web.manager.preview import today_in

VIEWS = (("day", gettext_lazy("Day")), ("week", gettext_lazy("Week")), ("month", gettext_lazy("Month")))
BY = (("provider", gettext_lazy("Provider")), ("resource", gettext_lazy("Room or device")))
COLOURS = (("service", gettext_lazy("Service")), ("label", gettext_lazy("Label")))
STATUSES = [one for one in words(Appointment.Status.choices) if one[0] != Appointment.Status.CANCELLED]
MOST_LABELS = 60


class CalendarForm(fields.Form):
    """Which part of the calendar to show."""

    view = fields.one_of(gettext_lazy("View"), words(VIEWS), required=False)
    date = fields.day(gettext_lazy("Date"), required=False)
    by = fields.one_of(gettext_lazy("Columns"), words(BY), required=False)
    provider = fields.one_of(gettext_lazy("Provider"), [], required=False)
    resource = fields.one_of(gettext_lazy("Room or device"), [], required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)
    status = fields.one_of(gettext_lazy("Status"), [], required=False)
    label = fields.one_of(gettext_lazy("Label"), [], required=False)
    colours = fields.one_of(gettext_lazy("Colours show the"), words(COLOURS), required=False)

    def __init__(self, data: QueryDict, known: "Known") -> None:
        super().__init__(data)
        people = [(one.slug, one.name) for one in known.providers]
        everybody = [("", _("Everybody"))] if len(people) > 1 else []
        anything = [("", _("All"))]
        choices: dict[str, list[tuple[str, str]]] = {
            "provider": everybody + people,
            "resource": anything + [(one.slug, one.name) for one in known.resources],
            "service": anything + [(one.slug, one.name) for one in known.services],
            "label": anything + [(one, one) for one in known.labels],
        }
        for name, offered in choices.items():
            self.set_choices(name, offered)
        self.set_choices("status", [*anything, *STATUSES])


@dataclass(frozen=True)
class Known:
    """What there is to choose from."""

    providers: Sequence[Provider]
    resources: Sequence[Resource]
    services: Sequence[Service]
    labels: Sequence[str]

    @classmethod
    def of(cls, request: StaffRequest) -> "Known":
        """Read what the reader may choose from."""
        actor = request.actor
        providers = Provider.objects.visible_to(actor).select_related("business").filter(is_active=True)
        if not actor.may(Permission.SEE_APPOINTMENTS):
            providers = providers.filter(pk=actor.provider_id)
        labelled = Appointment.objects.visible_to(actor).exclude(label="").order_by("label")
        return cls(
            list(providers),
            list(Resource.objects.visible_to(actor).filter(is_active=True)),
            list(Service.objects.visible_to(actor).filter(is_active=True)),
            list(labelled.values_list("label", flat=True).distinct()[:MOST_LABELS]),
        )


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `on` is the first date shown (of a month: its first)."""

    view: str
    on: date
    by: str = "provider"
    provider: Provider | None = None
    resource: Resource | None = None
    service: str = ""
    status: str = ""
    label: str = ""
    colours: str = "service"

    @property
    def is_week(self) -> bool:
        return self.view == "week"

    @property
    def by_resource(self) -> bool:
        return self.by == "resource"

    @property
    def days(self) -> int:
        """How many dates are shown."""
        if self.view == "month":
            return ((self.on + timedelta(days=31)).replace(day=1) - self.on).days
        return 7 if self.is_week else 1

    @property
    def until(self) -> date:
        """The last date shown."""
        return self.on + timedelta(days=self.days - 1)

    @property
    def before(self) -> date:
        """The date one step earlier."""
        return (self.on - timedelta(days=1)).replace(day=1) if self.view == "month" else self.on - self._step

    @property
    def after(self) -> date:
        """The date one step later."""
        return self.until + timedelta(days=1)

    @property
    def _step(self) -> timedelta:
        return timedelta(days=self.days)

    @property
    def is_narrowed(self) -> bool:
        """Whether some appointments are left out on purpose."""
        return bool(self.service or self.status or self.label)

    def query(self, **changes: object) -> QueryDict:
        """Return the address that asks for this, with some of it changed; what is usual is left out."""
        one = replace(self, **changes)  # type: ignore[arg-type]  # fields of ours, each of its own type
        named = {
            "view": one.view if one.view != "day" else "",
            "date": one.on.isoformat(),
            "by": one.by if one.by_resource else "",
            "provider": one.provider.slug if one.provider else "",
            "resource": one.resource.slug if one.resource else "",
            "service": one.service,
            "status": one.status,
            "label": one.label,
            "colours": one.colours if one.colours != "service" else "",
        }
        query = QueryDict(mutable=True)
        for name, value in named.items():
            if value:
                query[name] = value
        return query

    def as_form(self) -> QueryDict:
        """Return what the form shows as chosen: everything, the usual included."""
        query = self.query()
        query["view"], query["by"], query["colours"] = self.view, self.by, self.colours
        return query


def read(request: StaffRequest, known: Known) -> tuple[Asked, CalendarForm]:
    """Return what is asked for, and the form that shows it; what cannot be read counts as not asked."""
    form = CalendarForm(request.GET, known)
    given = form.cleaned_data if form.is_valid() else {}
    view = given.get("view") or "day"
    on = given.get("date") or today_in(request.business.timezone)
    if view == "week":
        on -= timedelta(days=(on.weekday() - WEEKDAYS.index(request.business.week_start)) % 7)
    elif view == "month":
        on = on.replace(day=1)
    provider = next((one for one in known.providers if one.slug == given.get("provider", "")), None)
    if provider is None and len(known.providers) == 1 and not request.actor.may(Permission.SEE_APPOINTMENTS):
        provider = known.providers[0]
    by = "resource" if given.get("by") == "resource" and known.resources else "provider"
    resource = next((one for one in known.resources if one.slug == given.get("resource", "")), None)
    asked = Asked(
        view,
        on,
        by,
        provider if by == "provider" else None,
        resource if by == "resource" else None,
        given.get("service", ""),
        given.get("status", ""),
        given.get("label", ""),
        given.get("colours") or "service",
    )
    return asked, form if form.errors else CalendarForm(asked.as_form(), known)
