"""Outside calendars make providers busy, appointments stand in them, and one out of reach closes its provider."""

import threading
from datetime import timedelta

import pytest

from tests.booking.factories import at, book
from tests.calendars.scene import ADDRESS, DOWN, Scene, minutes
from tests.factories import make_provider
from vestibule.booking import lifecycle
from vestibule.booking.models import ServiceProvider
from vestibule.calendars import connections, delivery, sync, testing, worker
from vestibule.calendars.connections import Use
from vestibule.calendars.models import BusyInterval, Connection, ShownAppointment
from vestibule.calendars.ports import Access, CalendarError, OurEntry, Trouble
from vestibule.people.models import Provider
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.clock import from_minute

NINE_TO_TEN = minutes("09:00", "10:00")
TEN_TO_ELEVEN = minutes("10:00", "11:00")


def version(ada: Provider) -> int:
    return Provider.objects.values_list("mask_version", flat=True).get(pk=ada.pk)


def test_what_stands_in_a_calendar_cannot_be_booked(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    assert scene.busy() == [(*NINE_TO_TEN, False)]
    assert (scene.refusal("09:30"), scene.refusal("10:00")) == ("slot_taken", "")


def test_changes_are_taken_over_one_by_one(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.world.put("/office/two.ics", minutes("13:00", "14:00"))
    scene.look()
    scene.world.put("/office/one.ics", TEN_TO_ELEVEN)
    scene.look()
    assert scene.busy() == [(*TEN_TO_ELEVEN, False), (*minutes("13:00", "14:00"), False)]
    scene.world.remove("/office/two.ics")
    scene.look()
    assert scene.busy() == [(*TEN_TO_ELEVEN, False)]
    assert [asked for asked in scene.world.asked if asked.startswith("changes")] == [
        "changes ",
        "changes 0",
        "changes 2",
        "changes 3",
    ]


def test_other_processes_hear_of_it_only_when_busy_time_changed(scene: Scene) -> None:
    before = version(scene.ada)
    scene.look()
    assert version(scene.ada) == before
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    after = version(scene.ada)
    assert after != before
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    assert version(scene.ada) == after


def test_each_connection_is_looked_at_every_five_minutes(scene: Scene) -> None:
    assert scene.look(after=timedelta(minutes=4)) == 0
    assert scene.look(after=timedelta(minutes=2)) == 1


def test_a_clock_set_back_does_not_keep_calendars_from_being_read(scene: Scene) -> None:
    assert scene.look(after=timedelta(days=-300)) == 1


def test_a_calendar_out_of_reach_closes_its_provider_after_the_tolerance(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    scene.world.error = DOWN
    scene.look(after=timedelta(minutes=30))
    assert scene.refusal("15:00") == ""
    scene.look(after=timedelta(minutes=31))
    assert [closes for _start, _end, closes in scene.busy()] == [True, False]
    assert scene.refusal("16:00") == "closed"
    assert scene.again().problem_kind == Trouble.UNREACHABLE


def test_it_opens_by_itself_once_it_is_reached(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    scene.world.error = DOWN
    scene.look()
    assert scene.refusal("16:00") == "closed"
    scene.world.error = None
    before = version(scene.ada)
    scene.look()
    assert scene.busy() == [(*NINE_TO_TEN, False)]
    assert version(scene.ada) != before
    assert (scene.again().problem_kind, scene.again().failures) == ("", 0)


def test_the_tolerance_can_be_never(scene: Scene) -> None:
    connections.change(scene.manager, scene.connection, {}, tolerance_minutes=None)
    scene.world.error = DOWN
    scene.look(after=timedelta(days=30))
    assert scene.busy() == []


def test_taking_the_tolerance_away_opens_at_once(scene: Scene) -> None:
    scene.world.error = DOWN
    scene.look()
    assert len(scene.busy()) == 1
    connections.change(scene.manager, scene.connection, {}, tolerance_minutes=None)
    assert scene.busy() == []


def test_a_calendar_that_does_not_count_closes_nobody(scene: Scene) -> None:
    connections.change(scene.manager, scene.connection, {scene.calendar.pk: Use(counts_busy=False, receives=True)})
    scene.world.error = DOWN
    scene.look()
    assert scene.busy() == []


def test_one_that_fails_is_tried_ever_less_often(scene: Scene) -> None:
    scene.world.error = DOWN
    pauses = []
    for _ in range(12):
        scene.look(after=timedelta(hours=2))
        pauses.append((scene.again().next_at - clock.now()).total_seconds())
    assert pauses[0] <= 60
    assert 2500 < pauses[-1] <= 3600


def test_a_bad_calendar_stops_no_other(scene: Scene) -> None:
    bo = make_provider(business=scene.ada.business)
    with testing.world("https://bo.example/") as other:
        connections.connect(scene.manager, bo, "caldav", Access("https://bo.example/"))
        other.put("/office/one.ics", NINE_TO_TEN)
        scene.world.error = ZeroDivisionError("our own fault")
        scene.look()
    assert BusyInterval.objects.filter(provider=bo).count() == 1
    assert scene.again().failures == 1


def test_a_secret_nobody_can_open_any_more_stops_no_other(scene: Scene) -> None:
    bo = make_provider(business=scene.ada.business)
    with testing.world("https://bo.example/") as other:
        connections.connect(scene.manager, bo, "caldav", Access("https://bo.example/"))
        scene.receive()
        scene.book("09:00")
        Connection.objects.filter(pk=scene.connection.pk).update(access="from another server")
        other.put("/office/one.ics", NINE_TO_TEN)
        scene.look()
    assert BusyInterval.objects.filter(provider=bo).count() == 1
    assert (scene.again().failures, scene.again().problem_kind) == (1, "credentials")
    assert scene.shown().state == "queued"


def test_what_is_being_read_is_not_read_twice(scene: Scene) -> None:
    clock.advance(7200)
    first = worker.claim("a", most=5, lease=timedelta(minutes=3))
    assert [one.pk for one in first] == [scene.connection.pk]
    assert worker.claim("b", most=5, lease=timedelta(minutes=3)) == []


def test_asking_for_a_calendar_while_it_is_read_reads_it_once_more(scene: Scene) -> None:
    clock.advance(7200)
    (taken,) = worker.claim("slow", most=5, lease=timedelta(minutes=3))
    outcome = sync.ask(sync.job_of(taken))
    connections.sync_now(scene.manager, scene.connection)
    sync.write(outcome, "slow")
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    assert worker.sync_due() == 1
    assert scene.world.asked[-1] == "changes "
    assert len(scene.busy()) == 1


def test_what_a_worker_took_and_never_finished_is_taken_by_another(scene: Scene) -> None:
    clock.advance(7200)
    (taken,) = worker.claim("dead", most=5, lease=timedelta(seconds=-1))
    late = sync.ask(sync.job_of(taken))
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    assert worker.sync_due() == 1
    assert sync.write(late, "dead") is False
    assert len(scene.busy()) == 1


def test_a_calendar_that_is_removed_makes_nobody_busy(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    scene.look()
    before = version(scene.ada)
    connections.remove(scene.manager, scene.connection)
    assert (scene.busy(), Connection.objects.count()) == ([], 0)
    assert version(scene.ada) != before


def test_the_secret_is_stored_encrypted_and_said_nowhere(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    row = Connection.objects.values().get()
    assert not any(secret in str(row) for secret in ("4711", "open-sesame", ADDRESS))
    scene.world.error = ZeroDivisionError(ADDRESS)
    scene.look()
    assert "4711" not in str(Connection.objects.values().get())


# Appointments out.


def test_an_appointment_stands_in_the_calendar_moves_and_goes(scene: Scene) -> None:
    scene.receive()
    booked = scene.book("09:00")
    scene.look(after=timedelta(0))
    (entry,) = scene.world.stored
    assert (entry.start, entry.end, entry.sequence) == (booked.start_minute, booked.end_minute, 0)
    assert "Cleo Baumann" in entry.title

    moved = lifecycle.move(SYSTEM, booked, from_minute(booked.start_minute + 120))
    scene.look(after=timedelta(0))
    assert [one.start for one in scene.world.stored] == [booked.start_minute, moved.start_minute]
    assert len({one.uid for one in scene.world.stored}) == 1
    assert len(scene.world.items) == 1

    lifecycle.cancel(SYSTEM, moved)
    scene.look(after=timedelta(0))
    assert scene.world.items == {}
    assert not ShownAppointment.objects.exists()


def test_an_appointment_goes_along_to_another_provider(scene: Scene) -> None:
    bo = make_provider(business=scene.ada.business)
    ServiceProvider.objects.create(service=scene.visit, provider=bo)
    scene.receive()
    with testing.world("https://bo.example/") as other:
        theirs = connections.connect(scene.manager, bo, "caldav", Access("https://bo.example/"))
        connections.change(scene.manager, theirs, {theirs.calendars.get().pk: Use(receives=True)})
        booked = book(scene.visit, at("09:00") + timedelta(days=1), provider=scene.ada)
        scene.look(after=timedelta(0))
        assert (len(scene.world.items), len(other.items)) == (1, 0)
        lifecycle.move(SYSTEM, booked, booked.start, provider=bo)
        scene.look(after=timedelta(0))
        assert (len(scene.world.items), len(other.items)) == (0, 1)


def test_our_own_entry_never_makes_busy(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    scene.look(after=timedelta(0))
    scene.look()
    assert scene.busy() == []
    assert scene.shown().differs == ""


def test_what_was_booked_before_is_shown_too(scene: Scene) -> None:
    scene.book("09:00")
    scene.receive()
    scene.look(after=timedelta(0))
    assert len(scene.world.stored) == 1


def test_each_day_what_may_be_missing_is_made_good(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    ShownAppointment.objects.all().delete()
    connections.sync_now(scene.manager, scene.connection)
    worker.sync_due()
    assert len(scene.world.stored) == 1


def test_a_calendar_that_shows_none_any_more_loses_them(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    scene.look(after=timedelta(0))
    connections.change(scene.manager, scene.connection, {scene.calendar.pk: Use(receives=False)})
    scene.look(after=timedelta(0))
    assert scene.world.items == {}


def test_booking_with_a_rollback_shows_nothing(scene: Scene) -> None:
    scene.receive()
    assert scene.refusal("03:00") == "outside_hours"
    assert not ShownAppointment.objects.exists()


def test_an_answer_lost_on_its_way_does_not_store_twice(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    (first,) = delivery.claim("dead", most=9, lease=timedelta(seconds=-1))
    delivery.bring(first)  # stored there, and the worker ends before it writes that down
    scene.look(after=timedelta(0))
    assert len(scene.world.items) == 1
    assert (scene.shown().state, scene.shown().differs) == ("done", "")


def test_cancelling_while_it_is_being_stored_takes_it_out(scene: Scene) -> None:
    scene.receive()
    booked = scene.book("09:00")
    (first,) = delivery.claim("slow", most=9, lease=timedelta(minutes=3))
    results = delivery.bring(first)
    lifecycle.cancel(SYSTEM, booked)
    delivery.finish(results, "slow")
    scene.look(after=timedelta(0))
    assert scene.world.items == {}


def test_what_cannot_be_stored_now_is_tried_again(scene: Scene) -> None:
    scene.receive()
    worker.sync_due()
    scene.book("09:00")
    scene.world.error = DOWN
    scene.look(after=timedelta(0))
    row = scene.shown()
    assert (row.state, row.attempts) == ("queued", 1)
    scene.world.error = None
    scene.look()
    assert scene.shown().state == "done"


def test_what_is_refused_for_good_is_a_dead_letter_until_somebody_asks(scene: Scene) -> None:
    scene.receive()
    worker.sync_due()
    scene.book("09:00")
    scene.world.error = CalendarError("may not write", Trouble.REFUSED, permanent=True)
    scene.look(after=timedelta(0))
    assert (scene.shown().state, scene.shown().last_error) == ("failed", "may not write")
    scene.world.error = None
    scene.look()
    assert scene.shown().state == "failed"
    connections.sync_now(scene.manager, scene.connection)
    worker.sync_due()
    assert scene.shown().state == "done"


def test_an_entry_moved_outside_is_noticed_and_put_back(scene: Scene) -> None:
    scene.receive()
    booked = scene.book("09:00")
    scene.look(after=timedelta(0))
    (ref,) = scene.world.items
    uid = scene.world.stored[0].uid
    clock.advance(60)
    scene.world.put(ref, ours=OurEntry(uid, booked.start_minute + 60, booked.end_minute + 60))
    scene.look()
    assert scene.shown().differs == "moved"
    assert scene.world.stored[-1].start == booked.start_minute
    booked.refresh_from_db()
    assert booked.status == "booked"
    scene.look()
    assert len(scene.world.stored) == 2


def test_an_entry_deleted_outside_is_noticed_and_put_back(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    scene.look(after=timedelta(0))
    (ref,) = scene.world.items
    scene.world.remove(ref)
    scene.look()
    assert scene.shown().differs == "deleted"
    assert list(scene.world.items) == [ref]


def test_a_colour_or_note_of_its_owner_is_left_alone(scene: Scene) -> None:
    scene.receive()
    booked = scene.book("09:00")
    scene.look(after=timedelta(0))
    (ref,) = scene.world.items
    scene.world.put(ref, ours=OurEntry(scene.world.stored[0].uid, booked.start_minute, booked.end_minute))
    scene.look()
    assert (scene.shown().differs, len(scene.world.stored)) == ("", 1)
    assert scene.shown().etag == scene.world.items[ref].etag


def test_we_do_not_quarrel_with_a_calendar_for_ever(scene: Scene) -> None:
    scene.receive()
    scene.book("09:00")
    scene.look(after=timedelta(0))
    for _ in range(8):
        for ref in list(scene.world.items):
            scene.world.remove(ref)
        scene.look()
    assert scene.shown().state == "failed"
    assert len(scene.world.stored) == 6


def test_a_worker_looks_by_itself_until_told_to_stop(scene: Scene) -> None:
    scene.world.put("/office/one.ics", NINE_TO_TEN)
    found = worker.Worker()
    clock.advance(7200)
    while found.turn() or found._running:
        threading.Event().wait(0.01)
    assert len(scene.busy()) == 1
