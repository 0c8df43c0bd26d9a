"""Rules a service follows from its business: in groups, each taken over as a whole or the service's own.

The business' rules are stored by the names of `Service`'s fields in `Business.booking_rules`, and written through to
every service whose `follows` names the group, so that reading a service stays reading one row.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from vestibule.booking.models import Service
from vestibule.people.models import Business

GROUPS: dict[str, tuple[str, ...]] = {
    "grid": ("interval_minutes", "alignment", "align_step_minutes", "alignment_timezone"),
    "buffers": ("buffer_before_minutes", "buffer_after_minutes"),
    "notice": ("notice_minutes",),
    "change_notice": ("change_notice_minutes",),
    "window": (
        "window_type",
        "window_days",
        "window_business_days",
        "window_minutes",
        "window_from",
        "window_to",
    ),
    "limits": ("limits",),
    "open_bookings": ("max_open_per_consumer",),
    "approval": ("needs_approval", "approval_minutes"),
    "lateness": ("no_show_after_minutes",),
    "choice": ("consumer_chooses_provider", "prefers_known_provider"),
}
RULES = tuple(name for names in GROUPS.values() for name in names)
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


def rules_of_business(business: Business) -> dict[str, Any]:
    """Return every rule of a business as `Service` has it; what was never set is Bookings' default.

    `interval_minutes` None means a start after each length: a service that follows it takes its own length.
    """
    usual = Service()
    rules = {name: getattr(usual, name) for name in RULES} | {"interval_minutes": None}
    return rules | {name: _read(name, value) for name, value in business.booking_rules.items() if name in rules}


def stored(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules as JSON holds them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in rules.items()}


def taken_over(business: Business, groups: Iterable[str], *, duration_minutes: int) -> dict[str, Any]:
    """Return the fields a service of that length has if it follows `groups` of its business' rules."""
    rules = rules_of_business(business)
    wanted = {name: rules[name] for group in groups for name in GROUPS[group]}
    if "interval_minutes" in wanted and wanted["interval_minutes"] is None:
        wanted["interval_minutes"] = duration_minutes
    return wanted


def left_by(changes: Iterable[str]) -> set[str]:
    """Return the groups a service leaves when these of its fields are set for it alone."""
    return {GROUP_OF[name] for name in changes if name in GROUP_OF}


def in_order(groups: Iterable[str]) -> list[str]:
    """Return groups as they are stored: each once, in the order of `GROUPS`."""
    wanted = set(groups)
    return [group for group in GROUPS if group in wanted]


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in ("window_from", "window_to") and value else value
