"""A call that Microsoft carries on our page, over real sockets: who is told how to join, and gets fresh tokens."""

from pathlib import Path
from typing import Any

import pytest

from tests.addon import ENTRY, put_kit
from tests.e2e.acs_visit import IDENTITY
from tests.meetings.in_teams import JOIN_URL, hold_in_teams, take_up_teams
from tests.meetings.scene import add_helper
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, Talk
from vestibule.meetings import calls, waiting
from vestibule.meetings.models import OutsidePlace, Participant
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.people.ways import Join


@pytest.fixture
def held(stage: Stage, settings: Any, tmp_path: Path) -> Stage:
    settings.DATA = tmp_path
    settings.CALL_TOKENS = {"acs": "tests.e2e.acs_visit.Minted"}
    put_kit(tmp_path)
    hold_in_teams(stage.visit.meeting)
    take_up_teams(stage.visit.meeting)
    BusinessWays.objects.update(join=Join.ACS_CALLING)
    access = secrets.encrypt(outside_accounts.PURPOSE, b"{}")
    OutsideAccount.objects.create(business=stage.visit.meeting.business, kind="acs", access=access)
    return stage


def let_in(stage: Stage) -> Talk:
    consumer, provider = stage.consumer(), stage.provider()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    assert provider.ask("admit", participant=stage.visit.consumer.ref)["type"] == "done"
    consumer.until("state", state="admitted")
    return consumer


def test_who_is_let_in_joins_by_the_add_on_with_a_token_of_their_own(held: Stage) -> None:
    consumer = let_in(held)
    assert not any(one["type"] == "elsewhere" and one["elsewhere"] for one in consumer.seen), "nobody is sent away"
    consumer.send("join_call", media=MEDIA)
    backend = consumer.until("joined")["backend"]
    assert backend["kind"] == "acs"
    assert backend["url"] == f"/static-addons/acs-calling/{ENTRY}"
    assert backend["outside"]["locator"] == {"meetingLink": JOIN_URL}
    assert backend["outside"]["identity"] == IDENTITY
    assert backend["token"]


def test_a_fresh_token_is_had_over_the_socket_while_somebody_is_in(held: Stage) -> None:
    consumer = let_in(held)
    assert consumer.ask("get_backend")["code"] == "not_in_call"
    consumer.send("join_call", media=MEDIA)
    consumer.until("joined")
    consumer.send("get_backend")
    again = consumer.until("backend")["backend"]
    assert (again["kind"], bool(again["token"])) == ("acs", True)


def test_nobody_at_the_door_is_told_a_way_or_a_token(held: Stage) -> None:
    consumer = held.consumer()
    assert consumer.welcome["meeting"]["join_by"] == "acs_calling"
    consumer.ask("enter_waiting")
    assert consumer.ask("join_call", media=MEDIA)["code"] == "not_admitted"
    assert consumer.ask("get_backend")["code"] == "not_admitted"
    assert not any("backend" in one for one in consumer.seen)


def test_a_vendor_that_gives_no_token_is_told_in_words_and_the_seat_stays_free(held: Stage) -> None:
    consumer = let_in(held)
    OutsideAccount.objects.all().delete()
    refused = consumer.ask("join_call", media=MEDIA)
    assert refused["code"] == "backend_failed"
    assert Participant.objects.get(ref=held.visit.consumer.ref).state == Participant.State.ADMITTED


def test_more_people_than_browsers_carry_may_join_where_microsoft_does(held: Stage) -> None:
    for number in range(4):
        seat = add_helper(held.visit, f"Helper {number}")
        waiting.arrive(seat.ref)
        waiting.enter_waiting(seat.ref)
        waiting.admit(held.visit.host, seat.ref)
        calls.join_call(seat.ref)
    consumer = let_in(held)
    consumer.send("join_call", media=MEDIA)
    assert consumer.until("joined")["backend"]["kind"] == "acs"


def test_staff_and_consumers_meet_in_a_room_of_azure_by_the_same_add_on(held: Stage) -> None:
    consumer_ref, provider_ref = held.visit.consumer.ref, held.visit.provider.ref
    invited = {f"seat:{ref}": IDENTITY for ref in (consumer_ref, provider_ref)}
    room = {"external_id": "99199690362660524", "details": invited}
    OutsidePlace.objects.update(kind=OutsidePlace.Kind.ACS_ROOM, made=room)
    consumer, provider = held.consumer(), held.provider()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    provider.ask("admit", participant=consumer_ref)
    consumer.until("state", state="admitted")
    for talk in (provider, consumer):
        talk.send("join_call", media=MEDIA)
        backend = talk.until("joined")["backend"]
        assert (backend["kind"], backend["outside"]["locator"]) == ("acs", {"roomId": "99199690362660524"})
