"""A service as configured, in the words of the slot engine."""

from collections.abc import Mapping
from typing import Any

from vestibule import scheduling
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
        limits=_limits(service.limits, business),
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


def _limits(stored: Mapping[str, Any], business: Business) -> Limits | None:
    if not stored:
        return None
    return Limits(
        max_per=tuple((Period(period), most) for period, most in stored.get("max_per", {}).items()),
        max_minutes_per=tuple((Period(period), most) for period, most in stored.get("max_minutes_per", {}).items()),
        timezone=stored.get("timezone") or STAFF,
        week_start=WEEKDAYS.index(business.week_start),
        scope=Scope(stored.get("scope", "staff")),
    )


def longest_period_days(stored: Mapping[str, Any]) -> int:
    """Return how many days back bookings count for limits: 0 without limits or with daily ones alone."""
    periods = {*stored.get("max_per", {}), *stored.get("max_minutes_per", {})}
    return max(({"day": 1, "week": 8, "month": 32, "year": 367}[period] for period in periods), default=0)
