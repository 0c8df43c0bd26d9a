"""The preview, pixel by pixel, beside the pages of a published and branded business in the same state.

One server and one browser. Somebody called as in the preview books the time that the preview took, comes, is seen and
leaves, and the clock is put to where the preview's stood; so both are of the same facts. What must differ is masked.
How good the line of a call is says the machine, and pages say it too: both have the good line that the preview has.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.letters import soon
from tests.e2e.people import Provider, Staff
from tests.e2e.practice import SERVICE, SLUG, found_practice
from tests.e2e.proof_media import RED
from tests.servers import RunningServer, run_vestibule, running_server
from vestibule.experience.preview import EMAIL, NAME, PHONE, State
from vestibule.meetings.planning import OPENS_BEFORE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 30_000  # milliseconds
BOOKED_AT = datetime(2030, 1, 14, 7, 55, tzinfo=UTC)
START = datetime(2030, 1, 14, 9, tzinfo=UTC)
"""The first time that can be booked then, an hour ahead at least."""
LOOKS: dict[str, ViewportSize] = {"light": {"width": 1280, "height": 800}, "dark": {"width": 390, "height": 844}}
"""Each state is looked at wide and light, and narrow and dark."""
MASKED = (
    "[data-kept-left]",  # for how long a chosen time is kept
    "waiting-status time",
    ".call__pill[role=timer]",
)
BRAND = {"colour": "#7a1f5c", "font": "figtree", "corners": "round", "density": "compact"}
WORDS = {"book_heading": "What can we do for you?", "waiting_heading": "Make yourself at home"}
SIGNS = {
    State.EARLY: ("Turn on camera and microphone",),
    State.CHECK: ("Turn on camera and microphone",),
    State.WAITING: ("about 4 min", "No messages yet."),
    State.CALL: ("Encrypted end to end", "Very good connection"),
}
"""What says that a page has got where it goes by itself; words for readers of the screen alone count."""
TRANSIENT = ".call:not([data-state=connected]), .call__line"
"""A call that is not as it will be, or says something for some seconds."""
WHEN = {
    State.EARLY: START - OPENS_BEFORE - timedelta(minutes=20),
    State.CHECK: START - timedelta(minutes=4),
    State.WAITING: START - timedelta(minutes=4),
    State.CALL: START,
    State.ENDED: START + timedelta(minutes=28),
    State.SURVEY: START + timedelta(minutes=28),
}
"""Where the preview's clock stands; before those, where it was booked. Each picture is taken within that minute."""
NEVER_ASKED = """
const permission = Object.assign(new EventTarget(), { state: 'prompt' });
Permissions.prototype.query = () => Promise.resolve(permission);
"""
"""Nobody was asked for a camera yet; Chromium with one that is pretended says they were."""
GOOD_LINE = """
const measured = RTCPeerConnection.prototype.getStats;
const good = {
  'inbound-rtp': (row) => ({ ...row, packetsLost: 0, concealedSamples: 0, silentConcealedSamples: 0, freezeCount: 0,
    bytesReceived: Math.round(performance.now()) }),
  'outbound-rtp': (row) => ({ ...row, qualityLimitationReason: 'none' }),
  'remote-inbound-rtp': (row) => ({ ...row, fractionLost: 0 }),
  'candidate-pair': (row) => ({ ...row, currentRoundTripTime: 0.01 }),
};
RTCPeerConnection.prototype.getStats = async function () {
  const rows = [...(await measured.call(this)).values()];
  return new Map(rows.map((row) => [row.id, good[row.type]?.(row) ?? row]));
};
"""
"""The browser measures a line on which nothing is lost, late or missing, however busy the machine is meanwhile."""
TOKEN = r"v=[\w-]{22}"
WITHOUT_WHAT_DIFFERS = """() => {
    // People are drawn in the preview; what lies over them counts.
    for (const video of document.querySelectorAll('video')) video.style.visibility = 'hidden';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/v=[\\w-]{22}/, 'v=…');
}"""
PARTS = """() => [...document.querySelectorAll('body *')].flatMap((one) => {
    const own = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const words = own.map((node) => node.data.trim()).join(' ').trim();
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const name = `${one.localName}${one.className ? '.' + (one.getAttribute('class') ?? '') : ''}`;
    const shown = (words || !one.children.length) && right > left && one.checkVisibility();
    return shown ? [[left + scrollX, top + scrollY, right + scrollX, bottom + scrollY, `${name} "${words}"`]] : [];
})"""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""


@dataclass(frozen=True)
class Look:
    """A picture, and what stood where on the page when it was taken."""

    png: bytes
    parts: list[tuple[float, float, float, float, str]]

    def within(self, box: Box) -> str:
        """What stands in a part of the picture, one element in a line."""
        left, top, right, bottom = box
        found = [one for one in self.parts if one[0] < right and one[2] > left and one[1] < bottom and one[3] > top]
        return "\n".join(f"  {[round(side) for side in sides]} {words}" for *sides, words in found)


@dataclass
class Seen:
    """States in both looks, and what the text message says."""

    looks: dict[tuple[State, str], Look] = field(default_factory=dict)
    text: str = ""


@dataclass
class Town:
    """The business as published, who manages it and who meets people in it."""

    server: RunningServer
    accounts: dict[str, Any]

    def clock_is(self, now: datetime) -> None:
        """Set the clock; it goes on from there."""
        self.server.move_clock(set=now.strftime("%Y-%m-%dT%H:%M:%SZ"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    data = tmp_path_factory.mktemp("town")
    accounts = found_practice(data)
    _brand(data)
    with running_server(data, demo=False) as server:
        yield Town(server, accounts)


def _brand(data: Path) -> None:
    """Publish a look, words and a waiting room that are not the built-in ones."""
    held = json.loads(run_vestibule("export", SLUG, data=data).stdout)
    held["brand"] |= BRAND
    held["business"] |= {"tagline": "Seen the same day"}
    held["texts"] = {"en": WORDS}
    held["waiting_room"] |= {"content_title": "While you wait", "content_text": "Have your letters at hand."}
    file = data / "experience.json"
    file.write_text(json.dumps(held))
    run_vestibule("import", SLUG, str(file), "--publish", data=data)


@contextmanager
def somebody(browser: Browser, town: Town, **more: Any) -> Iterator[Page]:
    """A page of somebody with a window of their own. Whoever is asked for a camera says yes.

    They asked for less motion: nothing fades, and nothing hides while nobody moves.
    """
    how = {"locale": "en-GB", "timezone_id": "Europe/Zurich", "reduced_motion": "reduce", **more}
    context = browser.new_context(base_url=town.server.origin, **how)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def looked_at(page: Page, state: State) -> Look:
    """The whole page once it stands still, without what differs from one minute to the next."""
    page.wait_for_function("() => document.documentElement.dataset.settled !== 'no'")
    for sign in SIGNS.get(state, ()):
        expect(page.get_by_text(sign).first).to_be_visible(timeout=PATIENCE)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.evaluate(WITHOUT_WHAT_DIFFERS)
    page.mouse.move(200, 300)  # nothing is pointed at
    before, now = b"", _shot(page)
    while before != now:  # what is loaded later has moved the rest by now
        before, now = now, _shot(page)
    return Look(now, page.evaluate(PARTS))


def _shot(page: Page) -> bytes:
    expect(page.locator(TRANSIENT)).to_have_count(0, timeout=PATIENCE)
    masked = [page.locator(one) for one in MASKED]
    return page.screenshot(full_page=True, animations="disabled", caret="hide", mask=masked)


@pytest.fixture(scope="module")
def previews(chromium: Browser, town: Town) -> Seen:
    """Every state of the preview, in both looks; the reader's own device has it the other way round."""
    found = Seen()
    with somebody(chromium, town) as page:
        Staff(page, town.server.origin, RED, **town.accounts["manager"]).signs_in("/manage")
        for theme, size in LOOKS.items():
            page.set_viewport_size(size)
            page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
            for state in State:
                town.clock_is(BOOKED_AT)
                answer = page.goto(f"/manage/experience/preview/{state}?in=en&theme={theme}")
                assert answer is not None
                assert answer.ok, (state, answer.status)
                found.looks[state, theme] = looked_at(page, state)
                if state is State.SMS:
                    found.text = page.locator(".bubble").inner_text()
    return found


class Visitor:
    """Sam, who books in earnest, comes and is seen; and the pictures of it."""

    def __init__(self, page: Page, town: Town) -> None:
        self.page, self.town = page, town
        self.seen = Seen()
        self.letters: list[str] = []

    def looks(self, state: State, *, again: bool = True) -> None:
        """Take the pictures of a state, loading the page again for each (or as it stands)."""
        for theme, size in LOOKS.items():
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            self.town.clock_is(WHEN.get(state, BOOKED_AT))
            if again:
                self.page.reload()
            self.seen.looks[state, theme] = looked_at(self.page, state)

    def books(self, look: Callable[[State], None]) -> None:
        page = self.page
        page.goto(f"/book/{SLUG}")
        look(State.BOOK)
        page.get_by_role("link", name=SERVICE).click()
        page.locator("button.slot").first.wait_for()
        look(State.SERVICE)
        page.locator("button.slot").first.click()
        page.get_by_label("Your name").wait_for()
        look(State.DETAILS)
        page.get_by_label("Your name").fill(NAME)
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Mobile number").fill(PHONE)
        page.get_by_role("button", name="Book this appointment").click()
        expect(page.get_by_role("heading", name="You are booked")).to_be_visible()
        look(State.CONFIRMED)

    def is_told(self) -> tuple[str, str]:
        """Wait for the next confirmation; return its reference, and the address in it that leads to the visit."""
        letter = soon(self._letter, "a confirmation")
        self.letters.append(letter["id"])
        return letter["id"], next(word for word in letter["text"].split() if "/visit?v=" in word)

    def _letter(self) -> dict[str, Any] | None:
        told = [one for one in self.town.server.outbox() if str(one["subject"]).startswith("Booked")]
        fresh = [one for one in told if one["to"] == EMAIL and one["id"] not in self.letters]
        return dict(fresh[0]) if fresh else None

    def text_message(self) -> str:
        """What was sent to the telephone by now."""
        sent = [one for one in self.town.server.outbox() if one["to"] == PHONE and one["sent_at"]]
        return str(sent[0]["text"]) if sent else ""

    def cancels(self) -> None:
        self.page.goto("/appointment")
        self.page.get_by_role("link", name="Cancel appointment").click()
        self.page.get_by_role("button", name="Cancel appointment").click()
        expect(self.page.get_by_role("heading", name="cancelled")).to_be_visible()

    def is_met_by(self, provider: Provider) -> None:
        provider.signs_in("/desk")
        provider.admits_and_joins(NAME)
        expect(self.page.locator(".call video")).to_have_count(2)
        expect(self.page.get_by_text("Encrypted end to end")).to_be_visible()


@pytest.fixture(scope="module")
def pages(chromium: Browser, town: Town, previews: Seen) -> Seen:
    """Every state of the pages themselves, as Sam goes through them."""
    with somebody(chromium, town) as page, somebody(chromium, town) as desk:
        page.add_init_script(NEVER_ASKED)
        for one in (page, desk):
            one.add_init_script(GOOD_LINE)
        sam = Visitor(page, town)
        town.clock_is(BOOKED_AT)
        page.goto("/visit?v=" + "0" * 22)
        sam.looks(State.ERROR)
        sam.books(sam.looks)
        letter, link = sam.is_told()
        page.goto(f"/dev/outbox/{letter}/mail")
        sam.looks(State.MAIL)
        sam.cancels()
        page.goto(link)
        sam.looks(State.CANCELLED)
        page.context.clear_cookies()
        sam.books(lambda state: None)
        _letter, link = sam.is_told()
        town.clock_is(WHEN[State.EARLY])
        sam.seen.text = soon(sam.text_message, "a text message")
        page.goto(link)
        sam.looks(State.EARLY)
        town.clock_is(WHEN[State.CHECK])
        page.goto(link)
        sam.looks(State.CHECK)
        page.get_by_role("button", name="Turn on camera and microphone").click()
        page.locator("[data-check=join]:not([data-without])").click()
        page.locator("waiting-status h1").wait_for()
        sam.looks(State.WAITING)
        town.clock_is(WHEN[State.CALL])
        provider = Provider(desk, town.server.origin, RED, **town.accounts["provider"])
        sam.is_met_by(provider)
        sam.looks(State.CALL, again=False)
        town.clock_is(WHEN[State.ENDED])
        provider.ends_for_all()
        expect(page.get_by_role("heading", name="The visit is over")).to_be_visible()
        page.wait_for_url("**/visit/ended")
        sam.looks(State.ENDED)
        sam.looks(State.SURVEY)
    return sam.seen


def difference(one: Look, other: Look) -> Box | None:
    """Where two pictures differ; None where they do not."""
    first, second = (Image.open(BytesIO(each.png)).convert("RGB") for each in (one, other))
    if first.size != second.size:
        return (0, 0, *first.size)
    return ImageChops.difference(first, second).getbbox()


@pytest.mark.parametrize("theme", LOOKS)
@pytest.mark.parametrize("state", [one for one in State if one is not State.SMS])
def test_the_preview_is_the_page(state: State, theme: str, previews: Seen, pages: Seen, tmp_path: Path) -> None:
    one, other = previews.looks[state, theme], pages.looks[state, theme]
    (tmp_path / "preview.png").write_bytes(one.png)
    (tmp_path / "page.png").write_bytes(other.png)
    box = difference(one, other)
    assert box is None, f"{tmp_path}: differ in {box}; preview:\n{one.within(box)}\npage:\n{other.within(box)}"


def test_the_text_message_of_the_preview_is_the_one_that_is_sent(previews: Seen, pages: Seen) -> None:
    assert previews.text
    assert re.sub(TOKEN, "v=…", previews.text) == re.sub(TOKEN, "v=…", pages.text)


def test_a_token_that_is_another_by_a_shade_is_a_difference(chromium: Browser, town: Town, previews: Seen) -> None:
    town.clock_is(BOOKED_AT)
    with somebody(chromium, town, viewport=LOOKS["light"], color_scheme="light") as page:
        page.goto(f"/book/{SLUG}")
        assert difference(looked_at(page, State.BOOK), previews.looks[State.BOOK, "light"]) is None
        page.evaluate("() => document.documentElement.style.setProperty('--accent', '#7b1f5c')")
        assert difference(looked_at(page, State.BOOK), previews.looks[State.BOOK, "light"]) is not None
