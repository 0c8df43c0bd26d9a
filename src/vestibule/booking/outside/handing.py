"""What is set up here, as a scheduler outside takes it; what it cannot say becomes a note, with the reason."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking.currencies import digits_of
from vestibule.booking.models import Service, ServiceProvider, WeeklyHours
from vestibule.booking.ports import (
    TheirAvailability,
    TheirBusiness,
    TheirHours,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirStaff,
)
from vestibule.booking.setup.service_values import YEAR_MINUTES
from vestibule.booking.setup.values import written_day
from vestibule.people.models import Business, Provider

DAY = 24 * 60
FAR = 3 * 365 * DAY
LOOSE = frozenset({"number", "date", "long_text", "many"})


def hours(rows: Sequence[WeeklyHours]) -> tuple[TheirHours, ...]:
    """Return weekly hours; those past midnight in two parts."""
    found = []
    for one in rows:
        if one.end_minute > one.start_minute:
            found.append(TheirHours(one.weekday, one.start_minute, one.end_minute))
            continue
        found.append(TheirHours(one.weekday, one.start_minute, DAY))
        if one.end_minute:
            found.append(TheirHours((one.weekday + 1) % 7, 0, one.end_minute))
    return tuple(sorted(found, key=lambda one: (one.weekday, one.start)))


def business(ours: Business, id: str, there: TheirBusiness) -> TheirBusiness:
    """Return what of a business is ours to say."""
    rows = list(WeeklyHours.objects.filter(business=ours, provider=None))
    return TheirBusiness(
        id, there.name, zone=there.zone, email=ours.email, phone=ours.phone, language=there.language, hours=hours(rows)
    )


def business_notes(ours: Business, there: TheirBusiness) -> list[str]:
    """Return what of a business cannot be said there."""
    notes = [_("Name and look are chosen in Bookings.")]
    if there.zone != ours.timezone:
        words = _("Its time zone there is %(theirs)s, yours is %(ours)s: change it in Bookings, under Booking page.")
        notes.append(words % {"theirs": there.zone or "?", "ours": ours.timezone})
    if ours.date_overrides.exists() or ours.time_off.exists() or ours.holiday_country:
        notes.append(_("Days off and other hours on one date are not said there: Bookings reads them in calendars."))
    return notes


def staff(ours: Provider, id: str, known: TheirStaff | None) -> TheirStaff:
    """Return a provider as one of the staff; role and calendar stay as they are there."""
    own = [] if ours.uses_business_hours else list(ours.weekly_hours.filter(schedule=None))
    return TheirStaff(
        id,
        ours.name,
        ours.email,
        role=known.role if known else "",
        zone=ours.zone,
        keeps_business_hours=ours.uses_business_hours,
        hours=hours(own),
        is_affected_by_calendar=known.is_affected_by_calendar if known else True,
    )


def question(asked: Mapping[str, Any], id: str) -> tuple[TheirQuestion, list[str]]:
    """Return a question; kinds of answers that are unknown there become texts."""
    notes = []
    if asked["type"] in LOOSE:
        notes.append(_("“%(label)s” is a text there: Bookings knows texts and one of several answers only."))
    choices = tuple(asked["choices"]) if asked["type"] == "choice" else ()
    return TheirQuestion(id, asked["label"], choices), [one % {"label": asked["label"]} for one in notes]


def can_ask(asked: Mapping[str, Any]) -> bool:
    """Tell whether a question can be asked there at all."""
    return asked["type"] not in ("file", "consent")


def service(
    ours: Service,
    id: str,
    known: TheirService | None,
    *,
    people: Sequence[str],
    questions: Sequence[tuple[str, bool]],
    reminders: tuple[TheirReminder, ...],
) -> TheirService:
    """Return a service. `people` and `questions` are by their ids.

    Text messages stay as they are there, and so does the place where none is chosen here.
    """
    price = None if ours.price_minor is None else float(Decimal(ours.price_minor).scaleb(-digits_of(ours.currency)))
    place = ours.location
    is_online = (known is None or known.is_online) if place is None else str(place.kind) == "online"
    return TheirService(
        id,
        ours.name,
        ours.description,
        ours.duration_minutes,
        ours.buffer_before_minutes,
        ours.buffer_after_minutes,
        ours.seats,
        is_online=is_online,
        is_hidden=ours.visibility == Service.Visibility.HIDDEN,
        consumers_manage=ours.change_notice_minutes < YEAR_MINUTES,
        staff=tuple(people),
        questions=tuple(questions),
        policy=_policy(ours),
        price=price,
        reminders=reminders,
        sends_texts=known.sends_texts if known else False,
        is_whole=bool(reminders) or known is None or known.is_whole,
    )


def service_notes(ours: Service, offers: Sequence[ServiceProvider]) -> list[str]:
    """Return what of a service cannot be said there, each with what follows."""
    tests = (
        (bool(ours.lengths), _("Several lengths: only the usual one can be booked there.")),
        (bool(ours.limits), _("Limits a day or week: Bookings has none.")),
        (ours.assignment != Service.Assignment.ANY, _("Several people together: Bookings books one of them.")),
        (ours.needs_approval, _("Requests that you accept: Bookings books at once.")),
        (ours.most_occurrences > 1, _("Series: Bookings books one appointment at a time.")),
        (ours.has_waitlist, _("The waiting list: Bookings has none.")),
        (ours.needs.exists(), _("Rooms and devices it needs: Bookings knows none, and may book what is in use.")),
        (ours.max_open_per_consumer is not None, _("How many somebody may have ahead: Bookings does not count.")),
        (ours.alignment != Service.Alignment.WINDOW, _("Where starts lie: there they follow the hours.")),
        (
            ours.window_type == Service.Window.ROLLING_AVAILABLE_DAYS or ours.window_business_days,
            _("Days ahead counted by free or working days: there all days count."),
        ),
        (
            any(one.schedule_id for one in offers),
            _("Schedules of their own for this service: their usual hours count."),
        ),
        (
            ours.location is not None and str(ours.location.kind) != "online",
            _("The address: choose it in Bookings, at the service."),
        ),
        (not all(map(can_ask, ours.questions)), _("Questions for files and consents: Bookings cannot ask them.")),
    )
    return [words for is_so, words in tests if is_so]


def _policy(ours: Service) -> TheirPolicy:
    ahead = {
        Service.Window.NONE: FAR,
        Service.Window.RANGE: FAR,
        Service.Window.ROLLING_MINUTES: ours.window_minutes,
    }.get(Service.Window(ours.window_type), ours.window_days * DAY)
    general, dated = _availability(ours)
    return TheirPolicy(
        ours.interval_minutes, ours.notice_minutes, ahead, ours.consumer_chooses_provider, general, dated
    )


def _availability(ours: Service) -> tuple[TheirAvailability, tuple[TheirAvailability, ...]]:
    """Return when it can be booked at all; one that is booked between two dates is closed but for those."""
    told = ours.availability
    general = _kind(told.get("general", "free"), told.get("weekly", ()))
    dated = [
        _kind(one["kind"], one["weekly"], written_day(one["from"], "from"), written_day(one["to"], "to"))
        for one in told.get("ranges", ())
    ]
    if ours.window_type == Service.Window.RANGE and ours.window_from and ours.window_to:
        dated = [_kind(general.kind, told.get("weekly", ()), ours.window_from, ours.window_to), *dated]
        general = TheirAvailability("closed")
    return general, tuple(dated)


def _kind(kind: str, weekly: Sequence[Sequence[int]], first: Any = None, last: Any = None) -> TheirAvailability:
    windows = tuple(TheirHours(*one) for one in weekly) if kind == "hours" else ()
    return TheirAvailability(kind, windows, first, last)
