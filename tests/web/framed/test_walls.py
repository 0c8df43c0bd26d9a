"""Who may frame what: exact for every kind of answer; and nothing a browser sends by itself counts in a frame."""

import re
import time
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.http import HttpRequest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_membership
from tests.web.framed.frame import SITE, Frame, allow, ancestors
from vestibule.booking import links
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.people.permissions import Role
from vestibule.web.framed import following, tickets
from vestibule.web.framed.tickets import Ticket

pytestmark = pytest.mark.django_db
OTHER = "https://shop.example:8443"
WELCOME = f"'self' {SITE} {OTHER}"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def service() -> Service:
    found = make_service()
    allow(found.business, SITE, OTHER)
    return found


@pytest.fixture
def frame(service: Service) -> Frame:
    return Frame(service.business)


def path_of(link: str) -> str:
    """A link without the address of the server."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def is_shut(answer: Any) -> bool:
    return ancestors(answer) == "'none'" and answer["X-Frame-Options"] == "DENY"


def test_pages_of_a_frame_may_stand_in_the_listed_sites_and_ours_alone(frame: Frame, service: Service) -> None:
    path = f"/book/{service.business.slug}"
    answers = [
        frame.answer,
        frame.open(f"{path}/{service.slug}"),
        frame.open(f"{path}/nothing"),
        frame.open("/appointment"),
    ]
    answers += [frame.send(f"{path}/{service.slug}/hold", {"start": "never"}), frame.open("/manage")]
    answers += [frame.open("/waitlist/accept"), frame.fetch("/test-call/relay", {})]
    assert [one.status_code for one in answers] == [200, 200, 404, 404, 422, 200, 405, 200]
    assert {ancestors(one) for one in answers} == {WELCOME}
    assert not any("X-Frame-Options" in one for one in answers)
    assert not any(one.cookies for one in answers)


def test_everything_else_is_framed_by_nobody(client: Client, service: Service) -> None:
    for path in (f"/book/{service.business.slug}", "/visit", "/appointment", "/signin", "/", "/nothing", "/test-call"):
        assert is_shut(client.get(path)), path


@pytest.mark.parametrize(
    "origin", ["", "https://evil.example", SITE + "/", SITE.upper(), "null", SITE + ".evil.example"]
)
def test_a_site_that_is_not_listed_is_told_so_and_shown_nothing(service: Service, origin: str) -> None:
    frame = Frame(service.business, origin=origin)
    assert (frame.answer.status_code, frame.ticket) == (403, "")
    assert is_shut(frame.answer)
    assert frame.answer["Access-Control-Allow-Origin"] == "*"
    assert "This site may not show our page" in frame.text


def test_a_business_that_nobody_knows_is_404(client: Client) -> None:
    answer = client.get("/embed/nobody/book", {"origin": SITE})
    assert (answer.status_code, is_shut(answer), answer["Access-Control-Allow-Origin"]) == (404, True, "*")


def test_our_own_origin_needs_no_permission() -> None:
    assert Frame(make_service().business, origin="http://testserver").answer.status_code == 200


def test_a_web_view_is_no_frame(service: Service) -> None:
    frame = Frame(service.business, origin="", app="1")
    assert (frame.answer.status_code, is_shut(frame.answer), frame.meta("origin")) == (200, True, "app")
    assert is_shut(frame.open(f"/book/{service.business.slug}/{service.slug}"))


def test_a_site_that_is_taken_out_goes_no_further(frame: Frame, service: Service) -> None:
    allow(service.business, OTHER)
    answer = frame.open(f"/book/{service.business.slug}/{service.slug}")
    assert (answer.status_code, is_shut(answer)) == (403, True)


@pytest.mark.parametrize("ticket", ["", "forged", "x" * 9000], ids=["empty", "forged", "long"])
def test_a_false_ticket_does_nothing(frame: Frame, service: Service, ticket: str) -> None:
    frame.ticket = ticket
    path = f"/book/{service.business.slug}/{service.slug}"
    for answer in (frame.send(f"{path}/hold", {"start": "2030-03-04T09:00:00Z"}), frame.open(path), frame.fetch(path)):
        assert (answer.status_code, is_shut(answer)) == (403, True)
    assert not Hold.objects.exists()


def test_a_ticket_that_is_too_old_says_how_to_begin_again_in_the_frame(frame: Frame, service: Service) -> None:
    with mock.patch("time.time", return_value=time.time() + tickets.AGE.total_seconds() + 60):
        answer = frame.send(f"/book/{service.business.slug}/{service.slug}/hold", {"start": "2030-03-04T09:00:00Z"})
        assert (answer.status_code, ancestors(answer)) == (403, WELCOME)
        again = re.search(r'href="(/embed/[^"]+)"', frame.text)
        assert again is not None
        assert frame.take(frame.client.get(again[1].replace("&amp;", "&"))).status_code == 200
    assert not Hold.objects.exists()


def test_a_ticket_that_another_page_sends_does_nothing(frame: Frame, service: Service) -> None:
    path = f"/book/{service.business.slug}/{service.slug}/hold"
    form = {"_ticket": frame.ticket, "start": "2030-03-04T09:00:00Z"}
    answer = frame.client.post(path, form, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, is_shut(answer), Hold.objects.exists()) == (403, True, False)


def test_a_form_without_a_ticket_still_needs_its_token(service: Service) -> None:
    browser = Client(enforce_csrf_checks=True)
    path = f"/book/{service.business.slug}/{service.slug}/hold"
    for form in ({}, {"_method": "GET"}):
        assert browser.post(path, form).status_code == 403


def test_a_frame_for_one_business_shows_nothing_of_another(frame: Frame, service: Service) -> None:
    other = make_service(business=make_business())
    appointment = book(other, at("10:00"))
    allow(other.business)
    for path in (
        f"/book/{other.business.slug}",
        f"/walk-in/{other.business.slug}",
        f"/embed/{other.business.slug}/visit",
    ):
        page = frame.send(path) if path.startswith("/embed") else frame.open(path)
        assert ancestors(page) == WELCOME
        assert other.business.name not in frame.text or "window of its own" in frame.text
    address = links.addresses(appointment)
    for link in (address.manage, address.visit):
        assert frame.open(path_of(link)).status_code == 404
        assert "does not work" in frame.text
    assert set(tickets.read(frame.ticket).cookies) <= {"vestibule_zone", "language"}


def test_a_signed_in_owner_is_a_stranger_in_a_frame(service: Service) -> None:
    owner = make_membership(business=service.business, role=Role.OWNER)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner.user, backend=BACKEND)
    appointment = book(service, at("10:00"))
    link = links.addresses(appointment).manage
    browser.get(path_of(link))
    assert browser.get("/appointment").status_code == 200
    frame = Frame(service.business, client=browser)
    assert frame.open("/appointment").status_code == 404
    for path in ("/manage", "/desk", "/signin", "/account", "/", "/dev/outbox", "/healthz"):
        frame.open(path)
        assert "This opens in a window of its own" in frame.text, path
        assert f'href="{path}"' in frame.text
        assert owner.user.email not in frame.text
    assert browser.get("/manage").status_code == 200


def test_a_redirect_without_end_becomes_a_page(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "leads_to", lambda _answer: "/visit")
    asked: list[str] = []

    def opened(request: HttpRequest, path: str, _frame: object) -> HttpRequest:
        asked.append(path)
        return request

    monkeypatch.setattr(following, "opened", opened)
    frame.open("/visit")
    assert "This opens in a window of its own" in frame.text
    assert len(asked) == following.MOST + 1


def test_a_redirect_elsewhere_becomes_a_link_in_a_new_window(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "leads_to", lambda _answer: "https://forms.example/?a=1&b=2")
    answer = frame.open("/visit")
    assert "Location" not in answer
    assert 'href="https://forms.example/?a=1&amp;b=2" target="_blank"' in frame.text


def test_a_ticket_stands_nowhere_but_in_its_place(
    frame: Frame, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    path = f"/book/{service.business.slug}/{service.slug}"
    seen = [frame.ticket]
    for answer in (frame.open(path), frame.send(f"{path}/hold", {"start": "gone"}), frame.open("/nothing")):
        seen.append(frame.ticket)
        assert frame.text.count(frame.ticket) == 1
        assert not any(ticket in value for value in answer.headers.values() for ticket in seen)
    assert not any(ticket in caplog.text for ticket in seen)


def test_no_answer_to_a_frame_is_kept(frame: Frame) -> None:
    assert frame.answer["Cache-Control"] == "no-store"
    assert frame.fetch("/visit")["Cache-Control"] == "no-store"


def test_nothing_forbids_camera_microphone_or_screen(frame: Frame) -> None:
    assert "Permissions-Policy" not in frame.answer
    assert "sandbox" not in frame.answer["Content-Security-Policy"]


def test_programs_know_nothing_of_tickets(client: Client, service: Service) -> None:
    ticket = Ticket(service.business.slug, "book", SITE).signed()
    answer = client.get("/api/v1/appointments", headers={"Vestibule-Ticket": ticket})
    assert (answer.status_code, Appointment.objects.exists()) == (401, False)
