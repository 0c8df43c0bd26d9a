"""Setting a business up: locations, services, providers, hours, days off. Each verb checks, writes and is audited.

Values come as keywords named as the model fields. Raises Invalid (`facts["field"]`), NotPermitted, NotFound.
Local times are minutes since midnight, 0 to 1440; an end before the start runs past midnight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vestibule.booking.models import DateOverride, Location, Service, TimeOff
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor


@dataclass(frozen=True)
class Hours:
    """A working window: `weekday` 0 is Monday, `start` and `end` local minutes."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class Offer:
    """That a provider offers a service. `role`: one_of or fixed; `group` names who stands in for whom ("mixed")."""

    provider: Provider
    role: str = "one_of"
    group: str = ""


DEFAULT_HOURS = tuple(Hours(weekday, 8 * 60, 17 * 60) for weekday in range(5))


def create_business(actor: Actor, *, slug: str, name: str, timezone: str = "UTC", **values: Any) -> Business:
    """Make a business open Monday to Friday, 08 to 17, with an online location. The system only."""
    raise NotImplementedError


def change_business(actor: Actor, business: Business, **changes: Any) -> Business:
    """Change name, tagline, timezone, language, week_start, accent, email, phone, privacy_url or buffer_rule."""
    raise NotImplementedError


def add_location(actor: Actor, business: Business, *, name: str, kind: str = "online", address: str = "") -> Location:
    """Add a place where appointments are."""
    raise NotImplementedError


def change_location(actor: Actor, location: Location, **changes: Any) -> Location:
    """Change name, kind or address."""
    raise NotImplementedError


def remove_location(actor: Actor, location: Location) -> None:
    """Remove a location no service uses. Raises Invalid while one does."""
    raise NotImplementedError


def add_service(actor: Actor, business: Business, *, name: str, offers: Sequence[Offer] = (), **values: Any) -> Service:
    """Add a service with Bookings' defaults; a missing slug is made from the name."""
    raise NotImplementedError


def change_service(actor: Actor, service: Service, *, offers: Sequence[Offer] | None = None, **changes: Any) -> Service:
    """Change a service's rules; appointments already booked keep theirs. `offers` replaces who offers it."""
    raise NotImplementedError


def retire_service(actor: Actor, service: Service) -> Service:
    """Take a service off every page; its appointments stay."""
    raise NotImplementedError


def add_provider(actor: Actor, business: Business, *, name: str, **values: Any) -> Provider:
    """Add somebody who meets consumers; a missing slug is made from the name. No sign-in is made here."""
    raise NotImplementedError


def change_provider(actor: Actor, provider: Provider, **changes: Any) -> Provider:
    """Change name, title, slug, email, phone, timezone, position, is_active or uses_business_hours."""
    raise NotImplementedError


def set_hours(actor: Actor, business: Business, hours: Sequence[Hours], *, provider: Provider | None = None) -> None:
    """Replace weekly hours: a provider's own (who then no longer follows the business'), or the business'."""
    raise NotImplementedError


def follow_business_hours(actor: Actor, provider: Provider) -> None:
    """Let a provider work the business' hours again; the own ones are removed."""
    raise NotImplementedError


def set_override(
    actor: Actor,
    business: Business,
    on: date,
    windows: Sequence[tuple[int, int]],
    *,
    provider: Provider | None = None,
    note: str = "",
) -> list[DateOverride]:
    """Give one local date other hours instead of the weekly ones; no windows: closed."""
    raise NotImplementedError


def remove_override(actor: Actor, business: Business, on: date, *, provider: Provider | None = None) -> None:
    """Give a local date its weekly hours back."""
    raise NotImplementedError


def add_time_off(
    actor: Actor,
    business: Business,
    start: datetime,
    end: datetime,
    *,
    provider: Provider | None = None,
    reason: str = "",
) -> TimeOff:
    """Take no appointments from `start` to `end` (aware): a provider, or everyone. Booked ones stay booked."""
    raise NotImplementedError


def remove_time_off(actor: Actor, time_off: TimeOff) -> None:
    """Take appointments again in that stretch."""
    raise NotImplementedError
