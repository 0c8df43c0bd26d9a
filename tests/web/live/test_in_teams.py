"""A visit held in Teams, over real sockets: who is told the way there, when, and what staff do when it fails."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.meetings.in_teams import JOIN_URL, NUMBER, PASSCODE, THREAD, hold_in_teams
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, Talk, visit_cookie
from vestibule.meetings import waiting
from vestibule.meetings.models import OutsidePlace, Participant
from vestibule.store import clock
from vestibule.web import live

State = OutsidePlace.State


@pytest.fixture
def teams(stage: Stage) -> Stage:
    hold_in_teams(stage.visit.meeting)
    return stage


def heard(talk: Talk) -> str:
    """Everything one socket ever brought, as text."""
    return json.dumps([talk.welcome, *talk.seen])


def let_in(stage: Stage) -> tuple[Talk, Talk]:
    consumer, provider = stage.consumer(), stage.provider()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    assert provider.ask("admit", participant=stage.visit.consumer.ref)["type"] == "done"
    return consumer, provider


def test_whoever_is_let_in_is_told_the_way_before_they_are_told_that_they_are_in(teams: Stage) -> None:
    consumer, _provider = let_in(teams)
    consumer.until("state", state="admitted")
    way = next(one for one in consumer.seen if one["type"] == "elsewhere")["elsewhere"]
    assert (way["kind"], way["state"], way["url"]) == ("teams", "ready", JOIN_URL)
    assert (way["number"], way["passcode"], way["problem"]) == (NUMBER, PASSCODE, "")
    kinds = [one["type"] for one in consumer.seen]
    admitted = next(i for i, one in enumerate(consumer.seen) if one.get("state") == "admitted")
    assert kinds.index("elsewhere") < admitted


def test_nobody_from_outside_is_told_an_address_before_they_are_let_in(teams: Stage) -> None:
    consumer, provider = teams.consumer(), teams.provider()
    assert consumer.welcome["meeting"]["held_in"] == "teams"
    for message in ("enter_waiting", "leave_waiting", "enter_waiting"):
        consumer.ask(message)
    for refused in ("get_ice", "make_again", "meet_here", "leave_call", "get_chat"):
        consumer.ask(refused)
    assert consumer.ask("join_call", media=MEDIA)["code"] == "not_admitted"
    provider.ask("notice", participant=teams.visit.consumer.ref, text="One moment.")
    consumer.until("notice")
    told = heard(consumer)
    for secret in ("teams.microsoft.com", NUMBER, PASSCODE, THREAD, "meetup-join", 'elsewhere"'):
        assert secret not in told, f"{secret} came before anybody was let in"


def test_whoever_is_taken_out_again_is_told_nothing_new(teams: Stage) -> None:
    consumer, provider = let_in(teams)
    consumer.until("state", state="admitted")
    provider.ask("back_to_queue", participant=teams.visit.consumer.ref)
    consumer.until("state", state="waiting")
    assert consumer.shown("elsewhere", lambda one: one["elsewhere"] is None)


def test_there_is_no_call_of_ours_to_join(teams: Stage) -> None:
    consumer, provider = let_in(teams)
    consumer.until("state", state="admitted")
    assert consumer.ask("join_call", media=MEDIA)["code"] == "held_elsewhere"
    assert provider.ask("join_call", media=MEDIA)["code"] == "held_elsewhere"


def test_both_sides_go_on_writing_to_each_other_here(teams: Stage) -> None:
    consumer, provider = let_in(teams)
    consumer.until("chat_history")
    consumer.send("chat_send", client_id="a1", text="Teams asks for a code.")
    assert provider.until("chat")["text"] == "Teams asks for a code."
    provider.send("chat_send", client_id="b1", text="It stands on your page.")
    assert consumer.until("chat", text="It stands on your page.")["from"]["role"] == "provider"


def test_a_page_that_goes_away_leaves_nobody_out_of_the_visit(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(grace_seconds=0.2)
    hold_in_teams(stage.visit.meeting)
    consumer, provider = let_in(stage)
    consumer.until("state", state="admitted")
    consumer.drop()
    provider.until("waiting", lambda one: one["people"][0]["connection"] == "gone")
    assert stage.visit.state() == "admitted"
    assert stage.consumer().welcome["participant"]["state"] == "admitted"


def test_whoever_says_to_be_finished_has_left_and_is_back_by_opening_the_page(teams: Stage) -> None:
    consumer, _provider = let_in(teams)
    consumer.until("state", state="admitted")
    assert consumer.ask("leave_call", reason="finished")["type"] == "done"
    consumer.until("state", state="left")
    consumer.drop()
    back = teams.consumer()
    assert back.welcome["participant"]["state"] == "admitted"
    assert back.until("elsewhere")["elsewhere"]["url"] == JOIN_URL


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED])
def test_while_it_is_not_there_guests_keep_their_place_and_only_staff_learn_why(stage: Stage, state: str) -> None:
    hold_in_teams(stage.visit.meeting, state=state, problem="Microsoft refused.\nsecret-policy-name")
    consumer, provider = let_in(stage)
    consumer.until("state", state="admitted")
    told = next(one for one in consumer.seen if one["type"] == "elsewhere")["elsewhere"]
    assert told["state"] == ("failed" if state == State.FAILED else "late")
    assert (told["url"], told["number"], told["problem"]) == ("", "", "")
    assert "Microsoft refused" not in heard(consumer)
    assert provider.first("elsewhere")["elsewhere"]["problem"] == "Microsoft refused."
    assert "secret-policy-name" not in heard(provider)


def test_once_it_stands_everybody_who_is_in_learns_the_way(stage: Stage) -> None:
    place = hold_in_teams(stage.visit.meeting, state=State.QUEUED)
    consumer, provider = let_in(stage)
    consumer.until("state", state="admitted")
    hold_in_teams(stage.visit.meeting)
    live.notify_meeting(place.meeting.ref)
    assert consumer.until("elsewhere", lambda one: one["elsewhere"]["state"] == "ready")["elsewhere"]["url"] == JOIN_URL
    assert provider.until("elsewhere", lambda one: one["elsewhere"]["state"] == "ready")


def test_meeting_here_instead_brings_both_into_our_own_call(stage: Stage) -> None:
    hold_in_teams(stage.visit.meeting, state=State.FAILED, problem="Microsoft refused.")
    consumer, provider = let_in(stage)
    consumer.until("state", state="admitted")
    assert provider.ask("meet_here")["type"] == "done"
    assert consumer.until("meeting", lambda one: one["meeting"]["held_in"] == "here")["meeting"]["join_by"] == "own"
    assert consumer.shown("elsewhere", lambda one: one["elsewhere"] is None)
    for talk in (consumer, provider):
        talk.send("join_call", media=MEDIA)
        talk.until("joined")


def test_trying_again_is_for_staff_and_their_own_business_alone(stage: Stage) -> None:
    place = hold_in_teams(stage.visit.meeting, state=State.FAILED, problem="Microsoft refused.")
    consumer, desk = stage.consumer(), stage.desk()
    assert consumer.ask("make_again")["code"] == "not_allowed"
    assert consumer.ask("meet_here")["code"] == "not_allowed"
    assert desk.ask("make_again", meeting="mtg_no_such_meeting")["code"] == "not_found"
    assert desk.ask("make_again", meeting=stage.visit.meeting.ref)["type"] == "done"
    place.refresh_from_db()
    assert (place.state, place.problem) == (State.QUEUED, "")
    desk.until("entry", lambda one: one["entry"]["elsewhere"]["state"] == "late")


def test_the_desk_shows_where_a_visit_is_held_and_the_way_there(teams: Stage) -> None:
    desk = teams.desk()
    (entry,) = desk.until("queue")["entries"]
    assert (entry["elsewhere"]["state"], entry["elsewhere"]["url"]) == ("ready", JOIN_URL)
    assert desk.ask("meet_here", meeting=teams.visit.meeting.ref)["type"] == "done"
    desk.until("entry", lambda one: one["entry"]["elsewhere"] is None)


def test_ending_the_visit_ends_it_on_every_page(teams: Stage) -> None:
    consumer, provider = let_in(teams)
    consumer.until("state", state="admitted")
    provider.send("end_for_all")
    assert consumer.ending()[0]["code"] == "ended"


def test_a_helper_is_told_the_way_only_once_they_are_let_in(teams: Stage) -> None:
    seat = Participant.objects.create(
        meeting=teams.visit.meeting, kind=Participant.Kind.HELPER, role=Participant.Role.ATTENDEE, name="Ida"
    )
    helper = teams.open("visit", visit_cookie(seat.ref))
    helper.hello()
    helper.ask("enter_waiting")
    let_in(teams)
    assert JOIN_URL not in heard(helper)
    waiting.admit(teams.visit.host, seat.ref)
    live.notify_meeting(teams.visit.meeting.ref)
    helper.until("state", state="admitted")
    assert JOIN_URL in heard(helper)


def test_one_who_left_long_ago_is_told_nothing_any_more(teams: Stage) -> None:
    consumer, _provider = let_in(teams)
    consumer.until("state", state="admitted")
    consumer.ask("leave_call")
    consumer.drop()
    Participant.objects.filter(ref=teams.visit.consumer.ref).update(left_at=clock.now() - timedelta(minutes=5))
    late = teams.consumer()
    assert late.welcome["participant"]["state"] == "arrived"
    late.ask("devices", mic="ok")
    assert JOIN_URL not in heard(late)
