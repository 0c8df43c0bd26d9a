"""Setting up Azure Communication Services: what is found, what is missing, and in which words."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integrations import acs_contract, authority
from tests.integrations.azure import KEY, Azure, azure_server
from tests.integrations.azure_chat import Chat, with_chat
from tests.integrations.azure_rooms import Rooms, with_rooms
from tests.integrations.mailbox import closed_port
from tests.integrations.microsoft import Microsoft, microsoft
from vestibule.integrations import entra
from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs import signing
from vestibule.integrations.acs.account import CommunicationServices
from vestibule.integrations.acs.mail import AcsMail
from vestibule.integrations.acs.sms import AcsSms
from vestibule.notifications.ports import Around
from vestibule.people.ports import Finding, NotConnected

BOUGHT: dict[str, Any] = {
    "phoneNumbers": [
        {"id": "18005550100", "phoneNumber": "+18005550100", "capabilities": {"calling": "none", "sms": "outbound"}},
        {"id": "18005550101", "phoneNumber": "+18005550101", "capabilities": {"calling": "inbound", "sms": "none"}},
    ]
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    acs_contract.require_descriptions()
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def _running(certificates: tuple[Path, Path]) -> Iterator[Azure]:
    with azure_server(certificates[1]) as azure:
        yield azure


@pytest.fixture
def azure(_running: Azure) -> Azure:
    _running.again()
    _running.key = KEY
    for kept in (_running.parts, _running.faults, _running.asked, _running.bearers):
        kept.clear()
    return _running


@pytest.fixture
def rooms(azure: Azure) -> Iterator[Rooms]:
    made = with_rooms(azure)
    yield made
    assert made.wrong == [], "each request is one that is described"


@pytest.fixture
def chat(azure: Azure, rooms: Rooms) -> Iterator[Chat]:
    made = with_chat(azure, rooms)
    yield made
    assert made.wrong == [], "each request is one that is described"


@pytest.fixture
def entra_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(signing, "kept", entra.Tokens())
    with microsoft() as running:
        running.scopes = (signing.SCOPE,)
        yield running


Looked = Callable[..., dict[str, Finding]]


@pytest.fixture
def looked(azure: Azure, chat: Chat, certificates: tuple[Path, Path]) -> Looked:
    def look(**access: str) -> dict[str, Finding]:
        given = access or {"connection_string": azure.connection_string}
        allowed = ("localhost", *([access["authority"].removeprefix("http://")] if "authority" in access else []))
        account = CommunicationServices.connected(given, allowed)
        account._verify = str(certificates[0])
        return {one.code: one for one in account.look()}

    return look


def by_entra(azure: Azure, entra_id: Microsoft, **other: str) -> dict[str, str]:
    """An access without a key, by the sign-in of the stand-in for Microsoft 365."""
    given = {name: entra_id.access[name] for name in ("tenant", "client_id", "secret", "authority")}
    return given | {"endpoint": f"https://localhost:{azure.port}", "cloud": "other"} | other


def test_with_a_resource_that_has_everything_nothing_is_missing(
    azure: Azure, rooms: Rooms, chat: Chat, looked: Looked
) -> None:
    azure.parts.append(lambda method, path, headers, body: (200, BOUGHT) if "/phoneNumbers" in path else None)
    found = looked()
    assert {code: one.state for code, one in found.items()} == {
        "sign_in": "ok",
        "identity": "ok",
        "rooms": "ok",
        "chat": "ok",
        "number": "ok",
        "email": "unknown",
        "events": "unknown",
    }
    assert found["number"].words == "Texts can be sent from +18005550100."
    assert all(one.remedy for one in found.values() if one.state == "unknown"), "it says where to look"


def test_looking_leaves_nothing_behind(rooms: Rooms, chat: Chat, looked: Looked) -> None:
    looked()
    assert (rooms.identities, rooms.rooms, chat.threads) == (set(), {}, {})
    assert (len(rooms.deleted), len(chat.deleted)) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "code", "state"),
    [("GET /rooms", "rooms", "warning"), ("POST /chat", "chat", "warning"), ("GET /phoneNumbers", "number", "unknown")],
)
def test_what_is_refused_is_told_and_the_rest_is_tried(
    azure: Azure, rooms: Rooms, looked: Looked, asked: str, code: str, state: str
) -> None:
    azure.faults = [(asked, 403, {})]
    found = looked()
    assert (found[code].state, found["identity"].state) == (state, "ok")
    assert rooms.identities == set(), "who was made to try is taken away all the same"


def test_a_resource_without_a_number_says_that_no_texts_leave(azure: Azure, looked: Looked) -> None:
    azure.parts.append(lambda method, path, headers, body: (200, {"phoneNumbers": []}) if "phone" in path else None)
    assert looked()["number"].state == "warning"


def test_a_wrong_key_cannot_be_saved(azure: Azure, looked: Looked) -> None:
    azure.key = "b3RoZXI="
    with pytest.raises(NotConnected, match="does not accept this key") as refused:
        looked()
    assert refused.value.field == "connection_string"


def test_an_address_where_nobody_answers_is_named(looked: Looked) -> None:
    with pytest.raises(NotConnected, match="localhost cannot be used: Azure cannot be reached") as refused:
        looked(connection_string=f"endpoint=https://localhost:{closed_port()};accesskey={KEY}")
    assert refused.value.field == "connection_string"


def test_an_application_of_entra_signs_in_without_a_key(azure: Azure, entra_id: Microsoft, looked: Looked) -> None:
    azure.bearers = entra_id.tokens
    found = looked(**by_entra(azure, entra_id))
    assert (found["sign_in"].state, found["rooms"].state, found["chat"].state) == ("ok", "ok", "ok")
    assert entra_id.signed_in == 1


def test_a_token_that_does_not_count_any_more_is_asked_for_anew(
    azure: Azure, entra_id: Microsoft, looked: Looked
) -> None:
    azure.bearers = entra_id.tokens
    looked(**by_entra(azure, entra_id))
    entra_id.tokens.clear()
    with pytest.raises(NotConnected):
        looked(**by_entra(azure, entra_id))
    assert looked(**by_entra(azure, entra_id))["sign_in"].state == "ok"


def test_a_secret_that_has_expired_is_said_at_its_field(azure: Azure, entra_id: Microsoft, looked: Looked) -> None:
    entra_id.sign_in_fault = (401, "AADSTS7000222")
    with pytest.raises(NotConnected, match="has expired") as refused:
        looked(**by_entra(azure, entra_id))
    assert refused.value.field == "secret"


def test_an_application_without_a_role_says_which_one_it_needs(
    azure: Azure, entra_id: Microsoft, looked: Looked
) -> None:
    with pytest.raises(NotConnected, match="Access control") as refused:
        looked(**by_entra(azure, entra_id))
    assert refused.value.field == "client_id"


@pytest.mark.parametrize(
    ("access", "field"),
    [
        ({"connection_string": ""}, "connection_string"),
        ({"connection_string": "endpoint=https://localhost"}, "connection_string"),
        ({"connection_string": f"endpoint=https://elsewhere.example;accesskey={KEY}"}, "connection_string"),
        ({"endpoint": "https://localhost", "client_id": "c", "secret": "s"}, "tenant"),
        ({"endpoint": "https://localhost", "tenant": "t", "secret": "s"}, "client_id"),
        ({"endpoint": "https://localhost", "tenant": "t", "client_id": "c"}, "secret"),
        ({"endpoint": "http://localhost", "tenant": "t", "client_id": "c", "secret": "s"}, "endpoint"),
        ({"endpoint": "https://elsewhere.example", "tenant": "t", "client_id": "c", "secret": "s"}, "endpoint"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field_before_anybody_is_asked(
    azure: Azure, looked: Looked, access: dict[str, str], field: str
) -> None:
    with pytest.raises(NotConnected) as refused:
        looked(**access)
    assert (refused.value.field, azure.asked) == (field, [])


def test_no_secret_is_shown(azure: Azure) -> None:
    assert CommunicationServices.shown({"connection_string": azure.connection_string}) == "localhost"
    access = {"endpoint": "https://name.communication.azure.com/", "client_id": "4711", "secret": "hunter2"}
    assert CommunicationServices.shown(access) == "name.communication.azure.com · 4711"
    read = reaching.of_account({"connection_string": azure.connection_string}, ("localhost",))
    assert KEY not in repr(read)


@pytest.mark.parametrize(("kind", "sender"), [(AcsSms, "+18005550100"), (AcsMail, "desk@lakeside.example")])
def test_one_account_serves_messages_too(
    azure: Azure, certificates: tuple[Path, Path], kind: type[AcsSms | AcsMail], sender: str
) -> None:
    around = Around(allowed=("localhost",), account={"connection_string": azure.connection_string})
    gateway = kind.connected({"connection_string": ""}, sender, around)
    gateway._verify = str(certificates[0])
    assert gateway.check() is True
    with pytest.raises(NotConnected, match="set up your account first"):
        kind.connected({"connection_string": ""}, sender, Around(allowed=("localhost",)))
