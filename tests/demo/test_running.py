"""The demonstration as somebody meets it who typed one command: what it printed and wrote down works."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers import RunningServer, running_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("demo"), test_clock=False, from_nothing=True) as running:
        yield running


@pytest.fixture
def facts(server: RunningServer) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((server.data / "demo.json").read_text())
    return told


def get(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, headers=headers, timeout=30)


def test_the_welcome_says_what_demo_json_says(server: RunningServer, facts: dict[str, Any]) -> None:
    said = (server.data / "server.log").read_text()
    for account in facts["accounts"]:
        assert account["email"] in said
        assert account["password"] in said
    for row in facts["appointments"]:
        assert row["consumer_url"] in said


def test_booking_pages_and_the_outbox_open(facts: dict[str, Any]) -> None:
    for address in (facts["origin"], facts["outbox_url"], *(one["book_url"] for one in facts["businesses"])):
        assert get(address).status_code == 200, address


def test_a_consumers_link_becomes_a_cookie_and_opens_the_visit(facts: dict[str, Any]) -> None:
    first, *others = facts["appointments"]
    with httpx.Client(timeout=30) as client:
        exchanged = client.get(first["consumer_url"])
        assert (exchanged.status_code, exchanged.headers["location"]) == (302, "/visit")
        assert "Ready to see Dr Ada Blum?" in client.get(facts["origin"] + "/visit").text
    assert len(others) == 2


def test_a_providers_link_asks_to_sign_in(facts: dict[str, Any]) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as client:
        answer = client.get(facts["appointments"][0]["provider_url"])
    assert answer.url.path == "/signin"


def test_the_two_businesses_never_see_each_other(facts: dict[str, Any]) -> None:
    clinic, bank = (one["api_key"] for one in facts["businesses"])
    listing = f"{facts['origin']}/api/v1/appointments"
    seen = get(listing, Authorization=f"Bearer {clinic}").json()["appointments"]
    assert {row["id"] for row in seen} == {row["id"] for row in facts["appointments"]}
    assert get(listing, Authorization=f"Bearer {bank}").json()["appointments"] == []
    one = f"{listing}/{facts['appointments'][0]['id']}"
    assert get(one, Authorization=f"Bearer {clinic}").status_code == 200
    assert get(one, Authorization=f"Bearer {bank}").status_code == 404


def test_without_the_test_clock_there_is_no_clock_to_move(server: RunningServer) -> None:
    answer = httpx.post(f"{server.origin}/dev/clock", json={"advance_seconds": 60}, timeout=30)
    assert answer.status_code == 404
