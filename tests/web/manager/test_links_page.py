"""The link tester says what a link is and what consumers see, and tells of no other business."""

from urllib.parse import quote

import pytest
from django.test import Client

from tests.factories import make_provider
from tests.meetings.join_links import REASONS
from tests.web.manager.office import Office, make_office, url
from vestibule.booking import links
from vestibule.booking.models import Appointment, Occupancy
from vestibule.meetings import visit_links
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.web.manager import link_words

SHORT = "https://teams.microsoft.com/meet/2345678901234?p=AbCd1234&anon=true"


def told(office: Office, link: str, role: Role = Role.MANAGER) -> str:
    answer = office.as_(role).post(url("links"), {"link": link})
    assert answer.status_code == 200
    return answer.content.decode()


def link_of(office: Office) -> str:
    return f"http://testserver{links.addresses(office.booked).visit}"


def without_the_link(page: str) -> list[str]:
    return [line for line in page.splitlines() if "v=" not in line and "csrf" not in line]


def test_every_reason_has_words_of_its_own() -> None:
    assert set(link_words.REASONS) == REASONS
    assert len({str(words) for words in link_words.REASONS.values()}) == len(link_words.REASONS)


def test_an_own_link_names_the_appointment_and_is_opened_by_nobody(office: Office) -> None:
    address = link_of(office)
    page = told(office, address)
    assert "First visit" in page
    assert url("appointment", office.booked.ref) in page
    assert "It has expired" not in page
    clock.advance(400 * 24 * 3600)
    assert "It has expired" in told(office, address)


def test_a_link_of_another_business_is_told_as_one_that_is_not_there(office: Office) -> None:
    other = make_office(slug="harbour", name="Harbour Bank")
    theirs = told(office, link_of(other))
    nobodys = told(office, f"{link_of(other).partition('?')[0]}?v={'x' * 22}")
    assert "opens none of yours" in theirs
    assert "Harbour" not in theirs
    assert without_the_link(theirs) == without_the_link(nobodys)


def test_a_provider_is_told_of_the_own_appointments_alone(office: Office) -> None:
    address = link_of(office)
    assert "First visit" in told(office, address, Role.PROVIDER)
    other = make_provider(business=office.business)
    Appointment.objects.filter(pk=office.booked.pk).update(provider=other)
    Occupancy.objects.filter(seats__appointment=office.booked).update(provider=other)
    page = told(office, address, Role.PROVIDER)
    assert "First visit" not in page
    assert "of one you do not see" in page


@pytest.mark.parametrize(
    ("link", "says"),
    [
        (SHORT, "2345678901234"),
        (SHORT, "https://teams.microsoft.com/meet/2345678901234?p=AbCd1234&quot; readonly".replace("&quot;", '"')),
        ("?meetingURL=" + quote(SHORT, safe=""), "A Microsoft Teams meeting, by its number"),
        ("https://bit.ly/abc", "unknown_redirector"),
        ("https://evil.example/<script>alert(1)</script>", "host_not_allowed"),
        ("?utm_source=x", "no_locator"),
    ],
)
def test_it_says_what_a_link_is_or_why_it_is_refused(office: Office, link: str, says: str) -> None:
    page = told(office, link)
    assert says in page
    assert "<script>alert" not in page


def test_the_address_of_the_app_is_shown_for_bookings(office: Office) -> None:
    page = office.manager.get(url("links")).content.decode()
    assert "Deployed App URL" in page
    assert '/visit" readonly' in page


@pytest.mark.parametrize("path", ["/", "/book", "/visit", "/VISIT/"])
def test_every_door_reads_a_link_the_same(office: Office, client: Client, path: str) -> None:
    token = links.addresses(office.booked).visit.partition("v=")[2]
    opened = client.get(f"{path}?utm_source=mail&V={token}")
    assert (opened.status_code, opened["Location"]) == (302, "/visit")
    assert client.get("/visit").status_code == 200
    for query in ("meetingURL=javascript:alert(1)", "meetingURL=https://evil.example", "roomId=1", "v=short"):
        refused = Client().get(f"{path}?{query}")
        assert refused.status_code == 404
        assert "Location" not in refused
    assert b"go on to microsoft teams" in Client().get(f"{path}?meetingURL={quote(SHORT, safe='')}").content.lower()


def test_what_is_added_to_an_address_on_its_way_changes_nothing(office: Office, client: Client) -> None:
    client.get(links.addresses(office.booked).visit)
    assert client.get("/visit?utm_source=mail&fbclid=x").status_code == 200
    assert client.get("/?utm_source=mail").status_code == 302  # to the only business


def test_nothing_but_names_of_the_contract_makes_a_link() -> None:
    assert {name for name in visit_links.NAMES if name != name.lower()} == set()
