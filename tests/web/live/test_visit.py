"""`/ws/visit` spoken over real sockets: who is let in, and what those inside can do."""

from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from tests.factories import make_business, make_membership
from tests.meetings.scene import add_helper, make_staff, make_visit
from tests.stopwatch import Stopwatch
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, Talk, soon, visit_cookie
from vestibule.meetings import planning, waiting
from vestibule.meetings.errors import NotAdmitted
from vestibule.meetings.models import Meeting
from vestibule.people.models import Business
from vestibule.people.permissions import Role
from vestibule.web import live

INSIDE_ONLY = {"roster", "ice", "signal", "chat", "chat_history", "joined", "typing", "read", "backend", "recording"}


def test_a_consumer_waits_is_let_in_and_both_are_in_the_call(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    roster = consumer.seen[-1]["people"]
    assert [person["role"] for person in roster] == ["provider", "consumer"]
    assert roster[1]["order"] > roster[0]["order"]


@pytest.mark.alone
def test_the_admitted_are_told_within_a_second(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    consumer.send("enter_waiting")
    consumer.until("queue", position=1)
    with Stopwatch() as watch:
        desk.send("admit", participant=stage.visit.consumer.ref)
        consumer.until("state", state="admitted")
    assert watch.ran < 1
    assert {consumer.next()["type"] for _ in range(4)} == {"roster", "recording", "ice", "chat_history"}


def test_an_early_guest_who_speaks_the_protocol_gets_nothing(stage: Stage) -> None:
    provider = stage.provider()
    provider.send("join_call", media=MEDIA)
    provider.until("joined")
    guest = stage.consumer()
    host = stage.visit.provider.ref
    for state in ("arrived", "waiting"):
        if state == "waiting":
            guest.send("enter_waiting")
        guest.until("state", state=state)
        asked: dict[str, dict[str, Any]] = {
            "join_call": {"media": MEDIA},
            "get_ice": {},
            "signal": {"to": host, "epoch": 1, "data": {"kind": "description"}},
            "media": MEDIA,
            "chat_read": {"number": 1},
            "get_chat": {},
            "typing": {"on": True},
            "leave_call": {},
            "get_backend": {},
            "carried": {"epoch": 2},
            "line_failed": {},
            "move_call": {"to": "livekit"},
            "record_ask": {},
            "record_answer": {"recording": "r1", "agree": True},
            "record_stop": {},
        }
        for kind, fields in asked.items():
            assert guest.ask(kind, **fields)["code"] == "not_admitted", kind
        for kind in ("admit", "deny", "remove", "get_notices"):
            assert guest.ask(kind, participant=stage.visit.consumer.ref)["code"] == "not_allowed", kind
        assert guest.ask("end_for_all")["code"] == "not_allowed"
    provider.ask("chat_send", client_id="c1", text="Only for those inside")
    provider.send("media", mic=False, cam=True, screen=False)
    guest.quiet()
    assert not {message["type"] for message in guest.seen} & INSIDE_ONLY
    assert stage.visit.state() == "waiting"


def test_a_waiting_person_writes_to_staff_and_reads_their_answer(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    assert consumer.ask("chat_send", client_id="c1", text="Hello?")["code"] == "not_admitted"
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    consumer.send("chat_send", client_id="c1", text="Hello?")
    assert desk.until("notice", text="Hello?")["participant"] == stage.visit.consumer.ref
    desk.ask("notice", participant=stage.visit.consumer.ref, text="Five minutes, please", client_id="d1")
    assert consumer.until("notice", text="Five minutes, please")
    consumer.send("chat_send", client_id="c2", text="Fine")
    assert consumer.until("notice", client_id="c2")["text"] == "Fine"
    assert desk.until("notice", text="Fine")["participant"] == stage.visit.consumer.ref
    again = stage.consumer()
    again.until("queue")
    assert [item["text"] for item in again.until("notices")["items"]] == ["Hello?", "Five minutes, please", "Fine"]


def test_chat_goes_both_ways_and_is_kept(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.send("chat_send", client_id="c1", text="Can you hear me?")
    own = consumer.until("chat")
    other = provider.until("chat")
    assert (own["client_id"], own["number"]) == ("c1", 1)
    assert "client_id" not in other
    assert other["from"]["name"] == "Ada Ng"
    provider.send("chat_send", client_id="c1", text="<b>Yes</b>")
    assert consumer.until("chat")["text"] == "<b>Yes</b>"
    consumer.send("chat_send", client_id="c1", text="Can you hear me?")
    assert consumer.until("chat")["number"] == 1
    assert provider.ask("chat_read", number=2)["type"] == "done"
    assert consumer.until("read")["number"] == 2
    provider.send("typing", on=True)
    assert consumer.until("typing")["from"] == stage.visit.provider.ref
    history = stage.consumer().until("chat_history")
    assert [item["text"] for item in history["items"]] == ["Can you hear me?", "<b>Yes</b>"]
    assert history["more"] is False


def test_signals_reach_the_one_they_are_for(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    to = stage.visit.provider.ref
    join = next(p["join"] for p in consumer.seen[-1]["people"] if p["id"] == to)
    consumer.send("signal", to=to, to_join="an-older-page", epoch=1, data={"n": 1})
    consumer.send("signal", to=to, to_join=join, epoch=1, data={"kind": "description", "sdp": "x" * 30_000})
    got = provider.until("signal")
    assert got["data"]["kind"] == "description"
    assert (got["from"], got["epoch"]) == (stage.visit.consumer.ref, 1)
    assert consumer.ask("signal", to="nobody", epoch=1, data={})["code"] == "not_found"


def test_a_signal_never_leaves_its_meeting(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    other = make_visit()
    waiting.arrive(other.provider.ref)
    assert consumer.ask("signal", to=other.provider.ref, epoch=1, data={})["code"] == "not_found"


def test_mute_and_camera_are_shown_to_the_others(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.send("media", mic=False, cam=False, screen=True)
    flags = {"mic": False, "cam": False, "screen": True}
    shown = provider.until("roster", lambda roster: any(person["media"] == flags for person in roster["people"]))
    assert [one["id"] for one in shown["people"] if one["media"] == flags] == [stage.visit.consumer.ref]


def test_who_leaves_may_join_again_as_a_later_one(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    first = next(p for p in consumer.seen[-1]["people"] if p["id"] == stage.visit.consumer.ref)
    assert consumer.ask("leave_call")["type"] == "done"
    provider.until("roster", lambda roster: [person["role"] for person in roster["people"]] == ["provider"])
    soon(lambda: stage.visit.state() == "left")
    consumer.send("join_call", media=MEDIA)
    second = consumer.until("joined")
    assert second["join"] != first["join"]
    assert second["order"] > first["order"]


def test_a_fifth_person_finds_the_call_full(stage: Stage) -> None:
    _consumer, provider = stage.in_call()
    for number in range(3):
        helper = stage.consumer(add_helper(stage.visit, f"Helper {number}"))
        helper.send("enter_waiting")
        helper.until("state", state="waiting")
        provider.ask("admit", participant=helper.welcome["participant"]["id"])
        helper.until("state", state="admitted")
        answer = helper.ask("join_call", media=MEDIA)
    assert answer["code"] == "call_full"


def test_denied_people_hear_why_and_are_disconnected(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    desk.ask("deny", participant=stage.visit.consumer.ref, text="Please come on Tuesday")
    bye, code = consumer.ending()
    assert (bye["code"], bye["sentence"], bye["retry"], code) == ("denied", "Please come on Tuesday", False, 4403)
    assert stage.open("visit").hello()["code"] == "not_authorised"
    assert stage.consumer().seen[0]["code"] == "denied"


def test_removed_people_are_out_of_the_call(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    provider.ask("remove", participant=stage.visit.consumer.ref)
    assert consumer.ending()[0]["code"] == "removed"
    provider.until("roster", lambda roster: [person["role"] for person in roster["people"]] == ["provider"])


def test_ending_for_all_ends_it_for_all(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    provider.send("end_for_all")
    for talk in (consumer, provider):
        assert talk.ending()[1] == 4410
    assert Meeting.objects.get(pk=stage.visit.meeting.pk).state == "ended"


def test_what_a_page_changes_is_shown_at_once(stage: Stage) -> None:
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    planning.cancel(Meeting.objects.get(pk=stage.visit.meeting.pk))
    live.notify_meeting(stage.visit.meeting.ref)
    assert consumer.ending()[0]["code"] == "cancelled"


def test_positions_move_up_as_others_are_let_in(stage: Stage) -> None:
    staff = (stage.membership, stage.visit.provider.provider)
    assert staff[1] is not None
    later = make_visit(
        business=stage.visit.meeting.business, staff=(stage.membership, staff[1]), starts_in=planning.OPENS_BEFORE / 2
    )
    first, second, desk = stage.consumer(), stage.consumer(later.consumer), stage.desk()
    for talk in (first, second):
        talk.send("enter_waiting")
        talk.until("state", state="waiting")
    assert second.until("queue", position=2)["ahead"] == 1
    assert desk.ask("admit", participant=stage.visit.consumer.ref)["type"] == "done"
    second.until("queue", lambda queue: queue["provider"]["presence"] in ("ready", "in_visit"), position=1)


def test_a_provider_who_opens_the_desk_is_seen_as_ready(stage: Stage) -> None:
    consumer = stage.consumer()
    assert consumer.welcome["meeting"]["provider"]["presence"] == "away"
    stage.desk()
    consumer.until("meeting", lambda told: told["meeting"]["provider"]["presence"] == "ready")


def test_device_reports_and_names_reach_staff(stage: Stage) -> None:
    consumer, provider = stage.consumer(), stage.provider()
    assert consumer.ask("devices", mic="ok", cam="denied", network="relay")["type"] == "done"
    assert consumer.ask("set_name", name="Ada Nguyen")["type"] == "done"

    def seen() -> bool:
        provider.quiet(0.1)
        doors = [message["people"][0] for message in provider.seen if message["type"] == "waiting"]
        return any(d["name"] == "Ada Nguyen" and d["devices"].get("cam") == "denied" for d in doors)

    soon(seen)


def test_a_manager_joins_with_a_seat_of_their_own(stage: Stage) -> None:
    manager = make_membership(business=stage.visit.meeting.business, role=Role.MANAGER)
    talk = stage.desk(manager)
    assert talk.welcome["scope"] == "all"
    visit = stage.open("visit", talk.socket.request.headers["Cookie"] if talk.socket.request else "")
    welcome = visit.hello(meeting=stage.visit.meeting.ref)
    assert (welcome["participant"]["role"], welcome["participant"]["state"]) == ("manager", "admitted")


def test_staff_of_elsewhere_do_not_get_in(stage: Stage) -> None:
    stranger, _provider = make_staff(make_business())
    cookie = stage.desk(stranger).socket.request
    assert cookie is not None
    talk = stage.open("visit", cookie.headers["Cookie"])
    assert talk.hello(meeting=stage.visit.meeting.ref)["code"] == "not_authorised"


def in_german(stage: Stage, *offered: str) -> Talk:
    """The consumer, whose browser asks for German, at a business that offers some languages."""
    Business.objects.filter(pk=stage.visit.meeting.business_id).update(languages=list(offered), language="en")
    return stage.open("visit", f"{visit_cookie(stage.visit.consumer.ref)}; {settings.LANGUAGE_COOKIE_NAME}=de")


def test_a_socket_speaks_the_languages_the_business_offers_as_its_pages_do(stage: Stage) -> None:
    english = in_german(stage, "en", "fr")
    english.hello()
    assert english.ask("join_call", media=MEDIA)["sentence"] == NotAdmitted().sentence
    stage.provider().send("end_for_all")
    assert english.ending()[0]["sentence"] == "This visit is over. Thank you for coming."


def test_what_a_verb_refuses_is_said_in_the_language_of_the_page(stage: Stage) -> None:
    german = in_german(stage, "en", "de")
    german.hello()
    said = german.ask("join_call", media=MEDIA)["sentence"]
    with translation.override("de"):
        assert said == NotAdmitted().sentence
