"""Start times as forms and addresses carry them."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid, Refusal


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
