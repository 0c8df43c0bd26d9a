"""The host that programs have for themselves: what is called there is for them, and nothing else is."""

import pytest
from django.conf import LazySettings

from vestibule.api.acs import doors


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
    assert doors.is_own_host({"headers": [(b"host", called.encode())]}) is is_theirs


def test_without_a_host_of_their_own_no_call_is_for_programs_by_its_host(settings: LazySettings) -> None:
    settings.ACS_URL = ""
    assert not doors.is_own_host({"headers": [(b"host", b"")]})
    assert not doors.is_own_host({"headers": []})
