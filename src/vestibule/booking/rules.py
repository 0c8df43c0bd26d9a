"""A service as configured, in the words of the slot engine."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vestibule import scheduling
from vestibule.booking.catalogue import Offered, OwnRules
from vestibule.booking.models import Service
from vestibule.people.models import Business
from vestibule.scheduling import STAFF, BookingWindow, Limits, Period, Rules, Scope

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rules_of(service: Service, business: Business, *, length: int | None = None, as_staff: bool = False) -> Rules:
    """Return the rules of `service`, of `length` minutes if given; `as_staff` leaves out notice and booking window."""
    return Rules(
        duration=length or service.duration_minutes,
        step=service.interval_minutes,
        service=service.pk,
        before=service.buffer_before_minutes,
        after=service.buffer_after_minutes,
        buffer_rule=scheduling.BufferRule(business.buffer_rule),
        notice=0 if as_staff else service.notice_minutes,
        alignment=scheduling.Alignment(service.alignment),
        align_step=service.align_step_minutes or 0,
        alignment_timezone=service.alignment_timezone or STAFF,
        window=None if as_staff else _window(service),
        limits=limits_of(service.limits, business),
        seats=None if service.seats == 1 else service.seats,
    )


def _window(service: Service) -> BookingWindow | None:
    zone = service.alignment_timezone or STAFF
    match service.window_type:
        case Service.Window.ROLLING_DAYS:
            return scheduling.RollingDays(service.window_days, service.window_business_days, zone)
        case Service.Window.ROLLING_AVAILABLE_DAYS:
            return scheduling.RollingAvailableDays(service.window_days, service.window_business_days, zone)
        case Service.Window.RANGE:
            return scheduling.DateRange(service.window_from, service.window_to, zone)
        case Service.Window.ROLLING_MINUTES:
            return scheduling.RollingMinutes(service.window_minutes)
    return None


def own_rules(common: Rules, own: OwnRules | None, *, as_staff: bool = False) -> Rules | None:
    """Return how somebody with `own` rules takes the service, or None for like everybody else."""
    if own is None:
        return None
    theirs = replace(
        common,
        before=common.before if own.before is None else own.before,
        after=common.after if own.after is None else own.after,
        notice=common.notice if own.notice is None or as_staff else own.notice,
    )
    return None if theirs == common else theirs


def limits_of(stored: Mapping[str, Any], business: Business) -> Limits | None:
    """Return limits as stored with a service or a provider, or None without any."""
    if not stored:
        return None
    return Limits(
        max_per=tuple((Period(period), most) for period, most in stored.get("max_per", {}).items()),
        max_minutes_per=tuple((Period(period), most) for period, most in stored.get("max_minutes_per", {}).items()),
        timezone=stored.get("timezone") or STAFF,
        week_start=WEEKDAYS.index(business.week_start),
        scope=Scope(stored.get("scope", "staff")),
    )


def days_back(service: Service, offers: Iterable[Offered]) -> int:
    """Return how many days back bookings count for the limits of a service and of those who offer it."""
    own = (longest_period_days(one.own_rules.limits) for one in offers if one.own_rules is not None)
    return max(longest_period_days(service.limits), *own, 0)


def longest_period_days(stored: Mapping[str, Any]) -> int:
    """Return how many days back bookings count for limits: 0 without limits or with daily ones alone."""
    periods = {*stored.get("max_per", {}), *stored.get("max_minutes_per", {})}
    return max(({"day": 1, "week": 8, "month": 32, "year": 367}[period] for period in periods), default=0)
