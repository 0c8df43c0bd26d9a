"""Public holidays: whose are kept, and on which of them the business is open all the same."""

from collections.abc import Collection
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from vestibule.booking import holidays
from vestibule.booking.setup import values
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST_OPEN = 400
_text = values.text(10)


def keep_holidays(
    actor: Actor, business: Business, country: str, region: str = "", *, open_days: Collection[date] | None = None
) -> Business:
    """Close on the public holidays of a country (ISO 3166) and region; "" keeps none.

    `open_days` replaces the holidays on which the business is open; without it, days opened before stay open where
    they are holidays here too. Raises Invalid naming `holiday_country`, `holiday_region`, or `date` for a day that is
    no holiday.
    """
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    country, region = _text(country, "holiday_country"), _text(region, "holiday_region")
    holidays.require_known(country, region)
    wanted: dict[str, object] = {"holiday_country": country, "holiday_region": region}
    if open_days is not None:
        for on in open_days:
            _require_holiday(country, region, on)
        wanted["open_holidays"] = _checked_open({on.isoformat() for on in open_days})
    return _change(actor, business, wanted)


def open_on_holiday(actor: Actor, business: Business, on: date, *, is_open: bool) -> Business:
    """Be open on a public holiday, or closed again. Raises Invalid (field `date`) for a day that is none."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    _require_holiday(business.holiday_country, business.holiday_region, on)
    opened = set(business.open_holidays) - {on.isoformat()} | ({on.isoformat()} if is_open else set())
    return _change(actor, business, {"open_holidays": _checked_open(opened)})


def _require_holiday(country: str, region: str, on: date) -> None:
    if values.day(on, "date") not in holidays.public_holidays(country, region, on.year):
        raise Invalid(_("That is no public holiday here. Use a day with other hours instead."), field="date")


def _checked_open(days: Collection[str]) -> list[str]:
    if len(days) > MOST_OPEN:
        raise Invalid(_("You are open on more holidays than fit here. Choose another country or none."), field="date")
    return sorted(days)


def days_of(business: Business, year: int) -> list[tuple[date, str, bool]]:
    """Return the public holidays of a year: the day, its name in the reader's language, and whether it is open."""
    language = translation.get_language() or ""
    found = holidays.public_holidays(business.holiday_country, business.holiday_region, year, language)
    return [(on, name, on.isoformat() in business.open_holidays) for on, name in found.items()]


def _change(actor: Actor, business: Business, wanted: dict[str, object]) -> Business:
    with writing():
        current = Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        changed = values.change(current, wanted)
        if changed:
            masks.raise_versions_of(current)
            audit.record(
                actor, current.pk, "holidays.changed", "business", current.ref, summary=current.name, **changed
            )
    return current
