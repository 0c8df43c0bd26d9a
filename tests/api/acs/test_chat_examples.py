"""The official examples of chat, asked of us with our own names in the place of theirs."""

import json
from typing import Any

import pytest

from tests.api.acs.talk import Inside, inside, resource_of
from tests.factories import make_business
from tests.integrations.acs_contract import HOME, require_descriptions
from vestibule.people import rates

pytestmark = pytest.mark.django_db
JANE, ALEX, BOB, PETER = "c94ff260", "0e59221d", "a34d2d65", "f6762773"


@pytest.fixture
def people() -> dict[str, Inside]:
    """Jane and Alex of one resource, Bob of another; Peter is nobody."""
    require_descriptions()
    rates.forget_all()
    ours, others = resource_of(make_business()), resource_of(make_business())
    return {JANE: inside(ours), ALEX: inside(ours), BOB: inside(others)}


def example(name: str) -> Any:
    return json.loads((HOME / "examples" / "chat" / f"{name}.json").read_text("utf-8"))


def renamed(value: Any, people: dict[str, Inside]) -> Any:
    """Put our people's names in the place of the example's."""
    if isinstance(value, dict):
        return {name: renamed(one, people) for name, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, people) for one in value]
    if isinstance(value, str) and value.startswith("8:acs:"):
        guid = value.rpartition("_")[2]
        nobody = f"{people[JANE].id.rpartition('_')[0]}_{guid}"
        return next((one.id for start, one in people.items() if guid.startswith(start)), nobody)
    return value


def test_a_thread_is_begun_as_in_the_example(people: dict[str, Inside]) -> None:
    shown = example("Threads_CreateChatThread")
    made = people[JANE].ask("POST", "/chat/threads", renamed(shown["parameters"]["createChatThreadRequest"], people))
    expected = renamed(shown["responses"]["201"]["body"], people)
    for own in ("id", "createdOn"):
        expected["chatThread"][own] = made.body["chatThread"][own]
    named = expected["chatThread"]["createdByCommunicationIdentifier"]
    expected["chatThread"]["createdByCommunicationIdentifier"] = {"kind": "communicationUser", **named}
    assert made.body == expected


def test_messages_receipts_and_pages_are_as_in_the_examples(people: dict[str, Inside]) -> None:
    jane, alex = people[JANE], people[ALEX]
    thread = jane.begin("Lunch", alex)
    message = example("Messages_SendChatMessage")
    sent = jane.ask("POST", f"{thread}/messages", message["parameters"]["sendChatMessageRequest"])
    assert (sent.status, set(sent.body)) == (201, set(message["responses"]["201"]["body"]))
    receipt = example("Conversations_SendChatReadReceipt")["parameters"]["sendReadReceiptRequest"]
    assert alex.ask("POST", f"{thread}/readReceipts", receipt | {"chatMessageId": sent.body["id"]}).status == 200
    listed = example("Messages_ListChatMessagesWithPageSize")
    page = alex.ask("GET", f"{thread}/messages?maxPageSize={listed['parameters']['maxPageSize']}").body
    theirs = {one["type"]: one for one in listed["responses"]["200"]["body"]["value"]}
    for one in page["value"]:
        assert set(one) - {"metadata"} == set(theirs[one["type"]]) - {"metadata"}
        assert set(one["content"]) == set(theirs[one["type"]]["content"])
    shown = example("Participants_ListChatParticipantsWithPageSize")
    people_page = alex.ask("GET", f"{thread}/participants?maxPageSize=1").body
    assert set(people_page) == set(shown["responses"]["200"]["body"])
    assert set(people_page["value"][0]) == set(shown["responses"]["200"]["body"]["value"][0])
