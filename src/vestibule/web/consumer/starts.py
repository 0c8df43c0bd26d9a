"""Start times as forms and addresses carry them."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from vestibule.booking import availability
from vestibule.booking.errors import BY_VERDICT, HoldExpired
from vestibule.booking.models import Appointment, Service
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Provider
from vestibule.store import clock

_OF_THE_TIME = {*BY_VERDICT.values(), HoldExpired}


def instant(text: str) -> datetime:
    """Return the instant of this age that `text` names (RFC 3339 with its zone). Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None or not 2000 <= at.year <= 2200:
            raise ValueError
        return at.astimezone(UTC)
    except ValueError as error:
        raise Invalid(_("No time was chosen. Choose one of the times shown."), field="start") from error


def nearest(refusal: Refusal) -> list[datetime]:
    """Return the free starts that a refusal names, for the reader to choose from."""
    return [instant(text) for text in refusal.facts.get("nearest", [])]


def free_near(
    refusal: Refusal,
    service: Service,
    start: datetime,
    *,
    provider: Provider | None = None,
    length: int | None = None,
    moving: Appointment | None = None,
) -> list[datetime]:
    """Return free starts near one that was refused, for the reader to choose from: those the refusal names, or those
    there are now. None where another time would not help.
    """
    named = nearest(refusal)
    if named or type(refusal) not in _OF_THE_TIME:
        return named
    try:
        question = availability.ask(service, provider=provider, length=length, moving=moving)
        return availability.nearest(question, clock.to_minute(start))
    except Refusal:
        return []
