"""What each field of a service may hold, and what must fit together."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import intake
from vestibule.booking.models import Location, Service
from vestibule.booking.setup import values
from vestibule.booking.setup.general import clean_availability
from vestibule.booking.setup.values import Check
from vestibule.people.errors import Invalid, NotFound

PERIODS = ("day", "week", "month", "year")
YEAR_MINUTES = 366 * 24 * 60
COLOURS = ("lake", "harbour", "moss", "plum", "brick", "ochre", "slate", "rose")
MOST_LENGTHS = 8


def check_together(service: Service) -> None:
    """Raise Invalid for fields that contradict each other, NotFound for a location of another business."""
    if service.location is not None and service.location.business_id != service.business_id:
        raise NotFound(_("There is no such location in your business."))
    check_window(service)
    if service.price_minor is not None and not service.currency:
        raise Invalid(_("Enter the currency of the price, such as EUR."), field="currency")
    if service.seats > 1 and service.assignment != Service.Assignment.ANY:
        raise Invalid(_("A group service has one provider a session."), field="assignment")
    if service.assignment == Service.Assignment.SOME and not service.team_size:
        raise Invalid(_("Enter how many people take part."), field="team_size")
    if service.needs_approval and not service.approval_minutes:
        raise Invalid(_("Enter how long a request waits for an answer."), field="approval_minutes")


def check_window(service: Service) -> None:
    """Raise Invalid for a booking window that lacks its numbers or dates."""
    if service.window_type == Service.Window.RANGE:
        if service.window_from and service.window_to and service.window_from > service.window_to:
            raise Invalid(_("The last bookable date is before the first."), field="window_to")
        if not (service.window_from or service.window_to):
            raise Invalid(_("Enter the first or the last bookable date."), field="window_from")
    if service.window_type == Service.Window.ROLLING_MINUTES and not service.window_minutes:
        raise Invalid(_("Enter how many minutes ahead can be booked."), field="window_minutes")


def limits(given: Any, field: str) -> dict[str, Any]:
    """Check `{"max_per": {"day": n}, "max_minutes_per": {…}, "timezone": zone, "scope": "staff"|"service"}`."""
    if not isinstance(given, Mapping) or not set(given) <= {"max_per", "max_minutes_per", "timezone", "scope"}:
        raise Invalid(_("These limits cannot be read. Enter them again."), field=field)
    found: dict[str, Any] = {}
    for name, most in (("max_per", 10_000), ("max_minutes_per", YEAR_MINUTES)):
        counts = given.get(name, {})
        if not isinstance(counts, Mapping) or not set(counts) <= set(PERIODS):
            raise Invalid(_("Limits are per day, week, month or year."), field=f"{field}.{name}")
        check = values.number(1, most)
        if counts:
            found[name] = {period: check(counts[period], f"{field}.{name}.{period}") for period in counts}
    if found:
        found["timezone"] = values.zone_or_none(given.get("timezone", ""), f"{field}.timezone")
        found["scope"] = values.choice(["staff", "service"])(given.get("scope", "staff"), f"{field}.scope")
    return found


def _lengths(given: Any, field: str) -> list[int]:
    if not isinstance(given, list | tuple) or len(given) > MOST_LENGTHS:
        raise Invalid(_("A service has at most 8 further lengths."), field=field)
    check = values.number(1, 24 * 60)
    return sorted({check(one, field) for one in given})


def _location(given: Any, field: str) -> Location | None:
    if given is not None and not isinstance(given, Location):
        raise Invalid(_("Choose a location of the list."), field=field)
    return given


def _currency(given: Any, field: str) -> str:
    if given != "" and not (isinstance(given, str) and len(given) == 3 and given.isascii() and given.isupper()):
        raise Invalid(_("Enter a currency by its three letters, such as EUR."), field=field)
    return str(given)


def _colour(given: Any, field: str) -> str:
    return "" if given == "" else values.choice(list(COLOURS))(given, field)


CHECKS: dict[str, Check] = {
    "name": values.text(120, least=1),
    "slug": values.slug,
    "description": values.text(600, lines=True),
    "location": _location,
    "position": values.number(0, 100_000),
    "visibility": values.choice(list(Service.Visibility.values)),
    "is_active": values.yes_or_no,
    "price_minor": values.maybe(values.number(0, 100_000_000)),
    "currency": _currency,
    "colour": _colour,
    "duration_minutes": values.number(1, 24 * 60),
    "lengths": _lengths,
    "interval_minutes": values.number(1, 24 * 60),
    "buffer_before_minutes": values.number(0, 24 * 60),
    "buffer_after_minutes": values.number(0, 24 * 60),
    "alignment": values.choice(list(Service.Alignment.values)),
    "align_step_minutes": values.maybe(values.number(1, 24 * 60)),
    "alignment_timezone": values.zone_or_none,
    "notice_minutes": values.number(0, YEAR_MINUTES),
    "change_notice_minutes": values.number(0, YEAR_MINUTES),
    "window_type": values.choice(list(Service.Window.values)),
    "window_days": values.number(0, 1100),
    "window_business_days": values.yes_or_no,
    "window_minutes": values.number(0, 3 * YEAR_MINUTES),
    "window_from": values.maybe(values.day),
    "window_to": values.maybe(values.day),
    "limits": limits,
    "seats": values.number(1, 1000),
    "assignment": values.choice(list(Service.Assignment.values)),
    "team_size": values.number(0, 100),
    "prefers_known_provider": values.yes_or_no,
    "consumer_chooses_provider": values.yes_or_no,
    "max_open_per_consumer": values.maybe(values.number(1, 1000)),
    "needs_approval": values.yes_or_no,
    "approval_minutes": values.number(0, 60 * 24 * 60),
    "no_show_after_minutes": values.maybe(values.number(1, 24 * 60)),
    "most_occurrences": values.number(1, 52),
    "has_waitlist": values.yes_or_no,
    "asks_language_need": values.yes_or_no,
    "availability": clean_availability,
    "questions": lambda given, field: intake.clean_questions(given),
}
