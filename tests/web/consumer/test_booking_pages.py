"""Booking without a script: choose, keep, give details, look after the appointment. What goes wrong loses nothing."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.booking.factories import make_service
from tests.factories import make_business
from tests.web.consumer.pages import MONDAY, ZOE, holding, path_of, rfc3339, text_of
from vestibule.booking import lifecycle, links
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.models import Business, Consumer
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sunday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=1))


@pytest.fixture
def service() -> Service:
    return make_service()


def book(service: Service, start: datetime = MONDAY) -> Appointment:
    return lifecycle.book(SYSTEM, Wish(service=service, start=start, contact=Contact("Cleo", "cleo@example.org")))


def test_the_next_free_time_is_offered_first(client: Client, service: Service) -> None:
    page = text_of(client.get(path_of(service)))
    first = re.search(r'name="start" value="([^"]+)"', page)
    assert first is not None
    assert "Next free time" in page
    assert first[1] == min(re.findall(r'name="start" value="([^"]+)"', page))


def test_a_chosen_time_is_kept_and_then_booked(client: Client, service: Service) -> None:
    kept = client.post(path_of(service) + "/hold", {"start": rfc3339(MONDAY)}, follow=True)
    hold = Hold.objects.get()
    assert hold.ref in text_of(kept)
    done = client.post(path_of(service) + "/details", {"hold": hold.ref, **ZOE}, follow=True)
    booked = Appointment.objects.get()
    assert (booked.start, booked.name) == (MONDAY, "Zoë Müller")
    assert done.redirect_chain[-1][0] == "/appointment?booked=1"
    assert "You are booked" in text_of(done)
    assert not Hold.objects.exists()


def test_a_time_somebody_else_took_is_answered_with_others_nearby(client: Client, service: Service) -> None:
    book(service)
    answer = client.post(path_of(service) + "/hold", {"start": rfc3339(MONDAY)})
    assert answer.status_code == 409
    assert "Free times near it" in text_of(answer)


def test_what_was_typed_survives_a_lost_time(client: Client, service: Service) -> None:
    book(service)
    answer = client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY), **ZOE})
    assert answer.status_code == 409
    assert "Zoë Müller" in text_of(answer)
    assert 'name="instead"' in text_of(answer)
    instead = re.search(r'name="instead" value="([^"]+)"', text_of(answer))
    assert instead is not None
    again = client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY), "instead": instead[1], **ZOE})
    assert again.status_code == 200
    assert f'name="start" value="{instead[1]}"' in text_of(again)
    assert "Zoë Müller" in text_of(again)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 5000),
        ("name", "a\x00b"),
        ("email", "not an address"),
        ("email", "a@b\r\nBcc: c@example.org"),
        ("phone", "call me"),
        ("start", "tomorrow"),
        ("start", "9999-99-99T00:00:00Z"),
    ],
)
def test_what_makes_no_sense_is_answered_and_stores_nothing(
    client: Client, service: Service, field: str, value: str
) -> None:
    given = {"start": rfc3339(MONDAY), **ZOE} | {field: value}
    answer = client.post(path_of(service) + "/details", given)
    assert answer.status_code in (302, 422)
    assert not Appointment.objects.exists()
    assert not Consumer.objects.exists()


def test_markup_in_a_name_is_only_text(client: Client, service: Service) -> None:
    evil = '<img src=x onerror="alert(1)">'
    client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY), **ZOE, "name": evil}, follow=True)
    page = text_of(client.get("/appointment"))
    assert "&lt;img src=x" in page
    assert evil not in page


@pytest.mark.parametrize(
    "query", ["day=x", "day=0001-01-01", "day=9999-12-31", "provider=nobody", "timezone=Mars/Base"]
)
def test_a_choice_that_cannot_be_read_counts_as_not_chosen(client: Client, service: Service, query: str) -> None:
    assert client.get(f"{path_of(service)}?{query}").status_code == 200


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:00Z", "2030-03-04", "soon"])
def test_the_address_of_an_impossible_time_leads_back_to_the_choice(
    client: Client, service: Service, start: str
) -> None:
    page = client.get(f"{path_of(service)}/details", {"start": start, "timezone": "America/New_York"})
    assert page.headers["Location"] == path_of(service)


def test_weeks_begin_as_the_business_counts_them(client: Client, service: Service) -> None:
    Business.objects.update(week_start="sat")
    page = client.get(path_of(service))
    assert page.context["month"].weekdays == ["Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri"]


def test_a_hidden_service_is_not_there(client: Client, service: Service) -> None:
    Service.objects.update(visibility="hidden")
    assert client.get(path_of(service)).status_code == 404
    assert service.name not in text_of(client.get(f"/book/{service.business.slug}"))


def test_a_link_becomes_a_cookie_and_a_clean_address(client: Client, service: Service) -> None:
    address = links.addresses(book(service)).manage
    answer = client.get(address[address.index("/appointment") :])
    assert answer.status_code == 302
    assert answer["Location"] == "/appointment"
    cookie = answer.cookies["vestibule_appointment"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("token", ["x", "A" * 22, "../../etc/passwd", "%00", "ü" * 22])
def test_a_guessed_link_shows_nothing_of_anybody(client: Client, service: Service, token: str) -> None:
    book(service)
    make_business(slug="another", name="Another")  # where one is alone, each page says whose it is
    for page in ("/appointment", "/visit"):
        answer = client.get(page, {"v": token})
        assert answer.status_code == 404
        assert "Cleo" not in text_of(answer)
        assert service.business.name not in text_of(answer)


def test_without_a_link_there_is_no_appointment(client: Client, service: Service) -> None:
    book(service)
    for page in ("", "/move", "/cancel", "/join", "/appointment.ics"):
        assert client.get("/appointment" + page).status_code == 404
    assert client.post("/appointment/late", {"minutes": "5"}).status_code == 404


def test_a_consumer_moves_and_cancels_by_the_link(client: Client, service: Service) -> None:
    appointment = book(service, MONDAY + timedelta(days=7))
    holding(client, appointment)
    later = MONDAY + timedelta(days=8)
    moved = client.post("/appointment/move", {"start": rfc3339(later)}, follow=True)
    assert moved.status_code == 200
    appointment.refresh_from_db()
    assert appointment.start == later
    client.post("/appointment/cancel", {"reason": "Feeling better"})
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancelled_by) == ("cancelled", "consumer")
    assert "This appointment is cancelled" in text_of(client.get("/appointment"))


def test_moving_onto_a_taken_time_changes_nothing(client: Client, service: Service) -> None:
    book(service)
    appointment = book(service, MONDAY + timedelta(days=7))
    answer = holding(client, appointment).post("/appointment/move", {"start": rfc3339(MONDAY)})
    assert answer.status_code in (409, 422)
    appointment.refresh_from_db()
    assert appointment.start == MONDAY + timedelta(days=7)


def test_the_calendar_file_is_the_readers_own(client: Client, service: Service) -> None:
    appointment = book(service)
    answer = holding(client, appointment).get("/appointment/appointment.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert f"UID:{appointment.ref}@" in text_of(answer)


def test_the_front_page_of_several_businesses_names_none(client: Client, service: Service) -> None:
    other = make_service()
    page = text_of(client.get("/"))
    assert service.business.name not in page
    assert other.business.name not in page
