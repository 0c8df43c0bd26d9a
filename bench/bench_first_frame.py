"""From the tap on "Join" to the first decoded picture of the other: two browsers, one machine, the whole product."""

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, Page, sync_playwright

from bench import Row
from tests import livekit
from tests.chromium import launched
from tests.e2e.letters import link_in, text_of
from tests.e2e.people import Consumer, Provider
from tests.e2e.practice import SERVICE, found_practice
from tests.e2e.proof_media import BLUE, RED, person_with
from tests.e2e.surroundings import DESKTOP, LONDON, Practice, at_browser, surroundings
from tests.e2e.turn import turn_server
from tests.e2e.uplink import Uplink

JOINS = 9
CALM = 8
TICK = os.sysconf("SC_CLK_TCK")
# Notes when "Join" was pressed, and when the first frame of somebody else was shown after that.
STOPWATCH = """
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('[data-check=join]')) return;
  window.pressed = performance.now();
  window.shown = 0;
  const look = () => {
    const video = document.querySelector('video-tile[data-kind=camera] video');
    if (video) video.requestVideoFrameCallback(() => { window.shown ||= performance.now(); });
    else requestAnimationFrame(look);
  };
  look();
}, true);
"""


def run() -> list[Row]:
    """A consumer who was admitted leaves and joins again, several times, while the provider stays.

    Straight, over a relay with 50 ms each way between it and each browser, and over a media server where there is one.
    """
    with sync_playwright() as playwright, launched(playwright) as plain:
        straight, shares = _measured(plain.browser_type)
        far, _shares = _measured(plain.browser_type, through_a_relay=True)
        over = _measured(plain.browser_type, over_livekit=True) if livekit.PROGRAM else None
    rows = [*_rows("join to first remote frame", straight, 0.6, 1.0)]
    rows += _rows("over a relay, 100 ms a leg there and back", far, 1.3, None)
    rows.append(Row("CPU of a participant's browser in the call", shares, "cores", note="640×360, software codecs"))
    if over is None:
        return rows
    rows += _rows("over a LiveKit server", over[0], 0.6, 1.0)
    return [*rows, Row("  CPU of a participant's browser", over[1], "cores", note="simulcast")]


def _rows(what: str, times: list[float], median: float, slow: float | None) -> list[Row]:
    tenth = sorted(times)[min(len(times) - 1, int(len(times) * 0.9))]
    note = f"median of {len(times)}"
    return [Row(what, statistics.median(times), "s", median, note=note), Row("  slowest tenth", tenth, "s", slow)]


def _measured(
    kind: BrowserType, *, through_a_relay: bool = False, over_livekit: bool = False
) -> tuple[list[float], float]:
    """Return the seconds of each join, and the cores each browser takes meanwhile."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, ExitStack() as stack:
        path = Path(folder)
        settings: dict[str, str] = {}
        if through_a_relay:
            relay = stack.enter_context(turn_server(path))
            uplink = Uplink(relay.port)
            stack.callback(uplink.close)
            uplink.delay = 0.05
            settings = {"TURN_URLS": f"turn:127.0.0.1:{uplink.port}?transport=udp", "TURN_SECRET": relay.secret}
        if over_livekit:
            server = stack.enter_context(livekit.livekit_server(path))
            settings |= {name.removeprefix("VESTIBULE_"): text for name, text in server.settings.items()}
        rules = {"hides_addresses": through_a_relay, "backend": "livekit" if over_livekit else "p2p"}
        accounts = found_practice(path / "data", **rules)
        around = stack.enter_context(surroundings(path / "data", **settings))
        red, blue = (stack.enter_context(person_with(who, path, kind)) for who in (RED, BLUE))
        return _joined(Practice(around, accounts), red, blue)


def _joined(practice: Practice, red: Browser, blue: Browser) -> tuple[list[float], float]:
    practice.begin_week()
    account, around = practice.accounts["provider"], practice.around
    with at_browser(red, DESKTOP) as desk, at_browser(blue, DESKTOP, LONDON) as home:
        ada = Provider(desk, around.origin, RED, email=account["email"], password=account["password"])
        cleo = Consumer(home, around.origin, BLUE)
        home.add_init_script(STOPWATCH)
        cleo.books_at(practice.slug, SERVICE, practice.at(11))
        practice.clock_is(11)
        cleo.opens_link(link_in(text_of(around.letter(cleo.email, "booked")), "visit"))
        cleo.joins()
        ada.signs_in("/desk")
        ada.admits_and_joins(cleo.name)
        cleo.sees_picture_of(ada)
        times = [_again(cleo) for _ in range(JOINS)]
        return times, _cores(home) / 2


def _cores(page: Page) -> float:
    """Return how many cores all browsers together take in the call, over some seconds."""
    before, began = cpu_of_browsers(), time.monotonic()
    page.wait_for_timeout(CALM * 1000)
    return (cpu_of_browsers() - before) / (time.monotonic() - began)


def cpu_of_browsers() -> float:
    """Return the user and system seconds of every Chromium below this process so far."""
    parents: dict[int, tuple[int, float, str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _close, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        fields = rest.split()
        parents[int(stat.parent.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, head)
    return sum(spent for pid, (_parent, spent, name) in parents.items() if "chrom" in name and _is_ours(pid, parents))


def _is_ours(pid: int, parents: dict[int, tuple[int, float, str]]) -> bool:
    while pid in parents:
        if pid == os.getpid():
            return True
        pid = parents[pid][0]
    return False


def _again(cleo: Consumer) -> float:
    """Leave, go back, press "Join"; return the seconds until the provider is seen."""
    cleo.control("leave").click()
    cleo.page.locator("[data-ended-action]").click()
    cleo.page.locator("device-check [data-device=microphone][data-state=ok]").wait_for()
    cleo.joins()
    return _seconds(cleo.page)


def _seconds(page: Page) -> float:
    page.wait_for_function("() => window.shown > 0")
    return float(page.evaluate("() => (window.shown - window.pressed) / 1000"))
