"""Files over HTTP: who may send, how a lost network goes on, who gets them, and what browsers are told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from tests.chat.files import PDF, photo
from tests.meetings.scene import Visit, add_helper, make_appointment, make_visit
from tests.web.files.browsers import (
    body,
    by_link,
    let_in,
    make_appointed_visit,
    on_own_page,
    post,
    send,
    send_part,
    signed_in,
)
from vestibule.chat import files
from vestibule.chat.models import Attachment, Message
from vestibule.meetings import notes, visit_rules, waiting
from vestibule.meetings.models import Participant, VisitRules
from vestibule.people.models import CapabilityLink
from vestibule.store import clock

pytestmark = pytest.mark.django_db
Opened = Callable[[Participant], Client]


@pytest.fixture
def visit(settings: Any) -> Visit:
    return make_appointed_visit(settings)


def test_a_file_reaches_the_other_side_both_ways(visit: Visit) -> None:
    consumer, provider = let_in(visit), signed_in(visit)
    content = PDF + bytes(files.PART_BYTES)
    for sender, reader in ((consumer, provider), (provider, consumer)):
        ref = send(sender, content, meeting=visit.meeting.ref if sender is provider else "")
        for browser in (reader, sender):
            asked = browser.get(f"/uploads/{ref}")
            assert (asked.status_code, asked["Cache-Control"]) == (302, "no-store")
            assert body(Client().get(asked["Location"])) == content
    authors = list(Message.objects.order_by("seq").values_list("author", flat=True))
    assert authors == [visit.consumer.ref, visit.provider.ref]


def test_before_the_visit_the_consumer_sends_from_the_appointment_page(visit: Visit) -> None:
    consumer, provider = on_own_page(visit), signed_in(visit)
    ref = send(consumer, PDF, at="/appointment/uploads")
    assert provider.get(f"/uploads/{ref}").status_code == 302
    assert consumer.get(f"/appointment/uploads/{ref}").status_code == 302
    assert consumer.get(f"/uploads/{ref}").status_code == 404
    theirs = send(provider, PDF, meeting=visit.meeting.ref)
    assert consumer.get(f"/appointment/uploads/{theirs}").status_code == 302


def test_after_a_lost_network_sending_goes_on_where_it_stood(visit: Visit) -> None:
    browser = let_in(visit)
    content = PDF.ljust(files.PART_BYTES * 2, b"\n")
    ref = post(browser, "/uploads", name="scan.pdf", size=len(content)).json()["ref"]
    path = f"/uploads/{ref}"
    assert send_part(browser, path, 0, content[: files.PART_BYTES])["Upload-Offset"] == str(files.PART_BYTES)
    stands = browser.head(path)
    assert (stands["Upload-Offset"], stands["Upload-Length"]) == (str(files.PART_BYTES), str(len(content)))
    again = send_part(browser, path, 0, content[: files.PART_BYTES])
    assert (again.status_code, again["Upload-Offset"], again.json()["code"]) == (
        409,
        str(files.PART_BYTES),
        "wrong_offset",
    )
    assert post(browser, f"{path}/finish", client_id="c1").status_code == 409
    assert send_part(browser, path, files.PART_BYTES, content[files.PART_BYTES :]).status_code == 204
    first = post(browser, f"{path}/finish", client_id="c1", text="Here it is")
    assert (first.status_code, post(browser, f"{path}/finish", client_id="c1").json()) == (201, first.json())
    assert Message.objects.get().text == "Here it is"


def test_a_file_may_be_given_up(visit: Visit) -> None:
    browser = let_in(visit)
    ref = post(browser, "/uploads", name="scan.pdf", size=5).json()["ref"]
    assert browser.delete(f"/uploads/{ref}").status_code == 204
    assert browser.head(f"/uploads/{ref}").status_code == 404
    assert not Attachment.objects.exists()


def test_browsers_are_told_to_run_nothing_and_guess_nothing(visit: Visit) -> None:
    browser = let_in(visit)
    for content, name, how in ((PDF, "scan.pdf", "attachment"), (photo(), "me.jpg", "inline")):
        ref = send(browser, content, name=name)
        for path in (f"/uploads/{ref}", *([f"/uploads/{ref}/small"] if how == "inline" else [])):
            answer = Client().get(browser.get(path)["Location"])
            assert answer["Content-Disposition"].startswith(f"{how}; filename=")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
            assert not answer.cookies


def test_a_name_cannot_leave_its_header(visit: Visit) -> None:
    browser = let_in(visit)
    ref = send(browser, PDF, name='..\\..\\a"; x\r\nSet-Cookie: a=b\u202efdp.exe')
    answer = Client().get(browser.get(f"/uploads/{ref}")["Location"])
    assert not {"\n", "\u202e"} & set(answer["Content-Disposition"])
    assert ".." not in answer["Content-Disposition"]
    assert not answer.cookies


def test_an_address_lives_for_a_minute_and_cannot_be_made(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = let_in(visit)
    ref = send(browser, PDF)
    address = browser.get(f"/uploads/{ref}")["Location"]
    assert Client().get(address).status_code == 200
    for forged in (f"/files/{ref}", "/files/" + signing.dumps(f"{ref}:whole"), address + "x", "/files/..%2f..%2fetc"):
        assert Client().get(forged).status_code == 404, forged
    import time

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert Client().get(address).status_code == 404


def test_somebody_waiting_or_a_stranger_neither_sends_nor_reads(visit: Visit) -> None:
    ref = send(let_in(visit), PDF)
    helper = add_helper(visit)
    at_the_door = by_link(helper)
    waiting.arrive(helper.ref)
    waiting.enter_waiting(helper.ref)
    elsewhere = make_visit()
    make_appointment(elsewhere)
    for browser in (at_the_door, Client(), let_in(elsewhere), signed_in(elsewhere), on_own_page(elsewhere)):
        for path in (f"/uploads/{ref}", f"/uploads/{ref}/small", f"/appointment/uploads/{ref}"):
            assert browser.get(path).status_code == 404
        for answer in (
            browser.head(f"/uploads/{ref}"),
            send_part(browser, f"/uploads/{ref}", len(PDF), b"x"),
            post(browser, f"/uploads/{ref}/finish", client_id="mine"),
            browser.delete(f"/uploads/{ref}"),
        ):
            assert answer.status_code == 404
        announced = post(browser, "/uploads", name="x.pdf", size=5, meeting=visit.meeting.ref)
        thread = visit.meeting.thread_id
        assert Attachment.objects.filter(thread_id=thread).count() == 1, announced.content
    assert post(at_the_door, "/uploads", name="x.pdf", size=5).status_code == 403
    assert post(Client(), "/uploads", name="x.pdf", size=5).status_code == 404


def test_nobody_goes_on_with_the_file_of_another_in_the_same_thread(visit: Visit) -> None:
    mine, theirs = let_in(visit), signed_in(visit)
    ref = post(mine, "/uploads", name="scan.pdf", size=len(PDF)).json()["ref"]
    assert send_part(theirs, f"/uploads/{ref}", 0, PDF).status_code == 404
    assert theirs.delete(f"/uploads/{ref}").status_code == 404
    assert theirs.get(f"/uploads/{ref}").status_code == 404


def test_somebody_taken_out_gets_no_new_address(visit: Visit) -> None:
    browser, own_page = let_in(visit), on_own_page(visit)
    ref = send(browser, PDF)
    half = post(browser, "/uploads", name="scan.pdf", size=5).json()["ref"]
    assert browser.get(f"/uploads/{ref}").status_code == 302
    waiting.remove(visit.host, visit.consumer.ref)
    assert browser.get(f"/uploads/{ref}").status_code == 404
    assert own_page.get(f"/appointment/uploads/{ref}").status_code == 404
    assert send_part(browser, f"/uploads/{half}", 0, b"%PDF-").status_code == 404
    assert post(browser, "/uploads", name="x.pdf", size=5).status_code == 403


def test_sending_ends_with_the_visit_link_and_reading_goes_on(visit: Visit) -> None:
    browser = let_in(visit)
    ref = send(browser, PDF)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert post(browser, "/uploads", name="x.pdf", size=5).status_code == 201
    CapabilityLink.objects.filter(subject=visit.consumer.ref).update(expires_at=clock.now())
    assert post(browser, "/uploads", name="x.pdf", size=5).status_code == 403
    assert browser.get(f"/uploads/{ref}").status_code == 302


def test_a_business_may_do_without_files(visit: Visit) -> None:
    browser = let_in(visit)
    VisitRules.objects.create(business=visit.meeting.business, files=False)
    assert not visit_rules.of(visit.meeting.business_id).files
    assert post(browser, "/uploads", name="x.pdf", size=5).status_code == 403


def test_somebody_let_in_late_gets_no_file_from_before(visit: Visit) -> None:
    VisitRules.objects.create(business=visit.meeting.business, history=VisitRules.History.SINCE_JOINING)
    consumer = let_in(visit)
    before = send(consumer, PDF)
    clock.advance(60)
    helper = let_in(visit, add_helper(visit))
    clock.advance(60)
    after = send(consumer, PDF)
    assert helper.get(f"/uploads/{before}").status_code == 404
    assert helper.get(f"/uploads/{after}").status_code == 302
    notes.send(visit.host, visit.meeting.ref, "As we spoke.", [before])
    assert helper.get(f"/uploads/{before}").status_code == 404


def test_a_request_without_its_token_is_refused(visit: Visit) -> None:
    cookies = let_in(visit).cookies
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cookies
    assert post(strict, "/uploads", name="x.pdf", size=5).status_code == 403
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "told", [{}, {"size": "5"}, {"size": 1.5}, {"size": True}, {"size": 5, "name": 7}, {"size": 2**70}]
)
def test_what_cannot_be_read_is_refused_in_words(visit: Visit, told: dict[str, Any]) -> None:
    answer = post(let_in(visit), "/uploads", **told)
    assert answer.status_code in (413, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize("offset", ["", "-1", "x", "９", "9" * 30])
def test_an_offset_is_a_number(visit: Visit, offset: str) -> None:
    browser = let_in(visit)
    ref = post(browser, "/uploads", name="x.pdf", size=5).json()["ref"]
    answer = browser.patch(f"/uploads/{ref}", b"x", headers={"Upload-Offset": offset})
    assert answer.status_code == 422


def test_announcing_is_counted(visit: Visit) -> None:
    browser = let_in(visit)
    answers = [post(browser, "/uploads", name="x", size=5).status_code for _each in range(61)]
    assert (answers[0], answers[-1]) == (201, 429)
