"""A network that changes under a call: lost sockets, black holes, new addresses, credentials that ran out."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import livekit
from tests.e2e import turn
from tests.e2e.calls import BYTES_IN, CANDIDATES_IN_USE, FRAMES, UFRAG, Call, begin_call, call_between, until
from tests.e2e.carriers import FORCE_RELAY, Carrier, ready_at
from tests.e2e.letters import soon
from tests.e2e.line import Line
from tests.e2e.relay import Relay
from tests.e2e.stalls import first_shown, given, noting, wall
from tests.e2e.uplink import Uplink
from tests.e2e.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DIRECT = Carrier("p2p")
MADE = "() => window.connections.length"
UNSTABLE, RECONNECTING = "Connection unstable", "Reconnecting"
TOLD = noting(dict.fromkeys((UNSTABLE, RECONNECTING), "connection-banner .call__line"))


@pytest.fixture(scope="module")
def shared(relay: Relay, wire: Wire, browsers: tuple[Browser, Browser]) -> Iterator[list[Call]]:
    kept: list[Call] = []
    yield kept
    for call in kept:
        call.close()


@pytest.fixture
def call(relay: Relay, wire: Wire, browsers: tuple[Browser, Browser], shared: list[Call]) -> Call:
    """Bo and Ada in a call over a wire that can be cut; the one of the test before, where that recovered."""
    wire.up, relay.silent = True, False
    if not shared or not shared[-1].well:
        for old in shared:
            old.close()
        shared[:] = [begin_call(relay, browsers, DIRECT, wire, TOLD)]
        shared[-1].wait_until_everybody_is_seen()
    return shared[-1]


def frames(call: Call) -> list[int]:
    return [side.page.evaluate(FRAMES) for side in call.sides]


def move_again(call: Call, since: list[int], within: float = 15.0) -> bool:
    """Whether both pictures go on, some frames beyond the jolt of the change."""
    pairs = zip(call.sides, since, strict=True)
    return all(until(partial(side.has_shown, old + 10), within) for side, old in pairs)


def test_after_the_socket_is_lost_ice_restarts_and_media_never_stops(relay: Relay, call: Call) -> None:
    before = [side.page.evaluate(UFRAG) for side in call.sides]
    made = [side.page.evaluate(MADE) for side in call.sides]
    codes = [side.page.locator("[data-code]").get_attribute("data-code") for side in call.sides]
    relay.drop_sockets()
    assert until(lambda: all(side.page.evaluate(UFRAG) != old for side, old in zip(call.sides, before, strict=True)))
    assert [side.page.evaluate(MADE) for side in call.sides] == made, "the same connections"
    received = [side.page.evaluate(BYTES_IN) for side in call.sides]
    call.everybody_is_seen_and_heard()
    assert all(side.page.evaluate(BYTES_IN) > old for side, old in zip(call.sides, received, strict=True))
    assert [side.page.locator("[data-code]").get_attribute("data-code") for side in call.sides] == codes


def test_while_the_server_alone_is_out_of_reach_the_call_says_so_and_goes_on(relay: Relay, call: Call) -> None:
    stood = frames(call)
    relay.silent = True
    relay.drop_sockets()
    for side in call.sides:
        line = side.page.locator("connection-banner [data-server=lost] [role=status]")
        expect(line).to_contain_text("Connection to the server lost")
        expect(line).to_contain_text("The call goes on")
    assert move_again(call, stood), "it does go on"
    assert not any(side.page.get_by_text("Connection unstable").count() for side in call.sides)
    relay.silent = False
    for side in call.sides:
        side.page.locator("connection-banner .call__line").wait_for(state="detached")
        expect(side.page.locator(".call__stage > [role=status]")).to_contain_text("The server is reached again")
    call.everybody_is_seen_and_heard()


def test_eight_seconds_without_any_network_are_told_and_survived(relay: Relay, wire: Wire, call: Call) -> None:
    assert wire.carried, "the packets do go through the wire"
    for side in call.sides:
        expect(side.page.locator("connection-banner .call__line")).to_have_count(0)
    wire.up, relay.silent = False, True
    began = wall()
    # A page that stood still from the second second to the fifth has the latter word to say at once.
    for words, latest in (((UNSTABLE, RECONNECTING), 4.5), ((RECONNECTING,), 8.0)):
        told = []
        for side in call.sides:
            look = partial(first_shown, side.page, *words, since=began)
            told.append(soon(look, f"{words[0]} for {side.name}", within=60))
            assert given(side.page, began, told[-1]) < latest, (words[0], side.name)
    assert max(told) - began > 4000, "nobody is alarmed early"
    call.provider.page.wait_for_timeout(max(0.0, began + 8000 - wall()))
    wire.up, relay.silent = True, False
    assert move_again(call, frames(call))
    call.everybody_is_seen_and_heard()
    for side in call.sides:
        side.page.locator("connection-banner .call__line").wait_for(state="detached")


@pytest.mark.parametrize("socket_is_lost_too", [True, False])
def test_a_change_of_address_needs_a_restart_and_gets_one(
    relay: Relay, wire: Wire, call: Call, socket_is_lost_too: bool
) -> None:
    stood, known = frames(call), wire.carried
    wire.change_addresses()
    if socket_is_lost_too:
        relay.drop_sockets()
    call.provider.page.wait_for_timeout(1000)
    assert move_again(call, stood)
    call.everybody_is_seen_and_heard()
    assert wire.carried > known, "by new addresses"


def test_a_page_that_goes_away_closes_its_connections(call: Call) -> None:
    page = call.consumer.page
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate("() => window.connections.every((one) => one.signalingState === 'closed')")


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[turn.TurnServer, Uplink]]:
    """A TURN server behind a network that can be cut, and that network."""
    if turn.PROGRAM is None:
        pytest.skip(turn.WHY_NOT)
    with turn.turn_server(tmp_path_factory.mktemp("turn")) as server:
        uplink = Uplink(server.port)
        yield server, uplink
        uplink.close()


def test_a_new_address_after_a_gap_is_survived_through_the_relay(
    relay: Relay, browsers: tuple[Browser, Browser], relayed: tuple[turn.TurnServer, Uplink]
) -> None:
    server, uplink = relayed
    carrier = Carrier("p2p-relay", ice=lambda: server.servers(port=uplink.port), script=FORCE_RELAY)
    with call_between(relay, browsers, carrier) as call:
        assert call.consumer.page.evaluate(CANDIDATES_IN_USE) == ["relay", "relay"]
        assert uplink.carried
        uplink.up, relay.silent = False, True
        uplink.change_address()
        call.provider.page.wait_for_timeout(5000)
        uplink.up, relay.silent = True, False
        assert move_again(call, frames(call))
        call.everybody_is_seen_and_heard()


def test_eight_seconds_without_any_network_are_told_and_survived_over_the_media_server(
    relay: Relay, browsers: tuple[Browser, Browser], relayed: tuple[turn.TurnServer, Uplink], tmp_path: Path
) -> None:
    """Everything passes something that can be cut: media the relay, what LiveKit is told a line, our socket `relay`."""
    if livekit.PROGRAM is None:
        pytest.skip(livekit.WHY_NOT)
    server, uplink = relayed
    with livekit.livekit_server(tmp_path) as media, closing(Line(media.port)) as line:
        ways = {"ice": lambda: server.servers(port=uplink.port), "script": FORCE_RELAY}
        with (
            ready_at(media, door=f"ws://localhost:{line.port}", **ways) as carrier,
            call_between(relay, browsers, carrier) as call,
        ):
            call.everybody_is_seen_and_heard()
            uplink.up, relay.silent = False, True
            line.go_silent()
            began = time.monotonic()
            for words in ("Connection unstable", "Reconnecting"):
                for side in call.sides:
                    side.page.locator(f"connection-banner >> text={words}").first.wait_for(timeout=9_000)
            call.provider.page.wait_for_timeout(max(0.0, 8.0 - (time.monotonic() - began)) * 1000)
            uplink.up, relay.silent = True, False
            line.come_back()
            assert move_again(call, frames(call))
            call.everybody_is_seen_and_heard()
            for side in call.sides:
                side.page.locator("connection-banner .call__line").wait_for(state="detached")


def test_credentials_that_ran_out_are_refused_and_the_next_try_has_fresh_ones(
    relay: Relay, browsers: tuple[Browser, Browser], relayed: tuple[turn.TurnServer, Uplink], tmp_path: Path
) -> None:
    server, _uplink = relayed
    old = [server.servers(age=timedelta(minutes=20))]
    carrier = Carrier("p2p-relay", ice=lambda: old[0] if old else server.servers(), script=FORCE_RELAY)
    call = begin_call(relay, browsers, carrier)
    try:
        kinds = "() => window.connections.at(-1)?.localDescription?.sdp.includes('typ relay') ?? false"
        call.provider.page.wait_for_timeout(1500)
        assert not any(side.page.evaluate(kinds) for side in call.sides), "nobody gets in with them"
        old.clear()
        relay.drop_sockets()
        assert until(lambda: all(side.sees(other) for side, other in call.pairs), 20)
    finally:
        call.close()
