"""The product with a real LiveKit server: calls move there and back, nobody is in who should not be, none is recorded
who did not agree. The recorder is a stand-in.
"""

import asyncio
import json
import signal
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect
from websockets.sync.client import connect

from tests.e2e.accessible import look_at
from tests.e2e.letters import soon
from tests.e2e.people import CAMERA, Consumer, Person, Provider
from tests.e2e.proof_media import BLUE, RED, Identity, colour_seen, person_with
from tests.e2e.recorder import RecorderStandIn
from tests.e2e.stalls import Span, left, lost, wall, watch
from tests.e2e.surroundings import DESKTOP, at_browser
from tests.livekit import RunningLiveKit, livekit_server, needs_livekit
from tests.servers import RunningServer, free_port, run_module, running_server
from vestibule.meetings.ports import RoomRef

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_livekit]

T = TypeVar("T")
CLINIC = "lakeside-clinic"
COLOURS = {"red": (192, 32, 32), "blue": (32, 64, 192)}
GREEN = Identity("green", 1500)
SMALL: ViewportSize = {"width": 400, "height": 640}


@dataclass(frozen=True)
class Place:
    """A demonstration with a media server behind it."""

    server: RunningServer
    media: RunningLiveKit
    recorder: RecorderStandIn
    facts: dict[str, Any]
    visits: Iterator[dict[str, Any]]

    def move_call(self, to: str) -> int:
        """Let the call that goes on be carried by `to`; returns the epoch."""
        return int(run_module("tests.e2e.moved_call", to, data=self.server.data, env=self.media.settings).stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("over-livekit"), free_port()
    with (
        livekit_server(folder, hook=f"http://127.0.0.1:{port}/hooks/livekit") as media,
        closing(RecorderStandIn(media.port)) as recorder,
    ):
        files = folder / "recordings"
        files.mkdir()
        env = media.settings | {"VESTIBULE_LIVEKIT_URL": recorder.url, "VESTIBULE_RECORDINGS": str(files)}
        with running_server(folder / "data", port=port, env=env) as server:
            facts = json.loads((server.data / "demo.json").read_text())
            yield Place(
                server,
                media,
                recorder,
                facts,
                iter([one for one in facts["appointments"] if one["business"] == CLINIC]),
            )


@dataclass(frozen=True)
class Pair:
    """A provider (red) and a consumer (blue) in a call."""

    provider: Provider
    consumer: Consumer

    @property
    def pairs(self) -> tuple[tuple[Person, Person], ...]:
        return (self.provider, self.consumer), (self.consumer, self.provider)

    @property
    def is_as_it_began(self) -> bool:
        """Whether both are in a call between browsers, so that another test may go on with it."""
        return all(one.page.locator("[data-carried-by=p2p] video-tile").count() for one, _other in self.pairs)

    def see_and_hear_each_other(self) -> None:
        for one, other in self.pairs:
            one.sees_picture_of(other)
            one.hears(other)

    def end(self) -> None:
        call = self.provider.page.url
        self.provider.ends_for_all()
        # A browser that is closed on its way to another page may hang.
        self.provider.page.wait_for_url(lambda url: url != call)
        for one, _other in self.pairs:
            one.page.locator("call-controls").wait_for(state="detached")
            one.page.wait_for_load_state()


@dataclass
class Together:
    """The call that one test hands on to the next, as long as it is as it began; else the next visit's."""

    place: Place
    browsers: tuple[Browser, Browser]
    stack: ExitStack = field(default_factory=ExitStack)
    pair: Pair | None = None

    def ready(self) -> Pair:
        if self.pair is None or not self.pair.is_as_it_began:
            self.close()
            self.pair = self._meet(next(self.place.visits))
        self.pair.see_and_hear_each_other()
        return self.pair

    def close(self) -> None:
        with self.stack:
            if self.pair is not None:
                with suppress(Error):  # a test that failed may leave anything
                    self.pair.end()
        self.stack, self.pair = ExitStack(), None

    def _meet(self, visit: dict[str, Any]) -> Pair:
        self.place.server.move_clock(set=visit["start"])
        office, home = [self.stack.enter_context(at_browser(browser, DESKTOP)) for browser in self.browsers]
        provider = staff(self.place, office, "manager")
        consumer = Consumer(home, self.place.server.origin, BLUE)
        consumer.opens_link(visit["consumer_url"])
        consumer.joins()
        consumer.is_in_the_waiting_room()
        provider.signs_in(visit["provider_url"])
        provider.is_in_the_call()
        office.locator("[data-waiting] button").first.click()
        consumer.is_in_the_call()
        return Pair(provider, consumer)


@pytest.fixture(scope="module")
def together(place: Place, media: None, browsers: tuple[Browser, Browser]) -> Iterator[Together]:
    """Managers allow recording before anybody meets."""
    with at_browser(browsers[0], DESKTOP) as page:
        manager = staff(place, page, "manager")
        manager.signs_in("/manage/setup/visits")
        page.get_by_label("Visits may be recorded").check()
        manager.press("Save the rules")
        page.get_by_text("saved").first.wait_for()
    kept = Together(place, browsers)
    yield kept
    kept.close()


@pytest.fixture
def pair(together: Together) -> Pair:
    """Both in a call between browsers, seeing and hearing each other."""
    return together.ready()


def staff(place: Place, page: Page, role: str) -> Provider:
    """Somebody of the clinic, with their account, not signed in."""
    found = next(one for one in place.facts["accounts"] if (one["business"], one["role"]) == (CLINIC, role))
    return Provider(page, place.server.origin, RED, email=found["email"], password=found["password"])


def beside(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a thread of its own: that of the browsers has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(60)


def max_gap(one: Person, other: Person) -> float:
    """The longest time, in ms, that one was without the picture or the sound of the other."""
    return max(lost(one.page, other.page).values())


def watches(one: Person, other: Person, picture: str = CAMERA) -> None:
    watch(one.page, picture, COLOURS[other.identity.colour], other.identity.pitch)


SAID = {"livekit": "The call is carried by the media server now", "p2p": "The call goes between browsers again"}


def press_move(provider: Provider, words: str) -> None:
    """Staff ask for it in the call's own menu."""
    provider.control("more").click()
    button = provider.page.locator("[data-more=move]")
    expect(button).to_contain_text(words)
    button.click()
    provider.page.keyboard.press("Escape")


def test_a_live_call_moves_to_the_media_server_and_back_without_being_lost(pair: Pair) -> None:
    pair.consumer.control("more").click()
    pair.consumer.page.locator("[data-more=saving]").wait_for()
    assert pair.consumer.page.locator("[data-more=move]").count() == 0, "staff alone decide"
    pair.consumer.page.keyboard.press("Escape")
    for one, other in pair.pairs:
        watches(one, other)
    pair.provider.page.wait_for_timeout(1000)
    for to, words in (("livekit", "Carry the call over the media server"), ("p2p", "between browsers again")):
        press_move(pair.provider, words)
        for one, _other in pair.pairs:
            one.page.get_by_text(SAID[to]).first.wait_for()
        for one, _other in pair.pairs:
            one.page.locator(f"[data-carried-by={to}]").wait_for()
        pair.provider.page.wait_for_timeout(2500)
        for one, other in pair.pairs:
            gaps = lost(one.page, other.page)
            # A beep is silent for a quarter of a second by itself.
            assert gaps["picture"] < 1000, (to, one.identity.colour, gaps)
            assert gaps["sound"] < 1200, (to, one.identity.colour, gaps)
        pair.see_and_hear_each_other()


def brought_in(place: Place, provider: Provider, page: Page, name: str) -> Consumer:
    """Somebody comes by a link of their own that the provider makes in the call, waits, and is let in."""
    provider.control("people").click()
    provider.page.locator(".call [data-opens=bring-in]").click()
    brings = provider.page.locator("dialog#bring-in[open]")
    if (another := brings.locator("[data-bring-another]")).is_visible():
        another.click()
    brings.get_by_label("Their name").fill(name)
    brings.get_by_role("button", name="Make the link").click()
    expect(brings.locator("[data-bring-who]:visible")).to_have_text(name)
    link = brings.get_by_label("Their link")
    comes = Consumer(page, place.server.origin, GREEN, name=name)
    comes.opens_link(link.input_value())
    brings.get_by_role("button", name="Back to the visit").click()
    provider.page.keyboard.press("Escape")
    provider.page.locator(".call__side").wait_for(state="detached")
    comes.press("Go on in this browser")
    comes.joins()
    comes.is_in_the_waiting_room()
    provider.page.locator("[data-waiting]", has_text=name).locator("button").click()
    comes.is_in_the_call()
    return comes


def picture_of(page: Page) -> str:
    """What names the picture of the only other person on a page, on every page."""
    seat = page.locator("video-tile[data-kind=camera]").get_attribute("data-participant")
    return f"video-tile[data-participant='{seat}'][data-kind=camera] video"


def shows(page: Page, picture: str, colour: str) -> bool:
    return colour_seen(page, picture) == colour


def is_moved(page: Page) -> None:
    """Wait until the media server carries the call of a page that is watched, or of one that came to it there.

    It takes less than thirty seconds of what the machine gave the page.
    """
    since = wall()
    page.locator("[data-carried-by=livekit]").wait_for(timeout=120_000)
    stood: list[Span] = page.evaluate("window.gaps?.missed ?? []")
    assert left((since, wall()), stood) < 30_000


def test_a_fifth_who_is_let_in_moves_the_call_to_the_media_server_and_nobody_is_lost(
    place: Place, pair: Pair, red: Browser, tmp_path: Path
) -> None:
    provider, consumer = pair.provider, pair.consumer
    host, guest = picture_of(consumer.page), picture_of(provider.page)
    for one, _other in pair.pairs:
        one.page.set_viewport_size(SMALL)  # five large pages are more than a small machine paints
    with person_with(GREEN, tmp_path, red.browser_type) as green, ExitStack() as rooms:
        pages = [rooms.enter_context(at_browser(green, SMALL)) for _ in range(3)]
        helpers = [brought_in(place, provider, page, name) for page, name in zip(pages, ("Ines", "Ivo"), strict=False)]
        four = [provider, consumer, *helpers]
        for one in four:
            expect(one.page.locator("[data-carried-by=p2p] video-tile[data-kind=camera]")).to_have_count(3)
        consumer.open_chat()
        consumer.writes("Before the fifth")
        consumer.close_chat()
        watched = [(provider, consumer, guest), *((one, provider, host) for one in four[1:])]
        for one, other, picture in watched:
            soon(partial(shows, one.page, picture, other.identity.colour), "a picture", within=60)
            watches(one, other, picture)
        provider.page.wait_for_timeout(1500)
        for one, other, _picture in watched:
            assert max_gap(one, other) < 1500, "before anything moves"
        fifth = brought_in(place, provider, pages[2], "Flo")
        for one in (*four, fifth):
            is_moved(one.page)
            expect(one.page.locator("video-tile[data-kind=camera]")).to_have_count(4)
        provider.page.wait_for_timeout(3000)
        gaps = [max_gap(one, other) for one, other, _picture in watched]
        assert max(gaps) < 2000, gaps
        watches(fifth, provider, host)
        fifth.page.wait_for_timeout(3000)
        assert max_gap(fifth, provider) < 2000, "the fifth sees and hears who leads"
        provider.open_chat()
        provider.reads("Before the fifth")
        provider.writes("And after it")
        consumer.open_chat()
        consumer.reads("And after it")
        provider.page.set_viewport_size(DESKTOP)
        look_at(provider.page, "call of five over the media server")
        look_at(fifth.page, "call of five over the media server, small")
        for one in (*helpers, fifth):
            one.control("leave").click()
            one.page.locator("[data-ended=left] h1").wait_for()
        for one in (provider, consumer):
            one.close_chat()
        press_move(provider, "between browsers again")
        consumer.page.set_viewport_size(DESKTOP)
        for one in (provider, consumer):
            one.page.locator("[data-carried-by=p2p]").wait_for()
    pair.see_and_hear_each_other()


def test_a_media_server_that_does_not_answer_is_told_and_the_call_stays_where_it_is(place: Place, pair: Pair) -> None:
    place.media.process.send_signal(signal.SIGSTOP)
    try:
        press_move(pair.provider, "Carry the call over the media server")
        pair.provider.page.get_by_text("The media server does not answer").first.wait_for()
    finally:
        place.media.process.send_signal(signal.SIGCONT)
    for one, _other in pair.pairs:
        one.page.locator("[data-carried-by=p2p]").wait_for()
    pair.see_and_hear_each_other()
    pair.provider.control("more").click()
    expect(pair.provider.page.locator("[data-more=move]")).to_contain_text("Carry the call over the media server")
    pair.provider.page.keyboard.press("Escape")


QUESTION = ".call__ask[data-ask=recording]"
AT_THE_DOOR = "#visit-precheck [data-ask=recording]"
MARK = "[data-recording=running]"


def ask_to_record(provider: Provider) -> None:
    provider.control("more").click()
    provider.page.locator("[data-more=record]").click()
    provider.page.locator("[data-recording=asking]").wait_for()
    provider.page.keyboard.press("Escape")


def test_stand_in_one_no_and_nothing_is_recorded(place: Place, pair: Pair) -> None:
    provider, consumer = pair.provider.page, pair.consumer.page
    ask_to_record(pair.provider)
    expect(consumer.locator(QUESTION)).to_contain_text("asks to record this call")
    expect(provider.get_by_text("Waiting for 1 to agree to a recording")).to_be_visible()
    assert provider.locator(QUESTION).count() == 0, "who asks has agreed"
    look_at(consumer, "call, asked about a recording")
    consumer.locator("[data-record=decline]").click()
    for page in (provider, consumer):
        page.get_by_text("Nothing is recorded: not everybody agreed.").first.wait_for()
        assert page.locator("[data-recording]").count() == 0
    assert place.recorder.began == []
    pair.see_and_hear_each_other()


def test_a_room_that_is_lost_is_made_anew_and_everybody_comes_back_with_a_new_token(place: Place, pair: Pair) -> None:
    epoch = place.move_call("livekit")
    for one, _other in pair.pairs:
        one.page.locator("[data-carried-by=livekit]").wait_for()
    pair.see_and_hear_each_other()
    meeting = pair.provider.page.url.rpartition("/")[2].partition("?")[0]
    room, backend = RoomRef("livekit", meeting, epoch=epoch), place.media.backend()
    beside(backend.end(room))
    soon(lambda: len(beside(backend.participants(room))) == 2, "both to be back in the room")
    pair.see_and_hear_each_other()


def test_whoever_is_removed_is_out_of_the_media_server_too_and_stays_out(place: Place, pair: Pair) -> None:
    provider, consumer = pair.provider, pair.consumer
    epoch = place.move_call("livekit")
    for one, _other in pair.pairs:
        one.page.locator("[data-carried-by=livekit]").wait_for()
    pair.see_and_hear_each_other()
    meeting = provider.page.url.rpartition("/")[2].partition("?")[0]
    seat = str(provider.page.locator("[data-participant]").first.get_attribute("data-participant"))
    room = RoomRef("livekit", meeting, epoch=epoch)

    def inside() -> bool:
        return seat in beside(place.media.backend().participants(room))

    assert inside()
    token = beside(place.media.backend().join_info(room, seat, "Cleo")).token
    provider.control("people").click()
    provider.page.locator(f"[data-person='{seat}'] [data-people=remove]").click()
    provider.page.locator("dialog[open] [data-people=remove-yes]").click()
    consumer.page.locator("[data-ended=removed] h1").wait_for()
    soon(lambda: not inside(), "the removed one to be out of the room")
    door = f"{place.media.url}/rtc?access_token={token}&protocol=15&sdk=js&version=2.23.0"
    with connect(door, open_timeout=60) as old_token:
        old_token.recv(60)  # let in: LiveKit knows nothing of it
        soon(lambda: not inside(), "the removed one to be put out again")
    provider.sees_no_picture()


def test_stand_in_all_agree_and_whoever_comes_later_is_asked_before_they_are_in(
    place: Place, pair: Pair, red: Browser
) -> None:
    provider, consumer = pair.provider.page, pair.consumer.page
    ask_to_record(pair.provider)
    consumer.locator("[data-record=agree]").click()
    for one, _other in pair.pairs:
        expect(one.page.locator(MARK)).to_be_visible()
        one.page.locator("[data-carried-by=livekit]").wait_for()
    pair.see_and_hear_each_other()
    assert len(place.recorder.began) == 1, "and not before"
    with at_browser(red, DESKTOP) as page:
        colleague = staff(place, page, "owner")
        colleague.signs_in(provider.url)
        expect(page.locator(AT_THE_DOOR)).to_contain_text("This call is recorded")
        look_at(page, "door of a call that is recorded")
        page.locator("[data-record=decline]").click()
        page.locator(AT_THE_DOOR).wait_for(state="detached")
        assert page.locator("call-controls").count() == 0
        assert consumer.locator("[data-participant]").count() == 1, "they are not in"
        page.locator("[data-check=join]:not([data-without])").click()
        page.locator(f"{AT_THE_DOOR} [data-record=agree]").click()
        colleague.is_in_the_call()
        expect(page.locator(MARK)).to_be_visible()
    assert place.recorder.stopped == []
    consumer.locator("[data-control=more]").click()
    consumer.locator("[data-more=record-withdraw]").click()
    for one, _other in pair.pairs:
        one.page.get_by_text("The recording has ended").first.wait_for()
        one.page.locator(MARK).wait_for(state="detached")
    soon(lambda: place.recorder.stopped == ["EG_1"], "the recorder to be told to stop")
