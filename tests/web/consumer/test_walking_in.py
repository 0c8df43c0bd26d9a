"""Coming by without an appointment: the public page, when it is open and what it says when it is not."""

from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, make_service
from tests.factories import make_business, manager_of
from vestibule.meetings import areas
from vestibule.meetings.models import Meeting, Participant, WaitingArea
from vestibule.people import rates
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db
GIVEN = {"name": "Walter Inn", "reason": "A rash", "phone": "+44 20 7946 0018", "email": "", "consent": "on"}


@pytest.fixture
def business() -> Business:
    """A business that takes who comes by on Mondays from nine to five, at nine on a Monday."""
    clock.set_to(at("09:00"))
    rates.forget_all()
    made = make_business()
    hours = [{"day": 0, "start": 540, "end": 1020}]
    areas.change(manager_of(made), "", takes_walk_ins=True, hours=hours)
    return made


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def page_of(business: Business) -> str:
    return f"/walk-in/{business.slug}"


def test_whoever_comes_by_gives_a_name_and_goes_on_to_the_visit(client: Client, business: Business) -> None:
    answer = client.post(page_of(business), GIVEN)
    assert (answer.status_code, answer["Location"]) == (302, "/visit")
    seat = Participant.objects.get(meeting__kind=Meeting.Kind.WALK_IN)
    assert (seat.name, seat.meeting.reason) == ("Walter Inn", "A rash")
    assert seat.meeting.contact["agreed_to"].startswith("I agree that")
    assert "device-check" in text_of(client.get("/visit"))


def test_a_refresh_of_the_public_page_leads_to_the_place_one_has(client: Client, business: Business) -> None:
    client.post(page_of(business), GIVEN)
    assert client.get(page_of(business))["Location"] == "/visit"
    client.post(page_of(business), GIVEN)
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("left_out", ["name", "consent"])
def test_a_name_and_the_consent_are_needed(client: Client, business: Business, left_out: str) -> None:
    answer = client.post(page_of(business), {**GIVEN, left_out: ""})
    assert answer.status_code == 422
    assert "error-summary" in text_of(answer)
    assert not Participant.objects.exists()


def test_a_number_that_is_none_is_refused_at_its_field(client: Client, business: Business) -> None:
    answer = client.post(page_of(business), {**GIVEN, "phone": "call me"})
    assert answer.status_code == 422
    assert "This is not a phone number" in text_of(answer)


def test_outside_the_hours_the_next_opening_is_named_and_a_booking_offered(client: Client, business: Business) -> None:
    clock.set_to(at("18:00"))
    page = text_of(client.get(page_of(business)))
    assert 'data-why="hours"' in page
    assert "09:00" in page
    assert f"/book/{business.slug}" in page


def test_a_closed_door_gives_a_number_of_its_own_only_where_it_is_another(client: Client, business: Business) -> None:
    clock.set_to(at("18:00"))
    Business.objects.filter(pk=business.pk).update(phone="+41445550100")
    for number, is_told in (("+41445550100", False), ("+41445550199", True)):
        WaitingArea.objects.filter(business=business).update(support_phone=number)
        assert ("In a hurry?" in text_of(client.get(page_of(business)))) is is_told


def test_a_closed_queue_says_so_in_the_words_of_staff_also_to_who_had_the_form_open(
    client: Client, business: Business
) -> None:
    client.get(page_of(business))
    areas.close(manager_of(business), "", words="We are full until noon.")
    answer = client.post(page_of(business), GIVEN)
    assert 'data-why="closed"' in text_of(answer)
    assert "We are full until noon." in text_of(answer)
    assert not Participant.objects.exists()


def test_a_business_that_takes_nobody_without_an_appointment_says_that(client: Client) -> None:
    business = make_business(slug="by-appointment")
    assert 'data-why="none_taken"' in text_of(client.get(page_of(business)))


def test_there_is_no_page_of_a_business_or_area_that_is_none(client: Client, business: Business) -> None:
    assert client.get("/walk-in/nobody-at-all").status_code == 404
    assert client.get(f"{page_of(business)}/no-such-area").status_code == 404


def test_the_booking_page_says_that_somebody_is_there_only_while_they_are(client: Client) -> None:
    clock.set_to(at("09:00"))
    business = make_service().business
    address = f"/book/{business.slug}"
    assert page_of(business) not in text_of(client.get(address))
    areas.change(manager_of(business), "", takes_walk_ins=True)
    assert page_of(business) in text_of(client.get(address))
    areas.close(manager_of(business), "")
    assert page_of(business) not in text_of(client.get(address))


def test_a_queue_closed_before_one_waits_is_said_where_the_visit_would_be(client: Client, business: Business) -> None:
    client.post(page_of(business), GIVEN)
    areas.close(manager_of(business), "", words="Come back at noon.")
    for page in ("/visit", page_of(business)):
        assert "Come back at noon." in text_of(client.get(page))
    areas.reopen(manager_of(business), "")
    assert "device-check" in text_of(client.get("/visit"))


def test_what_is_wrong_with_the_consent_is_said_without_its_whole_sentence(client: Client, business: Business) -> None:
    page = text_of(client.post(page_of(business), {**GIVEN, "consent": "", "name": ""}))
    summary = page[page.index('id="error-summary"') : page.index("</ul>", page.index('id="error-summary"'))]
    assert "Tick the box, or call us instead." in summary
    assert "I agree that" not in summary
    assert "Your name: Enter your name" in summary
