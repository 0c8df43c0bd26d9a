"""Choosing a time on behalf of a consumer: fourteen days, and the free starts of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import availability
from vestibule.booking.models import Appointment, Service
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest
from vestibule.web.slots_by_part import Part, by_part
from vestibule.web.times import day_bounds

DAYS = 14


@dataclass(frozen=True)
class DayChoice:
    """One day to choose: how many starts are free, and where it leads."""

    date: date
    free: int
    query: str
    is_chosen: bool
    is_today: bool


@dataclass(frozen=True)
class Choice:
    """What the page offers: days, the chosen one, its free starts by part of the day."""

    days: Sequence[DayChoice]
    day: date
    parts: Sequence[Part]
    earlier: str
    later: str
    first_free: datetime | None

    @property
    def first_day(self) -> date:
        return self.days[0].date

    @property
    def last_day(self) -> date:
        return self.days[-1].date

    @property
    def has_any(self) -> bool:
        return any(part.slots for part in self.parts)


class WhoForm(fields.Form):
    """With whom, and on which day."""

    provider = fields.one_of(gettext_lazy("With"), [], required=False)
    day = fields.day(gettext_lazy("Day"), required=False)
    length = fields.number(gettext_lazy("Minutes"), least=5, most=1440, required=False)

    def __init__(
        self,
        data: QueryDict,
        *,
        providers: Sequence[Provider],
        must_choose: bool,
        lengths: Sequence[int] = (),
    ) -> None:
        super().__init__(data)
        self._lengths = lengths
        if lengths:
            self.fields["length"].widget.attrs |= {"list": "lengths", "placeholder": str(lengths[0])}
        else:
            del self.fields["length"]
        anyone = [] if must_choose else [("", _("Anybody who is free"))]
        self.set_choices("provider", anyone + [(one.slug, one.name) for one in providers])

    def minutes(self) -> int | None:
        """Return the length that was asked for, or None for the usual one."""
        given: int | None = self.cleaned_data.get("length") if self.is_valid() else None
        return None if given in (None, *self._lengths[:1]) else given

    @property
    def lengths(self) -> Sequence[int]:
        """The lengths the service offers, the usual one first."""
        return self._lengths


def providers_for(request: StaffRequest, service: Service) -> list[Provider]:
    """Return whom the reader may book for `service`: all who offer it, or only themselves."""
    rows = Provider.objects.visible_to(request.actor).filter(is_active=True, offers__service=service)
    if not request.actor.may(Permission.CHANGE_APPOINTMENTS):
        rows = rows.filter(pk=request.actor.provider_id)
    return list(rows)


def choose(
    service: Service,
    zone: str,
    form: WhoForm,
    provider: Provider | None,
    moving: Appointment | None = None,
    *,
    length: int | None = None,
) -> Choice:
    """Return the days and times to offer. Without a day the first with a free time is shown."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    wanted = form.cleaned_data.get("day") if form.is_valid() else None
    first = availability.next_free(service, now, provider=provider, length=length, as_staff=True)
    day = wanted or (first.start.astimezone(ZoneInfo(zone)).date() if first else today)
    since = today + timedelta(days=max((day - today).days, 0) // DAYS * DAYS)
    begin, end = (clock.from_minute(minute) for minute in day_bounds(since, zone, DAYS))
    counts = availability.days_with_free(
        service, begin, end, zone, provider=provider, length=length, as_staff=True, moving=moving
    )
    who = provider.slug if provider else ""
    days = [
        DayChoice(on, counts.get(on, 0), _query(on, who, length), on == day, on == today)
        for on in (since + timedelta(days=ahead) for ahead in range(DAYS))
    ]
    return Choice(
        days=days,
        day=day,
        parts=_parts(service, day, zone, provider, moving, length),
        earlier=_query(since - timedelta(days=DAYS), who, length) if since > today else "",
        later=_query(since + timedelta(days=DAYS), who, length),
        first_free=first.start if first else None,
    )


def _parts(
    service: Service,
    day: date,
    zone: str,
    provider: Provider | None,
    moving: Appointment | None,
    length: int | None,
) -> list[Part]:
    begin, end = (clock.from_minute(minute) for minute in day_bounds(day, zone))
    slots = availability.free_starts(
        service, begin, end, provider=provider, length=length, as_staff=True, moving=moving
    )
    return by_part(slots, zone)


def _query(on: date, provider: str, length: int | None = None) -> str:
    query = QueryDict(mutable=True)
    query["day"] = on.isoformat()
    if length:
        query["length"] = str(length)
    if provider:
        query["provider"] = provider
    return query.urlencode()
