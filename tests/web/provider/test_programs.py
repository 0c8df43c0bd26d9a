"""Who takes part in a visit's messages through a program, and how staff take them out: pages of staff alone."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_membership
from tests.meetings.scene import Visit, make_staff
from tests.web.files.browsers import make_appointed_visit, on_own_page, signed_in
from vestibule.booking.models import Appointment
from vestibule.chat import members
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Member
from vestibule.meetings.models import Meeting, Participant
from vestibule.people import identities
from vestibule.people.models import AuditEntry, ProgramIdentity
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(settings: Any) -> Visit:
    return make_appointed_visit(settings)


def at(visit: Visit) -> str:
    return f"/desk/visit/{visit.meeting.ref}/programs"


def joined(visit: Visit, name: str) -> Member:
    identity = ProgramIdentity.objects.create(business=visit.meeting.business)
    _thread, people = members.add_to_meeting(
        visit.meeting.thread, [Newcomer(identities.key_of_guid(identity.guid), name)]
    )
    return people[0]


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_staff_see_who_takes_part_and_are_led_there_from_the_messages(visit: Visit) -> None:
    browser = signed_in(visit)
    messages = at(visit).replace("programs", "messages")
    assert f'<a href="{at(visit)}"' not in words(browser.get(messages))
    assert "No app takes part" in words(browser.get(at(visit)))
    joined(visit, "Triage <robot>")
    joined(visit, "")
    assert f'<a href="{at(visit)}"' in words(browser.get(messages))
    assert "/programs" not in words(on_own_page(visit).get("/appointment/messages")), "their guests take nobody out"
    shown = words(browser.get(at(visit)))
    assert "Triage &lt;robot&gt;" in shown
    assert "An app without a name" in shown


@pytest.mark.parametrize("hosts", [True, False])
@pytest.mark.parametrize("role", list(Role))
def test_whoever_is_shown_the_way_there_may_go_it(visit: Visit, role: Role, hosts: bool) -> None:
    joined(visit, "Robot")
    membership, provider = make_staff(visit.meeting.business, role=role)
    if hosts:
        Participant.objects.filter(pk=visit.provider.pk).update(provider=provider)
        Meeting.objects.filter(pk=visit.meeting.pk).update(host=provider)
        Appointment.objects.filter(meeting=visit.meeting).update(provider=provider)
    browser = Client()
    browser.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    may = browser.get(at(visit)).status_code == 200
    assert may == (role in (Role.OWNER, Role.MANAGER) or (hosts and role != Role.VIEWER))
    for page in (f"/desk/visit/{visit.meeting.ref}", f"/desk/visit/{visit.meeting.ref}/messages"):
        assert (at(visit) in words(browser.get(page))) == may, page


def test_nobody_is_taken_out_before_it_was_said_what_happens(visit: Visit) -> None:
    robot = joined(visit, "Robot")
    asked = words(signed_in(visit).get(f"{at(visit)}/{robot.pk}/remove"))
    assert "Take “Robot” out of the messages of this visit?" in asked
    assert "It reads and writes nothing here from this moment on." in asked
    robot.refresh_from_db()
    assert robot.removed_at is None


def test_who_is_taken_out_reads_only_what_was_said_before_and_the_log_says_who_did_it(visit: Visit) -> None:
    robot, other = joined(visit, "Robot"), joined(visit, "Scribe")
    browser = signed_in(visit)
    answer = browser.post(f"{at(visit)}/{robot.pk}/remove", follow=True)
    assert answer.redirect_chain == [(at(visit), 302)]
    shown = words(answer)
    assert "Robot is out of these messages, and reads nothing more." in shown
    assert "Scribe" in shown
    robot.refresh_from_db()
    other.refresh_from_db()
    assert (robot.until_stamp is None, other.until_stamp is None) == (False, True)
    entry = AuditEntry.objects.get(action="meeting.chat_people_removed")
    assert (entry.subject_ref, entry.actor_label) == (visit.meeting.ref, visit.host.label)


def test_two_who_press_it_at_once_take_them_out_once(visit: Visit) -> None:
    robot = joined(visit, "Robot")
    browser = signed_in(visit)
    path = f"{at(visit)}/{robot.pk}/remove"
    assert [browser.post(path).status_code for _time in range(2)] == [302, 302]
    assert AuditEntry.objects.filter(action="meeting.chat_people_removed").count() == 1
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.VIEWER])
def test_a_colleague_who_does_not_host_the_visit_neither_sees_nor_takes_out_anybody(visit: Visit, role: Role) -> None:
    robot = joined(visit, "Robot")
    browser = Client()
    browser.force_login(
        make_membership(business=visit.meeting.business, role=role).user,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    paths = [at(visit), f"{at(visit)}/{robot.pk}/remove"]
    assert {browser.get(path).status_code for path in paths} <= {403, 404}
    assert browser.post(paths[1]).status_code in (403, 404)
    robot.refresh_from_db()
    assert robot.removed_at is None


def test_nobody_is_taken_out_of_another_visit_or_another_business(visit: Visit, settings: Any) -> None:
    robot = joined(visit, "Robot")
    elsewhere = make_appointed_visit(settings)
    assert signed_in(elsewhere).post(f"{at(visit)}/{robot.pk}/remove").status_code == 404
    assert signed_in(elsewhere).post(f"{at(elsewhere)}/{robot.pk}/remove").status_code == 404
    assert Client().post(f"{at(visit)}/{robot.pk}/remove").status_code == 302, "to the sign-in"
    robot.refresh_from_db()
    assert robot.removed_at is None
