"""Bookings in the office: chosen among hundreds, looked at before it is imported, exported to, its page, let go of."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integrations.microsoft import Fault
from tests.integrations.microsoft_bookings import CLINIC, Bookings, bookings
from tests.integrations.microsoft_bookings import Office as Theirs
from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import SchedulerLink, Service
from vestibule.booking.outside import links
from vestibule.integrations.microsoft365 import tokens
from vestibule.people import outside_accounts
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.people.permissions import Actor, Role
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def cloud(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bookings]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    with bookings() as running:
        yield running


@pytest.fixture
def there(cloud: Bookings) -> Theirs:
    return cloud.offices[CLINIC.lower()]


def manager_of(office: Office) -> Actor:
    return actor_of_membership(office.staff[Role.MANAGER])


@pytest.fixture
def known(office: Office, cloud: Bookings) -> OutsideAccount:
    """The account by which Bookings is asked."""
    return outside_accounts.link(manager_of(office), office.business, "microsoft365", cloud.cloud.access)


@pytest.fixture
def linked(office: Office, known: OutsideAccount) -> SchedulerLink:
    return links.link(manager_of(office), office.business, CLINIC)


def seen(office: Office, name: str, *arguments: str, status: int = 200, **query: str) -> str:
    answer = office.manager.get(url(name, *arguments, **query))
    assert answer.status_code == status
    return answer.content.decode()


def test_without_an_account_the_way_to_one_is_shown(office: Office) -> None:
    for page in (seen(office, "bookings"), seen(office, "bookings-choose")):
        assert url("microsoft365") in page
        assert "First your account" in page


def test_a_business_is_chosen_from_the_list(office: Office, cloud: Bookings, known: OutsideAccount) -> None:
    assert url("bookings-choose") in seen(office, "bookings")
    assert CLINIC in seen(office, "bookings-choose")
    page = office.manager.post(url("bookings-choose"), {"id": CLINIC}, follow=True).content.decode()
    assert "Nothing is imported yet." in page
    assert SchedulerLink.objects.get().external_id == CLINIC
    assert "This one is chosen." in seen(office, "bookings-choose")
    cloud.opens("second@clinic.example", "Annex")
    office.manager.post(url("bookings-choose"), {"id": "second@clinic.example"})
    assert SchedulerLink.objects.get().external_id == CLINIC


def test_of_hundreds_one_is_searched_for(office: Office, cloud: Bookings, known: OutsideAccount) -> None:
    for number in range(120):
        cloud.opens(f"branch{number}@clinic.example", f"Branch {number}")
    page = seen(office, "bookings-choose")
    assert "71 more fit" in page
    found = seen(office, "bookings-choose", q="BRANCH 117")
    assert "branch117@clinic.example" in found
    assert "branch116@clinic.example" not in found
    assert "None is called that" in seen(office, "bookings-choose", q="nothing")


def test_where_there_is_none_it_is_said_how_one_is_made(office: Office, cloud: Bookings, known: OutsideAccount) -> None:
    cloud.offices.clear()
    assert "Microsoft lets no program open one" in seen(office, "bookings-choose")


@pytest.mark.parametrize("name", ["bookings-choose", "bookings-import", "bookings-export"])
def test_when_bookings_is_off_or_away_the_page_says_what_to_do(
    office: Office, cloud: Bookings, known: OutsideAccount, name: str
) -> None:
    if name != "bookings-choose":
        links.link(manager_of(office), office.business, CLINIC)
    cloud.is_on = False
    page = seen(office, name)
    assert "there is no licence" in page
    assert url("microsoft365") in page
    cloud.is_on, cloud.cloud.faults = True, [Fault(500, "generalException")]
    assert "does not answer at present" in seen(office, name)
    assert "Try again" not in seen(office, name)


def test_a_stranger_to_the_list_cannot_be_chosen(office: Office, cloud: Bookings, known: OutsideAccount) -> None:
    answer = office.manager.post(url("bookings-choose"), {"id": "nobody@clinic.example"})
    assert answer.status_code == 422
    assert not SchedulerLink.objects.exists()


def test_a_look_comes_before_the_import_and_nothing_is_written_by_it(
    office: Office, there: Theirs, linked: SchedulerLink
) -> None:
    there.has_service("Check-up", (there.has_staff("Bo Berg"),), isLocationOnline=False)
    page = seen(office, "bookings-import")
    assert "Nothing is changed yet." in page
    assert "choose the address" in page
    assert not Service.objects.filter(name="Check-up").exists()
    done = office.manager.post(url("bookings-import")).content.decode()
    assert "things were brought over" in done
    made = Service.objects.get(name="Check-up")
    assert url("service", made.slug) in done
    again = office.manager.post(url("bookings-import")).content.decode()
    assert "0 things were brought over" in again


def test_what_is_gone_there_is_switched_off_by_a_button(office: Office, there: Theirs, linked: SchedulerLink) -> None:
    service = there.has_service("Class")
    office.manager.post(url("bookings-import"))
    there.removes("services", service)
    assert "Not in Bookings any more" in seen(office, "bookings-import")
    made = Service.objects.get(name="Class")
    office.manager.post(url("bookings-gone"), {"kind": "service", "ref": made.ref})
    made.refresh_from_db()
    assert not made.is_active
    assert office.manager.post(url("bookings-gone"), {"kind": "service", "ref": "\0x"}).status_code == 404


def test_an_export_says_first_what_bookings_cannot_say(office: Office, there: Theirs, linked: SchedulerLink) -> None:
    Service.objects.filter(pk=office.visit.pk).update(has_waitlist=True)
    page = seen(office, "bookings-export")
    assert "The waiting list: Bookings has none." in page
    assert there.folders["services"] == {}
    office.manager.post(url("bookings-export"))
    assert [one["displayName"] for one in there.folders["services"].values()] == ["First visit"]


def test_an_import_that_fails_half_way_says_that_it_can_be_done_again(
    office: Office, cloud: Bookings, there: Theirs, linked: SchedulerLink
) -> None:
    there.has_service("Class")
    cloud.cloud.faults = [Fault(500, "generalException", on="/services/")]
    answer = office.manager.post(url("bookings-import"))
    assert answer.status_code == 422
    assert "doing it again changes nothing twice" in answer.content.decode()


def test_the_page_of_bookings_is_published_and_asked_for_first(
    office: Office, there: Theirs, linked: SchedulerLink
) -> None:
    page = office.manager.post(url("bookings-publish"), {"on": "1"}, follow=True).content.decode()
    assert "outlook.office365.com" in page
    assert SchedulerLink.objects.get().asks_first
    office.manager.post(url("bookings"), {})
    assert not SchedulerLink.objects.get().asks_first
    office.manager.post(url("bookings-publish"), {"on": "0"})
    assert there.told["isPublished"] is False


def test_it_is_let_go_of_unless_it_keeps_the_appointments(office: Office, linked: SchedulerLink) -> None:
    BusinessWays.objects.create(business=office.business, scheduler="bookings")
    assert office.manager.post(url("bookings-unlink")).status_code == 422
    BusinessWays.objects.update(scheduler="own")
    assert "Let go of" in seen(office, "bookings-unlink")
    office.manager.post(url("bookings-unlink"))
    assert not SchedulerLink.objects.exists()


def test_another_business_sees_nothing_of_it(office: Office, linked: SchedulerLink) -> None:
    other = make_office(slug="harbour-bank", name="Harbour Bank")
    page = other.manager.get(url("bookings")).content.decode()
    assert CLINIC not in page
    assert other.manager.post(url("bookings-publish"), {"on": "1"}).status_code == 404
    assert other.manager.get(url("bookings-import")).status_code == 404
