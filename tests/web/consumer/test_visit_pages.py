"""The visit's pages tell every moment apart, and the survey is answered once by each who took part."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, manager_of
from vestibule.booking import lifecycle, links, timely
from vestibule.booking.models import Appointment
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant
from vestibule.people.models import Business
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    return book(make_service(), at("10:00"))


def guest_of(appointment: Appointment) -> Participant:
    return Participant.objects.get(meeting=appointment.meeting, kind=Participant.Kind.CONSUMER)


def holding(client: Client, appointment: Appointment) -> Client:
    """The client after the visit link was opened."""
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    return client


def let_in(appointment: Appointment) -> None:
    """The consumer was let in."""
    Participant.objects.filter(pk=guest_of(appointment).pk).update(admitted_at=clock.now())


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def test_the_link_becomes_a_cookie_in_any_letter_case(client: Client, appointment: Appointment) -> None:
    token = links.addresses(appointment).visit.partition("v=")[2]
    answer = client.get(f"/Visit?V={token}")
    assert (answer.status_code, answer["Location"]) == (302, "/visit")
    assert answer.cookies["vestibule_visit"]["httponly"]
    assert token not in answer.cookies["vestibule_visit"].value


def test_too_early_says_when_the_room_opens_and_lets_devices_be_checked(
    client: Client, appointment: Appointment
) -> None:
    page = text_of(holding(client, appointment).get("/visit"))
    assert "You are early" in page
    assert "09:30" in page
    assert "data-closed" in page


def test_in_time_the_way_in_is_open(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    clock.set_to(at("09:40"))
    page = text_of(client.get("/visit"))
    assert "Ready to see" in page
    assert "data-closed" not in page


def test_a_provider_who_runs_late_is_said_to_until_they_begin(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    timely.provider_late(manager_of(appointment.business), appointment, 20)
    words = f"{appointment.provider.name} begins about 20 minutes later. Your place is kept."
    assert words in text_of(client.get("/visit"))
    clock.set_to(at("09:40"))
    assert words in text_of(client.get("/visit"))
    assert appointment.meeting is not None
    waiting.start(manager_of(appointment.business), appointment.meeting.ref)
    assert words not in text_of(client.get("/visit"))


def test_too_late_offers_a_new_time(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    clock.set_to(at("12:30"))
    page = text_of(client.get("/visit"))
    assert "This visit is over" in page
    assert f"/book/{appointment.business.slug}" in page


def test_moved_shows_the_new_time(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    lifecycle.move(SYSTEM, appointment, at("15:00"))
    page = text_of(client.get("/visit"))
    assert "was moved" in page
    assert "14:30" in page


def test_cancelled_says_so_and_opens_nothing(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    lifecycle.cancel(SYSTEM, appointment, reason="Dr Blum is ill")
    clock.set_to(at("09:50"))
    answer = client.get("/visit")
    assert answer.status_code == 410
    assert "was cancelled" in text_of(answer)
    assert "Dr Blum is ill" in text_of(answer)
    assert "device-check" not in text_of(answer)


def test_somebody_turned_away_reads_why(client: Client, appointment: Appointment) -> None:
    holding(client, appointment)
    clock.set_to(at("09:50"))
    guest = guest_of(appointment)
    waiting.enter_waiting(guest.ref)
    waiting.deny(manager_of(appointment.business), guest.ref, "Please come with your card.")
    answer = client.get("/visit")
    assert answer.status_code == 403
    assert "Please come with your card." in text_of(answer)


def test_the_survey_is_answered_once_and_read_by_the_manager(client: Client, appointment: Appointment) -> None:
    business = appointment.business
    survey.put(manager_of(business), business, "consumer", [survey.Wanted("stars", "How was it?", asks_comment=True)])
    holding(client, appointment)
    let_in(appointment)
    assert "How was it?" in text_of(client.get("/visit/ended"))
    done = client.post("/visit/ended", {"score": "4", "comment": "<b>Kind</b>"}, follow=True)
    assert "Thank you for your answer" in text_of(done)
    (summary,) = survey.summaries(manager_of(business), business)
    assert (summary.answers, summary.mean) == (1, 4)


@pytest.mark.parametrize("score", ["", "6", "0", "-1", "four", "999999999999", "٣"])
def test_an_answer_that_was_not_offered_is_refused(client: Client, appointment: Appointment, score: str) -> None:
    business = appointment.business
    survey.put(manager_of(business), business, "consumer", [survey.Wanted("stars", "How was it?", asks_comment=True)])
    let_in(appointment)
    answer = holding(client, appointment).post("/visit/ended", {"score": score, "comment": "keep me"})
    assert answer.status_code == 422
    assert "keep me" in text_of(answer)
    assert not SurveyAnswer.objects.exists()


def test_a_stranger_can_answer_no_survey(client: Client, appointment: Appointment) -> None:
    assert client.post("/visit/ended", {"score": "5"}).status_code == 404
    client.cookies["vestibule_visit"] = guest_of(appointment).ref
    assert client.post("/visit/ended", {"score": "5"}).status_code == 404


def test_the_providers_link_leads_to_the_desk_and_its_sign_in(client: Client, appointment: Appointment) -> None:
    address = links.provider_visit(appointment)
    answer = client.get(address[address.index("/visit") :], follow=True)
    assert answer.redirect_chain[-1][0].startswith("/signin?next=/desk/visit/")


def test_a_pasted_link_opens_the_visit(client: Client, appointment: Appointment, settings: Any) -> None:
    settings.PUBLIC_URL = "http://testserver"
    answer = client.post("/visit", {"link": links.addresses(Appointment.objects.get()).visit})
    assert (answer.status_code, answer["Location"]) == (302, "/visit")


@pytest.mark.parametrize("path", ["/visit", "/visit?v=cut-off", "/test-call"])
def test_a_page_without_a_visit_looks_like_the_business_if_there_is_one_alone(client: Client, path: str) -> None:
    make_business(name="Harbour Therapy")
    Business.objects.update(brand={"colour": "#6a4a7c"}, phone="+4930123456")
    alone = text_of(client.get(path))
    assert "Harbour Therapy" in alone
    assert "/theme/6a4a7c" in alone
    make_business(name="Elsewhere")
    assert "Harbour Therapy" not in text_of(client.get(path))


@pytest.mark.parametrize("path", ["/visit", "/", "/book"])
def test_a_meeting_of_teams_is_gone_on_to_by_a_tap_and_by_a_fresh_link(client: Client, path: str) -> None:
    given = "https://teams.microsoft.com/meet/123456789012?p=AbCdEf&anon=true&x=%3Cscript%3E"
    answer = client.get(path, {"MEETINGURL": given})
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    page = text_of(answer)
    assert 'href="https://teams.microsoft.com/meet/123456789012?p=AbCdEf"' in page
    assert "script%3E" not in page
    assert "anon=true" not in page


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("meetingURL=https%3A%2F%2Fevil.example%2Fl%2Fmeetup-join%2Fx", "do not know"),
        ("meetingURL=javascript:alert(1)", "did not open it"),
        ("v=short", "missing or was changed"),
        (
            "roomId=99445276259151407&userId=8:acs:" + "_".join(["00000000-0000-4000-8000-00000000000a"] * 2),
            "a video room",
        ),
    ],
)
def test_a_link_that_opens_nothing_here_is_explained_and_not_followed(client: Client, query: str, word: str) -> None:
    answer = client.get(f"/visit?{query}")
    assert answer.status_code == 404
    assert word in text_of(answer)
    assert "evil.example" not in text_of(answer)
