"""What happened reaches whoever asked: at least once, whatever fails, and nobody waits for somebody else's address."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.factories import make_business, manager_of
from tests.subscriptions.told import happens, subscribed
from vestibule import serving
from vestibule.store import clock
from vestibule.subscriptions import delivery, lifetimes, sealing, shapes, verbs, worker
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.ports import Reply, Request
from vestibule.subscriptions.testing import FakePoster, unreachable
from vestibule.subscriptions.worker import Worker

pytestmark = pytest.mark.django_db
State = Delivery.State


def tell_due(poster: FakePoster) -> int:
    return Worker(poster).drain()


def states(row: Subscription) -> list[str]:
    return list(row.deliveries.order_by("pk").values_list("state", flat=True))


def test_what_happened_is_posted_together_and_what_it_said_is_not_kept(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    for number in range(3):
        happens(row.business, text=f"Message {number}")
    tell_due(poster)
    assert len(poster.taken) == 1
    assert [one["data"]["messageBody"] for one in poster.told()] == ["Message 0", "Message 1", "Message 2"]
    assert states(row) == ["done"] * 3
    assert list(row.deliveries.values_list("facts", flat=True)) == [{}] * 3
    row.refresh_from_db()
    assert row.told_at is not None


def test_more_than_fits_into_one_post_goes_in_several(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    for _ in range(20):
        happens(row.business, text="x" * 20_000)
    tell_due(poster)
    assert len(poster.taken) > 1
    assert all(len(request.body) <= 210 * 1024 for request in poster.taken)
    assert len({one["id"] for one in poster.told()}) == len(poster.told()) == 20


def test_what_many_read_is_put_into_words_a_few_at_a_time_and_arrives_all_the_same(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceived",))
    readers = [f"acs:{number:032x}" for number in range(100)]
    for _ in range(4):
        happens(row.business, text="x" * 20_000, readers=readers)
    (batch,) = delivery.claim("here", most=1, running={})
    assert 0 < len(batch.deliveries) < 4, "a hundred times what they say is held in memory"
    Subscription.objects.update(leased_by="", leased_until=None)
    tell_due(poster)
    assert (len(poster.told()), states(row)) == (400, ["done"] * 4)


def test_after_half_an_hour_of_outage_everything_arrives_once_by_the_same_ids(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    poster.answers["/events"] = unreachable
    until, tries = clock.now() + timedelta(minutes=30), 0
    while clock.now() < until:
        happens(row.business)
        before = len(poster.asked)
        tell_due(poster)
        tries += len(poster.asked) - before
        row.refresh_from_db()
        assert row.failing_since is not None
        clock.set_to(max(row.next_at, clock.now()) + timedelta(seconds=1))
    assert tries < 10, "an address that is down is left alone for longer each time"
    assert (row.problem, set(states(row))) == ("did not answer in time", {"queued"})
    seen = {one["id"] for request in poster.asked[1:] for one in json.loads(request.body)}
    del poster.answers["/events"]
    tell_due(poster)
    assert set(states(row)) == {"done"}
    ids = [one["id"] for one in poster.told()]
    assert len(ids) == len(set(ids)) == row.deliveries.count()
    assert seen <= set(ids)
    row.refresh_from_db()
    assert (row.failures, row.failing_since, row.problem) == (0, None, "")


def test_what_nobody_took_for_a_day_is_given_up_and_can_be_tried_again_by_hand(poster: FakePoster) -> None:
    row = subscribed()
    poster.answers["/events"] = lambda request: Reply(503)
    happens(row.business)
    end = clock.now() + timedelta(hours=26)
    while clock.now() < end:
        tell_due(poster)
        clock.advance(3700)
    assert states(row) == ["failed"]
    given_up = row.deliveries.get()
    assert (given_up.status, given_up.problem, bool(given_up.facts)) == (503, "answered 503", True)
    del poster.answers["/events"]
    assert verbs.try_again(manager_of(row.business), row.guid) == 1
    tell_due(poster)
    assert states(row) == ["done"]


def test_an_event_that_is_refused_for_itself_keeps_nothing_else_back(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    poster.answers["/events"] = lambda request: Reply(400 if b"poison" in request.body else 200)
    for text in ("one", "poison", "three"):
        happens(row.business, text=text)
    tell_due(poster)
    assert states(row) == ["done", "failed", "done"]
    row.refresh_from_db()
    assert (row.failures, row.failing_since) == (0, None)


def test_an_event_with_odd_facts_keeps_nothing_else_back(poster: FakePoster) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    happens(row.business)
    Delivery.objects.update(facts={})
    happens(row.business)
    tell_due(poster)
    assert states(row) == ["failed", "done"]


def test_an_address_that_asks_for_time_is_given_it(poster: FakePoster) -> None:
    row = subscribed()
    poster.answers["/events"] = lambda request: Reply(429, wait=timedelta(minutes=20))
    happens(row.business)
    tell_due(poster)
    row.refresh_from_db()
    assert row.next_at - clock.now() > timedelta(minutes=19)


def test_a_redirect_is_no_success(poster: FakePoster) -> None:
    row = subscribed()
    poster.answers["/events"] = lambda request: Reply(302, {"location": "https://example.com/elsewhere"})
    happens(row.business)
    tell_due(poster)
    assert states(row) == ["queued"]
    assert all("elsewhere" not in request.url for request in poster.asked)


def test_types_nobody_asked_for_are_done_without_a_word(poster: FakePoster) -> None:
    row = subscribed(shape="graph", name="graph")
    Subscription.objects.filter(pk=row.pk).update(kinds=[])
    happens(row.business)
    tell_due(poster)
    assert (states(row), poster.taken) == (["done"], [])


@contextmanager
def hanging(poster: FakePoster, path: str) -> Iterator[threading.Event]:
    """Let an address hang until the block ends."""
    hangs, goes_on = threading.Event(), threading.Event()

    def answer(request: Request) -> Reply:
        hangs.set()
        assert goes_on.wait(60)
        return Reply(200)

    poster.answers[path] = answer
    try:
        yield hangs
    finally:
        goes_on.set()


def test_addresses_that_hang_hold_nobody_else_up(poster: FakePoster) -> None:
    bad, good = make_business(), make_business()
    for number in range(8):
        subscribed(bad, name=f"hangs-{number}", address=f"https://hangs-{number}.example.com/hangs")
    other = subscribed(bad, name="works", address="https://works.example.com/works")
    mine = subscribed(good)
    telling = Worker(poster, at_once=6, slow_at_once=3)
    with hanging(poster, "/hangs") as hangs:
        happens(bad)
        telling.turn()
        assert hangs.wait(30)
        happens(good)
        while "queued" in states(mine):
            if not telling.turn():
                telling._pause()
        assert states(mine) == ["done"]
    while "queued" in states(other):
        if not telling.turn():
            telling._pause()
    telling.drain()
    assert not Delivery.objects.filter(state=State.QUEUED).exists()


def test_what_a_worker_took_before_it_was_killed_another_tells_by_the_same_id(
    poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    happens(row.business)
    killed = delivery.claim("killed", most=5, running={})
    assert len(killed) == 1
    assert tell_due(poster) == 0, "what somebody has is left to them"
    # It had told, but not written that down.
    request = shapes.shape("event_grid").posts(sealing.addressee(row), killed[0].told())[0]
    poster.ask(request, seconds=1)
    later = delivery._machine_now() + 2 * delivery.LEASE
    monkeypatch.setattr(delivery, "_machine_now", lambda: later)
    tell_due(poster)
    assert len(poster.told()) == 2
    assert len({one["id"] for one in poster.told()}) == 1
    assert states(row) == ["done"]


def test_of_two_workers_one_tells(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    first = delivery.claim("first", most=5, running={})
    assert (len(first), delivery.claim("second", most=5, running={})) == (1, [])


def test_whoever_lost_a_subscription_writes_nothing_of_it(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    taken = delivery.claim("slow", most=5, running={})[0]
    Subscription.objects.filter(pk=row.pk).update(leased_by="other")
    assert not delivery.write("slow", taken, [])
    assert states(row) == ["queued"]


def test_what_ends_while_it_is_told_stays_ended(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    taken = delivery.claim("worker", most=5, running={})[0]
    verbs.end(manager_of(row.business), row.guid)
    assert not delivery.write("worker", taken, [])
    assert states(row) == []


def test_who_asks_for_another_try_during_one_gets_it(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    taken = delivery.claim("worker", most=5, running={})[0]
    clock.advance(10)
    verbs.try_again(manager_of(row.business), row.guid)
    request = Request("POST", "", events=frozenset({taken.deliveries[0].event}))
    delivery.write("worker", taken, [delivery.Result(request, words="did not answer in time")])
    assert tell_due(poster) == 1
    assert states(row) == ["done"]


def test_a_clock_that_was_set_back_does_not_silence_anybody(poster: FakePoster) -> None:
    row = subscribed()
    happens(row.business)
    tell_due(poster)
    clock.advance(-86_400)
    happens(row.business)
    tell_due(poster)
    assert states(row) == ["done", "done"]


def test_a_server_with_another_secret_says_so_and_tells_nothing(poster: FakePoster, settings: LazySettings) -> None:
    row = subscribed()
    happens(row.business)
    settings.SECRET_KEY = "another"
    tell_due(poster)
    row.refresh_from_db()
    assert "secret was changed" in row.problem
    assert states(row) == ["queued"]


def test_graph_is_told_of_several_changes_in_one_post(poster: FakePoster) -> None:
    business = make_business()
    row = verbs.add(
        manager_of(business),
        business,
        verbs.Wish(
            "graph",
            "My app",
            "https://example.com/graph",
            wants=("created", "deleted"),
            resource="users/ada@example.com/events",
            subject="providers/ada/",
            client_state="our-secret",
            expires_at=clock.now() + timedelta(days=2),
        ),
        at_once=True,
    )
    for kind in (Kind.APPOINTMENT_CREATED, Kind.APPOINTMENT_UPDATED, Kind.APPOINTMENT_DELETED):
        happens(business, kind, "providers/ada/appointments/e-1", appointment="e-1", version=3)
    tell_due(poster)
    assert [one["changeType"] for one in poster.told()] == ["created", "deleted"]
    first = poster.told()[0]
    assert (first["subscriptionId"], first["clientState"]) == (str(row.guid), "our-secret")
    assert first["resource"] == "users/ada@example.com/events/e-1"
    assert first["resourceData"]["id"] == "e-1"


def test_a_program_that_missed_changes_is_told_so_where_it_is_told_of_its_subscription(poster: FakePoster) -> None:
    row = subscribed(shape="graph", name="My app", life_address="https://example.com/life", resource="users/ada/events")
    poster.answers["/events"] = lambda request: Reply(503)
    for _ in range(3):
        happens(row.business, Kind.APPOINTMENT_CREATED, appointment="e-1", version=1)
    clock.advance(5 * 3600)
    tell_due(poster)
    assert states(row) == ["failed"] * 3 + ["queued"]
    clock.advance(3600)
    tell_due(poster)
    assert [one["lifecycleEvent"] for one in poster.told()] == ["missed"]
    assert states(row) == ["failed"] * 3 + ["done"]


def test_where_a_subscription_is_told_of_its_life_may_be_down(poster: FakePoster) -> None:
    row = subscribed(shape="graph", name="My app", life_address="https://example.com/life", resource="users/ada/events")
    poster.answers["/events"] = unreachable
    poster.answers["/life"] = unreachable
    happens(row.business, Kind.APPOINTMENT_CREATED, appointment="e-1", version=1)
    clock.advance(5 * 3600)
    tell_due(poster)
    del poster.answers["/events"]
    happens(row.business, Kind.APPOINTMENT_CREATED, appointment="e-2", version=1)
    clock.advance(3600)
    tell_due(poster)
    assert states(row) == ["failed", "failed", "done"]
    row.refresh_from_db()
    assert row.failing_since is None


def test_of_what_waits_for_an_address_that_is_down_there_is_a_most(
    poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 3)
    row = subscribed()
    poster.answers["/events"] = unreachable
    for _ in range(5):
        happens(row.business)
    tell_due(poster)
    assert states(row) == ["failed", "failed", "queued", "queued", "queued"]


def test_of_what_waits_for_an_address_that_is_slower_than_what_happens_there_is_a_most(
    poster: FakePoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 3)
    monkeypatch.setattr(delivery, "BATCH", 1)
    row = subscribed()
    for _ in range(6):
        happens(row.business)
    slow = worker.Worker(poster)
    assert slow.turn() == 1
    while states(row)[0] == "queued":
        slow._collect()
    assert states(row) == ["done", "failed", "failed", "queued", "queued", "queued"]
    given_up = row.deliveries.filter(state=State.FAILED).first()
    assert given_up is not None
    assert given_up.problem == "takes events more slowly than they come"


def test_what_people_wrote_is_kept_for_a_try_no_longer_than_their_business_keeps_it(poster: FakePoster) -> None:
    row = subscribed()
    other = subscribed()
    for one in (row, other):
        happens(one.business)
        happens(one.business, Kind.CALL_STARTED, call="c")
    Delivery.objects.update(state=State.FAILED)
    clock.advance(2 * 86_400)
    kept = [(row.business_id, clock.now() - timedelta(days=1)), (other.business_id, clock.now() - timedelta(days=5))]
    assert lifetimes.forget_said(kept) == 1
    assert [one.kind for one in row.deliveries.all()] == ["call.started"]
    assert other.deliveries.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_worker_of_a_server_tells_by_itself_until_it_is_stopped(poster: FakePoster) -> None:
    assert worker.__name__ in serving.BESIDE
    stop = threading.Event()
    row = subscribed(wants=("ChatMessageReceivedInThread",))
    running = worker.start(stop)
    try:
        happens(row.business)
        while not row.deliveries.filter(state=State.DONE).exists():
            assert running.is_alive()
            stop.wait(0.05)
    finally:
        stop.set()
        running.join(60)
    assert not running.is_alive()
    assert len(poster.told()) == 1
