"""A live call moves, and is recorded, over the socket. What carries it is a fake that remembers what it was asked."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings

from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, PATIENCE, Talk
from vestibule.meetings import backends, recordings, visit_rules, waiting
from vestibule.meetings.models import Participant, Recording
from vestibule.meetings.ports import BackendError
from vestibule.meetings.testing import FakeMediaServer
from vestibule.store.configuration import load
from vestibule.web.live import carriers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.web.live.hub.RECORDER_SECONDS", 0.2)
    monkeypatch.setattr("vestibule.web.live.hub.STAFF_SECONDS", 0.2)


@pytest.fixture
def media(settings: LazySettings, tmp_path: Any) -> Iterator[FakeMediaServer]:
    settings.CONFIGURATION = load({"VESTIBULE_RECORDINGS": str(tmp_path), "VESTIBULE_DATA": str(tmp_path)})
    settings.MEETING_BACKENDS = {**settings.MEETING_BACKENDS, "livekit": "vestibule.meetings.testing.FakeMediaServer"}
    backends.backend_named.cache_clear()
    found = backends.backend_named("livekit")
    assert isinstance(found, FakeMediaServer)
    yield found
    backends.backend_named.cache_clear()


def soon(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not true():
        time.sleep(0.02)
    return true()


def epochs(talk: Talk, wanted: list[int]) -> None:
    """Read until the roster shows these epochs, earliest comer first."""
    while [person["epoch"] for person in talk.until("roster")["people"]] != wanted:
        pass


def test_everybody_in_the_call_is_brought_along_with_a_token_of_their_own(stage: Stage, media: FakeMediaServer) -> None:
    consumer, provider = stage.in_call()
    assert provider.ask("move_call", to="livekit")["type"] == "done"
    for talk, seat in ((consumer, stage.visit.consumer), (provider, stage.visit.provider)):
        told = talk.first("backend")
        assert told["backend"]["epoch"] == 2
        assert told["backend"]["token"] == f"token of {seat.ref}"
    provider.send("carried", epoch=2)
    epochs(consumer, [2, 1])
    consumer.send("carried", epoch=2)
    epochs(consumer, [2, 2])


def test_nobody_claims_a_backend_they_were_not_told_of(stage: Stage, media: FakeMediaServer) -> None:
    consumer, provider = stage.in_call()
    consumer.send("carried", epoch=9)
    consumer.ask("get_ice")  # a command after it, so that it was heard
    provider.quiet()
    rosters = [message["people"] for message in provider.seen if message["type"] == "roster"]
    assert {person["epoch"] for people in rosters for person in people} == {1}


def test_the_consumer_moves_nothing(stage: Stage, media: FakeMediaServer) -> None:
    consumer, _provider = stage.in_call()
    assert consumer.ask("move_call", to="livekit")["code"] == "not_allowed"
    assert consumer.ask("record_ask")["code"] == "not_allowed"
    assert media.calls == []


def test_a_silent_media_server_leaves_the_call_as_it_is(stage: Stage, media: FakeMediaServer) -> None:
    consumer, provider = stage.in_call()
    media.silent = True
    assert provider.ask("move_call", to="livekit")["code"] == "backend_failed"
    assert not [message for message in consumer.quiet() if message["type"] == "backend"]


def test_a_media_server_that_falls_silent_gives_the_call_back_to_the_browsers(
    stage: Stage, media: FakeMediaServer
) -> None:
    consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    media.silent = True
    assert consumer.ask("get_backend")["type"] == "done"
    told = consumer.until("backend", lambda message: message["backend"]["epoch"] == 3)
    assert told["backend"]["kind"] == "p2p"


def test_lines_that_fail_twice_move_the_call(stage: Stage, media: FakeMediaServer) -> None:
    consumer, provider = stage.in_call()
    consumer.ask("line_failed")
    provider.ask("line_failed")
    assert soon(lambda: media.calls.count("room 2") > 0)


def test_whoever_is_removed_is_put_out_of_the_media_server_too_as_often_as_they_come(
    stage: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vestibule.web.live.carriers.LOOK_SECONDS", 0.1)
    _consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    seat = stage.visit.consumer.ref
    assert soon(lambda: seat in media.inside)
    provider.ask("remove", participant=seat)
    assert soon(lambda: f"remove {seat}" in media.calls)
    media.inside.add(seat)  # the old token still admits
    assert soon(lambda: media.calls.count(f"remove {seat}") == 2)


def test_the_media_server_is_asked_ever_more_rarely_about_who_was_removed(
    stage: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vestibule.web.live.carriers.LOOK_SECONDS", 0.05)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(carriers, "asyncio", SimpleNamespace(sleep=sleep))
    _consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    seat = stage.visit.consumer.ref
    assert soon(lambda: seat in media.inside)
    provider.ask("remove", participant=seat)
    assert soon(lambda: len(pauses) >= 5)
    assert all(later > 1.5 * sooner for sooner, later in pairwise(pauses[:5])), pauses


@pytest.mark.parametrize("how", ["leave_call", "another page"])
def test_whoever_is_no_longer_shown_in_the_call_hears_nothing_of_it_either(
    stage: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("vestibule.web.live.carriers.LINGER_SECONDS", 0.1)
    consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    seat = stage.visit.consumer.ref
    assert soon(lambda: seat in media.inside)
    if how == "leave_call":
        consumer.ask("leave_call")
    else:
        stage.consumer()
    assert soon(lambda: f"remove {seat}" in media.calls)


def test_whoever_no_longer_works_here_hears_nothing_more_of_the_call(
    stage: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vestibule.web.live.carriers.LINGER_SECONDS", 0.5)
    _consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    seat = stage.visit.provider.ref
    assert soon(lambda: seat in media.inside)
    stage.membership.is_active = False
    stage.membership.save()
    assert soon(lambda: f"remove {seat}" in media.calls)


def test_the_end_for_everyone_closes_the_room_there(stage: Stage, media: FakeMediaServer) -> None:
    _consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    provider.send("end_for_all")
    assert soon(lambda: "end 2" in media.calls)


def test_the_role_decides_what_the_token_lets_somebody_send(stage: Stage, media: FakeMediaServer) -> None:
    _consumer, provider = stage.in_call()
    Participant.objects.filter(pk=stage.visit.consumer.pk).update(role=Participant.Role.ATTENDEE)
    provider.ask("move_call", to="livekit")
    assert soon(lambda: f"join {stage.visit.consumer.ref} cam,mic" in media.calls)
    assert soon(lambda: f"join {stage.visit.provider.ref} cam,mic,screen" in media.calls)


def test_a_role_that_changes_in_the_call_changes_what_the_media_server_lets_through(
    stage: Stage, media: FakeMediaServer
) -> None:
    consumer, provider = stage.in_call()
    provider.ask("move_call", to="livekit")
    assert soon(lambda: stage.visit.consumer.ref in media.inside)
    Participant.objects.filter(pk=stage.visit.consumer.pk).update(role=Participant.Role.CONSUMER)
    consumer.ask("set_name", name="Ada")  # whatever makes everybody look again
    assert soon(lambda: f"allow {stage.visit.consumer.ref} " in media.calls)


# --- recording -------------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(stage: Stage, media: FakeMediaServer) -> Stage:
    rules = visit_rules.of(stage.visit.meeting.business)
    rules.recording = True
    rules.save()
    return stage


def state(talk: Talk, wanted: str) -> None:
    """Read until the recording is in a state."""
    while ((talk.until("recording")["recording"] or {}).get("state")) != wanted:
        pass


def test_a_recording_begins_when_all_have_agreed_and_everybody_sees_it(recorded: Stage, media: FakeMediaServer) -> None:
    consumer, provider = recorded.in_call()
    assert provider.ask("record_ask")["type"] == "done"
    asked = Recording.objects.get()
    state(consumer, "asking")
    assert not [call for call in media.calls if call.startswith("record")]
    assert consumer.ask("record_answer", recording=asked.ref, agree=True)["type"] == "done"
    state(provider, "running")
    assert "record 2" in media.calls, "over the media server, to which the call moved"
    assert consumer.ask("record_answer", recording=asked.ref, agree=False)["type"] == "done"
    state(provider, "stopping")
    assert soon(lambda: "stop REC_1" in media.calls)


def test_whoever_comes_to_a_recorded_call_agrees_first(recorded: Stage, media: FakeMediaServer) -> None:
    consumer, provider = recorded.in_call()
    provider.ask("record_ask")
    asked = Recording.objects.get()
    consumer.ask("record_answer", recording=asked.ref, agree=True)
    state(provider, "running")
    seat = Participant.objects.create(
        meeting=recorded.visit.meeting, kind=Participant.Kind.HELPER, role=Participant.Role.ATTENDEE, name="Cy"
    )
    helper = recorded.consumer(seat)
    helper.send("enter_waiting")
    helper.until("state", state="waiting")
    waiting.admit(recorded.visit.host, seat.ref)
    helper.until("recording")
    refused = helper.ask("join_call", media=MEDIA)
    assert refused["code"] == "recording_consent"
    helper.ask("record_answer", recording=asked.ref, agree=True)
    helper.send("join_call", media=MEDIA)
    helper.until("joined")


def test_a_recorder_that_does_not_answer_is_told_and_nothing_is_recorded(
    recorded: Stage, media: FakeMediaServer
) -> None:
    consumer, provider = recorded.in_call()
    provider.ask("record_ask")
    media.silent = True
    consumer.ask("record_answer", recording=Recording.objects.get().ref, agree=True)
    state(provider, "failed")


def test_nobody_slips_into_a_call_that_begins_to_be_recorded_meanwhile(
    recorded: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer, _provider = recorded.in_call()
    consumer.ask("leave_call")
    credentials = carriers.joining

    async def slow(hub: Any, room: Any, ref: str) -> Any:
        await hub.run(recordings.ask, recorded.visit.provider.ref)
        assert await hub.run(recordings.claim_start, recorded.visit.meeting.ref), "the others have agreed"
        return await credentials(hub, room, ref)

    monkeypatch.setattr("vestibule.web.live.carriers.joining", slow)
    assert consumer.ask("join_call", media=MEDIA)["code"] == "recording_consent"
    assert Participant.objects.get(pk=recorded.visit.consumer.pk).state != "in_call"


def test_a_no_that_the_recorder_did_not_hear_is_said_again(recorded: Stage, media: FakeMediaServer) -> None:
    consumer, provider = recorded.in_call()
    provider.ask("record_ask")
    asked = Recording.objects.get()
    consumer.ask("record_answer", recording=asked.ref, agree=True)
    state(provider, "running")
    media.silent = True
    consumer.ask("record_answer", recording=asked.ref, agree=False)
    state(provider, "stopping")
    media.silent = False
    assert soon(lambda: "stop REC_1" in media.calls)


def test_a_slow_media_server_holds_up_no_ping_and_nothing_is_done_twice_over_a_new_socket(
    stage: Stage, media: FakeMediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, gives_up = [], threading.Event()

    async def slow(_meeting: str, epoch: int) -> None:
        asked.append(epoch)
        assert await asyncio.to_thread(gives_up.wait, PATIENCE)
        raise BackendError("silent", permanent=False)

    _consumer, provider = stage.in_call()
    monkeypatch.setattr(media, "ensure_room", slow)
    provider.send("move_call", to="livekit", ref="c1")
    provider.send("ping", last=provider.seq)
    provider.until("pong")
    provider.drop()
    again = stage.provider(resume=provider.welcome["session"], last=provider.seq)
    again.send("move_call", to="livekit", ref="c1")
    again.send("raise_hand", on=True, ref="c2")
    gives_up.set()
    assert [again.until(kind)["ref"] for kind in ("error", "done")] == ["c1", "c2"], "in turn"
    assert asked == [2], "once"
