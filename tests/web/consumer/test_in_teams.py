"""What people from outside see of visits held in Teams: no address before they are let in, no seat by Teams' link."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business
from tests.meetings.in_teams import JOIN_URL, NUMBER, PASSCODE, THREAD, hold_in_teams
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.meetings import waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db

SECRETS = ("teams.microsoft.com", "meetup-join", NUMBER, PASSCODE, THREAD)
SHAPES = {
    "long": JOIN_URL,
    "short": f"https://teams.microsoft.com/meet/{NUMBER}?p={PASSCODE}",
    "wrapped": "https://visit.teams.microsoft.com/webrtc-svc/api/route?tid=1&JoinWebUrl="
    + quote(f"{JOIN_URL}&webjoin=true&unified=true", safe=""),
    "other message": JOIN_URL.replace("/0?", "/1700000000000?"),
}


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    made = book(make_service(), at("10:00"))
    assert made.meeting is not None
    hold_in_teams(made.meeting)
    clock.set_to(at("09:55"))
    return made


def seat_of(appointment: Appointment) -> Participant:
    return Participant.objects.get(meeting=appointment.meeting, kind=Participant.Kind.CONSUMER)


def page_of(client: Client, appointment: Appointment) -> str:
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    return text_of(client.get("/visit"))


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def test_before_they_are_let_in_the_page_says_where_it_will_be_and_gives_no_address(
    client: Client, appointment: Appointment
) -> None:
    page = page_of(client, appointment)
    assert "takes place in Microsoft Teams" in page
    assert [secret for secret in SECRETS if secret in page] == []


def test_once_let_in_the_page_gives_the_way_without_script_too(client: Client, appointment: Appointment) -> None:
    seat = seat_of(appointment)
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)
    waiting.admit(SYSTEM, seat.ref)
    page = page_of(client, appointment)
    assert f'<a class="button" href="{JOIN_URL}" target="_blank" rel="noopener noreferrer">' in page


@pytest.mark.parametrize("path", ["/appointment", "/appointment/appointment.ics", "/visit/prepare", "/visit/ended"])
def test_no_other_page_of_theirs_gives_the_address_either(client: Client, appointment: Appointment, path: str) -> None:
    page_of(client, appointment)
    manage = links.addresses(appointment).manage
    client.get(manage[manage.index("/appointment") :])
    page = text_of(client.get(path))
    assert [secret for secret in SECRETS if secret in page] == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_link_to_a_meeting_of_ours_says_whose_it_is_and_opens_nobodys_seat(
    client: Client, appointment: Appointment, shape: str
) -> None:
    make_business(name="Another practice")
    answer = client.get("/visit", {"MEETINGURL": SHAPES[shape]})
    page = text_of(answer)
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert appointment.business.name in page
    assert "Come by that link instead" in page
    assert "https://teams.microsoft.com/" in page
    assert "vestibule_visit" not in answer.cookies
    assert [told for told in (appointment.name, appointment.service.name, "10:00") if told in page] == []
    assert seat_of(appointment).state == Participant.State.INVITED


@pytest.mark.parametrize(
    "link",
    [
        f"https://teams.microsoft.com/meet/{NUMBER}?p=guessed",
        f"https://teams.microsoft.com/meet/{NUMBER}",
        JOIN_URL.replace("VmVzdGlidWxl", "T3RoZXI"),
    ],
)
def test_a_guessed_number_or_another_meeting_tells_nothing_of_us(
    client: Client, appointment: Appointment, link: str
) -> None:
    make_business(name="Another practice")
    page = text_of(client.get("/visit", {"MEETINGURL": link}))
    assert "Your visit is in Microsoft Teams" in page
    assert appointment.business.name not in page


def test_a_meeting_that_is_over_is_nobodys_any_more(client: Client, appointment: Appointment) -> None:
    make_business(name="Another practice")
    Meeting.objects.filter(appointment=appointment).update(state=Meeting.State.ENDED)
    assert appointment.business.name not in text_of(client.get("/visit", {"MEETINGURL": JOIN_URL}))


def test_asking_without_end_gets_the_plain_page(client: Client, appointment: Appointment) -> None:
    make_business(name="Another practice")
    pages = [text_of(client.get("/visit", {"MEETINGURL": JOIN_URL})) for _time in range(32)]
    assert appointment.business.name in pages[0]
    assert appointment.business.name not in pages[-1]
    assert "Go on to Microsoft Teams" in pages[-1]
