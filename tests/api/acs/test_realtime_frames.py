"""Packets and events as the browser's library reads and writes them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.api.acs.realtime import events, frames
from vestibule.api.acs.realtime.events import Person, Said
from vestibule.api.acs.realtime.frames import Packet, Unreadable

AT = datetime(2026, 3, 2, 9, 0, 0, 123_000, UTC)
ADA, BEN = "8:acs:one_ada", "8:acs:one_ben"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def body_of(frame: str) -> dict[str, object]:
    """Read a frame as the library does: JSON that holds JSON."""
    packet = frames.read(frame)
    assert packet.kind == frames.MESSAGE
    body: dict[str, object] = json.loads(str(packet.json()["body"]))
    return body


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        ("2::", Packet(2)),
        ("1::", Packet(1)),
        ("0::", Packet(0)),
        ('5:1+::{"name":"ping"}', Packet(5, '{"name":"ping"}', "1", wants_answer=True)),
        ('3:::{"id":7,"status":200}', Packet(3, '{"id":7,"status":200}')),
        ("3:::a:b\nc", Packet(3, "a:b\nc")),
    ],
)
def test_a_packet_is_read_as_it_was_written(text: str, packet: Packet) -> None:
    assert frames.read(text) == packet


@pytest.mark.parametrize("text", ["", "9::", "hello", "5", "55::", "5:x::", "-1::", "5:99999999999::"])
def test_what_is_no_packet_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        frames.read(text)


@pytest.mark.parametrize("data", ["", "[]", "1", "{", "null"])
def test_data_that_is_no_object_is_not_read(data: str) -> None:
    with pytest.raises(Unreadable):
        frames.read(f"3:::{data}").json()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), min_size=1), min_size=1))
def test_several_packets_travel_as_one_payload(packets: list[str]) -> None:
    assert frames.unpacked(frames.packed(packets)) == packets


def test_lengths_are_counted_as_javascript_does() -> None:
    assert frames.packed(["a", "💬é"]) == "\ufffd1\ufffda\ufffd3\ufffd💬é"


@pytest.mark.parametrize(
    "payload", ["\ufffd", "\ufffd5\ufffdab", "\ufffdx\ufffdab", "\ufffd1\ufffdab", "\ufffd-1\ufffda"]
)
def test_a_payload_that_does_not_add_up_is_not_read(payload: str) -> None:
    with pytest.raises(Unreadable):
        frames.unpacked(payload)


def test_a_payload_of_more_than_two_hundred_packets_is_not_read() -> None:
    with pytest.raises(Unreadable):
        frames.unpacked("\ufffd1\ufffda" * 201)


def test_one_event_is_told_to_each_reader_in_their_name() -> None:
    event = events.message(Said("19:x@thread.v2", "1", "1", ADA, "Ada", AT, text=f'8:reader {BEN} "quoted" \\ 💬'))
    told = event.frame(3, "/v4/f/place/", BEN)
    packet = frames.read(told).json()
    assert (packet["id"], packet["method"], packet["url"]) == (3, "POST", "/v4/f/place/")
    body = body_of(told)
    assert body["recipientMri"] == BEN
    assert body["messageBody"] == f'8:reader {BEN} "quoted" \\ 💬'
    assert body_of(event.frame(4, "/v4/f/place/", ADA)) == body | {"recipientMri": ADA}


def test_a_message_says_what_it_is() -> None:
    said = Said("t", "17", "18", ADA, "Ada", AT, "html", "<b>hi</b>", "c", {"a": "1"}, [{"id": "x"}])
    body = body_of(events.edited(said, AT).frame(1, "/", BEN))
    assert (body["eventId"], body["messageType"], body["version"]) == (247, "RichText/Html", "18")
    assert (body["originalArrivalTime"], body["edittime"]) == ("2026-03-02T09:00:00.123Z",) * 2
    assert json.loads(str(body["acsChatMessageMetadata"])) == {"a": "1"}
    assert json.loads(str(body["attachments"])) == [{"id": "x"}]


def test_of_a_message_taken_back_nothing_is_told_of_what_it_said() -> None:
    said = Said("t", "17", "18", ADA, "Ada", AT, text="secret", metadata={"secret": "secret"})
    frame = events.deleted(said, AT).frame(1, "/", BEN)
    assert "secret" not in frame
    assert body_of(frame)["deletetime"] == "2026-03-02T09:00:00.123Z"


def test_a_receipt_says_when_and_up_to_what() -> None:
    body = body_of(events.read("t", ADA, "17", AT).frame(1, "/", BEN))
    _message, when, _same = json.loads(str(body["messageBody"]))["consumptionhorizon"].split(";")
    assert (body["messageId"], int(when)) == ("17", 1772442000123)


def unescaped(text: str) -> str:
    """Do what JavaScript's old `unescape` does."""
    units, at = [], 0
    while at < len(text):
        if text.startswith("%u", at):
            units.append(int(text[at + 2 : at + 6], 16))
            at += 6
        elif text[at] == "%":
            units.append(int(text[at + 1 : at + 3], 16))
            at += 3
        else:
            units.append(ord(text[at]))
            at += 1
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be")


@given(TEXTS)
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescaped(events.escape(text)) == text
    assert events.escape(text).isascii()


def test_people_and_properties_survive_their_way() -> None:
    people = [Person(BEN, "Bén 100%", AT, {"a": "b"})]
    body = body_of(
        events.thread_created("t", "1", Person(ADA, "Ada"), AT, people, events.properties_of("Ü&1", {"x": "y"}, 60))
        .frame(1, "/", BEN)
    )  # fmt: skip
    (told,) = json.loads(unescaped(str(body["members"])))
    assert (told["participantId"], told["displayName"]) == (BEN, "Bén 100%")
    assert (told["shareHistoryTime"], json.loads(told["memberMetaData"])) == ("2026-03-02T09:00:00.123Z", {"a": "b"})
    properties = json.loads(unescaped(str(body["properties"])))
    assert (properties["topic"], json.loads(properties["acsChatThreadMetadata"])) == ("Ü&1", {"x": "y"})
    assert json.loads(properties["retentionPolicy"])["executeAfter"] == "60.00:00:00"


def test_a_thread_whose_time_was_over_was_deleted_by_nobody() -> None:
    body = body_of(events.thread_deleted("t", "1", None, AT).frame(1, "/", BEN))
    assert body["reason"] == "deletedByPolicy"
    assert "deletedBy" not in body
