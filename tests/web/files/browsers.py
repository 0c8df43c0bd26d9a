"""The browsers of a visit's people, and what they send: for tests of files and conversations over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.meetings.scene import Visit, make_appointment, make_visit
from tests.web.live.talk import link_to
from tests.windows import at_a_new_window
from vestibule.chat import checking, files
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant
from vestibule.people import links, rates
from vestibule.people.models import User
from vestibule.web.consumer import link_cookie
from vestibule.web.live.authorise import VISIT_COOKIE, sign_visit


def make_appointed_visit(settings: Any) -> Visit:
    """A visit with its appointment, nobody limited yet and nothing listening; `settings` of the test."""
    rates.forget_all()
    at_a_new_window(600)
    settings.MEETING_LISTENERS = []
    made = make_visit()
    make_appointment(made)
    return made


def by_link(seat: Participant) -> Client:
    """A browser that came by the visit link of `seat`."""
    browser = Client()
    browser.cookies[VISIT_COOKIE] = sign_visit(link_to(seat.ref))
    return browser


def let_in(visit: Visit, seat: Participant | None = None) -> Client:
    """The browser of somebody whom staff let in."""
    seat = seat or visit.consumer
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)
    waiting.admit(visit.host, seat.ref)
    return by_link(seat)


def signed_in(visit: Visit) -> Client:
    browser = Client()
    browser.force_login(
        User.objects.get(pk=visit.host.user_id or 0), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return browser


def on_own_page(visit: Visit) -> Client:
    """The browser of the consumer on the page of the appointment."""
    appointment = visit.meeting.appointment
    link = links.issue(
        business_id=visit.meeting.business_id,
        purpose=links.Purpose.MANAGE,
        role="consumer",
        subject=appointment.ref,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    answer = HttpResponse()
    link_cookie.remember(answer, link)
    browser = Client()
    browser.cookies = answer.cookies
    link_to(visit.consumer.ref)
    return browser


def post(browser: Client, path: str, **told: Any) -> Any:
    return browser.post(path, json.dumps(told), content_type="application/json")


def send_part(browser: Client, path: str, offset: int, content: bytes) -> Any:
    headers = {"Upload-Offset": str(offset)}
    return browser.patch(path, content, content_type="application/offset+octet-stream", headers=headers)


def send(browser: Client, content: bytes, *, at: str = "/uploads", name: str = "scan.pdf", meeting: str = "") -> str:
    """Send a whole file and return its reference."""
    ref: str = post(browser, at, name=name, size=len(content), meeting=meeting).json()["ref"]
    for offset in range(0, len(content), files.PART_BYTES):
        part = content[offset : offset + files.PART_BYTES]
        assert send_part(browser, f"{at}/{ref}", offset, part).status_code == 204
    answer = post(browser, f"{at}/{ref}/finish", client_id=ref)
    assert answer.status_code == 201, answer.content
    checking.check_due()
    return ref


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
