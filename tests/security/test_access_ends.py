"""Whose access ends sees nothing more, whatever page, cookie or key they still have."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import make_membership, manager_of
from tests.web.live.conftest import Stage
from tests.web.live.talk import link_to, visit_cookie
from vestibule.people import staff
from vestibule.people.permissions import Role
from vestibule.web.live import authorise, hub


@pytest.fixture(autouse=True)
def watched_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "STAFF_SECONDS", 0.1)


def test_an_open_desk_closes_when_its_reader_works_here_no_more(stage: Stage) -> None:
    member = make_membership(business=stage.visit.meeting.business, role=Role.SCHEDULER)
    desk = stage.desk(member)
    staff.deactivate(manager_of(stage.visit.meeting.business), member.pk)
    bye, _close = desk.ending()
    assert bye["code"] == "not_authorised"


def test_a_desk_that_shows_everyone_closes_when_its_reader_may_see_the_own_day_only(stage: Stage) -> None:
    member = make_membership(business=stage.visit.meeting.business, role=Role.SCHEDULER)
    desk = stage.desk(member)
    staff.change_role(manager_of(stage.visit.meeting.business), member.pk, Role.PROVIDER)
    bye, _close = desk.ending()
    assert bye["code"] == "not_authorised"


def test_a_call_closes_for_a_provider_who_was_let_go_and_goes_on_for_the_consumer(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    staff.deactivate(manager_of(stage.visit.meeting.business), stage.membership.pk)
    assert provider.ending()[0]["code"] == "not_authorised"
    assert "bye" not in [message["type"] for message in consumer.quiet(0.3)]


def test_those_who_still_work_here_stay(stage: Stage) -> None:
    desk = stage.desk()
    assert "bye" not in [message["type"] for message in desk.quiet(0.5)]


def test_a_session_of_somebody_else_is_not_resumed(stage: Stage) -> None:
    mine = stage.desk()
    member = make_membership(business=stage.visit.meeting.business, role=Role.MANAGER)
    theirs = stage.desk(member, resume=mine.welcome["session"], last=0)
    assert theirs.welcome["resumed"] is False
    assert theirs.welcome["session"] != mine.welcome["session"]


def test_a_cookie_of_yesterday_opens_no_visit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = authorise.sign_visit(link_to(stage.visit.consumer.ref))
    assert authorise.read_visit(cookie) == stage.visit.consumer.ref
    monkeypatch.setattr(authorise, "VISIT_COOKIE_AGE", timedelta(seconds=-1))
    assert authorise.read_visit(cookie) is None


def test_a_cookie_of_a_removed_consumer_lets_nobody_back_in(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    provider.ask("remove", participant=stage.visit.consumer.ref)
    consumer.until("bye")
    again: dict[str, Any] = stage.open("visit", visit_cookie(stage.visit.consumer.ref)).hello()
    assert (again["type"], again["code"]) == ("bye", "removed")
    assert stage.visit.seat(stage.visit.consumer).admitted_at is None
