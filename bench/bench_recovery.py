"""Time to picture after the network failed under a call: until both sides see each other move again.

Counted from the moment the network is back. The bar: at most 4 s in nine of ten.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench import Row
from tests.chromium import launched
from tests.e2e import turn
from tests.e2e.calls import FRAMES, Call, begin_call
from tests.e2e.carriers import FORCE_RELAY, Carrier
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.relay import Relay
from tests.e2e.uplink import Uplink
from tests.e2e.wire import Wire

RUNS = 10
BAR_S = 4.0
HOLE_S = 8.0
GAP_S = 3.0
PATIENCE_S = 40.0
Browsers = tuple[Browser, Browser]


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, sync_playwright() as playwright:
        path = Path(folder)
        with (
            launched(playwright) as plain,
            person_with(RED, path, plain.browser_type) as red,
            person_with(BLUE, path, plain.browser_type) as blue,
        ):
            rows = _rows(f"{HOLE_S:.0f} s without network", _black_holes((red, blue)))
            rows += _rows(f"another address after {GAP_S:.0f} s", _new_addresses((red, blue)))
            if turn.PROGRAM:
                rows += _rows("another address, through the relay", _behind_relay((red, blue), path))
            return rows


def _rows(name: str, times: list[float]) -> list[Row]:
    ordered = sorted(times)
    note = f"{len(ordered)} runs: {', '.join(f'{one:.1f}' for one in ordered)}"
    return [
        Row(f"{name}: to picture, nine of ten", ordered[max(0, int(len(ordered) * 0.9) - 1)], "s", BAR_S, note=note),
        Row(f"{name}: median", ordered[len(ordered) // 2], "s"),
    ]


def _black_holes(browsers: Browsers) -> list[float]:
    """Every packet and every message lost for some seconds; the same addresses afterwards."""

    def fail(relay: Relay, wire: Wire) -> None:
        wire.up, relay.silent = False, True
        time.sleep(HOLE_S)
        wire.up, relay.silent = True, False

    return _over_wire(browsers, fail)


def _new_addresses(browsers: Browsers) -> list[float]:
    """As on leaving the Wi-Fi: nothing for a while, then the old addresses lead nowhere and the sockets are cut."""

    def fail(relay: Relay, wire: Wire) -> None:
        wire.up, relay.silent = False, True
        time.sleep(GAP_S)
        wire.change_addresses()
        wire.up, relay.silent = True, False
        relay.drop_sockets()

    return _over_wire(browsers, fail)


def _over_wire(browsers: Browsers, fail: Callable[[Relay, Wire], None]) -> list[float]:
    with _running() as (relay, stack):
        wire = Wire()
        stack.callback(wire.close)
        return [_once(relay, browsers, Carrier("p2p"), wire, lambda: fail(relay, wire)) for _ in range(RUNS)]


def _behind_relay(browsers: Browsers, folder: Path) -> list[float]:
    """Nothing for a while, then the TURN server sees both at addresses it does not know."""
    with _running() as (relay, stack):
        server = stack.enter_context(turn.turn_server(folder))
        uplink = Uplink(server.port)
        stack.callback(uplink.close)
        carrier = Carrier("p2p-relay", ice=lambda: server.servers(port=uplink.port), script=FORCE_RELAY)

        def fail() -> None:
            uplink.up, relay.silent = False, True
            uplink.change_address()
            time.sleep(GAP_S)
            uplink.up, relay.silent = True, False
            relay.drop_sockets()

        return [_once(relay, browsers, carrier, None, fail) for _ in range(RUNS)]


@contextmanager
def _running() -> Iterator[tuple[Relay, ExitStack]]:
    with ExitStack() as stack:
        relay = Relay()
        stack.callback(relay.close)
        yield relay, stack


def _once(relay: Relay, browsers: Browsers, carrier: Carrier, wire: Wire | None, fail: Callable[[], None]) -> float:
    call = begin_call(relay, browsers, carrier, wire)
    try:
        call.wait_until_everybody_is_seen()
        call.provider.page.wait_for_timeout(2000)
        fail()
        return _until_both_move(call)
    finally:
        call.close()


def _until_both_move(call: Call) -> float:
    began = time.monotonic()
    stood = [side.page.evaluate(FRAMES) for side in call.sides]
    while time.monotonic() - began < PATIENCE_S:
        # A frame or two may still have been under way; three in a row are a picture that moves.
        if all(side.page.evaluate(FRAMES) > old + 2 for side, old in zip(call.sides, stood, strict=True)):
            break
        time.sleep(0.02)
    return time.monotonic() - began
