"""Files: what is taken, who sees them, how they are served."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.booking.documents import PDF, REPORT
from tests.booking.factories import at, book, holder_of, make_service, wish_for
from tests.factories import manager_of
from vestibule.booking import documents, lifecycle
from vestibule.booking.errors import AlreadyCancelled
from vestibule.booking.models import Appointment, Document, Service
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock, file_kinds

pytestmark = pytest.mark.django_db


def package(*names: str, first: tuple[str, str] | None = None) -> bytes:
    """A package of files of those names, such as office programs write."""
    made = BytesIO()
    with ZipFile(made, "w") as zipped:
        if first is not None:
            zipped.writestr(*first)
        for name in names:
            zipped.writestr(name, "x")
    return made.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
ODT = package("content.xml", first=("mimetype", "application/vnd.oasis.opendocument.text"))


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=7))
    return make_service(questions=[REPORT])


@pytest.fixture
def booked(service: Service) -> Appointment:
    return book(service, at("09:00"))


def send(to: Appointment, content: bytes, name: str = "report.pdf") -> Document:
    return documents.add(holder_of(to), to, name=name, media_type="text/html", content=content)


@pytest.mark.parametrize(
    ("content", "name", "kept", "media_type"),
    [
        (PDF, "C:\\scans\\my report.PDF", "my report.pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "../../photo.png", "photo.png", "image/png"),
        (b"\xff\xd8\xff\xe0....", "photo.jpeg", "photo.jpg", "image/jpeg"),
        (b"RIFF....WEBPVP8 ", "a.webp", "a.webp", "image/webp"),
        (b"\0\0\0\x18ftypheic....", "a.heic", "a.heic", "image/heic"),
        (DOCX, "brief.docx", "brief.docx", file_kinds.TYPES["docx"]),
        (ODT, "brief.odt", "brief.odt", file_kinds.TYPES["odt"]),
        ("Grüße".encode(), "note", "note.txt", "text/plain; charset=utf-8"),
        (PDF, "evil.html", "evil.html.pdf", "application/pdf"),
        (PDF, "\u202egnp.exe\r\n", "gnp.exe.pdf", "application/pdf"),
        (PDF, "...", "document.pdf", "application/pdf"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(
    booked: Appointment, content: bytes, name: str, kept: str, media_type: str
) -> None:
    made = send(booked, content, name)
    assert (made.name, made.media_type) == (kept, media_type)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"  <svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        b"GIF89a\x01\x00",
        b"\x7fELF",
        package("evil.exe"),
        package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        b"PK\x03\x04 torn",
        b"%PDF-" + b"x" * documents.MOST_BYTES,
    ],
)
def test_what_could_do_harm_or_is_too_large_is_refused(booked: Appointment, content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        send(booked, content)
    assert refusal.value.facts["field"] == "file"


def test_ten_are_enough(booked: Appointment) -> None:
    for _number in range(10):
        send(booked, PDF)
    with pytest.raises(Invalid):
        send(booked, PDF)


def test_a_file_is_a_download_that_runs_nothing(booked: Appointment) -> None:
    told = documents.headers(send(booked, PDF, 'Befund "März".pdf'))
    assert (
        told["Content-Disposition"]
        == "attachment; filename=\"Befund M_rz.pdf\"; filename*=UTF-8''Befund%20M%C3%A4rz.pdf"
    )
    assert told["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in told["Content-Security-Policy"]


def test_reading_one_is_noted(booked: Appointment) -> None:
    made = send(booked, PDF)
    assert bytes(documents.open(manager_of(booked.business), made.ref).content) == PDF
    assert AuditEntry.objects.filter(action="document.read", subject_ref=made.ref).count() == 1


def test_nobody_else_sees_it(booked: Appointment, service: Service) -> None:
    made = send(booked, PDF)
    other = book(service, at("10:00"))
    for stranger in (holder_of(other), manager_of(make_service().business), PUBLIC):
        with pytest.raises(NotFound):
            documents.open(stranger, made.ref)
        assert documents.listed(stranger, booked) == []
    assert documents.listed(holder_of(booked), booked) == [made]


def test_consumers_take_back_what_they_sent_and_nothing_else(booked: Appointment) -> None:
    mine = send(booked, PDF)
    theirs = documents.add(
        manager_of(booked.business), booked, name="letter.pdf", media_type="application/pdf", content=PDF
    )
    documents.remove(holder_of(booked), mine)
    with pytest.raises(NotPermitted):
        documents.remove(holder_of(booked), theirs)
    assert documents.listed(holder_of(booked), booked) == [theirs]


def test_nothing_is_added_to_what_is_cancelled(booked: Appointment) -> None:
    lifecycle.cancel(holder_of(booked), booked)
    with pytest.raises(AlreadyCancelled):
        send(booked, PDF)


def test_an_answer_kept_before_booking_comes_with_it(service: Service) -> None:
    kept = documents.keep(service.business, name="report.pdf", media_type="", content=PDF)
    booked = book(service, at("09:00"), answers={"report": kept.ref})
    (found,) = documents.listed(holder_of(booked), booked)
    assert (found.ref, found.question, booked.answers) == (kept.ref, "report", {"report": kept.ref})


def test_somebody_elses_file_answers_nothing(service: Service, booked: Appointment) -> None:
    taken = send(booked, PDF)
    foreign = documents.keep(make_service().business, name="a.pdf", media_type="", content=PDF)
    for ref in (taken.ref, foreign.ref, "a" * 24):
        with pytest.raises(Invalid) as refusal:
            lifecycle.book(PUBLIC, wish_for(service, at("10:00"), answers={"report": ref}))
        assert refusal.value.facts["field"] == "answers.report"
    assert Appointment.objects.count() == 1


def test_what_was_never_booked_is_forgotten_after_a_day(service: Service, booked: Appointment) -> None:
    send(booked, PDF)
    documents.keep(service.business, name="report.pdf", media_type="", content=PDF)
    clock.advance(24 * 3600 + 60)
    assert documents.purge() == 1
    assert Document.objects.count() == 1
