"""Chat by the official SDKs of Python, as they come, against a running server."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.communication.chat import ChatMessageType, ChatParticipant
from azure.communication.chat.aio import ChatThreadClient as AsyncThreadClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from tests.api.acs.office_by_http import office_of
from tests.api.acs.sdk import Emulator, running_emulator
from tests.api.acs.talk import Person, person
from tests.integrations.acs_contract import require_descriptions
from tests.integrations.event_receiver import event_receiver
from vestibule.store.certificates import Files

pytestmark = pytest.mark.slow

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    require_descriptions()
    with running_emulator(tmp_path_factory.mktemp("chat")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(emulator: Emulator) -> Person:
    return person(emulator.resource)


@pytest.fixture(scope="module")
def bo(emulator: Emulator) -> Person:
    return person(emulator.resource)


def begun(ada: Person, *others: ChatParticipant, topic: str = "Lunch") -> tuple[Any, Any]:
    client = ada.client()
    made = client.create_chat_thread(topic, thread_participants=list(others))
    assert made.chat_thread is not None
    assert not made.errors
    return client, client.get_chat_thread_client(made.chat_thread.id)


@pytest.mark.shows("Chat_CreateChatThread", by="python")
@pytest.mark.shows("ChatThread_GetChatThreadProperties", by="python")
@pytest.mark.shows("ChatThread_UpdateChatThreadProperties", by="python")
@pytest.mark.shows("Chat_ListChatThreads", by="python")
@pytest.mark.shows("Chat_DeleteChatThread", by="python")
def test_a_thread_is_begun_found_renamed_and_deleted(ada: Person, bo: Person) -> None:
    client, thread = begun(ada, ChatParticipant(identifier=bo.identifier, display_name="Bo"))
    thread.update_topic(topic="Dinner")
    assert thread.get_properties().topic == "Dinner"
    assert [one.topic for one in bo.client().list_chat_threads() if one.id == thread.thread_id] == ["Dinner"]
    client.delete_chat_thread(thread.thread_id)
    (gone,) = [one for one in client.list_chat_threads(results_per_page=1) if one.id == thread.thread_id]
    assert gone.deleted_on is not None


def test_the_same_idempotency_token_begins_one_thread(ada: Person) -> None:
    client = ada.client()
    made = [client.create_chat_thread("Once", idempotency_token="0f6a0b1e-7c1f-4f0a").chat_thread for _ in range(2)]
    assert made[0].id == made[1].id


@pytest.mark.shows("ChatThread_SendChatMessage", by="python")
@pytest.mark.shows("ChatThread_GetChatMessage", by="python")
@pytest.mark.shows("ChatThread_ListChatMessages", by="python")
@pytest.mark.shows("ChatThread_UpdateChatMessage", by="python")
@pytest.mark.shows("ChatThread_DeleteChatMessage", by="python")
def test_messages_are_sent_read_changed_and_taken_back(ada: Person, bo: Person) -> None:
    _client, thread = begun(ada, ChatParticipant(identifier=bo.identifier))
    theirs = bo.client().get_chat_thread_client(thread.thread_id)
    sent = [
        thread.send_message(f"message {number}", sender_display_name="Ada", metadata={"n": str(number)}).id
        for number in range(3)
    ]
    html = thread.send_message("<b>bold</b><script>x</script>", chat_message_type=ChatMessageType.HTML).id
    assert theirs.get_message(html).content.message == "<b>bold</b>"
    read = [one for one in theirs.list_messages(results_per_page=2) if one.type == ChatMessageType.TEXT]
    assert [one.id for one in read] == sent[::-1]
    assert (read[0].sender_display_name, read[0].metadata) == ("Ada", {"n": "2"})
    thread.update_message(sent[0], content="changed")
    assert theirs.get_message(sent[0]).edited_on is not None
    thread.delete_message(sent[1])
    gone = theirs.get_message(sent[1])
    assert gone.deleted_on is not None
    assert not any(vars(gone.content).values()), "libraries read its content, and it says nothing"
    with pytest.raises(HttpResponseError) as refused:
        theirs.update_message(sent[0], content="not mine")
    assert (refused.value.status_code, "Only who wrote a message" in refused.value.message) == (403, True)


@pytest.mark.shows("ChatThread_AddChatParticipants", by="python")
@pytest.mark.shows("ChatThread_ListChatParticipants", by="python")
@pytest.mark.shows("ChatThread_RemoveChatParticipant", by="python")
def test_people_are_added_with_history_listed_and_removed(emulator: Emulator, ada: Person, bo: Person) -> None:
    _client, thread = begun(ada)
    first = thread.send_message("before").id
    stranger = person(emulator.stranger)
    refused = thread.add_participants(
        [
            ChatParticipant(identifier=bo.identifier, share_history_time=LONG_AGO),
            ChatParticipant(identifier=stranger.identifier),
        ]
    )
    assert [(one.identifier.raw_id, error.code) for one, error in refused] == [(stranger.id, "403")]
    assert [one.identifier.raw_id for one in thread.list_participants(results_per_page=1)] == [ada.id, bo.id]
    theirs = bo.client().get_chat_thread_client(thread.thread_id)
    assert theirs.get_message(first).content.message == "before"
    thread.remove_participant(bo.identifier)
    with pytest.raises(HttpResponseError) as gone:
        theirs.send_message("still here")
    assert gone.value.status_code == 403
    assert theirs.get_message(first).content.message == "before"


@pytest.mark.shows("ChatThread_SendTypingNotification", by="python")
@pytest.mark.shows("ChatThread_SendChatReadReceipt", by="python")
@pytest.mark.shows("ChatThread_ListChatReadReceipts", by="python")
def test_who_reads_and_writes_is_shown(ada: Person, bo: Person) -> None:
    _client, thread = begun(ada, ChatParticipant(identifier=bo.identifier))
    theirs = bo.client().get_chat_thread_client(thread.thread_id)
    message = thread.send_message("Hello").id
    theirs.send_typing_notification(sender_display_name="Bo")
    theirs.send_read_receipt(message)
    (receipt,) = thread.list_read_receipts()
    assert (receipt.sender.raw_id, receipt.chat_message_id) == (bo.id, message)
    assert abs(receipt.read_on - datetime.now(UTC)) < timedelta(hours=1)


@pytest.mark.shows("Chat_CreateChatThread", by="python-aio")
@pytest.mark.shows("Chat_ListChatThreads", by="python-aio")
@pytest.mark.shows("Chat_DeleteChatThread", by="python-aio")
@pytest.mark.shows("ChatThread_SendChatMessage", by="python-aio")
@pytest.mark.shows("ChatThread_ListChatMessages", by="python-aio")
@pytest.mark.shows("ChatThread_GetChatMessage", by="python-aio")
@pytest.mark.shows("ChatThread_UpdateChatMessage", by="python-aio")
@pytest.mark.shows("ChatThread_DeleteChatMessage", by="python-aio")
@pytest.mark.shows("ChatThread_AddChatParticipants", by="python-aio")
@pytest.mark.shows("ChatThread_ListChatParticipants", by="python-aio")
@pytest.mark.shows("ChatThread_RemoveChatParticipant", by="python-aio")
@pytest.mark.shows("ChatThread_SendTypingNotification", by="python-aio")
@pytest.mark.shows("ChatThread_SendChatReadReceipt", by="python-aio")
@pytest.mark.shows("ChatThread_ListChatReadReceipts", by="python-aio")
@pytest.mark.shows("ChatThread_GetChatThreadProperties", by="python-aio")
@pytest.mark.shows("ChatThread_UpdateChatThreadProperties", by="python-aio")
def test_the_asynchronous_sdk_does_all_of_it(ada: Person, bo: Person) -> None:
    asyncio.run(_walk(ada, bo))


async def _walk(ada: Person, bo: Person) -> None:
    async with ada.async_client() as mine, bo.async_client() as other:
        made = await mine.create_chat_thread("Lunch", thread_participants=[])
        thread = mine.get_chat_thread_client(made.chat_thread.id)
        assert not await thread.add_participants([ChatParticipant(identifier=bo.identifier)])
        theirs = other.get_chat_thread_client(thread.thread_id)
        async with thread, theirs:
            await _talk(thread, theirs, bo)
        await mine.delete_chat_thread(made.chat_thread.id)
        assert [one.id async for one in other.list_chat_threads() if one.id == made.chat_thread.id] == []


async def _talk(thread: AsyncThreadClient, theirs: AsyncThreadClient, bo: Person) -> None:
    sent = [(await thread.send_message(text)).id for text in ("one", "two", "three")]
    await thread.update_message(sent[0], content="changed")
    await thread.delete_message(sent[1])
    read = [one async for one in theirs.list_messages(results_per_page=2) if one.type == ChatMessageType.TEXT]
    assert [one.content.message if one.content else None for one in read] == ["three", None, "changed"]
    await theirs.send_typing_notification()
    await theirs.send_read_receipt(sent[2])
    assert [one.chat_message_id async for one in thread.list_read_receipts()] == [sent[2]]
    await thread.update_topic("Dinner")
    assert (await theirs.get_properties()).topic == "Dinner"
    assert (await theirs.get_message(sent[0])).content.message == "changed"
    assert len([one async for one in thread.list_participants()]) == 2
    await thread.remove_participant(bo.identifier)


def test_a_token_without_the_scope_and_one_that_is_none_are_refused(emulator: Emulator, ada: Person) -> None:
    limited = person(emulator.resource, "chat.join.limited")
    with pytest.raises(HttpResponseError) as refused:
        limited.client().create_chat_thread("Mine")
    assert refused.value.status_code == 403
    caller = person(emulator.resource, "voip")
    with pytest.raises(HttpResponseError) as refused:
        list(caller.client().list_chat_threads())
    assert refused.value.status_code == 403
    forged = Person(ada.id, f"{ada.token[:-6]}AAAAAA", ada.endpoint)
    with pytest.raises(ClientAuthenticationError):
        list(forged.client().list_chat_threads())


def test_a_program_that_was_subscribed_in_the_office_is_told_what_an_sdk_wrote(
    emulator: Emulator, ada: Person, tmp_path: Path
) -> None:
    made = Files.below(emulator.server.data)
    certificate = tmp_path / "receiver.pem"
    certificate.write_bytes(made.key.read_bytes() + made.chain.read_bytes())
    with event_receiver(certificate) as told, office_of(emulator.server, emulator.resource.slug) as office:
        shown = office.post(
            "/manage/setup/programs/events/new",
            name="practice",
            address=f"{told.origin}/told?key=ours",
            shape="event_grid",
            groups=["threads"],
        )
        assert "is told from now on" in shown
        _client, thread = begun(ada, topic="Knee")
        thread.send_message("It hurts less", sender_display_name="Ada")
        while not (found := [one for one in told.events() if one["data"].get("messageBody") == "It hurts less"]):
            assert told.arrived.wait(60), [one["eventType"] for one in told.events()]
            told.arrived.clear()
    assert found[0]["eventType"] == "Microsoft.Communication.ChatMessageReceivedInThread"
    assert found[0]["data"]["threadId"] == thread.thread_id
    assert found[0]["data"]["senderCommunicationIdentifier"]["rawId"] == ada.id
    assert told.got[-1].query == {"key": ["ours"]}
