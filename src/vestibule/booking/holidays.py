"""Public holidays by country and region, as the package `holidays` knows them. Days are local dates."""

import re
import sys
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid

YEARS = range(1990, 2101)
_NONE: Mapping[date, str] = MappingProxyType({})
_COUNTRIES = "holidays.countries"
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int, language: str = "") -> Mapping[date, str]:
    """Return the public holidays of a year and what each is called; nothing for a place that is not known.

    `country` is an ISO 3166 code ("": none), `region` one of `regions(country)` or "" for what the whole country
    keeps. Names are in `language` ("de-ch") where the package has them, else in the country's own or in English.
    """
    if year not in YEARS or not _is_known(country, region):
        return _NONE
    found = _package().country_holidays(
        country, subdiv=region or None, years=[year], language=_language(country, language)
    )
    return MappingProxyType({day: str(name) for day, name in sorted(found.items())})


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Return every known country: its code and its English name, by name."""
    named = ((codes[1], _WORDS.sub(" ", codes[0])) for codes in _registry().values())
    return tuple(
        sorted(
            ((code, name.replace(" And ", " and ").replace(" Of ", " of ")) for code, name in named),
            key=lambda one: one[1],
        )
    )


@lru_cache(maxsize=64)
def regions(country: str) -> tuple[tuple[str, str], ...]:
    """Return the regions of a country: code and name, by name; nothing for a country that is not known."""
    if country not in dict(countries()):
        return ()
    place = _package().country_holidays(country)
    named: dict[str, str] = {}
    for name, code in getattr(place, "subdivisions_aliases", {}).items():
        named.setdefault(code, name)
    every = ((code, named.get(code, code)) for code in place.subdivisions if len(code) <= 10)
    return tuple(sorted(every, key=lambda one: one[1]))


def require_known(country: str, region: str) -> None:
    """Raise Invalid (field `holiday_country` or `holiday_region`) for a place whose holidays are not known."""
    if country and country not in dict(countries()):
        raise Invalid(
            _("The holidays of this country are not known here. Choose one of the list."), field="holiday_country"
        )
    if region and region not in dict(regions(country)):
        raise Invalid(_("This country has no such region. Choose one of the list, or none."), field="holiday_region")


def _is_known(country: str, region: str) -> bool:
    return country in dict(countries()) and (not region or region in dict(regions(country)))


def _language(country: str, wanted: str) -> str | None:
    """Return the package's name of a language; without one the country's own, whatever the server's locale is."""
    place = _package().country_holidays(country)
    own: str | None = place.default_language
    base = wanted.split("-", maxsplit=1)[0].lower()
    if not base:
        return own
    known: list[str] = list(place.supported_languages)
    return next((one for one in known if one.split("_")[0] == base), "en_US" if "en_US" in known else own)


def _package() -> Any:
    """Return the package, loaded when it is first asked for: most businesses keep no holidays.

    Its folder of countries loads all 250 as soon as one is wanted, half a second and 15 MB. So that each comes by
    itself, the folder is put in place as one that has nothing of its own to load.
    """
    found = import_module("holidays")
    if _COUNTRIES not in sys.modules:
        folder = find_spec(_COUNTRIES)
        assert folder is not None, "the package has countries"
        sys.modules.setdefault(_COUNTRIES, module_from_spec(folder))
    return found


def _registry() -> Mapping[str, tuple[str, ...]]:
    found: Mapping[str, tuple[str, ...]] = import_module("holidays.registry").COUNTRIES
    return found
