"""Which address links in answers begin with, by the host that was called."""

from typing import Any

import pytest

from vestibule.api.graph.hosts import origin_of
from vestibule.api.plain import Call

PUBLIC = "https://visits.example.org:8443"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("visits.example.org:8443", PUBLIC),
        ("VISITS.example.org:8443", PUBLIC),
        ("visits.example.org", PUBLIC),  # Java's libraries, and some proxies, leave the port out
        ("visits.example.org:8000", "http://visits.example.org:8000"),
        ("elsewhere.example", PUBLIC),
        ("visits.example.org:8443@elsewhere.example", PUBLIC),
        ("visits.example.org.elsewhere.example", PUBLIC),
        ("", PUBLIC),
    ],
)
def test_links_lead_to_a_host_of_ours_with_its_port(settings: Any, host: str, origin: str) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = PUBLIC, ["visits.example.org"]
    assert origin_of(Call("GET", "/", headers={"host": host})) == origin
