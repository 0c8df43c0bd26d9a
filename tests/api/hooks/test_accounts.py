"""What Azure tells of a whole account: believed with its key, taken once, about the business' own meetings alone."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from tests.meetings.scene import Visit, make_visit
from tests.windows import at_a_new_window
from vestibule.api.hooks import accounts
from vestibule.meetings.models import MeetingEvent, OutsideIdentity, OutsidePlace
from vestibule.notifications import gateways
from vestibule.notifications.models import Gateway, IncomingText, OutboxMessage
from vestibule.people import outside_accounts, rates
from vestibule.people.models import Business, OutsideAccount
from vestibule.store import clock

pytestmark = pytest.mark.django_db
ORIGIN = "https://visits.example.org"
ROOM, CALL, ADA = "99199690362660524", "aHR0cHM6Ly9hcGkuZmxpZ2h0cHJveHkuc2t5cGUuY29t", "8:acs:2dee53b4_ada"
KINDS = {
    "started": "Microsoft.Communication.CallStarted",
    "ended": "Microsoft.Communication.CallEnded",
    "added": "Microsoft.Communication.CallParticipantAdded",
    "removed": "Microsoft.Communication.CallParticipantRemoved",
    "recorded": "Microsoft.Communication.RecordingFileStatusUpdated",
}


@pytest.fixture(autouse=True)
def public(settings: LazySettings) -> None:
    settings.PUBLIC_URL = ORIGIN


@pytest.fixture
def visit() -> Visit:
    made = make_visit()
    OutsidePlace.objects.create(
        business=made.meeting.business,
        meeting=made.meeting,
        kind=OutsidePlace.Kind.ACS_ROOM,
        made={"external_id": ROOM, "details": {f"seat:{made.consumer.ref}": ADA}},
    )
    account_of(made.meeting.business)
    return made


def account_of(business: Business) -> OutsideAccount:
    made: OutsideAccount
    made, _is_new = OutsideAccount.objects.get_or_create(business=business, kind="acs", defaults={"access": "x"})
    return made


def address(business: Business) -> str:
    return outside_accounts.callback(account_of(business)).removeprefix(ORIGIN)


def event(kind: str, number: str = "1", **data: Any) -> dict[str, Any]:
    """An event of the schema of Event Grid, about the room's call."""
    return {
        "id": f"event-{number}",
        "topic": "/subscriptions/x",
        "subject": f"call/{CALL}",
        "eventType": KINDS[kind],
        "eventTime": clock.now().isoformat(),
        "data": {"serverCallId": CALL, "room": {"id": ROOM}, "isRoomsCall": True} | data,
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }


def recorded() -> dict[str, Any]:
    """An event of a recording, which names the call in its subject alone, in the schema of CloudEvents."""
    return {
        "specversion": "1.0",
        "id": "event-recording",
        "source": "/subscriptions/x",
        "subject": f"/recording/call/x/serverCallId/{CALL}/recordingId/y",
        "type": KINDS["recorded"],
        "time": clock.now().isoformat(),
        "data": {"recordingDurationMs": 61_500, "sessionEndReason": "SessionEnded", "recordingStorageInfo": {}},
    }


def post(business: Business, events: Any, **more: Any) -> Any:
    body = events if isinstance(events, bytes) else json.dumps(events)
    return Client().post(more.get("to") or address(business), body, content_type="application/json")


def log(visit: Visit) -> list[tuple[str, str]]:
    """What the log of the meeting says of the call outside, and of whom."""
    rows = MeetingEvent.objects.filter(meeting=visit.meeting, kind__startswith="outside_").order_by("pk")
    return [(row.kind.removeprefix("outside_call_"), row.participant.name if row.participant else "") for row in rows]


def test_a_call_in_a_room_is_told_in_the_log_of_its_meeting(visit: Visit) -> None:
    user = {"communicationIdentifier": {"rawId": ADA}, "role": "Collaborator"}
    story = [
        event("started", "1"),
        event("added", "2", user=user),
        event("removed", "3", user={"rawId": ADA}),
        event("ended", "4", durationOfCall=95, reason={"code": 0, "phrase": "CallEnded"}),
    ]
    assert post(visit.meeting.business, story).status_code == 204
    assert log(visit) == [("started", ""), ("joined", "Ada Ng"), ("left", "Ada Ng"), ("ended", "")]
    ended = MeetingEvent.objects.get(kind="outside_call_ended")
    assert (ended.details["seconds"], ended.details["reason"]) == (95, "CallEnded")


def test_the_same_event_twice_is_noted_once_in_whatever_order_they_come(visit: Visit) -> None:
    for one in (event("ended", "4"), event("started", "1"), event("ended", "4"), [event("started", "1")]):
        assert post(visit.meeting.business, one).status_code == 204
    assert log(visit) == [("ended", ""), ("started", "")]


def test_who_joined_by_a_token_of_their_own_is_named(visit: Visit) -> None:
    OutsideIdentity.objects.create(
        business=visit.meeting.business, participant=visit.provider, kind="acs", external_id="8:acs:bo"
    )
    post(visit.meeting.business, event("added", user={"rawId": "8:acs:bo"}))
    post(visit.meeting.business, event("added", "2", user={"rawId": "8:acs:stranger"}))
    assert log(visit) == [("joined", "Dr Bo Lund"), ("joined", "")]


def test_a_recording_is_noted_where_its_call_was_and_not_fetched(visit: Visit) -> None:
    post(visit.meeting.business, recorded())
    assert log(visit) == [], "nothing is known of this call yet"
    post(visit.meeting.business, event("started"))
    post(visit.meeting.business, recorded() | {"id": "event-recording-2"})
    assert log(visit) == [("started", ""), ("recorded", "")]
    assert MeetingEvent.objects.get(kind="outside_call_recorded").details["seconds"] == 61


def test_nothing_is_believed_without_the_key_or_about_others_meetings(visit: Visit) -> None:
    other = make_visit().meeting.business
    at = address(visit.meeting.business)
    door = at.partition("?")[0]
    of_another = address(other).partition("?")[2]
    for forged in (door, at[:-1] + ("A" if at[-1] != "A" else "B"), f"{door}?{of_another}"):
        assert post(visit.meeting.business, event("started"), to=forged).status_code == 401
    assert post(other, event("started")).status_code == 204
    assert log(visit) == []
    for nowhere in ("/hooks/accounts/acs/nobody?key=x", f"/hooks/accounts/microsoft365/{other.ref}?key=x"):
        assert post(other, event("started"), to=nowhere).status_code == 404


def test_both_handshakes_are_answered(visit: Visit) -> None:
    at = address(visit.meeting.business)
    validation = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "4711"}}
    answer = post(visit.meeting.business, [validation])
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "4711"})
    asked = Client().options(at, headers={"WebHook-Request-Origin": "eventgrid.azure.net"})
    assert asked.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"


def test_reports_and_texts_reach_the_gateway_they_are_about_once(visit: Visit) -> None:
    business = visit.meeting.business
    facts = {"kind": "acs", "name": "Azure", "access": gateways.sealed({"connection_string": ""})}
    Gateway.objects.create(business=business, channel="email", sender="desk@lakeside.example", **facts)
    Gateway.objects.create(business=business, channel="sms", sender="+18005550101", **facts)
    phone = Gateway.objects.create(business=business, channel="sms", sender="+18005550100", **facts)
    sent = OutboxMessage.objects.create(
        business=business,
        key="test",
        kind="reminder",
        channel="sms",
        to="+41795550111",
        state="done",
        used_gateway=phone,
        gateway_id="Outgoing_1",
        sent_at=clock.now(),
    )
    delivered = {"messageId": "Outgoing_1", "deliveryStatus": "Delivered", "deliveryStatusDetails": "ok"}
    text = {"messageId": "Incoming_1", "from": "+41795550111", "to": "+18005550100", "message": "Hello"}
    events = [
        {"id": "a", "eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": delivered},
        {"id": "b", "eventType": "Microsoft.Communication.SMSReceived", "data": text},
    ]
    for _again in range(2):
        assert post(business, events).status_code == 204
    sent.refresh_from_db()
    assert sent.delivered_at is not None
    assert [row.gateway for row in IncomingText.objects.all()] == [phone]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"[" * 50_000, b'"text"'])
def test_what_is_no_list_of_events_is_refused(visit: Visit, body: bytes) -> None:
    assert post(visit.meeting.business, body).status_code == 422


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(ROOM),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["serverCallId", "room", "user", "reason", "durationOfCall", "recordingDurationMs", "id", "rawId"]


@tried(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    data=values | st.dictionaries(st.sampled_from(NAMES), values, max_size=5),
    change=st.dictionaries(st.sampled_from(["id", "eventTime", "subject", "data"]), values, max_size=2),
)
def test_whatever_is_posted_breaks_nothing(visit: Visit, kind: str, data: Any, change: dict[str, Any]) -> None:
    posted = event(kind) | {"data": data} | change
    assert post(visit.meeting.business, [posted]).status_code == 204


def test_who_guesses_keys_is_stopped(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_new_window(60)
    monkeypatch.setattr(accounts, "STRANGERS", (2, 60))
    monkeypatch.setattr(rates, "_counts", {})
    door, stranger = address(visit.meeting.business).partition("?")[0], Client(REMOTE_ADDR="203.0.113.9")
    body = json.dumps([event("started")])
    tries = [
        stranger.post(f"{door}?key=guess{number}", body, content_type="application/json").status_code
        for number in range(3)
    ]
    assert tries == [401, 401, 429]
    assert post(visit.meeting.business, event("started")).status_code == 204, "the vendor goes on"
