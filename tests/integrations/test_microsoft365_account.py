"""Setting up Microsoft 365: what is found, what is missing, and in which words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from tests.integrations.microsoft import ALL, MAILBOX, Fault, Microsoft, microsoft
from vestibule.integrations import entra
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.account import Microsoft365
from vestibule.integrations.microsoft365.application import CLOUDS, Application
from vestibule.people.ports import Finding, NotConnected
from vestibule.store.configuration import load


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with microsoft() as running:
        yield running


def looked(cloud: Microsoft, **access: str) -> dict[str, Finding]:
    account = Microsoft365.connected(cloud.access | access, (f"127.0.0.1:{cloud.port}",))
    return {one.code: one for one in account.look()}


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of somebody; making one takes long."""
    return rsa.generate_private_key(65537, 2048)


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[str, x509.Certificate]:
    """A certificate of its own, as text with its key, and alone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vestibule")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    alone = made.sign(key, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + alone.public_bytes(Encoding.PEM)).decode(), alone


def test_with_everything_granted_nothing_is_missing(cloud: Microsoft) -> None:
    found = looked(cloud, organizer=MAILBOX)
    assert {code for code, one in found.items() if one.state in ("missing", "warning")} == set()
    unseen = {code for code, one in found.items() if one.state == "unknown"}
    assert unseen == {"anonymous_join", "federation", "deployed_app_url"}
    assert found["bookings"].words == "Bookings answers. Businesses there: 1."


@pytest.mark.parametrize("name", ALL)
def test_a_permission_that_is_missing_is_named_with_what_to_click(cloud: Microsoft, name: str) -> None:
    cloud.roles = tuple(one for one in ALL if one != name)
    found = looked(cloud)[f"permission:{name}"]
    assert found.state == ("missing" if name == "Calendars.ReadWrite" else "warning")
    assert name in found.words
    assert f"Application permissions, {name}. Then Grant admin consent." in found.remedy


def test_a_missing_application_access_policy_is_named_with_what_to_type(cloud: Microsoft) -> None:
    cloud.policy = False
    found = looked(cloud, organizer=MAILBOX)["access_policy"]
    assert found.state == "warning"
    assert f"-AppIds {cloud.access['client_id']}" in found.commands[1]
    assert looked(cloud)["access_policy"].state == "unknown", "without a mailbox nobody can try"


def test_bookings_that_is_not_licensed_is_told_from_bookings_that_does_not_answer(cloud: Microsoft) -> None:
    cloud.faults = [Fault(403, "ErrorAccessDenied")]
    assert looked(cloud)["bookings"].state == "warning"
    cloud.faults = [Fault(500, "generalException")]
    assert looked(cloud)["bookings"].state == "unknown"


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("AADSTS7000215", "secret"),
        ("AADSTS7000222", "secret"),
        ("AADSTS700016", "client_id"),
        ("AADSTS90002", "tenant"),
        ("AADSTS700027", "certificate"),
        ("AADSTS53003", "secret"),
        ("<script>", "secret"),
    ],
)
def test_a_refused_sign_in_says_which_field_to_mend(cloud: Microsoft, code: str, field: str) -> None:
    cloud.sign_in_fault = (401, code)
    with pytest.raises(NotConnected) as refused:
        looked(cloud)
    assert refused.value.field == field
    assert "<" not in str(refused.value)


def test_a_cloud_that_does_not_answer_is_said_to_be_passing(cloud: Microsoft) -> None:
    cloud.sign_in_fault = (503, "")
    with pytest.raises(NotConnected, match="could not be asked"):
        looked(cloud)


def test_a_certificate_signs_in_without_a_secret(cloud: Microsoft) -> None:
    text, cloud.certificate = certificate(rsa_key("mine"))
    assert looked(cloud, secret="", certificate=text)["sign_in"].state == "ok"


def test_a_certificate_that_cannot_work_is_refused_before_anybody_is_asked(cloud: Microsoft) -> None:
    mine, other = rsa_key("mine"), rsa_key("another")
    private = mine.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    strangers = private + certificate(other)[1].public_bytes(Encoding.PEM).decode()
    for text in ("no certificate", private, strangers, certificate(ec.generate_private_key(ec.SECP256R1()))[0]):
        with pytest.raises(NotConnected) as refused:
            looked(cloud, secret="", certificate=text)
        assert refused.value.field == "certificate"
    assert cloud.asked == []


@pytest.mark.parametrize("name", list(CLOUDS))
def test_each_cloud_has_its_own_addresses_whatever_was_typed(name: str) -> None:
    access = {"tenant": "t", "client_id": "c", "secret": "s", "cloud": name, "graph": "https://elsewhere.example"}
    read = Application.read(access, ())
    assert (read.authority, read.graph) == CLOUDS[name]
    assert read.scope == f"{CLOUDS[name][1]}/.default"


def test_an_installation_may_find_the_worldwide_cloud_elsewhere(cloud: Microsoft, settings: Settings) -> None:
    there = {"VESTIBULE_GRAPH_BASE_URL": f"{cloud.origin}/v1.0", "VESTIBULE_ENTRA_AUTHORITY": f"{cloud.origin}/"}
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", **there})
    account = Microsoft365.connected({**cloud.access, "cloud": ""}, ())
    assert {one.code: one.state for one in account.look()}["sign_in"] == "ok"
    with pytest.raises(NotConnected, match="no address of Microsoft"):  # what a business types is allowed by nobody
        Microsoft365.connected(cloud.access, ())


def test_microsofts_own_address_is_trusted_no_further_than_the_open_internet() -> None:
    assert not entra.reach(()).names("graph.microsoft.com", 443)


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example", "http://127.0.0.1:1", "https://a@127.0.0.1", "ftp://127.0.0.1", "", "https://x/path"],
)
def test_only_an_allowed_host_stands_in_for_microsoft(cloud: Microsoft, address: str) -> None:
    with pytest.raises(NotConnected) as refused:
        looked(cloud, graph=address)
    assert (refused.value.field, cloud.asked) == ("graph", [])


@pytest.mark.parametrize("tenant", ["", "a/b", "a?b", "..%2f", "a b", "a\nb", "x" * 101])
def test_an_id_that_would_lead_elsewhere_is_refused(cloud: Microsoft, tenant: str) -> None:
    with pytest.raises(NotConnected) as refused:
        looked(cloud, tenant=tenant)
    assert (refused.value.field, cloud.asked) == ("tenant", [])


def test_no_secret_is_shown_when_an_application_is_printed(cloud: Microsoft) -> None:
    read = Application.read(cloud.access, (f"127.0.0.1:{cloud.port}",))
    assert cloud.access["secret"] not in repr(read)
    assert cloud.access["secret"] not in Microsoft365.shown(cloud.access)
