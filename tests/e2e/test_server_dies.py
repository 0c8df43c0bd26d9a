"""A server that is killed under a call: the call goes on without it, and takes it up again."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.letters import soon
from tests.e2e.people import Consumer, Person, Provider
from tests.e2e.proof_media import BLUE, RED
from tests.e2e.surroundings import DESKTOP, at_browser
from tests.servers import free_port, running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.crash]

COUNT_CONNECTIONS = """
window.made = 0;
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.made += 1; }
};
"""
FRAMES = "() => document.querySelector('video-tile video').getVideoPlaybackQuality().totalVideoFrames"


def test_a_call_outlives_the_server_and_finds_it_again(red: Browser, blue: Browser, tmp_path: Path) -> None:
    port = free_port()
    with at_browser(red, DESKTOP) as page, at_browser(blue, DESKTOP) as other_page:
        for browser_page in (page, other_page):
            browser_page.add_init_script(COUNT_CONNECTIONS)
        with running_server(tmp_path, port=port) as server:
            demo = json.loads((tmp_path / "demo.json").read_text())
            visit = next(one for one in demo["appointments"] if one["business"] == "lakeside-clinic")
            account = next(
                one for one in demo["accounts"] if one["role"] == "provider" and one["business"] == "lakeside-clinic"
            )
            server.move_clock(set=visit["start"])
            provider = Provider(page, server.origin, RED, email=account["email"], password=account["password"])
            consumer = Consumer(other_page, server.origin, BLUE)
            provider.signs_in("/desk")
            consumer.opens_link(visit["consumer_url"])
            consumer.joins()
            consumer.is_in_the_waiting_room()
            provider.page.locator("[data-desk=join]").first.click()
            for one, other in ((provider, consumer), (consumer, provider)):
                one.is_in_the_call()
                one.sees_picture_of(other)
            made = [person.page.evaluate("made") for person in (provider, consumer)]
            server.kill()
            provider.page.wait_for_timeout(5000)
            before = [person.page.evaluate(FRAMES) for person in (provider, consumer)]
            soon(lambda: _have_shown_more(before, provider, consumer), "media needs no server")
        with running_server(tmp_path, port=port) as server:
            server.move_clock(set=visit["start"])
            consumer.open_chat()
            soon(lambda: _is_heard_again(provider, consumer), "words between both through the new server", within=40)
            for one, other in ((provider, consumer), (consumer, provider)):
                one.sees_picture_of(other)
                one.hears(other)
            assert [person.page.evaluate("made") for person in (provider, consumer)] == made, "no new connection"


def _have_shown_more(before: list[int], *people: Person) -> bool:
    return all(person.page.evaluate(FRAMES) > was + 20 for person, was in zip(people, before, strict=True))


def _is_heard_again(provider: Provider, consumer: Consumer) -> bool:
    if not consumer.page.locator(".bubble--own").count():
        consumer.writes("Still here")
    consumer.page.wait_for_timeout(200)
    return bool(provider.control("chat").locator(".count").count())
