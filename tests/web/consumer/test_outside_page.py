"""Booking on the page of Bookings: a link or a frame in ours, and nothing of Microsoft's before somebody says so."""

import pytest
from django.test import Client

from tests.booking.factories import make_service
from tests.factories import make_business
from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import pages
from vestibule.people.models import Business, BusinessWays

pytestmark = pytest.mark.django_db
PAGE = "https://outlook.office365.com/owa/calendar/Clinic@clinic.example/bookings/"


@pytest.fixture
def business() -> Business:
    made = make_business(slug="lakeside-clinic")
    make_service(business=made, name="Check-up")
    return made


def booked_there(business: Business, way: str, **more: object) -> None:
    BusinessWays.objects.create(business=business, scheduler="bookings", page=way)
    SchedulerLink.objects.create(business=business, external_id="c@clinic.example", **{"page_url": PAGE, **more})


def opened(query: str = "") -> tuple[str, str]:
    """The page, and what it lets stand in frames."""
    answer = Client().get(f"/book/lakeside-clinic{query}")
    assert answer.status_code == 200
    rules = answer.headers["Content-Security-Policy"].split(";")
    framed = next((one.strip() for one in rules if one.strip().startswith("frame-src")), "")
    return answer.content.decode(), framed


def test_our_own_page_is_shown_unless_another_is_chosen(business: Business) -> None:
    SchedulerLink.objects.create(business=business, external_id="c@clinic.example", page_url=PAGE)
    page, framed = opened()
    assert "Check-up" in page
    assert "outlook" not in page + framed


def test_the_page_of_bookings_is_one_link_and_nobody_is_sent_there(business: Business) -> None:
    booked_there(business, "bookings")
    page, framed = opened("?load=1")
    assert page.count(f'href="{PAGE}"') == 1
    assert "<iframe" not in page
    assert "outlook" not in framed


def test_a_frame_is_loaded_only_when_the_reader_says_so(business: Business) -> None:
    booked_there(business, "bookings_embedded")
    page, framed = opened()
    assert "<iframe" not in page
    assert "Load the calendar" in page
    assert "Microsoft learns your address" in page
    assert "outlook" not in framed
    page, framed = opened("?load=1")
    assert f'<iframe class="outside-page" src="{PAGE}" title="Book with Lakeside Clinic' in page
    assert f'<a href="{PAGE}"' in page, "whose browser keeps frames out has a plain link"
    assert framed == "frame-src https://book.ms https://outlook.office.com https://outlook.office365.com"


def test_a_business_may_load_it_without_asking(business: Business) -> None:
    booked_there(business, "bookings_embedded", asks_first=False)
    assert "<iframe" in opened()[0]


def test_a_sovereign_cloud_is_framed_alone(business: Business) -> None:
    booked_there(business, "bookings_embedded", page_url="https://outlook.office365.us/book/clinic/")
    assert opened("?load=1")[1] == "frame-src https://outlook.office365.us"


@pytest.mark.parametrize("way", ["bookings", "bookings_embedded"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://outlook.office365.com/x",
        "https://outlook.office365.com.evil.example/x",
        "https://evil.example/outlook.office365.com",
        "https://a@outlook.office365.com/x",
        "https://outlook.office365.com:444/x",
        "https://[outlook.office365.com",
        "https://book.ms/a b",
        "https://bo\u043ek.ms/x",
        "javascript:alert(1)//outlook.office365.com",
    ],
)
def test_what_is_no_page_of_bookings_is_not_shown_and_ours_is(business: Business, address: str, way: str) -> None:
    booked_there(business, way, page_url=address)
    page, framed = opened("?load=1")
    assert "Check-up" in page
    assert "evil" not in page + framed
    assert pages.address_of(SchedulerLink.objects.get()) == ""
