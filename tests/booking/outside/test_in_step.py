"""What is booked, moved and cancelled on one side stands on the other, once, whatever fails in between."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import book, holder_of, make_service
from tests.booking.outside.scene import DOOR, NINE, Scene, make_scene
from tests.factories import make_provider
from tests.invariants import broken
from vestibule.booking import availability, lifecycle, requests
from vestibule.booking.models import Appointment, OutsideAppointment, OutsideName
from vestibule.booking.outside import linking, wanting, worker
from vestibule.booking.ports import TheirFree
from vestibule.notifications.models import OutboxMessage
from vestibule.people import outside_accounts
from vestibule.people.errors import Refusal
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)
S = Appointment.Status


@pytest.fixture(autouse=True)
def _door(settings: Any) -> None:
    settings.OUTSIDE_SCHEDULERS = DOOR


@pytest.fixture
def scene() -> Scene:
    return make_scene()


# From here to there.


def test_what_is_booked_here_stands_there_with_our_reference(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    there = scene.there(booked)
    assert (there.start, there.staff, there.service) == (NINE, ("staff-ada",), "service-visit")
    assert (there.customers[0].name, there.customers[0].email) == ("Cleo Baumann", "cleo@example.org")
    assert scene.row(booked).state == "done"


def test_what_is_moved_here_is_moved_there(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN, provider=scene.bo)
    worker.keep_in_step()
    assert (scene.there(booked).start, scene.there(booked).staff) == (TEN, ("staff-bo",))


def test_of_several_changes_before_the_worker_comes_the_last_is_brought_alone(scene: Scene) -> None:
    booked = scene.book()
    lifecycle.move(SYSTEM, booked, TEN)
    lifecycle.move(SYSTEM, booked, TEN + timedelta(hours=1))
    worker.keep_in_step()
    assert scene.there(booked).start == TEN + timedelta(hours=1)
    assert scene.world.asked.count("create") == 1
    assert "change" not in scene.world.asked


def test_what_is_cancelled_here_is_cancelled_there(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.cancel(holder_of(booked), booked)
    worker.keep_in_step()
    assert scene.world.standing == {}


def test_what_is_cancelled_before_it_was_brought_is_never_made_there(scene: Scene) -> None:
    lifecycle.cancel(SYSTEM, scene.book())
    worker.keep_in_step()
    assert "create" not in scene.world.asked


def test_a_request_waits_until_it_is_approved(scene: Scene) -> None:
    scene.visit.needs_approval = True
    scene.visit.save()
    asked = scene.book()
    worker.keep_in_step()
    assert scene.world.standing == {}
    requests.approve(SYSTEM, asked)
    worker.keep_in_step()
    assert scene.there(asked).start == NINE


def test_what_was_booked_before_the_link_was_on_is_brought_at_the_next_reading(scene: Scene) -> None:
    booked = scene.book()
    OutsideAppointment.objects.all().delete()
    scene.later()
    assert scene.there(booked).start == NINE


def test_a_provider_without_a_name_there_is_said_to_staff_and_brought_once_there_is_one(scene: Scene) -> None:
    name = OutsideName.objects.get(ours=scene.bo.ref)
    OutsideName.objects.filter(pk=name.pk).delete()
    booked = scene.book(provider=scene.bo)
    worker.keep_in_step()
    assert (scene.row(booked).state, scene.row(booked).problem) == ("failed", "staff")
    name.save(force_insert=True)
    scene.later()
    assert scene.there(booked).staff == ("staff-bo",)


# From there to here.


def test_what_is_booked_there_is_an_appointment_of_ours(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN)
    scene.later()
    one = scene.here()
    assert (one.start, one.provider, one.service, one.status) == (TEN, scene.ada, scene.visit, S.BOOKED)
    assert (one.email, one.phone, one.booked_via) == ("bea@example.org", "+41795550122", "bookings")
    assert not broken()


def test_the_day_there_is_not_sold_again_here(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN)
    scene.later()
    with pytest.raises(Refusal) as refused:
        scene.book(TEN)
    assert refused.value.code == "slot_taken"


def test_what_is_moved_there_is_moved_here_and_its_consumer_is_told(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.move(scene.there(booked).id, TEN, "staff-bo")
    scene.later()
    booked.refresh_from_db()
    assert (booked.start, booked.provider) == (TEN, scene.bo)
    assert kinds(booked) == ["moved"]  # in place of the confirmation, which had not left yet
    assert not broken()


def test_what_vanished_there_is_cancelled_here(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.cancel(scene.there(booked).id)
    scene.later()
    booked.refresh_from_db()
    assert (booked.status, booked.cancelled_by) == (S.CANCELLED, "system")
    assert not broken()


def test_what_a_reading_does_not_show_but_stands_there_by_its_id_stays(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.hides.add(scene.there(booked).id)
    scene.later()
    booked.refresh_from_db()
    assert booked.status == S.BOOKED


def test_what_was_moved_out_of_sight_there_is_moved_here(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.move(scene.there(booked).id, NINE + timedelta(days=91))
    scene.later()
    booked.refresh_from_db()
    assert booked.start == NINE + timedelta(days=91)


def test_who_comes_is_corrected_here_as_it_was_there(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.rename(scene.there(booked).id, name="Cleo Baumann-Roth", phone="+41795550199")
    scene.later()
    booked.refresh_from_db()
    assert (booked.name, booked.phone, booked.email) == ("Cleo Baumann-Roth", "+41795550199", "cleo@example.org")


def test_a_service_changed_there_is_changed_here(scene: Scene) -> None:
    id = scene.world.book("staff-ada", "service-visit", TEN)
    scene.later()
    scene.world.standing[id] = scene.world.standing[id].__class__(
        **{**scene.world.standing[id].__dict__, "service": "service-talk"}
    )
    scene.later()
    assert scene.here().service == scene.talk
    assert not broken()


def test_somebody_without_an_address_is_booked_all_the_same_and_is_nobody_else(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN, "Ann", email="")
    scene.world.book("staff-bo", "service-visit", TEN, "Ben", email="")
    scene.later()
    ann, ben = scene.here("Ann"), scene.here("Ben")
    assert (ann.email, ben.email) == ("", "")
    assert ann.consumer != ben.consumer
    assert not broken()


def test_what_is_the_same_on_both_sides_already_is_tied_not_doubled(scene: Scene) -> None:
    booked = scene.book(TEN)
    OutsideAppointment.objects.all().delete()
    scene.world.book("staff-ada", "service-visit", TEN, "Cleo Baumann", email="Cleo@example.org")
    scene.later()
    assert len(scene.world.standing) == 1
    assert scene.row(booked).external_id in scene.world.standing
    assert Appointment.objects.count() == 1


# What cannot be made here is never lost.


def test_a_time_taken_here_is_kept_as_a_stray_and_made_once_it_is_free(scene: Scene) -> None:
    booked = scene.book()
    scene.world.book("staff-ada", "service-visit", NINE)
    scene.later()
    (stray,) = scene.strays()
    assert (stray.reason, stray.provider, stray.content["name"]) == ("taken", scene.ada, "Bea Brown")
    assert scene.there(booked).start == NINE  # both stand there, as two people were booked
    lifecycle.cancel(SYSTEM, booked)
    scene.later()
    assert scene.strays() == []
    assert scene.here().start == NINE
    assert not broken()


def test_a_move_to_a_time_taken_here_is_shown_and_done_once_it_is_free(scene: Scene) -> None:
    first, second = scene.book(), scene.book(TEN)
    worker.keep_in_step()
    scene.world.move(scene.there(first).id, TEN)
    scene.later()
    first.refresh_from_db()
    assert first.start == NINE
    assert scene.row(first).conflict == "taken"
    assert scene.there(first).start == TEN  # what was done there is not undone
    lifecycle.cancel(SYSTEM, second)
    scene.later()
    first.refresh_from_db()
    assert first.start == TEN
    assert not broken()


@pytest.mark.parametrize(
    ("staff", "service", "reason"), [("staff-ada", "service-new", "service"), ("staff-new", "service-visit", "staff")]
)
def test_what_is_not_known_here_is_kept_as_a_stray(scene: Scene, staff: str, service: str, reason: str) -> None:
    scene.world.book(staff, service, TEN)
    scene.later()
    scene.later()
    (stray,) = scene.strays()
    assert stray.reason == reason
    assert Appointment.objects.count() == 0


def test_the_time_of_a_stray_is_not_offered_though_who_is_free_cannot_be_read(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-new", TEN)
    scene.world.faults.extend(["", "down"])
    scene.later()
    assert scene.world.asked[-2:] == ["appointments", "free"]
    assert TEN not in starts(scene)


def test_a_stray_that_was_cancelled_there_is_let_go(scene: Scene) -> None:
    id = scene.world.book("staff-ada", "service-new", TEN)
    scene.later()
    scene.world.cancel(id)
    scene.later()
    assert scene.strays() == []
    assert TEN in starts(scene)


# Both at once.


def test_moved_on_both_sides_theirs_wins_and_staff_see_it(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN)
    scene.world.move(scene.there(booked).id, TEN + timedelta(hours=1))
    scene.later()
    booked.refresh_from_db()
    assert booked.start == TEN + timedelta(hours=1) == scene.there(booked).start
    assert scene.row(booked).conflict == "time"


def test_cancelled_there_while_moved_here_it_is_cancelled(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.cancel(scene.there(booked).id)
    lifecycle.move(SYSTEM, booked, TEN)
    scene.later()
    booked.refresh_from_db()
    assert booked.status == S.CANCELLED
    assert scene.row(booked).conflict == "cancelled"
    assert scene.world.standing == {}


def test_cancelled_here_while_moved_there_it_is_cancelled_there(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.move(scene.there(booked).id, TEN)
    lifecycle.cancel(SYSTEM, booked)
    scene.later()
    assert scene.world.standing == {}
    assert scene.row(booked).conflict == "cancelled"


def test_a_time_of_ours_and_a_name_of_theirs_are_both_kept(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN)
    scene.world.rename(scene.there(booked).id, name="Cleo B")
    scene.later()
    booked.refresh_from_db()
    assert (booked.name, booked.start) == ("Cleo B", TEN)
    assert (scene.there(booked).customers[0].name, scene.there(booked).start) == ("Cleo B", TEN)


# Faults.


def test_an_answer_that_is_lost_makes_nothing_twice(scene: Scene) -> None:
    booked = scene.book()
    scene.world.faults.append("lost")
    worker.keep_in_step()
    scene.later()
    assert scene.there(booked).id == scene.row(booked).external_id


def test_a_worker_that_died_after_it_booked_there_makes_nothing_twice(scene: Scene) -> None:
    booked = scene.book()
    (job,) = worker.claim("one", most=1)
    worker.do(job)  # and nobody writes down what came of it
    scene.leave_no_lease()
    scene.later()
    assert scene.there(booked).id == scene.row(booked).external_id


def test_what_was_lost_and_moved_meanwhile_on_both_sides_is_one_appointment(scene: Scene) -> None:
    booked = scene.book()
    scene.world.faults.append("lost")
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN)
    scene.world.rename(scene.there(booked).id, name="Cleo B")
    scene.later()
    booked.refresh_from_db()
    assert (scene.there(booked).start, scene.there(booked).customers[0].name) == (TEN, "Cleo B")
    assert booked.name == "Cleo B"


def test_what_came_through_twice_is_one_again(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    twin = scene.world._stand(scene.there(booked))
    scene.later()
    assert twin.id not in scene.world.standing
    assert scene.row(booked).external_id in scene.world.standing
    assert Appointment.objects.count() == 1


def test_two_workers_bring_it_once(scene: Scene) -> None:
    scene.book()
    jobs = [*worker.claim("one", most=3), *worker.claim("two", most=3)]
    assert len(jobs) == 1


def test_after_an_outage_of_half_an_hour_everything_is_caught_up_with_once(scene: Scene) -> None:
    before = scene.book()
    worker.keep_in_step()
    scene.world.is_down = True
    during = [scene.book(TEN), scene.book(TEN, provider=scene.bo)]
    scene.world.book("staff-ada", "service-visit", TEN + timedelta(hours=2))
    for _ in range(10):
        scene.later(3)
    assert scene.link().failures > 3
    assert [one.kind for one in outside_accounts.silent(before.business)] == ["microsoft365"], "staff are told"
    lifecycle.cancel(SYSTEM, before)
    scene.world.is_down = False
    for _ in range(3):
        scene.later(5)
    assert sorted(one.key for one in scene.world.standing.values() if one.key) == sorted(one.ref for one in during)
    assert scene.here().start == TEN + timedelta(hours=2)
    assert (scene.link().failures, scene.link().problem) == (0, "")
    assert outside_accounts.silent(before.business) == []
    assert not broken()


def test_what_a_person_has_to_mend_is_said_and_holds_up_nothing_else(scene: Scene) -> None:
    refused, fine = scene.book(), scene.book(TEN)
    scene.world.faults.append("refused")
    worker.keep_in_step()
    assert (scene.row(refused).state, scene.row(refused).problem) == ("failed", "the scheduler says no")
    assert scene.there(fine).start == TEN


def test_half_an_answer_replaces_nothing(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.cancel(scene.there(booked).id)
    scene.world.faults.append("down")
    scene.later()
    booked.refresh_from_db()
    assert booked.status == S.BOOKED


def test_where_the_whole_business_is_gone_there_nothing_is_cancelled_here(scene: Scene) -> None:
    booked, other = scene.book(), scene.book(TEN)
    worker.keep_in_step()
    scene.world.is_deleted = True
    lifecycle.move(SYSTEM, booked, NINE + timedelta(hours=2))
    scene.book(NINE + timedelta(hours=4))
    scene.later()
    scene.later()
    assert set(Appointment.objects.values_list("status", flat=True)) == {S.BOOKED}
    assert scene.link().problem == "there is no such mailbox"
    scene.world.is_deleted = False
    scene.later()
    assert scene.there(booked).start == NINE + timedelta(hours=2)
    assert len(scene.world.standing) == 3
    assert scene.there(other).start == TEN


def test_bookings_go_on_while_nothing_answers(scene: Scene) -> None:
    scene.world.is_down = True
    assert scene.book().status == S.BOOKED
    assert worker.keep_in_step() == 1


# Who is busy.


def test_busy_time_of_staff_there_is_not_offered_here(scene: Scene) -> None:
    scene.world.events.append(TheirFree("staff-ada", TEN, TEN + timedelta(hours=1), "busy"))
    scene.later()
    assert TEN not in starts(scene)
    assert TEN + timedelta(hours=1) in starts(scene)


def test_time_of_which_nothing_is_said_there_is_closed_here(scene: Scene) -> None:
    scene.business.weekly_hours.update(end_minute=20 * 60)
    scene.later()
    assert max(starts(scene)).hour == 16


def test_an_appointment_of_ours_does_not_block_its_own_time(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.later()
    moved = lifecycle.move(holder_of(booked), booked, NINE + timedelta(minutes=15))
    assert moved.start == NINE + timedelta(minutes=15)


# Who is told.


def test_where_bookings_writes_to_consumers_we_do_not() -> None:
    scene = make_scene(reminders="bookings")
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.cancel(SYSTEM, booked)
    worker.keep_in_step()
    assert kinds(booked) == []
    assert scene.world.told == ["booked Cleo Baumann", "cancelled Cleo Baumann: Your appointment was cancelled."]


def test_what_was_booked_there_is_confirmed_by_us_only_where_we_write(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN)
    scene.later()
    assert kinds(scene.here()) == ["confirmation"]
    other = make_scene(reminders="bookings")
    other.world.book("staff-ada", "service-visit", TEN)
    other.later()
    assert kinds(other.here()) == []
    assert other.world.told == []


def test_a_business_without_a_link_is_not_asked_about(django_assert_num_queries: Any) -> None:
    service = make_service(providers=[make_provider()])
    book(service, NINE)
    assert OutsideAppointment.objects.count() == 0
    one = book(service, TEN)
    with django_assert_num_queries(0):
        wanting.want(one)
        wanting.withdraw(one)
        assert linking.of(one.business) is None


def kinds(appointment: Appointment) -> list[str]:
    """What the consumer is told at once."""
    rows = OutboxMessage.objects.filter(subject_ref=appointment.ref, to=appointment.email, due_at__lte=clock.now())
    return [row.kind for row in rows.exclude(state="dropped").order_by("pk")]


def starts(scene: Scene) -> list[Any]:
    day = NINE.replace(hour=0)
    found = availability.free_starts(scene.visit, day, day + timedelta(days=1), provider=scene.ada)
    return [slot.start for slot in found]
