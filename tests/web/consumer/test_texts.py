"""Text messages on the pages of consumers: said or asked beside the number, and switched on and off afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import book, make_service
from tests.factories import manager_of
from tests.web.consumer.pages import MONDAY, ZOE, holding, path_of, rfc3339, text_of, words_of
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.notifications import choices, consent, reminders, rules
from vestibule.notifications.models import ConsentEntry, OutboxMessage
from vestibule.notifications.reminders import Wanted
from vestibule.store import clock

pytestmark = pytest.mark.django_db
NUMBER = "+41795550111"
NOTICE = "We send text messages about your appointment to this number. Answer STOP at any time to end them."
ASKED = "Send me text messages about this appointment from Lakeside Clinic. Answer STOP at any time to end them."
DAYS = {"first": "2030-03-04", "last": "2030-03-08"}


@pytest.fixture
def service() -> Service:
    clock.set_to(MONDAY - timedelta(days=2))
    return make_service(has_waitlist=True)


def asks(service: Service) -> None:
    rules.change(manager_of(service.business), service.business, asks_for_consent=True)


def form(client: Client, service: Service) -> Any:
    return client.get(f"{path_of(service)}/details?start={rfc3339(MONDAY)}")


def send(client: Client, service: Service, **given: str) -> Appointment:
    typed = {**ZOE, "phone": NUMBER, "start": rfc3339(MONDAY), "timezone": "UTC", **given}
    assert client.post(f"{path_of(service)}/details", typed).status_code == 302
    return Appointment.objects.get()


def test_the_sentence_beside_the_number_is_what_is_kept(client: Client, service: Service) -> None:
    page = form(client, service)
    assert NOTICE in words_of(page)
    assert 'name="sms_consent"' not in text_of(page)
    booked = send(client, service)
    entry = ConsentEntry.objects.get()
    assert (entry.wording, entry.source, entry.language, entry.subject_ref) == (NOTICE, "booking", "en", booked.ref)


def test_without_a_number_nothing_is_kept(client: Client, service: Service) -> None:
    send(client, service, phone="")
    assert not ConsentEntry.objects.exists()


def test_a_business_that_asks_shows_a_box_that_is_not_ticked(client: Client, service: Service) -> None:
    asks(service)
    page = form(client, service)
    assert NOTICE not in words_of(page)
    assert ASKED in words_of(page)
    assert page.context["form"]["sms_consent"].value() is None
    booked = send(client, service)
    assert not booked.takes_texts
    assert not ConsentEntry.objects.exists()
    assert not OutboxMessage.objects.filter(channel="sms", audience="consumer").exists()


def test_ticked_the_words_of_the_box_are_kept(client: Client, service: Service) -> None:
    asks(service)
    assert send(client, service, sms_consent="on").takes_texts
    assert ConsentEntry.objects.get().wording == ASKED
    assert OutboxMessage.objects.filter(channel="sms", audience="consumer", kind="reminder").exists()


def test_a_business_without_text_messages_says_nothing_of_them(client: Client, service: Service) -> None:
    actor = manager_of(service.business)
    reminders.put(actor, service.business, [Wanted("before", 60, ("consumer",), "email")])
    choices.choose(
        actor, service.business, [(one, False) for one in choices.DEFAULTS if one[1:] == ("consumer", "sms")]
    )
    page = words_of(form(client, service))
    assert "Mobile number" in page
    assert "text message" not in page
    booked = send(client, service)
    assert not ConsentEntry.objects.exists()
    assert "Text messages" not in words_of(holding(client, booked).get("/appointment"))


def test_who_waits_is_asked_too(client: Client, service: Service) -> None:
    asks(service)
    path = f"{path_of(service)}/waitlist"
    assert ASKED in words_of(client.get(path))
    client.post(path, {**DAYS, **ZOE, "phone": NUMBER, "sms_consent": "on"})
    entry = WaitlistEntry.objects.get()
    assert entry.takes_texts
    assert ConsentEntry.objects.get().subject_ref == entry.ref


class TestOnesOwnPage:
    @pytest.fixture
    def booked(self, client: Client, service: Service) -> Appointment:
        contact = Contact("Zoë Müller", "zoe@example.org", NUMBER, language="en")
        appointment = book(service, MONDAY, contact=contact)
        holding(client, appointment)
        return appointment

    def test_text_messages_are_switched_off_and_on(self, client: Client, booked: Appointment) -> None:
        assert "Text messages go to" in words_of(client.get("/appointment"))
        page = client.post("/appointment/texts", {"texts": "off"}, follow=True)
        assert "No text messages are sent to" in words_of(page)
        assert not Appointment.objects.get().takes_texts
        page = client.post("/appointment/texts", {"texts": "on"}, follow=True)
        assert "Text messages go to" in words_of(page)
        said = ConsentEntry.objects.values_list("agrees", "source", "language")
        assert list(said) == [(True, "manage", "en"), (False, "manage", "en")]

    def test_after_a_stop_by_telephone_it_says_how_they_come_back(self, client: Client, booked: Appointment) -> None:
        consent.record(booked.business, "sms", NUMBER, agrees=False, source="text", wording="STOP")
        page = client.get("/appointment")
        assert "answer START to one of them" in words_of(page)
        assert 'name="texts"' not in text_of(page)
        assert client.post("/appointment/texts", {"texts": "on"}).status_code == 422
        assert consent.has_stopped(booked.business, "sms", NUMBER)

    def test_looking_at_the_address_switches_nothing(self, client: Client, booked: Appointment) -> None:
        opened = client.get("/appointment/texts", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (opened.status_code, opened["Allow"]) == (405, "POST")
        assert '<a class="button" href="/appointment">Go back</a>' in str(opened.content, "utf-8")
        assert not ConsentEntry.objects.exists()
