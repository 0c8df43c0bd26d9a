"""The conversation on a page: without script a list and a form, for whoever may read it."""

from typing import Any

import pytest
from django.test import Client

from tests.chat.files import PDF
from tests.meetings.scene import Visit
from tests.web.files.browsers import by_link, let_in, make_appointed_visit, on_own_page, send, signed_in
from vestibule.chat import members, verbs
from vestibule.chat.members import Newcomer
from vestibule.chat.models import Message
from vestibule.meetings import talking, waiting
from vestibule.people import identities, rates
from vestibule.people.models import ProgramIdentity
from vestibule.store import clock
from vestibule.web.templatetags.conversations import safe_links

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(settings: Any) -> Visit:
    rates.forget_all()
    return make_appointed_visit(settings)


def staff_page(visit: Visit) -> str:
    return f"/desk/visit/{visit.meeting.ref}/messages"


def write(browser: Client, path: str, text: str, client_id: str = "c1") -> Any:
    return browser.post(path, {"text": text, "client_id": client_id})


def test_both_sides_write_and_read_before_the_visit(visit: Visit) -> None:
    consumer, provider = on_own_page(visit), signed_in(visit)
    assert b"No messages yet" in consumer.get("/appointment/messages").content
    assert write(consumer, "/appointment/messages", "Shall I bring the <b>X-ray</b>?").status_code == 302
    shown = provider.get(staff_page(visit)).content.decode()
    assert "Shall I bring the &lt;b&gt;X-ray&lt;/b&gt;?" in shown
    assert write(provider, staff_page(visit), "Yes, see https://clinic.example/x-ray.").status_code == 302
    answer = consumer.get("/appointment/messages").content.decode()
    assert '<a href="https://clinic.example/x-ray" target="_blank" rel="noopener noreferrer nofollow">' in answer
    assert verbs.unread(visit.meeting.thread_id, visit.consumer.ref) == 0


def test_both_sides_see_who_reads_along_through_a_program(visit: Visit) -> None:
    consumer, provider = on_own_page(visit), signed_in(visit)
    assert b"from another app" not in consumer.get("/appointment/messages").content
    identity = ProgramIdentity.objects.create(business=visit.meeting.business)
    members.add_to_meeting(visit.meeting.thread, [Newcomer(identities.key_of_guid(identity.guid), "Triage <robot>")])
    for browser, path in ((consumer, "/appointment/messages"), (provider, staff_page(visit))):
        shown = browser.get(path).content.decode()
        assert "Also in this conversation, from another app: Triage &lt;robot&gt;" in shown
        assert "Only the people" not in shown


def test_a_form_sent_twice_is_stored_once(visit: Visit) -> None:
    browser = on_own_page(visit)
    for _twice in range(2):
        write(browser, "/appointment/messages", "once")
    assert Message.objects.count() == 1


def test_what_was_not_sent_is_kept_in_the_box_and_said_why(visit: Visit) -> None:
    answer = write(on_own_page(visit), "/appointment/messages", "x" * 4001)
    assert answer.status_code == 422
    assert b"longer than 4000 characters" in answer.content
    assert b"x" * 4001 in answer.content


def test_nobody_from_outside_fills_a_conversation_while_staff_write_on(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "SAID", 3)
    browser, provider = on_own_page(visit), signed_in(visit)
    answers = [write(browser, "/appointment/messages", "more", f"c{number}").status_code for number in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert Message.objects.count() == 3
    staff = [write(provider, staff_page(visit), "more", f"s{number}").status_code for number in range(5)]
    assert staff == [302] * 5


def test_files_and_messages_taken_back_are_shown(visit: Visit) -> None:
    browser = on_own_page(visit)
    ref = send(browser, PDF, at="/appointment/uploads", name="x-ray.pdf")
    write(browser, "/appointment/messages", "oops")
    verbs.delete(visit.meeting.thread_id, visit.consumer.ref, 2)
    shown = browser.get("/appointment/messages").content.decode()
    assert f'href="/appointment/uploads/{ref}"' in shown
    assert "not scanned for viruses" in shown
    assert "This message was deleted." in shown
    assert "oops" not in shown


def test_after_the_visit_it_is_read_on_and_closes_in_the_end(visit: Visit) -> None:
    browser = let_in(visit)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert write(browser, "/visit/messages", "Thank you").status_code == 302
    clock.advance(2 * 24 * 3600)
    browser = by_link(visit.consumer)
    visit.consumer.refresh_from_db()
    own = on_own_page(visit)
    assert b"Thank you" in own.get("/appointment/messages").content


def test_it_is_shut_to_everybody_else(visit: Visit) -> None:
    strangers = (Client(), by_link(visit.consumer))
    for browser in strangers:
        assert browser.get("/visit/messages").status_code in (403, 404)
        assert browser.get("/appointment/messages").status_code == 404
    assert Client().get(staff_page(visit)).status_code == 302
    from tests.meetings.scene import make_visit

    assert signed_in(make_visit()).get(staff_page(visit)).status_code == 404


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see http://a.example/x?y=1&z=2.", 'href="http://a.example/x?y=1&amp;z=2"'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://bank.example@evil.example/", "https://bank.example@evil.example/"),
        ('http://a.example/"onmouseover="x', "&quot;onmouseover=&quot;x"),
        ("one\ntwo", "one<br>two"),
    ],
)
def test_only_web_addresses_become_links(text: str, shown: str) -> None:
    result = safe_links(text)
    assert shown in result
    assert ("<a" in result) == shown.startswith(("href", "&quot;"))


def test_the_page_of_staff_has_the_bar_of_staff_and_that_of_consumers_has_not(visit: Visit) -> None:
    assert b'masthead--staff"' in signed_in(visit).get(staff_page(visit)).content
    assert b'masthead--staff"' not in on_own_page(visit).get("/appointment/messages").content
