"""Hours by API key: weekly ones, dates that differ, schedules, time off, travel, public holidays."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from vestibule.api.v1.callers import once
from vestibule.api.v1.schemas import Slug, Word, instant
from vestibule.api.v1.setup import found, provider_named, told
from vestibule.api.v1.setup_schemas import (
    DateHoursIn,
    Day,
    HolidaysIn,
    HoursOut,
    ItemOut,
    ListOut,
    RulesOut,
    ScheduleIn,
    TimeOffIn,
    TripIn,
    WeekIn,
)
from vestibule.booking import setup
from vestibule.booking.models import DateOverride, Schedule, TimeOff, Trip, WeeklyHours
from vestibule.booking.setup import Hours, public_days
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

router = Router(tags=["Set-up"])
SEE, CHANGE = Permission.SEE_SETUP, Permission.MANAGE_SETUP
Whom = Annotated[Slug | None, Query(description="Slug of a provider; without one, the whole business")]
Whose = tuple[Actor, Business, Provider | None, Schedule | None]


@router.get("/{business}/hours", response=HoursOut, summary="Opening hours")
def business_hours(request: HttpRequest, business: Word) -> HttpResponse:
    """Weekly hours and dates that differ; by key (`setup:read`)."""
    return told(_hours(_whose(request, business, SEE)))


@router.put("/{business}/hours", response=HoursOut, summary="Set the opening hours")
def set_business_hours(request: HttpRequest, business: Word, given: WeekIn) -> HttpResponse:
    """Replaces the weekly hours; what is booked stays. By key (`setup:write`)."""
    return _set_week(request, _whose(request, business, CHANGE), given)


@router.put("/{business}/hours/{day}", response=HoursOut, summary="Set the hours of one date")
def set_business_day(request: HttpRequest, business: Word, day: Day, given: DateHoursIn) -> HttpResponse:
    """Counts instead of the weekly hours; by key (`setup:write`)."""
    return _set_day(request, _whose(request, business, CHANGE), day, given)


@router.delete("/{business}/hours/{day}", response=HoursOut, summary="Give a date its weekly hours back")
def reset_business_day(request: HttpRequest, business: Word, day: Day) -> HttpResponse:
    """By key (`setup:write`)."""
    return _reset_day(request, _whose(request, business, CHANGE), day)


@router.get("/{business}/providers/{provider}/hours", response=HoursOut, summary="Hours of a provider")
def provider_hours(request: HttpRequest, business: Word, provider: Word, schedule: Word | None = None) -> HttpResponse:
    """Their usual hours, empty while they follow the business, or those of one of their schedules."""
    return told(_hours(_whose(request, business, SEE, provider, schedule)))


@router.put("/{business}/providers/{provider}/hours", response=HoursOut, summary="Set the hours of a provider")
def set_provider_hours(
    request: HttpRequest, business: Word, provider: Word, given: WeekIn, schedule: Word | None = None
) -> HttpResponse:
    """Replaces their own weekly hours, or those of one of their schedules; by key (`setup:write`)."""
    return _set_week(request, _whose(request, business, CHANGE, provider, schedule), given)


@router.put("/{business}/providers/{provider}/hours/{day}", response=HoursOut, summary="Set a provider's date")
def set_provider_day(
    request: HttpRequest, business: Word, provider: Word, day: Day, given: DateHoursIn, schedule: Word | None = None
) -> HttpResponse:
    """Counts instead of their weekly hours; by key (`setup:write`)."""
    return _set_day(request, _whose(request, business, CHANGE, provider, schedule), day, given)


@router.delete("/{business}/providers/{provider}/hours/{day}", response=HoursOut, summary="Reset a provider's date")
def reset_provider_day(
    request: HttpRequest, business: Word, provider: Word, day: Day, schedule: Word | None = None
) -> HttpResponse:
    """Gives the date its weekly hours back; by key (`setup:write`)."""
    return _reset_day(request, _whose(request, business, CHANGE, provider, schedule), day)


@router.get("/{business}/providers/{provider}/schedules", response=ListOut, summary="Schedules of a provider")
def schedules(request: HttpRequest, business: Word, provider: Word) -> HttpResponse:
    """Further hours under a name; by key (`setup:read`)."""
    _actor, _house, who, _schedule = _whose(request, business, SEE, provider)
    rows = Schedule.objects.filter(provider=who)
    return told({"items": [{"id": row.ref, "name": row.name} for row in rows]})


@router.post("/{business}/providers/{provider}/schedules", response={201: ItemOut}, summary="Add a schedule")
def add_schedule(request: HttpRequest, business: Word, provider: Word, given: ScheduleIn) -> HttpResponse:
    """Set its hours next; by key (`setup:write`)."""
    actor, _house, who, _schedule = _whose(request, business, CHANGE, provider)
    assert who is not None
    return once(request, actor, lambda: (201, {"id": setup.add_schedule(actor, who, given.name).ref}))


@router.delete("/{business}/providers/{provider}/schedules/{ref}", response=ItemOut, summary="Remove a schedule")
def remove_schedule(request: HttpRequest, business: Word, provider: Word, ref: Word) -> HttpResponse:
    """Refused while a service is pinned to it; by key (`setup:write`)."""
    actor, _house, _who, schedule = _whose(request, business, CHANGE, provider, ref)
    assert schedule is not None

    def do() -> tuple[int, Any]:
        setup.remove_schedule(actor, schedule)
        return 200, {"id": ref}

    return once(request, actor, do)


@router.get("/{business}/time-off", response=ListOut, summary="Time off")
def time_off(request: HttpRequest, business: Word, provider: Whom = None) -> HttpResponse:
    """Time off ahead, of one provider or of the whole business; by key (`setup:read`)."""
    actor, _house, who, _schedule = _whose(request, business, SEE, provider)
    now = clock.to_minute(clock.now())
    rows = TimeOff.objects.visible_to(actor).filter(provider=who, end_minute__gt=now).select_related("redirect_to")
    return told(
        {
            "items": [
                {
                    "id": row.ref,
                    "start": instant(clock.from_minute(row.start_minute)),
                    "end": instant(clock.from_minute(row.end_minute)),
                    "reason": row.reason,
                    "redirect_to": row.redirect_to.slug if row.redirect_to else None,
                }
                for row in rows
            ]
        }
    )


@router.post("/{business}/time-off", response={201: ItemOut}, summary="Add time off")
def add_time_off(
    request: HttpRequest,
    business: Word,
    given: TimeOffIn,
    provider: Whom = None,
) -> HttpResponse:
    """What is booked in it stays booked; by key (`setup:write`)."""
    actor, house, who, _schedule = _whose(request, business, CHANGE, provider)
    other = provider_named(actor, given.redirect_to, "redirect_to") if given.redirect_to else None

    def do() -> tuple[int, Any]:
        made = setup.add_time_off(
            actor, house, given.start, given.end, provider=who, reason=given.reason, redirect_to=other
        )
        return 201, {"id": made.ref}

    return once(request, actor, do)


@router.delete("/{business}/time-off/{ref}", response=ItemOut, summary="Remove time off")
def remove_time_off(request: HttpRequest, business: Word, ref: Word) -> HttpResponse:
    """That time can be booked again; by key (`setup:write`)."""
    actor, _house = found(request, business, CHANGE)
    row = _one(TimeOff.objects.visible_to(actor).filter(ref=ref))
    return _removed(request, actor, ref, lambda: setup.remove_time_off(actor, row))


@router.get("/{business}/providers/{provider}/trips", response=ListOut, summary="Travel of a provider")
def trips(request: HttpRequest, business: Word, provider: Word) -> HttpResponse:
    """Dates on which their hours are kept in another zone; by key (`setup:read`)."""
    _actor, _house, who, _schedule = _whose(request, business, SEE, provider)
    rows = Trip.objects.filter(provider=who)
    return told(
        {
            "items": [
                {
                    "id": row.ref,
                    "first": row.first.isoformat(),
                    "last": row.last.isoformat() if row.last else None,
                    "timezone": row.timezone,
                }
                for row in rows
            ]
        }
    )


@router.post("/{business}/providers/{provider}/trips", response={201: ItemOut}, summary="Add travel")
def add_trip(request: HttpRequest, business: Word, provider: Word, given: TripIn) -> HttpResponse:
    """By key (`setup:write`)."""
    actor, _house, who, _schedule = _whose(request, business, CHANGE, provider)
    assert who is not None
    return once(
        request,
        actor,
        lambda: (201, {"id": setup.add_trip(actor, who, given.first, given.last, given.timezone).ref}),
    )


@router.delete("/{business}/providers/{provider}/trips/{ref}", response=ItemOut, summary="Remove travel")
def remove_trip(request: HttpRequest, business: Word, provider: Word, ref: Word) -> HttpResponse:
    """By key (`setup:write`)."""
    actor, _house, who, _schedule = _whose(request, business, CHANGE, provider)
    row = _one(Trip.objects.filter(provider=who, ref=ref))
    return _removed(request, actor, ref, lambda: setup.remove_trip(actor, row))


@router.get("/{business}/holidays", response=RulesOut, summary="Public holidays")
def holidays(request: HttpRequest, business: Word) -> HttpResponse:
    """Whose are kept, those of this and the next year, and on which the business is open."""
    _actor, house = found(request, business, SEE)
    return told(_holidays(house))


@router.patch("/{business}/holidays", response=RulesOut, summary="Change the public holidays")
def change_holidays(request: HttpRequest, business: Word, given: HolidaysIn) -> HttpResponse:
    """`open` replaces the dates on which the business is open all the same; by key (`setup:write`)."""
    actor, house = found(request, business, CHANGE)

    def do() -> tuple[int, Any]:
        country = house.holiday_country if given.country is None else given.country
        kept = house.holiday_region if given.country is None else ""
        region = kept if given.region is None else given.region
        try:
            return 200, _holidays(setup.keep_holidays(actor, house, country, region, open_days=given.open))
        except Invalid as refused:
            named = {"holiday_country": "country", "holiday_region": "region", "date": "open"}
            refused.facts["field"] = named.get(refused.facts["field"], refused.facts["field"])
            raise

    return once(request, actor, do)


def _holidays(business: Business) -> dict[str, Any]:
    this_year = clock.now().year
    days = [day for year in (this_year, this_year + 1) for day in public_days.days_of(business, year)]
    told_days = [{"date": on.isoformat(), "name": name, "is_open": is_open} for on, name, is_open in days]
    return {"rules": {"country": business.holiday_country, "region": business.holiday_region, "days": told_days}}


def _whose(
    request: HttpRequest,
    business: str,
    permission: Permission,
    provider: str | None = None,
    schedule: str | None = None,
) -> Whose:
    actor, house = found(request, business, permission)
    who = provider_named(actor, provider) if provider is not None else None
    if schedule is None:
        return actor, house, who, None
    return actor, house, who, _one(Schedule.objects.filter(provider=who, ref=schedule).select_related("provider"))


def _one(rows: Any) -> Any:
    row = rows.first()
    if row is None:
        raise NotFound(_("There is nothing of that id here."))
    return row


def _hours(whose: Whose) -> dict[str, Any]:
    _actor, house, who, schedule = whose
    weekly = WeeklyHours.objects.filter(business=house, provider=who, schedule=schedule)
    days: dict[date, dict[str, Any]] = {}
    for row in DateOverride.objects.filter(business=house, provider=who, schedule=schedule):
        shown = days.setdefault(row.date, {"date": row.date.isoformat(), "windows": [], "note": row.note})
        shown["windows"] += [] if row.is_closed else [[row.start_minute, row.end_minute]]
    return {
        "timezone": who.zone if who else house.timezone,
        "weekly": [[row.weekday, row.start_minute, row.end_minute] for row in weekly],
        "dates": list(days.values()),
    }


def _set_week(request: HttpRequest, whose: Whose, given: WeekIn) -> HttpResponse:
    actor, house, who, schedule = whose

    def do() -> tuple[int, Any]:
        setup.set_hours(actor, house, [Hours(*one) for one in given.weekly], provider=who, schedule=schedule)
        return 200, _hours(whose)

    return once(request, actor, do)


def _set_day(request: HttpRequest, whose: Whose, day: date, given: DateHoursIn) -> HttpResponse:
    actor, house, who, schedule = whose

    def do() -> tuple[int, Any]:
        setup.set_override(actor, house, day, given.windows, provider=who, schedule=schedule, note=given.note)
        return 200, _hours(whose)

    return once(request, actor, do)


def _reset_day(request: HttpRequest, whose: Whose, day: date) -> HttpResponse:
    actor, house, who, schedule = whose

    def do() -> tuple[int, Any]:
        setup.remove_override(actor, house, day, provider=who, schedule=schedule)
        return 200, _hours(whose)

    return once(request, actor, do)


def _removed(request: HttpRequest, actor: Actor, ref: str, remove: Any) -> HttpResponse:
    def do() -> tuple[int, Any]:
        remove()
        return 200, {"id": ref}

    return once(request, actor, do)
