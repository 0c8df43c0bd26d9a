"""The page "What happened" of a visit, and the same as JSON."""

import pytest
from django.test import Client

from tests.meetings.scene import make_visit
from vestibule.meetings import call_log, waiting
from vestibule.people.models import Membership

pytestmark = pytest.mark.django_db


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


def test_a_visit_nobody_came_to_says_so(client: Client) -> None:
    visit = make_visit()
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    client.force_login(host.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/desk/visit/{visit.meeting.ref}/log").content.decode()
    assert "Nothing is known about this visit" in page


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get("/desk/visit/some-visit/log")["Location"].startswith("/signin?next=")
