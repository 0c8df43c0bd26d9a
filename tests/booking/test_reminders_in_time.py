"""Reminders from booking to gateway: whatever clocks and gateways do, each leaves once, never early, never too late."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.booking.models import Service, WeeklyHours
from vestibule.booking.wishes import Contact
from vestibule.notifications import quiet
from vestibule.notifications.models import MessageRules, OutboxMessage, Reminder
from vestibule.notifications.ports import DeliveryError, Mail, Sms
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import Worker, send_due
from vestibule.store import clock

pytestmark = pytest.mark.django_db(transaction=True)

State = OutboxMessage.State
DOWN = DeliveryError("down", permanent=False, of_gateway=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANGES = [
    ("Europe/Zurich", date(2030, 3, 31)),
    ("Europe/Zurich", date(2030, 10, 27)),
    ("America/New_York", date(2030, 3, 10)),
    ("America/New_York", date(2030, 11, 3)),
    ("Australia/Lord_Howe", date(2030, 4, 7)),
    ("Australia/Lord_Howe", date(2030, 10, 6)),
    ("America/Santiago", date(2030, 4, 7)),
    ("America/Santiago", date(2030, 9, 8)),
]
RESTS = {"quiet_from": 21 * 60, "quiet_to": 8 * 60}


class Told:
    """Both gateways, and when by the product's clock they took what."""

    def __init__(self) -> None:
        told = self.at = []  # type: list[tuple[str, datetime]]

        class NotingMail(FakeMail):
            def send(self, mail: Mail) -> str:
                gateway_id = super().send(mail)
                told.append((mail.ref, clock.now()))
                return gateway_id

        class NotingSms(FakeSms):
            def send(self, sms: Sms) -> str:
                gateway_id = super().send(sms)
                told.append((sms.ref, clock.now()))
                return gateway_id

        self.mail, self.sms = NotingMail(), NotingSms()

    def times(self) -> Counter[str]:
        return Counter(ref for ref, _at in self.at)


def service_day_and_night() -> Service:
    """Offered at every hour of every day by one provider nobody writes to."""
    business = make_business()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(business=business, weekday=day, start_minute=0, end_minute=1440) for day in range(7)
    )
    MessageRules.objects.create(business=business, **RESTS)
    return make_service(providers=[make_provider(business=business)])


def reminders() -> Iterator[OutboxMessage]:
    yield from OutboxMessage.objects.filter(kind="reminder")


def steps(since: datetime, until: datetime, dice: random.Random) -> Iterator[datetime]:
    """Instants at which a worker looks: in steps of up to 40 minutes, and now and then an hour on or back."""
    now, jumps = since, 4
    while now < until:
        now += timedelta(minutes=dice.randint(1, 40))
        if jumps and dice.random() < 0.1:
            jumps -= 1
            now += dice.choice((HOUR, -HOUR))
        yield now


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_on_days_with_a_clock_change_and_with_a_clock_that_jumps(zone: str, day: date) -> None:
    dice, told, rules = random.Random(f"{zone} {day}"), Told(), MessageRules(**RESTS)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    clock.set_to(midnight - 4 * DAY)
    service = service_day_and_night()
    starts = [midnight + timedelta(minutes=30 * number) for number in sorted(dice.sample(range(-8, 76), 7))]
    for number, start in enumerate(starts):
        contact = Contact("Cleo", f"cleo{number}@example.org", f"+4179555011{number}", timezone=zone)
        book(service, start, contact=contact)
    planned = {one.ref: one for one in reminders()}
    assert len(planned) == 2 * len(starts)
    looked_at = list(steps(midnight - 2 * DAY, starts[-1] + HOUR, dice))
    for now in looked_at:
        clock.set_to(now)
        send_due(fakes(told.mail, told.sms))
    times = told.times()
    assert max(times.values()) == 1, "a reminder left twice"
    for ref, left in ((ref, left) for ref, left in told.at if ref in planned):
        one = planned[ref]
        assert one.not_after is not None
        assert one.due_at <= left < one.not_after, (left, one.due_at, one.not_after)
        assert one.channel == "email" or not quiet.is_quiet(left, zone, rules)
        assert one.channel == "email" or one.due_at <= one.not_after - quiet.ENOUGH
    missed = [one for ref, one in planned.items() if ref not in times]
    for one in missed:
        one.refresh_from_db()
        assert one.state == State.DROPPED, "a reminder was forgotten"
        first = next(now for now in looked_at if now >= one.due_at)
        assert one.not_after is not None
        is_late = first >= one.not_after or (one.channel == "sms" and quiet.is_quiet(first, zone, rules))
        assert is_late, "only a clock that jumps past its time keeps a reminder back"


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_by_an_hour_neither_repeats_nor_forgets(jump: timedelta) -> None:
    told, service = Told(), make_service()
    clock.set_to(at("09:00") - 7 * DAY)
    for hour in ("10:00", "11:00", "12:00", "13:00", "14:00"):
        book(service, at(hour))
    clock.set_to(at("10:30"))
    send_due(fakes(told.mail, told.sms))
    before = len(told.at)
    clock.advance(jump.total_seconds())
    send_due(fakes(told.mail, told.sms))
    assert len(told.at) - before == (1 if jump > timedelta(0) else 0)
    for later in ("11:30", "12:30"):
        clock.set_to(at(later))
        send_due(fakes(told.mail, told.sms))
    assert set(told.times().values()) == {1}
    # Ten had begun when the clock was looked at first; for two it is too early.
    texts = OutboxMessage.objects.filter(kind="reminder", channel="sms").order_by("not_after")
    assert list(texts.values_list("state", flat=True)) == ["dropped", "done", "done", "done", "queued"]


def test_a_gateway_that_is_down_for_an_hour_delays_and_then_all_leave_once() -> None:
    told, service = Told(), make_service()
    clock.set_to(at("09:00") - 7 * DAY)
    for hour in range(9, 16):
        for half in ("00", "30"):
            book(service, at(f"{hour:02}:{half}"))
    gateways = fakes(told.mail, told.sms)
    send_due(gateways)
    clock.set_to(at("07:59"))
    send_due(gateways)
    before = set(told.times())
    sender = Worker("sms", gateways, seconds=lambda: clock.now().timestamp())
    told.sms.refusal = DOWN
    for minute in range(0, 120, 1):
        clock.set_to(at("08:00") + timedelta(minutes=minute))
        if minute == 60:
            told.sms.refusal = None
        sender.turn()
    sender.release()
    texts = {one.ref: one for one in reminders() if one.channel == "sms" and one.due_at <= at("09:59")}
    assert [one.state for one in texts.values()] == [State.DROPPED] + [State.DONE] * 3
    assert set(told.times()) - before == {ref for ref, one in texts.items() if one.state == State.DONE}
    assert set(told.times().values()) == {1}
    for ref, left in told.at:
        if ref in texts:
            assert at("09:00") <= left < (texts[ref].not_after or left)
            assert left - max(texts[ref].due_at, at("09:00")) <= timedelta(minutes=4), "long after the gateway was back"


def test_after_a_day_without_a_worker_only_what_makes_sense_leaves_and_the_nearest_first() -> None:
    told, service = Told(), make_service()
    Reminder.objects.create(
        business=service.business, side="before", offset_minutes=1440, audiences=["consumer"], channel="email"
    )
    Reminder.objects.create(
        business=service.business, side="after", offset_minutes=60, audiences=["consumer"], channel="email"
    )
    friday = at("09:00") - 3 * DAY
    clock.set_to(friday - 10 * DAY)
    long_over = book(service, friday - 4 * DAY, contact=Contact("A", "a@example.org"))
    over = book(service, friday, contact=Contact("B", "b@example.org"))
    clock.set_to(at("09:00") - DAY - 2 * HOUR)
    far = book(service, at("09:00") + 3 * DAY, contact=Contact("C", "c@example.org"))
    later = book(service, at("15:00"), contact=Contact("D", "d@example.org"))
    soon = book(service, at("09:30"), contact=Contact("E", "e@example.org"))
    past = book(service, at("08:30"), contact=Contact("F", "f@example.org"))
    clock.set_to(at("09:00") - HOUR / 4)
    sender = Worker("email", fakes(told.mail, told.sms), senders=1)
    while sender.turn():
        pass
    left = [(row.kind, row.subject_ref) for ref, _at in told.at for row in OutboxMessage.objects.filter(ref=ref)]
    reminded = [subject for kind, subject in left if kind == "reminder"]
    assert reminded == [soon.ref, later.ref], "the nearest appointment first, and none that has begun"
    assert [subject for kind, subject in left if kind == "follow_up"] == [over.ref]
    confirmed = [subject for kind, subject in left if kind == "confirmation"]
    assert set(confirmed) == {past.ref, soon.ref, later.ref, far.ref}
    assert left.index(("reminder", later.ref)) < left.index(("confirmation", far.ref))
    assert long_over.ref not in {subject for _kind, subject in left}
    assert not OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=clock.now()).exists()


def test_who_moved_keeps_one_reminder_even_when_the_clock_was_wrong_between() -> None:
    from vestibule.booking import lifecycle
    from vestibule.people.permissions import SYSTEM

    told, service = Told(), make_service()
    clock.set_to(at("09:00") - 2 * DAY)
    appointment: Any = book(service, at("09:00"))
    clock.advance(3600)
    appointment = lifecycle.move(SYSTEM, appointment, at("10:00"))
    clock.advance(-3600)
    lifecycle.move(SYSTEM, appointment, at("11:00"))
    for hours in range(0, 60):
        clock.set_to(at("09:00") - 2 * DAY + timedelta(hours=hours))
        send_due(fakes(told.mail, told.sms))
    rows = [row for ref, _at in told.at for row in OutboxMessage.objects.filter(ref=ref, kind="reminder")]
    assert sorted(row.channel for row in rows) == ["email", "sms"]
    assert {row.due_at for row in rows} == {at("11:00") - DAY, at("10:00")}
