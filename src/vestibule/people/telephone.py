"""Telephone numbers as people type them, brought into one form."""

import phonenumbers

from vestibule.people.models import Business

LONGEST = 40
TYPE = phonenumbers.PhoneNumberType
COSTLY = frozenset({TYPE.PREMIUM_RATE, TYPE.SHARED_COST})
NORTH_AMERICA = 1
NOWHERE = "001"
"""What the numbering plan calls the region of satellites, shared cost and premium rate across countries."""


def e164(given: str, business: Business) -> str:
    """Return a number as E.164 (+442079460018), or "" if it cannot be one.

    Without a country it is read as one of the country of the business' own number.
    """
    if len(given) > LONGEST or not given.isprintable():
        return ""
    try:
        number = phonenumbers.parse(given, _region(business))
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number) or number.extension:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_costly(number: str) -> bool:
    """Tell whether an E.164 number costs more than one of a country: premium rate, satellites, of no country.

    So do personal numbers (+44 70…), which look like mobile ones and lead on to anywhere; not those under +1.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    is_of_no_country = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == NOWHERE
    kind = phonenumbers.number_type(parsed)
    is_personal = kind == TYPE.PERSONAL_NUMBER and parsed.country_code != NORTH_AMERICA
    return is_of_no_country or is_personal or kind in COSTLY


def _region(business: Business) -> str | None:
    try:
        own = phonenumbers.parse(business.phone, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(own)
