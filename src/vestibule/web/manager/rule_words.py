"""Booking rules as people say them: what a business' rule comes to, in one line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking.models import Service
from vestibule.web import times

PERIODS = ("day", "week", "month", "year")


def said(group: str, rules: Mapping[str, Any]) -> str:
    """Return what a group of rules (`rule_groups.GROUPS`) holds, as a sentence without its full stop."""
    return _SAYINGS[group](rules)


def _grid(rules: Mapping[str, Any]) -> str:
    every = rules["interval_minutes"]
    often = (
        _("a start every %(length)s") % {"length": times.duration(every)} if every else _("a start after each length")
    )
    return f"{often}, {Service.Alignment(rules['alignment']).label}"


def _buffers(rules: Mapping[str, Any]) -> str:
    before, after = rules["buffer_before_minutes"], rules["buffer_after_minutes"]
    if not before and not after:
        return _("nothing kept free")
    words = _("%(before)s kept free before and %(after)s after")
    return words % {"before": times.duration(before), "after": times.duration(after)}


def _notice(rules: Mapping[str, Any]) -> str:
    return _ahead(rules["notice_minutes"], _("until it begins"))


def _change_notice(rules: Mapping[str, Any]) -> str:
    return _ahead(rules["change_notice_minutes"], _("until it begins"))


def _ahead(minutes: int, at_once: str) -> str:
    return _("up to %(length)s before") % {"length": _long(minutes)} if minutes else at_once


def _window(rules: Mapping[str, Any]) -> str:
    days = ngettext("%(n)s day ahead", "%(n)s days ahead", rules["window_days"]) % {"n": rules["window_days"]}
    working = _(", Monday to Friday counted") if rules["window_business_days"] else ""
    match rules["window_type"]:
        case Service.Window.ROLLING_DAYS:
            return days + working
        case Service.Window.ROLLING_AVAILABLE_DAYS:
            n = rules["window_days"]
            return ngettext("the next %(n)s day with free times", "the next %(n)s days with free times", n) % {"n": n}
        case Service.Window.RANGE:
            first, last = rules["window_from"], rules["window_to"]
            told = {"first": _date(first), "last": _date(last)}
            return _("from %(first)s to %(last)s") % told
        case Service.Window.ROLLING_MINUTES:
            return _("%(length)s ahead") % {"length": _long(rules["window_minutes"])}
    return _("any time ahead")


def _limits(rules: Mapping[str, Any]) -> str:
    limits = rules["limits"]
    periods = {"day": _("a day"), "week": _("a week"), "month": _("a month"), "year": _("a year")}
    told = [f"{limits['max_per'][one]} {periods[one]}" for one in PERIODS if one in limits.get("max_per", {})]
    told += [
        _("%(length)s %(period)s") % {"length": _long(limits["max_minutes_per"][one]), "period": periods[one]}
        for one in PERIODS
        if one in limits.get("max_minutes_per", {})
    ]
    return ", ".join(told) or _("no limit")


def _open_bookings(rules: Mapping[str, Any]) -> str:
    most = rules["max_open_per_consumer"]
    if not most:
        return _("any number")
    return ngettext("%(n)s appointment ahead", "%(n)s appointments ahead", most) % {"n": most}


def _approval(rules: Mapping[str, Any]) -> str:
    if not rules["needs_approval"]:
        return _("booked at once")
    return _("asked for, and answered within %(length)s") % {"length": _long(rules["approval_minutes"])}


def _lateness(rules: Mapping[str, Any]) -> str:
    after = rules["no_show_after_minutes"]
    return _("after %(length)s") % {"length": times.duration(after)} if after else _("only by hand")


def _choice(rules: Mapping[str, Any]) -> str:
    chooses = _("consumers may choose") if rules["consumer_chooses_provider"] else _("consumers may not choose")
    return f"{chooses}, {_('returning ones see their person first')}" if rules["prefers_known_provider"] else chooses


def _long(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    if days and not rest:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return times.duration(minutes)


_SAYINGS = {
    "grid": _grid,
    "buffers": _buffers,
    "notice": _notice,
    "change_notice": _change_notice,
    "window": _window,
    "limits": _limits,
    "open_bookings": _open_bookings,
    "approval": _approval,
    "lateness": _lateness,
    "choice": _choice,
}


def _date(on: date | None) -> str:
    return times.written(on, "j F Y") if on is not None else "…"
