"""Appointments already booked follow when a business chooses other reminders."""

from datetime import datetime, timedelta

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, manager_of
from vestibule.booking import lifecycle, replanning, setup
from vestibule.booking.models import Service
from vestibule.notifications import reminders, rules
from vestibule.notifications.models import OutboxMessage, Reminder
from vestibule.notifications.reminders import Wanted
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db

TWO_HOURS = Wanted("before", 120, ("consumer",), "sms", "Bring your card.")
NEXT_DAY = Wanted("after", 24 * 60, ("consumer",), "email")


@pytest.fixture
def service() -> Service:
    clock.set_to(at("09:00") - timedelta(days=7))
    return make_service()


def due() -> list[tuple[str, str, datetime]]:
    rows = OutboxMessage.objects.filter(state="queued", kind__in=("reminder", "follow_up"), facts__audience="consumer")
    return list(rows.order_by("due_at").values_list("kind", "channel", "due_at"))


def put(service: Service, *wanted: Wanted, for_service: bool = False) -> list[Reminder]:
    ref = service.ref if for_service else ""
    return reminders.put(manager_of(service.business), service.business, wanted, ref)


def test_what_is_booked_already_gets_the_new_reminders(service: Service) -> None:
    book(service, at("12:00"))
    put(service, TWO_HOURS, NEXT_DAY)
    assert replanning.replan_due() == 1
    assert due() == [("reminder", "sms", at("10:00")), ("follow_up", "email", at("12:30") + timedelta(days=1))]
    assert replanning.replan_due() == 0


def test_what_has_left_is_not_said_again_and_what_is_past_is_not_made_up_for(service: Service) -> None:
    book(service, at("12:00"))
    clock.set_to(at("12:00") - timedelta(hours=23))
    OutboxMessage.objects.filter(kind="reminder", channel="email").update(state="done")
    put(service, Wanted("before", 24 * 60, ("consumer",), "email"), TWO_HOURS)
    replanning.replan_due()
    assert due() == [("reminder", "sms", at("10:00"))]


def test_a_reminder_that_stays_keeps_its_key(service: Service) -> None:
    first = put(service, TWO_HOURS)
    again = put(service, NEXT_DAY, Wanted("before", 120, ("consumer", "helper"), "sms", "Bring your card, please."))
    assert first[0].pk == again[1].pk
    assert Reminder.objects.count() == 2


def test_a_service_of_its_own_goes_before_the_business(service: Service) -> None:
    put(service, TWO_HOURS)
    put(service, NEXT_DAY, for_service=True)
    book(service, at("12:00"))
    assert [kind for kind, _channel, _due in due()] == ["follow_up"]
    reminders.leave_to_business(manager_of(service.business), service.business, service.ref)
    replanning.replan_due()
    assert [kind for kind, _channel, _due in due()] == ["reminder"]


def test_a_cancelled_appointment_has_neither(service: Service) -> None:
    put(service, TWO_HOURS, NEXT_DAY)
    booked = book(service, at("12:00"))
    lifecycle.cancel(SYSTEM, booked)
    put(service, TWO_HOURS)
    replanning.replan_due()
    assert due() == []


def test_many_appointments_are_planned_in_turns(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replanning, "AT_ONCE", 2)
    for time in ("10:00", "11:00", "12:00", "13:00", "14:00"):
        book(service, at(time))
    put(service, TWO_HOURS)
    assert replanning.replan_due() == 5
    assert [when for _kind, _channel, when in due()] == [at(f"{hour:02}:00") for hour in range(8, 13)]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("before", 4, ("consumer",), "email"), "reminders.0.offset"),
        (Wanted("after", 31 * 24 * 60, ("consumer",), "email"), "reminders.0.offset"),
        (Wanted("during", 60, ("consumer",), "email"), "reminders.0.side"),
        (Wanted("before", 60, ("office",), "email"), "reminders.0.audiences"),
        (Wanted("before", 60, (), "email"), "reminders.0.audiences"),
        (Wanted("before", 60, ("consumer",), "pigeon"), "reminders.0.channel"),
        (Wanted("before", 60, ("consumer",), "email", "\u202eBring"), "reminders.0.words"),
    ],
)
def test_what_makes_no_reminder_is_refused_by_name(service: Service, wanted: Wanted, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(service, wanted)
    assert refused.value.facts["field"] == field
    assert not Reminder.objects.exists()


def test_the_same_reminder_twice_and_those_of_others_are_refused(service: Service) -> None:
    with pytest.raises(Invalid):
        put(service, TWO_HOURS, TWO_HOURS)
    with pytest.raises(NotPermitted):
        reminders.put(manager_of(make_business(name="Other")), service.business, [TWO_HOURS])


def test_a_reminder_that_waits_for_its_gateway_is_not_lost_when_others_are_chosen(service: Service) -> None:
    book(service, at("12:00"))
    clock.set_to(at("12:00") - timedelta(hours=23))
    waiting = ("reminder", "email", at("12:00") - timedelta(days=1))
    put(service, Wanted("before", 24 * 60, ("consumer",), "email"), TWO_HOURS)
    replanning.replan_due()
    assert due() == [waiting, ("reminder", "sms", at("10:00"))]
    put(service, TWO_HOURS)
    replanning.replan_due()
    assert due() == [("reminder", "sms", at("10:00"))], "what is no longer wanted waits no more"


def test_a_reminder_that_waits_for_the_morning_is_not_lost_when_others_are_chosen(service: Service) -> None:
    rules.change(manager_of(service.business), service.business, quiet_from=21 * 60, quiet_to=8 * 60)
    service.business.refresh_from_db()
    put(service, TWO_HOURS)
    book(service, at("09:00"))
    assert due() == [("reminder", "sms", at("08:00"))]
    clock.set_to(at("07:30"))
    put(service, TWO_HOURS, NEXT_DAY)
    replanning.replan_due()
    assert due()[0] == ("reminder", "sms", at("08:00"))


def test_reminders_follow_a_provider_to_a_new_address_and_number(service: Service) -> None:
    provider = service.offers.get().provider
    actor = manager_of(service.business)
    setup.change_provider(actor, provider, email="ada@old.example", phone="+41795550999")
    book(service, at("12:00"))
    setup.change_provider(actor, provider, email="ada@new.example", phone="+41795550998")
    replanning.replan_due()
    rows = OutboxMessage.objects.filter(state="queued", kind="reminder", audience="provider")
    assert sorted(rows.values_list("to", flat=True)) == ["+41795550998", "ada@new.example"]


def test_reminders_name_the_place_as_it_is_now_and_what_they_do_not_tell_moves_none(service: Service) -> None:
    actor = manager_of(service.business)
    place = setup.add_location(actor, service.business, name="Practice", kind="place", address="Lake Street 1")
    service = setup.change_service(actor, service, location=place)
    book(service, at("12:00"))
    replanning.replan_due()
    setup.change_business(actor, service.business, tagline="By the lake")
    assert replanning.replan_due() == 0
    setup.change_location(actor, place, address="Hill Street 2")
    assert replanning.replan_due() == 1
    told = OutboxMessage.objects.filter(state="queued", kind="reminder")
    assert {row.facts["location_text"] for row in told} == {"Hill Street 2"}
