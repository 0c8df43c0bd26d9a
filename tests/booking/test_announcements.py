"""Who is told what about an appointment, when; and what is taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import lifecycle
from vestibule.booking.models import Service
from vestibule.booking.wishes import Contact
from vestibule.notifications.models import OutboxMessage
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock
from vestibule.store.clock import to_minute

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    """Offered by one provider with an e-mail address and a mobile phone."""
    provider = make_provider()
    provider.email, provider.phone = "ada@clinic.example", "+41795550999"
    provider.save()
    clock.set_to(at("09:00") - timedelta(days=7))
    return make_service(providers=[provider])


def queued() -> list[tuple[str, str, str]]:
    """What is still to be said: kind, channel, to whom."""
    rows = OutboxMessage.objects.filter(state="queued").order_by("id")
    return list(rows.values_list("kind", "channel", "to"))


def reminders(channel: str) -> Sequence[datetime]:
    rows = OutboxMessage.objects.filter(state="queued", kind="reminder", channel=channel).order_by("id")
    return list(rows.values_list("due_at", flat=True))


def test_both_sides_are_told_and_reminded(service: Service) -> None:
    book(service, at("09:00"))
    assert queued() == [
        ("confirmation", "email", "cleo@example.org"),
        ("provider_booked", "email", "ada@clinic.example"),
        ("reminder", "email", "cleo@example.org"),
        ("reminder", "email", "ada@clinic.example"),
        ("reminder", "sms", "+41795550111"),
        ("reminder", "sms", "+41795550999"),
    ]
    assert reminders("email") == [at("09:00") - timedelta(hours=24)] * 2
    assert reminders("sms") == [at("08:00")] * 2


def test_every_message_carries_the_links_of_its_reader(service: Service) -> None:
    book(service, at("09:00"))
    for message in OutboxMessage.objects.all():
        is_consumer = message.facts["audience"] == "consumer"
        assert (message.facts["manage_link"] is not None) == is_consumer
        assert message.facts["visit_link"] is not None
    readers = OutboxMessage.objects.values_list("facts__audience", "facts__visit_link").distinct()
    assert len(set(readers)) == 2


def test_nobody_is_reminded_of_what_is_past_or_without_a_phone(service: Service) -> None:
    clock.set_to(at("09:00") - timedelta(hours=2))
    book(service, at("09:00"), contact=Contact("Cleo", "cleo@example.org"))
    kinds = [kind for kind, _channel, _to in queued()]
    assert kinds == ["confirmation", "provider_booked", "reminder"]


def test_a_reminder_never_leaves_after_the_start(service: Service) -> None:
    book(service, at("09:00"))
    for message in OutboxMessage.objects.filter(kind__startswith="reminder"):
        assert message.not_after == at("09:00")


def test_reminders_move_with_the_appointment(service: Service) -> None:
    appointment = book(service, at("09:00"))
    lifecycle.move(SYSTEM, appointment, at("14:00"))
    assert [kind for kind, _channel, to in queued() if to == "cleo@example.org"] == ["moved", "reminder"]
    assert reminders("sms") == [at("13:00")] * 2
    moved = OutboxMessage.objects.get(kind="moved")
    assert moved.facts["version"] == 1
    assert moved.facts["previous_start_minute"] * 60 == at("09:00").timestamp()


def test_moved_away_and_back_there_is_one_set_of_reminders(service: Service) -> None:
    appointment = book(service, at("09:00"))
    lifecycle.move(SYSTEM, appointment, at("14:00"))
    lifecycle.move(SYSTEM, appointment, at("09:00"))
    assert reminders("email") == [at("09:00") - timedelta(hours=24)] * 2
    assert reminders("sms") == [at("08:00")] * 2


def test_cancelled_nothing_is_due_but_the_cancellation(service: Service) -> None:
    appointment = book(service, at("09:00"))
    lifecycle.cancel(SYSTEM, appointment, reason="The doctor is ill")
    assert queued() == [
        ("cancelled", "email", "cleo@example.org"),
        ("provider_cancelled", "email", "ada@clinic.example"),
    ]
    assert OutboxMessage.objects.get(kind="cancelled").facts["reason"] == "The doctor is ill"


def test_a_provider_who_is_replaced_hears_of_it() -> None:
    business = make_business()
    first, second = (make_provider(business=business, name=name) for name in ("Ada", "Bo"))
    for provider in (first, second):
        provider.email = f"{provider.name.lower()}@clinic.example"
        provider.save()
    appointment = book(make_service(providers=[first, second]), at("09:00"), provider=first)
    OutboxMessage.objects.all().delete()
    lifecycle.move(SYSTEM, appointment, at("09:00"), provider=second)
    told = [(kind, to) for kind, _channel, to in queued()]
    assert ("provider_moved", "bo@clinic.example") in told
    assert ("provider_cancelled", "ada@clinic.example") in told


def test_who_is_replaced_by_a_move_is_told_the_time_that_is_free_again() -> None:
    business = make_business()
    first, second = (make_provider(business=business, name=name) for name in ("Ada", "Bo"))
    first.email = "ada@clinic.example"
    first.save()
    appointment = book(make_service(providers=[first, second]), at("11:00"), provider=first)
    lifecycle.move(SYSTEM, appointment, at("09:00"), provider=second)
    facts = OutboxMessage.objects.get(kind="provider_cancelled").facts
    assert (facts["start_minute"], facts["end_minute"]) == (to_minute(at("11:00")), to_minute(at("11:30")))
    assert facts["previous_start_minute"] is None
