"""The waiting list as somebody sees who waits."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import book, make_service
from tests.web.consumer.pages import MONDAY, ZOE, holding, path_of, text_of, words_of
from vestibule.booking import lifecycle, waitlist
from vestibule.booking.models import Appointment, Service, WaitlistEntry, WeeklyHours
from vestibule.people import links
from vestibule.people.models import CapabilityLink
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
DAYS = {"first": "2030-03-04", "last": "2030-03-08"}
CONSENT = {"id": "yes", "type": "consent", "label": "I agree", "text": "We keep it.", "version": "1", "required": True}


@pytest.fixture(autouse=True)
def friday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=3))


@pytest.fixture
def service() -> Service:
    """One that takes a single appointment on Monday, and is full."""
    made = make_service(has_waitlist=True)
    WeeklyHours.objects.filter(business=made.business).exclude(weekday=0).delete()
    WeeklyHours.objects.filter(business=made.business).update(start_minute=540, end_minute=570)
    return made


def join(client: Client, service: Service, **given: Any) -> Any:
    return client.post(path_of(service) + "/waitlist", {**DAYS, **ZOE, **given}, follow=True)


def offered(client: Client, service: Service) -> WaitlistEntry:
    """Zoë waits, and the only time becomes free."""
    taken = book(service, MONDAY)
    join(client, service)
    lifecycle.cancel(SYSTEM, taken)
    waitlist.offer_next(service.business_id)
    return WaitlistEntry.objects.get()


def test_the_form_begins_with_the_coming_thirty_days(client: Client, service: Service) -> None:
    page = text_of(client.get(path_of(service) + "/waitlist"))
    assert 'value="2030-03-01"' in page
    assert 'value="2030-03-31"' in page


def test_a_service_without_a_list_has_no_such_page(client: Client) -> None:
    assert client.get(path_of(make_service()) + "/waitlist").status_code == 404


def test_who_joins_sees_what_they_wait_for(client: Client, service: Service) -> None:
    book(service, MONDAY)
    answer = join(client, service, day_parts=["morning", "evening"])
    entry = WaitlistEntry.objects.get()
    assert (entry.first, entry.last, entry.day_parts) == (date(2030, 3, 4), date(2030, 3, 8), ["morning", "evening"])
    assert answer.redirect_chain[0][0] == "/waitlist?joined=1"
    assert "We write to zoe@example.org when a time becomes free" in words_of(answer)
    assert "Morning, Evening" in words_of(answer)


@pytest.mark.parametrize(
    ("field", "value"),
    [("first", ""), ("last", "2029-01-01"), ("last", "3030-01-01"), ("email", "nobody"), ("name", "")],
)
def test_what_makes_no_sense_is_said_beside_it(client: Client, service: Service, field: str, value: str) -> None:
    answer = client.post(path_of(service) + "/waitlist", {**DAYS, **ZOE, field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not WaitlistEntry.objects.exists()


def test_an_offer_is_shown_with_its_time_and_a_countdown(client: Client, service: Service) -> None:
    offered(client, service)
    page = client.get("/waitlist")
    assert "This time is free for you" in words_of(page)
    assert "Monday 4 March, 09:00" in words_of(page)
    assert 0 < page.context["offer_seconds"] <= 1800


def test_taking_an_offer_leads_to_the_appointment(client: Client, service: Service) -> None:
    offered(client, service)
    answer = client.post("/waitlist/accept", follow=True)
    assert answer.redirect_chain[-1][0] == "/appointment?booked=1"
    assert Appointment.objects.get(name="Zoë Müller").start == MONDAY
    assert "You have a time" in words_of(client.get("/waitlist"))


def test_a_required_consent_is_asked_before_the_time_is_taken(client: Client, service: Service) -> None:
    taken = book(service, MONDAY)
    Service.objects.update(questions=[CONSENT])
    join(client, service)
    lifecycle.cancel(SYSTEM, taken)
    waitlist.offer_next(service.business_id)
    refused = client.post("/waitlist/accept")
    assert refused.status_code == 422
    assert "Please tick the box to go on." in words_of(refused)
    client.post("/waitlist/accept", {"answers.yes": "on", "version.yes": "1"})
    assert Appointment.objects.get(name="Zoë Müller").consents[0]["id"] == "yes"


def test_letting_an_offer_pass_keeps_ones_place(client: Client, service: Service) -> None:
    offered(client, service)
    answer = client.post("/waitlist/decline", follow=True)
    assert "You wait on" in words_of(answer)
    assert WaitlistEntry.objects.get().status == "waiting"


def test_an_offer_that_lapsed_says_so_and_what_holds_now(client: Client, service: Service) -> None:
    offered(client, service)
    clock.advance(31 * 60)
    answer = client.post("/waitlist/accept")
    assert answer.status_code in (409, 422)
    assert "You are on the waiting list" in words_of(answer)
    assert not Appointment.objects.filter(name="Zoë Müller").exists()


def test_leaving_leaves_a_way_back(client: Client, service: Service) -> None:
    book(service, MONDAY)
    join(client, service)
    answer = client.post("/waitlist/leave", follow=True)
    assert "You are not on the list any more" in words_of(answer)
    assert f"{path_of(service)}/waitlist" in text_of(answer)


def test_the_link_in_the_mail_opens_the_same_page_elsewhere(client: Client, service: Service) -> None:
    book(service, MONDAY)
    join(client, service)
    token = links.token(CapabilityLink.objects.get(purpose="waitlist"))
    elsewhere = Client()
    assert elsewhere.get("/waitlist").status_code == 404
    assert elsewhere.get("/waitlist", {"v": token})["Location"] == "/waitlist"
    assert elsewhere.get("/waitlist").status_code == 200


def test_who_types_the_address_of_somebody_who_waits_is_not_handed_their_entry(
    client: Client, service: Service
) -> None:
    book(service, MONDAY)
    join(client, service)
    stranger = Client()
    answer = stranger.post(path_of(service) + "/waitlist", {**DAYS, **ZOE, "name": "Mallory"})
    assert WaitlistEntry.objects.count() == 1
    assert "Zoë" not in text_of(answer)
    assert "vestibule_waitlist" not in answer.cookies
    assert stranger.get("/waitlist").status_code == 404
    assert client.post(path_of(service) + "/waitlist", {**DAYS, **ZOE})["Location"] == "/waitlist?joined=1"


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "%00"])
def test_a_guessed_link_shows_nothing(client: Client, service: Service, token: str) -> None:
    book(service, MONDAY)
    join(Client(), service)
    answer = client.get("/waitlist", {"v": token})
    assert answer.status_code == 404
    assert "zoe@example.org" not in text_of(answer)


def test_the_link_of_an_appointment_is_none_of_the_waiting_list(client: Client, service: Service) -> None:
    holding(client, book(service, MONDAY))
    assert client.get("/waitlist").status_code == 404


def test_who_has_a_time_may_wait_for_an_earlier_one_and_stop(client: Client) -> None:
    service = make_service(has_waitlist=True)
    appointment = book(service, MONDAY + timedelta(days=4))
    holding(client, appointment)
    assert "An earlier time?" in words_of(client.get("/appointment"))
    page = client.post("/appointment/earlier", DAYS, follow=True)
    assert "Your appointment stays as it is until you say yes." in words_of(page)
    assert WaitlistEntry.objects.get().appointment == appointment
    client.post("/appointment/earlier", {"leave": "1"})
    assert WaitlistEntry.objects.get().status == "gone"
