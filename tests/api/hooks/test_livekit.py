"""Callbacks of the media server: believed when signed, acted on once."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.meetings.scene import Visit, make_visit
from vestibule.integrations.livekit import tokens
from vestibule.integrations.livekit.backend import LiveKit
from vestibule.meetings import backends, calls, recordings, visit_rules, waiting
from vestibule.meetings.models import MeetingEvent, Recording
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db
KEY, SECRET = "key1", "a secret of this test"
PATH = "vestibule.integrations.livekit.backend.LiveKit"


@pytest.fixture(autouse=True)
def _with_livekit(settings: LazySettings, tmp_path: Any) -> Iterator[None]:
    wanted = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_KEY": KEY, "LIVEKIT_SECRET": SECRET}
    wanted |= {"RECORDINGS": str(tmp_path), "DATA": str(tmp_path)}
    settings.CONFIGURATION = load({f"VESTIBULE_{name}": text for name, text in wanted.items()})
    settings.MEETING_BACKENDS = {**settings.MEETING_BACKENDS, "livekit": PATH}
    backends.backend_named.cache_clear()
    yield
    backends.backend_named.cache_clear()


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who was put out of the media server's rooms."""
    out: list[str] = []

    async def remove(_self: LiveKit, room: Any, participant: str) -> None:
        out.append(f"{room.room}.{room.epoch}/{participant}")

    monkeypatch.setattr(LiveKit, "remove", remove)
    return out


@pytest.fixture
def visit() -> Visit:
    """A consumer and a provider in a call."""
    made = make_visit()
    waiting.arrive(made.provider.ref)
    waiting.arrive(made.consumer.ref)
    waiting.enter_waiting(made.consumer.ref)
    waiting.admit(made.host, made.consumer.ref)
    for seat in (made.provider, made.consumer):
        calls.join_call(seat.ref)
    return made


def tell(event: dict[str, Any], *, id: str = "EV_1", secret: str = SECRET, other_body: bytes = b"") -> int:
    body = json.dumps({"id": id, "createdAt": str(int(time.time())), **event}).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token = tokens.sign({"iss": KEY, "nbf": int(time.time()), "exp": int(time.time()) + 300, "sha256": digest}, secret)
    client, given = Client(enforce_csrf_checks=True), {"authorization": token}
    answer = client.post("/hooks/livekit", other_body or body, content_type="application/webhook+json", headers=given)
    return answer.status_code


def joined(visit: Visit, who: str = "") -> dict[str, Any]:
    room = {"name": f"vestibule.{visit.meeting.ref}.1"}
    return {"event": "participant_joined", "room": room, "participant": {"identity": who or visit.consumer.ref}}


def log_of(visit: Visit, kind: str) -> int:
    return MeetingEvent.objects.filter(meeting=visit.meeting, kind=kind).count()


def test_what_the_media_server_tells_is_kept_once(visit: Visit, removed: list[str]) -> None:
    for _ in range(3):
        assert tell(joined(visit)) == 204
    assert log_of(visit, "media_joined") == 1
    assert tell(joined(visit), id="EV_2") == 204
    assert log_of(visit, "media_joined") == 2
    assert removed == []


def test_what_it_did_not_sign_is_refused_and_changes_nothing(visit: Visit) -> None:
    assert tell(joined(visit), secret="guessed") == 401
    assert tell(joined(visit), other_body=b'{"event": "participant_joined"}') == 401
    assert Client().post("/hooks/livekit", b"{}", content_type="application/json").status_code == 401
    assert Client().get("/hooks/livekit").status_code == 405
    assert log_of(visit, "media_joined") == 0


def test_there_is_no_such_door_without_a_media_server(settings: LazySettings) -> None:
    del settings.MEETING_BACKENDS["livekit"]
    assert Client().post("/hooks/livekit", b"{}", content_type="application/json").status_code == 404


def test_a_body_too_large_is_not_read() -> None:
    assert Client().post("/hooks/livekit", b"x" * 300_000, content_type="application/json").status_code == 413


def test_somebody_who_was_removed_and_comes_with_the_old_token_is_put_out_again(
    visit: Visit, removed: list[str]
) -> None:
    waiting.remove(visit.host, visit.consumer.ref)
    tell(joined(visit))
    assert removed == [f"{visit.meeting.ref}.1/{visit.consumer.ref}"]


def test_somebody_who_left_the_call_does_not_come_back_unseen(visit: Visit, removed: list[str]) -> None:
    calls.leave_call(visit.consumer.ref)
    tell(joined(visit))
    assert removed == [f"{visit.meeting.ref}.1/{visit.consumer.ref}"]


def test_nobody_stays_in_the_room_of_a_meeting_that_is_over(visit: Visit, removed: list[str]) -> None:
    waiting.end_for_all(visit.host, visit.meeting.ref)
    tell(joined(visit, visit.provider.ref))
    assert removed


def test_a_seat_of_another_meeting_does_not_admit_to_this_one(visit: Visit, removed: list[str]) -> None:
    tell(joined(visit, make_visit().consumer.ref))
    assert len(removed) == 1


def test_the_recorder_is_no_intruder(visit: Visit, removed: list[str]) -> None:
    tell(joined(visit, "EG_recorder"))
    assert removed == []


# --- recordings ------------------------------------------------------------------------------------------------------


def running(visit: Visit) -> Recording:
    """A recording both agreed to, as the media server knows it."""
    rules = visit_rules.of(visit.meeting.business)
    rules.recording, rules.recording_days = True, 7
    rules.save()
    asked = recordings.ask(visit.provider.ref)
    recordings.answer(visit.consumer.ref, asked.ref, True)
    start = recordings.claim_start(visit.meeting.ref)
    assert start is not None
    assert recordings.started(asked.ref, "EG_1")
    return Recording.objects.get(ref=asked.ref)


def ended(visit: Visit, **egress: Any) -> dict[str, Any]:
    room = f"vestibule.{visit.meeting.ref}.2"
    file = {"filename": "/elsewhere/x.mp4", "size": "2048", "duration": "9000000000"}
    info = {"egressId": "EG_1", "roomName": room, "status": "EGRESS_COMPLETE", "fileResults": [file], **egress}
    return {"event": "egress_ended", "egressInfo": info}


def test_a_recording_is_ready_when_the_recorder_says_so_and_is_kept_as_long_as_the_rules_say(visit: Visit) -> None:
    recording = running(visit)
    assert tell(ended(visit)) == 204
    recording.refresh_from_db()
    assert (recording.state, recording.size, recording.seconds) == ("ready", 2048, 9)
    assert recording.delete_after is not None
    assert abs(recording.delete_after - clock.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert recording.place.startswith(visit.meeting.ref), "where it lies is ours to say"


def test_a_recording_that_failed_says_why_and_does_not_become_ready_later(visit: Visit) -> None:
    recording = running(visit)
    tell(ended(visit, status="EGRESS_FAILED", error="disk full"))
    tell(ended(visit), id="EV_late")
    recording.refresh_from_db()
    assert (recording.state, recording.failure) == ("failed", "disk full")


def test_a_recording_whose_starter_died_is_known_again_by_its_room(visit: Visit) -> None:
    recording = running(visit)
    Recording.objects.filter(pk=recording.pk).update(backend_ref="")
    tell({**ended(visit), "event": "egress_started"})
    recording.refresh_from_db()
    assert recording.backend_ref == "EG_1"


def test_recordings_of_others_are_nobodys_here(visit: Visit) -> None:
    recording = running(visit)
    assert tell(ended(visit, egressId="EG_other")) == 204
    recording.refresh_from_db()
    assert recording.state == "running"


def test_a_recording_nobody_agreed_to_is_stopped(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    async def stop(_self: LiveKit, name: str) -> None:
        stopped.append(name)

    monkeypatch.setattr(LiveKit, "stop_recording", stop)
    began = {**ended(visit), "event": "egress_started"}
    recording = running(visit)
    tell(began)
    assert stopped == [], "both agreed to this one"
    recordings.failed(recording.ref, "the answer to its start was lost")
    tell(began, id="EV_late")
    assert stopped == ["EG_1"]
