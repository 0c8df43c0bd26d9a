"""After the visit, as staff see it: notes nobody else sees, a message to the consumer, how it went."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from tests.booking.factories import at, book, make_service
from tests.factories import make_membership, make_user, manager_of
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.experience import survey
from vestibule.experience.models import SurveyAnswer
from vestibule.meetings import calls, waiting
from vestibule.meetings.models import Meeting, Participant, VisitNote
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock
from vestibule.web import assets

pytestmark = pytest.mark.django_db
SECRET = "Suspects a rare thing, wants an X-ray"


@pytest.fixture
def appointment() -> Appointment:
    clock.set_to(at("08:00") - timedelta(days=3))
    made = book(make_service(), at("10:00"))
    clock.set_to(at("09:55"))
    return made


@pytest.fixture
def meeting(appointment: Appointment) -> Meeting:
    assert appointment.meeting is not None
    return appointment.meeting


@pytest.fixture
def provider(appointment: Appointment) -> Client:
    """The provider, signed in."""
    return signed_in(appointment, Role.PROVIDER, is_provider=True)


def signed_in(appointment: Appointment, role: Role, *, is_provider: bool = False) -> Client:
    membership = make_membership(business=appointment.business, user=make_user(), role=role)
    if is_provider:
        appointment.provider.membership = membership
        appointment.provider.save()
    browser = Client()
    browser.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def guest(meeting: Meeting) -> Participant:
    return Participant.objects.get(meeting=meeting, kind="consumer")


def visited(appointment: Appointment) -> Client:
    """The consumer's browser after a visit that took place."""
    browser = Client()
    address = links.addresses(appointment).visit
    browser.get(address[address.index("/visit") :])
    seat = Participant.objects.get(meeting=appointment.meeting, kind="consumer")
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)
    waiting.admit(SYSTEM, seat.ref)
    host = Participant.objects.get(meeting=appointment.meeting, provider=appointment.provider)
    waiting.arrive(host.ref)
    calls.join_call(host.ref)
    waiting.end_for_all(SYSTEM, seat.meeting.ref)
    return browser


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def keep(browser: Client, meeting: Meeting, text: str, seen: str = "") -> Any:
    """Keep a note as the script does."""
    address = f"/desk/visit/{meeting.ref}/notes"
    return browser.post(address, {"text": text, "seen": seen}, headers={"Accept": "application/json"})


def test_notes_are_kept_as_they_are_written(provider: Client, meeting: Meeting) -> None:
    first = keep(provider, meeting, "Looks").json()
    clock.set_to(at("09:56"))
    assert keep(provider, meeting, SECRET, first["seen"]).status_code == 200
    note = VisitNote.objects.get()
    assert (note.text, note.kind, note.sent_at) == (SECRET, "private", None)
    assert SECRET in text_of(provider.get(f"/desk/visit/{meeting.ref}/notes"))


def test_two_tabs_do_not_overwrite_each_other(provider: Client, meeting: Meeting) -> None:
    opened = keep(provider, meeting, "First").json()["seen"]
    clock.set_to(at("09:56"))
    keep(provider, meeting, "Second", opened)
    clock.set_to(at("09:57"))
    refused = keep(provider, meeting, "Third", opened)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_elsewhere")
    assert VisitNote.objects.get().text == "Second"


def test_a_stamp_without_a_zone_is_none(provider: Client, meeting: Meeting) -> None:
    keep(provider, meeting, "First")
    assert keep(provider, meeting, "Second", "2026-01-01T09:00").status_code == 200


def test_no_door_of_the_consumer_shows_a_private_note(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    keep(provider, meeting, SECRET)
    browser = visited(appointment)
    own = links.addresses(appointment)
    assert browser.get(own.manage[own.manage.index("/appointment") :], follow=True).status_code == 200
    ref = VisitNote.objects.get().ref
    for path in (
        *("/visit", "/visit/ended", "/appointment", "/visit/by-phone", "/appointment/appointment.ics"),
        *(f"/desk/visit/{meeting.ref}/notes", f"/desk/visit/{meeting.ref}/ended", f"/files/{ref}", f"/uploads/{ref}"),
        f"/api/v1/appointments/{appointment.ref}",
    ):
        assert SECRET not in text_of(browser.get(path)), path
    token = own.manage.partition("v=")[2]
    shown = Client().get(f"/api/v1/appointments/{appointment.ref}", headers={"Authorization": f"Bearer {token}"})
    assert SECRET not in text_of(shown)
    browser.post(f"/desk/visit/{meeting.ref}/notes", {"text": "mine now"})
    assert VisitNote.objects.get().text == SECRET
    assert not OutboxMessage.objects.filter(kind="visit_note").exists()


def test_a_provider_who_does_not_host_it_sees_and_writes_nothing(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    keep(provider, meeting, SECRET)
    other = signed_in(appointment, Role.PROVIDER)
    for answer in (other.get(f"/desk/visit/{meeting.ref}/notes"), keep(other, meeting, "mine")):
        assert answer.status_code == 403
        assert SECRET not in text_of(answer)
    stranger = signed_in(book(make_service(), at("12:00")), Role.OWNER)
    assert stranger.get(f"/desk/visit/{meeting.ref}/notes").status_code == 404


def test_a_message_waits_on_the_page_and_the_mail_says_nothing_of_it(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    browser = visited(appointment)
    words = "Take the tablets twice a day."
    answer = provider.post(f"/desk/visit/{meeting.ref}/message", {"text": words})
    assert answer.status_code == 302
    mail = OutboxMessage.objects.get(kind="visit_note")
    letter = content.mail(mail, content.tokens_for([mail], clock.now()), clock.now())
    assert words not in letter.subject + letter.text + letter.html
    assert "/appointment?v=" in letter.text
    own = links.addresses(appointment).manage
    shown = text_of(browser.get(own[own.index("/appointment") :], follow=True))
    assert words in shown
    assert words in text_of(browser.get("/visit/ended"))
    assert AuditEntry.objects.filter(action="note.sent", subject_ref=meeting.ref).exists()


def test_a_draft_is_nobodys_to_read_yet(provider: Client, appointment: Appointment, meeting: Meeting) -> None:
    browser = visited(appointment)
    provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "Half a sent", "draft": "1"})
    assert "Half a sent" in text_of(provider.get(f"/desk/visit/{meeting.ref}/ended"))
    assert "Half a sent" not in text_of(browser.get("/visit/ended"))
    assert not OutboxMessage.objects.filter(kind="visit_note").exists()


def pdf_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    pages = PdfReader(io.BytesIO(answer.content), strict=True).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.skipif(not assets.is_built("letters.ttf"), reason="the front end is not built: script/bootstrap")
def test_both_sides_keep_a_message_as_a_pdf_and_nobody_else_does(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    rates.forget_all()
    browser = visited(appointment)
    provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "Take the tablets twice a day."})
    ref = VisitNote.objects.get().ref
    own = links.addresses(appointment).manage
    browser.get(own[own.index("/appointment") :], follow=True)
    ways = ((provider, f"/desk/visit/{meeting.ref}/ended", f"/desk/visit/{meeting.ref}/message/{ref}.pdf"),
            (browser, "/visit/ended", f"/visit/ended/{ref}.pdf"),
            (browser, "/appointment", f"/appointment/messages/{ref}.pdf"))  # fmt: skip
    for reader, page, path in ways:
        assert f'href="{path}"' in text_of(reader.get(page))
        shown = pdf_of(reader.get(path))
        assert "Take the tablets twice a day." in shown
        assert meeting.business.name in shown
        assert appointment.service.name in shown
        assert Client().get(path).status_code in (302, 404), "a stranger"
    stranger = signed_in(book(make_service(), at("12:00")), Role.OWNER)
    colleague = signed_in(appointment, Role.PROVIDER)
    assert stranger.get(ways[0][2]).status_code == 404
    assert colleague.get(ways[0][2]).status_code == 403
    Participant.objects.filter(meeting=meeting, kind="consumer").update(state="removed")
    assert browser.get(ways[1][2]).status_code == 404


def test_a_draft_and_a_private_note_are_on_no_paper(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    rates.forget_all()
    browser = visited(appointment)
    keep(provider, meeting, SECRET)
    provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "Half a sent", "draft": "1"})
    for ref in VisitNote.objects.values_list("ref", flat=True):
        assert browser.get(f"/visit/ended/{ref}.pdf").status_code == 404
        assert provider.get(f"/desk/visit/{meeting.ref}/message/{ref}.pdf").status_code == 404


def test_an_empty_message_is_not_sent(provider: Client, meeting: Meeting) -> None:
    answer = provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "  "})
    assert answer.status_code == 422
    assert "There is nothing to send yet" in text_of(answer)


def test_a_helper_reads_no_message_of_the_consumer(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    visited(appointment)
    provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "For you alone"})
    Participant.objects.filter(meeting=meeting, kind="consumer").update(kind="helper")
    helper = Client()
    address = links.addresses(appointment).visit
    helper.get(address[address.index("/visit") :])
    assert "For you alone" not in text_of(helper.get("/visit/ended"))


@pytest.mark.parametrize("state", ["denied", "removed"])
def test_whoever_staff_turned_away_reads_no_message_by_the_visits_link(
    provider: Client, appointment: Appointment, meeting: Meeting, state: str
) -> None:
    browser = visited(appointment)
    provider.post(f"/desk/visit/{meeting.ref}/message", {"text": "For the real one"})
    Participant.objects.filter(meeting=meeting, kind="consumer").update(state=state)
    assert "For the real one" not in text_of(browser.get("/visit/ended"))


def test_staff_put_right_how_it_went_where_the_visit_ended(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    visited(appointment)
    clock.set_to(at("10:20"))
    page = text_of(provider.get(f"/desk/visit/{meeting.ref}/ended"))
    assert "Was it otherwise?" in page
    answer = provider.post(f"/manage/appointments/{appointment.ref}/not-seen", {"back": "ended"})
    assert answer["Location"] == f"/desk/visit/{meeting.ref}/ended"
    appointment.refresh_from_db()
    assert appointment.status == "not_seen"


def test_staff_answer_the_question_with_one_tap_and_once(
    provider: Client, appointment: Appointment, meeting: Meeting
) -> None:
    asked = [survey.Wanted("thumbs", "Did it work?")]
    survey.put(manager_of(appointment.business), appointment.business, "provider", asked)
    seat = Participant.objects.get(meeting=meeting, provider=appointment.provider)
    waiting.arrive(seat.ref)
    for score in ("1", "0"):
        assert provider.post(f"/desk/visit/{meeting.ref}/ended", {"score": score}).status_code == 302
    assert list(SurveyAnswer.objects.values_list("participant", "score")) == [(seat.pk, 0)]


@pytest.mark.parametrize("page", ["ended", "notes", "recordings", "log"])
def test_every_page_of_a_visit_names_the_business_and_offers_only_what_the_reader_may_open(
    provider: Client, meeting: Meeting, page: str
) -> None:
    shown = provider.get(f"/desk/visit/{meeting.ref}/{page}").content.decode()
    assert meeting.business.name in shown
    assert 'href="/manage/activity"' not in shown
    assert 'href="/desk"' in shown
