"""The files of an appointment, and what else its page says of how it was booked."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.booking.factories import at, wish_for
from tests.factories import manager_of
from tests.web.manager.office import Office, url
from vestibule.booking import again, documents, lifecycle, series
from vestibule.booking.models import Appointment, Document
from vestibule.notifications import consent, rules
from vestibule.notifications.models import ConsentEntry
from vestibule.people.errors import Invalid
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import PUBLIC, SYSTEM, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
CONSENT = {
    **{"id": "privacy", "type": "consent", "label": "Privacy", "required": True, "help": "", "choices": []},
    **{"text": "We keep what you tell us.", "version": "3"},
}


def pdf(name: str = "letter.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7", "application/pdf")


def test_staff_add_a_file_open_it_and_delete_it(office: Office) -> None:
    ref = office.booked.ref
    assert office.manager.post(url("appointment-files", ref), {"file": pdf()}).status_code == 302
    kept = Document.objects.get()
    assert (kept.name, kept.from_staff) == ("letter.pdf", True)
    given = office.manager.get(url("appointment-file", ref, kept.ref))
    assert given.content == b"%PDF-1.7"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.filter(action="document.read", subject_ref=kept.ref).exists()
    office.manager.post(url("appointment-file-remove", ref, kept.ref))
    assert Document.objects.count() == 0


def test_what_is_no_document_is_refused_with_a_sentence(office: Office) -> None:
    page = SimpleUploadedFile("page.html", b"<html><script>alert(1)</script>", "text/html")
    answer = office.manager.post(url("appointment-files", office.booked.ref), {"file": page})
    assert answer.status_code == 422
    assert "This kind of file is not taken" in answer.content.decode()


def test_a_viewer_reads_and_adds_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert viewer.get(url("appointment-files", office.booked.ref)).status_code == 200
    assert viewer.post(url("appointment-files", office.booked.ref), {"file": pdf()}).status_code == 403


def test_the_page_says_which_language_is_needed_and_what_was_agreed_to(office: Office) -> None:
    office.visit.questions = [CONSENT]
    office.visit.save()
    wish = wish_for(office.visit, at("15:00"), consents=("privacy",), language_need="Portuguese")
    booked = lifecycle.book(PUBLIC, wish)
    documents.add(SYSTEM, booked, name="map.png", media_type="", content=b"\x89PNG\r\n\x1a\n")
    page = office.manager.get(url("appointment", booked.ref)).content.decode()
    for words in ("Portuguese", "Agreed to", "We keep what you tell us.", "Version 3", "map.png"):
        assert words in page


def test_the_rest_of_a_series_is_cancelled_from_one_of_it(office: Office) -> None:
    dates = [at("15:00") + timedelta(weeks=number) for number in range(3)]
    first, *later = series.book(SYSTEM, wish_for(office.visit, dates[0]), unit="week", step=1, starts=dates)
    assert "Same series" in office.manager.get(url("appointment", first.ref)).content.decode()
    assert "later ones" in office.manager.get(url("appointment-cancel", first.ref)).content.decode()
    office.manager.post(url("appointment-cancel", later[0].ref), {"reason": "", "rest": "on"})
    assert [one.status for one in [first, *series.others(first)]] == ["booked", "cancelled", "cancelled"]


def test_a_late_provider_says_so_and_the_consumer_reads_it(office: Office) -> None:
    booked = office.booked
    clock.set_to(booked.start - timedelta(minutes=30))
    page = office.manager.get(url("appointment", booked.ref)).content.decode()
    assert "Running late?" in page
    assert office.manager.post(url("appointment-late", booked.ref), {"minutes": "20"}).status_code == 302
    booked.refresh_from_db()
    assert booked.provider_late_minutes == 20
    assert "On time again" in office.manager.get(url("appointment", booked.ref)).content.decode()
    assert office.manager.post(url("appointment-late", booked.ref), {"minutes": "soon"}).status_code == 422
    assert office.as_(Role.VIEWER).post(url("appointment-late", booked.ref), {"minutes": "20"}).status_code == 403


def test_nobody_is_said_to_be_told_of_a_delay_whom_no_message_reaches(office: Office) -> None:
    booked = office.booked
    Appointment.objects.filter(pk=booked.pk).update(phone="")  # and the e-mail is not switched on
    clock.set_to(booked.start - timedelta(minutes=30))
    assert "No message goes out" in office.manager.get(url("appointment", booked.ref)).content.decode()
    answer = office.manager.post(url("appointment-late", booked.ref), {"minutes": "20"}, follow=True)
    assert "Noted. No message goes out" in answer.content.decode()


def test_the_page_says_of_whom_nothing_is_mailed_to(office: Office) -> None:
    Appointment.objects.filter(pk=office.booked.pk).update(takes_mails=False, booked_via="graph")
    page = office.manager.get(url("appointment", office.booked.ref)).content.decode()
    assert "Nothing about this appointment is mailed there" in page
    assert "by a program" in page
    with pytest.raises(Invalid, match="gets no mails"):
        again.resend(manager_of(office.booked.business), Appointment.objects.get(pk=office.booked.pk))


def test_the_page_says_how_it_stands_with_text_messages(office: Office) -> None:
    ref, business = office.booked.ref, office.business
    consent.record(business, "sms", "+41795550111", agrees=True, source="staff", wording="Yes, on the telephone")
    page = office.manager.get(url("appointment", ref)).content.decode()
    assert "entered by staff" in page
    assert "“Yes, on the telephone”" in page
    consent.record(business, "sms", "+41795550111", agrees=False, source="text", wording="STOP")
    assert "Only START from that telephone" in office.manager.get(url("appointment", ref)).content.decode()


def test_staff_who_book_are_told_what_goes_to_the_number_and_tick_where_the_business_asks(office: Office) -> None:
    path = url("book-contact", "first-visit")
    typed = {"name": "Ben", "email": "ben@example.org", "phone": "+41795550199", "start": "2030-03-06T09:00:00Z"}
    page = office.manager.get(f"{path}?start=2030-03-06T09:00:00Z").content.decode()
    assert "Text messages about the appointment go to this number" in page
    assert office.manager.post(path, typed).status_code == 302
    assert ConsentEntry.objects.get().source == "staff"
    rules.change(manager_of(office.business), office.business, asks_for_consent=True)
    typed |= {"start": "2030-03-06T10:00:00Z", "email": "bea@example.org"}
    assert office.manager.post(path, typed).status_code == 302
    assert [one.takes_texts for one in Appointment.objects.filter(phone="+41795550199")] == [True, False]
    typed |= {"start": "2030-03-06T11:00:00Z", "sms_consent": "on"}
    assert office.manager.post(path, typed).status_code == 302
    assert "They agree to text messages" in ConsentEntry.objects.filter(agrees=True)[0].wording
