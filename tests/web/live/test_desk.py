"""`/ws/desk` over real sockets: the whole day, every change of it, and nobody else's."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.factories import make_business, make_membership, make_user
from tests.meetings.scene import make_appointment, make_staff, make_visit
from tests.web.live.conftest import Stage
from tests.web.live.talk import follows_the_trail, soon
from vestibule.booking.models import Appointment
from vestibule.meetings import waiting
from vestibule.people import audit
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Role
from vestibule.web import live
from vestibule.web.live import entries
from vestibule.web.live.changes import News, Trail


def test_the_day_comes_first_and_then_who_waits_since_when(stage: Stage) -> None:
    desk = stage.desk()
    (entry,) = desk.until("queue")["entries"]
    assert (entry["meeting"], entry["mine"], entry["waiting_since"]) == (stage.visit.meeting.ref, True, None)
    consumer = stage.consumer()
    consumer.send("devices", mic="silent")
    consumer.send("enter_waiting")
    since = consumer.until("queue")["since"]
    entry = desk.until("entry")["entry"]
    while entry["waiting_since"] is None:
        entry = desk.until("entry")["entry"]
    assert entry["waiting_since"] == since
    assert entry["people"][0]["devices"]["mic"] == "silent"
    assert entry["people"][0]["connection"] == "ok"


def test_start_opens_the_meeting_and_lets_in_who_waits(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    assert desk.ask("start", meeting=stage.visit.meeting.ref)["meeting"] == stage.visit.meeting.ref
    consumer.until("state", state="admitted")


def test_a_provider_sees_the_own_day_and_a_manager_everyones(stage: Stage) -> None:
    business = stage.visit.meeting.business
    make_appointment(make_visit(business=business, staff=make_staff(business, name="Dr Other")))
    make_appointment(make_visit())
    mine = stage.desk()
    everyones = stage.desk(make_membership(business=business, role=Role.MANAGER))
    assert (mine.welcome["scope"], len(mine.until("queue")["entries"])) == ("mine", 1)
    assert (everyones.welcome["scope"], len(everyones.until("queue")["entries"])) == ("all", 2)


def test_another_business_is_not_there(stage: Stage) -> None:
    stranger = stage.desk(make_staff(make_business())[0])
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    assert stranger.until("queue")["entries"] == []
    assert stranger.ask("admit", participant=stage.visit.consumer.ref)["code"] == "not_found"
    assert stranger.ask("end_for_all", meeting=stage.visit.meeting.ref)["code"] == "not_found"
    assert stranger.ask("get_notices", participant=stage.visit.consumer.ref)["code"] == "not_found"
    heard = {message["type"] for message in (*stranger.seen, *stranger.quiet())}
    assert heard <= {"welcome", "queue", "error", "providers"}, "and those are of their own house"


def test_another_providers_waiting_person_cannot_be_let_in(stage: Stage) -> None:
    colleague = stage.desk(make_staff(stage.visit.meeting.business, name="Dr Other")[0])
    consumer = stage.consumer()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    assert colleague.ask("admit", participant=stage.visit.consumer.ref)["code"] == "not_allowed"
    assert stage.visit.state() == "waiting"


def test_somebody_who_lost_the_connection_is_shown_so(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    desk.until("queue")
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    consumer.drop()

    def shown() -> bool:
        desk.quiet(0.1)
        entries = [message["entry"] for message in desk.seen if message["type"] == "entry"]
        return bool(entries) and entries[-1]["people"][0]["connection"] == "reconnecting"

    soon(shown)


def test_another_day_has_its_own_appointments(stage: Stage) -> None:
    tomorrow = make_visit(
        business=stage.visit.meeting.business,
        staff=stage.staff,
        starts_in=timedelta(days=1),
    )
    make_appointment(tomorrow)
    desk = stage.desk()
    assert [each["meeting"] for each in desk.until("queue")["entries"]] == [stage.visit.meeting.ref]
    day = tomorrow.meeting.starts_at.date().isoformat()
    desk.send("show_day", day=day)
    shown = desk.until("queue")
    assert (shown["day"], [each["meeting"] for each in shown["entries"]]) == (day, [tomorrow.meeting.ref])


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_date_that_is_none_is_refused(stage: Stage, day: str) -> None:
    assert stage.desk().ask("show_day", day=day)["code"] == "bad_message"


def test_bookings_made_elsewhere_appear_and_moved_ones_go(stage: Stage) -> None:
    desk = stage.desk()
    desk.until("queue")
    business = stage.visit.meeting.business
    new = make_appointment(make_visit(business=business, staff=stage.staff))
    live.notify_desk(business.pk)
    assert desk.until("entry")["entry"]["appointment"] == new.ref
    Appointment.objects.filter(pk=new.pk).update(start_minute=new.start_minute + 3 * 1440)
    live.notify_desk(business.pk)
    assert desk.until("entry_gone")["id"] == new.ref


def test_a_change_by_another_door_is_shown_though_nobody_tells(stage: Stage) -> None:
    consumer, desk = stage.consumer(), stage.desk()
    consumer.send("enter_waiting")
    consumer.until("state", state="waiting")
    desk.until("queue")
    follows_the_trail()
    waiting.admit(stage.visit.host, stage.visit.consumer.ref)
    consumer.until("state", state="admitted")
    appointment = Appointment.objects.get(meeting=stage.visit.meeting)
    Appointment.objects.filter(pk=appointment.pk).update(status="cancelled")
    audit.record(stage.visit.host, appointment.business_id, "appointment.cancelled", "appointment", appointment.ref)
    entry = desk.until("entry")["entry"]
    while entry["status"] != "cancelled":
        entry = desk.until("entry")["entry"]


def test_a_fault_in_reading_the_trail_does_not_end_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = stage.desk()
    desk.until("queue")
    news, faults = Trail.news, [ValueError("once")]

    def broken_once(trail: Trail, businesses: Collection[int]) -> News:
        if faults:
            raise faults.pop()
        return news(trail, businesses)

    monkeypatch.setattr(Trail, "news", broken_once)
    soon(lambda: not faults)
    appointment = Appointment.objects.get(meeting=stage.visit.meeting)
    Appointment.objects.filter(pk=appointment.pk).update(status="cancelled")
    audit.record(stage.visit.host, appointment.business_id, "appointment.cancelled", "appointment", appointment.ref)
    entry = desk.until("entry")["entry"]
    while entry["status"] != "cancelled":
        entry = desk.until("entry")["entry"]


def test_a_day_is_read_in_as_many_queries_however_long_it_is(
    stage: Stage, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    business, first = stage.visit.meeting.business, Appointment.objects.get().start_minute
    for _ in range(3):
        make_appointment(make_visit(business=business, staff=stage.staff))
    with django_assert_num_queries(6):
        found = entries.of_day(business.pk, first - 1440, first + 1440)
    assert len(found) == 4


def test_the_trail_finds_entries_that_were_stored_late(stage: Stage) -> None:
    business = stage.visit.meeting.business_id
    trail = Trail()
    trail.news({business})
    for _ in range(3):
        audit.record(stage.visit.host, business, "meeting.ended", "meeting", "m1")
    late, *others = AuditEntry.objects.order_by("pk")
    late.delete()
    assert trail.news({business}) == News({"m1": business}, settings=set())
    late.subject_ref = "m0"
    late.save(force_insert=True)
    assert trail.news({business}) == News({"m0": business}, settings=set())
    assert trail.news({business}) == News(settings=set())
    assert len(others) == 2


def test_somebody_without_a_business_has_no_desk(stage: Stage) -> None:
    membership = make_membership(business=make_business(), user=make_user())
    membership.is_active = False
    membership.save()
    talk = stage.desk(membership)
    assert talk.seen[0]["code"] == "not_authorised"


def test_a_role_taken_away_counts_at_once(make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.web.live.hub.STAFF_SECONDS", 600)  # before anybody looks whether they may stay
    stage = make_stage()
    desk = stage.desk()
    desk.until("queue")
    stage.membership.is_active = False
    stage.membership.save()
    assert desk.ask("start", meeting=stage.visit.meeting.ref)["code"] == "not_allowed"


def test_several_tabs_are_several_desks(stage: Stage) -> None:
    first, second = stage.desk(), stage.desk()
    for desk in (first, second):
        desk.until("queue")
        desk.send("ping", last=desk.seq)
        desk.until("pong")


def test_a_desk_resumes(stage: Stage) -> None:
    desk = stage.desk()
    desk.until("queue")
    desk.drop()
    stage.consumer().send("enter_waiting")
    again = stage.desk(resume=desk.welcome["session"], last=desk.seq)
    assert again.welcome["resumed"] is True
    assert again.until("entry")["entry"]["meeting"] == stage.visit.meeting.ref
