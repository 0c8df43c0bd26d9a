"""Chat over REST: who reads and writes what, in the shape of Communication Services."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest

from tests.api.acs.talk import Inside, inside, resource_of
from tests.factories import make_business
from tests.integrations.acs_contract import require_descriptions
from tests.windows import at_a_new_window
from vestibule.people import rates
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _described() -> None:
    require_descriptions()
    rates.forget_all()


@pytest.fixture
def ada() -> Inside:
    return inside(resource_of(make_business()))


@pytest.fixture
def bo(ada: Inside) -> Inside:
    return inside(ada.resource)


def test_a_thread_begins_with_who_made_it_and_whom_they_named(ada: Inside, bo: Inside) -> None:
    made = ada.ask("POST", "/chat/threads", {"topic": "Lunch", "participants": [bo.as_participant(displayName="Bo")]})
    thread = made.body["chatThread"]
    assert made.status == 201
    assert made.headers["Location"].endswith(f"/chat/threads/{quote(thread['id'], safe='@')}")
    assert thread["createdByCommunicationIdentifier"]["rawId"] == ada.id
    people = bo.ask("GET", f"/chat/threads/{thread['id']}/participants").body["value"]
    assert [(one["communicationIdentifier"]["rawId"], one["displayName"]) for one in people] == [
        (ada.id, ""),
        (bo.id, "Bo"),
    ]
    assert "invalidParticipants" not in made.body


def test_the_beginning_of_a_thread_is_told_in_it(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    ada.say(thread, "Hello")
    entries = bo.ask("GET", f"{thread}/messages").body["value"]
    assert [(one["type"], one["sequenceId"]) for one in entries] == [
        ("text", "3"),
        ("topicUpdated", "2"),
        ("participantAdded", "1"),
    ]
    assert [one["id"] for one in entries] == sorted((one["id"] for one in entries), reverse=True)
    assert entries[1]["content"]["topic"] == "Lunch"
    assert len(entries[2]["content"]["participants"]) == 2


def test_who_cannot_be_in_a_thread_is_named_with_the_reason(ada: Inside) -> None:
    stranger = inside(resource_of(make_business()))
    nobody = f"{ada.id.rpartition('_')[0]}_00000000-0000-4000-8000-000000000000"
    named = [stranger.as_participant(), {"communicationIdentifier": {"rawId": nobody}}]
    made = ada.ask("POST", "/chat/threads", {"topic": "Lunch", "participants": named})
    assert [(one["target"], one["code"]) for one in made.body["invalidParticipants"]] == [
        (stranger.id, "403"),
        (nobody, "404"),
    ]
    thread = f"/chat/threads/{made.body['chatThread']['id']}"
    assert stranger.ask("GET", f"{thread}/messages").status == 403


def test_the_same_request_begins_one_thread(ada: Inside, bo: Inside) -> None:
    once = {"repeatability-request-id": "b8d35a0a-1f37-4a43-a5ba-5ed8d8a4e8f1"}
    made = [ada.ask("POST", "/chat/threads", {"topic": "Lunch"}, headers=once).body["chatThread"] for _ in range(2)]
    assert made[0] == made[1]
    assert bo.ask("POST", "/chat/threads", {"topic": "Lunch"}, headers=once).body["chatThread"]["id"] != made[0]["id"]


def test_a_message_is_read_with_who_wrote_it_and_what_it_carries(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    sent = ada.ask(
        "POST",
        f"{thread}/messages",
        {"content": "Hello", "senderDisplayName": "Ada", "metadata": {"mood": "good"}},
    )
    assert sent.headers["Location"].endswith(f"/messages/{sent.body['id']}")
    read = bo.ask("GET", f"{thread}/messages/{sent.body['id']}").body
    assert (read["type"], read["content"], read["senderDisplayName"]) == ("text", {"message": "Hello"}, "Ada")
    assert (read["metadata"], read["version"]) == ({"mood": "good"}, read["id"])
    assert read["senderCommunicationIdentifier"]["communicationUser"]["id"] == ada.id


def test_html_is_made_harmless(ada: Inside) -> None:
    thread = ada.begin()
    ada.say(thread, '<p onclick="x()">Hi <b>you</b><script>x()</script><img src="//e" id="7"></p>', type="html")
    assert ada.read(thread)[0] == '<p>Hi <b>you</b><img id="7"></p>'
    assert ada.ask("POST", f"{thread}/messages", {"content": "<script>x()</script>", "type": "html"}).status == 400


def test_only_who_wrote_a_message_changes_it_or_takes_it_back(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    message = f"{thread}/messages/{ada.say(thread, 'Hello')}"
    assert bo.ask("PATCH", message, {"content": "Bye"}).status == 403
    assert bo.ask("DELETE", message).status == 403
    assert ada.ask("PATCH", message, {"content": "Hello all", "metadata": {"mood": "better"}}).status == 204
    changed = bo.ask("GET", message).body
    assert (changed["content"]["message"], changed["metadata"]) == ("Hello all", {"mood": "better"})
    assert "editedOn" in changed
    assert int(changed["version"]) > int(changed["id"])
    assert ada.ask("DELETE", message).status == 204
    assert ada.ask("DELETE", message).status == 204
    gone = bo.ask("GET", message).body
    assert "deletedOn" in gone
    assert gone["content"] == {}, "Java's package reads no message that has none"
    assert ada.ask("PATCH", message, {"content": "Back"}).status == 403


def test_a_message_may_be_changed_for_as_long_as_it_is_there(ada: Inside) -> None:
    thread = ada.begin()
    message = f"{thread}/messages/{ada.say(thread, 'Hello')}"
    clock.advance(23 * 3600)
    try:
        assert ada.ask("PATCH", message, {"content": "Good morning"}).status == 204
    finally:
        clock.reset()


def test_who_comes_later_reads_what_is_shared_with_them(ada: Inside, bo: Inside) -> None:
    thread, eve = ada.begin(), inside(ada.resource)
    first = ada.ask("GET", f"{thread}/messages/{ada.say(thread, 'one')}").body
    second = datetime.fromisoformat(ada.ask("GET", f"{thread}/messages/{ada.say(thread, 'two')}").body["createdOn"])
    since = max(second, datetime.fromisoformat(first["createdOn"]) + timedelta(milliseconds=1))
    if since > second:
        ada.say(thread, "three")
    shared = [bo.as_participant(), eve.as_participant(shareHistoryTime="1970-01-01T00:00:00Z")]
    assert ada.ask("POST", f"{thread}/participants/:add", {"participants": shared}).status == 201
    ada.say(thread, "welcome")
    assert bo.read(thread) == ["welcome", "participantAdded"]
    assert eve.read(thread)[-4:][0] in ("one", "two")
    assert {"one", "two", "welcome"} <= set(eve.read(thread))
    assert bo.ask("GET", f"{thread}/messages/{first['id']}").status == 404


def test_history_can_be_shared_from_an_instant(ada: Inside, bo: Inside) -> None:
    thread = ada.begin()
    ada.say(thread, "early")
    clock.advance(60)
    try:
        since = clock.now()
        clock.advance(60)
        ada.say(thread, "late")
        share = bo.as_participant(shareHistoryTime=since.isoformat())
        ada.ask("POST", f"{thread}/participants/:add", {"participants": [share]})
        assert bo.read(thread) == ["participantAdded", "late"]
    finally:
        clock.reset()


def test_nobody_shares_what_they_may_not_read_themselves(ada: Inside, bo: Inside) -> None:
    thread, eve = ada.begin(), inside(ada.resource)
    ada.say(thread, "early")
    clock.advance(60)
    try:
        ada.ask("POST", f"{thread}/participants/:add", {"participants": [bo.as_participant()]})
        for one in (bo, eve):
            all_of_it = one.as_participant(shareHistoryTime="1970-01-01T00:00:00Z")
            assert bo.ask("POST", f"{thread}/participants/:add", {"participants": [all_of_it]}).status == 201
        takes_away = ada.as_participant(shareHistoryTime="2099-01-01T00:00:00Z")
        assert bo.ask("POST", f"{thread}/participants/:add", {"participants": [takes_away]}).status == 201
        assert "early" in ada.read(thread)
        assert "early" not in bo.read(thread)
        assert eve.read(thread) == ["participantAdded", "participantAdded"]
    finally:
        clock.reset()


def test_who_was_removed_reads_what_was_said_until_then_and_writes_nothing(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    message = f"{thread}/messages/{bo.say(thread, 'mine')}"
    assert ada.ask("POST", f"{thread}/participants/:remove", {"rawId": bo.id}).status == 204
    ada.say(thread, "after")
    assert bo.read(thread)[:2] == ["participantRemoved", "mine"]
    refused = [
        bo.ask("POST", f"{thread}/messages", {"content": "still here"}),
        bo.ask("PATCH", message, {"content": "changed"}),
        bo.ask("DELETE", message),
        bo.ask("POST", f"{thread}/typing"),
        bo.ask("POST", f"{thread}/readReceipts", {"chatMessageId": message.rpartition("/")[2]}),
        bo.ask("POST", f"{thread}/participants/:add", {"participants": [bo.as_participant()]}),
        bo.ask("PATCH", thread, {"topic": "Mine"}),
        bo.ask("DELETE", thread),
    ]
    assert [(one.status, one.code) for one in refused] == [(403, "Forbidden")] * len(refused)
    assert bo.ask("GET", "/chat/threads").body["value"] == []
    assert ada.ask("POST", f"{thread}/participants/:remove", {"rawId": bo.id}).status == 204


def test_who_comes_back_reads_on_from_then(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    ada.ask("POST", f"{thread}/participants/:remove", {"communicationUser": {"id": bo.id}})
    ada.say(thread, "without you")
    ada.ask("POST", f"{thread}/participants/:add", {"participants": [bo.as_participant()]})
    assert bo.read(thread) == ["participantAdded"]
    bo.say(thread, "back")


def test_a_deleted_thread_is_seen_in_lists_alone(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    assert ada.ask("DELETE", thread).status == 204
    (item,) = bo.ask("GET", "/chat/threads").body["value"]
    assert "deletedOn" in item
    assert "deletedOn" in bo.ask("GET", thread).body
    for refused in (
        bo.ask("POST", f"{thread}/messages", {"content": "hello?"}),
        bo.ask("GET", f"{thread}/messages"),
        bo.ask("GET", f"{thread}/participants"),
        ada.ask("DELETE", thread),
    ):
        assert refused.status == 403


def test_topic_metadata_and_retention_change_and_null_leaves_them(ada: Inside) -> None:
    days = {"kind": "threadCreationDate", "deleteThreadAfterDays": 30}
    thread = ada.begin("Lunch", metadata={"kind": "team"}, retentionPolicy=days)
    assert ada.ask("GET", thread).body["retentionPolicy"] == days
    assert ada.ask("PATCH", thread, {"topic": "Dinner", "metadata": None, "retentionPolicy": None}).status == 204
    now = ada.ask("GET", thread).body
    assert (now["topic"], now["metadata"], now["retentionPolicy"]) == ("Dinner", {"kind": "team"}, days)
    assert ada.ask("PATCH", thread, {"retentionPolicy": {"kind": "none"}}).status == 204
    assert ada.ask("GET", thread).body["retentionPolicy"] == {"kind": "none"}
    assert ada.read(thread) == ["topicUpdated", "topicUpdated", "participantAdded"]


@pytest.mark.parametrize(
    "body",
    [
        {"topic": ""},
        {"topic": "x" * 251},
        {"topic": 7},
        {"metadata": {"a": 1}},
        {"metadata": {"a": "x" * 1025}},
        {"retentionPolicy": {"kind": "threadCreationDate", "deleteThreadAfterDays": 29}},
        {"retentionPolicy": {"kind": "threadCreationDate", "deleteThreadAfterDays": 91}},
        {"retentionPolicy": {"kind": "threadCreationDate"}},
        {"retentionPolicy": {"kind": "whenever"}},
    ],
)
def test_what_a_thread_cannot_be_is_refused(ada: Inside, body: dict[str, object]) -> None:
    thread = ada.begin()
    assert ada.ask("PATCH", thread, body).status == 400


def test_pages_lead_to_the_next_at_the_address_that_was_called(ada: Inside) -> None:
    thread = ada.begin()
    for text in ("one", "two", "three"):
        ada.say(thread, text)
    page = ada.ask("GET", f"{thread}/messages?maxPageSize=2").body
    assert [one["content"]["message"] for one in page["value"]] == ["three", "two"]
    link = urlsplit(page["nextLink"])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"https://localhost:8443{thread}/messages"
    rest = ada.ask("GET", f"{link.path}?{link.query}").body
    assert [one["type"] for one in rest["value"]] == ["text", "topicUpdated"]
    last = urlsplit(rest["nextLink"])
    assert "nextLink" not in ada.ask("GET", f"{last.path}?{last.query}").body


def test_messages_are_listed_since_a_time(ada: Inside) -> None:
    thread = ada.begin()
    ada.say(thread, "early")
    clock.advance(60)
    try:
        since = clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        ada.say(thread, "late")
        assert ada.read(thread, startTime=since) == ["late"]
        other = ada.begin("Dinner")
        found = ada.ask("GET", f"/chat/threads?startTime={quote(since)}").body["value"]
        assert {f"/chat/threads/{quote(one['id'])}" for one in found} == {thread, other}
    finally:
        clock.reset()


def test_threads_and_people_come_in_pages(ada: Inside, bo: Inside) -> None:
    threads = [ada.begin(topic, bo) for topic in ("one", "two", "three")]
    seen, address = [], "/chat/threads?maxPageSize=2"
    while address:
        page = ada.ask("GET", address).body
        seen += [one["topic"] for one in page["value"]]
        link = urlsplit(page.get("nextLink", ""))
        address = f"{link.path}?{link.query}" if link.path else ""
    assert seen == ["three", "two", "one"]
    people = ada.ask("GET", f"{threads[0]}/participants?maxPageSize=1&skip=1").body
    assert [one["communicationIdentifier"]["rawId"] for one in people["value"]] == [bo.id]
    assert "nextLink" not in people
    assert "skip=1" in ada.ask("GET", f"{threads[0]}/participants?maxPageSize=1").body["nextLink"]


def test_receipts_tell_how_far_each_has_read_and_when(ada: Inside, bo: Inside) -> None:
    thread = ada.begin("Lunch", bo)
    first, second = ada.say(thread, "one"), ada.say(thread, "two")
    assert bo.ask("POST", f"{thread}/readReceipts", {"chatMessageId": second}).status == 200
    assert bo.ask("POST", f"{thread}/readReceipts", {"chatMessageId": first}).status == 200
    (receipt,) = ada.ask("GET", f"{thread}/readReceipts").body["value"]
    assert (receipt["senderCommunicationIdentifier"]["rawId"], receipt["chatMessageId"]) == (bo.id, second)
    assert abs(datetime.fromisoformat(receipt["readOn"]) - clock.now()) < timedelta(minutes=5)
    assert bo.ask("POST", f"{thread}/readReceipts", {"chatMessageId": "7"}).status == 404


def test_who_reads_and_writes_is_shown_in_threads_of_at_most_twenty(ada: Inside) -> None:
    others = [inside(ada.resource) for _ in range(20)]
    thread = ada.begin("Town hall", *others)
    message = ada.say(thread, "Hello all")
    assert others[0].ask("POST", f"{thread}/typing", {}).status == 403
    assert others[0].ask("POST", f"{thread}/readReceipts", {"chatMessageId": message}).status == 403
    assert ada.ask("POST", f"{thread}/participants/:remove", {"rawId": others[1].id}).status == 204
    assert others[0].ask("POST", f"{thread}/typing").status == 200
    assert others[0].ask("POST", f"{thread}/readReceipts", {"chatMessageId": message}).status == 200


MAY = {
    "chat": {"begin", "change", "add", "remove", "say", "delete"},
    "chat.join": {"add", "remove", "say"},
    "chat.join.limited": {"say"},
    "voip": set(),
}


@pytest.mark.parametrize("scope", MAY)
def test_what_a_token_may_follows_its_scope(ada: Inside, scope: str) -> None:
    one, other = inside(ada.resource, scope), inside(ada.resource)
    thread = ada.begin("Lunch", one)
    tried = {
        "begin": one.ask("POST", "/chat/threads", {"topic": "Mine"}),
        "change": one.ask("PATCH", thread, {"topic": "Dinner"}),
        "add": one.ask("POST", f"{thread}/participants/:add", {"participants": [other.as_participant()]}),
        "remove": one.ask("POST", f"{thread}/participants/:remove", {"rawId": other.id}),
        "say": one.ask("POST", f"{thread}/messages", {"content": "Hello"}),
        "delete": one.ask("DELETE", thread),
    }
    assert {name for name, answer in tried.items() if answer.status < 300} == MAY[scope]
    assert {answer.status for name, answer in tried.items() if name not in MAY[scope]} <= {403}


def test_nobody_of_another_business_and_nobody_outside_reaches_a_thread(ada: Inside) -> None:
    thread = ada.begin()
    message = ada.say(thread, "Hello")
    stranger, outsider = inside(resource_of(make_business())), inside(ada.resource)
    for who in (stranger, outsider):
        for method, rest, body in (
            ("GET", "", None),
            ("PATCH", "", {"topic": "Mine"}),
            ("DELETE", "", None),
            ("GET", "/messages", None),
            ("POST", "/messages", {"content": "Hi"}),
            ("GET", f"/messages/{message}", None),
            ("PATCH", f"/messages/{message}", {"content": "Hi"}),
            ("DELETE", f"/messages/{message}", None),
            ("GET", "/participants", None),
            ("POST", "/participants/:add", {"participants": [who.as_participant()]}),
            ("POST", "/participants/:remove", {"rawId": ada.id}),
            ("GET", "/readReceipts", None),
            ("POST", "/readReceipts", {"chatMessageId": message}),
            ("POST", "/typing", {}),
        ):
            answer = who.ask(method, f"{thread}{rest}", body)
            unknown = who.ask(method, f"/chat/threads/19:2222222222222222@thread.v2{rest}", body)
            assert (answer.status, answer.body) == (403, unknown.body), (method, rest)


def test_whoever_writes_too_fast_is_told_when_to_go_on(ada: Inside) -> None:
    at_a_new_window(60)
    thread = ada.begin()
    answers = [ada.ask("POST", f"{thread}/messages", {"content": "hurry"}) for _ in range(31)]
    refused = next(one for one in answers if one.status != 201)
    assert (refused.status, refused.code) == (429, "TooManyRequests")
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_thread_has_its_limits(ada: Inside) -> None:
    thread = ada.begin()
    people = [inside(ada.resource).as_participant() for _ in range(201)]
    assert ada.ask("POST", f"{thread}/participants/:add", {"participants": people}).status == 400
    assert ada.ask("POST", f"{thread}/participants/:add", {"participants": people[:200]}).status == 201
    more = [inside(ada.resource).as_participant() for _ in range(50)]
    assert ada.ask("POST", f"{thread}/participants/:add", {"participants": more}).status == 400
    assert ada.ask("POST", f"{thread}/participants/:add", {"participants": more[:49]}).status == 201
    assert ada.ask("POST", f"{thread}/messages", {"content": "x" * 28 * 1024}).status == 201
    assert ada.ask("POST", f"{thread}/messages", {"content": "x" * 28 * 1024 + "x"}).status == 400
    multiplies = {"content": "<a>" * 9000, "type": "html"}
    assert ada.ask("POST", f"{thread}/messages", multiplies).status == 400, "as it would be stored it is far larger"


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("POST", "/messages", {}),
        ("POST", "/messages", {"content": "  "}),
        ("POST", "/messages", {"content": "x", "type": "topicUpdated"}),
        ("POST", "/messages", {"content": 7}),
        ("POST", "/participants/:add", {}),
        ("POST", "/participants/:add", {"participants": [{"displayName": "Nobody"}]}),
        ("POST", "/participants/:remove", {}),
        ("GET", "/messages?maxPageSize=many", None),
        ("GET", "/messages?startTime=yesterday", None),
        ("GET", "/messages?syncState=x", None),
        ("GET", "/participants?skip=-1", None),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(ada: Inside, method: str, rest: str, body: object) -> None:
    refused = ada.ask(method, f"{ada.begin()}{rest}", body)
    assert (refused.status, refused.code) == (400, "BadRequest")
