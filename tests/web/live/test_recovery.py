"""Sockets are lost and come back: nothing is missed, nobody is thrown out too early, nobody sits in two chairs."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.meetings.scene import make_visit
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, PATIENCE, Server, Talk, soon, visit_cookie
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant
from vestibule.store import clock
from vestibule.web import live
from vestibule.web.live import recovery, rooms, sessions


def come_back(stage: Stage, lost: Talk, *, last: int | None = None) -> Talk:
    """A new socket that resumes the session of a lost one."""
    cookie = visit_cookie(stage.visit.consumer.ref)
    again = stage.open("visit", cookie)
    again.hello(resume=lost.welcome["session"], last=lost.seq if last is None else last)
    return again


def people(message: dict[str, object]) -> dict[str, str]:
    """Who is in a roster, and how they are connected."""
    rows = message["people"]
    assert isinstance(rows, list)
    return {row["role"]: row["connection"] for row in rows}


def test_exactly_the_lost_messages_come_again_in_order(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.quiet(0.2)
    before = consumer.seq
    consumer.drop()
    for number in range(5):
        provider.send("chat_send", client_id=f"c{number}", text=f"message {number}")
        provider.until("chat")
    provider.send("signal", to=stage.visit.consumer.ref, epoch=1, data={"kind": "candidate"})
    provider.ask("get_notices", participant=stage.visit.consumer.ref)
    again = come_back(stage, consumer)
    assert again.welcome["resumed"] is True
    replayed = [again.next() for _ in range(again.welcome["seq"] - before)]
    assert [message["seq"] for message in replayed] == list(range(before + 1, again.welcome["seq"] + 1))
    texts = [message["text"] for message in replayed if message["type"] == "chat"]
    assert texts == [f"message {number}" for number in range(5)]
    assert [message["type"] for message in replayed].count("signal") == 1


def test_what_was_acknowledged_does_not_come_again(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.quiet(0.2)
    provider.send("chat_send", client_id="c1", text="seen")
    consumer.until("chat")
    consumer.send("ping", last=consumer.seq)
    consumer.until("pong")
    consumer.drop()
    provider.send("chat_send", client_id="c2", text="not seen")
    provider.until("chat", text="not seen")
    again = come_back(stage, consumer)
    assert again.until("chat")["text"] == "not seen"


def test_the_others_are_told_reconnecting_and_then_that_all_is_well(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.drop()
    provider.until("roster", lambda roster: people(roster) == {"provider": "ok", "consumer": "reconnecting"})
    come_back(stage, consumer)
    provider.until("roster", lambda roster: people(roster) == {"provider": "ok", "consumer": "ok"})
    assert stage.visit.state() == "in_call"


def test_silence_in_the_call_is_seen_even_if_the_socket_looks_open(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vestibule.web.live.hub.SILENCE_SECONDS", 2.0)
    _consumer, provider = stage.in_call()

    def noticed() -> bool:
        provider.send("ping", last=provider.seq)  # the provider pings, the consumer does not
        provider.quiet(0.3)
        rosters = [people(message) for message in provider.seen if message["type"] == "roster"]
        return {"provider": "ok", "consumer": "reconnecting"} in rosters

    soon(noticed)


def test_when_the_grace_is_over_the_person_has_left(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(grace_seconds=0.4)
    consumer, provider = stage.in_call()
    consumer.drop()
    provider.until("roster", lambda roster: list(people(roster)) == ["provider"])
    soon(lambda: stage.visit.state() == "left")
    late = come_back(stage, consumer)
    assert late.welcome["resumed"] is False
    late.send("join_call", media=MEDIA)
    late.until("joined")


def test_a_waiting_person_keeps_the_place_over_a_reload(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    since = consumer.until("queue")["since"]
    consumer.socket.close()
    again = stage.consumer()
    assert again.welcome["resumed"] is False
    assert again.welcome["participant"]["state"] == "waiting"
    assert again.until("queue")["since"] == since


def test_a_waiting_person_who_does_not_come_back_has_left(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(grace_seconds=0.3)
    consumer, desk = stage.consumer(), stage.desk()
    desk.until("queue")
    consumer.send("enter_waiting")
    desk.until("entry")
    consumer.drop()

    def shown_as_left() -> bool:
        desk.quiet(0.1)
        entries = [message["entry"] for message in desk.seen if message["type"] == "entry"]
        return entries[-1]["people"][0]["state"] == "left" and entries[-1]["waiting_since"] is None

    soon(shown_as_left)


def test_whoever_closes_the_page_at_the_door_is_soon_gone_from_the_desk(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "AWAY_SECONDS", 0.3)
    consumer, desk = stage.consumer(), stage.desk()
    desk.until("queue")
    consumer.send("enter_waiting")
    consumer.until("queue")
    consumer.socket.close(1001)
    soon(lambda: stage.visit.state() == "left")
    gone = desk.until("entry", lambda told: told["entry"]["people"][0]["state"] == "left")["entry"]
    assert (gone["waiting_since"], gone["people"][0]["waiting_since"]) == (None, None)
    back = stage.consumer()
    assert back.welcome["participant"]["state"] == "waiting", "the place is still found again"


def test_a_page_that_closes_while_its_command_is_at_work_is_gone_as_soon(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "AWAY_SECONDS", 0.3)
    begun, closed = Event(), Event()

    def slowly(_seat: str, _name: str) -> None:
        begun.set()
        closed.wait(PATIENCE)

    monkeypatch.setattr(waiting, "set_name", slowly)
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    consumer.until("queue")
    consumer.send("set_name", name="Ada", ref="r")
    assert begun.wait(PATIENCE)
    consumer.socket.close(1001)
    closed.set()
    soon(lambda: stage.visit.state() == "left")


def test_a_line_that_is_only_given_up_keeps_its_place_for_the_whole_grace(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    consumer.until("queue")
    session = next(iter(live.doors._live[0].hub.rooms.values())).members[stage.visit.consumer.ref]
    assert [session.kept_for(60, code) for code in (1000, 1001, 1005, 1006)] == [6, 6, 60, 60]


def test_a_second_tab_takes_over_and_the_first_is_told(stage: Stage) -> None:
    first, provider = stage.in_call()
    second = stage.consumer()
    bye, code = first.ending()
    assert (bye["code"], bye["retry"], code) == ("taken_over", False, 4409)
    assert second.welcome["participant"]["state"] == "admitted"
    second.send("join_call", media=MEDIA)
    assert second.until("joined")["join"]
    soon(lambda: len([m for m in provider.quiet(0.1) if m["type"] == "roster" and len(m["people"]) == 2]) > 0)


def test_a_session_cannot_be_resumed_by_somebody_else(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    thief = stage.open("visit")
    assert thief.hello(resume=consumer.welcome["session"], last=0)["code"] == "not_authorised"
    consumer.send("ping", last=consumer.seq)
    consumer.until("pong")


@pytest.mark.parametrize("why", ["a number to come", "too many since", "a session nobody knows"])
def test_what_cannot_be_resumed_begins_anew(stage: Stage, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "KEPT_MESSAGES", 10)
    consumer = stage.consumer()
    consumer.until("state")
    last = 0
    if why == "a number to come":
        last = 2**30
    elif why == "too many since":
        for _ in range(12):
            consumer.ask("set_name", name="Ada")
    else:
        consumer.welcome["session"] = "unknown"
    consumer.drop()
    again = come_back(stage, consumer, last=last)
    assert again.welcome["resumed"] is False
    assert again.welcome["seq"] == 0
    assert again.until("state")["seq"] >= 1


def test_numbers_have_no_gap(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    for talk in (consumer, provider):
        talk.quiet(0.2)
        assert talk.numbers == list(range(1, len(talk.numbers) + 1))


def test_a_restart_closes_sockets_in_a_way_that_asks_to_come_again(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    consumer, _provider = stage.in_call()
    stage.server.__exit__(None, None, None)
    with pytest.raises(ConnectionClosed) as closed:
        consumer.until("never comes")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


@pytest.mark.usefixtures("transactional_db")
def test_after_a_crash_those_who_do_not_come_back_have_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEETING_LISTENERS = []
    left_behind, is_back = recovery.left_behind, Event()

    def found_once_one_is_back() -> list[tuple[str, str]]:
        """The grace begins when one has come back, however slow the machine is."""
        before = left_behind()
        assert is_back.wait(PATIENCE)
        return before

    monkeypatch.setattr(recovery, "left_behind", found_once_one_is_back)
    gone, back = make_visit(), make_visit()
    for visit in (gone, back):
        waiting.enter_waiting(visit.consumer.ref)
        Participant.objects.filter(pk=visit.consumer.pk).update(state="in_call", admitted_at=clock.now())
    with Server(grace_seconds=0.3) as server, Talk(server, "visit", visit_cookie(back.consumer.ref)) as talk:
        assert talk.hello()["participant"]["state"] == "admitted"
        is_back.set()
        soon(lambda: gone.state() == "left")
        time.sleep(0.3)
        assert back.state() == "admitted"


def places(talk: Talk) -> dict[str, dict[str, Any]]:
    """The last roster somebody got, by role."""
    talk.quiet(0.2)
    return {row["role"]: row for row in [each for each in talk.seen if each["type"] == "roster"][-1]["people"]}


def test_a_place_is_kept_when_the_session_is_lost_with_its_process(stage: Stage) -> None:
    _consumer, provider = stage.in_call()
    place = places(provider)["consumer"]
    with stage.open("visit", visit_cookie(stage.visit.consumer.ref)) as again:
        again.hello()
        again.send("join_call", media=MEDIA, keep={"join": place["join"], "order": place["order"]})
        joined = again.until("joined")
    assert (joined["join"], joined["order"]) == (place["join"], place["order"])


@pytest.mark.parametrize("field", ["order of another", "order to come"])
def test_a_place_that_cannot_be_kept_is_a_new_one(stage: Stage, field: str) -> None:
    _consumer, provider = stage.in_call()
    rows = places(provider)
    order = rows["provider"]["order"] if field == "order of another" else int(time.time() * 1000) + 60_000
    with stage.open("visit", visit_cookie(stage.visit.consumer.ref)) as again:
        again.hello()
        again.send("join_call", media=MEDIA, keep={"join": rows["consumer"]["join"], "order": order})
        joined = again.until("joined")
    assert joined["join"] != rows["consumer"]["join"]
    assert joined["order"] > rows["provider"]["order"]
