"""The host that programs have for themselves: what is called there is for them, and nothing else is."""

import pytest
from django.conf import LazySettings

from tests.api.acs.at_the_door import Door
from tests.factories import make_business
from vestibule.api import acs
from vestibule.api.acs.asked import origin
from vestibule.api.plain import Call


@pytest.mark.parametrize(
    ("called", "is_theirs"),
    [
        ("acs.clinic.example", True),
        ("ACS.clinic.example", True),
        ("acs.clinic.example:443", True),
        ("acs.clinic.example:8443", False),
        ("clinic.example", False),
        ("", False),
    ],
)
def test_the_host_of_programs_is_known_however_it_is_written(
    settings: LazySettings, called: str, is_theirs: bool
) -> None:
    settings.ACS_URL = "https://acs.clinic.example"
    assert acs.is_own_host({"headers": [(b"host", called.encode())]}) is is_theirs


def test_without_a_host_of_their_own_no_call_is_for_programs_by_its_host(settings: LazySettings) -> None:
    settings.ACS_URL = ""
    assert not acs.is_own_host({"headers": [(b"host", b"")]})
    assert not acs.is_own_host({"headers": []})


@pytest.mark.parametrize(
    ("public", "called", "is_theirs"),
    [
        ("https://clinic.example", "acs.clinic.example:8443", True),
        ("https://clinic.example", "acs.clinic.example", True),
        ("https://acs.clinic.example", "acs.clinic.example:8443", True),
        ("https://acs.clinic.example", "acs.clinic.example", False),
    ],
)
def test_a_host_named_without_its_port_is_theirs_unless_pages_are_there(
    settings: LazySettings, public: str, called: str, is_theirs: bool
) -> None:
    settings.ACS_URL, settings.PUBLIC_URL = "https://acs.clinic.example:8443", public
    assert acs.is_own_host({"headers": [(b"host", called.encode())]}) is is_theirs


@pytest.mark.parametrize("called", ["acs.clinic.example", "acs.clinic.example:8443", "ACS.clinic.example"])
def test_links_of_answers_have_the_port_whether_or_not_it_was_named(settings: LazySettings, called: str) -> None:
    settings.PROGRAMS_URL = "https://acs.clinic.example:8443"
    assert origin(Call("GET", "/rooms", headers={"host": called})) == "https://acs.clinic.example:8443"


@pytest.mark.parametrize("called", ["acs.clinic.example:9443", "localhost:8443", "localhost"])
def test_links_of_answers_lead_where_another_host_was_called(settings: LazySettings, called: str) -> None:
    settings.PROGRAMS_URL = "https://acs.clinic.example:8443"
    assert origin(Call("GET", "/rooms", headers={"host": called}, scheme="https")) == f"https://{called}"


def test_a_signature_over_the_port_fits_where_a_proxy_took_the_port_off(settings: LazySettings, db: None) -> None:
    settings.PROGRAMS_URL = "https://acs.example.org:8443"
    door = Door(make_business())
    for signed_at in ("https://acs.example.org:8443", "https://acs.example.org"):
        assert door.ask("GET", "/rooms?api-version=2025-03-13", endpoint=signed_at).status == 200
    assert door.ask("GET", "/rooms?api-version=2025-03-13", endpoint="https://acs.example.org:9443").status == 401
