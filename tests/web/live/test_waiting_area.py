"""The waiting area over its sockets: what each side is told, how soon, and that a guest gets nowhere by themselves."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import make_business, make_membership, make_user, manager_of
from tests.meetings.scene import default_area, make_appointment, make_staff, make_visit
from tests.pictures import picture
from tests.stopwatch import Stopwatch
from tests.web.live.conftest import Stage
from tests.web.live.talk import MEDIA, PATIENCE, Talk, follows_the_trail, staff_cookie, visit_cookie
from vestibule.booking import timely
from vestibule.booking.models import Appointment
from vestibule.meetings import area_pictures, areas, planning, prepared, presence, queue, waiting, walk_ins
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.walk_ins import Caller
from vestibule.people import audit
from vestibule.people.models import Membership, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.web import live

SOON = 2.0
"""Within so many seconds somebody who waits learns of what concerns them, while nothing holds this process up."""


def manager(stage: Stage) -> Membership:
    """Somebody who may do everything in the business."""
    return make_membership(business=stage.visit.meeting.business, user=make_user(), role=Role.MANAGER)


def waiting_guest(stage: Stage, seat: Participant | None = None) -> Talk:
    talk = stage.consumer(seat)
    talk.send("enter_waiting")
    talk.until("queue")
    return talk


def came_by(stage: Stage, name: str = "Cleo", **area: Any) -> Participant:
    """Somebody with a place they got by the public link."""
    business = stage.visit.meeting.business
    areas.change(manager_of(business), "everybody", takes_walk_ins=True, **area)
    return walk_ins.come_by(walk_ins.front_door(business.slug), Caller(name, reason="A rash"), who=name).seat


def entry_of(desk: Talk, **facts: Any) -> dict[str, Any]:
    """The next entry at the desk with these facts."""
    told = desk.until("entry", lambda one: all(one["entry"][key] == value for key, value in facts.items()))
    entry: dict[str, Any] = told["entry"]
    return entry


def test_the_desk_knows_areas_texts_and_colleagues_from_the_beginning(stage: Stage) -> None:
    prepared.add(manager_of(stage.visit.meeting.business), "One moment, please.")
    welcome = stage.desk().welcome
    (area,) = welcome["areas"]
    assert (area["slug"], area["is_default"], area["amber_minutes"], area["red_minutes"]) == ("everybody", True, 5, 15)
    assert [text["text"] for text in welcome["prepared"]] == ["One moment, please."]
    assert [one["slug"] for one in welcome["providers"]] == [welcome["provider"]]
    assert welcome["alerts"] == {"sound": True, "title": True, "desktop": False, "only_mine": True}


def test_a_walk_in_stands_in_the_same_list_as_appointments(stage: Stage) -> None:
    desk = stage.desk()
    assert [row["kind"] for row in desk.until("queue")["entries"]] == ["scheduled"]
    seat = came_by(stage)
    guest = waiting_guest(stage, seat)
    entry = entry_of(desk, kind="walk_in", status="waiting")
    assert (entry["appointment"], entry["reason"], entry["consumer"]) == (None, "A rash", "Cleo")
    assert (entry["area"], entry["host"], entry["mine"], entry["held"]) == ("everybody", None, True, False)
    assert desk.ask("admit", participant=seat.ref)["type"] == "done"
    guest.until("state", state="admitted")
    assert entry_of(desk, status="in_visit")["host"]["slug"] == desk.welcome["provider"]


@pytest.mark.alone
def test_on_hold_and_back_are_told_at_once(stage: Stage) -> None:
    guest, desk = waiting_guest(stage), stage.desk()
    since = guest.seen[-1]["since"]
    desk.ask("hold", participant=stage.visit.consumer.ref)
    guest.until("state", state="on_hold", timeout=SOON)
    told = guest.until("queue", on_hold=True, timeout=SOON)
    assert (told["position"], told["since"], told["sentence"] != "") == (None, since, True)
    assert entry_of(desk, held=True)["waiting_since"] == since
    desk.ask("back_to_queue", participant=stage.visit.consumer.ref)
    assert guest.until("queue", on_hold=False, timeout=SOON)["position"] == 1


@pytest.mark.alone
def test_who_is_handed_on_learns_it_and_stands_at_the_new_desk(stage: Stage) -> None:
    membership, colleague = make_staff(stage.visit.meeting.business, name="Dr Other")
    guest, desk, other = waiting_guest(stage), stage.desk(), stage.desk(membership)
    assert other.until("queue")["entries"] == []
    desk.ask("transfer", participant=stage.visit.consumer.ref, provider=colleague.slug)
    moved = guest.until("moved_to", timeout=SOON)
    assert (moved["provider"]["name"], "keep your place" in moved["sentence"]) == ("Dr Other", True)
    guest.shown("queue", lambda queue: queue["provider"]["name"] == "Dr Other", timeout=SOON)
    assert entry_of(other, mine=True)["host"]["name"] == "Dr Other"
    assert entry_of(desk, mine=False)["host"]["name"] == "Dr Other"
    assert other.ask("admit", participant=stage.visit.consumer.ref)["type"] == "done"
    guest.until("state", state="admitted")


@pytest.mark.alone
def test_a_provider_who_steps_away_is_told_with_what_to_do(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(grace_seconds=0.3)
    areas.change(manager_of(stage.visit.meeting.business), "everybody", support_phone="020 7946 0018")
    desk, guest = stage.desk(), waiting_guest(stage)
    if guest.seen[-1]["provider"]["presence"] != "ready":
        guest.until("queue", lambda queue: queue["provider"]["presence"] == "ready", timeout=SOON)
    desk.ask("step_away", text="Back at 10:15")
    told = guest.until("queue", lambda queue: queue["provider"]["presence"] == "away", timeout=SOON)
    assert told["provider"]["away_words"] == "Back at 10:15"
    assert "Back at 10:15." in told["sentence"]
    desk.until("providers", lambda told: told["providers"][0]["presence"] == "away")
    desk.ask("come_back")
    guest.until("queue", sentence="", timeout=SOON)
    desk.drop()
    guest.until("queue", lambda queue: "020 7946 0018" in queue["sentence"], timeout=SOON)


@pytest.mark.alone
def test_what_another_door_changes_is_known_within_two_seconds(stage: Stage) -> None:
    """Nobody calls the live side: a page without script, the API or another process did it."""
    guest, desk = waiting_guest(stage), stage.desk()
    desk.until("queue")
    follows_the_trail()
    with Stopwatch() as watch:
        presence.step_away(stage.visit.host, "Emergency")
        guest.until("queue", lambda queue: queue["provider"].get("away_words") == "Emergency", timeout=SOON)
        areas.close(manager_of(stage.visit.meeting.business), "everybody", words="Back at noon")
        assert desk.until("areas", timeout=SOON)["areas"][0]["closed_words"] == "Back at noon"
        waiting.hold(stage.visit.host, stage.visit.consumer.ref)
        guest.until("state", state="on_hold", timeout=SOON)
    assert watch.ran < 3 * SOON


@pytest.mark.alone
@pytest.mark.parametrize(("change", "code", "step"), [("cancel", "cancelled", "book"), ("move", "moved", "reload")])
def test_cancel_and_move_are_known_within_two_seconds_with_the_next_step(
    stage: Stage, change: str, code: str, step: str
) -> None:
    guest = waiting_guest(stage)
    follows_the_trail()
    meeting = Meeting.objects.get()
    if change == "cancel":
        planning.cancel(meeting)
    else:
        planning.move(meeting, clock.now() + timedelta(days=2), clock.now() + timedelta(days=2, minutes=30))
    audit.record(stage.visit.host, meeting.business_id, f"meeting.{change}", "meeting", meeting.ref)
    bye = guest.until("bye", timeout=SOON)
    assert (bye["code"], bye["next"]) == (code, step)


@pytest.mark.alone
def test_what_the_area_shows_comes_with_the_wait_and_follows_its_changes(stage: Stage) -> None:
    boss = manager_of(stage.visit.meeting.business)
    areas.change(boss, "everybody", content_title="While you wait", support_phone="020 7946 0018")
    guest = waiting_guest(stage)
    area = guest.first("area")
    assert (area["title"], area["support_phone"], area["media"]) == ("While you wait", "020 7946 0018", None)
    follows_the_trail()
    area_pictures.show(boss, "everybody", picture(), "A lake")
    media = guest.until("area", lambda area: area["media"] is not None, timeout=SOON)["media"]
    assert (media["type"], media["alternative"]) == ("image/jpeg", "A lake")


@pytest.mark.alone
def test_who_waits_learns_that_their_provider_runs_late_and_for_how_long(stage: Stage) -> None:
    visit, guest = stage.visit, waiting_guest(stage)
    appointment = Appointment.objects.get(meeting=visit.meeting)
    for minutes, late in ((40, "Dr Bo Lund begins about 40 minutes later. Your place is kept."), (0, "")):
        timely.provider_late(visit.host, appointment, minutes)
        assert guest.until("queue", timeout=SOON, late=late)["expected_minutes"] == (45 if minutes else 5)


def test_an_area_that_does_not_tell_numbers_tells_none(stage: Stage) -> None:
    boss = manager_of(stage.visit.meeting.business)
    areas.change(boss, "everybody", shows_position=False, shows_expected_wait=False)
    told = next(one for one in waiting_guest(stage).seen if one["type"] == "queue")
    assert (told["position"], told["ahead"], told["expected_minutes"]) == (None, None, None)


def test_identity_is_asked_given_seen_at_the_desk_and_confirmed(stage: Stage) -> None:
    areas.change(manager_of(stage.visit.meeting.business), "everybody", identity_fields=["postcode"])
    guest, desk = waiting_guest(stage), stage.desk()
    asked = guest.first("identity")
    assert (asked["state"], asked["asked"], asked["given"]) == ("asked", ["postcode"], [])
    assert desk.ask("admit", participant=stage.visit.consumer.ref)["code"] == "identity_not_confirmed"
    guest.send("give_identity", fields={"postcode": "SW1A 1AA"})
    assert guest.until("identity")["given"] == ["postcode"]
    person = entry_of(desk)["people"][0]
    while person["identity"]["state"] == "asked":
        person = entry_of(desk)["people"][0]
    assert person["identity"]["given"] == {"postcode": "SW1A 1AA"}
    assert "SW1A 1AA" not in str(guest.seen)
    desk.ask("confirm_identity", participant=stage.visit.consumer.ref)
    guest.until("identity", state="confirmed")
    assert desk.ask("admit", participant=stage.visit.consumer.ref)["type"] == "done"


def test_guessing_a_date_of_birth_locks_the_place_before_the_eyes_of_staff(stage: Stage, settings: Any) -> None:
    settings.IDENTITY_SOURCE = "tests.meetings.scene.known"
    areas.change(manager_of(stage.visit.meeting.business), "everybody", identity_fields=["birth_date"])
    guest, desk = waiting_guest(stage), stage.desk()
    desk.until("queue")
    answers = [guest.ask("give_identity", fields={"birth_date": f"1990-01-0{day}"}) for day in range(1, 6)]
    assert [answer["code"] for answer in answers] == ["identity_wrong"] * 4 + ["locked"]
    assert [answer.get("tries_left") for answer in answers] == [4, 3, 2, 1, None]
    warning = desk.until("warning")
    assert (warning["kind"], warning["participant"]) == ("locked", stage.visit.consumer.ref)
    assert desk.ask("admit", participant=stage.visit.consumer.ref)["code"] == "locked"
    assert desk.ask("unlock", participant=stage.visit.consumer.ref)["type"] == "done"
    guest.until("identity", state="asked", tries_left=5)


STAFF_ONLY: dict[str, dict[str, Any]] = {
    "hold": {},
    "back_to_queue": {},
    "transfer": {"area": "everybody"},
    "confirm_identity": {},
    "unlock": {},
    "admit": {"confirmed": True},
    "deny": {},
    "notice": {"text": "I am the doctor"},
    "get_notices": {},
}


def test_a_waiting_guest_who_speaks_the_protocol_changes_nothing(stage: Stage) -> None:
    areas.change(manager_of(stage.visit.meeting.business), "everybody", identity_fields=["postcode"])
    guest = waiting_guest(stage)
    guest.quiet(0.3)
    before = Participant.objects.filter(pk=stage.visit.consumer.pk).values().get()
    for kind, fields in STAFF_ONLY.items():
        assert guest.ask(kind, participant=stage.visit.consumer.ref, **fields)["code"] == "not_allowed", kind
    for kind in ("close_area", "open_area", "step_away", "come_back", "start", "show_day"):
        guest.raw(f'{{"type":"{kind}","ref":"x","area":"everybody","meeting":"{stage.visit.meeting.ref}"}}')
        assert guest.until("error", ref="x")["code"] == "unknown_type", kind
    assert Participant.objects.filter(pk=stage.visit.consumer.pk).values().get() == before
    assert not areas.is_closed(default_area(stage.visit.meeting.business), clock.now())


def test_a_guest_of_one_visit_says_nothing_about_another(stage: Stage) -> None:
    other = make_visit(business=stage.visit.meeting.business)
    waiting_guest(stage, other.consumer)
    guest = waiting_guest(stage)
    guest.send("give_identity", ref="a", fields={"postcode": "X"}, participant=other.consumer.ref)
    assert guest.until("error", ref="a")["code"] == "bad_message"  # nothing is asked here
    assert Participant.objects.get(pk=other.consumer.pk).identity == {}


@pytest.mark.parametrize("kind", [kind for kind in STAFF_ONLY if kind != "notice"])
def test_staff_of_another_business_find_nobody(stage: Stage, kind: str) -> None:
    waiting.enter_waiting(stage.visit.consumer.ref)
    stranger = stage.desk(make_membership(business=make_business(), user=make_user(), role=Role.MANAGER))
    answer = stranger.ask(kind, participant=stage.visit.consumer.ref, **STAFF_ONLY[kind])
    assert answer["code"] == "not_found"
    assert stage.visit.state() == "waiting"
    assert stranger.ask("close_area", area="surgery")["code"] == "not_found"


def test_a_provider_does_nothing_in_an_area_or_visit_of_others(stage: Stage) -> None:
    membership, provider = make_staff(stage.visit.meeting.business, name="Dr Other")
    areas.create(manager_of(stage.visit.meeting.business), "Physiotherapy", providers=[provider.slug])
    seat = came_by(stage)
    waiting.enter_waiting(seat.ref)
    waiting.enter_waiting(stage.visit.consumer.ref)
    desk = stage.desk(membership)
    for kind in ("hold", "transfer", "admit"):
        assert desk.ask(kind, participant=stage.visit.consumer.ref, **STAFF_ONLY[kind])["code"] == "not_allowed"
    assert desk.ask("close_area", area="everybody")["code"] == "not_allowed"
    assert desk.ask("close_area", area="physiotherapy", minutes=5)["type"] == "done"
    assert desk.ask("close_area", area="physiotherapy", minutes=5)["type"] == "done"


def test_a_second_device_on_one_link_takes_the_place_over_and_does_not_double_it(stage: Stage) -> None:
    seat = came_by(stage)
    first, desk = waiting_guest(stage, seat), stage.desk()
    second = stage.open("visit", visit_cookie(seat.ref))
    second.hello()
    assert first.ending()[0]["code"] == "taken_over"
    assert second.until("queue")["position"] == 1
    entries = [row for row in desk.until("queue")["entries"] if row["kind"] == "walk_in"]
    assert len(entries) == 1
    assert len(entries[0]["people"]) == 1


def test_somebody_with_the_name_of_the_provider_is_shown_as_a_guest(stage: Stage) -> None:
    desk = stage.desk()
    desk.until("queue")
    guest = stage.consumer()
    guest.send("enter_waiting", name="Dr Bo Lund")
    entry = entry_of(desk)
    while entry["waiting_since"] is None:
        entry = entry_of(desk)
    assert entry["people"][0]["name"] == "Dr Bo Lund (guest)"
    assert guest.ask("set_name", name="Dr. B\u043e Lund")["type"] == "done"
    assert Participant.objects.get(pk=stage.visit.consumer.pk).name.endswith("(guest)")


def test_a_place_is_kept_over_a_long_loss(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(grace_seconds=0.3)
    guest, desk = waiting_guest(stage), stage.desk()
    since = guest.seen[-1]["since"]
    guest.drop()
    desk.until("queue")
    entry = entry_of(desk, waiting_since=None)
    assert entry["people"][0]["state"] == "left"
    again = stage.consumer()
    assert again.welcome["participant"]["state"] == "waiting"
    assert again.until("queue")["since"] == since


def test_automatic_words_reach_the_guest_and_the_desk(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    guest, desk = waiting_guest(stage), stage.desk()
    desk.until("queue")
    prepared.add(manager_of(stage.visit.meeting.business), "We have not forgotten you.", after_minutes=5)
    Participant.objects.filter(pk=stage.visit.consumer.pk).update(waiting_since=clock.now() - timedelta(minutes=6))
    hub = live.doors._live[0].hub
    asyncio.run_coroutine_threadsafe(hub._send_due_words(), hub.loop).result(PATIENCE)
    assert guest.until("notice")["text"] == "We have not forgotten you."
    assert desk.until("notice")["entry"]


def test_a_dozen_who_come_at_once_are_told_by_a_few_readings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[int] = []
    original = queue.board

    def counted(business_id: int, now: Any) -> Any:
        readings.append(business_id)
        return original(business_id, now)

    monkeypatch.setattr(queue, "board", counted)
    staff = (stage.membership, Provider.objects.get(membership=stage.membership))
    visits = [make_visit(business=stage.visit.meeting.business, staff=staff) for _ in range(12)]
    for visit in visits:
        make_appointment(visit)
    talks = [stage.consumer(visit.consumer) for visit in visits]
    for talk in talks:
        talk.send("enter_waiting")
    places = {talk.until("queue", timeout=10)["position"] for talk in talks}
    assert places <= set(range(1, 13))
    time.sleep(1)
    assert len(readings) <= 30  # not a dozen times a dozen


def test_a_helper_at_the_door_of_a_running_visit_is_not_told_a_place(stage: Stage) -> None:
    seat = came_by(stage)
    waiting_guest(stage, seat)
    desk = stage.desk()
    assert desk.ask("admit", participant=seat.ref)["type"] == "done"
    helper: Participant = Participant.objects.create(
        meeting=seat.meeting, kind=Participant.Kind.HELPER, role=Participant.Role.ATTENDEE, name="Ines"
    )
    told = waiting_guest(stage, helper).seen[-1]
    assert (told["type"], told["position"], told["expected_minutes"]) == ("queue", None, None)
    assert "has begun" in told["sentence"]


@pytest.mark.alone
def test_a_closed_queue_refuses_who_does_not_wait_yet_and_assures_who_does(stage: Stage) -> None:
    first = waiting_guest(stage, came_by(stage))
    late = stage.consumer(came_by(stage, "Dana"))
    desk = stage.desk(manager(stage))
    assert desk.ask("close_area", area="everybody", minutes=30, text="Back at noon")["type"] == "done"
    first.until("queue", lambda queue: "keep your place" in queue["sentence"], timeout=SOON)
    refused = late.ask("enter_waiting")
    assert (refused["code"], refused["sentence"], "opens_at" in refused) == ("closed", "Back at noon", True)


def test_a_name_somebody_is_to_be_recognised_by_is_not_in_their_welcome(stage: Stage) -> None:
    areas.change(manager_of(stage.visit.meeting.business), "everybody", identity_fields=["name"])
    assert stage.consumer().welcome["participant"]["name"] == ""


def test_a_walk_in_whom_everybody_has_left_is_completed_though_nobody_ended_it(stage: Stage) -> None:
    seat = came_by(stage)
    guest = waiting_guest(stage, seat)
    desk = stage.desk()
    assert desk.ask("admit", participant=seat.ref)["type"] == "done"
    guest.until("state", state="admitted")
    guest.ask("join_call", media=MEDIA)
    assert entry_of(desk, kind="walk_in", status="in_visit")["people"][0]["state"] != "left"
    guest.ask("leave_call")
    assert entry_of(desk, kind="walk_in", status="completed")["meeting_state"] == "live"


@pytest.mark.alone
def test_a_provider_in_front_of_a_call_is_there_and_one_who_joins_a_colleagues_call_is_in_a_visit(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(grace_seconds=0.3)
    membership, colleague = make_staff(stage.visit.meeting.business, name="Dr Other")
    other = make_visit(business=stage.visit.meeting.business, staff=(membership, colleague), name="Bea")
    guest = waiting_guest(stage, other.consumer)
    host = stage.open("visit", staff_cookie(membership.user))
    host.hello(meeting=other.meeting.ref)
    guest.until("queue", lambda queue: queue["provider"]["presence"] == "ready", timeout=SOON)
    host.drop()
    guest.until("queue", lambda queue: queue["provider"]["presence"] == "away", timeout=SOON)
    seat = planning.invite(
        stage.visit.meeting,
        planning.Seat(Participant.Kind.PROVIDER, Participant.Role.PRESENTER, colleague.name, colleague.pk),
    )
    second = stage.open("visit", staff_cookie(membership.user))
    second.hello(meeting=stage.visit.meeting.ref)
    assert second.welcome["participant"]["id"] == seat.ref
    second.ask("join_call", media=MEDIA)
    guest.until("queue", lambda queue: queue["provider"]["presence"] == "in_visit", timeout=SOON)
