"""How each member of staff chooses to be told of who waits; and the desk without script."""

import pytest
from django.test import Client

from tests.factories import make_business
from tests.meetings.scene import Visit, make_staff, make_visit
from tests.web.provider.pages import signed_in, text_of
from vestibule.meetings import waiting
from vestibule.meetings.models import DeskAlerts
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
CHOSEN = {"title": "on", "desktop": "on", "email": "on", "sms": "on", "phone": "+41 79 555 01 11", "after_minutes": "3"}


def waiting_visit() -> Visit:
    visit = make_visit(name="Ada Ng")
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    return visit


def test_alerts_are_chosen_by_each_person_alone(client: Client) -> None:
    business = make_business()
    first, _provider = make_staff(business)
    make_staff(business, name="Dr Ada Blum")
    client.force_login(first.user)
    assert "Only for people who wait for me" in text_of(client.get("/desk/alerts"))
    answer = client.post("/desk/alerts", CHOSEN, follow=True)
    assert "Your alerts were saved." in text_of(answer)
    kept = DeskAlerts.objects.get()
    assert kept.membership == first
    assert (kept.sound, kept.title, kept.desktop, kept.only_mine) == (False, True, True, False)
    assert (kept.email, kept.sms, kept.phone, kept.after_minutes) == (True, True, "+41795550111", 3)


def test_a_text_message_needs_a_number(client: Client) -> None:
    signed_in(client, make_business(), Role.MANAGER)
    answer = client.post("/desk/alerts", CHOSEN | {"phone": ""})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["phone"]
    assert not DeskAlerts.objects.exists()


def test_a_role_that_meets_nobody_has_no_alerts(client: Client) -> None:
    signed_in(client, make_business(), Role.VIEWER)
    assert client.get("/desk/alerts").status_code == 403


def test_without_script_the_queue_is_there_and_lets_people_in(client: Client) -> None:
    visit = waiting_visit()
    signed_in(client, visit.meeting.business, Role.MANAGER)
    page = text_of(client.get("/desk"))
    assert "Ada Ng" in page
    assert "<title>1 waiting · " in page
    answer = client.post(f"/desk/door/admit/{visit.consumer.ref}", follow=True)
    assert "Ada Ng is let in." in text_of(answer)
    assert visit.state() == "admitted"
    assert client.get(f"/desk/door/admit/{visit.consumer.ref}").status_code == 405


def test_whoever_waits_for_a_colleague_is_neither_shown_nor_let_in(client: Client) -> None:
    visit = waiting_visit()
    colleague, _provider = make_staff(visit.meeting.business, name="Dr Chiara Rossi")
    client.force_login(colleague.user)
    assert "Ada Ng" not in text_of(client.get("/desk"))
    assert client.post(f"/desk/door/admit/{visit.consumer.ref}").status_code == 403
    assert visit.state() == "waiting"
