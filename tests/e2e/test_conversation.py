"""Messages and files between a consumer and the practice, before the call and in it, over a network that breaks."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.chat.files import PDF, SVG
from tests.e2e.accessible import look_at
from tests.e2e.letters import link_in, soon, text_of
from tests.e2e.people import Consumer, Provider
from tests.e2e.practice import SERVICE
from tests.e2e.surroundings import DESKTOP, PHONE, NewConsumer, Practice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DROP = """(panel, {name, type, bytes}) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, {type}));
    for (const kind of ["dragover", "drop"]) {
        panel.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
    }
}"""
PASTE = """(box, {name, type, bytes}) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], name, {type}));
    box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def photo() -> bytes:
    out = BytesIO()
    Image.effect_mandelbrot((800, 600), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def given(name: str, media_type: str, content: bytes) -> dict[str, object]:
    return {"name": name, "type": media_type, "bytes": list(content)}


def chooses(page: Page, name: str, media_type: str, content: bytes) -> None:
    page.locator("input[data-choose=files]").set_input_files({"name": name, "mimeType": media_type, "buffer": content})


def opens_messages(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("chat-panel textarea").wait_for()


def is_told_of_writing(there: Page, here: Page) -> bool:
    """Whether one page says that somebody writes on the other. It is said for seconds only, and never again by itself.

    What has not come by then was lost, or went before anybody looked: a key that no message keeps says so anew.
    """
    try:
        expect(there.locator(".chat__typing")).to_contain_text("is writing", timeout=6000)
    except AssertionError:
        here.locator("textarea").press_sequentially(" ")
        return False
    return True


@pytest.fixture
def cleo(practice: Practice, new_consumer: NewConsumer) -> Consumer:
    """Somebody with an appointment in an hour, on a telephone."""
    consumer = new_consumer(practice.around, viewport=PHONE)
    consumer.books_at(practice.slug, SERVICE, practice.at(14))
    practice.clock_is(13)
    return consumer


def test_before_the_call_both_write_and_send_over_a_network_that_breaks(
    practice: Practice, cleo: Consumer, provider: Provider
) -> None:
    home, desk = cleo.page, provider.page
    opens_messages(home, f"{practice.around.origin}/appointment/messages")
    look_at(home, "messages: none yet")
    provider.opens_desk()
    # Others left visits behind, with messages nobody has read: what links to those is not meant.
    row = desk.locator(f"#desk-agenda li:has(time[datetime='{practice.at(14):%Y-%m-%dT%H:%M:%SZ}'])")
    visit = row.locator("a[href^='/desk/visit/']").get_attribute("href")
    opens_messages(desk, f"{practice.around.origin}{visit}/messages")
    cleo.writes("Shall I send the old x-ray?")
    provider.reads("Shall I send the old x-ray?")
    desk.locator("textarea").press_sequentially("Yes")
    soon(lambda: is_told_of_writing(home, desk), "that somebody is writing", within=60)
    desk.keyboard.press("Enter")
    cleo.reads("Yes")
    expect(desk.locator(".bubble__seen")).to_have_text("Seen")

    home.route("**/uploads/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
    chooses(home, "x-ray.pdf", "application/pdf", PDF.ljust(600_000, b"\n"))
    home.locator("[data-upload=offline]").wait_for()
    look_at(home, "messages: a file waits for the network")
    home.unroute("**/uploads/*")
    desk.get_by_role("link", name="x-ray.pdf").wait_for()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="x-ray.pdf").click()
    assert download.value.suggested_filename == "x-ray.pdf"

    chooses(home, "drawing.jpg", "image/jpeg", SVG)
    home.locator("[data-upload=refused]").wait_for()
    expect(home.locator("[data-upload=refused]")).to_contain_text("is not taken")
    look_at(home, "messages: a file was refused")
    home.get_by_role("button", name="Forget drawing.jpg").click()
    expect(home.locator("[data-upload]")).to_have_count(0)

    # By keyboard alone: change the last words, then delete the message.
    home.locator("textarea").focus()
    home.keyboard.press("ArrowUp")
    expect(home.locator("textarea")).to_have_value("Shall I send the old x-ray?")
    home.keyboard.type(" And the letter?")
    home.keyboard.press("Enter")
    provider.reads("And the letter?")
    expect(desk.locator(".bubble", has_text="And the letter?")).to_contain_text("edited")
    home.locator(".bubble", has_text="And the letter?").locator(".bubble__more").focus()
    home.keyboard.press("Enter")
    home.get_by_role("button", name="Delete").wait_for()
    home.keyboard.press("Tab")
    home.keyboard.press("Enter")
    expect(home.locator(".bubble__actions .button--problem")).to_be_focused()
    look_at(home, "messages: delete it really?")
    home.keyboard.press("Enter")
    desk.get_by_text("This message was deleted.").wait_for()
    look_at(desk, "messages: of staff")


def test_in_the_call_pictures_are_pasted_and_dropped(practice: Practice, cleo: Consumer, provider: Provider) -> None:
    home, desk = cleo.page, provider.page
    practice.clock_is(13, 45)
    provider.opens_desk()
    cleo.opens_link(link_in(text_of(practice.around.letter(cleo.email, "booked")), "visit"))
    cleo.passes_device_check()
    cleo.joins()
    provider.sees_waiting(cleo.name)
    provider.admits_and_joins(cleo.name)
    cleo.sees_picture_of(provider)
    cleo.open_chat()
    home.locator(".call__side textarea").evaluate(PASTE, given("knee.jpg", "image/jpeg", photo()))
    provider.has_unread(1)
    provider.open_chat()
    desk.get_by_role("button", name="Look at knee.jpg").wait_for()
    look_at(desk, "call: a picture in the messages")
    desk.get_by_role("button", name="Look at knee.jpg").click()
    shown = desk.locator("dialog.lightbox img")
    shown.wait_for()
    desk.wait_for_function("() => document.querySelector('dialog.lightbox img').naturalWidth === 800")
    look_at(desk, "call: a picture looked at")
    desk.keyboard.press("Escape")
    desk.locator("chat-panel").evaluate(DROP, given("leaflet.pdf", "application/pdf", PDF))
    home.get_by_role("link", name="leaflet.pdf").wait_for()
    look_at(home, "call: files in the messages")
    home.set_viewport_size(DESKTOP)
    look_at(home, "call: files in the messages, wide")
    cleo.sees_picture_of(provider)
