"""Text messages to who books: told or asked beside the number, kept as it was said, and switched off and on again."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import at, book, holder_of, make_service
from tests.factories import manager_of
from vestibule.booking import answers, follow_up, lifecycle, texts, timely, waitlist
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.notifications import choices, consent, reminders, rules
from vestibule.notifications.models import Address, ConsentEntry, OutboxMessage
from vestibule.notifications.reminders import Wanted
from vestibule.people import rates
from vestibule.people.errors import Invalid, TooMany
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
CLEO = "+41795550111"
WORDS = "Send me text messages."


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=2))
    return make_service(has_waitlist=True)


def ask_first(service: Service) -> None:
    """The business asks before it sends text messages."""
    rules.change(manager_of(service.business), service.business, asks_for_consent=True)
    service.business.refresh_from_db()


def contact(agrees: bool | None = None, wording: str = "") -> Contact:
    return Contact("Cleo Baumann", "cleo@example.org", CLEO, language="de", sms_consent=agrees, sms_wording=wording)


def booked(service: Service, agrees: bool | None = None, wording: str = "", **more: Any) -> Appointment:
    return book(service, at("09:00"), contact=contact(agrees, wording), **more)


def texts_to_cleo() -> list[str]:
    rows = OutboxMessage.objects.filter(channel="sms", to=CLEO).exclude(state=OutboxMessage.State.DROPPED)
    return sorted(rows.values_list("kind", flat=True))


def say(appointment: Appointment, words: str) -> None:
    """Their telephone answers."""
    answers.take(appointment.business, external_id=words, sender=CLEO, receiver="+15005550006", text=words)


def state(appointment: Appointment) -> texts.Texts:
    found = texts.of(Appointment.objects.get(pk=appointment.pk))
    assert found is not None
    return found


class TestBooking:
    def test_what_was_read_beside_the_number_is_kept_with_time_way_and_language(self, service: Service) -> None:
        appointment = booked(service, True, WORDS)
        entry = ConsentEntry.objects.get()
        assert (entry.channel, entry.value, entry.agrees) == ("sms", CLEO, True)
        assert clock.now() - entry.at < timedelta(minutes=1)
        assert (entry.source, entry.wording, entry.language) == ("booking", WORDS, "de")
        assert entry.subject_ref == appointment.ref

    @pytest.mark.parametrize(("via", "source"), [("page", "booking"), ("manage", "staff"), ("api", "api")])
    def test_it_says_who_heard_it(self, service: Service, via: str, source: str) -> None:
        booked(service, True, WORDS, via=via)
        assert ConsentEntry.objects.get().source == source

    def test_where_nobody_was_told_nothing_is_kept_and_texts_go_as_usual(self, service: Service) -> None:
        booked(service)
        assert not ConsentEntry.objects.exists()
        assert texts_to_cleo() == ["reminder"]

    def test_a_business_that_asks_sends_none_without_the_tick(self, service: Service) -> None:
        ask_first(service)
        appointment = booked(service)
        assert texts_to_cleo() == []
        timely.provider_late(SYSTEM, appointment, 10)
        lifecycle.move(SYSTEM, appointment, at("11:00"))
        assert texts_to_cleo() == []

    def test_it_does_with_the_tick(self, service: Service) -> None:
        ask_first(service)
        booked(service, True, WORDS)
        assert texts_to_cleo() == ["reminder"]

    def test_the_next_appointment_is_asked_about_anew(self, service: Service) -> None:
        ask_first(service)
        first = booked(service, True, WORDS)
        second = follow_up.book_again(first, at("10:00"))
        assert (first.takes_texts, second.takes_texts) == (True, False)

    def test_typing_a_number_lifts_no_stop(self, service: Service) -> None:
        consent.record(service.business, "sms", CLEO, agrees=False, source="manage")
        appointment = booked(service, True, WORDS)
        assert consent.has_stopped(service.business, "sms", CLEO)
        assert state(appointment).needs_start


class TestWaiting:
    def wait(self, service: Service, **said: Any) -> WaitlistEntry:
        return waitlist.join(PUBLIC, service, contact(**said), first=at("09:00").date(), last=at("09:00").date())

    def test_offers_go_by_mail_alone_without_the_tick(self, service: Service) -> None:
        ask_first(service)
        entry = self.wait(service)
        waitlist.offer_next(service.business_id)
        told = OutboxMessage.objects.filter(kind="waitlist_offer", subject_ref=entry.ref)
        assert set(told.values_list("channel", flat=True)) == {"email"}

    def test_what_was_ticked_while_waiting_holds_for_the_appointment(self, service: Service) -> None:
        ask_first(service)
        entry = self.wait(service, agrees=True, wording=WORDS)
        assert ConsentEntry.objects.get().subject_ref == entry.ref
        waitlist.offer_next(service.business_id)
        taken = waitlist.accept(SYSTEM, WaitlistEntry.objects.get(pk=entry.pk))
        assert taken.takes_texts
        assert ConsentEntry.objects.count() == 1


class TestSwitching:
    def test_off_and_on_again_is_kept_both_times(self, service: Service) -> None:
        appointment = booked(service)
        texts.switch(holder_of(appointment), appointment, on=False)
        assert not state(appointment).is_on
        assert texts_to_cleo() == []
        texts.switch(holder_of(appointment), appointment, on=True)
        assert state(appointment).is_on
        kept = ConsentEntry.objects.order_by("pk").values_list("agrees", "source", "subject_ref")
        assert list(kept) == [(False, "manage", appointment.ref), (True, "manage", appointment.ref)]

    def test_switched_on_without_the_tick_the_reminder_is_planned(self, service: Service) -> None:
        ask_first(service)
        appointment = booked(service)
        assert not state(appointment).is_on
        texts.switch(holder_of(appointment), appointment, on=True)
        assert texts_to_cleo() == ["reminder"]

    def test_off_takes_back_whatever_waits_and_leaves_the_mail(self, service: Service) -> None:
        actor, business = manager_of(service.business), service.business
        choices.choose(actor, business, [(("moved", "consumer", "sms"), True)])
        appointment = lifecycle.move(SYSTEM, booked(service), at("11:00"))
        assert texts_to_cleo() == ["moved", "reminder"]
        texts.switch(holder_of(appointment), appointment, on=False)
        assert texts_to_cleo() == []
        mails = OutboxMessage.objects.filter(channel="email", audience="consumer", state=OutboxMessage.State.QUEUED)
        assert set(mails.values_list("kind", flat=True)) == {"moved", "reminder"}

    def test_who_waits_for_an_earlier_time_is_offered_it_by_mail_alone_then(self, service: Service) -> None:
        appointment = booked(service)
        day = at("09:00").date()
        entry = waitlist.join(holder_of(appointment), service, contact(), first=day, last=day, appointment=appointment)
        texts.switch(holder_of(appointment), appointment, on=False)
        entry.refresh_from_db()
        assert not entry.takes_texts

    def test_twice_is_once(self, service: Service) -> None:
        appointment = booked(service)
        for _turn in range(2):
            texts.switch(holder_of(appointment), appointment, on=False)
        assert ConsentEntry.objects.count() == 1

    def test_what_the_telephone_stopped_only_the_telephone_brings_back(self, service: Service) -> None:
        appointment = booked(service)
        say(appointment, "STOP")
        with pytest.raises(Invalid, match="answer START"):
            texts.switch(holder_of(appointment), appointment, on=True)
        assert state(appointment).needs_start
        say(appointment, "START")
        assert state(appointment).is_on

    def test_off_is_off_for_all_that_the_same_person_has_ahead(self, service: Service) -> None:
        first, second = booked(service), book(service, at("10:00"), contact=contact())
        texts.switch(holder_of(first), first, on=False)
        assert not state(second).is_on
        assert texts_to_cleo() == []

    def test_nobody_who_types_a_number_silences_it_for_its_owner(self, service: Service) -> None:
        mine = booked(service)
        other = book(service, at("10:00"), contact=Contact("Eve", "eve@example.org", CLEO))
        texts.switch(holder_of(other), other, on=False)
        assert state(mine).is_on
        assert not consent.has_stopped(service.business, "sms", CLEO)
        assert texts_to_cleo() == ["reminder"]

    def test_off_here_is_switched_on_by_nobody_elsewhere(self, service: Service) -> None:
        mine = booked(service)
        other = book(service, at("10:00"), contact=Contact("Eve", "eve@example.org", CLEO))
        texts.switch(holder_of(mine), mine, on=False)
        for on in (False, True):
            texts.switch(holder_of(other), other, on=on)
        assert not state(mine).is_on

    def test_there_is_nothing_to_switch_without_a_number_or_without_texts(self, service: Service) -> None:
        alone = book(service, at("10:00"), contact=Contact("Cleo", "cleo@example.org"))
        assert texts.of(alone) is None
        with pytest.raises(Invalid):
            texts.switch(holder_of(alone), alone, on=False)


def test_a_stop_by_telephone_outlives_one_by_page(service: Service) -> None:
    for source in ("text", "manage"):
        consent.record(service.business, "sms", CLEO, agrees=False, source=source)
    for source in ("manage", "staff"):
        consent.record(service.business, "sms", CLEO, agrees=True, source=source)
        assert Address.objects.get().stopped_at is not None
    consent.record(service.business, "sms", CLEO, agrees=True, source="text")
    assert Address.objects.get().stopped_at is None


def test_a_business_that_switched_every_text_message_off_says_nothing_about_them(service: Service) -> None:
    actor, business = manager_of(service.business), service.business
    reminders.put(actor, business, [Wanted("before", 60, ("consumer",), "email")])
    business.refresh_from_db()
    assert choices.of(business).sends_texts()  # such as of a provider who is late
    off = [(one, False) for one in choices.DEFAULTS if one[1:] == ("consumer", "sms")]
    choices.choose(actor, business, off)
    business.refresh_from_db()
    assert not choices.of(business).sends_texts()
    assert texts.of(booked(service)) is None


def test_switching_to_and_fro_comes_to_an_end(service: Service) -> None:
    rates.forget_all()
    appointment = booked(service)
    for number in range(texts.SWITCHED_AN_HOUR):
        texts.switch(holder_of(appointment), appointment, on=number % 2 == 1)
    with pytest.raises(TooMany):
        texts.switch(holder_of(appointment), appointment, on=False)
    assert ConsentEntry.objects.count() == texts.SWITCHED_AN_HOUR
