"""Public holidays: which days, what they are called, and places nobody knows."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from vestibule.booking import holidays
from vestibule.people.errors import Invalid


def test_a_region_keeps_days_of_its_own() -> None:
    assert date(2030, 1, 2) not in holidays.public_holidays("CH", "ZH", 2030)
    assert holidays.public_holidays("CH", "BE", 2030)[date(2030, 1, 2)] == "Berchtoldstag"


def test_names_are_told_in_the_readers_language_where_there_are_any() -> None:
    day = date(2030, 12, 25)
    told = [holidays.public_holidays("CH", "", 2030, language)[day] for language in ("fr-ch", "en-gb", "de", "xx")]
    assert told == ["Noël", "Christmas Day", "Weihnachten", "Christmas Day"]


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("CH", "QQ"), ("", ""), ("ch", ""), ("../etc", "")])
def test_a_place_nobody_knows_keeps_no_holidays(country: str, region: str) -> None:
    assert holidays.public_holidays(country, region, 2030) == {}


def test_a_year_nobody_can_tell_has_none() -> None:
    assert holidays.public_holidays("US", "", 9999) == {}


@pytest.mark.parametrize(
    ("country", "region", "field"),
    [("XX", "", "holiday_country"), ("CH", "QQ", "holiday_region"), ("", "ZH", "holiday_region")],
)
def test_such_a_place_cannot_be_chosen(country: str, region: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        holidays.require_known(country, region)
    assert refused.value.facts["field"] == field


def test_countries_and_regions_are_listed_by_name() -> None:
    assert ("US", "United States") in holidays.countries()
    assert ("BY", "Bayern") in holidays.regions("DE")
    assert holidays.regions("XX") == ()


def test_every_country_that_is_offered_can_be_looked_up() -> None:
    assert len(holidays.countries()) > 200
    for country, _name in holidays.countries():
        holidays.public_holidays(country, "", 2030)
        holidays.regions(country)
    assert len(holidays.public_holidays("GU", "", 2030)) > 5  # made of those of another country


def test_a_country_is_loaded_without_all_others(tmp_path: Path) -> None:
    code = (
        "import sys, django; django.setup(); from vestibule.booking.holidays import public_holidays;"
        "assert public_holidays('CH', 'ZH', 2030);"
        "print(*[name for name in sys.modules if name.startswith('holidays.countries.')])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "vestibule.settings", "PYTHONPATH": "src", "VESTIBULE_DATA": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert told.stdout.split() == ["holidays.countries.switzerland"]
