"""The link of a helper belongs to the first browser in which somebody presses the button."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import INES, at, book, make_service
from tests.factories import manager_of
from vestibule.booking import lifecycle, links
from vestibule.booking.models import Appointment
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment(settings: Any) -> Appointment:
    settings.PUBLIC_URL = "https://visits.example.org"
    clock.set_to(at("08:00") - timedelta(days=3))
    return book(make_service(), at("10:00"))


@pytest.fixture
def address(appointment: Appointment) -> str:
    """The address of a helper."""
    return lifecycle.add_helper(manager_of(appointment.business), appointment, INES)


def path(address: str) -> str:
    return address[address.rindex("/visit?") :]


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def is_in(browser: Client) -> bool:
    """Whether the browser has the cookie of a visit."""
    return "vestibule_visit" in browser.cookies


def test_looking_at_it_uses_nothing_up(address: str) -> None:
    for _scanner in range(3):
        scanner = Client()
        page = scanner.get(path(address))
        assert (page.status_code, is_in(scanner)) == (200, False)
        assert "no-store" in page["Cache-Control"]
        scanner.head(path(address))
    assert CapabilityLink.objects.filter(opens_once=True).get().used_at is None
    mine = Client()
    assert mine.post("/visit", {"link": address})["Location"] == "/visit"
    assert is_in(mine)


def test_the_button_leads_in(address: str) -> None:
    mine = Client(enforce_csrf_checks=True)
    page = text_of(mine.get(path(address)))
    assert "Hello Ines" in page
    assert f'name="link" value="{address}"' in page
    token = mine.cookies["csrftoken"].value
    answer = mine.post("/visit", {"link": address, "csrfmiddlewaretoken": token})
    assert (answer.status_code, answer["Location"]) == (302, "/visit")
    assert "You are early" in text_of(mine.get("/visit"))


def test_a_second_browser_is_refused_and_told_what_to_do(address: str) -> None:
    Client().post("/visit", {"link": address})
    other = Client()
    for answer in (other.get(path(address)), other.post("/visit", {"link": address})):
        assert answer.status_code == 410
        assert "This link was used already" in text_of(answer)
    assert not is_in(other)


def test_the_same_browser_comes_back_days_later(address: str) -> None:
    mine = Client()
    mine.post("/visit", {"link": address})
    clock.set_to(at("09:40"))
    del mine.cookies["vestibule_visit"]  # it lives a day
    answer = mine.get(path(address))
    assert (answer.status_code, answer["Location"]) == (302, "/visit")
    assert "Ready to see" in text_of(mine.get("/visit"))


def test_a_cookie_of_another_link_opens_nothing(appointment: Appointment, address: str) -> None:
    manager = manager_of(appointment.business)
    other_address = lifecycle.add_helper(manager, appointment, INES)
    mine = Client()
    mine.post("/visit", {"link": address})
    first, second = CapabilityLink.objects.filter(opens_once=True).order_by("pk")
    Client().post("/visit", {"link": other_address})
    mine.cookies[f"vestibule_once_{second.pk}"] = mine.cookies[f"vestibule_once_{first.pk}"].value
    assert mine.get(path(other_address)).status_code == 410


def test_one_taken_away_again_opens_nothing_for_whoever_had_it(appointment: Appointment, address: str) -> None:
    mine = Client()
    mine.post("/visit", {"link": address})
    lifecycle.remove_helper(manager_of(appointment.business), appointment, 0)
    assert mine.get(path(address)).status_code == 404
    asked = mine.get("/visit").content.decode()
    assert 'name="link"' in asked, "as of anybody who comes without one"
    assert appointment.provider.name not in asked


def test_the_consumers_own_link_opens_everywhere(appointment: Appointment) -> None:
    own = links.addresses(appointment).visit
    for browser in (Client(), Client()):
        assert browser.get(path(own)).status_code == 302
