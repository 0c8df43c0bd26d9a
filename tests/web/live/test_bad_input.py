"""Whatever a client sends is answered, and the server goes on."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, nothing_is_forgotten, visit_cookie
from vestibule.meetings.models import MeetingEvent
from vestibule.web.live import messages
from vestibule.web.live.messages import DESK, BadMessage
from vestibule.web.live.visit import SHAPES as VISIT

GARBAGE = [
    ("{", "bad_message"),
    ("", "bad_message"),
    ("null", "bad_message"),
    ("[]", "bad_message"),
    ('"ping"', "bad_message"),
    ("{}", "bad_message"),
    ('{"type": 5}', "bad_message"),
    ('{"type": "nonsense"}', "unknown_type"),
    ('{"type": "hello", "v": 1}', "unknown_type"),
    ('{"type": "__class__"}', "unknown_type"),
    ('{"type": "start", "meeting": "x"}', "unknown_type"),
    ('{"type": "ping", "last": "5"}', "bad_message"),
    ('{"type": "ping", "last": true}', "bad_message"),
    ('{"type": "ping", "last": 99999999999999999999999}', "bad_message"),
    ('{"type": "ping", "last": -1}', "bad_message"),
    ('{"type": "set_name", "name": "a\\u0000b"}', "bad_message"),
    ('{"type": "chat_send", "client_id": "c", "text": "\\ud800"}', "bad_message"),
    ('{"type": "admit", "participant": ["x"]}', "bad_message"),
    ('{"type": "devices", "mic": "<script>"}', "bad_message"),
    ('{"type": "join_call", "media": {"mic": 1}}', "bad_message"),
    ('{"type": "ping", "last": 1, "ref": 7}', "bad_message"),
    ("[" * 5000, "bad_message"),
    ("x" * 17_000, "too_big"),
    ('{"type": "set_name", "name": "signal"' + " " * 17_000 + "}", "too_big"),
]


@pytest.mark.parametrize(("frame", "code"), GARBAGE, ids=[frame[:40] for frame, _code in GARBAGE])
def test_garbage_has_a_name(frame: str, code: str) -> None:
    with pytest.raises(BadMessage) as refused:
        messages.read(frame, VISIT)
    assert refused.value.code == code


def test_every_kind_of_garbage_is_answered_and_the_socket_lives_on(stage: Stage) -> None:
    consumer = stage.consumer()
    for frame, code in GARBAGE:
        consumer.raw(frame)
        assert consumer.until("error")["code"] == code, frame[:60]
    consumer.send("ping", last=consumer.seq)
    consumer.until("pong")


def test_a_frame_beyond_every_limit_closes_the_socket(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.quiet(0.2)
    consumer.raw("x" * 70_000)
    with pytest.raises(ConnectionClosed) as closed:
        consumer.until("never comes")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_binary_is_another_protocol(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.raw(b"\x00\x01")
    assert consumer.ending()[1] == 4400


def test_a_signal_nested_too_deep_harms_nobody(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    deep: Any = {}
    for _ in range(400):
        deep = {"d": deep}
    consumer.raw(json.dumps({"type": "signal", "to": stage.visit.provider.ref, "epoch": 1, "data": deep}))
    assert consumer.until("error")["field"] == "data"
    provider.send("ping", last=provider.seq)
    provider.until("pong")


def test_too_many_messages_are_slowed_down_and_then_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_forgotten(monkeypatch)
    consumer = stage.consumer()
    frame = json.dumps({"type": "ping", "last": 0})
    for _ in range(200):
        consumer.raw(frame)
    error = consumer.until("error")
    assert error["code"] == "rate_limited"
    assert error["retry_ms"] > 0
    with suppress(ConnectionClosed):
        for _ in range(3000):
            consumer.raw(frame)
    assert consumer.ending()[1] == 4429


def test_chat_has_a_limit_of_its_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_forgotten(monkeypatch)
    consumer, _provider = stage.in_call()
    for number in range(11):
        consumer.send("chat_send", client_id=f"c{number}", text="hi", ref=f"r{number}")
    for number in range(10):
        consumer.until("done", ref=f"r{number}")
    refused = consumer.shown("error", lambda told: told.get("ref") == "r10")  # it may overtake what is at work
    assert refused["code"] == "rate_limited"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://", None])
def test_pages_of_others_are_refused_before_the_socket_opens(stage: Stage, origin: str | None) -> None:
    cookie = {"Cookie": visit_cookie(stage.visit.consumer.ref)}
    with pytest.raises(InvalidStatus) as refused:
        connect(
            stage.server.url("visit"),
            origin=Origin(origin) if origin else None,
            additional_headers=cookie,
            legacy=True,
        )
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("door", ["visit", "desk"])
@pytest.mark.parametrize(
    "cookie", ["", "vestibule_visit=guess", "sessionid=guess", "vestibule_visit=", "=;;==", "sessionid=\xff"]
)
def test_a_guessed_cookie_opens_nothing(stage: Stage, door: str, cookie: str) -> None:
    talk = stage.open(door, cookie)
    assert talk.hello(meeting=stage.visit.meeting.ref)["code"] == "not_authorised" if door == "visit" else True
    if door == "desk":
        assert talk.hello()["code"] == "not_authorised"


def test_a_consumers_cookie_does_not_open_the_providers_seat(stage: Stage) -> None:
    talk = stage.open("visit", visit_cookie(stage.visit.provider.ref))
    assert talk.hello()["code"] == "not_authorised"


@pytest.mark.parametrize("first", ['{"type":"ping","last":0}', '{"type":"join_call"}', "{", '{"type":"hello","v":2}'])
def test_nothing_comes_before_hello(stage: Stage, first: str) -> None:
    talk = stage.open("visit", visit_cookie(stage.visit.consumer.ref))
    talk.raw(first)
    assert talk.ending()[0]["code"] in ("not_authorised", "protocol")


def test_markup_stays_text(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    desk.until("queue")
    consumer.send("enter_waiting", name="<img src=x onerror=alert(1)>")
    entry = desk.until("entry")
    while entry["entry"]["people"][0]["name"] == "Ada Ng":
        entry = desk.until("entry")
    assert entry["entry"]["people"][0]["name"] == "<img src=x onerror=alert(1)>"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
kinds = sorted({*VISIT, *DESK})
names = sorted({name for shape in [*VISIT.values(), *DESK.values()] for name in shape})
nearly = st.builds(
    lambda kind, fields, ref: {"type": kind, **fields, **ref},
    st.sampled_from(kinds),
    st.dictionaries(st.sampled_from(names), anything, max_size=5),
    st.just({}) | st.fixed_dictionaries({"ref": st.text(max_size=70)}),
)


@given(st.text() | anything.map(json.dumps) | nearly.map(json.dumps))
@settings(max_examples=400, deadline=None)
def test_reading_raises_nothing_but_bad_message(frame: str) -> None:
    for shapes in (VISIT, DESK):
        try:
            message = messages.read(frame, shapes)
        except BadMessage:
            continue
        assert message["type"] in shapes
        orjson.dumps(message)


def test_no_message_breaks_a_session(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    consumer, _provider = stage.in_call()
    desk = stage.desk()

    @given(nearly)
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def send(message: dict[str, Any]) -> None:
        frame = json.dumps(message | {"ref": "fuzz"})
        if message["type"] in ("leave_waiting", "leave_call", "end_for_all", "ping", "remove"):
            return
        for talk in (consumer, desk):
            talk.raw(frame)
            talk.raw('{"type":"ping","last":0}')
            while (answer := talk.next())["type"] != "pong":
                assert answer.get("code") != "failed", message
                if answer.get("code") == "rate_limited":
                    talk.quiet(0.5)
                    return

    send()
    consumer.quiet(0.5)
    consumer.send("media", **MEDIA)
    assert consumer.ask("get_ice")["type"] == "done"


def test_nobody_from_outside_fills_the_log_of_a_meeting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_forgotten(monkeypatch)
    consumer = stage.consumer()
    codes = [consumer.ask(kind).get("code") for _turn in range(20) for kind in ("enter_waiting", "leave_waiting")]
    assert "rate_limited" in codes
    assert codes[0] is None
    assert MeetingEvent.objects.filter(participant=stage.visit.consumer).count() <= 34
