"""A room that the official SDK made, in real browsers: two come by their links, staff let them in, one comes again."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from azure.communication.rooms import CommunicationUserIdentifier, ParticipantRole, RoomParticipant, RoomsClient
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator
from tests.chromium import PATIENCE
from tests.e2e.accessible import look_at
from tests.e2e.relay import STATIC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (STATIC / "manifest.json").exists(), reason="the front end is not built: script/bootstrap"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("rooms")) as running:
        yield running


@contextmanager
def somebody(chromium: Browser, size: ViewportSize = PHONE) -> Iterator[Page]:
    """A page of a person with camera and microphone."""
    context = chromium.new_context(viewport=size, permissions=["camera", "microphone"], locale="en-GB")
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


@dataclass(frozen=True)
class Room:
    """A room with its people by their raw ids, and the addresses by which they come."""

    id: str
    people: Sequence[str]
    addresses: Sequence[str]


def room_for(emulator: Emulator, *names: str) -> Room:
    """A fresh room for people of these names; "" for who was given none."""
    one = emulator.resource
    made = [one.ask("POST", f"/identities?api-version={VERSIONS['identities']}", {}).json() for _name in names]
    people = [str(each["identity"]["id"]) for each in made]
    invited = [
        RoomParticipant(communication_identifier=CommunicationUserIdentifier(raw), role=ParticipantRole.COLLABORATOR)
        for raw in people
    ]
    room = RoomsClient.from_connection_string(one.connection_string).create_room(participants=invited)
    version = f"api-version={VERSIONS['rooms']}"
    paths = [f"/rooms/{room.id}/participants/{quote(raw, safe='')}/:issueVisitLink?{version}" for raw in people]
    asked = [one.ask("POST", path, {"displayName": name}) for path, name in zip(paths, names, strict=True)]
    return Room(room.id, people, [str(answer.json()["url"]) for answer in asked])


def sign_in(page: Page, emulator: Emulator) -> None:
    facts: dict[str, Any] = json.loads((emulator.server.data / "demo.json").read_text("utf-8"))
    account = next(one for one in facts["accounts"] if one["role"] == "manager")
    page.goto(f"{emulator.server.origin}/signin")
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("link", name="Desk").first).to_be_visible()
    page.goto(f"{emulator.server.origin}/desk")


def waits(page: Page) -> None:
    page.get_by_role("button", name="Go to the waiting room").click()
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()


def is_in_the_call(page: Page) -> None:
    expect(page.locator("call-controls")).to_be_visible()


def test_two_people_come_to_a_room_by_their_links_and_staff_let_them_in(chromium: Browser, emulator: Emulator) -> None:
    room = room_for(emulator, "Ada Ng", "")
    first, second = room.addresses
    with somebody(chromium) as ada, somebody(chromium) as bo, somebody(chromium, DESKTOP) as staff:
        bo.goto(second)
        expect(bo.get_by_role("heading", name="What is your name?")).to_be_visible()
        look_at(bo, "room: asked for a name")
        bo.get_by_role("button", name="Go on to the waiting room").click()
        expect(bo.locator("#error-summary")).to_be_visible()
        bo.get_by_label("Your name").fill("Bo Lind")
        bo.get_by_role("button", name="Go on to the waiting room").click()
        ada.goto(first)
        for page in (ada, bo):
            waits(page)
        sign_in(staff, emulator)
        row = staff.locator(".queue-card", has_text="Ada Ng, Bo Lind")
        expect(row.get_by_text("Room", exact=True)).to_be_visible()
        look_at(staff, "desk with a room")
        row.locator("[data-desk=join]").click()
        for page in (staff, ada, bo):
            is_in_the_call(page)
        gone = CommunicationUserIdentifier(room.people[1])
        client = RoomsClient.from_connection_string(emulator.resource.connection_string)
        client.remove_participants(room_id=room.id, participants=[gone])
        expect(bo.get_by_role("heading", name="You were taken out of the visit")).to_be_visible()
        staff.locator("call-controls [data-control=end]").click()
        staff.locator("[data-control=end-yes]").click()
        expect(ada.get_by_role("heading", name="The visit is over")).to_be_visible()
        ada.goto(first)  # another day
        waits(ada)
        staff.goto(f"{emulator.server.origin}/desk")
        expect(staff.locator(".queue-card", has_text="Ada Ng")).to_be_visible()
