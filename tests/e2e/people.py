"""The people of the story, and what each does with a browser. Every wait is for something a person could see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.chromium import PATIENCE
from tests.e2e.letters import soon
from tests.e2e.proof_media import Identity, colour_seen, tone_gone, tone_heard

CAMERA = "video-tile[data-kind=camera] video"
SCREEN = "video-tile[data-kind=screen] video"


def page_of(context: BrowserContext) -> Page:
    """A new page of a person; waits longer than usual, as two busy browsers share a machine with the server."""
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.set_default_navigation_timeout(PATIENCE)
    return page


@dataclass
class Person:
    """Somebody with a browser, at a server."""

    page: Page
    origin: str
    identity: Identity

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.origin + path)

    def sees(self, words: str) -> None:
        """Wait until the page's heading holds `words`."""
        expect(self.page.get_by_role("heading", name=words).first).to_be_visible()

    def press(self, name: str, *, role: Any = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()

    # --- in the call -------------------------------------------------------------------------------------------------

    def control(self, name: str) -> Locator:
        """A button of the call: mic, cam, share, chat, devices, leave, end."""
        return self.page.locator(f"call-controls [data-control={name}]")

    def is_in_the_call(self) -> None:
        self.page.locator("call-controls").wait_for()

    def sees_picture_of(self, other: "Person") -> None:
        """Prove that the decoded frames show the other's colour."""
        soon(lambda: self.colour() == other.identity.colour, f"the picture of {other.identity.colour}")

    def colour(self) -> str | None:
        return colour_seen(self.page, CAMERA)

    def sees_no_picture(self) -> None:
        soon(lambda: self.colour() is None, "no picture any more")

    def hears(self, other: "Person") -> None:
        """Prove that what is played holds the other's beeps."""
        soon(lambda: tone_heard(self.page, other.identity.pitch), f"the tone of {other.identity.pitch} Hz")

    def hears_nothing_of(self, other: "Person") -> None:
        soon(lambda: tone_gone(self.page, other.identity.pitch), f"no tone of {other.identity.pitch} Hz")

    def open_chat(self) -> None:
        if not self.page.locator(".call__side chat-panel").is_visible():
            self.control("chat").click()
        self.page.locator(".call__side chat-panel textarea").wait_for()

    def close_chat(self) -> None:
        self.page.keyboard.press("Escape")
        self.page.locator(".call__side").wait_for(state="detached")

    def writes(self, text: str) -> None:
        box = self.page.locator("chat-panel textarea").last
        box.fill(text)
        box.press("Enter")

    def reads(self, text: str) -> None:
        self.page.locator(".bubble:not(.bubble--own)", has_text=text).wait_for()

    def has_unread(self, count: int) -> None:
        expect(self.control("chat").locator(".count")).to_have_text(str(count))

    def has_read_everything(self) -> None:
        expect(self.control("chat").locator(".count")).to_have_count(0)

    def is_told(self, state: str) -> None:
        """Wait until the page says how the line is: connected, unstable, reconnecting."""
        self.page.locator(f".call[data-state={state}]").wait_for(timeout=2 * PATIENCE)

    def sees_shared_screen(self) -> None:
        """Wait until the green test picture that Chromium pretends is a screen is shown, and moves."""
        screen = self.page.locator(SCREEN)
        screen.wait_for()
        soon(lambda: colour_seen(self.page, SCREEN) == "green", "the picture of the screen")
        first = float(screen.evaluate("(video) => video.currentTime"))
        soon(lambda: float(screen.evaluate("(video) => video.currentTime")) > first, "a screen that goes on")

    def sees_no_screen(self) -> None:
        self.page.locator(SCREEN).wait_for(state="detached")


@dataclass
class Consumer(Person):
    """Somebody who books, waits, meets and answers."""

    name: str = "Cleo Baumann"
    email: str = "cleo@example.org"
    phone: str = "+41795550111"

    def opens_booking_page(self, business: str) -> None:
        self.go(f"/book/{business}")

    def chooses_service(self, name: str) -> None:
        self.page.get_by_role("link", name=name).click()
        self.page.locator("#month-name").wait_for()

    def chooses_day(self, start: datetime) -> None:
        """Choose the day of `start`, turning the calendar to its month."""
        month = self.page.locator("#month-name")
        while (shown := month.inner_text()) != f"{start:%B %Y}":
            self.page.locator("a[rel=next]").click()
            expect(month).not_to_have_text(shown)
        self.page.locator(f"table.month a[href*='{start:%Y-%m-%d}']").click()

    def offered(self, start: datetime) -> Locator:
        """The button of a start."""
        return self.page.locator(f"button.slot:has(time[datetime='{start:%Y-%m-%dT%H:%M:%SZ}'])")

    def chooses_time(self, start: datetime) -> None:
        self.offered(start).click()
        self.page.get_by_label("Your name").wait_for()

    def gives_details(self) -> None:
        self.page.get_by_label("Your name").fill(self.name)
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Mobile number").fill(self.phone)

    def books(self) -> None:
        self.press("Book this appointment")

    def books_at(self, business: str, service: str, start: datetime) -> None:
        """Book from the front page to the confirmation."""
        self.opens_booking_page(business)
        self.chooses_service(service)
        self.chooses_day(start)
        self.chooses_time(start)
        self.gives_details()
        self.books()
        self.sees("You are booked")

    def opens_link(self, address: str) -> None:
        self.page.goto(address)

    def passes_device_check(self) -> None:
        """See oneself, be heard by the meter, test the loudspeaker."""
        check = self.page.locator("device-check")
        check.locator("[data-device=microphone][data-state=ok]").wait_for()
        own = check.locator("video")
        soon(lambda: colour_seen(self.page, "device-check video") == self.identity.colour, "the own picture")
        expect(own).to_be_visible()
        expect(check.locator("[data-device=microphone] [role=status]")).to_contain_text(
            "hear you", ignore_case=True, timeout=PATIENCE
        )
        check.locator("[data-device=speaker] button").click()
        check.locator("[data-device=speaker][data-state=ok]").wait_for()

    def joins(self) -> None:
        self.page.locator("[data-check=join]:not([data-without])").click()

    def is_in_the_waiting_room(self) -> None:
        self.page.locator("waiting-status h1").wait_for()

    def waits_since(self) -> str:
        since = self.page.locator("waiting-status time").get_attribute("datetime")
        assert since
        return since

    def answers_survey(self, score: int, comment: str) -> None:
        self.page.locator(f"button[name=score][value='{score}']").first.click()
        self.page.get_by_label("Anything you would like to add?").fill(comment)
        self.press("Send")
        # What thanks for the score stands above already; this is said of the comment.
        self.page.get_by_text("Thank you for your answers. They are kept.").wait_for()


@dataclass
class Staff(Person):
    """Somebody who signs in."""

    email: str = ""
    password: str = ""

    def signs_in(self, to: str) -> None:
        """Sign in on the way to a page."""
        self.go(to)
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(self.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/signin" not in url)

    def chooses_password(self, address: str, password: str) -> None:
        """Open the link of an invitation and choose a password; that signs in."""
        self.page.goto(address)
        for field in self.page.locator("input[type=password]").all():
            field.fill(password)
        self.press("Save password")
        self.page.wait_for_url(lambda url: "/account/" not in url)
        self.password = password


@dataclass
class Manager(Staff):
    """Somebody who sets the business up, in the browser alone."""

    def saves(self, name: str, said: str) -> None:
        """Press a button that saves, and wait for the page to say so."""
        self.press(name)
        self.page.get_by_text(said).first.wait_for()

    def sets_weekday_hours(self, opens: str, closes: str) -> None:
        self.go("/manage/setup/hours")
        self.page.get_by_label("Monday, window 1, from").fill(opens)
        self.page.get_by_label("Monday, window 1, to").fill(closes)
        self.press("Copy Monday to Tuesday–Friday")
        expect(self.page.get_by_label("Friday, window 1, to")).to_have_value(closes)
        self.saves("Save the hours", "saved")

    def adds_provider(self, name: str, title: str) -> None:
        self.go("/manage/setup/new-provider")
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("What they do").fill(title)
        self.saves("Add the provider", "was added")

    def invites_provider(self, name: str, email: str) -> None:
        self.go("/manage/setup/providers")
        self.press(name, role="link")
        self.press("Sign-in", role="link")
        self.page.get_by_label("E-mail address").fill(email)
        self.saves("Send the invitation", "on its way")

    def adds_service(self, name: str, minutes: int) -> None:
        self.go("/manage/setup/new-service")
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("How long it takes").fill(str(minutes))
        self.page.get_by_label("Every provider offers it").check()
        self.saves("Add the service", "was added")

    def asks_after_visits(self, question: str) -> None:
        self.go("/manage/setup/survey/new")
        self.page.get_by_label("Question", exact=True).fill(question)
        self.saves("Save the question", "was saved")


@dataclass
class Provider(Staff):
    """Somebody who sees who waits, and meets them."""

    def opens_desk(self) -> None:
        self.go("/desk")
        self.page.locator("#desk-queue[data-live]").wait_for()

    def sees_waiting(self, name: str) -> Locator:
        """Wait until `name` stands in the queue; returns the card."""
        card = self.page.locator("#desk-queue li", has_text=name)
        card.wait_for()
        return card

    def title_says(self, words: str) -> None:
        soon(lambda: words in self.page.title(), f"{words!r} in the title of the desk")

    def writes_to_waiting(self, name: str, text: str) -> None:
        self.sees_waiting(name).locator("[data-desk=message]").click()
        self.page.locator("dialog[open] chat-panel textarea").wait_for()
        self.writes(text)
        self.page.locator("dialog[open] .bubble--own", has_text=text).wait_for()

    def closes_messages(self) -> None:
        self.page.locator("dialog[open] button", has_text="Close").click()

    def admits_and_joins(self, name: str) -> None:
        """One button: let the person in and go there."""
        self.sees_waiting(name).locator("[data-desk=join]").click()
        self.is_in_the_call()

    def turns_away(self, name: str, text: str) -> None:
        self.sees_waiting(name).locator("[data-desk=details]").click()
        self.page.locator("dialog[open] [data-desk=deny]").click()
        self.page.locator("#deny-text").fill(text)
        self.page.locator("[data-desk=deny-yes]").click()

    def ends_for_all(self) -> None:
        self.control("end").click()
        self.page.locator("[data-control=end-yes]").click()
