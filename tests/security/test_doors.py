"""Doors that are open to anybody, and what somebody who means harm gets there."""

import logging
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.api.conftest import Caller
from tests.booking.factories import at, book, make_service
from tests.factories import make_membership, make_user, manager_of
from vestibule.booking import lifecycle, links
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.experience import survey
from vestibule.meetings.models import Participant
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links as capability
from vestibule.people import rates
from vestibule.people.errors import Invalid
from vestibule.people.models import Consumer
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.configuration import load, server_secret

pytestmark = pytest.mark.django_db
CLEO = {"name": "Cleo Baumann", "email": "cleo@example.org", "phone": ""}
A_TOKEN = "A" * 22


@pytest.fixture(autouse=True)
def sunday_before() -> None:
    rates.forget_all()
    clock.set_to(at("08:00") - timedelta(days=1))


@pytest.fixture
def service() -> Service:
    return make_service(slug="visit")


def page_of(service: Service, step: str = "") -> str:
    return f"/book/{service.business.slug}/{service.slug}{step}"


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


# --- keeping and booking times ------------------------------------------------------------------------------------


def test_made_up_sessions_do_not_let_one_address_keep_the_whole_calendar(service: Service) -> None:
    half_hours = [at("08:00") + timedelta(days=day, minutes=30 * n) for day in range(2) for n in range(18)]
    for number, start in enumerate(half_hours[:25]):
        stranger = Client()
        stranger.cookies["sessionid"] = f"made-up-session-{number:04}"
        stranger.post(page_of(service, "/hold"), {"start": start.isoformat()})
    assert Hold.objects.count() == 20


def test_booking_under_a_known_address_says_nothing_of_its_owner(client: Client, service: Service) -> None:
    def booked(start: str, name: str) -> tuple[int, str]:
        given = {**CLEO, "name": name, "start": at(start).isoformat()}
        answer = Client().post(page_of(service, "/details"), given)
        return answer.status_code, answer["Location"]

    assert booked("09:00", "Cleo Baumann") == booked("10:00", "Somebody Else")
    assert [one.name for one in Consumer.objects.all()] == ["Cleo Baumann"]


@pytest.mark.parametrize("name", ["Win at https://evil.example", "WWW.evil.example", "x://y"])
def test_a_mail_of_ours_carries_no_address_that_a_stranger_typed_for_a_name(
    client: Client, service: Service, name: str
) -> None:
    given = {**CLEO, "name": name, "start": at("09:00").isoformat()}
    assert client.post(page_of(service, "/details"), given).status_code == 422
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("path", ["/desk/visit/a%00b", "/manage/appointments/a%00b", "/book/a%00b", "/visit/a%00b"])
def test_an_address_with_a_nul_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_nul_reaches_no_query(client: Client, service: Service) -> None:
    assert client.get(page_of(service, "/details"), {"hold": "a\0b"}).status_code == 302


# --- links and cookies --------------------------------------------------------------------------------------------


def test_cookies_of_links_are_for_scripts_and_plain_http_no_business(
    client: Client, service: Service, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True  # the public address is HTTPS; the proxy need not say so
    found = links.addresses(book(service, at("09:00")))
    for address, name in ((found.manage, "vestibule_appointment"), (found.visit, "vestibule_visit")):
        cookie = client.get(local(address)).cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_the_cookie_of_a_revoked_link_opens_nothing(client: Client, service: Service) -> None:
    appointment = book(service, at("09:00"))
    client.get(local(links.addresses(appointment).manage))
    assert client.get("/appointment").status_code == 200
    capability.revoke(appointment.ref)
    for path in ("/appointment", "/appointment/move", "/appointment/appointment.ics", "/appointment/join"):
        assert client.get(path).status_code == 404
    assert client.post("/appointment/cancel").status_code == 404
    assert Appointment.objects.get().status == Appointment.Status.BOOKED


def test_the_visit_of_a_cancelled_appointment_is_closed_to_the_cookie_it_left(client: Client, service: Service) -> None:
    appointment = book(service, at("09:00"))
    client.get(local(links.addresses(appointment).visit))
    lifecycle.cancel(manager_of(service.business), appointment)
    assert client.get("/visit").status_code == 410


def test_one_purpose_does_not_open_the_other(client: Client, service: Service) -> None:
    found = links.addresses(book(service, at("09:00")))
    manage, visit = (urlsplit(one).query for one in (found.manage, found.visit))
    assert client.get(f"/appointment?{visit}").status_code == 404
    assert client.get(f"/visit?{manage}").status_code == 404


@pytest.mark.parametrize("path", ["/appointment", "/visit", "/api/v1/appointments"])
def test_a_token_in_an_address_reaches_neither_the_log_nor_another_site(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.get(path, {"v": A_TOKEN})
    assert answer.status_code in (401, 404)
    assert A_TOKEN not in caplog.text
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_claimed_host_gets_into_no_link(client: Client, service: Service) -> None:
    given = {**CLEO, "start": at("09:00").isoformat()}
    assert client.post(page_of(service, "/details"), given, headers={"host": "evil.example"}).status_code == 400
    make_user(email="mara@example.org", password="three unrelated words")
    answer = client.post("/account/password/forgotten", {"email": "mara@example.org"}, headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("path", ["/", "/signin", "/test-call", "/appointment", "/visit"])
def test_no_page_lets_foreign_scripts_in_or_itself_be_framed(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy
    assert ("frame-ancestors 'none'" in policy, answer["X-Frame-Options"]) == (True, "DENY")


# --- keys and the public API --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["setup:read", "setup:write", "results:read", "activity:read"])
def test_a_key_without_a_scope_for_appointments_reads_none(service: Service, scope: str) -> None:
    public = Caller(service.business)
    ref = public.book(service).json()["id"]
    key = public.with_key(scope)
    assert key.get(f"/appointments/{ref}").status_code == 404
    assert key.send("POST", f"/appointments/{ref}/cancel").status_code == 404
    assert public.with_key("appointments:read").get(f"/appointments/{ref}").status_code == 200


def test_the_public_is_not_told_when_somebody_is_busy(service: Service) -> None:
    public = Caller(service.business)
    public.book(service)
    path = f"/businesses/{service.business.slug}/slots/explain"

    def told(caller: Caller) -> str:
        verdicts = caller.get(path, service=service.slug, start="2030-03-04T09:00:00Z").json()["verdicts"]
        return next(str(one["detail"]) for one in verdicts if one["rule"] == "busy")

    assert told(public) == ""
    assert told(public.with_key("setup:read")) == ""
    assert "09:00" in told(public.with_key("appointments:read"))


def test_too_many_parameters_are_a_problem_and_no_incident(service: Service) -> None:
    answer = Caller(service.business).get(
        f"/businesses/{service.business.slug}/slots", **{f"a{n}": "1" for n in range(1100)}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


# --- the survey -----------------------------------------------------------------------------------------------------


def test_a_booking_alone_is_no_visit_to_judge(client: Client, service: Service) -> None:
    (asked,) = survey.put(
        manager_of(service.business), service.business, "consumer", [survey.Wanted("stars", "How?", asks_comment=True)]
    )
    appointment = book(service, at("09:00"))
    client.get(local(links.addresses(appointment).visit))
    assert "How?" not in text_of(client.get("/visit/ended"))
    assert client.post("/visit/ended", {"score": "1"}).status_code == 422
    seat = Participant.objects.get(meeting=appointment.meeting, kind="consumer")
    with pytest.raises(Invalid):
        survey.answer(seat, {asked.ref: survey.Given(score=1)})


# --- signing in -----------------------------------------------------------------------------------------------------


def test_signing_in_does_not_tell_who_has_an_account(service: Service) -> None:
    make_membership(
        business=service.business, user=make_user(email="mara@example.org", password="three unrelated words")
    )

    def page(path: str, name: str, email: str) -> tuple[int, str, str]:
        answer = Client().post(path, {name: email, "password": "a wrong password"})
        text = text_of(answer).replace(email, "")
        return answer.status_code, answer.get("Location", ""), text.split('name="csrfmiddlewaretoken"')[0]

    for path, name in (("/signin", "login"), ("/signin/code", "email"), ("/account/password/forgotten", "email")):
        assert page(path, name, "mara@example.org") == page(path, name, "nobody@example.org")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_after_signing_in_one_stays_here(client: Client, service: Service, target: str) -> None:
    user = make_user(email="mara@example.org", password="three unrelated words")
    make_membership(business=service.business, user=user, role=Role.VIEWER)
    given = {"login": user.email, "password": "three unrelated words", "next": target}
    answer = client.post("/signin", given)
    assert (answer.status_code, answer["Location"]) == (302, "/account/start")


def test_a_session_from_before_signing_in_is_worth_nothing_after(client: Client, service: Service) -> None:
    user = make_user(email="mara@example.org", password="three unrelated words")
    make_membership(business=service.business, user=user)
    client.cookies["sessionid"] = "chosen-by-somebody-else-0001"
    client.post("/signin", {"login": user.email, "password": "three unrelated words"})
    assert client.cookies["sessionid"].value != "chosen-by-somebody-else-0001"


# --- what lies on the disk --------------------------------------------------------------------------------------------


def test_the_data_folder_and_the_secret_are_for_the_servers_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    server_secret(load({"VESTIBULE_DATA": str(folder)}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
