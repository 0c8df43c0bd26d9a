"""The official Java libraries as they come: one process walks through all, each test reads a part of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.acs import java
from tests.api.acs.sdk import Emulator, running_emulator
from tests.servers import run_module

pytestmark = pytest.mark.slow

OF = "solutions.bookingBusinesses"


@dataclass(frozen=True)
class Walked:
    """What the walk has seen, by part, and what the guide's example printed."""

    seen: dict[str, Any]
    example: list[str]
    emulator: Emulator

    def part(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.seen[name]
        assert "failed" not in found, found["failed"]
        return found


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    java.require_java()
    folder = tmp_path_factory.mktemp("java")
    with running_emulator(folder / "data") as emulator:
        resource, stranger = emulator.resource, emulator.stranger
        programs = java.built(
            folder,
            connection_string=resource.connection_string,
            endpoint=resource.endpoint,
            authority=resource.authority,
        )
        registered = run_module(
            "tests.api.graph.register_program", resource.slug, "Bookings.ReadWrite.All", data=folder / "data"
        )
        own = json.loads(registered.stdout)
        sign_in = (own["tenant"], own["client_id"], own["secret"])
        strings = (resource.connection_string, stranger.connection_string)
        seen = json.loads(programs.run("Walk", *strings, "+41445550100", *sign_in))
        yield Walked(seen, programs.run("First").splitlines(), emulator)


def refusal(told: dict[str, Any], status: int, code: str) -> bool:
    """Tell whether a step was refused so, in words that this library shows as they came."""
    return told["status"] == status and f'"code":"{code}"' in told["said"]


def test_the_program_of_the_guide_does_what_it_says(walk: Walked) -> None:
    room, *others = walk.example
    assert room.isdigit()
    assert others == ["true", "Succeeded"]
    written = [one for one in walk.emulator.server.outbox() if one["to"] == "jo@example.org"]
    assert [one["subject"] for one in written].count("Your results") == 1


@pytest.mark.shows("IdentityOperations_Create", by="java")
@pytest.mark.shows("IdentityOperations_IssueAccessToken", by="java")
@pytest.mark.shows("IdentityOperations_RevokeAccessTokens", by="java")
@pytest.mark.shows("IdentityOperations_Delete", by="java")
def test_identities_are_made_given_tokens_revoked_and_deleted(walk: Walked) -> None:
    seen = walk.part("identity")
    assert seen["id"].startswith("8:acs:")
    assert (seen["minutes"], seen["threads"], seen["both"]) == (60, 0, True)
    assert refusal(seen["revoked"], 401, "Unauthorized")
    assert refusal(seen["tooShort"], 400, "BadRequest")
    assert refusal(seen["foreign"], 404, "NotFound")
    assert refusal(seen["deleted"], 404, "NotFound")
    assert refusal(seen["wrongKey"], 401, "Denied")


@pytest.mark.shows("Rooms_Create", by="java")
@pytest.mark.shows("Rooms_Get", by="java")
@pytest.mark.shows("Rooms_List", by="java")
@pytest.mark.shows("Rooms_Update", by="java")
@pytest.mark.shows("Rooms_Delete", by="java")
@pytest.mark.shows("Participants_List", by="java")
@pytest.mark.shows("Participants_Update", by="java")
def test_rooms_are_made_changed_filled_and_deleted(walk: Walked) -> None:
    seen = walk.part("rooms")
    assert seen["id"].isdigit()
    assert (seen["same"], seen["kept"], seen["moved"]) == (True, True, 3600)
    assert seen["roles"] == {"ben": "Consumer", "cleo": "Attendee"}
    assert seen["listed"]
    assert refusal(seen["foreign"], 404, "NotFound")
    assert refusal(seen["deleted"], 404, "NotFound")


@pytest.mark.shows("Chat_CreateChatThread", by="java")
@pytest.mark.shows("Chat_ListChatThreads", by="java")
@pytest.mark.shows("Chat_DeleteChatThread", by="java")
@pytest.mark.shows("ChatThread_GetChatThreadProperties", by="java")
@pytest.mark.shows("ChatThread_UpdateChatThreadProperties", by="java")
@pytest.mark.shows("ChatThread_SendChatMessage", by="java")
@pytest.mark.shows("ChatThread_ListChatMessages", by="java")
@pytest.mark.shows("ChatThread_GetChatMessage", by="java")
@pytest.mark.shows("ChatThread_UpdateChatMessage", by="java")
@pytest.mark.shows("ChatThread_DeleteChatMessage", by="java")
@pytest.mark.shows("ChatThread_ListChatParticipants", by="java")
@pytest.mark.shows("ChatThread_AddChatParticipants", by="java")
@pytest.mark.shows("ChatThread_RemoveChatParticipant", by="java")
@pytest.mark.shows("ChatThread_SendTypingNotification", by="java")
@pytest.mark.shows("ChatThread_SendChatReadReceipt", by="java")
@pytest.mark.shows("ChatThread_ListChatReadReceipts", by="java")
def test_people_talk_in_a_thread(walk: Walked) -> None:
    seen = walk.part("chat")
    assert (seen["topic"], seen["by"], seen["renamed"]) == ("Visit", True, "Results")
    assert seen["said"] == ["Hello", "Ada", "text", {"tags": "x"}]
    assert (seen["sender"], seen["edited"]) == (True, ["Good morning", True])
    assert (seen["markup"], seen["deleted"]) == ("<b>bold</b>", True)
    assert seen["receipts"] == [[True, True, True]]
    assert seen["inside"] == ["Ada", "Ben", "Guest"]
    assert seen["types"][:2] == ["participantRemoved", "participantAdded"], "the newest comes first"
    assert (seen["types"].count("text"), seen["types"].count("html")) == (1, 1), "page after page, also what is deleted"
    assert (seen["initiator"], seen["whoLeft"]) == (True, "Guest")
    assert seen["listed"] == [True]
    assert refusal(seen["gone"], 403, "Forbidden")


def test_only_who_may_speaks_and_only_authors_change_their_words(walk: Walked) -> None:
    seen = walk.part("chat")
    for step in ("onlyOwn", "limited", "out"):
        assert refusal(seen[step], 403, "Forbidden"), step
    assert seen["seen"] == ["participantAdded"], "who comes later reads nothing of before"


@pytest.mark.shows("Sms_Send", by="java")
def test_a_text_goes_out_and_a_bad_number_fails_alone(walk: Walked) -> None:
    seen = walk.part("sms")
    good, bad = seen["results"]
    assert (good["successful"], good["status"], good["named"]) == (True, 202, True)
    assert (bad["successful"], bad["status"], bad["named"]) == (False, 400, False)
    assert seen["alone"]


@pytest.mark.shows("Email_Send", by="java")
@pytest.mark.shows("Email_GetSendResult", by="java")
def test_a_mail_goes_out_and_its_poller_ends(walk: Walked) -> None:
    done = {"polled": "SUCCESSFULLY_COMPLETED", "status": "Succeeded", "id": True, "error": None}
    assert walk.part("email") == done


@pytest.mark.shows("solutions.ListBookingBusinesses", by="java")
@pytest.mark.shows(f"{OF}.ListServices", by="java")
@pytest.mark.shows(f"{OF}.GetServices", by="java")
@pytest.mark.shows(f"{OF}.bookingBusiness.getStaffAvailability", by="java")
@pytest.mark.shows(f"{OF}.CreateCustomers", by="java")
@pytest.mark.shows(f"{OF}.GetCustomers", by="java")
@pytest.mark.shows(f"{OF}.UpdateCustomers", by="java")
@pytest.mark.shows(f"{OF}.CreateAppointments", by="java")
@pytest.mark.shows(f"{OF}.GetAppointments", by="java")
@pytest.mark.shows(f"{OF}.UpdateAppointments", by="java")
@pytest.mark.shows(f"{OF}.DeleteAppointments", by="java")
@pytest.mark.shows(f"{OF}.ListCalendarView", by="java")
@pytest.mark.shows(f"{OF}.bookingBusiness.appointments.bookingAppointment.cancel", by="java")
def test_a_program_signs_in_books_moves_and_cancels(walk: Walked) -> None:
    seen = walk.part("bookings")
    assert (seen["business"], seen["customer"]) == ("Lakeside Clinic", ["Joni S.", "jonis@relecloud.example"])
    assert (seen["booked"], seen["duration"], seen["shown"]) == ([True, 1], True, True)
    assert seen["pages"], "a page is asked for by the link of the one before"
    assert seen["taken"]["status"] == 409
    assert seen["moved"] == [True, "Bring the report."]
    assert seen["afterwards"] == []
    assert seen["gone"] == {"status": 404, "said": "ErrorItemNotFound"}
