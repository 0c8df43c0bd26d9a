"""Events in the words of Communication Services: each type with its data, and our own consumer understands them."""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client

from tests.factories import make_business, manager_of
from tests.meetings.scene import Visit, make_visit
from tests.subscriptions.told import happens, subscribed
from vestibule.integrations.acs.events import Events
from vestibule.meetings.models import MeetingEvent, OutsidePlace
from vestibule.notifications.models import Gateway, IncomingText, OutboxMessage
from vestibule.notifications.ports import Callback
from vestibule.people import communication, identities, outside_accounts
from vestibule.people.models import Business, OutsideAccount
from vestibule.subscriptions import shapes, verbs
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.ports import Reply, Request
from vestibule.subscriptions.testing import FakePoster
from vestibule.subscriptions.worker import Worker

pytestmark = pytest.mark.django_db
PREFIX = "Microsoft.Communication."
GUID = UUID("01234567-89ab-cdef-0123-456789abcdef")
PROGRAMS = f"acs:{GUID.hex}"
THREAD = "19:thread@thread.v2"
CALL = {"call": "call-7", "room": "99199690362660524", "by": "user:1", "by_role": "Presenter"}
MEMBERS = [{"key": PROGRAMS, "name": "Ada Ng", "metadata": {"seat": "2"}}]
CHANGED = {"by": "user:1", "topic": "Knee", "created_at": "2026-03-02T09:00:00Z", "members": MEMBERS}


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> FakePoster:
    fake = FakePoster()
    monkeypatch.setattr(shapes, "poster", lambda: fake)
    return fake


@pytest.fixture
def row(poster: FakePoster) -> Subscription:
    return subscribed()


def told(poster: FakePoster, row: Subscription, kind: Kind, **facts: Any) -> list[dict[str, Any]]:
    """What is told of one thing that happened."""
    happens(row.business, kind, "any", **facts)
    Worker(poster).drain()
    events: list[dict[str, Any]] = poster.told()
    return events


def types(events: list[dict[str, Any]]) -> list[str]:
    return [one["eventType"].removeprefix(PREFIX) for one in events]


def test_the_envelope_is_event_grids(poster: FakePoster, row: Subscription) -> None:
    event = told(poster, row, Kind.CALL_STARTED, **CALL)[0]
    resource = communication.named(row.business_id)
    assert set(event) == {
        *("id", "topic", "subject", "eventType", "eventTime", "data", "dataVersion", "metadataVersion"),
    }
    assert event["topic"] == (
        f"/subscriptions/{resource}/resourceGroups/vestibule/providers/"
        f"Microsoft.Communication/CommunicationServices/{row.business.slug}"
    )
    assert (event["dataVersion"], event["metadataVersion"]) == ("1.0", "1")
    assert str(UUID(event["id"])) == event["id"]
    headers = poster.taken[0].headers
    assert (headers["aeg-event-type"], headers["aeg-subscription-name"]) == ("Notification", "RECEIVER")


def test_a_message_is_told_for_its_thread_and_for_each_reader(poster: FakePoster, row: Subscription) -> None:
    events = told(poster, row, Kind.MESSAGE_RECEIVED, author=PROGRAMS)
    assert types(events) == ["ChatMessageReceivedInThread", "ChatMessageReceived", "ChatMessageReceived"]
    resource = communication.named(row.business_id)
    sender = f"8:acs:{resource}_{GUID}"
    whole, *each = events
    assert whole["subject"] == f"thread/{THREAD}/sender/{sender}"
    assert whole["data"] == {
        "messageId": "1792000000000",
        "senderCommunicationIdentifier": {
            "rawId": sender,
            "kind": "communicationUser",
            "communicationUser": {"id": sender},
        },
        "senderDisplayName": "Dr Ada Blum",
        "composeTime": "2026-03-02T09:00:00.0000000Z",
        "type": "Text",
        "version": 1792000000000,
        "messageBody": "Good morning",
        "metadata": {"kind": "greeting"},
        "threadId": THREAD,
        "transactionId": "1792000000000",
    }
    readers = {one["data"]["recipientCommunicationIdentifier"]["rawId"] for one in each}
    assert readers == {sender, identities.mri(resource, "user:1")}
    assert len({one["id"] for one in events}) == 3


@pytest.mark.parametrize(
    ("kind", "facts", "types_told", "holds"),
    [
        (Kind.MESSAGE_EDITED, {"edited_at": "2026-03-02T09:01:00Z"}, "ChatMessageEdited", {"messageBody", "editTime"}),
        (
            Kind.MESSAGE_DELETED,
            {"text": None, "deleted_at": "2026-03-02T09:01:00Z"},
            "ChatMessageDeleted",
            {"deleteTime"},
        ),
    ],
)
def test_changes_of_a_message_say_when(
    poster: FakePoster, row: Subscription, kind: Kind, facts: dict[str, Any], types_told: str, holds: set[str]
) -> None:
    events = told(poster, row, kind, **facts)
    assert types(events) == [f"{types_told}InThread", types_told, types_told]
    assert holds <= set(events[0]["data"])
    assert ("messageBody" in events[0]["data"]) == (kind == Kind.MESSAGE_EDITED)


@pytest.mark.parametrize(
    ("kind", "facts", "whole", "own", "holds"),
    [
        (
            Kind.THREAD_CREATED,
            CHANGED,
            "ChatThreadCreated",
            "ChatThreadCreatedWithUser",
            {"createdByCommunicationIdentifier", "properties", "participants", "createTime", "version", "threadId"},
        ),
        (
            Kind.THREAD_UPDATED,
            {**CHANGED, "updated_at": "2026-03-02T09:01:00Z"},
            "ChatThreadPropertiesUpdated",
            "ChatThreadPropertiesUpdatedPerUser",
            {"editedByCommunicationIdentifier", "editTime", "properties"},
        ),
        (
            Kind.THREAD_DELETED,
            {**CHANGED, "deleted_at": "2026-03-02T09:01:00Z"},
            "ChatThreadDeleted",
            "ChatThreadWithUserDeleted",
            {"deletedByCommunicationIdentifier", "deleteTime"},
        ),
        (
            Kind.MEMBER_ADDED,
            {**CHANGED, "at": "2026-03-02T09:01:00Z"},
            "ChatThreadParticipantAdded",
            "ChatParticipantAddedToThreadWithUser",
            {"addedByCommunicationIdentifier", "participantAdded", "time"},
        ),
        (
            Kind.MEMBER_REMOVED,
            {**CHANGED, "at": "2026-03-02T09:01:00Z"},
            "ChatThreadParticipantRemoved",
            "ChatParticipantRemovedFromThreadWithUser",
            {"removedByCommunicationIdentifier", "participantRemoved", "time"},
        ),
    ],
)
def test_changes_of_a_thread_are_told_for_it_and_for_each_reader(
    poster: FakePoster, row: Subscription, kind: Kind, facts: dict[str, Any], whole: str, own: str, holds: set[str]
) -> None:
    events = told(poster, row, kind, **facts)
    assert types(events) == [whole, own, own]
    assert holds <= set(events[0]["data"])
    assert all("recipientCommunicationIdentifier" in one["data"] for one in events[1:])


@pytest.mark.parametrize(
    ("kind", "facts", "type_told", "subject", "data"),
    [
        (
            Kind.SMS_RECEIVED,
            {"message": "m1", "from": "+4915550100", "to": "+4915550200", "text": "STOP", "segments": 1},
            "SMSReceived",
            "/phonenumber/4915550200",
            {"from": "+4915550100", "message": "STOP", "segmentCount": 1},
        ),
        (
            Kind.SMS_REPORTED,
            {"message": "m1", "from": "Clinic", "to": "+4915550200", "status": "delivered", "tag": "t"}
            | {"attempts": [{"at": "2026-03-02T09:01:00Z", "arrived": 2, "failed": 0}]},
            "SMSDeliveryReportReceived",
            "/phonenumber/4915550200",
            {"deliveryStatus": "Delivered", "tag": "t", "deliveryStatusDetails": ""},
        ),
        (
            Kind.EMAIL_REPORTED,
            {"message": "op", "sender": "a@example.com", "recipient": "b@example.com", "status": "bounced"}
            | {"details": "550", "server": "mx.example.com", "tried_at": "2026-03-02T09:01:00Z"},
            "EmailDeliveryReportReceived",
            "sender/a@example.com/message/op",
            {"status": "Bounced", "deliveryAttemptTimeStamp": "2026-03-02T09:01:00.0000000Z"},
        ),
        (Kind.CALL_STARTED, CALL, "CallStarted", None, {"serverCallId": "call-7", "isRoomsCall": True}),
        (
            Kind.CALL_ENDED,
            {**CALL, "seconds": 95, "reason": "all left"},
            "CallEnded",
            None,
            {"callDurationInSeconds": 95, "reason": {"code": 0, "subCode": 0, "phrase": "all left"}},
        ),
        (
            Kind.CALL_JOINED,
            {**CALL, "participant": "seat", "key": PROGRAMS, "name": "Ada", "role": "Attendee"},
            "CallParticipantAdded",
            None,
            {"displayName": "Ada", "participantId": "seat", "room": {"id": "99199690362660524"}},
        ),
        (
            Kind.RECORDING_UPDATED,
            {
                **CALL,
                "recording": "r1",
                "seconds": 61.5,
                "reason": "SessionEnded",
                "files": [{"id": "f", "content": "u"}],
            },
            "RecordingFileStatusUpdated",
            "/recording/call/call-7/serverCallId/call-7/recordingId/r1",
            {"recordingDurationMs": 61_500, "sessionEndReason": "SessionEnded"},
        ),
    ],
)
def test_each_type_has_its_subject_and_data(
    poster: FakePoster,
    row: Subscription,
    kind: Kind,
    facts: dict[str, Any],
    type_told: str,
    subject: str | None,
    data: dict[str, Any],
) -> None:
    [event] = told(poster, row, kind, **facts)
    assert event["eventType"] == PREFIX + type_told
    assert subject is None or event["subject"] == subject
    assert {name: event["data"][name] for name in data} == data


def test_cloud_events_come_one_by_one_and_whole(poster: FakePoster) -> None:
    row = subscribed(shape="cloud_events", wants=("CallStarted", "SMSReceived"))
    event = told(poster, row, Kind.CALL_STARTED, **CALL)[0]
    assert (event["specversion"], event["type"]) == ("1.0", f"{PREFIX}CallStarted")
    assert event["source"].startswith("/subscriptions/")
    assert poster.taken[0].headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert poster.asked[0].method == "OPTIONS"


class ToOurHooks:
    """A poster that carries everything to our own hooks, as another installation's would come."""

    def __init__(self) -> None:
        self.answers: list[int] = []

    def refusal(self, url: str) -> str:
        return ""

    def shown(self, url: str) -> str:
        return "https://other.example.org"

    def ask(self, request: Request, *, seconds: float) -> Reply:
        parts = urlsplit(request.url)
        answer = Client().generic(
            request.method,
            f"{parts.path}?{parts.query}",
            request.body,
            content_type=request.headers.get("Content-Type", "application/json"),
            headers={name: value for name, value in request.headers.items() if name != "Content-Type"},
        )
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()
        self.answers.append(answer.status_code)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.content)


@pytest.fixture
def there(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ToOurHooks]:
    """The hooks of another business, which believe that Azure speaks to them."""
    settings.PUBLIC_URL = "https://visits.example.org"
    settings.MEETING_LISTENERS = []
    carries = ToOurHooks()
    monkeypatch.setattr(shapes, "poster", lambda: carries)
    yield carries
    assert all(200 <= status < 300 for status in carries.answers), "each post is understood"


def listens(business: Business) -> str:
    """Return where a business is told of what happens in its resource."""
    account, _made = OutsideAccount.objects.get_or_create(business=business, kind="acs", defaults={"access": "x"})
    return outside_accounts.callback(account)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shape", ["event_grid", "cloud_events"])
def test_one_vestibule_hears_another(there: ToOurHooks, shape: str) -> None:
    ours, visit = make_business(), make_visit()
    hears(visit)
    row = verbs.add(manager_of(ours), ours, verbs.Wish(shape, "other-house", listens(visit.meeting.business)))
    assert row.state == Subscription.State.ACTIVE, "the handshake is answered"
    who = {"participant": "seat", "key": PROGRAMS, "name": "Ada", "role": "Attendee"}
    happens(ours, Kind.CALL_STARTED, "calls/call-7", **CALL)
    happens(ours, Kind.CALL_JOINED, "calls/call-7", **CALL, **who)
    happens(ours, Kind.CALL_ENDED, "calls/call-7", **CALL, seconds=95, reason="all left")
    text = {"message": "t1", "from": "+4915550100", "to": "+4915550200", "text": "Hello"}
    happens(ours, Kind.SMS_RECEIVED, "phones/+4915550200", **text)
    Worker(there).drain()
    log = MeetingEvent.objects.filter(meeting=visit.meeting, kind__startswith="outside_").order_by("pk")
    assert [one.kind for one in log] == [f"outside_call_{what}" for what in ("started", "joined", "ended")]
    assert log[2].details["seconds"] == 95
    assert [one.text for one in IncomingText.objects.all()] == ["Hello"]
    assert set(row.deliveries.values_list("state", flat=True)) == {"done"}


def hears(visit: Visit) -> None:
    """Let the business of a visit hold it in the room of those calls, with a gateway for its number."""
    business = visit.meeting.business
    OutsidePlace.objects.create(
        business=business,
        meeting=visit.meeting,
        kind=OutsidePlace.Kind.ACS_ROOM,
        made={"external_id": CALL["room"], "details": {}},
    )
    Gateway.objects.create(
        business=business, channel=OutboxMessage.Channel.SMS, kind="acs", name="Azure", sender="+4915550200", access="x"
    )


def test_our_reader_finds_in_a_message_what_was_written_and_by_whom(poster: FakePoster, row: Subscription) -> None:
    happens(row.business, author=PROGRAMS, metadata={}, type="html", text="Good <b>morning</b>")
    Worker(poster).drain()
    callback = Callback("https://x.example.org/", {}, poster.taken[0].body)
    [said] = Events().said(callback)
    sender = identities.mri(communication.named(row.business_id), PROGRAMS)
    assert (said.thread, said.identity, said.text) == (THREAD, sender, "Good morning")
