"""What the LiveKit adapter promises. Rooms and people are those of a real server; what runs beside it is said."""

import asyncio
import base64
import hashlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from tests.livekit import RunningLiveKit, livekit_server, needs_livekit
from tests.servers import free_port
from vestibule.integrations.livekit import tokens
from vestibule.integrations.livekit.backend import LiveKit
from vestibule.integrations.livekit.names import meeting_of, room_name
from vestibule.meetings.ports import BackendError, BadSignature, RoomRef
from vestibule.store.configuration import load

T = TypeVar("T")
KEY, SECRET = "key1", "s3cret-of-this-test"
ROOM = RoomRef("livekit", "meeting1", epoch=2)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def claims_of(token: str, key: str = KEY, secret: str = SECRET) -> dict[str, Any]:
    return tokens.verify(token, key, secret, time.time())


def adapter(address: str = "wss://media.example.org") -> LiveKit:
    return LiveKit(address, KEY, SECRET)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLiveKit]:
    with livekit_server(tmp_path_factory.mktemp("livekit")) as running:
        yield running


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_admits_one_person_to_one_room_for_five_minutes_at_most() -> None:
    info = run(adapter().join_info(ROOM, "par_ada", "Ada Ng"))
    claims = claims_of(info.token)
    assert (claims["sub"], claims["name"], claims["video"]["room"]) == ("par_ada", "Ada Ng", room_name(ROOM))
    assert 0 < claims["exp"] - time.time() <= 300
    assert info.expires_at.timestamp() == claims["exp"]
    assert not {"roomAdmin", "roomCreate", "roomList", "roomRecord", "hidden"} & set(claims["video"])


@pytest.mark.parametrize(
    ("may_send", "sources"),
    [
        ({"mic", "cam", "screen"}, ["microphone", "camera", "screen_share", "screen_share_audio"]),
        ({"mic", "cam"}, ["microphone", "camera"]),
        (set(), []),
    ],
)
def test_a_role_becomes_what_may_be_sent(may_send: set[str], sources: list[str]) -> None:
    video = claims_of(run(adapter().join_info(ROOM, "ada", "Ada", frozenset(may_send))).token)["video"]
    assert video["canPublishSources"] == sources
    # LiveKit reads an empty list as "everything", so this switch must be off as well.
    assert video["canPublish"] is bool(sources)


def test_a_secret_never_shows_in_a_representation() -> None:
    info = run(adapter().join_info(ROOM, "ada", "Ada"))
    assert info.token not in repr(info)


@pytest.mark.parametrize(
    ("given", "socket"),
    [
        ("wss://media.example.org", "wss://media.example.org"),
        ("https://media.example.org/lk/", "wss://media.example.org/lk"),
        ("http://10.0.0.7:7880", "ws://10.0.0.7:7880"),
    ],
)
def test_browsers_are_given_a_socket_address_whichever_way_it_was_set(given: str, socket: str) -> None:
    assert run(adapter(given).join_info(ROOM, "ada", "Ada")).url == socket


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError):
        adapter("media.example.org")


def test_the_relay_of_the_settings_serves_these_calls_too() -> None:
    settings = {"LIVEKIT_URL": "wss://m.example.org", "LIVEKIT_KEY": KEY, "LIVEKIT_SECRET": SECRET}
    settings |= {"TURN_URLS": "turn:t.example.org:3478", "TURN_SECRET": "x"}
    backend = LiveKit.configured(load({f"VESTIBULE_{name}": text for name, text in settings.items()}))
    for info in (run(backend.join_info(ROOM, "ada", "Ada")), run(backend.refresh(ROOM, "ada"))):
        assert info.ice_servers[0].urls == ("turn:t.example.org:3478",)
    assert info.token == "", "refreshing the network path opens no room"


@pytest.mark.parametrize("name", ["", "other", "vestibule.", "vestibule.m1", "vestibule.m1.x", "vestibule..1"])
def test_rooms_of_other_programs_are_nobodys(name: str) -> None:
    assert meeting_of(name) == ("", 0)


def test_each_move_of_a_call_has_a_room_of_its_own() -> None:
    assert meeting_of(room_name(ROOM)) == ("meeting1", 2)
    assert room_name(ROOM) != room_name(RoomRef("livekit", "meeting1", epoch=3))


# --- callbacks -------------------------------------------------------------------------------------------------------


def callback(event: dict[str, Any], *, secret: str = SECRET, key: str = KEY, age: int = 0) -> tuple[bytes, str]:
    """The body and the `Authorization` header of a callback, signed as LiveKit signs."""
    body = json.dumps({"id": "EV_1", "createdAt": str(int(time.time()) - age), **event}).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    now = int(time.time())
    return body, tokens.sign({"iss": key, "nbf": now, "exp": now + 300, "sha256": digest}, secret)


JOINED = {
    "event": "participant_joined",
    "room": {"name": "vestibule.meeting1.2"},
    "participant": {"identity": "par_ada"},
}


def test_a_signed_callback_says_who_came() -> None:
    body, token = callback(JOINED)
    [event] = adapter().verify_webhook(body, {"Authorization": token})
    assert (event.kind, event.meeting, event.epoch, event.participant) == ("joined", "meeting1", 2, "par_ada")


def test_a_finished_recording_says_where_it_is_and_how_long() -> None:
    file = {"filename": "/rec/m1/r1.mp4", "size": "1048576", "duration": "61000000000"}
    egress = {
        "egressId": "EG_1",
        "roomName": "vestibule.meeting1.2",
        "status": "EGRESS_COMPLETE",
        "fileResults": [file],
    }
    body, token = callback({"event": "egress_ended", "egressInfo": egress})
    [event] = adapter().verify_webhook(body, {"authorization": token})
    assert (event.recording, event.place, event.size, event.seconds) == ("EG_1", "/rec/m1/r1.mp4", 1048576, 61)
    assert event.error == ""


def test_a_failed_recording_says_why() -> None:
    egress = {"egressId": "EG_1", "roomName": "vestibule.meeting1.2", "status": "EGRESS_FAILED", "error": "disk full"}
    body, token = callback({"event": "egress_ended", "egressInfo": egress})
    assert adapter().verify_webhook(body, {"Authorization": token})[0].error == "disk full"


def test_what_is_no_news_to_us_is_taken_and_means_nothing() -> None:
    for event in ({**JOINED, "event": "track_published"}, {**JOINED, "room": {"name": "someone-elses"}}):
        body, token = callback(event)
        assert adapter().verify_webhook(body, {"Authorization": token}) == []


def forged() -> Iterator[tuple[str, bytes, str]]:
    body, token = callback(JOINED)
    yield "another body", body.replace(b"par_ada", b"par_eve"), token
    yield "another secret", *callback(JOINED, secret="guessed")
    yield "another key", *callback(JOINED, key="key2")
    yield "no token", body, ""
    yield "half a token", body, token.rpartition(".")[0]
    yield "too old", *callback(JOINED, age=400)
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    yield "no algorithm", body, f"{unsigned}.{token.split('.')[1]}."
    now = int(time.time())
    expired = {"iss": KEY, "exp": now - 120, "sha256": base64.b64encode(hashlib.sha256(body).digest()).decode()}
    yield "an expired token", body, tokens.sign(expired, SECRET)
    yield "a join token instead", body, run(adapter().join_info(ROOM, "ada", "Ada")).token


@pytest.mark.parametrize(
    ("what", "body", "token"),
    list(forged()),
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "-",
)
def test_a_callback_that_is_not_livekits_is_refused(what: str, body: bytes, token: str) -> None:
    with pytest.raises(BadSignature):
        adapter().verify_webhook(body, {"Authorization": token})


# --- a real server ---------------------------------------------------------------------------------------------------


@needs_livekit
@pytest.mark.alone
def test_a_room_is_made_once_found_empty_and_ended(server: RunningLiveKit) -> None:
    async def story() -> None:
        backend = server.backend()
        room = await backend.ensure_room("m-room", 1)
        assert await backend.ensure_room("m-room", 1) == room
        assert await backend.participants(room) == frozenset()
        await backend.end(room)
        await backend.end(room)
        assert await backend.participants(room) == frozenset()

    run(story())


@needs_livekit
@pytest.mark.alone
def test_what_concerns_somebody_who_is_not_there_is_done_already(server: RunningLiveKit) -> None:
    async def story() -> None:
        backend = server.backend()
        room = await backend.ensure_room("m-nobody", 1)
        await backend.remove(room, "par_ada")
        await backend.mute(room, "par_ada", "mic")
        await backend.allow(room, "par_ada", frozenset({"mic"}))

    run(story())


@needs_livekit
@pytest.mark.alone
def test_a_probe_tells_a_server_that_works_from_a_wrong_secret_and_from_silence(server: RunningLiveKit) -> None:
    assert run(server.backend().probe()).ok
    wrong = run(server.backend(secret="another secret").probe())
    assert not wrong.ok
    assert "secret" in wrong.words
    silent = run(LiveKit("ws://127.0.0.1:9", KEY, SECRET).probe())
    assert not silent.ok
    assert "does not answer" in silent.words


@needs_livekit
@pytest.mark.alone
def test_every_failure_is_a_backend_error(server: RunningLiveKit) -> None:
    for backend, permanent in (
        (server.backend(secret="wrong"), True),
        (LiveKit("ws://127.0.0.1:9", KEY, SECRET), False),
    ):
        with pytest.raises(BackendError) as failed:
            run(backend.ensure_room("m1", 1))
        assert failed.value.permanent is permanent


def test_without_a_folder_nothing_is_recorded() -> None:
    assert not adapter().capabilities.recording
    with pytest.raises(BackendError):
        run(adapter().start_recording(ROOM, "r1.mp4"))


@needs_livekit
@pytest.mark.alone
def test_the_server_lets_in_by_our_tokens_alone_while_they_last_and_into_rooms_we_made(server: RunningLiveKit) -> None:
    backend = server.backend()
    room = run(backend.ensure_room("m-tokens", 1))
    good = run(backend.join_info(room, "ada", "Ada")).token
    claims = claims_of(good, server.key, server.secret)
    expired = tokens.sign({**claims, "exp": int(time.time()) - 120}, server.secret)
    forged = tokens.sign(claims, "another secret")
    elsewhere = run(backend.join_info(RoomRef("livekit", "m-never-made", epoch=1), "ada", "Ada")).token

    def status(token: str) -> int:
        address = f"http://127.0.0.1:{server.port}/rtc/validate"
        return httpx.get(address, params={"access_token": token}, timeout=60).status_code

    assert status(good) == 200
    assert [status(token) for token in (expired, forged, "")] == [401, 401, 401]
    assert status(elsewhere) == 404, "a token makes no room"


# --- Egress, by a stand-in -------------------------------------------------------------------------------------------
# Egress is a service of its own, in a container that tests do not run. What stands in for it answers as the API of
# version 1.13 is written down: this proves what we ask and how we read answers, not that anything is recorded.


class EgressStandIn:
    """Answers what it was given, and keeps what it was asked: path, grants of the token, body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.answer: tuple[int, dict[str, Any]] = (200, {"egressId": "EG_1", "status": "EGRESS_STARTING"})
        stand_in = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                token = self.headers["Authorization"].removeprefix("Bearer ")
                stand_in.asked.append((self.path, claims_of(token)["video"], body))
                status, told = stand_in.answer
                raw = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def backend(self) -> LiveKit:
        return LiveKit(f"ws://127.0.0.1:{self.server.server_port}", KEY, SECRET, records_to="/out/")


@pytest.fixture
def egress_stand_in() -> Iterator[EgressStandIn]:
    made = EgressStandIn()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_stand_in_a_recording_is_of_the_whole_room_into_one_file(egress_stand_in: EgressStandIn) -> None:
    assert run(egress_stand_in.backend().start_recording(ROOM, "meeting1/r1.mp4")) == "EG_1"
    [(path, grants, body)] = egress_stand_in.asked
    assert path == "/twirp/livekit.Egress/StartRoomCompositeEgress"
    assert grants == {"roomRecord": True}
    assert body["roomName"] == room_name(ROOM)
    assert body["fileOutputs"] == [{"fileType": "MP4", "filepath": "/out/meeting1/r1.mp4", "disableManifest": True}]


def test_stand_in_stopping_one_that_is_over_is_no_fault(egress_stand_in: EgressStandIn) -> None:
    egress_stand_in.answer = (412, {"code": "failed_precondition", "msg": "egress with status EGRESS_COMPLETE"})
    run(egress_stand_in.backend().stop_recording("EG_1"))
    assert egress_stand_in.asked[0][0] == "/twirp/livekit.Egress/StopEgress"
    assert egress_stand_in.asked[0][2] == {"egressId": "EG_1"}


def test_stand_in_without_a_recorder_the_refusal_says_so(egress_stand_in: EgressStandIn) -> None:
    egress_stand_in.answer = (503, {"code": "unavailable", "msg": "no response from servers"})
    with pytest.raises(BackendError, match="no response from servers") as refused:
        run(egress_stand_in.backend().start_recording(ROOM, "r.mp4"))
    assert not refused.value.permanent


# --- several nodes ---------------------------------------------------------------------------------------------------


@needs_livekit
@pytest.mark.alone
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_nodes_that_share_a_redis_answer_for_each_others_rooms(tmp_path: Path) -> None:
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    try:
        soon(lambda: answers(port))
        with (
            livekit_server(tmp_path, redis=f"127.0.0.1:{port}") as one,
            livekit_server(tmp_path, redis=f"127.0.0.1:{port}", like=one) as other,
        ):
            room = run(one.backend().ensure_room("m-nodes", 1))
            made = run(other.backend()._twirp.ask("RoomService/ListRooms", {}, {"roomList": True}))
            assert [each["name"] for each in made["rooms"]] == [room_name(room)]
            run(other.backend().end(room))
            left = run(one.backend()._twirp.ask("RoomService/ListRooms", {}, {"roomList": True}))
            assert left.get("rooms", []) == []
    finally:
        redis.terminate()
        redis.wait(10)


def answers(port: int) -> bool:
    """Whether somebody listens there. Raises OSError while nobody does."""
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


def soon(true: Callable[[], bool]) -> None:
    """Wait until `true` neither fails nor says no."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if true():
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("it did not come to be")
