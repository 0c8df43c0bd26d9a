"""The device check in a real browser: what each kind of trouble looks like, and that none of them stops anybody."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.chromium import executable
from tests.e2e.accessible import look_at
from tests.e2e.relay import STATIC, Relay

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (STATIC / "manifest.json").exists(), reason="the front end is not built: script/bootstrap"),
]

PRETENDED_DEVICES = "--use-fake-device-for-media-stream"
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    running = Relay()
    yield running
    running.close()


REFUSING = """([name, message, kinds]) => {
    const real = MediaDevices.prototype.getUserMedia;
    Object.assign(window, { refusing: { name, message, kinds } });
    MediaDevices.prototype.getUserMedia = function (wanted) {
        const { name, message, kinds } = window.refusing;
        if (!kinds.some((kind) => wanted[kind])) return real.call(this, wanted);
        return Promise.reject(new DOMException(message, name));
    };
}"""
"""A stand-in for what cannot be had here: Chromium pretends neither a busy device nor one the system keeps back."""
MENDED = "() => { window.refusing.kinds = []; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }"
UNPLUGGED = """() => {
    const [track] = document.querySelector('device-check video').srcObject.getVideoTracks();
    window.refusing = { name: 'NotFoundError', message: '', kinds: ['video'] };
    track.dispatchEvent(new Event('ended'));
}"""
GATE = """
const real = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (wanted) {
    const stream = await real.call(this, wanted);
    await new Promise((openGate) => Object.assign(window, { openGate, opened: stream.getTracks() }));
    return stream;
};
"""
"""Devices that are there when the test says so."""
GATE_OPENS = """async () => {
    window.openGate();
    // What is drawn of it is drawn by then, where nothing holds it.
    await new Promise((done) => setTimeout(done, 300));
}"""
ALL_CLOSED = "() => window.opened.length === 2 && window.opened.every((track) => track.readyState === 'ended')"
Meet = Callable[..., Page]


@pytest.fixture
def meet(chromium: Browser, relay: Relay) -> Iterator[Meet]:
    """Opens the page of a consumer whose devices are there and allowed, but for what `refusing` pretends."""
    relay.people.clear()
    context = chromium.new_context(viewport=PHONE)

    def opened(name: str = "", message: str = "", *kinds: str, kept: str = "", gate: bool = False) -> Page:
        page = context.new_page()
        if gate:
            page.add_init_script(GATE)
        page.add_init_script(f"({REFUSING})({json.dumps([name, message, kinds])})")
        if kept:
            page.add_init_script(f"localStorage.setItem('vestibule.device.videoinput', {json.dumps(kept)})")
        page.goto(relay.address("Ada"))
        return page

    yield opened
    context.close()


@contextmanager
def visitor(chromium: Browser, relay: Relay, *flags: str, permissions: tuple[str, ...] = ()) -> Iterator[Page]:
    """A consumer in front of the device check, on a phone-sized page of a browser with `flags`."""
    relay.people.clear()
    safe = ["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else []
    browser = chromium.browser_type.launch(executable_path=executable(), args=[*flags, *safe])
    try:
        page = browser.new_context(permissions=[*permissions], viewport=PHONE).new_page()
        page.goto(relay.address("Ada"))
        yield page
    finally:
        browser.close()


def test_nothing_is_opened_before_the_person_says_so(chromium: Browser, relay: Relay) -> None:
    with visitor(chromium, relay, PRETENDED_DEVICES) as page:
        expect(page.locator("[data-check=start]")).to_be_visible()
        assert page.evaluate("() => document.querySelector('video').srcObject") is None
        look_at(page, "device check, before asking")


def test_a_refusal_is_explained_with_the_steps_of_this_browser_and_can_be_undone(
    chromium: Browser, relay: Relay
) -> None:
    with visitor(chromium, relay, PRETENDED_DEVICES) as page:
        page.locator("[data-check=start]").click()
        panel = page.locator("[data-problem=denied]")
        expect(panel).to_contain_text("to the left of the address")
        look_at(page, "device check, refused")
        page.context.grant_permissions(["camera", "microphone"])
        page.evaluate("() => { window.dispatchEvent(new Event('focus')); }")
        expect(page.locator(".ready__picture video")).to_be_visible()
        expect(panel).to_have_count(0)


def test_without_any_device_one_can_still_join(chromium: Browser, relay: Relay) -> None:
    with visitor(chromium, relay, "--use-fake-ui-for-media-stream", permissions=("camera", "microphone")) as page:
        expect(page.locator("[data-problem=none]")).to_be_visible()
        look_at(page, "device check, no devices")
        page.locator("[data-check=join]").click()
        expect(page.locator("waiting-status h1")).to_be_visible()
        look_at(page, "waiting room")


def test_with_devices_the_picture_shows_the_bar_moves_and_the_way_in_is_on_the_first_screen(
    chromium: Browser, relay: Relay
) -> None:
    flags = (PRETENDED_DEVICES, "--use-fake-ui-for-media-stream")
    with visitor(chromium, relay, *flags, permissions=("camera", "microphone")) as page:
        expect(page.get_by_text("We can hear you.")).to_be_visible()
        box = page.locator("[data-check=join]").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE["height"]
        page.get_by_text("Change camera, microphone").click()
        expect(page.locator("select[data-kind=audioinput] option").nth(1)).to_be_attached()
        look_at(page, "device check, open")


def test_devices_that_open_while_a_button_is_pressed_do_not_take_it_away(meet: Meet) -> None:
    page = meet(gate=True)
    without = page.locator("[data-check=join]")
    expect(page.locator("[data-check=start]")).to_be_disabled()
    page.wait_for_function("() => window.openGate")
    without.hover()
    page.mouse.down()
    page.evaluate(GATE_OPENS)
    page.mouse.up()
    expect(page.locator("waiting-status h1")).to_be_visible()
    page.wait_for_function(ALL_CLOSED)


def test_who_goes_in_without_devices_while_they_open_is_neither_seen_nor_heard(meet: Meet) -> None:
    page = meet(gate=True)
    page.wait_for_function("() => window.openGate")
    page.locator("[data-check=join][data-without]").click()
    expect(page.locator("waiting-status h1")).to_be_visible()
    page.evaluate(GATE_OPENS)
    page.wait_for_function(ALL_CLOSED)


def test_what_cannot_be_fetched_without_a_network_is_left_out_until_it_can_be(meet: Meet) -> None:
    page = meet()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.locator("[data-check=join]").wait_for()
    page.context.set_offline(True)
    choices = page.get_by_text("Change camera, microphone")
    with page.expect_event("requestfailed"):
        choices.click()
    expect(page.locator("select[data-kind=audioinput]")).to_be_visible()
    expect(page.locator("record-play")).to_have_count(0)
    page.context.set_offline(False)
    choices.click()
    choices.click()
    expect(page.get_by_role("button", name="Record and listen")).to_be_visible()
    assert problems == []


@pytest.mark.parametrize(
    ("name", "message", "trouble", "words"),
    [
        ("NotReadableError", "Could not start video source", "in-use", "Another program or tab may be using it"),
        ("NotAllowedError", "Permission dismissed", "dismissed", "choose “Allow”"),
        ("NotAllowedError", "Permission denied by system", "system", "privacy settings"),
    ],
)
def test_what_stops_both_devices_is_told_apart_and_can_be_tried_again(
    meet: Meet, name: str, message: str, trouble: str, words: str
) -> None:
    page = meet(name, message, "audio", "video")
    expect(page.locator(f"[data-problem={trouble}]")).to_contain_text(words)
    look_at(page, f"device check, {trouble} (stand-in)")
    page.evaluate("() => { window.refusing.kinds = []; }")
    page.locator("[data-check=again]").click()
    expect(page.locator(".ready__picture video")).to_be_visible()
    expect(page.locator("[data-problem]")).to_have_count(0)


def test_a_busy_camera_leaves_the_microphone_and_says_what_to_do(meet: Meet) -> None:
    page = meet("NotReadableError", "Device in use", "video")
    part = page.locator("[data-partial=video]")
    expect(part).to_contain_text("Your microphone works")
    expect(part).to_contain_text("Another program or tab may be using it")
    expect(page.locator("[data-device=microphone]")).to_have_attribute("data-state", "ok")
    look_at(page, "device check, busy camera (stand-in)")
    page.evaluate(MENDED)
    expect(page.locator(".ready__picture video")).to_be_visible()
    expect(part).to_have_count(0)


def test_a_device_of_last_time_that_is_gone_is_replaced_by_one_that_is_there(meet: Meet) -> None:
    page = meet(kept=json.dumps({"id": "0" * 64, "label": "The old camera"}))
    expect(page.locator(".ready__picture video")).to_be_visible()
    expect(page.locator("[data-problem], [data-partial]")).to_have_count(0)


def test_a_device_that_is_unplugged_is_named_and_taken_back_when_it_returns(meet: Meet) -> None:
    """Pretended devices have no plug: the browser's own events are sent by hand."""
    page = meet()
    expect(page.locator(".ready__picture video")).to_be_visible()
    page.evaluate(UNPLUGGED)
    expect(page.locator("[data-lost=camera]")).to_contain_text("Your camera was disconnected")
    look_at(page, "device check, unplugged")
    page.evaluate(MENDED)
    expect(page.locator(".ready__picture video")).to_be_visible()
    expect(page.locator("[data-lost]")).to_have_count(0)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_three_seconds_of_silence_are_noticed(chromium: Browser, relay: Relay, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "2", "-c:a", "pcm_s16le"]
    subprocess.run([*words, str(silence)], check=True, timeout=30)
    sound = f"--use-file-for-fake-audio-capture={silence}"
    flags = (PRETENDED_DEVICES, "--use-fake-ui-for-media-stream", sound)
    with visitor(chromium, relay, *flags, permissions=("camera", "microphone")) as page:
        expect(page.get_by_text("We cannot hear you.")).to_be_visible()
        expect(page.locator("[data-device=microphone]")).to_have_attribute("data-state", "problem")


def test_the_keyboard_alone_is_enough_to_mute_and_to_join(chromium: Browser, relay: Relay) -> None:
    flags = (PRETENDED_DEVICES, "--use-fake-ui-for-media-stream")
    with visitor(chromium, relay, *flags, permissions=("camera", "microphone")) as page:
        expect(page.locator("[data-control=mic]")).to_be_visible()
        _tab_to(page, "[data-control=mic]")
        page.keyboard.press("Enter")
        expect(page.locator("[data-control=mic]")).to_have_attribute("data-off", "true")
        _tab_to(page, "[data-check=join]")
        page.keyboard.press("Enter")
        expect(page.locator("waiting-status h1")).to_be_focused()


def test_the_page_before_joining_is_light(chromium: Browser, relay: Relay) -> None:
    asked: list[str] = []
    with visitor(chromium, relay, PRETENDED_DEVICES) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.reload(wait_until="networkidle")
    files = [url for url in asked if url.startswith("http")]
    assert len(files) <= 7, "and the link that leads here makes eight"
    assert all(url.startswith(relay.origin) for url in files), "nobody else is asked for anything"
    built = [STATIC / f"{url.rsplit('/', 1)[1]}.gz" for url in files if "/static/" in url]
    weight = sum(path.stat().st_size for path in built)
    assert weight <= 52_000, f"{weight} bytes without the page itself"
    call = json.loads((STATIC / "manifest.json").read_text())["call.js"]
    assert not any(url.endswith(call) for url in files), "the call comes later"


def _tab_to(page: Page, selector: str) -> None:
    for _step in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
            return
    raise AssertionError(f"the Tab key never reaches {selector}")
