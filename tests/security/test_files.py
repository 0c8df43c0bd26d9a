"""Files as somebody sends them who means harm: to fill the disk, to keep the server busy."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.booking.documents import PDF, REPORT
from tests.booking.factories import MONDAY, at, book, holder_of, make_service
from vestibule.booking import documents, lifecycle
from vestibule.booking.models import Document, Service
from vestibule.people import rates
from vestibule.people.errors import Invalid
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    rates.forget_all()
    clock.set_to(MONDAY)
    return make_service(questions=[REPORT])


def kept(service: Service, content: bytes = PDF) -> Document:
    return documents.keep(service.business, name="x", media_type="", content=content, question="report")


def test_answering_again_and_again_stores_no_more_files_than_an_appointment_takes(service: Service) -> None:
    booked = book(service, at("09:00"))
    for _file in range(documents.MOST_EACH):
        lifecycle.answer(holder_of(booked), booked, {"report": kept(service).ref})
    with pytest.raises(Invalid) as refusal:
        lifecycle.answer(holder_of(booked), booked, {"report": kept(service).ref})
    assert refusal.value.facts["field"] == "answers.report"
    assert booked.documents.count() == documents.MOST_EACH


def test_one_address_alone_cannot_use_up_the_room_for_files_of_bookings_to_come(service: Service) -> None:
    page = f"/book/{service.business.slug}/{service.slug}/details"
    status = 0
    for _burst in range(3):
        for _file in range(20):
            given = {"start": at("09:00").isoformat(), "file.report": SimpleUploadedFile("x.pdf", PDF)}
            status = Client().post(page, given).status_code
        clock.advance(601)
    assert (Document.objects.count(), status) == (documents.PER_DAY, 429)
    assert documents.PER_DAY * documents.MOST_BYTES < documents.MOST_UNTIED


def test_a_package_that_is_nothing_but_a_list_of_names_is_not_read(service: Service) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    content = b"PK\x03\x04" + entry * 200_000
    end = b"PK\x05\x06" + bytes(4) + (40_000).to_bytes(2, "little") * 2
    end += (len(entry) * 200_000).to_bytes(4, "little") + (4).to_bytes(4, "little") + bytes(2)
    began = time.process_time()
    with pytest.raises(Invalid):
        kept(service, content + end)
    assert time.process_time() - began < 0.3


def test_ten_megabytes_of_text_are_looked_through_at_once(service: Service) -> None:
    began = time.process_time()
    with pytest.raises(Invalid):
        kept(service, b"harmless " * 1_100_000 + b"\x00")
    assert time.process_time() - began < 0.3
