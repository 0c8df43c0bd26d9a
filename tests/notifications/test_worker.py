"""What leaves, when, and what happens when it cannot."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from pytest_django import Settings

from tests.notifications.letters import queue
from vestibule.notifications import gateways, leases, outbox, outcomes, worker
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import DeliveryError, Mail
from vestibule.notifications.testing import FakeMail, FakeSms, fakes
from vestibule.notifications.worker import Worker, send_due
from vestibule.store import clock
from vestibule.store.configuration import load
from vestibule.store.transactions import writing

PATIENCE = 30.0
"""Seconds. What is waited for comes at once, or never; the machine may be busy with everything else."""
State = OutboxMessage.State
HOUR = timedelta(hours=1)


def state(row: OutboxMessage) -> str:
    row.refresh_from_db()
    return row.state


@pytest.mark.django_db
def test_a_message_leaves_when_it_is_due_and_not_before() -> None:
    row, mail = queue(due_at=clock.now() + HOUR), FakeMail()
    assert send_due(fakes(mail)) == 0
    clock.advance(3599)
    assert send_due(fakes(mail)) == 0
    clock.advance(1)
    assert send_due(fakes(mail)) == 1
    assert [sent.ref for sent in mail.taken] == [row.ref]
    assert state(row) == State.DONE


@pytest.mark.django_db
def test_a_message_never_leaves_after_its_time() -> None:
    row, mail = queue(due_at=clock.now() + HOUR, not_after=clock.now() + 2 * HOUR), FakeMail()
    clock.advance(7200)
    send_due(fakes(mail))
    assert mail.taken == []
    assert state(row) == State.DROPPED


@pytest.mark.django_db
def test_an_urgent_message_passes_what_has_waited_longer() -> None:
    queue(due_at=clock.now() - HOUR, to="first@example.org")
    queue(is_urgent=True, to="urgent@example.org")
    mail = FakeMail()
    Worker("email", fakes(mail), batch=1, senders=1).turn()
    assert [sent.to for sent in mail.taken] == ["urgent@example.org"]


@pytest.mark.django_db
def test_a_message_dropped_while_its_batch_is_sent_stays_here() -> None:
    first, second, mail = queue(), queue(subject_ref="second"), FakeMail()
    sender = Worker("email", fakes(mail), senders=1)
    taken = leases.claim(sender.name, "email", now=clock.now(), most=50, lease=HOUR)
    with writing():
        outbox.drop("second")
    sender._send_all(taken, {}, None)
    sender._drain()
    assert [sent.ref for sent in mail.taken] == [first.ref]
    assert state(second) == State.DROPPED


@pytest.mark.django_db
def test_a_passing_error_delays_a_message_longer_each_time() -> None:
    row, mail = queue(), FakeMail()
    mail.refusal = DeliveryError("the mail server cannot be reached", permanent=False)
    for n in range(4):
        before = clock.now()
        assert send_due(fakes(mail)) == 1
        after = clock.now()
        row.refresh_from_db()
        assert row.next_at - before >= timedelta(seconds=5 * 2**n)
        assert row.next_at - after <= timedelta(seconds=10 * 2**n)
        clock.advance((row.next_at - after).total_seconds() + 1)
    assert row.state == State.QUEUED
    assert row.last_error == "the mail server cannot be reached"
    mail.refusal = None
    send_due(fakes(mail))
    assert state(row) == State.DONE


@pytest.mark.django_db
def test_a_permanent_error_ends_in_the_dead_letters_at_once() -> None:
    row, mail = queue(), FakeMail()
    mail.refusal = DeliveryError("the mail server answered 550", permanent=True)
    send_due(fakes(mail))
    assert (state(row), row.last_error) == (State.FAILED, "the mail server answered 550")
    clock.advance(86_400)
    assert send_due(fakes(mail)) == 0


@pytest.mark.django_db
def test_a_message_that_cannot_be_sent_for_long_ends_in_the_dead_letters() -> None:
    row, mail = queue(), FakeMail()
    mail.refusal = DeliveryError("down", permanent=False)
    OutboxMessage.objects.update(attempts=leases.MOST_ATTEMPTS - 1)
    send_due(fakes(mail))
    assert state(row) == State.FAILED


@pytest.mark.django_db
def test_a_message_without_wording_does_not_stop_the_others() -> None:
    broken, good, mail = queue(kind="no_such_kind"), queue(), FakeMail()
    send_due(fakes(mail))
    assert [sent.ref for sent in mail.taken] == [good.ref]
    assert state(broken) == State.QUEUED
    assert broken.last_error == "cannot be made: KeyError"


@pytest.mark.django_db
def test_telephone_numbers_are_handed_over_as_gateways_want_them() -> None:
    texts = FakeSms()
    queue(channel="sms", to="+44 (7700) 900-123")
    national = queue(channel="sms", to="07700 900123")
    send_due(fakes(sms=texts))
    assert [text.to for text in texts.taken] == ["+447700900123"]
    assert state(national) == State.FAILED


@pytest.mark.django_db
def test_a_setting_that_cannot_be_read_lets_messages_wait(settings: Settings) -> None:
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_EMAIL_URL": "mail.example.org:25"})
    row = queue()
    send_due(gateways.configured())
    assert state(row) == State.QUEUED
    assert "smtp://host:port" in row.last_error


@pytest.mark.django_db
def test_with_a_gateway_the_words_are_not_kept() -> None:
    row = queue()
    send_due(fakes())
    row.refresh_from_db()
    assert row.sent == {}
    assert row.gateway_id == f"fake-{row.ref}"


@pytest.mark.django_db
def test_without_a_gateway_the_words_are_kept() -> None:
    mail, text = queue(), queue(channel="sms")
    send_due(gateways.Gateways(gateways.Carrier(), gateways.Carrier()))
    mail.refresh_from_db()
    text.refresh_from_db()
    assert (mail.state, mail.gateway, mail.sent_at is not None) == (State.DONE, "kept", True)
    assert "Lakeside Clinic" in mail.sent["html"]
    assert text.sent["text"].startswith("Lakeside Clinic: reminder")


@pytest.mark.django_db
def test_a_lease_that_ran_out_lets_another_worker_send() -> None:
    row, mail = queue(), FakeMail()
    leases.claim("a worker that was killed", "email", now=clock.now(), most=50, lease=timedelta(seconds=-1))
    assert send_due(fakes(mail)) == 1
    assert state(row) == State.DONE


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_cannot_finish_the_message() -> None:
    queue()
    [row] = leases.claim("slow", "email", now=clock.now(), most=50, lease=timedelta(seconds=-1))
    send_due(fakes())
    leases.finish("slow", [outcomes.NotSent(row, "too slow", permanent=True)], now=clock.now())
    assert state(row) == State.DONE


@pytest.mark.django_db
def test_moving_the_test_clock_does_not_end_a_lease() -> None:
    row = queue()
    leases.claim("busy", "email", now=clock.now(), most=50, lease=timedelta(seconds=20))
    clock.advance(86_400)
    assert leases.reap(clock.now()) == 0
    assert state(row) == State.LEASED


@pytest.mark.django_db
def test_a_message_that_ends_every_worker_is_given_up() -> None:
    row = queue()
    OutboxMessage.objects.update(attempts=leases.MOST_ATTEMPTS)
    leases.claim("killed", "email", now=clock.now(), most=50, lease=timedelta(seconds=-1))
    leases.reap(clock.now())
    assert state(row) == State.FAILED


@pytest.mark.django_db
def test_a_failing_database_does_not_send_a_mail_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    row, mail, finish = queue(), FakeMail(), leases.finish
    sender = Worker("email", fakes(mail))

    def fails(*args: object, **kwargs: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(leases, "finish", fails)
    with pytest.raises(OperationalError):
        sender.turn()
    monkeypatch.setattr(leases, "finish", finish)
    sender.turn()
    assert len(mail.taken) == 1
    assert state(row) == State.DONE


class SlowMail(FakeMail):
    """Takes a moment for each mail, as real servers do."""

    def send(self, mail: Mail) -> str:
        time.sleep(0.002)
        return super().send(mail)


def test_two_workers_never_send_the_same_message(each_database: str) -> None:
    for number in range(300):
        queue(to=f"jo{number}@example.org")
    mail, stop = SlowMail(), threading.Event()

    def work() -> None:
        sender = Worker("email", fakes(mail), batch=7, lease=HOUR)
        sender.run(stop)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 120
    while OutboxMessage.objects.exclude(state=State.DONE).exists() and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert OutboxMessage.objects.filter(state=State.DONE, attempts=1).count() == 300
    assert len(mail.taken) == len({sent.ref for sent in mail.taken}) == 300


def test_a_worker_that_runs_sends_what_is_queued_later_at_once(each_database: str) -> None:
    mail, stop = FakeMail(), threading.Event()
    sender = Worker("email", fakes(mail))
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    try:
        later = queue(due_at=clock.now() + HOUR)
        now = queue()
        assert _soon(lambda: len(mail.taken) == 1)
        assert mail.taken[0].ref == now.ref
        clock.advance(3600)
        assert _soon(lambda: len(mail.taken) == 2)
        assert mail.taken[1].ref == later.ref
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_a_worker_told_to_stop_gives_back_what_it_did_not_try(each_database: str) -> None:
    for _ in range(20):
        queue()
    stop = threading.Event()

    class StopsAfterOne(FakeMail):
        def send(self, mail: Mail) -> str:
            stop.set()
            return super().send(mail)

    Worker("email", fakes(StopsAfterOne()), senders=1).run(stop)
    assert OutboxMessage.objects.filter(state=State.LEASED).count() == 0
    assert OutboxMessage.objects.filter(state=State.QUEUED).count() >= 18


def test_a_mail_server_that_hangs_does_not_delay_text_messages(each_database: str) -> None:
    class Hangs(FakeMail):
        def send(self, mail: Mail) -> str:
            released.wait(2 * PATIENCE)
            return super().send(mail)

    released, stop, texts = threading.Event(), threading.Event(), FakeSms()
    for _ in range(20):
        queue()
    queue(channel="sms")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways, "configured", lambda: fakes(Hangs(), texts))
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            assert _soon(lambda: len(texts.taken) == 1)
        finally:
            stop.set()
            released.set()
            thread.join(PATIENCE)


def _soon(is_so: "object", within: float = PATIENCE) -> bool:
    assert callable(is_so)
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_worker_outlives_a_database_that_fails_for_a_while(
    each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail, stop, claim, failures = FakeMail(), threading.Event(), leases.claim, iter(range(2))

    def fails_twice(*args: Any, **kwargs: Any) -> list[OutboxMessage]:
        if next(failures, None) is not None:
            raise OperationalError("server closed the connection unexpectedly")
        return claim(*args, **kwargs)

    monkeypatch.setattr(leases, "claim", fails_twice)
    monkeypatch.setattr(worker, "PAUSE_AFTER_ERROR", 0.01)
    queue()
    thread = threading.Thread(target=Worker("email", fakes(mail)).run, args=(stop,))
    thread.start()
    try:
        assert _soon(lambda: len(mail.taken) == 1)
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_a_worker_ends_though_the_database_never_comes_back(
    each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its gateway took cannot be written down, and the next message waits for that no longer than its lease."""

    class Keyless(FakeMail):
        def send_in_turn(self, mail: Mail, turn: Callable[[], None]) -> str:
            turn()
            return self.send(mail)

    def fails(*args: Any, **kwargs: Any) -> None:
        if mail.taken:
            raise OperationalError("server closed the connection unexpectedly")
        finish(*args, **kwargs)

    for _ in range(3):
        queue()
    mail, stop, finish = Keyless(), threading.Event(), leases.finish
    monkeypatch.setattr(leases, "finish", fails)
    monkeypatch.setattr(worker, "PAUSE_AFTER_ERROR", 0.01)
    sender = Worker("email", fakes(mail), lease=timedelta(seconds=1))

    def run() -> None:
        with suppress(OperationalError):
            sender.run(stop)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert _soon(lambda: len(mail.taken) == 1)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for a turn that never comes"
