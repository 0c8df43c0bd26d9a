"""Booking, a visit and its survey in a page of somebody else's site, in a browser that keeps no cookie for anybody."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Frame, Page, expect

from tests.e2e.accessible import look_at
from tests.e2e.host_site import (
    Site,
    browser_without_cookies,
    element,
    framed,
    heard,
    hears,
    list_origin,
    somebodys_site,
)
from tests.e2e.letters import link_in, soon, text_of
from tests.e2e.people import Consumer, Provider
from tests.e2e.practice import SERVICE
from tests.e2e.proof_media import BLUE
from tests.e2e.surroundings import Practice
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_numbers = count(1)
KEEPS = """() => {
  document.cookie = "a=1";
  try { return [document.cookie, typeof localStorage]; } catch (error) { return [document.cookie, error.name]; }
}"""
FITS = "document.documentElement.scrollHeight <= innerHeight && innerHeight - document.body.scrollHeight < 40"


@pytest.fixture(scope="module")
def site(founded: Practice) -> Iterator[Site]:
    """A site that the practice has listed."""
    with somebodys_site(founded.around.origin) as site:
        list_origin(founded.around.server.data, founded.slug, site.origin)
        yield site


@pytest.fixture(scope="module")
def careful(media: None, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """The browser of somebody who lets no site keep anything."""
    with browser_without_cookies(BLUE, tmp_path_factory.mktemp("careful"), chromium.browser_type) as context:
        yield context


@pytest.fixture
def page(careful: BrowserContext) -> Iterator[Page]:
    page = careful.new_page()
    yield page
    page.close()


def somebody_in(frame: Frame, practice: Practice) -> Consumer:
    """A consumer who sees no more than the frame."""
    return Consumer(cast("Page", frame), practice.around.origin, BLUE, email=f"framed-{next(_numbers)}@example.org")


def book_in(frame: Frame, practice: Practice, hour: int) -> Consumer:
    """Book a first visit in a frame that is at the choice of a time."""
    cleo = somebody_in(frame, practice)
    cleo.chooses_day(practice.at(hour))
    cleo.chooses_time(practice.at(hour))
    cleo.gives_details()
    cleo.books()
    cleo.sees("You are booked")
    return cleo


def test_an_appointment_is_booked_moved_and_cancelled_and_the_page_around_hears_it(
    practice: Practice, site: Site, page: Page
) -> None:
    page.goto(site.put(element("book", id="in", business=practice.slug, name="Cleo Marsh", email="cleo@example.org")))
    assert hears(page, "ready") == {"page": "book"}
    assert page.evaluate(KEEPS) == ["", "SecurityError"], "this browser keeps nothing"
    frame, start = framed(page), practice.at(11, days=1)
    cleo = somebody_in(frame, practice)
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(start)
    expect(cleo.offered(start)).to_be_visible()
    soon(lambda: frame.evaluate(FITS), "a frame as tall as its page")
    look_at(page, "site: times")
    look_at(cast("Page", frame), "framed: times")
    cleo.chooses_time(start)
    expect(frame.get_by_label("Your name")).to_have_value("Cleo Marsh")
    expect(frame.get_by_label("E-mail address")).to_have_value("cleo@example.org")
    soon(lambda: frame.evaluate(FITS), "a frame that is as low as its page again")
    cleo.books()
    cleo.sees("You are booked")
    booked = hears(page, "booked")
    assert booked == appointment_at(start, booked, status="booked")
    assert hears(page, "ready", 5) == {"page": "appointment"}
    look_at(cast("Page", frame), "framed: booked")
    moved_to = practice.at(14, days=1)
    cleo.press("Move", role="link")
    cleo.chooses_day(moved_to)
    cleo.offered(moved_to).click()
    assert hears(page, "moved") == appointment_at(moved_to, booked, status="booked")
    cleo.press("Cancel appointment", role="link")
    cleo.sees("Cancel your appointment?")
    cleo.press("Cancel appointment")
    assert hears(page, "cancelled") == {"appointment": booked["appointment"], "service": "first-visit"}
    assert [len(heard(page, name)) for name in ("booked", "moved", "cancelled", "failed")] == [1, 1, 1, 0]
    assert page.evaluate("refusals") == [], "a strict policy of the site has nothing against the elements"
    assert page.context.cookies() == []


def appointment_at(start: datetime, booked: Any, *, status: str) -> dict[str, str]:
    """What the page around hears of an appointment of half an hour, whose name is as it was `booked`."""
    begins, ends = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (start, start + timedelta(minutes=30)))
    known = {"appointment": booked["appointment"], "service": "first-visit"}
    return {**known, "start": begins, "end": ends, "status": status}


def test_a_visit_is_held_inside_another_page_with_the_camera_it_lent(
    practice: Practice, site: Site, page: Page, provider: Provider
) -> None:
    page.goto(site.put(element("book", business=practice.slug, service="first-visit")))
    cleo = book_in(framed(page), practice, 11)
    link = link_in(text_of(practice.around.letter(cleo.email, "booked")), "visit")
    practice.clock_is(10, 55)
    page.goto(site.put(element("visit", id="visit", business=practice.slug, link=link)))
    cleo = somebody_in(framed(page, "/embed/"), practice)
    cleo.passes_device_check()
    cleo.joins()
    cleo.is_in_the_waiting_room()
    look_at(page, "site: a visit")
    look_at(cleo.page, "framed: waiting")
    provider.opens_desk()
    provider.admits_and_joins(cleo.name)
    cleo.is_in_the_call()
    assert hears(page, "joined") is None
    cleo.sees_picture_of(provider)
    provider.sees_picture_of(cleo)
    look_at(cleo.page, "framed: in the call")
    provider.ends_for_all()
    assert hears(page, "ended") == {"reason": "ended"}
    cleo.sees("The visit is over")
    cleo.page.locator("button[name=score][value='5']").first.click()
    assert hears(page, "answered") is None
    assert heard(page, "ready")[-1] == {"page": "survey"}
    assert [len(heard(page, name)) for name in ("joined", "ended", "answered", "failed")] == [1, 1, 1, 0]
    page.goto(site.put(element("survey", business=practice.slug, link=link)))
    cleo = somebody_in(framed(page, "/embed/"), practice)
    cleo.sees("The visit is over")


def test_the_button_opens_a_dialog_that_the_keyboard_leaves_again(practice: Practice, site: Site, page: Page) -> None:
    page.goto(site.put(element("button", business=practice.slug, service="first-visit", label="See a doctor")))
    button, dialog = page.get_by_role("button", name="See a doctor"), page.get_by_role("dialog", name="See a doctor")
    expect(button).to_be_visible()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    frame = framed(page)
    somebody_in(frame, practice).sees("When would suit you?")
    look_at(page, "site: the dialog")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    frame.get_by_role("link", name="All appointments").focus()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    somebody_in(framed(page), practice).sees("When would suit you?")
    dialog.get_by_role("button", name="Close").click()
    expect(button).to_be_focused()


def test_elements_follow_their_attributes_each_for_itself(practice: Practice, site: Site, page: Page) -> None:
    two = [element("book", id=name, business=practice.slug, theme="dark") for name in ("one", "two")]
    page.goto(site.put("".join(two)))
    hears(page, "ready", 2)
    page.evaluate("one.setAttribute('language', 'de'), one.setAttribute('label', 'Zu uns'), heard.length = 0")
    assert hears(page, "ready") == {"page": "book"}
    assert page.evaluate("heard.map(([, , id]) => id)") == ["one"], "the other frame stays as it is"
    german, english = (page.frame_locator(f"#{name} iframe").locator("html") for name in ("one", "two"))
    expect(german).to_have_attribute("lang", "de")
    expect(german).to_have_attribute("data-theme", "dark")
    expect(english).to_have_attribute("lang", "en")
    titles = page.locator("iframe").evaluate_all("(frames) => frames.map((one) => one.title)")
    assert titles == ["Zu uns", "Book an appointment"]
    page.evaluate("heard.length = 0, document.querySelector('main').append(one)")
    hears(page, "ready")
    assert page.locator("#one iframe").count() == 1, "taken out and put in again, there is one frame"
    page.evaluate("heard.length = 0, window.gone = one, one.remove()")
    expect(page.locator("iframe")).to_have_count(1)
    page.evaluate("gone.setAttribute('theme', 'light')")
    assert page.evaluate("gone.shadowRoot.querySelector('iframe')") is None


def test_booking_far_down_a_page_begins_when_somebody_comes_near(practice: Practice, site: Site, page: Page) -> None:
    tall = '<svg width="10" height="4000" role="presentation"></svg>'
    page.goto(site.put(tall + element("book", business=practice.slug)))
    expect(page.get_by_role("link", name="Call us")).to_be_visible()
    assert page.locator("iframe").count() == 0
    page.get_by_role("link", name="Call us").scroll_into_view_if_needed()
    assert hears(page, "ready") == {"page": "book"}
    expect(page.get_by_role("link", name="Call us")).to_be_hidden()


def test_a_server_that_does_not_answer_leaves_the_link(practice: Practice, site: Site, page: Page) -> None:
    page.clock.install()
    page.goto(site.put(element("visit", business=practice.slug, server="http://localhost:9", link="no-matter")))
    expect(page.locator("iframe")).to_have_count(1)
    page.clock.fast_forward(21_000)
    assert hears(page, "failed")["code"] == "unreachable"
    expect(page.get_by_role("link", name="Call us")).to_be_visible()
    expect(page.locator("iframe")).to_be_hidden()


def test_a_site_that_is_not_listed_gets_nothing(practice: Practice, site: Site, page: Page) -> None:
    # The element asks the server why, and after five seconds without an answer can say only that it is unreachable.
    page.add_init_script("AbortSignal.timeout = () => new AbortController().signal")
    with somebodys_site(site.server) as stranger:
        unlisted = element("book", id="unlisted", business=practice.slug, email="cleo@example.org")
        page.goto(stranger.put(unlisted + element("book", id="unknown", business="no-such-practice")))
        hears(page, "failed", 2)
        codes = page.evaluate("heard.map(([name, detail, id]) => [name, detail.code, id]).sort((a, b) => a[2] < b[2])")
        assert sorted(codes) == [["failed", "not_allowed", "unlisted"], ["failed", "not_found", "unknown"]]
        expect(page.locator("#unlisted").get_by_role("link", name="Call us")).to_be_visible()
        assert all(site.server not in one.url for one in page.frames), "the browser itself kept the page out"


FORGER = """
const forged = [
  {vestibule: 1, type: "booked", detail: {appointment: "x", service: "x", start: "x", end: "x", status: "booked"}},
  {vestibule: 1, type: "ended", detail: {reason: "left"}},
  {vestibule: 1, type: "height", pixels: 9000},
];
const asked = [
  {vestibule: 1, type: "fill", name: "Forged", email: "forged@example.org"},
  {vestibule: 1, type: "open", link: "https://evil.example/visit?v=1"},
];
const victim = window.opener ?? parent;
for (const message of forged) victim.postMessage(message, "*");
for (let at = 0; at < victim.frames.length; at++) {
  for (const message of asked) victim.frames[at].postMessage(message, "*");
}
document.documentElement.dataset.told = "";
"""
BADLY_SAID = """() => {
  const frame = document.querySelector("vestibule-book").shadowRoot.querySelector("iframe").contentWindow;
  const circle = {vestibule: 1, type: "fill", name: "Circle"};
  circle.self = circle;
  for (const bad of [null, 7, "fill", [], {}, circle, {vestibule: 2, type: "fill", name: "No"},
    {vestibule: 1, type: "fill", name: 7}, {vestibule: 1, type: "fill", name: "No", more: "x".repeat(9000)},
    {vestibule: 1, type: "fill", name: "No\\u0000"}]) frame.postMessage(bad, "*");
  for (let at = 0; at < 5000; at++) {
    frame.postMessage({vestibule: 1, type: "top", at}, "*");
    window.postMessage({vestibule: 1, type: "height", pixels: 9000 + at}, "*");
  }
}"""
BADLY_TOLD = """() => {
  const detail = {appointment: "x".repeat(301), service: "x", start: "x", end: "x", status: "booked"};
  for (const bad of [null, 7, [], {}, {vestibule: 1, type: "failed", detail: {code: "x", message: "x"}},
    {vestibule: 1, type: "booked", detail}, {vestibule: 1, type: "booked", detail: {}},
    {vestibule: 1, type: "joined", more: "x".repeat(9000)}, {vestibule: 1, type: "height", pixels: 1e9},
    {vestibule: 1, type: "toString"}]) {
    parent.postMessage(bad, "*");
  }
}"""


def test_messages_count_from_the_frame_and_to_it_alone(practice: Practice, site: Site, page: Page) -> None:
    """Another window and the page itself say what only the frame may; another window asks what only the page may."""
    site.script(FORGER, "/forger.js")
    other = site.put('<script src="/forger.js"></script>', "/other")
    page.goto(site.put(element("book", business=practice.slug, service="first-visit")))
    frame = framed(page)
    cleo = somebody_in(frame, practice)
    cleo.chooses_day(practice.at(15, days=1))
    cleo.chooses_time(practice.at(15, days=1))
    assert hears(page, "ready", 3) == {"page": "book"}
    soon(lambda: frame.evaluate(FITS), "a frame as tall as its page")
    before = page.evaluate("heard.length"), frame.evaluate("innerHeight")
    with page.expect_popup() as opened:
        page.evaluate("(address) => window.open(address)", other)
    opened.value.locator("html[data-told]").wait_for(state="attached")
    page.evaluate(f"() => {{ {FORGER} }}")
    page.evaluate(BADLY_SAID)
    frame.evaluate(BADLY_TOLD)
    # What the page itself asks for comes after all of that, and is done.
    page.evaluate("document.querySelector('vestibule-book').setAttribute('phone', '+41795550111')")
    expect(frame.get_by_label("Mobile number")).to_have_value("+41795550111")
    expect(frame.get_by_label("E-mail address")).to_have_value("")
    assert (page.evaluate("heard.length"), frame.evaluate("innerHeight")) == before
    opened.value.close()


def test_the_page_around_reads_nothing_of_the_frame(practice: Practice, site: Site, page: Page) -> None:
    page.goto(site.put(element("book", business=practice.slug)))
    hears(page, "ready")
    found = page.evaluate(
        """() => {
          const frame = document.querySelector("vestibule-book").shadowRoot.querySelector("iframe");
          const reads = (look) => { try { return String(look()); } catch (error) { return error.name; } };
          const inside = frame.contentWindow;
          const tries = [() => frame.contentDocument, () => inside.document.cookie, () => inside.location.href];
          return tries.map(reads);
        }"""
    )
    assert found == ["null", "SecurityError", "SecurityError"]


def test_pages_of_staff_are_not_shown_though_they_are_signed_in(
    practice: Practice, site: Site, provider: Provider
) -> None:
    page = provider.page
    page.goto(site.put(element("book", business=practice.slug)))
    hears(page, "ready")
    frame = framed(page)
    frame.evaluate("document.dispatchEvent(new CustomEvent('vestibule:go', {detail: '/desk', cancelable: true}))")
    frame.get_by_role("heading", name="This opens in a window of its own").wait_for()
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Open it").click()
    opened.value.wait_for_url(f"{practice.around.origin}/desk")
    opened.value.close()


def test_a_wrong_server_learns_no_more_than_the_attributes(practice: Practice, page: Page) -> None:
    with somebodys_site(practice.around.origin) as site, somebodys_site(practice.around.origin) as wrong:
        wrong.origin = wrong.origin.replace("127.0.0.1", "localhost")
        site.frames = wrong.origin
        said = {"business": practice.slug, "service": "first-visit", "email": "cleo@example.org"}
        page.goto(site.put(element("book", server=wrong.origin, **said), "/private/page") + "?case=7")
        [asked] = soon(lambda: wrong.asked, "the wrong server to be asked")
        path, _, query = asked.path.partition("?")
        assert path == f"/embed/{practice.slug}/book"
        assert sorted(parse_qs(query)) == ["language", "origin", "service", "theme", "timezone"]
        told = {name.lower(): text for name, text in asked.headers.items()}
        assert "cookie" not in told
        assert told["referer"] == f"{site.origin}/", "not which page of the site it is"


def test_whoever_goes_back_to_what_no_browser_keeps_begins_again(practice: Practice, site: Site, page: Page) -> None:
    page.goto(site.put(element("book", business=practice.slug)))
    cleo = somebody_in(framed(page), practice)
    cleo.chooses_service(SERVICE)
    cleo.chooses_day(practice.at(11, days=2))
    cleo.chooses_time(practice.at(11, days=2))
    hears(page, "ready", 4)
    page.evaluate("history.back()")
    hears(page, "ready", 5)
    cleo = somebody_in(framed(page), practice)
    cleo.chooses_service(SERVICE)
    assert heard(page, "failed") == []


def test_an_app_hears_and_fills_what_its_web_view_shows(practice: Practice, site: Site, page: Page) -> None:
    page.add_init_script(
        """const heard = JSON.parse(window.name || "[]");
        const port = {postMessage: (text) => { heard.push(JSON.parse(text)); window.name = JSON.stringify(heard); }};
        window.webkit = {messageHandlers: {vestibule: port}};"""
    )
    page.goto(f"{practice.around.origin}/embed/{practice.slug}/book?app=1&service=first-visit&language=en")
    cleo = Consumer(page, practice.around.origin, BLUE)
    cleo.chooses_day(practice.at(13, days=1))
    cleo.chooses_time(practice.at(13, days=1))
    page.wait_for_function("JSON.parse(window.name).filter((one) => one.type === 'ready').length === 3")
    page.evaluate("postMessage({vestibule: 1, type: 'fill', name: 'Cleo Marsh'}, '*')")
    expect(page.get_by_label("Your name")).to_have_value("Cleo Marsh")
    page.get_by_label("E-mail address").fill("app@example.org")
    page.get_by_label("Mobile number").fill(cleo.phone)
    cleo.books()
    cleo.sees("You are booked")
    [booked] = soon(
        lambda: page.evaluate("JSON.parse(window.name).filter((one) => one.type === 'booked')"), "the app told"
    )
    assert booked["vestibule"] == 1
    assert booked["detail"] == appointment_at(practice.at(13, days=1), booked["detail"], status="booked")
    with page.expect_download() as entry:
        cleo.press("Add to calendar", role="link")
    assert entry.value.suggested_filename.endswith(".ics")
    a_picture_is_sent_and_kept(cleo)
    assert page.context.cookies() == []


def a_picture_is_sent_and_kept(cleo: Consumer) -> None:
    """What only those in a conversation may see is fetched with the ticket, as no cookie goes along."""
    cleo.press("Messages", role="link")
    sent: FilePayload = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    cleo.page.locator("chat-panel input[data-choose=files]").set_input_files(sent)
    small = cleo.page.locator("chat-panel .picture img")
    soon(lambda: small.count() and small.evaluate("(shown) => shown.naturalWidth > 0"), "the picture on the page")
    cleo.page.locator("chat-panel button.picture").click()
    with cleo.page.expect_download() as kept:
        cleo.page.locator("dialog[open] a[download]").click()
    assert kept.value.suggested_filename == "door.jpg"
