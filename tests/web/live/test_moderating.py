"""In the call: each role does what its row of the table says, and nothing else, whatever it sends."""

import json

import pytest

from tests.meetings.scene import add_helper, make_visit
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, Talk, nothing_is_forgotten
from vestibule.meetings import calls, roles, waiting
from vestibule.meetings.models import Meeting, MeetingEvent, Participant, VisitRules

QUIET = {"mic": False, "cam": False, "screen": False}
Role = Participant.Role


def in_role(stage: Stage, role: str) -> tuple[Talk, Talk, Participant]:
    """A third person in the call of consumer and provider: the provider, the third, and the third's seat."""
    _consumer, provider = stage.in_call()
    seat = add_helper(stage.visit)
    Participant.objects.filter(pk=seat.pk).update(role=role)
    third = stage.consumer(seat)
    third.send("enter_waiting")
    third.until("state", state="waiting")
    provider.ask("admit", participant=seat.ref)
    third.until("state", state="admitted")
    assert third.ask("join_call", media=QUIET)["type"] == "done"
    return provider, third, seat


@pytest.mark.parametrize("role", list(Role))
def test_media_beyond_the_role_is_refused(stage: Stage, role: Role) -> None:
    _provider, third, _seat = in_role(stage, role)
    for source in ("mic", "cam", "screen"):
        third.send("media", **{**QUIET, source: True})
        answer = third.ask("raise_hand", on=False)  # a command after it, so that the refusal is in
        assert answer["type"] == "done"
        refused = [one for one in third.seen if one["type"] == "error" and one["code"] == "not_allowed"]
        assert bool(refused) is (source not in roles.may_send(role)), source
        third.seen.clear()


def test_an_observer_cannot_join_with_a_microphone(stage: Stage) -> None:
    _provider, third, _seat = in_role(stage, Role.CONSUMER)
    assert third.ask("join_call", media=MEDIA)["code"] == "not_allowed"


def test_who_loses_the_right_to_share_is_no_longer_shown_as_sharing(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.send("media", **{**MEDIA, "screen": True})
    while not provider.until("roster")["people"][1]["media"]["screen"]:
        pass
    Participant.objects.filter(pk=stage.visit.consumer.pk).update(role=Role.ATTENDEE)
    provider.ask("lock_room", on=True)
    shown = provider.until("roster", lambda roster: not roster["people"][1]["media"]["screen"])["people"][1]
    assert shown["abilities"] == ["send_media"]


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.ATTENDEE, Role.CONSUMER])
def test_only_presenters_moderate(stage: Stage, role: Role) -> None:
    _provider, third, _seat = in_role(stage, role)
    named = {"participant": stage.visit.consumer.ref}
    assert third.ask("mute", source="mic", **named)["code"] == "not_allowed"
    assert third.ask("mute_others")["code"] == "not_allowed"
    assert third.ask("lock_room", on=True)["code"] == "not_allowed"
    assert third.ask("remove", **named)["code"] == "not_allowed"
    assert stage.visit.state() == Participant.State.IN_CALL
    assert not Meeting.objects.get(pk=stage.visit.meeting.pk).is_locked


def test_a_presenter_from_outside_mutes_locks_and_removes(stage: Stage) -> None:
    _provider, third, _seat = in_role(stage, Role.PRESENTER)
    assert third.ask("mute", participant=stage.visit.consumer.ref, source="mic")["type"] == "done"
    assert third.ask("lock_room", on=True)["type"] == "done"
    assert third.ask("remove", participant=stage.visit.consumer.ref)["type"] == "done"
    assert stage.visit.state() == Participant.State.REMOVED


def test_staff_whose_seat_only_looks_on_do_not_remove(stage: Stage) -> None:
    _consumer, provider = stage.in_call()
    Participant.objects.filter(pk=stage.visit.provider.pk).update(role=Role.CONSUMER)
    assert provider.ask("remove", participant=stage.visit.consumer.ref)["code"] == "not_allowed"


def test_the_muted_are_told_by_whom(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    assert provider.ask("mute_others")["type"] == "done"
    told = consumer.until("muted")
    assert (told["by"], told["source"], told["forced"]) == (stage.visit.provider.name, "mic", False)


def test_a_raised_hand_is_seen_and_lowered_by_the_host(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.ask("raise_hand", on=True)
    while provider.until("roster")["people"][1]["hand"] is None:
        pass
    assert consumer.ask("raise_hand", on=True, participant=stage.visit.provider.ref)["code"] == "not_allowed"
    provider.ask("raise_hand", on=False, participant=stage.visit.consumer.ref)
    while consumer.until("roster")["people"][1]["hand"] is not None:
        pass


def test_reactions_reach_everybody_and_not_too_many(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_forgotten(monkeypatch)
    consumer, provider = stage.in_call()
    for number in range(7):
        consumer.send("react", reaction="heart", ref=f"h{number}")
    assert provider.until("reaction")["from"] == stage.visit.consumer.ref
    consumer.until("done", ref="h0")
    consumer.until("error", code="rate_limited", ref="h6")


class TestALockedRoom:
    def test_takes_nobody_new_until_it_is_unlocked(self, stage: Stage) -> None:
        _consumer, provider = stage.in_call()
        seat = add_helper(stage.visit)
        third = stage.consumer(seat)
        third.send("enter_waiting")
        third.until("state", state="waiting")
        provider.ask("lock_room", on=True)
        provider.until("meeting", lambda told: told["meeting"]["locked"])
        assert provider.ask("admit", participant=seat.ref)["code"] == "room_locked"
        provider.ask("lock_room", on=False)
        assert provider.ask("admit", participant=seat.ref)["type"] == "done"

    def test_keeps_out_who_was_admitted_but_never_came(self, stage: Stage) -> None:
        _consumer, provider = stage.in_call()
        seat = add_helper(stage.visit)
        third = stage.consumer(seat)
        third.send("enter_waiting")
        third.until("state", state="waiting")
        provider.ask("admit", participant=seat.ref)
        provider.ask("lock_room", on=True)
        assert third.ask("join_call", media=QUIET)["code"] == "room_locked"

    def test_lets_back_who_was_in_before(self, stage: Stage) -> None:
        consumer, provider = stage.in_call()
        provider.ask("lock_room", on=True)
        consumer.ask("leave_call")
        assert consumer.ask("join_call", media=MEDIA)["type"] == "done"

    def test_does_not_keep_out_staff(self, stage: Stage) -> None:
        _consumer, provider = stage.in_call()
        provider.ask("lock_room", on=True)
        provider.ask("leave_call")
        Participant.objects.filter(pk=stage.visit.provider.pk).update(joined_at=None)
        assert provider.ask("join_call", media=MEDIA)["type"] == "done"


class TestCaptions:
    def test_typed_ones_reach_everybody(self, stage: Stage) -> None:
        consumer, provider = stage.in_call()
        assert consumer.ask("caption", line=1, text="Good morning", final=True, spoken=False)["type"] == "done"
        heard = provider.until("caption")
        assert (heard["from"], heard["text"]) == (stage.visit.consumer.ref, "Good morning")

    def test_recognised_ones_need_a_business_that_wants_them(self, stage: Stage) -> None:
        consumer, provider = stage.in_call()
        words = {"line": 1, "text": "Good morning", "final": True, "spoken": True}
        assert consumer.ask("caption", **words)["code"] == "not_allowed"
        VisitRules.objects.create(business=stage.visit.meeting.business, captions=VisitRules.Captions.BROWSER)
        provider.ask("lock_room", on=True)  # the room is read anew
        consumer.until("meeting", lambda told: told["meeting"]["locked"])
        assert consumer.ask("caption", **words)["type"] == "done"

    def test_nobody_at_the_door_says_anything(self, stage: Stage) -> None:
        consumer = stage.consumer()
        for kind, fields in (
            ("caption", {"line": 1, "text": "Hi", "final": True, "spoken": False}),
            ("react", {"reaction": "heart"}),
            ("raise_hand", {"on": True}),
            ("log", {"events": []}),
            ("mute_others", {}),
            ("lock_room", {"on": True}),
        ):
            assert consumer.ask(kind, **fields)["code"] == "not_admitted", kind


def test_what_the_browser_noticed_is_kept_without_addresses(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    events = [
        {"kind": "route", "detail": "relay/host udp", "cause": "x"},
        {"kind": "route", "detail": "192.168.1.7"},
        {"kind": "route", "detail": "fe80::1"},
        {"kind": "unknown"},
    ]
    consumer.raw(json.dumps({"type": "log", "ref": "r1", "events": events}))
    consumer.until("done", ref="r1")
    kept = MeetingEvent.objects.filter(kind__startswith="call.").values_list("kind", "details")
    assert list(kept) == [("call.route", {"detail": "relay/host udp"}), ("call.route", {}), ("call.route", {})]


def test_staff_in_a_call_learn_who_waits_next(stage: Stage) -> None:
    _consumer, provider = stage.in_call()
    host = stage.visit.provider.provider
    assert host is not None
    other = make_visit(business=stage.visit.meeting.business, staff=(stage.membership, host), name="Bea Next")
    third = stage.consumer(other.consumer)
    third.ask("enter_waiting")
    assert provider.until("next_waiting", count=1)["name"] == "Bea Next"
    third.ask("leave_waiting")
    provider.until("next_waiting", count=0)


def test_the_fifth_person_is_told_what_to_do(stage: Stage) -> None:
    stage.in_call()
    for number in range(3):
        seat = add_helper(stage.visit, f"Helper {number}")
        waiting.arrive(seat.ref)
        waiting.enter_waiting(seat.ref)
        waiting.admit(stage.visit.host, seat.ref)
    helpers = list(Participant.objects.filter(meeting=stage.visit.meeting, kind="helper"))
    for seat in helpers[:2]:
        calls.join_call(seat.ref)
    third = stage.consumer(helpers[2])
    refused = third.ask("join_call", media=QUIET)
    assert refused["code"] == "call_full"
    assert "when somebody has left" in refused["sentence"]
