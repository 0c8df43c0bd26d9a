"""The page "What happened" of a visit, and the same as JSON."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import manager_of
from tests.meetings.scene import make_visit
from vestibule.meetings import areas, call_log, calls, identity, waiting
from vestibule.meetings.models import Meeting
from vestibule.people.errors import Refusal
from vestibule.people.models import Membership

pytestmark = pytest.mark.django_db


def born(meeting: Meeting) -> dict[str, str]:
    """What the business knows of whoever comes."""
    return {"birth_date": "1970-01-31"}


def test_staff_read_what_happened_and_pass_it_on(client: Client) -> None:
    visit = make_visit()
    waiting.arrive(visit.consumer.ref)
    call_log.record(visit.consumer.ref, [{"kind": "state", "detail": "reconnecting"}, {"kind": "new-kind"}])
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    client.force_login(host.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/desk/visit/{visit.meeting.ref}/log").content.decode()
    assert "Opened the page" in page
    assert "reconnecting" in page
    told = client.get(f"/desk/visit/{visit.meeting.ref}/log.json").json()
    assert [(event["from"], event["kind"], event["who"]) for event in told["events"]] == [
        ("server", "arrived", "Ada Ng"),
        ("browser", "state", "Ada Ng"),
    ]


def test_a_locked_room_and_a_locked_place_are_told_apart(client: Client, settings: Any) -> None:
    settings.IDENTITY_SOURCE = "tests.web.provider.test_call_log.born"
    visit = make_visit()
    areas.change(manager_of(visit.meeting.business), "everybody", identity_fields=["birth_date"])
    waiting.enter_waiting(visit.consumer.ref)
    for day in range(1, 6):
        with pytest.raises(Refusal):
            identity.give(visit.consumer.ref, {"birth_date": f"1980-05-0{day}"})
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    client.force_login(host.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/desk/visit/{visit.meeting.ref}/log").content.decode()
    assert "was locked out" in page
    assert "Locked the room" not in page
    waiting.arrive(visit.provider.ref)
    calls.join_call(visit.provider.ref)
    calls.lock(visit.provider.ref, True)
    assert "Locked the room" in client.get(f"/desk/visit/{visit.meeting.ref}/log").content.decode()


def test_a_visit_nobody_came_to_says_so(client: Client) -> None:
    visit = make_visit()
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    client.force_login(host.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/desk/visit/{visit.meeting.ref}/log").content.decode()
    assert "Nothing is known about this visit" in page


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get("/desk/visit/some-visit/log")["Location"].startswith("/signin?next=")


def test_only_what_really_failed_is_marked_as_trouble(client: Client) -> None:
    visit = make_visit()
    said = [
        {"kind": "device", "detail": "microphone fell back"},
        {"kind": "device", "detail": "camera lost"},
        {"kind": "failed", "detail": "removed"},
        {"kind": "failed", "detail": "backend_failed"},
    ]
    call_log.record(visit.consumer.ref, said)
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    client.force_login(host.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    rows = client.get(f"/desk/visit/{visit.meeting.ref}/log").context["rows"]
    assert [(row["words"], row["is_trouble"]) for row in rows] == [
        ("Camera or microphone", False),
        ("Camera or microphone", True),
        ("The call ended for this browser", False),
        ("Failed", True),
    ]
