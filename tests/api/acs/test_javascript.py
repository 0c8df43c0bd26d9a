"""The five official packages under Node, as they come: one process walks through all, each test reads a part of it."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.api.acs.javascript import packages
from tests.api.acs.sdk import Emulator, running_emulator
from tests.servers import ROOT

pytestmark = pytest.mark.slow

UNAUTHORIZED = {"status": 401, "code": "Unauthorized", "name": "RestError"}
FORBIDDEN = {"status": 403, "code": "Forbidden", "name": "RestError"}
NOT_FOUND = {"status": 404, "code": "NotFound", "name": "RestError"}


def walked(emulator: Emulator) -> dict[str, Any]:
    strings = [emulator.resource.connection_string, emulator.stranger.connection_string]
    words = ["node", "tests/sdk/walk.mjs", str(packages()), *strings, "+41445550100"]
    trusting = {**os.environ, "NODE_EXTRA_CA_CERTS": str(emulator.resource.authority)}
    done = subprocess.run(words, cwd=ROOT, env=trusting, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    packages()
    with running_emulator(tmp_path_factory.mktemp("walk")) as emulator:
        return walked(emulator)


def part(walk: dict[str, Any], name: str) -> dict[str, Any]:
    seen: dict[str, Any] = walk[name]
    assert "failed" not in seen, seen["failed"]
    return seen


@pytest.mark.shows("IdentityOperations_Create", by="javascript")
@pytest.mark.shows("IdentityOperations_IssueAccessToken", by="javascript")
@pytest.mark.shows("IdentityOperations_RevokeAccessTokens", by="javascript")
@pytest.mark.shows("IdentityOperations_Delete", by="javascript")
def test_identities_are_made_given_tokens_revoked_and_deleted(walk: dict[str, Any]) -> None:
    seen = part(walk, "identity")
    assert seen["id"].startswith("8:acs:")
    assert seen["minutes"] == 60
    assert seen["both"]
    assert seen["revoked"] == UNAUTHORIZED
    assert seen["tooShort"]["status"] == 400
    assert (seen["foreign"], seen["deleted"]) == (NOT_FOUND, NOT_FOUND)
    assert (seen["wrongKey"]["status"], seen["wrongKey"]["code"]) == (401, "Denied")


@pytest.mark.shows("Rooms_Create", by="javascript")
@pytest.mark.shows("Rooms_Get", by="javascript")
@pytest.mark.shows("Rooms_List", by="javascript")
@pytest.mark.shows("Rooms_Update", by="javascript")
@pytest.mark.shows("Rooms_Delete", by="javascript")
@pytest.mark.shows("Participants_List", by="javascript")
@pytest.mark.shows("Participants_Update", by="javascript")
def test_rooms_are_made_changed_filled_and_deleted(walk: dict[str, Any]) -> None:
    seen = part(walk, "rooms")
    assert seen["id"].isdigit()
    assert (seen["same"], seen["kept"], seen["moved"]) == (True, True, 3600_000)
    assert seen["roles"] == {"ben": "Consumer", "cleo": "Collaborator"}
    assert seen["listed"]
    assert (seen["foreign"], seen["deleted"]) == (NOT_FOUND, NOT_FOUND)


@pytest.mark.shows("Chat_CreateChatThread", by="javascript")
@pytest.mark.shows("Chat_ListChatThreads", by="javascript")
@pytest.mark.shows("Chat_DeleteChatThread", by="javascript")
@pytest.mark.shows("ChatThread_GetChatThreadProperties", by="javascript")
@pytest.mark.shows("ChatThread_UpdateChatThreadProperties", by="javascript")
@pytest.mark.shows("ChatThread_SendChatMessage", by="javascript")
@pytest.mark.shows("ChatThread_ListChatMessages", by="javascript")
@pytest.mark.shows("ChatThread_GetChatMessage", by="javascript")
@pytest.mark.shows("ChatThread_UpdateChatMessage", by="javascript")
@pytest.mark.shows("ChatThread_DeleteChatMessage", by="javascript")
@pytest.mark.shows("ChatThread_ListChatParticipants", by="javascript")
@pytest.mark.shows("ChatThread_AddChatParticipants", by="javascript")
@pytest.mark.shows("ChatThread_RemoveChatParticipant", by="javascript")
@pytest.mark.shows("ChatThread_SendTypingNotification", by="javascript")
@pytest.mark.shows("ChatThread_SendChatReadReceipt", by="javascript")
@pytest.mark.shows("ChatThread_ListChatReadReceipts", by="javascript")
def test_people_talk_in_a_thread(walk: dict[str, Any]) -> None:
    seen = part(walk, "chat")
    assert seen["said"] == ["Hello", "Ada", "text", {"tags": "x"}]
    assert seen["edited"] == ["Good morning", True]
    assert (seen["markup"], seen["gone"]) == ("<b>bold</b>", [True, None])
    assert seen["receipts"] == [[True, True]]
    assert (seen["topic"], seen["properties"]) == ("Visit", ["Results", {"a": "c"}])
    assert seen["inside"] == ["Ada", "Ben", "Guest"]
    assert seen["types"][0] == "participantRemoved", "the newest comes first"
    assert seen["types"].count("text") == 1
    assert seen["listed"] == [True]


def test_only_who_may_speaks_and_only_authors_change_their_words(walk: dict[str, Any]) -> None:
    seen = part(walk, "chat")
    assert (seen["onlyOwn"], seen["limited"], seen["out"]) == (FORBIDDEN, FORBIDDEN, FORBIDDEN)
    assert seen["seen"] == ["participantAdded"], "who comes later reads nothing of before"


def test_under_node_the_package_itself_knows_no_real_time(walk: dict[str, Any]) -> None:
    assert part(walk, "chat")["realtime"] == "Error"


@pytest.mark.shows("Sms_Send", by="javascript")
def test_a_text_goes_out_and_a_bad_number_fails_alone(walk: dict[str, Any]) -> None:
    good, bad = part(walk, "sms")["results"]
    assert (good["successful"], good["httpStatusCode"], good["named"]) == (True, 202, True)
    assert (bad["successful"], bad["httpStatusCode"], bad["named"]) == (False, 400, False)


@pytest.mark.shows("Email_Send", by="javascript")
@pytest.mark.shows("Email_GetSendResult", by="javascript")
def test_a_mail_goes_out_and_its_poller_ends(walk: dict[str, Any]) -> None:
    assert part(walk, "email") == {"status": "Succeeded", "id": True, "error": None}
