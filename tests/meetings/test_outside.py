"""What is to stand outside, and what staff see of it: Teams is asked for real, as far as its description goes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import make_business, make_provider, manager_of
from tests.integrations.microsoft import ALL
from tests.meetings.outside_scene import (
    ADA,
    BO,
    Clinic,
    fresh,
    give_account,
    move,
    row_of,
    shown,
    shown_or_none,
)
from tests.meetings.scene import make_visit
from vestibule.booking import bringing_in
from vestibule.meetings import areas, outside, outside_links, outside_rows, planning, transfers, waiting, walk_ins
from vestibule.meetings.errors import MeetingOver, WrongState
from vestibule.meetings.models import OutsidePlace
from vestibule.meetings.ports import PlaceMade
from vestibule.meetings.walk_ins import Caller
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.transactions import pretending

HOUR = timedelta(hours=1)
GOOD = "https://teams.microsoft.com/l/meetup-join/19%3Ameeting_abc%40thread.v2/0?context=" + (
    "%7B%22Tid%22%3A%220f0e0d0c-0b0a-4908-8706-050403020100%22%2C"
    "%22Oid%22%3A%2211111111-2222-4333-8444-555555555555%22%7D"
)


# What is wanted.


def test_a_planned_visit_is_to_stand_in_teams_with_its_provider_as_organizer(clinic: Clinic) -> None:
    visit = clinic.visit()
    order = outside_rows.order_of(row_of(visit.meeting))
    assert (order.key, order.organizer, order.start) == (visit.meeting.ref, ADA, visit.meeting.starts_at)
    assert {(seat.role, seat.email) for seat in order.seats} == {("collaborator", ""), ("presenter", ADA)}
    assert shown(visit.meeting).state == "making"
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]
    assert shown(visit.meeting).state == "ready"


def test_nothing_of_consumers_is_kept_for_outside_but_the_role_of_their_seat(clinic: Clinic) -> None:
    assert "Ada Ng" not in str(row_of(clinic.visit().meeting).order)


def test_a_business_that_meets_here_wants_nothing_outside(clinic: Clinic) -> None:
    clinic.prefers("own")
    assert shown_or_none(clinic.visit().meeting) is None
    assert shown_or_none(make_visit().meeting) is None
    assert not OutsidePlace.objects.exists()


def test_a_meeting_keeps_the_kind_it_was_planned_with(clinic: Clinic) -> None:
    before = clinic.visit()
    clinic.prefers("own")
    after = clinic.visit(staff=clinic.bo)
    move(before, HOUR)
    clinic.bring()
    assert clinic.held() == [(ADA, "10:00")]
    clinic.prefers("teams")
    move(after, HOUR)
    clinic.bring()
    assert clinic.held() == [(ADA, "10:00")]


def test_what_is_undone_is_not_wanted_either(clinic: Clinic) -> None:
    with pretending():
        clinic.visit()
    assert clinic.bring() == 0


def test_a_moved_visit_is_moved_and_keeps_its_link(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    link = shown(visit.meeting).join_url
    move(visit, HOUR)
    assert shown(visit.meeting).join_url == link
    clinic.bring()
    assert clinic.held() == [(ADA, "10:00")]
    assert shown(visit.meeting).join_url == link


def test_a_change_that_changes_nothing_asks_for_nothing(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    asked = len(clinic.cloud.asked)
    move(visit, timedelta(0), clinic.ada)
    assert clinic.bring() == 0
    assert len(clinic.cloud.asked) == asked


def test_a_cancelled_visit_is_taken_away(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    planning.cancel(visit.meeting)
    assert shown_or_none(visit.meeting) is None
    clinic.bring()
    assert clinic.held() == []


def test_one_cancelled_before_it_was_made_is_never_made(clinic: Clinic) -> None:
    planning.cancel(clinic.visit().meeting)
    clinic.bring()
    assert clinic.cloud.asked == []


def test_with_another_provider_it_is_taken_away_and_made_anew(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    link = shown(visit.meeting).join_url
    move(visit, timedelta(0), clinic.bo)
    assert (shown(visit.meeting).state, len(clinic.held())) == ("making", 1)
    clinic.bring()
    assert clinic.held() == [(BO, "09:00")]
    assert shown(visit.meeting).join_url not in ("", link)


def test_a_colleague_who_is_brought_in_presents(clinic: Clinic) -> None:
    visit = clinic.visit()
    Provider.objects.filter(pk=clinic.bo[1].pk).update(is_active=True)
    bringing_in.invite_colleague(clinic.manager, visit.meeting.ref, clinic.bo[1].slug)
    clinic.bring()
    (one,) = clinic.teams.live.values()
    assert one["participants"]["attendees"] == [{"upn": BO, "role": "presenter"}]
    assert one["participants"]["organizer"]["upn"] == ADA


def test_who_a_visit_is_handed_to_holds_it(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    transfers.transfer(clinic.manager, visit.consumer.ref, provider=clinic.bo[1].slug)
    clinic.bring()
    assert clinic.held() == [(BO, "09:00")]


def test_a_visit_that_goes_on_keeps_who_holds_it(clinic: Clinic) -> None:
    visit = clinic.visit(starts_in=timedelta(minutes=5))
    clinic.bring()
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    bringing_in.invite_colleague(clinic.manager, visit.meeting.ref, clinic.bo[1].slug, hand_over=True)
    clinic.bring()
    assert clinic.held() == [(ADA, "08:05")]


def test_a_provider_without_an_address_signs_in_with_one(clinic: Clinic) -> None:
    member, provider = clinic.ada
    Provider.objects.filter(pk=provider.pk).update(email="")
    order = outside_rows.order_of(row_of(clinic.visit().meeting))
    assert order.organizer == member.user.email


def test_who_comes_by_has_a_place_as_soon_as_they_wait(clinic: Clinic) -> None:
    areas.change(clinic.manager, "everybody", takes_walk_ins=True)
    came = walk_ins.come_by(walk_ins.front_door(clinic.business.slug), Caller("Cleo"), who="192.0.2.1")
    assert not OutsidePlace.objects.exists()
    waiting.enter_waiting(came.seat.ref)
    waiting.leave_waiting(came.seat.ref)
    waiting.enter_waiting(came.seat.ref)
    clinic.bring()
    assert shown(came.meeting).state == "failed"
    assert "no e-mail address" in shown(came.meeting).problem


def test_whom_the_account_names_holds_the_visit_of_who_came_by_whoever_sees_them(clinic: Clinic) -> None:
    give_account(clinic.business, clinic.cloud.access | {"organizer": BO})
    areas.change(clinic.manager, "everybody", takes_walk_ins=True)
    came = walk_ins.come_by(walk_ins.front_door(clinic.business.slug), Caller("Cleo"), who="192.0.2.1")
    waiting.enter_waiting(came.seat.ref)
    clinic.bring()
    assert clinic.held() == [(BO, "08:00")]
    transfers.transfer(clinic.manager, came.seat.ref, provider=clinic.ada[1].slug)
    clinic.bring()
    assert clinic.held() == [(BO, "08:00")]


def test_a_visit_with_an_appointment_wants_one_place_however_often_people_come(clinic: Clinic) -> None:
    visit = clinic.visit(starts_in=timedelta(minutes=5))
    for _time in range(2):
        waiting.enter_waiting(visit.consumer.ref)
        waiting.leave_waiting(visit.consumer.ref)
    assert row_of(visit.meeting).wanted == 1


def test_a_meeting_in_teams_stays_when_the_visit_is_over_and_is_shown_no_more(clinic: Clinic) -> None:
    visit = clinic.visit(starts_in=timedelta(minutes=5))
    clinic.bring()
    waiting.end_for_all(clinic.manager, visit.meeting.ref)
    assert shown_or_none(visit.meeting) is None
    clinic.bring()
    assert len(clinic.held()) == 1


def test_a_room_of_azure_goes_when_the_visit_is_over(clinic: Clinic) -> None:
    clinic.prefers("acs_rooms")
    visit = clinic.visit(starts_in=timedelta(minutes=5))
    assert (row_of(visit.meeting).kind, row_of(visit.meeting).order["organizer"]) == ("acs_room", "")
    waiting.end_for_all(clinic.manager, visit.meeting.ref)
    assert not row_of(visit.meeting).is_wanted


# What staff decide.


def test_staff_meet_here_instead_and_later_there_after_all(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    outside.meet_here(visit.host, visit.meeting)
    outside.meet_here(visit.host, visit.meeting)
    assert shown_or_none(visit.meeting) is None
    clinic.bring()
    move(visit, HOUR)
    clinic.bring()
    assert clinic.held() == []
    outside.again(visit.host, visit.meeting)
    clinic.bring()
    assert clinic.held() == [(ADA, "10:00")]
    theirs = AuditEntry.objects.filter(subject_kind="meeting").exclude(actor_kind="system").order_by("pk")
    assert [entry.action for entry in theirs] == ["meeting.met_here", "meeting.outside_again"]


def test_who_changes_their_mind_at_once_keeps_the_meeting(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    link = shown(visit.meeting).join_url
    outside.meet_here(visit.host, visit.meeting)
    outside.again(visit.host, visit.meeting)
    clinic.bring()
    assert shown(visit.meeting).join_url == link
    assert len(clinic.held()) == 1


def test_staff_try_again_after_they_mended_it(clinic: Clinic) -> None:
    clinic.teams.without_policy = {ADA}
    visit = clinic.visit()
    clinic.bring()
    assert shown(visit.meeting).state == "failed"
    clinic.teams.without_policy = set()
    assert clinic.bring(after=HOUR) == 0
    outside.again(visit.host, visit.meeting)
    assert shown(visit.meeting) == replace(shown(visit.meeting), state="late", problem="")
    clinic.bring()
    assert shown(visit.meeting).state == "ready"


def test_a_meeting_that_vanished_from_teams_is_made_again_when_staff_ask(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    clinic.teams.delete(next(iter(clinic.teams.live)))
    outside.again(visit.host, visit.meeting)
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]


def test_a_mended_account_brings_out_all_that_failed_and_nobody_elses(clinic: Clinic) -> None:
    clinic.teams.without_policy = {ADA}
    mine, other = clinic.visit(), make_business()
    clinic.bring()
    clinic.teams.without_policy = set()
    assert outside.mended(other.pk, "microsoft365") == 0
    assert outside.mended(clinic.business.pk, "acs") == 0
    assert outside.mended(clinic.business.pk, "microsoft365") == 1
    clinic.bring()
    assert shown(mine.meeting).state == "ready"


def test_only_who_hosts_a_visit_decides_where_it_is_held(clinic: Clinic) -> None:
    visit = clinic.visit()
    other = make_provider(business=clinic.business)
    colleague = manager_of(clinic.business, role=Role.PROVIDER, provider=other)
    for verb in (outside.again, outside.meet_here):
        with pytest.raises(NotFound):
            verb(manager_of(make_business()), visit.meeting)
        with pytest.raises(NotPermitted):
            verb(colleague, visit.meeting)
        with pytest.raises(NotPermitted):
            verb(manager_of(clinic.business, role=Role.VIEWER), visit.meeting)


def test_there_is_nothing_to_decide_when_it_is_over_or_was_never_outside(clinic: Clinic) -> None:
    visit = clinic.visit(starts_in=timedelta(minutes=5))
    waiting.end_for_all(clinic.manager, visit.meeting.ref)
    for verb in (outside.again, outside.meet_here):
        with pytest.raises(MeetingOver):
            verb(visit.host, visit.meeting)
    clinic.prefers("own")
    here = clinic.visit()
    outside.meet_here(here.host, here.meeting)
    with pytest.raises(WrongState):
        outside.again(here.host, here.meeting)


def test_a_visit_planned_here_may_be_held_there_once_the_business_wants_that(clinic: Clinic) -> None:
    clinic.prefers("own")
    visit = clinic.visit()
    clinic.prefers("teams")
    outside.again(visit.host, visit.meeting)
    clinic.bring()
    assert clinic.held() == [(ADA, "09:00")]


# What is shown.


def test_what_is_not_there_when_people_may_come_is_late(clinic: Clinic) -> None:
    visit = clinic.visit()
    assert shown(visit.meeting).state == "making"
    clock.advance(1800)
    assert shown(visit.meeting).state == "late"


def test_a_failure_says_what_to_do_and_for_support_what_happened(clinic: Clinic) -> None:
    clinic.teams.without_policy = {ADA}
    visit = clinic.visit()
    clinic.bring()
    found = shown(visit.meeting)
    assert found.problem.startswith("Teams does not let us make meetings for this provider")
    assert found.detail == "Graph answered 403 (Forbidden), request a-b-c"
    assert found.join_url == ""


def test_one_that_cannot_be_moved_can_still_be_joined(clinic: Clinic) -> None:
    visit = clinic.visit()
    clinic.bring()
    clinic.teams.without_policy = {ADA}
    move(visit, HOUR)
    clinic.bring()
    found = shown(visit.meeting)
    assert (found.state, bool(found.join_url), bool(found.problem)) == ("ready", True, True)


def test_a_page_for_visitors_is_shown_where_microsoft_gives_one(clinic: Clinic) -> None:
    clinic.cloud.roles = (*ALL, "VirtualAppointment.Read.All")
    visit = clinic.visit()
    clinic.bring()
    found = shown(visit.meeting)
    assert found.consumer_url.startswith("https://visit.teams.microsoft.com/")
    assert found.number.isdigit()
    assert found.passcode == "aB3dE"
    assert "aB3dE" not in repr(found)


@pytest.mark.parametrize("is_short", [False, True])
@pytest.mark.parametrize("host", ["teams.microsoft.com", "gov.teams.microsoft.us", "dod.teams.microsoft.us"])
def test_links_of_each_cloud_are_shown(clinic: Clinic, host: str, is_short: bool) -> None:
    clinic.teams.host, clinic.teams.is_short = host, is_short
    visit = clinic.visit()
    clinic.bring()
    assert shown(visit.meeting).join_url.startswith(f"https://{host}/{'meet' if is_short else 'l/meetup-join'}/")


def test_a_false_graph_leads_nobody_elsewhere(clinic: Clinic) -> None:
    clinic.teams.host = "teams.microsoft.com.evil.example"
    visit = clinic.visit()
    clinic.bring()
    found = shown(visit.meeting)
    assert (found.state, found.join_url) == ("failed", "")
    assert "leads elsewhere" in found.problem
    planning.cancel(fresh(visit.meeting))
    clinic.bring()
    assert clinic.held() == []


@pytest.mark.parametrize(
    "told",
    [
        "javascript:alert(1)",
        "https://evil.example/l/meetup-join/19%3Ameeting_abc%40thread.v2/0?context=%7B%7D",
        GOOD.replace("https", "http"),
        GOOD.replace("teams.microsoft.com", "teams.microsoft.com@evil.example"),
        GOOD.replace("teams.microsoft.com", "teams.microsoft.com:8443"),
        GOOD.replace("teams.microsoft.com", "evil.example\\@teams.microsoft.com"),
        GOOD.replace("teams.microsoft.com", "teams.live.com"),
        "//evil.example/",
        "",
    ],
)
def test_no_other_link_is_shown(told: str) -> None:
    assert outside_links.join_url(told) == ""
    assert outside_links.consumer_url(told) == ""


def test_a_link_is_built_anew_from_what_it_says() -> None:
    assert outside_links.join_url(f"{GOOD}&next=https%3A%2F%2Fevil.example") == GOOD


@pytest.mark.parametrize(
    "told",
    [
        GOOD,  # which is no page for visitors
        "https://visit.teams.microsoft.com/webrtc-svc/api/route?JoinWebUrl=https%3A%2F%2Fevil.example",
        "https://visit.teams.microsoft.com/x https://teams.microsoft.com/meet/123456789012?p=abc",
        "https://evil.example\\@visit.teams.microsoft.com/?JoinWebUrl=https://teams.microsoft.com/meet/123456789012",
        "<https://visit.teams.microsoft.com/?JoinWebUrl=https://teams.microsoft.com/meet/123456789012",
    ],
)
def test_no_other_page_for_visitors_is_shown(told: str) -> None:
    assert outside_links.consumer_url(told) == ""


def test_a_number_is_shown_only_as_digits() -> None:
    made = PlaceMade("x", number="123 456 789 012", passcode="aB3dE")
    assert (outside_links.of(made).number, outside_links.of(made).passcode) == ("123456789012", "aB3dE")
    assert outside_links.of(replace(made, number="ring +49 900")) == outside_links.NONE
    assert outside_links.of(replace(made, passcode="two words")).passcode == ""


def test_everything_here_belongs_to_a_meeting_of_the_business(clinic: Clinic) -> None:
    visit = clinic.visit()
    assert OutsidePlace.objects.visible_to(clinic.manager).get().meeting == visit.meeting
    assert not OutsidePlace.objects.visible_to(manager_of(make_business())).exists()
