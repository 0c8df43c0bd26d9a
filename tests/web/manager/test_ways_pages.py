"""Who does what, in the office: the rows, the common set-ups, what is missing and where to mend it."""

import re

import pytest

from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import SchedulerLink
from vestibule.people import ways
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def account(office: Office, *, problem: str = "") -> None:
    OutsideAccount.objects.update_or_create(
        business=office.business, kind="microsoft365", defaults={"access": "", "findings": [], "problem": problem}
    )


def shown(office: Office, *address: str, role: Role = Role.MANAGER) -> str:
    return office.as_(role).get(url(*address)).content.decode()


def test_everything_is_done_here_at_first(office: Office) -> None:
    page = shown(office, "ways")
    assert page.count('class="matrix__what"') == 6
    assert "Everything is possible" in page
    assert "As it is now" in page


def test_a_way_that_is_not_possible_cannot_be_ticked_and_says_why(office: Office) -> None:
    page = shown(office, "way", "place")
    assert "Not possible now: Microsoft 365 is not set up." in page
    assert re.search(r'<input[^>]*value="teams"[^>]*disabled', page)
    assert url("account", "microsoft365") in page
    sent = office.manager.post(url("way", "place"), {"way": "teams"})
    assert sent.status_code == 422
    assert "Microsoft 365 is not set up." in sent.content.decode()
    assert not BusinessWays.objects.exclude(place="own").exists()


def test_a_row_is_changed_and_what_follows_is_shown(office: Office) -> None:
    account(office)
    page = office.manager.post(url("way", "place"), {"way": "teams"}, follow=True).content.decode()
    assert "Saved." in page
    assert (ways.of(office.business.pk).place, ways.of(office.business.pk).join) == ("teams", "teams_web")
    assert "What this means" in page
    assert "Staff record in Teams" in page
    assert "As it is now" not in page.split("Start from a common set-up")[1], "a set-up of its own has no name"


def test_what_broke_is_said_in_its_row_with_the_way_to_mend_it(office: Office) -> None:
    account(office)
    office.manager.post(url("way", "place"), {"way": "teams"})
    account(office, problem="The secret has expired.")
    page = shown(office, "ways")
    assert "Cannot work now" in page
    assert "The secret has expired." in page
    assert "The secret has expired." in shown(office, "way", "place")


def test_a_mixture_shows_what_it_lacks_and_is_begun_all_the_same(office: Office) -> None:
    account(office)
    page = shown(office, "preset", "hybrid")
    assert "Not all of it is possible yet" in page
    assert "No business in Bookings is chosen yet." in page
    after = office.manager.post(url("preset", "hybrid"), follow=True).content.decode()
    assert "“Bookings and Teams behind your own pages” is not complete yet" in after
    assert "In that set-up: Microsoft Bookings." in after
    SchedulerLink.objects.create(business=office.business, external_id="practice@example.org")
    assert "It can be chosen now." in shown(office, "ways")
    office.manager.post(url("preset", "hybrid"))
    assert ways.of(office.business.pk).scheduler == "bookings"


def test_the_builder_begins_with_who_does_what(office: Office) -> None:
    page = shown(office, "experience")
    assert "Set up as: Everything here." in page
    assert url("ways") in page


def test_who_may_only_look_is_offered_no_button(office: Office) -> None:
    for address in (("ways",), ("way", "place"), ("preset", "hybrid")):
        page = shown(office, *address, role=Role.VIEWER)
        assert 'method="post" class="actions"' not in page
        assert "save-bar" not in page
    assert office.as_(Role.VIEWER).post(url("preset", "custom")).status_code == 403
    assert office.as_(Role.VIEWER).post(url("way", "place"), {"way": "own"}).status_code == 403


@pytest.mark.parametrize("address", [("way", "nothing"), ("preset", "zoom")])
def test_what_is_not_there_is_not_found(office: Office, address: tuple[str, str]) -> None:
    assert office.manager.get(url(*address)).status_code == 404
