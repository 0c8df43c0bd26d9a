"""What a business switched off is not written, whatever it is about; and what stays on still goes."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service, wish_for
from tests.factories import make_provider, manager_of
from vestibule.booking import announcements, companions, lifecycle, series, waitlist
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Contact, Helper
from vestibule.notifications import choices, outbox
from vestibule.notifications.choices import DEFAULTS, Choice
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
INES = Helper("Ines", "ines@example.org", phone="+442079460018")
CLEO = Contact("Cleo Baumann", "cleo@example.org", "+41795550111")


@pytest.fixture
def service() -> Service:
    provider = make_provider()
    provider.email, provider.phone = "ada@clinic.example", "+41795550999"
    provider.save()
    clock.set_to(at("09:00") - timedelta(days=7))
    rates.forget_all()
    return make_service(providers=[provider], has_waitlist=True, most_occurrences=6)


def switch(service: Service, which: Iterable[Choice], *, on: bool) -> None:
    choices.choose(manager_of(service.business), service.business, [(one, on) for one in which])
    service.business.refresh_from_db()


def live(service: Service) -> Appointment:
    """Everything that is ever said without anybody waiting: booked alone and in a series, brought along, written to."""
    one = book(service, at("09:00"), helpers=(INES,))
    week = timedelta(weeks=1)
    wish = wish_for(service, at("10:00"), helpers=(INES,))
    series.book(PUBLIC, wish, unit="week", step=1, starts=[at("10:00"), at("10:00") + week])
    waitlist.join(PUBLIC, service, CLEO, first=at("09:00").date(), last=at("09:00").date())
    waitlist.offer_next(service.business_id)
    companions.add_helper(SYSTEM, one, Helper("Ivo", "ivo@example.org", phone="+442079460019"))
    teller = announcements.teller(one)
    teller.wrote("1")
    for by_staff in (True, False):
        outbox.enqueue_new(teller.unread("1", by_staff=by_staff))
    teller.left([service.offers.get().provider])
    return lifecycle.move(SYSTEM, one, at("11:00"))


def said() -> set[Choice]:
    rows = OutboxMessage.objects.exclude(kind="reminder")
    return {(row.kind, row.audience, row.channel) for row in rows}


def test_switched_off_altogether_nothing_that_can_be_switched_is_written(service: Service) -> None:
    switch(service, DEFAULTS, on=False)
    lifecycle.cancel(SYSTEM, live(service))
    assert said() & set(DEFAULTS) == set()


def test_switched_on_altogether_each_goes_its_ways(service: Service) -> None:
    switch(service, DEFAULTS, on=True)
    lifecycle.cancel(SYSTEM, live(service))
    expected = {
        *(("visit_note", "consumer", "email"), ("message_waits", "consumer", "email")),
        *(("message_waits", "provider", "email"), ("provider_series_booked", "provider", "email")),
        *(("series_booked", "consumer", "email"), ("provider_cancelled", "provider", "email")),
        *(("helper_invited", "helper", channel) for channel in ("email", "sms")),
        ("waitlist_joined", "consumer", "email"),
        *(("waitlist_offer", "consumer", channel) for channel in ("email", "sms")),
    }
    assert expected <= said()


def test_a_note_goes_by_text_message_where_its_mail_is_switched_off(service: Service) -> None:
    one = book(service, at("09:00"))
    switch(service, [("visit_note", "consumer", "email")], on=False)
    announcements.teller(Appointment.objects.get(pk=one.pk)).wrote("1")
    notes = OutboxMessage.objects.filter(kind="visit_note")
    assert list(notes.values_list("channel", "to")) == [("sms", "+41795550111")]


def test_a_service_has_its_say_about_those_who_wait(service: Service) -> None:
    off = [(("waitlist_offer", "consumer", "sms"), False)]
    choices.choose(manager_of(service.business), service.business, off, service.ref)
    service.business.refresh_from_db()
    waitlist.join(PUBLIC, service, CLEO, first=at("09:00").date(), last=at("09:00").date())
    waitlist.offer_next(service.business_id)
    offers = OutboxMessage.objects.filter(kind="waitlist_offer")
    assert list(offers.values_list("channel", "service_ref")) == [("email", service.ref)]
