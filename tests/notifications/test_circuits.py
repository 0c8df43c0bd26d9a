"""A gateway that fails or hangs is left alone, and holds up nobody else's messages."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.factories import make_business
from tests.notifications.letters import queue
from vestibule.notifications import circuits, leases, worker
from vestibule.notifications.circuits import Circuits
from vestibule.notifications.gateways import Carrier, Gateways
from vestibule.notifications.handing import Refused
from vestibule.notifications.models import OutboxMessage, SentCount
from vestibule.notifications.outcomes import NotSent, Sent, TooLate
from vestibule.notifications.ports import DeliveryError, Mail
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import Worker
from vestibule.store import clock

PATIENCE = 30.0
"""Seconds. What is waited for comes at once, or never; the machine may be busy with everything else."""
State = OutboxMessage.State
DOWN = DeliveryError("down", permanent=False, of_gateway=True)
ROW: Any = object()


class Own(Gateways):
    """Gateways of businesses: `own` holds the carriers of each, by its key; others have none that takes anything."""

    own: dict[int | None, Sequence[Carrier[Any]]]

    def carriers(self, channel: str, businesses: Iterable[int | None]) -> dict[int | None, Sequence[Carrier[Any]]]:
        return {one: self.own[one] for one in businesses}


def own(**carriers: Any) -> Own:
    made = Own(Carrier(), Carrier())
    object.__setattr__(made, "own", carriers.pop("of"))
    return made


class CountingMail(FakeMail):
    """Counts how often it was asked, also in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def send(self, mail: Mail) -> str:
        with self._lock:
            self.asked += 1
        return super().send(mail)


class HangingMail(CountingMail):
    """Answers to nothing until it is released, and then that it can take no mail."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def send(self, mail: Mail) -> str:
        self.asked += 1
        self.released.wait(2 * PATIENCE)
        raise DOWN


@contextmanager
def running(sender: Worker) -> Any:
    stop = threading.Event()
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)


def soon(is_so: Callable[[], bool], within: float = PATIENCE) -> bool:
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class Seconds:
    """A clock of the machine that the test moves: what rests goes on resting, however slow the machine is."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_three_failures_one_message_at_a_time_tries_a_gateway_after_ever_longer_rests() -> None:
    seconds, carrier = Seconds(), Carrier[Any]("fake", FakeMail())
    known = Circuits(seconds)
    failed = NotSent(ROW, "down", False, None, (Refused(carrier, "down", is_down=True),))
    for _ in range(circuits.FAILURES):
        assert known.usable([carrier]) == [carrier]
        known.asked(carrier)
        known.learn(carrier, failed)
    rests = []
    for _ in range(8):
        assert known.usable([carrier]) == []
        rests.append(known.rest([carrier]))
        seconds.now += rests[-1]
        assert known.usable([carrier]) == [carrier]
        known.asked(carrier)
        assert known.usable([carrier]) == [], "a second message tries it too"
        known.learn(carrier, failed)
    assert all(0.75 * 2**n * 2 <= rest <= 2**n * 2 for n, rest in enumerate(rests[:6]))
    assert max(rests) <= circuits.LONGEST_REST
    known.learn(carrier, Sent(ROW, carrier, "", {}))
    assert known.usable([carrier]) == [carrier]


def test_a_try_that_never_reached_the_gateway_leaves_it_to_the_next() -> None:
    seconds, carrier = Seconds(), Carrier[Any]("fake", FakeMail())
    known = Circuits(seconds)
    failed = NotSent(ROW, "down", False, None, (Refused(carrier, "down", is_down=True),))
    for _ in range(circuits.FAILURES):
        known.learn(carrier, failed)
    seconds.now += circuits.LONGEST_REST
    known.asked(carrier)
    known.learn(carrier, TooLate(ROW))
    assert known.usable([carrier]) == [carrier]


def test_a_refusal_that_speaks_of_the_message_says_that_the_gateway_works() -> None:
    carrier = Carrier[Any]("fake", FakeMail())
    known = Circuits(Seconds())
    for number in range(9):
        is_down = number % 3 != 2
        known.learn(carrier, NotSent(ROW, "", True, None, (Refused(carrier, "", is_down=is_down),)))
    assert known.usable([carrier]) == [carrier]


@pytest.mark.django_db
def test_a_gateway_that_is_down_is_not_asked_by_each_message() -> None:
    mail = CountingMail()
    mail.refusal = DOWN
    for _ in range(30):
        queue()
    sender = Worker("email", fakes(mail), senders=1, seconds=Seconds())
    assert sender.turn() == 30
    sender.turn()
    assert mail.asked == circuits.FAILURES
    untried = OutboxMessage.objects.filter(state=State.QUEUED, attempts=0, last_error="", next_at__lte=clock.now())
    assert untried.count() == 30 - circuits.FAILURES


@pytest.mark.django_db
def test_when_it_works_again_all_leave_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "FIRST_REST", 0.01)
    monkeypatch.setattr(circuits, "TRYING", 0.0)
    mail = CountingMail()
    mail.refusal = DOWN
    for _ in range(30):
        queue()
    sender = Worker("email", fakes(mail))
    sender.turn()
    mail.refusal = None
    clock.advance(60)
    assert soon(lambda: sender.turn() >= 0 and OutboxMessage.objects.filter(state=State.DONE).count() == 30)
    assert len(mail.taken) == len({one.ref for one in mail.taken}) == 30


@pytest.mark.parametrize("hang", [1, 3])
def test_gateways_that_hang_hold_up_no_other_business(each_database: str, hang: int) -> None:
    bank, mail = make_business(slug="harbour-bank"), FakeMail()
    hanging = {make_business().pk: HangingMail() for _ in range(hang)}
    for number, business in itertools.product(range(60), hanging):
        queue(business_id=business, due_at=clock.now() - timedelta(minutes=60 - number))
    for _ in range(20):
        queue(business_id=bank.pk)
    slow = {business: [Carrier("slow", gateway, business)] for business, gateway in hanging.items()}
    with running(Worker("email", own(of={**slow, bank.pk: [Carrier("fake", mail, bank.pk)]}))):
        assert soon(lambda: len(mail.taken) == 20), f"{20 - len(mail.taken)} messages wait for gateways of others"
        queue(business_id=bank.pk)
        assert soon(lambda: len(mail.taken) == 21)
        asked = [one.asked for one in hanging.values()]
        for one in hanging.values():
            one.released.set()
    assert max(asked) <= worker.SENDERS
    assert sum(asked) < 2 * worker.SENDERS
    assert OutboxMessage.objects.filter(state=State.LEASED).count() == 0


def test_a_gateway_that_takes_everything_but_slowly_holds_up_no_other_business(each_database: str) -> None:
    class SlowMail(FakeMail):
        def send(self, mail: Mail) -> str:
            time.sleep(0.2)
            return super().send(mail)

    lake, bank, slow, mail = make_business(), make_business(slug="harbour-bank"), SlowMail(), FakeMail()
    for _ in range(300):
        queue(business_id=lake.pk, due_at=clock.now() - timedelta(minutes=1))
    queue(business_id=bank.pk)
    ways = own(of={lake.pk: [Carrier("slow", slow, 1)], bank.pk: [Carrier("fake", mail, 2)]})
    with running(Worker("email", ways)):
        assert soon(lambda: len(mail.taken) == 1)
        assert len(slow.taken) < 150, "it left only once others' messages were through"
    assert len(slow.taken) == len({one.ref for one in slow.taken})


@pytest.mark.django_db
def test_while_the_first_gateway_rests_the_second_takes_over_at_once() -> None:
    lake, first, second = make_business(), CountingMail(), FakeMail()
    first.refusal = DOWN
    for _ in range(20):
        queue(business_id=lake.pk)
    Worker(
        "email", own(of={lake.pk: [Carrier("a", first, 1), Carrier("b", second, 2)]}), senders=1, seconds=Seconds()
    ).turn()
    assert (first.asked, len(second.taken)) == (circuits.FAILURES, 20)


@pytest.mark.django_db
def test_what_the_second_refuses_is_not_given_up_while_the_first_rests() -> None:
    lake, first, second = make_business(), CountingMail(), FakeMail()
    first.refusal = DOWN
    second.refusal = DeliveryError("not to this country", permanent=True, of_gateway=True)
    for _ in range(8):
        queue(business_id=lake.pk)
    Worker(
        "email", own(of={lake.pk: [Carrier("a", first, 1), Carrier("b", second, 2)]}), senders=1, seconds=Seconds()
    ).turn()
    assert first.asked == circuits.FAILURES
    assert OutboxMessage.objects.filter(state=State.QUEUED).count() == 8


@pytest.mark.django_db
def test_what_is_of_no_use_any_more_is_dropped_while_its_gateway_rests() -> None:
    mail = FakeMail()
    mail.refusal = DOWN
    for _ in range(10):
        queue(not_after=clock.now() + timedelta(minutes=5))
    sender = Worker("email", fakes(mail), senders=1, seconds=Seconds())
    sender.turn()
    clock.advance(301)
    sender._reaped = -10.0
    sender.turn()
    assert OutboxMessage.objects.filter(state=State.DROPPED, last_error="not sent in time").count() >= 7


@pytest.mark.django_db
def test_only_what_was_tried_counts_against_a_cap() -> None:
    lake, texts = make_business(), FakeSms()
    texts.refusal = DOWN
    clock.set_to(clock.now().replace(hour=12))
    for number in range(10):
        queue(business_id=lake.pk, channel="sms", to=f"+4479460000{number}0")
    Worker("sms", fakes(sms=texts), senders=1, seconds=Seconds()).turn()
    assert SentCount.objects.get(scope="business").used == circuits.FAILURES
    assert sorted(SentCount.objects.filter(scope="to").values_list("used", flat=True)) == [0] * 7 + [1] * 3


def test_a_jump_of_the_machines_clock_repeats_nothing_in_the_air(
    each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowMail(CountingMail):
        def send(self, mail: Mail) -> str:
            sent = super().send(mail)
            time.sleep(0.6)
            return sent

    mail, machine_now = SlowMail(), leases._machine_now
    row = queue()
    monkeypatch.setattr(worker, "REAP_SECONDS", 0.05)
    with running(Worker("email", fakes(mail))):
        assert soon(lambda: mail.asked == 1)
        monkeypatch.setattr(leases, "_machine_now", lambda: machine_now() + timedelta(hours=1))
        assert soon(lambda: OutboxMessage.objects.get(pk=row.pk).state == State.DONE)
    assert mail.asked == 1


def test_threads_that_send_never_ask_the_database(each_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, mail, texts = make_business(), FakeMail(), FakeSms()
    cursor = BaseDatabaseWrapper.cursor
    asked = []

    def watched(self: BaseDatabaseWrapper) -> Any:
        asked.append(threading.current_thread().name)
        return cursor(self)

    for kind in ("confirmation", "reminder", "moved", "cancelled", "provider_booked", "follow_up"):
        queue(kind=kind, business_id=lake.pk)
        queue(kind=kind, business_id=lake.pk, channel="sms", to="+447946000000")
    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", watched)
    worker.send_due(fakes(mail, texts))
    assert len(mail.taken) == 6
    assert asked
    assert [name for name in asked if name.startswith("send-")] == []


def test_a_gateway_without_keys_has_one_message_whose_fate_is_not_written_down(
    each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KeylessMail(FakeMail):
        def send_in_turn(self, mail: Mail, turn: Callable[[], None]) -> str:
            turn()
            with self._lock:
                self.open += 1
                self.most = max(self.most, self.open)
            time.sleep(0.002)
            return self.send(mail)

        open = most = 0

    mail, finish = KeylessMail(), leases.finish

    def finished(name: str, outcomes: Sequence[Any], **more: Any) -> None:
        finish(name, outcomes, **more)
        with mail._lock:
            mail.open -= len(outcomes)

    monkeypatch.setattr(leases, "finish", finished)
    for _ in range(40):
        queue()
    Worker("email", fakes(mail)).turn()
    assert (len(mail.taken), mail.most) == (40, 1)
