"""Bookings, Teams and our pages together: set up in the office, then a visit, with changes on both sides.

Microsoft is the stand-in that holds every request to its description; its cloud was never asked.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.letters import link_in, soon, text_of
from tests.e2e.people import Consumer, Manager, Provider
from tests.e2e.practice import PROVIDER, found_practice
from tests.e2e.proof_media import RED
from tests.e2e.surroundings import DESKTOP, MONDAY, PHONE, NewConsumer, Practice, at_browser, surroundings
from tests.integrations.microsoft_bookings import Bookings, Office, bookings
from tests.integrations.microsoft_meetings import Meetings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADA = "ada@practice.example"
THERE = "HarbourPractice@clinic.example"
SERVICE = "Consultation by video"


@dataclass
class Tenant:
    """A practice, and the tenant of Microsoft 365 its staff work in."""

    practice: Practice
    there: Bookings
    office: Office
    meetings: Meetings
    service: str
    staff: str

    @property
    def booked(self) -> list[Any]:
        """What stands in Bookings."""
        return self.office.appointments()

    def starts(self) -> list[str]:
        """When appointments in Bookings begin, to the minute, in UTC."""
        return [str(one["startDateTime"]["dateTime"])[:16] for one in self.booked]

    def some_minutes_later(self, minutes: int = 4) -> None:
        """Let the product's clock go on, so that Bookings is read again."""
        self.practice.around.server.move_clock(advance_seconds=minutes * 60)


@pytest.fixture
def tenant(media: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    folder = tmp_path_factory.mktemp("hybrid")
    accounts = found_practice(folder)
    with ExitStack() as stack:
        there = stack.enter_context(bookings())
        meetings = Meetings(people={ADA})
        there.cloud.parts.append(meetings)
        zone = {"businessTimeZone": "W. Europe Standard Time"}
        office = there.opens(THERE, "Harbour Practice", bookingPageSettings=zone)
        staff = office.has_staff(PROVIDER, ADA, timeZone="W. Europe Standard Time")
        service = office.has_service(SERVICE, (staff,))
        around = stack.enter_context(surroundings(folder, GATEWAY_HOSTS="127.0.0.1"))
        practice = Practice(around, accounts)
        around.set_clock(MONDAY)
        yield Tenant(practice, there, office, meetings, service, staff)


@pytest.fixture
def mara(tenant: Tenant, red: Browser) -> Iterator[Manager]:
    yield from signed_in(tenant.practice, red, Manager, "manager", "/manage")


@pytest.fixture
def ada(tenant: Tenant, red: Browser) -> Iterator[Provider]:
    yield from signed_in(tenant.practice, red, Provider, "provider", "/desk")


def signed_in(practice: Practice, browser: Browser, kind: Any, who: str, to: str) -> Iterator[Any]:
    with at_browser(browser, DESKTOP) as page:
        person = kind(page, practice.around.origin, RED, **practice.accounts[who])
        person.signs_in(to)
        yield person


def connects_microsoft(mara: Manager, tenant: Tenant) -> None:
    mara.go("/manage/setup/accounts/microsoft365")
    page = mara.page
    page.get_by_text("Other clouds").click()
    for name, value in tenant.there.cloud.access.items():
        field = page.locator(f"form [name={name}]")
        if name == "cloud":
            field.select_option(value)
        else:
            field.fill(value)
    mara.saves("Test and set up", "is set up")


def brings_over(mara: Manager) -> None:
    mara.go("/manage/setup/bookings/choose")
    mara.page.locator(".lines > li", has_text=THERE).get_by_role("button").click()
    mara.page.get_by_text("Nothing is imported yet.").wait_for()
    mara.go("/manage/setup/bookings/import")
    mara.page.get_by_role("button", name="Import", exact=True).click()
    mara.page.get_by_role("link", name="Look at your services").wait_for()


def works_hybrid(mara: Manager) -> None:
    mara.go("/manage/setup/ways/like/hybrid")
    mara.saves("Use what is possible now", "Saved.")
    rows = mara.page.locator(".matrix > li")
    expect(rows.nth(0)).to_contain_text("Microsoft Bookings")
    expect(rows.nth(2)).to_contain_text("Microsoft Teams")
    expect(rows.nth(5)).to_contain_text("Teams on the web")


def test_staff_keep_bookings_and_teams_and_consumers_have_our_pages(
    tenant: Tenant, mara: Manager, ada: Provider, new_consumer: NewConsumer
) -> None:
    around = tenant.practice.around
    connects_microsoft(mara, tenant)
    brings_over(mara)
    works_hybrid(mara)

    cleo = new_consumer(around, viewport=PHONE)
    books(cleo, tenant, tenant.practice.at(10, days=2))
    soon(lambda: tenant.starts() == ["2030-01-16T09:00"], "the appointment in Bookings")
    soon(lambda: [held[:2] for held in tenant.meetings.held()] == [(ADA, "2030-01-16T09:00")], "a meeting in Teams")
    visit = link_in(text_of(around.letter(cleo.email, "booked")), "visit")
    assert "teams.microsoft" not in text_of(around.letter(cleo.email, "booked"))

    moved_there(tenant, cleo)
    booked_there(tenant, mara)
    meets(tenant, ada, cleo, visit)


def books(cleo: Consumer, tenant: Tenant, start: datetime) -> None:
    cleo.books_at(tenant.practice.slug, SERVICE, start)


def moved_there(tenant: Tenant, cleo: Consumer) -> None:
    """Somebody moves the appointment in Bookings: minutes later it is moved here, in Teams, and the consumer knows."""
    (one,) = tenant.booked
    tenant.office.moves(one["id"], "2030-01-16T13:00")
    tenant.some_minutes_later()
    letter = tenant.practice.around.letter(cleo.email, "moved")
    assert "14:00" in text_of(letter), "in the practice's clock"
    soon(lambda: [held[1] for held in tenant.meetings.held()] == ["2030-01-16T13:00"], "the meeting at the new time")
    assert tenant.starts() == ["2030-01-16T13:00"], "moved once"


def booked_there(tenant: Tenant, mara: Manager) -> None:
    """What staff book in Bookings stands here too, with a meeting and our messages; called off there, it goes."""
    around = tenant.practice.around
    made = tenant.office.books(tenant.service, tenant.staff, "2030-01-17T09:00", name="Jordan Lee")
    tenant.some_minutes_later()
    assert link_in(text_of(around.letter("jordan@home.example", "booked")), "visit")
    soon(lambda: len(tenant.meetings.held()) == 2, "a meeting for it")
    mara.go("/manage/appointments")
    expect(mara.page.locator("main")).to_contain_text("Jordan Lee")
    tenant.office.cancels(made)
    tenant.some_minutes_later()
    around.letter("jordan@home.example", "cancelled")
    soon(lambda: len(tenant.meetings.held()) == 1, "no meeting for it")


def meets(tenant: Tenant, ada: Provider, cleo: Consumer, visit: str) -> None:
    tenant.practice.around.set_clock(tenant.practice.at(13, 55, days=2))
    cleo.opens_link(visit)
    cleo.joins()
    cleo.is_in_the_waiting_room()
    assert "teams.microsoft" not in cleo.page.content(), "an address was given away before anybody was let in"
    ada.opens_desk()
    ada.sees_waiting(cleo.name).locator("[data-desk=join]").click()
    (meeting,) = tenant.meetings.live.values()
    way = cleo.page.locator("[data-elsewhere-open]")
    way.wait_for()
    expect(way).to_have_attribute("href", re.compile(re.escape(meeting["joinWebUrl"].partition("?")[0])))
    expect(ada.page.locator("[data-elsewhere-open]")).to_have_attribute("target", "_blank")
    cleo.writes("I am in.")
    ada.reads("I am in.")
