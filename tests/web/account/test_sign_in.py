"""Signing in: by password or mailed code, without telling strangers who has an account, at a human pace."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client

from tests.factories import make_business, make_membership, make_user
from tests.web.account.conftest import PASSWORD
from vestibule.people import sign_in, staff
from vestibule.people.models import Membership, User
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def sign_in_as(client: Client, email: str = "mara@example.org", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/signin", {"login": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def without_addresses(page: str) -> str:
    """A page without what differs between two visitors anyway: tokens and the address each typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return page.replace("mara@example.org", "…").replace("nobody@example.org", "…")


def test_a_password_signs_in_and_leads_to_the_first_page(client: Client, mara: Membership) -> None:
    answer = sign_in_as(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/account/start"
    assert client.get("/account/start")["Location"] == "/manage"


@pytest.mark.parametrize(
    ("role", "page"), [(Role.PROVIDER, "/desk"), (Role.VIEWER, "/manage"), (Role.SCHEDULER, "/manage")]
)
def test_each_role_begins_where_its_work_is(client: Client, role: Role, page: str) -> None:
    make_membership(business=make_business(), user=make_user(email="x@example.org", password=PASSWORD), role=role)
    sign_in_as(client, "x@example.org")
    assert client.get("/account/start")["Location"] == page


def test_the_address_is_read_without_regard_to_case(client: Client, mara: Membership) -> None:
    sign_in_as(client, "Mara@Example.ORG")
    assert is_signed_in(client)


def test_the_session_is_a_new_one_after_signing_in(client: Client, mara: Membership) -> None:
    client.get("/account/password/choose/1-x")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in_as(client)
    assert client.session.session_key != before


def test_without_the_tick_the_session_ends_with_the_browser(client: Client, mara: Membership) -> None:
    assert sign_in_as(client).cookies["sessionid"]["expires"] == ""
    client.logout()
    assert sign_in_as(client, remember="on").cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client, mara: Membership) -> None:
    wrong = sign_in_as(client, password="not this one")
    unknown = sign_in_as(client, "nobody@example.org", password="not this one")
    assert wrong.status_code == unknown.status_code == 422
    assert without_addresses(text_of(wrong)) == without_addresses(text_of(unknown))
    assert "do not go together" in text_of(wrong)


def test_asking_for_a_code_looks_the_same_for_an_unknown_address(mara: Membership) -> None:
    known, unknown = Client(), Client()
    pages = [
        text_of(one.post("/signin/code", {"email": email}, follow=True))
        for one, email in ((known, "mara@example.org"), (unknown, "nobody@example.org"))
    ]
    assert without_addresses(pages[0]) == without_addresses(pages[1])
    assert [message.to for message in mail.outbox] == [["mara@example.org"]]


def test_asking_for_a_new_password_looks_the_same_for_an_unknown_address(mara: Membership) -> None:
    pages = [
        text_of(Client().post("/account/password/forgotten", {"email": email}, follow=True))
        for email in ("mara@example.org", "nobody@example.org")
    ]
    assert without_addresses(pages[0]) == without_addresses(pages[1])
    assert [message.to for message in mail.outbox] == [["mara@example.org"]]


def test_the_mailed_code_signs_in_once(client: Client, mara: Membership) -> None:
    client.post("/signin/code", {"email": "mara@example.org"})
    code = mail.outbox[0].subject.split()[0]
    answer = client.post("/signin/code/enter", {"code": code.lower()})
    assert answer["Location"] == "/account/start"
    assert is_signed_in(client)
    client.post("/signout")
    assert client.post("/signin/code/enter", {"code": code})["Location"].startswith("/signin")
    assert not is_signed_in(client)


def test_three_wrong_codes_end_the_attempt(client: Client, mara: Membership) -> None:
    client.post("/signin/code", {"email": "mara@example.org"})
    answers = [client.post("/signin/code/enter", {"code": "BBBB-BBBB"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 302]
    code = mail.outbox[0].subject.split()[0]
    client.post("/signin/code/enter", {"code": code})
    assert not is_signed_in(client)


def test_guessing_passwords_is_stopped_even_for_the_right_one(client: Client, mara: Membership) -> None:
    for _ in range(5):
        sign_in_as(client, password="not this one")
    answer = sign_in_as(client)
    assert answer.status_code == 422
    assert "tried too often" in text_of(answer)
    assert not is_signed_in(client)


def test_trying_address_after_address_is_slowed_down(client: Client) -> None:
    answers = [sign_in_as(client, f"nobody{number}@example.org") for number in range(32)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert "A little slower" in text_of(answers[-1])


def test_a_page_for_staff_asks_to_sign_in_and_goes_on_there(client: Client, mara: Membership) -> None:
    asked = client.get("/account/sessions")
    assert urlsplit(asked["Location"]).path == "/signin"
    assert sign_in_as(client, next="/account/sessions")["Location"] == "/account/sessions"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_to_no_other_server(client: Client, mara: Membership, elsewhere: str) -> None:
    assert sign_in_as(client, next=elsewhere)["Location"] == "/account/start"


@pytest.mark.parametrize(
    "login",
    ["", "x" * 5000, "a\0b@example.org", "<script>alert(1)</script>@example.org", "' OR 1=1 --"],
    ids=["empty", "huge", "nul", "markup", "sql"],
)
@pytest.mark.parametrize("password", ["", "x" * 100_000, "\0"], ids=["empty", "huge", "nul"])
def test_bad_input_is_refused_and_renders_inert(client: Client, mara: Membership, login: str, password: str) -> None:
    answer = sign_in_as(client, login, password)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


def test_nobody_signs_up_alone(client: Client) -> None:
    answer = client.post("/signin/by-invitation", {"email": "x@example.org", "password1": PASSWORD})
    assert answer.status_code == 405
    assert "by invitation" in text_of(client.get("/signin/by-invitation"))
    assert not User.objects.filter(email="x@example.org").exists()


def test_somebody_deactivated_cannot_sign_in(client: Client, mara: Membership) -> None:
    User.objects.update(is_active=False)
    sign_in_as(client)
    assert not is_signed_in(client)


def test_a_form_from_elsewhere_signs_nobody_in(mara: Membership) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = sign_in_as(strict)
    assert answer.status_code == 403
    assert "This page was open too long" in text_of(answer)
    assert not is_signed_in(strict)


def test_signing_out_takes_a_click(client: Client, mara: Membership) -> None:
    sign_in_as(client)
    assert client.get("/signout").status_code == 200
    assert is_signed_in(client)
    client.post("/signout")
    assert not is_signed_in(client)


class TestInvitations:
    def link(self) -> str:
        business = make_business()
        return sign_in.password_path(staff.appoint(SYSTEM, business, "new@example.org", "New One", Role.OWNER).user)

    def choose(self, client: Client, link: str, password: str = PASSWORD) -> Any:
        page = client.get(link, follow=True)
        address = page.redirect_chain[-1][0] if page.redirect_chain else link
        return client.post(address, {"password1": password, "password2": password})

    def test_the_link_sets_a_password_once_and_signs_in(self, client: Client) -> None:
        link = self.link()
        assert self.choose(client, link)["Location"] == "/account/start"
        assert is_signed_in(client)
        again = Client()
        sign_in_as(again, "new@example.org")
        assert is_signed_in(again)
        assert "no longer good" in text_of(Client().get(link))

    def test_the_link_leaves_the_address_bar_at_once(self, client: Client) -> None:
        link = self.link()
        assert client.get(link)["Location"].endswith("-set-password")

    def test_the_link_ends_after_three_days(self, client: Client) -> None:
        link = self.link()
        clock.advance(3 * 24 * 3600 + 60)
        assert "no longer good" in text_of(client.get(link))

    @pytest.mark.parametrize("password", ["short", "1234567890123", "password123", "new@example.org", "x" * 1000])
    def test_a_weak_password_is_refused(self, client: Client, password: str) -> None:
        link = self.link()
        assert self.choose(client, link, password).status_code == 422
        assert not User.objects.get(email="new@example.org").has_usable_password()

    def test_somebody_elses_link_does_not_open_with_a_changed_user(self, client: Client, mara: Membership) -> None:
        token = self.link().rpartition("/")[2].partition("-")[2]
        uid = sign_in.password_path(mara.user).rpartition("/")[2].partition("-")[0]
        assert "no longer good" in text_of(client.get(f"/account/password/choose/{uid}-{token}"))


def test_passwords_are_kept_as_argon2(slow_passwords: None, mara: Membership) -> None:
    assert mara.user.password.startswith("argon2")


def test_cookies_are_kept_from_scripts_and_other_sites(client: Client, mara: Membership) -> None:
    cookie = sign_in_as(client).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
