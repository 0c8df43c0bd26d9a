"""A business whose booking page is closed: consumers book nothing by themselves, and all else goes on."""

from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book, holder_of, make_service, wish_for
from tests.factories import manager_of
from tests.web.manager.forms import DETAILS
from tests.web.manager.office import make_office, url
from vestibule.booking import lifecycle, setup
from vestibule.booking.errors import NotPublished
from vestibule.booking.models import Service
from vestibule.people.models import Business
from vestibule.store import clock


@pytest.fixture
def service(db: None) -> Service:
    clock.set_to(at("00:00"))
    return make_service(slug="visit", name="Visit", change_notice_minutes=0)


def closed(service: Service) -> Service:
    setup.change_business(manager_of(service.business), service.business, is_published=False)
    found: Service = Service.objects.select_related("business").get(pk=service.pk)
    return found


def test_the_page_says_that_nothing_can_be_booked_and_whom_to_ask(client: Client, service: Service) -> None:
    Business.objects.filter(pk=service.business_id).update(phone="+41445550100")
    page = f"/book/{service.business.slug}"
    assert "Visit" in client.get(page).content.decode()
    closed(service)
    shown = client.get(page).content.decode()
    assert "Online booking is closed at the moment" in shown
    assert "tel:+41445550100" in shown
    assert f"{page}/visit" not in shown


def test_an_old_link_to_a_service_says_so_too(client: Client, service: Service) -> None:
    closed(service)
    page = f"/book/{service.business.slug}/visit"
    shown = client.get(page)
    assert shown.status_code == 200
    assert "<h1>Online booking is closed at the moment</h1>" in shown.content.decode()
    answer = client.post(f"{page}/hold", {"start": "2030-03-04T09:00:00Z"})
    assert answer.status_code == 422
    assert "Online booking is closed at the moment, so nothing was booked" in answer.content.decode()


def test_a_booking_under_way_is_refused(service: Service) -> None:
    service = closed(service)
    with pytest.raises(NotPublished):
        book(service, at("09:00"))


def test_the_public_interface_refuses_as_the_page_does(client: Client, service: Service) -> None:
    closed(service)
    wanted: dict[str, Any] = {
        "service": "visit",
        "start": "2030-03-04T09:00:00Z",
        "consumer": {"name": "Cleo", "email": "cleo@example.org"},
    }
    address = f"/api/v1/businesses/{service.business.slug}/appointments"
    answer = client.post(address, wanted, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "service_hidden")


def test_staff_go_on_booking_and_consumers_changing_what_they_have(service: Service) -> None:
    mine = book(service, at("09:00"))
    service = closed(service)
    made = lifecycle.book(manager_of(service.business), wish_for(service, at("10:00")))
    moved = lifecycle.move(holder_of(mine), mine, at("11:00"))
    assert (made.status, moved.start) == (mine.status, at("11:00"))


def test_the_office_opens_and_closes_it_and_is_told_while_it_is_closed(db: None) -> None:
    office = make_office()
    office.manager.post(url("business"), {name: value for name, value in DETAILS.items() if name != "is_published"})
    assert Business.objects.get(pk=office.business.pk).is_published is False
    assert "Your booking page is closed" in office.manager.get(url("")).content.decode()
    office.manager.post(url("business"), DETAILS)
    assert Business.objects.get(pk=office.business.pk).is_published is True
    assert "Your booking page is closed" not in office.manager.get(url("")).content.decode()
