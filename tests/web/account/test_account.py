"""The account page: name, second steps, devices and businesses, each changed only by its owner."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from tests.factories import make_business, make_membership, make_user
from tests.web.account.authenticator import code_of
from tests.web.account.conftest import PASSWORD
from vestibule.people.models import Membership
from vestibule.people.permissions import Role
from vestibule.people.sign_in import password_path

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str = "mara@example.org") -> Any:
    return client.post("/signin", {"login": email, "password": PASSWORD}, follow=False)


@pytest.fixture
def inside(client: Client, mara: Membership) -> Client:
    """Mara, signed in and asked for her password again just now."""
    sign_in(client)
    client.post("/account/confirm", {"password": PASSWORD})
    return client


def add_app(client: Client) -> str:
    page = client.get("/account/app/add").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    client.post("/account/app/add", {"code": code_of(found[1])})
    return found[1]


def test_the_own_name_can_be_changed(inside: Client, mara: Membership) -> None:
    inside.post("/account/name", {"name": "  Mara   Lindqvist "})
    mara.user.refresh_from_db()
    assert mara.user.name == "Mara Lindqvist"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\0b"])
def test_a_bad_name_is_refused_and_nothing_is_stored(inside: Client, mara: Membership, name: str) -> None:
    assert inside.post("/account/name", {"name": name}).status_code == 422
    mara.user.refresh_from_db()
    assert mara.user.name == ""


def test_a_name_of_markup_renders_inert(inside: Client) -> None:
    inside.post("/account/name", {"name": "<img src=x onerror=alert(1)>"})
    assert "<img src=x" not in inside.get("/account").content.decode()


@pytest.mark.parametrize("page", ["/account/app/add", "/account/passkeys/add", "/account/recovery-codes/new"])
def test_a_change_of_sign_in_asks_once_more_who_it_is(client: Client, mara: Membership, page: str) -> None:
    client.force_login(mara.user)
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/confirm")


def test_with_an_app_the_password_is_only_the_first_step(inside: Client) -> None:
    secret = add_app(inside)
    inside.post("/signout")
    assert sign_in(inside)["Location"] == "/signin/second-step"
    assert inside.get("/account").status_code == 302
    wrong = inside.post("/signin/second-step", {"code": "000000"})
    assert wrong.status_code == 422
    inside.post("/signin/second-step", {"code": code_of(secret, time.time() + 30)})
    assert inside.get("/account").status_code == 200


def test_neither_a_mailed_code_nor_a_new_password_skips_the_second_step(inside: Client, mara: Membership) -> None:
    add_app(inside)
    by_code, by_link = Client(), Client()
    by_code.post("/signin/code", {"email": "mara@example.org"})
    code = mail.outbox[-1].subject.split()[0]
    assert by_code.post("/signin/code/enter", {"code": code})["Location"] == "/signin/second-step"
    mara.user.refresh_from_db()
    page = by_link.get(password_path(mara.user), follow=True).redirect_chain[-1][0]
    chosen = by_link.post(page, {"password1": "another long one", "password2": "another long one"})
    assert chosen["Location"] == "/signin/second-step"
    for outside in (by_code, by_link):
        assert outside.get("/account").status_code == 302


def test_a_recovery_code_works_once(inside: Client) -> None:
    add_app(inside)
    file = inside.get("/account/recovery-codes/file").content.decode()
    codes = re.findall(r"^\d{8}$", file, re.MULTILINE)
    assert len(codes) == 10
    for expected in (200, 302):
        inside.post("/signout")
        sign_in(inside)
        inside.post("/signin/second-step", {"code": codes[0]})
        assert inside.get("/account").status_code == expected


def test_the_database_holds_no_readable_secret(inside: Client) -> None:
    secret = add_app(inside)
    kept = [str(row.data) for row in Authenticator.objects.all()]
    assert len(kept) == 2
    assert not any(secret in data for data in kept)


def test_a_change_of_sign_in_is_told_by_mail(inside: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add_app(inside)
    assert "An authenticator app was added" in [message.subject for message in mail.outbox]
    assert all(message.to == ["mara@example.org"] for message in mail.outbox)


def test_a_new_password_needs_the_old_one(inside: Client, mara: Membership) -> None:
    new = {"password1": "another long password", "password2": "another long password"}
    assert inside.post("/account/password", {"oldpassword": "wrong", **new}).status_code == 422
    assert inside.post("/account/password", {"oldpassword": PASSWORD, **new})["Location"] == "/account"
    mara.user.refresh_from_db()
    assert mara.user.check_password("another long password")


def test_signing_out_everywhere_else_leaves_this_device(inside: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    assert elsewhere.get("/account").status_code == 200
    inside.post("/account/sessions")
    assert elsewhere.get("/account").status_code == 302
    assert inside.get("/account").status_code == 200


def test_a_new_password_signs_other_devices_out(inside: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere)
    new = {"password1": "another long password", "password2": "another long password"}
    inside.post("/account/password", {"oldpassword": PASSWORD, **new})
    assert elsewhere.get("/account").status_code == 302


def test_the_business_can_be_switched_to_an_own_one_only(inside: Client, mara: Membership) -> None:
    second = make_business(slug="harbour-bank", name="Harbour Bank")
    make_membership(business=second, user=mara.user, role=Role.VIEWER)
    make_business(slug="foreign")
    assert inside.post("/account/business", {"business": "foreign"}).status_code == 404
    inside.post("/account/business", {"business": "harbour-bank"})
    assert "Harbour Bank</span>" in inside.get("/account").content.decode()


def test_who_lost_the_role_sees_no_business_any_more(inside: Client, mara: Membership) -> None:
    Membership.objects.update(is_active=False)
    page = inside.get("/account")
    assert page.status_code == 200
    assert "You work for no business here" in page.content.decode()
    assert inside.get("/account/sessions").status_code == 200


def test_the_passkey_of_somebody_else_does_not_exist(inside: Client) -> None:
    other = make_user(email="other@example.org", password=PASSWORD)
    key = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    assert inside.post(f"/account/passkeys/{key.pk}/remove").status_code == 404
    assert inside.post(f"/account/passkeys/{key.pk}/rename", {"name": "mine"}).status_code == 404


def test_account_pages_stay_out_of_caches(inside: Client) -> None:
    for page in ("/account", "/account/sessions", "/account/password"):
        assert "no-store" in inside.get(page)["Cache-Control"]


def test_pages_carry_no_inline_script_and_no_style(inside: Client) -> None:
    add_app(inside)
    pages = ["/account", "/account/sessions", "/account/password", "/account/passkeys/add", "/account/recovery-codes"]
    for address in pages:
        page = inside.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page), address
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page), address


def test_a_manager_lets_somebody_in_who_lost_phone_and_codes(inside: Client, mara: Membership) -> None:
    lost = make_membership(business=mara.business, user=make_user(email="lost@example.org", password=PASSWORD))
    Authenticator.objects.create(user=lost.user, type=Authenticator.Type.TOTP, data={})
    page = f"/manage/setup/staff/{lost.pk}"
    assert f"{page}/second-steps" in inside.get(page).content.decode()
    assert "Be sure" in inside.get(f"{page}/second-steps").content.decode()
    assert inside.post(f"{page}/second-steps").status_code == 302
    assert sign_in(Client(), "lost@example.org")["Location"] == "/account/start"
