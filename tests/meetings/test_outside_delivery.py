"""Bringing meetings to Teams: under leases, through faults and outages, once each, whatever ends a worker."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from tests.booking.factories import MONDAY, book, make_service
from tests.factories import make_business
from tests.integrations.microsoft import Fault
from tests.integrations.microsoft_meetings import Meetings
from tests.meetings.outside_scene import ADA, BO, Clinic, fresh, give_account, move, row_of, shown, shown_or_none
from tests.meetings.scene import make_staff, make_visit
from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment
from vestibule.meetings import outside, outside_delivery, outside_worker, planning
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.meetings.outside_delivery import Delivery
from vestibule.meetings.ports import PlaceMade, PlaceOrder
from vestibule.people import outside_accounts
from vestibule.people.errors import Refusal
from vestibule.people.models import BusinessWays, OutsideAccount, Provider
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.transactions import pretending, writing

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LEASE = timedelta(minutes=10)
CREATE = "/createOrGet"
LOST = Fault(cuts=True, on=CREATE)


def claim(worker: str = "one", *, lease: timedelta = LEASE, most: int = 8) -> list[Delivery]:
    return outside_delivery.claim(worker, most=most, lease=lease)


def carry_out(delivery: Delivery, worker: str = "one") -> None:
    outside_delivery.finish(delivery, outside_delivery.bring(delivery), worker)


# Once each.


def test_what_one_worker_took_no_other_takes(clinic: Clinic) -> None:
    clinic.visit()
    (taken,) = claim("one")
    assert claim("two") == []
    carry_out(taken)
    assert clinic.bring() == 0
    assert len(clinic.teams.made) == 1


def test_a_worker_that_ends_before_it_asked_is_followed_by_another(clinic: Clinic) -> None:
    visit = clinic.visit()
    claim("dead", lease=-MINUTE)
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]
    assert shown(visit.meeting).state == "ready"


def test_a_worker_that_ends_before_it_wrote_down_what_it_made_makes_no_second_meeting(clinic: Clinic) -> None:
    clinic.visit()
    (taken,) = claim("dead", lease=LEASE)
    outside_delivery.bring(taken)
    OutsidePlace.objects.update(leased_until=datetime(2020, 1, 1, tzinfo=UTC))
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]
    assert len(clinic.teams.made) == 1


def test_a_worker_that_was_held_up_beyond_its_lease_asks_for_nothing(clinic: Clinic) -> None:
    clinic.visit()
    (taken,) = claim("slow", lease=-MINUTE)
    carry_out(taken, "slow")
    assert clinic.cloud.asked == []


def test_a_worker_that_ends_while_it_takes_a_meeting_away_is_followed_by_another(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    planning.cancel(fresh(visit.meeting))
    (taken,) = claim("dead", lease=LEASE)
    outside_delivery.bring(taken)
    OutsidePlace.objects.update(leased_until=datetime(2020, 1, 1, tzinfo=UTC))
    clinic.bring()
    assert clinic.held() == []
    assert row_of(visit.meeting).state == "done"


def test_a_meeting_cancelled_after_its_answer_was_lost_is_taken_away(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.cloud.faults = [LOST]
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]
    planning.cancel(fresh(visit.meeting))
    clinic.bring(after=HOUR)
    assert clinic.held() == []


def test_a_meeting_cancelled_while_it_is_made_is_taken_away(clinic: Clinic) -> None:
    visit = clinic.visit()
    (taken,) = claim()
    results = outside_delivery.bring(taken)
    planning.cancel(fresh(visit.meeting))
    outside_delivery.finish(taken, results, "one")
    clinic.bring()
    assert clinic.held() == []


def test_a_meeting_moved_while_it_is_made_is_moved_afterwards(clinic: Clinic) -> None:
    visit = clinic.visit()
    (taken,) = claim()
    results = outside_delivery.bring(taken)
    move(visit, HOUR)
    assert claim("two") == []
    outside_delivery.finish(taken, results, "one")
    clinic.bring()
    assert clinic.held() == [(ADA, "10:00")]


def test_a_provider_who_changes_while_the_answer_is_lost_leaves_no_meeting_behind(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.cloud.faults = [LOST]
    clinic.bring()
    move(visit, timedelta(0), clinic.bo)
    clinic.bring(after=MINUTE)
    assert clinic.held() == [(BO, "09:00")]


def test_a_provider_who_comes_back_keeps_the_meeting_that_is_still_there(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    link = shown(visit.meeting).join_url
    move(visit, timedelta(0), clinic.bo)
    clinic.cloud.faults = [LOST]  # at Bo's, so that Ada's is not taken away yet
    clinic.bring()
    move(visit, timedelta(0), clinic.ada)
    clinic.bring(after=MINUTE)
    assert clinic.held() == [(ADA, "09:00")]
    assert shown(visit.meeting).join_url == link


def test_a_former_meeting_is_taken_away_later_where_that_fails(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    move(visit, timedelta(0), clinic.bo)
    clinic.cloud.faults = [Fault(500, on="DELETE ")]
    clinic.bring()
    assert shown(visit.meeting).state == "ready"
    assert shown(visit.meeting).problem == ""
    assert len(clinic.held()) == 2
    clinic.bring(after=HOUR)
    assert clinic.held() == [(BO, "09:00")]


def test_a_provider_nobody_knows_in_teams_stands_in_nobodys_way(clinic: Clinic) -> None:
    clinic.cloud.faults = [Fault(500, on=CREATE)]
    Provider.objects.filter(pk=clinic.ada[1].pk).update(email="ada@typing.error")
    visit = clinic.visit()
    clinic.bring()
    clinic.bring(after=MINUTE)
    assert shown(visit.meeting).state == "failed"
    move(visit, timedelta(0), clinic.bo)
    clinic.bring()
    assert clinic.held() == [(BO, "09:00")]
    assert row_of(visit.meeting).state == "done"


def test_whoever_left_teams_has_taken_their_meetings_along(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    clinic.teams.people.discard(ADA)
    clinic.teams.live.clear()
    move(visit, HOUR)
    clinic.bring()
    assert (shown(visit.meeting).state, shown(visit.meeting).join_url) == ("failed", "")
    move(visit, timedelta(0), clinic.bo)
    clinic.bring()
    assert clinic.held() == [(BO, "10:00")]


# What goes wrong.


def test_what_a_person_has_to_mend_is_not_tried_again_by_itself(clinic: Clinic) -> None:
    clinic.teams.without_policy = {ADA}
    visit = clinic.visit(starts_in=6 * HOUR)
    clinic.bring()
    asked = len(clinic.cloud.asked)
    assert clinic.bring(after=3 * HOUR) == 0
    assert len(clinic.cloud.asked) == asked
    assert row_of(visit.meeting).state == "failed"


def test_what_passes_is_tried_again_with_growing_pauses(clinic: Clinic) -> None:
    clinic.visit(starts_in=6 * HOUR)
    pauses = []
    for _time in range(8):
        clinic.cloud.faults = [Fault(500, on=CREATE)]
        clinic.bring()
        row = OutsidePlace.objects.get()
        pauses.append(row.next_at - clock.now())
        clock.set_to(row.next_at)
    assert pauses[0] <= timedelta(seconds=10)
    assert pauses[5] > 2 * MINUTE
    assert max(pauses) <= 5 * MINUTE
    clinic.bring()
    assert len(clinic.held()) == 1


def test_a_vendor_that_asks_for_patience_is_left_alone_by_the_whole_business(clinic: Clinic) -> None:
    first, second = clinic.visit(starts_in=4 * HOUR), clinic.visit(starts_in=5 * HOUR)
    clinic.cloud.faults = [Fault(429, "activityLimitReached", (("Retry-After", "900"),), on=CREATE)]
    clinic.bring()
    asked = len(clinic.cloud.asked)
    clinic.bring(after=14 * MINUTE)
    assert len(clinic.cloud.asked) == asked
    clinic.bring(after=2 * MINUTE)
    assert [shown(one.meeting).state for one in (first, second)] == ["ready", "ready"]


def test_the_account_of_one_business_holds_up_no_other(clinic: Clinic) -> None:
    broken = clinic.visit()
    give_account(clinic.business, clinic.cloud.access | {"secret": "another"})
    other = make_business()
    BusinessWays.objects.create(business=other, place="teams")
    give_account(other, clinic.cloud.access)
    member, provider = make_staff(other)
    Provider.objects.filter(pk=provider.pk).update(email=BO)
    theirs = make_visit(business=other, staff=(member, provider))
    clinic.bring()
    assert shown(broken.meeting).state == "failed"
    assert "does not let us in" in shown(broken.meeting).problem
    assert shown(theirs.meeting).state == "ready"


def test_a_business_without_an_account_is_told_so(clinic: Clinic) -> None:
    OutsideAccount.objects.all().delete()
    visit = clinic.visit()
    clinic.bring()
    assert shown(visit.meeting).state == "failed"
    assert "has no account" in shown(visit.meeting).problem
    give_account(clinic.business, clinic.cloud.access)
    outside.mended(clinic.business.pk, "microsoft365")
    clinic.bring()
    assert shown(visit.meeting).state == "ready"


def test_a_fault_of_ours_stops_nobody_else(clinic: Clinic, settings: Settings) -> None:
    visit = clinic.visit()
    settings.OUTSIDE_PLACES = {"teams": "tests.meetings.test_outside_delivery.Broken"}
    clinic.bring()
    row = row_of(visit.meeting)
    assert (row.state, row.problem.partition("\n")[2]) == ("queued", "ZeroDivisionError")
    settings.OUTSIDE_PLACES = {"teams": "tests.meetings.test_outside_delivery.Missing"}
    clinic.bring(after=MINUTE)
    assert row_of(visit.meeting).state == "queued"


def test_a_place_that_cannot_be_made_out_fails_by_itself(clinic: Clinic) -> None:
    odd, fine = clinic.visit(), clinic.visit(starts_in=2 * HOUR)
    OutsidePlace.objects.filter(meeting=odd.meeting).update(order={"nothing": "that we know"})
    clinic.bring()
    assert (row_of(odd.meeting).state, shown(fine.meeting).state) == ("failed", "ready")


def test_half_an_hour_of_outage_is_caught_up_and_nothing_is_doubled(clinic: Clinic) -> None:
    staff = [make_staff(clinic.business) for _one in range(10)]
    for _member, provider in staff:
        email = f"p{provider.pk}@clinic.example"
        Provider.objects.filter(pk=provider.pk).update(email=email)
        provider.email = email
        clinic.teams.people.add(email)
    kept, gone = clinic.visit(starts_in=4 * HOUR), clinic.visit(starts_in=5 * HOUR)
    clinic.bring()
    visits = [kept]
    for minute in range(0, 30, 3):
        clinic.cloud.faults = [Fault(503, "serviceNotAvailable", cuts=True) for _time in range(200)]
        visits.append(clinic.visit(starts_in=4 * HOUR, staff=staff[minute // 3]))
        if minute == 12:
            move(kept, HOUR)
            planning.cancel(fresh(gone.meeting))
        clinic.bring(after=3 * MINUTE)
    during = len(clinic.cloud.asked)
    assert {shown(one.meeting).state for one in visits[1:]} == {"making"}
    assert [one.kind for one in outside_accounts.silent(clinic.business)] == ["microsoft365"], "staff are told"
    clinic.cloud.faults = []
    for _minute in range(6):
        clinic.bring(after=MINUTE)
    assert outside_accounts.silent(clinic.business) == []
    assert {shown(one.meeting).state for one in visits} == {"ready"}
    assert sorted(key for _who, _when, key in clinic.teams.held()) == sorted(one.meeting.ref for one in visits)
    assert len(clinic.teams.made) == len(visits) + 1
    assert during < 300


# Past, and far away.


def test_a_meeting_that_is_past_is_given_up_quietly(clinic: Clinic) -> None:
    clinic.cloud.faults = [Fault(500, on=CREATE)]
    visit = clinic.visit()
    clinic.bring()
    asked = len(clinic.cloud.asked)
    assert clinic.bring(after=4 * HOUR) == 0
    assert (row_of(visit.meeting).state, len(clinic.cloud.asked)) == ("done", asked)


def test_one_that_still_goes_on_is_not_past(clinic: Clinic) -> None:
    clinic.cloud.faults = [Fault(500, on=CREATE)]
    visit = clinic.visit()
    clinic.bring()
    Meeting.objects.filter(pk=visit.meeting.pk).update(state=Meeting.State.LIVE)
    clinic.bring(after=4 * HOUR)
    assert shown(visit.meeting).state == "ready"


def test_what_is_left_of_a_past_meeting_is_tried_to_be_taken_away_for_a_day(clinic: Clinic) -> None:
    visits = [clinic.visit(), clinic.visit(staff=clinic.bo)]
    clinic.bring()
    clinic.teams.without_policy = {ADA, BO}
    for one in visits:
        planning.cancel(fresh(one.meeting))
    clinic.bring()
    clinic.teams.without_policy = {BO}
    clinic.bring(after=12 * HOUR)
    assert [who for who, _when in clinic.held()] == [BO]
    clinic.teams.without_policy = set()
    assert clinic.bring(after=48 * HOUR) == 0


def test_a_clock_that_was_set_back_holds_nothing_up(clinic: Clinic) -> None:
    clinic.cloud.faults = [Fault(500, on=CREATE)]
    visit = clinic.visit()
    clinic.bring()
    clock.set_to(MONDAY - timedelta(days=2))
    clinic.bring()
    assert shown(visit.meeting).state == "ready"


# Workers.


def test_a_worker_is_busy_with_a_business_once_at_a_time(clinic: Clinic) -> None:
    for hours in range(1, 12):
        clinic.visit(starts_in=hours * HOUR)
    (first,) = claim("one")
    assert len(first.wanted) == 8
    assert outside_delivery.claim("one", most=8, lease=LEASE, but={clinic.business.pk}) == []
    (rest,) = outside_delivery.claim("one", most=8, lease=LEASE)
    assert len(rest.wanted) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_meeting_of_each(clinic: Clinic) -> None:
    with writing():
        visits = [clinic.visit(starts_in=hours * HOUR) for hours in range(1, 7)]
    stop, done = threading.Event(), threading.Event()
    threads = [threading.Thread(target=outside_worker.run, args=(stop,), daemon=True) for _one in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _try in range(1200):
            if not OutsidePlace.objects.exclude(state="done").exists():
                break
            done.wait(0.05)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert {shown(one.meeting).state for one in visits} == {"ready"}
    assert len(clinic.teams.made) == len(visits)


# Whatever happens.

FAULTS = (
    LOST,
    Fault(cuts=True, on="PATCH "),
    Fault(cuts=True, on="DELETE "),
    Fault(500, on=CREATE),
    Fault(429, on="PATCH "),
    Fault(404, on="PATCH "),
    Fault(503, on="DELETE "),
    Fault(401, on=CREATE),
)
STEPS = ("book", "book", "move", "provider", "cancel", "fault", "fault", "bring", "die", "delete", "here", "again")


class Year:
    """A business where one thing after another happens to appointments, and to Teams."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.people = [clinic.ada[1], clinic.bo[1]]
        self.service = make_service(providers=self.people)
        clinic.cloud.faults = []
        clinic.teams = Meetings()
        clinic.cloud.parts[:] = [clinic.teams]
        clock.set_to(MONDAY + 8 * HOUR)

    def do(self, step: tuple[str, int, int]) -> None:
        """Do one thing; what the rules refuse changes nothing."""
        kind, which, time = step
        start = MONDAY + timedelta(days=1, hours=8, minutes=30 * time)
        provider = self.people[which % 2]
        booked = list(Appointment.objects.filter(service=self.service, status="booked").order_by("id"))
        one = booked[which % len(booked)] if booked else None
        try:
            if kind == "book":
                book(self.service, start, provider=provider)
            elif kind == "fault":
                self.clinic.cloud.faults.append(FAULTS[time % len(FAULTS)])
            elif kind == "bring":
                self.clinic.bring(after=MINUTE)
            elif kind == "die":
                for taken in claim("dead", lease=LEASE):
                    outside_delivery.bring(taken)
                OutsidePlace.objects.update(leased_until=datetime(2020, 1, 1, tzinfo=UTC))
            elif kind == "delete" and self.clinic.teams.live:
                self.clinic.teams.delete(sorted(self.clinic.teams.live)[0])
            elif one is not None and one.meeting is not None:
                self._change(kind, one, one.meeting, start, provider)
        except Refusal:
            pass

    def _change(self, kind: str, one: Appointment, meeting: Meeting, start: datetime, provider: Provider) -> None:
        if kind == "move":
            lifecycle.move(SYSTEM, one, start)
        elif kind == "provider":
            lifecycle.move(SYSTEM, one, start, provider=provider)
        elif kind == "cancel":
            lifecycle.cancel(SYSTEM, one)
        elif kind == "here":
            outside.meet_here(self.clinic.manager, meeting)
        elif kind == "again":
            outside.again(self.clinic.manager, meeting)

    def comes_to_rest(self) -> None:
        """Teams works again, and whoever sees a failure, or misses a meeting, asks for it once more."""
        self.clinic.cloud.faults = []
        for _time in range(3):
            self.clinic.bring(after=6 * MINUTE)
        for one in OutsidePlace.objects.filter(is_wanted=True, business=self.clinic.business):
            outside.again(self.clinic.manager, one.meeting)
        for _time in range(2):
            self.clinic.bring(after=6 * MINUTE)

    def wanted(self) -> list[tuple[str, str, str]]:
        """The meetings there should be: one for each appointment there is, but for those that are held here."""
        rows = Appointment.objects.filter(service=self.service, status="booked").select_related("provider", "meeting")
        return sorted(
            (one.provider.email, f"{one.start:%Y-%m-%dT%H:%M}", one.meeting.ref)
            for one in rows
            if one.meeting is not None and one.provider is not None and shown_or_none(one.meeting) is not None
        )


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 15)), min_size=4, max_size=14))
@examples(
    deadline=None,
    derandomize=True,
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_in_the_end_there_is_one_meeting_for_each_appointment_at_its_time(
    clinic: Clinic, steps: list[tuple[str, int, int]]
) -> None:
    with pretending():  # each example begins with nothing booked
        year = Year(clinic)
        for step in steps:
            year.do(step)
        year.comes_to_rest()
        assert clinic.teams.held() == year.wanted()


class Broken:
    """An adapter with a fault."""

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        return cls()

    def put(self, order: PlaceOrder, known: PlaceMade | None) -> PlaceMade:
        return replace(known or PlaceMade(""), external_id=str(1 // 0))

    def take_away(self, known: PlaceMade, organizer: str) -> None:
        """Take nothing away."""

    def close(self) -> None:
        """Do nothing."""
