"""From the page of the account to a token for a room: a business that holds its visits in Azure, whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from tests.factories import make_business, manager_of
from tests.integrations import acs_contract, authority
from tests.integrations.azure import Azure, azure_server
from tests.integrations.azure_chat import with_chat
from tests.integrations.azure_rooms import Rooms, with_rooms
from tests.meetings.scene import Visit, joined, make_visit
from tests.web.manager.office import Office, make_office
from vestibule.meetings import outside_tokens, outside_worker, waiting
from vestibule.meetings.models import OutsidePlace
from vestibule.people import outside_accounts
from vestibule.people.models import BusinessWays, OutsideAccount
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "https://visits.example.org"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    acs_contract.require_descriptions()
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def azure(certificates: tuple[Path, Path], settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates[0]))
    settings.PUBLIC_URL = ORIGIN
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "localhost"})
    with azure_server(certificates[1]) as running:
        yield running


@pytest.fixture
def there(azure: Azure) -> Iterator[Rooms]:
    made = with_rooms(azure)
    chat = with_chat(azure, made)
    yield made
    assert made.wrong + chat.wrong == [], "each request is one that is described"


@pytest.fixture
def office() -> Office:
    return make_office()


def page(client: Client, **typed: str) -> str:
    where = reverse("manage-account", args=["acs"])
    answer = client.post(where, typed, follow=True) if typed else client.get(where)
    return answer.content.decode()


def test_the_account_is_set_up_in_the_office_and_shows_the_address_to_enter(
    azure: Azure, there: Rooms, office: Office
) -> None:
    assert '<details class="fold">' in page(office.manager), "what few need is closed"
    shown = page(office.manager, connection_string=azure.connection_string)
    assert "Azure Communication Services is set up" in shown
    assert "What calls and rooms need is there." in shown
    account = OutsideAccount.objects.get()
    assert outside_accounts.callback(account).replace("&", "&amp;") in shown
    assert azure.key not in shown
    assert azure.key not in account.access


def test_what_is_wrong_in_a_closed_part_opens_it(azure: Azure, office: Office) -> None:
    shown = page(office.manager, endpoint=f"https://localhost:{azure.port}", tenant="t", client_id="c")
    assert "Give a client secret or a certificate" in shown
    assert '<details class="fold" open>' in shown
    assert "(optional)" not in shown.partition("Other clouds")[0].partition("Your resource")[2]


def in_a_room(azure: Azure) -> Visit:
    """A visit of a business whose visits are held in rooms, with its room made."""
    business = make_business()
    outside_accounts.link(manager_of(business), business, "acs", {"connection_string": azure.connection_string})
    BusinessWays.objects.update_or_create(business=business, defaults={"place": "acs_rooms"})
    visit = make_visit(business=business)
    outside_worker.bring_due()
    return visit


def test_a_visit_has_a_room_whom_it_is_for_and_nothing_is_left_of_it(azure: Azure, there: Rooms) -> None:
    visit = joined(in_a_room(azure))
    [people] = there.invited.values()
    given = outside_tokens.for_seat(visit.consumer.ref)
    assert people[given.identity] == "Collaborator"
    assert there.tokens[given.token][1] == ["voip.join"]

    waiting.remove(visit.host, visit.consumer.ref)
    outside_worker.bring_due()
    outside_tokens.take_back_due()
    assert list(there.invited.values()) == [{who: role for who, role in people.items() if role == "Presenter"}]
    assert given.identity not in there.identities

    waiting.end_for_all(visit.host, visit.meeting.ref)
    outside_worker.bring_due()
    outside_tokens.take_back_due()
    assert (there.rooms, there.identities) == ({}, set())


def test_while_azure_is_away_the_visit_stands_and_its_room_is_made_afterwards(azure: Azure, there: Rooms) -> None:
    business = make_business()
    outside_accounts.link(manager_of(business), business, "acs", {"connection_string": azure.connection_string})
    BusinessWays.objects.update_or_create(business=business, defaults={"place": "acs_rooms"})
    azure.status = 503
    make_visit(business=business)
    outside_worker.bring_due()
    assert there.rooms == {}
    azure.again()
    OutsidePlace.objects.update(next_at="2000-01-01T00:00:00Z")
    outside_worker.bring_due()
    assert len(there.rooms) == 1
    assert OutsidePlace.objects.get().state == OutsidePlace.State.DONE
