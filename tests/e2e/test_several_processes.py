"""Two web processes and a worker on PostgreSQL and Redis behind nginx: who serves whom is nobody's business."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.cluster import Cluster, cluster
from tests.e2e.letters import soon
from tests.e2e.people import Consumer, Manager, Person, Provider
from tests.e2e.proof_media import BLUE, RED
from tests.e2e.surroundings import DESKTOP, at_browser

# Count the connections a page makes: one that outlives a process is the only one.
COUNT_CONNECTIONS = """
window.made = 0;
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.made += 1; window.latest = this; }
};
"""
ROUTE = """async () => {
  const rows = new Map([...(await window.latest.getStats()).values()].map((row) => [row.id, row]));
  const transport = [...rows.values()].find((row) => row.type === 'transport');
  const pair = rows.get(transport.selectedCandidatePairId);
  return [rows.get(pair.localCandidateId).candidateType, rows.get(pair.remoteCandidateId).candidateType];
}"""
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.crash, pytest.mark.postgres]


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as running:
        yield running


def test_people_of_different_processes_meet_and_outlive_one_of_them(
    grown: Cluster, red: Browser, blue: Browser
) -> None:
    demo = json.loads((grown.webs[0].data / "demo.json").read_text())
    visit = next(one for one in demo["appointments"] if one["business"] == "lakeside-clinic")
    account = next(
        one for one in demo["accounts"] if one["role"] == "provider" and one["business"] == "lakeside-clinic"
    )
    grown.move_clocks(visit["start"])
    with at_browser(red, DESKTOP) as page, at_browser(blue, DESKTOP) as other_page:
        provider = Provider(page, grown.origin, RED, email=account["email"], password=account["password"])
        consumer = Consumer(other_page, grown.origin, BLUE)
        for browser_page in (page, other_page):
            browser_page.add_init_script(COUNT_CONNECTIONS)
        addresses_are_hidden(grown, page, demo)
        grown.send_newcomers_to(0)
        consumer.opens_link(visit["consumer_url"])
        consumer.joins()
        consumer.is_in_the_waiting_room()
        grown.send_newcomers_to(1)
        provider.signs_in("/desk")
        provider.page.locator("[data-desk=join]").first.click()
        both: tuple[tuple[Person, Person], ...] = ((provider, consumer), (consumer, provider))
        for one, other in both:
            one.is_in_the_call()
            one.sees_picture_of(other)
            one.hears(other)
        for one, _other in both:
            assert one.page.evaluate(ROUTE) == ["relay", "relay"], "nobody learns the other's address"
        they_write(consumer, provider, "Can you read this from over there?")
        grown.send_newcomers_to(0, 1)
        before = [one.page.evaluate("made") for one, _other in both]
        grown.webs[0].kill()
        they_write(provider, consumer, "Are you still there?")
        they_write(consumer, provider, "Yes, on the other process")
        for (one, other), made in zip(both, before, strict=True):
            assert one.page.evaluate("made") == made, "the same connection goes on: media needs no server"
            one.is_told("connected")
            one.sees_picture_of(other)
    token = visit["consumer_url"].partition("?v=")[2]
    assert token not in grown.log(), "what opens a visit is never written into a log"


def they_write(one: Person, other: Person, words: str) -> None:
    for person in (one, other):
        person.open_chat()
    one.writes(words)
    soon(lambda: other.page.locator(".bubble:not(.bubble--own)", has_text=words).count() == 1, words, within=40)


def addresses_are_hidden(grown: Cluster, page: Page, demo: dict[str, Any]) -> None:
    """The office hides network addresses, on the page where that is chosen."""
    account = next(one for one in demo["accounts"] if one["role"] == "owner" and one["business"] == "lakeside-clinic")
    manager = Manager(page, grown.origin, RED, email=account["email"], password=account["password"])
    manager.signs_in("/manage/setup/visits")
    page.get_by_label("Hide network addresses").check()
    manager.saves("Save the rules", "The rules of visits were saved")
    page.context.clear_cookies()
