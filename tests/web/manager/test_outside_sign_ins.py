"""An administrator signs in at Microsoft for the business, and whoever tries to do so in their place does not."""

import html
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tests.integrations.microsoft import Fault, Microsoft, microsoft
from tests.integrations.microsoft_person import Person
from tests.web.manager.office import Office, make_office, url
from vestibule.integrations.microsoft365 import signing_in, tokens
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import SignInRefused
from vestibule.people import outside_accounts, outside_sign_ins, rates
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import AuditEntry, OutsideAccount
from vestibule.people.permissions import Role
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db

ACCOUNT = "microsoft365"
ORIGIN = "https://visits.example.org"
BACK = f"{ORIGIN}/manage/setup/accounts/microsoft365/signed-in"


class BookingsOfOneTenant:
    """The businesses of Bookings by name, which only a person's token adds to."""

    def __init__(self, cloud: Microsoft) -> None:
        self.names = ["Clinic"]
        cloud.parts.append(self)

    def answer(self, method: str, path: str, query: dict[str, str], told: Any) -> tuple[int, Any] | None:
        if path != "/solutions/bookingBusinesses":
            return None
        if method == "POST":
            self.names.append(told["displayName"])
            return 201, {"id": f"{len(self.names)}@clinic.example", **told}
        return 200, {"value": [{"id": f"{name}@clinic.example", "displayName": name} for name in self.names]}


@pytest.fixture
def office(settings: Settings) -> Office:
    settings.PUBLIC_URL = ORIGIN
    rates.forget_all()
    return make_office()


@pytest.fixture
def admin(office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    with microsoft() as cloud:
        link(office, cloud)
        yield Person(cloud, {BACK})


def link(office: Office, cloud: Microsoft, **more: str) -> None:
    manager = actor_of_membership(office.staff[Role.MANAGER])
    outside_accounts.link(manager, office.business, ACCOUNT, cloud.access | more)


def begin(client: Client, what: str = "sign_in") -> str:
    """Microsoft's address that a manager is shown."""
    page = client.post(url("account-sign-in", ACCOUNT), {"what": what}).content.decode()
    (found,) = re.findall(r'<a class="button" href="([^"]+)" rel="noreferrer"', page)
    assert BACK in html.unescape(page)
    return html.unescape(found)


def come(client: Client, address: str) -> str:
    """What the manager reads once they are back."""
    assert address.startswith(f"{BACK}?")
    answer = client.get(address.removeprefix(ORIGIN))
    assert (answer.status_code, answer["Location"]) == (302, url("account", ACCOUNT)), "its address is left at once"
    return html.unescape(client.get(answer["Location"]).content.decode())


def account() -> OutsideAccount:
    return OutsideAccount.objects.get()


def test_an_administrator_signs_in_is_shown_and_forgotten(office: Office, admin: Person) -> None:
    manager = office.manager
    page = come(manager, admin.at(begin(manager)))
    assert "You are signed in as admin@clinic.example." in page
    assert "Signed in as admin@clinic.example" in page
    assert outside_sign_ins.secret_of(account()) in admin.refresh
    assert not any(one in account().sign_in for one in admin.refresh), "it is encrypted"
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"account.signed_in"}
    assert "The sign-in was forgotten." in manager.post(url("account-sign-out", ACCOUNT), follow=True).content.decode()
    assert (account().sign_in, account().signed_in_as, account().signed_in_at) == ("", "", None)
    assert manager.get(url("account-sign-out", ACCOUNT)).status_code == 404


def test_consent_counts_at_once(office: Office, admin: Person) -> None:
    admin.cloud.roles = ()
    manager = office.manager
    manager.post(url("account-look", ACCOUNT))
    tokens.kept = tokens.Tokens()
    manager.post(url("account-look", ACCOUNT))
    assert any(one["state"] == "missing" for one in account().findings)
    address = begin(manager, "consent")
    admin.cloud.roles = ("Calendars.ReadWrite",)
    assert "It was allowed." in come(manager, admin.at(address))
    assert not any(one["state"] == "missing" for one in account().findings)
    assert account().sign_in == ""


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("declined", "You declined"),
        ("guest", "of another organisation"),
        ("no consent", "Grant consent first"),
        ("AADSTS90094", "Only an administrator"),
        ("AADSTS99999", "refused the sign-in (AADSTS99999)"),
        ("<b>x</b>", "declined, so nothing was changed"),
    ],
)
@pytest.mark.parametrize("what", ["sign_in", "consent"])
def test_whoever_is_sent_back_without_it_reads_why(
    office: Office, admin: Person, answers: str, words: str, what: str
) -> None:
    manager, admin.answers = office.manager, answers
    page = come(manager, admin.at(begin(manager, what)))
    assert words in page
    assert "<script>." not in page
    assert account().sign_in == ""


def changed(address: str, **more: str) -> str:
    parts = urlsplit(address)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()} | more
    return f"{BACK}?{urlencode({name: value for name, value in told.items() if value})}"


@pytest.mark.parametrize("state", ["", "guessed", "х", "x" * 9000])
def test_a_state_that_is_not_ours_changes_nothing(office: Office, admin: Person, state: str) -> None:
    manager = office.manager
    page = come(manager, changed(admin.at(begin(manager)), state=state))
    assert "did not begin in your browser" in page
    assert (admin.redeemed, account().sign_in) == (0, "")


def test_what_somebody_else_began_is_not_finished_in_another_browser(office: Office, admin: Person) -> None:
    attacker, victim = office.manager, office.as_(Role.OWNER)
    theirs = admin.at(begin(attacker))
    assert "did not begin in your browser" in come(victim, theirs)
    begin(victim)
    assert "did not begin in your browser" in come(victim, theirs)
    assert (admin.redeemed, account().sign_in) == (0, "")


def test_what_came_back_once_does_not_count_again(office: Office, admin: Person) -> None:
    manager = office.manager
    address = admin.at(begin(manager))
    come(manager, address)
    assert "was finished already" in come(manager, address)
    assert admin.redeemed == 1


def test_a_code_that_was_used_elsewhere_is_worth_nothing(office: Office, admin: Person) -> None:
    manager = office.manager
    address = admin.at(begin(manager))
    admin.codes.clear()
    assert "This sign-in was used already." in come(manager, address)
    other = admin.at(begin(manager))  # somebody else's code, with our own state: the proof key does not fit
    strangers = admin.at(begin(office.as_(Role.OWNER)))
    stolen = parse_qs(urlsplit(strangers).query)["code"][0]
    assert "(AADSTS501481)" in come(manager, changed(other, code=stolen))
    assert account().sign_in == ""


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"nonce": "another"}, {"tid": "another"}])
def test_a_token_made_for_somebody_else_is_not_taken(office: Office, admin: Person, claims: dict[str, str]) -> None:
    manager, admin.claims = office.manager, claims
    page = come(manager, admin.at(begin(manager)))
    assert "not made for us" in page or "of another organisation" in page
    assert account().sign_in == ""


def test_consent_of_another_tenant_does_not_count(office: Office, admin: Person) -> None:
    manager, admin.tenant = office.manager, "99999999-2222-4333-8444-555555555555"
    assert "of another organisation" in come(manager, admin.at(begin(manager, "consent")))


def test_who_takes_too_long_begins_again(office: Office, admin: Person) -> None:
    manager = office.manager
    address = admin.at(begin(manager))
    clock.advance(16 * 60)
    assert "longer than a quarter of an hour" in come(manager, address)
    assert admin.redeemed == 0


def test_nobody_is_led_elsewhere_and_nothing_secret_is_shown_or_logged(
    office: Office, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    manager = office.manager
    with caplog.at_level(logging.DEBUG):
        address = changed(admin.at(begin(manager)), next="https://evil.example", redirect_uri="https://evil.example")
        code = parse_qs(urlsplit(address).query)["code"][0]
        page = come(manager, address)
    (refresh,) = admin.refresh
    logged = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("vestibule"))
    for secret in (code, refresh, admin.cloud.access["secret"]):
        assert secret not in page
        assert secret not in logged
    assert "evil.example" not in page


def test_only_whoever_sets_up_signs_in_and_only_by_a_form_of_ours(office: Office, admin: Person) -> None:
    assert office.as_(Role.SCHEDULER).post(url("account-sign-in", ACCOUNT)).status_code == 403
    assert office.as_(Role.SCHEDULER).get(url("account-signed-in", ACCOUNT)).status_code == 403
    assert office.manager.get(url("account-sign-in", ACCOUNT)).status_code == 405
    assert office.manager.post(url("account-signed-in", ACCOUNT)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(office.staff[Role.MANAGER].user)
    assert strict.post(url("account-sign-in", ACCOUNT)).status_code == 403
    assert office.manager.post(url("account-sign-in", "acs")).status_code == 404


def test_another_business_is_not_signed_in_by_it(office: Office, admin: Person) -> None:
    address = admin.at(begin(office.manager))
    other = make_office(slug="elsewhere", name="Elsewhere")
    link(other, admin.cloud)
    page: Any = other.manager.get(address.removeprefix(ORIGIN), follow=True).content.decode()
    assert "did not begin in your browser" in html.unescape(page)
    assert not OutsideAccount.objects.exclude(sign_in="").exists()


def test_another_application_has_no_sign_in(office: Office, admin: Person) -> None:
    manager = office.manager
    come(manager, admin.at(begin(manager)))
    link(office, admin.cloud, organizer="ada@clinic.example")
    assert account().sign_in, "the same application keeps it"
    OutsideAccount.objects.update(shown="another tenant")
    link(office, admin.cloud)
    assert account().sign_in == ""


def test_a_sign_in_is_shown_to_nobody_at_another_address(office: Office, admin: Person) -> None:
    manager = office.manager
    come(manager, admin.at(begin(manager)))
    with microsoft() as elsewhere:
        link(office, elsewhere)
    assert (account().sign_in, account().signed_in_as, account().signed_in_at) == ("", "", None)


def test_a_sign_in_is_used_renewed_and_once_taken_back_says_so(office: Office, admin: Person) -> None:
    manager = office.manager
    come(manager, admin.at(begin(manager)))
    stored = account()
    allowed = (f"127.0.0.1:{admin.cloud.port}",)
    application = Application.read(admin.cloud.access, allowed)

    def client() -> signing_in.PersonalGraph:
        secret = outside_sign_ins.secret_of(stored)
        return signing_in.delegated(application, allowed, secret, lambda fresh: outside_sign_ins.keep(stored, fresh))

    for _ in range(2):
        assert client().get("/solutions/bookingBusinesses")["value"]
    assert outside_sign_ins.secret_of(account()) in admin.refresh, "each use gives the next secret"
    admin.cloud.forget_tokens()
    assert client().get("/solutions/bookingBusinesses")["value"]
    admin.refresh.clear()
    with pytest.raises(SignInRefused, match="refused"):
        client().get("/solutions/bookingBusinesses")
    OutsideAccount.objects.update(sign_in="")
    with pytest.raises(NotConnected, match="sign in first"):
        outside_sign_ins.secret_of(account())


def test_a_business_is_made_in_bookings_in_the_name_of_whoever_signed_in(office: Office, admin: Person) -> None:
    manager = office.manager
    there = BookingsOfOneTenant(admin.cloud)
    before = manager.post(url("account-business", ACCOUNT), {"name": "Lakeside"}, follow=True)
    assert "sign in first" in html.unescape(before.content.decode())
    come(manager, admin.at(begin(manager)))
    made = manager.post(url("account-business", ACCOUNT), {"name": " Lakeside  Clinic "})
    assert made["Location"] == url("bookings-choose")
    assert there.names == ["Clinic", "Lakeside Clinic"]
    again = manager.post(url("account-business", ACCOUNT), {"name": "lakeside clinic"}, follow=True).content.decode()
    assert "is in Bookings already" in again
    assert len(there.names) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(403, "ErrorAccessDenied", on="POST /v1.0/solutions"), "they need a licence"),
        (Fault(cuts=True, on="POST /v1.0/solutions"), "Look in a minute whether"),
        (Fault(400, "invalidRequest", on="POST /v1.0/solutions"), "No business was opened"),
    ],
)
def test_a_business_that_could_not_be_made_says_why(office: Office, admin: Person, fault: Fault, words: str) -> None:
    manager = office.manager
    BookingsOfOneTenant(admin.cloud)
    come(manager, admin.at(begin(manager)))
    admin.cloud.faults = [fault]
    page = manager.post(url("account-business", ACCOUNT), {"name": "Lakeside"}, follow=True).content.decode()
    assert words in html.unescape(page)
    for name in ("", "x" * 121, "a\0b"):
        page = manager.post(url("account-business", ACCOUNT), {"name": name}, follow=True).content.decode()
        assert "at most 120 characters" in page
