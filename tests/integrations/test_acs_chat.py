"""Copies of conversations in Azure: what is said here is said there once, as it is now, and the other way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.factories import make_business, manager_of
from tests.integrations import acs_contract, authority
from tests.integrations.azure import Azure, azure_server
from tests.integrations.azure_chat import Chat, with_chat
from tests.integrations.azure_rooms import with_rooms
from tests.meetings.scene import Visit, joined, make_visit
from vestibule.chat import verbs as chat
from vestibule.chat.models import Message
from vestibule.meetings import outside_chat, outside_tokens, outside_worker, waiting
from vestibule.meetings.models import OutsidePlace, OutsideThread
from vestibule.people import outside_accounts
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "https://visits.example.org"
DAY = 24 * 3600


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    acs_contract.require_descriptions()
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def azure(certificates: tuple[Path, Path], settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates[0]))
    settings.PUBLIC_URL = ORIGIN
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "localhost"})
    with azure_server(certificates[1]) as running:
        yield running
    clock.reset()


@pytest.fixture
def there(azure: Azure) -> Iterator[Chat]:
    rooms = with_rooms(azure)
    made = with_chat(azure, rooms)
    yield made
    assert rooms.wrong + made.wrong == [], "each request is one that is described"


@pytest.fixture
def visit(azure: Azure, there: Chat) -> Visit:
    """A visit in a room of Azure, with everybody in it, of a business that wants a copy."""
    business = make_business()
    access = {"connection_string": azure.connection_string, "keeps_chat": "1"}
    outside_accounts.link(manager_of(business), business, "acs", access)
    BusinessWays.objects.update_or_create(business=business, defaults={"place": "acs_rooms"})
    made = make_visit(business=business)
    outside_worker.bring_due()
    there.said.clear()  # what was begun to try the account
    return joined(made)


def says(visit: Visit, text: str) -> Message:
    seat = visit.consumer
    message, _is_new = chat.post(visit.meeting.thread_id, seat.ref, seat.name, f"{text[:30]}-{clock.now()}"[:40], text)
    return message


def copied(there: Chat) -> list[tuple[str, str]]:
    """What stands in the one copy, oldest first: who is said to have written it, and what."""
    [said] = there.said.values()
    return [(one["senderDisplayName"], one["content"]) for one in said]


def identity_of(visit: Visit) -> str:
    return str(OutsidePlace.objects.get().made["details"][f"seat:{visit.consumer.ref}"])


def written_there(visit: Visit, text: str, number: str = "1", **more: Any) -> int:
    """Let Azure tell that the consumer wrote in the copy."""
    data = {
        "messageId": number,
        "threadId": OutsideThread.objects.get().external_id,
        "senderCommunicationIdentifier": {"rawId": identity_of(visit)},
        "messageBody": text,
        "type": "Text",
    }
    kind = "Microsoft.Communication.ChatMessageReceivedInThread"
    body = json.dumps([{"id": f"event-{number}", "eventType": kind, "data": data | more}])
    account = OutsideAccount.objects.get(business=visit.meeting.business, kind="acs")
    at = outside_accounts.callback(account).removeprefix(ORIGIN)
    return Client().post(at, body, content_type="application/json").status_code


def here(visit: Visit) -> list[tuple[str, str]]:
    return [(one.author_name, one.text) for one in Message.objects.filter(thread_id=visit.meeting.thread_id)]


def test_what_is_written_here_stands_there_once_as_it_is_now(there: Chat, visit: Visit) -> None:
    first, second = says(visit, "Hello"), says(visit, "My number is 4711")
    assert (outside_chat.mirror_due(), outside_chat.mirror_due()) == (1, 0)
    assert copied(there) == [("Ada Ng", "Hello"), ("Ada Ng", "My number is 4711")]
    chat.edit(visit.meeting.thread_id, visit.consumer.ref, first.seq, "Good morning")
    chat.delete(visit.meeting.thread_id, visit.consumer.ref, second.seq)
    outside_chat.mirror_due()
    assert copied(there) == [("Ada Ng", "Good morning"), ("Ada Ng", "")]


def test_who_was_let_in_takes_part_and_may_write_there(there: Chat, visit: Visit) -> None:
    outside_chat.mirror_due()
    [people] = there.threads.values()
    assert people[identity_of(visit)] == "Ada Ng"
    given = outside_tokens.for_seat(visit.consumer.ref)
    assert there.rooms.tokens[given.token][1] == ["voip.join", "chat.join.limited"]
    waiting.remove(visit.host, visit.consumer.ref)
    outside_chat.mirror_due()
    assert "Ada Ng" not in people.values()


def test_nobody_reads_there_what_was_written_before_they_came(there: Chat, visit: Visit) -> None:
    before = datetime.now(UTC)
    for number in range(12):
        says(visit, f"It hurts here, {number}")
    outside_chat.mirror_due()
    assert not there.since, "not all of it has been said"
    outside_chat.mirror_due()
    assert set(there.before.values()) == {12}
    assert all(datetime.fromisoformat(since) >= before for since in there.since.values())


@pytest.mark.parametrize("asked", ["POST /chat/threads/", "POST /chat/threads?"])
def test_a_lost_answer_neither_doubles_nor_loses_anything(azure: Azure, there: Chat, visit: Visit, asked: str) -> None:
    says(visit, "Hello")
    azure.faults = [(asked, 0, {})]
    outside_chat.mirror_due()
    assert OutsideThread.objects.get().problem != ""
    says(visit, "Are you there?")
    clock.advance(60)
    outside_chat.mirror_due()
    assert copied(there) == [("Ada Ng", "Hello"), ("Ada Ng", "Are you there?")]


def test_a_message_whose_answer_was_lost_is_found_again(azure: Azure, there: Chat, visit: Visit) -> None:
    outside_chat.mirror_due()
    says(visit, "Hello")
    azure.faults = [("POST /chat/threads/", 0, {})]
    outside_chat.mirror_due()
    clock.advance(60)
    outside_chat.mirror_due()
    assert copied(there) == [("Ada Ng", "Hello")]


def test_two_workers_say_nothing_twice(there: Chat, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    says(visit, "Hello")
    opened = outside_chat._opened

    def beside_another(access: Any) -> Any:
        monkeypatch.setattr(outside_chat, "_opened", opened)
        assert outside_chat.mirror_due() == 0, "the other one leaves it alone"
        return opened(access)

    monkeypatch.setattr(outside_chat, "_opened", beside_another)
    assert outside_chat.mirror_due() == 1
    assert copied(there) == [("Ada Ng", "Hello")]


def test_too_much_at_once_waits_as_long_as_asked(azure: Azure, there: Chat, visit: Visit) -> None:
    outside_chat.mirror_due()
    says(visit, "Hello")
    azure.faults = [("POST /chat/threads/", 429, {"Retry-After": "30"})]
    outside_chat.mirror_due()
    assert OutsideThread.objects.get().next_at - clock.now() > timedelta(seconds=20)
    assert outside_chat.mirror_due() == 0


def test_what_is_written_there_comes_here_once_and_does_not_go_back(there: Chat, visit: Visit) -> None:
    outside_chat.mirror_due()
    for _again in range(2):
        assert written_there(visit, "Hello from there") == 204
    written_there(visit, "<p>It is &lt;b&gt;</p>", "2", type="RichText/Html")
    written_there(visit, "<p>It is &lt;b&gt;</p>", "3", type="html")
    assert here(visit) == [
        ("Ada Ng", "Hello from there"),
        ("Ada Ng", "<p>It is &lt;b&gt;</p>"),
        ("Ada Ng", "It is <b>"),
    ]
    outside_chat.mirror_due()
    assert copied(there) == []


def test_what_we_said_there_ourselves_and_what_strangers_say_is_left_out(there: Chat, visit: Visit) -> None:
    outside_chat.mirror_due()
    speaker = OutsideThread.objects.get().speaker
    written_there(visit, "Hello", "1", metadata={"vestibule": "1"})
    written_there(visit, "Hello", "2", senderCommunicationIdentifier={"rawId": speaker})
    written_there(visit, "Hello", "3", senderCommunicationIdentifier={"rawId": "8:acs:stranger"})
    written_there(visit, "Hello", "4", threadId="19:another@thread.v2")
    written_there(visit, "x" * 5000, "5")
    waiting.remove(visit.host, visit.consumer.ref)
    written_there(visit, "Let me in", "6")
    assert here(visit) == []


def test_the_copy_goes_when_ours_would_be_forgotten(there: Chat, visit: Visit) -> None:
    says(visit, "Hello")
    outside_chat.mirror_due()
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert outside_chat.forget_due() == 0
    clock.advance(366 * DAY)
    assert outside_chat.forget_due() == 1
    assert there.threads == {}
    assert OutsideThread.objects.get().said == {}


def test_what_cannot_be_deleted_is_tried_again_and_without_the_account_there_is_nothing_to_try(
    azure: Azure, there: Chat, visit: Visit
) -> None:
    outside_chat.mirror_due()
    waiting.end_for_all(visit.host, visit.meeting.ref)
    clock.advance(366 * DAY)
    azure.faults = [("DELETE /chat", 503, {})]
    assert outside_chat.forget_due() == 0
    clock.advance(60)
    account = outside_accounts.of(visit.meeting.business, "acs")
    assert account is not None
    outside_accounts.unlink(manager_of(visit.meeting.business), account)
    assert outside_chat.forget_due() == 1


def test_a_business_that_does_not_ask_for_it_has_no_copy(azure: Azure, there: Chat, visit: Visit) -> None:
    business = visit.meeting.business
    says(visit, "Hello")
    outside_accounts.link(manager_of(business), business, "acs", {"connection_string": "", "keeps_chat": ""})
    there.deleted.clear()
    assert outside_chat.mirror_due() == 0
    assert there.threads == {}
