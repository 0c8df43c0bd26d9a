"""Graph tells us of changes: subscriptions from their making to their end, and the door at which it calls."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections as databases
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from pytest_django import Settings

from tests.booking.factories import MONDAY
from tests.factories import make_business, make_provider, manager_of
from tests.integrations.microsoft import MAILBOX, Fault, Microsoft, microsoft
from tests.integrations.microsoft_notifying import Notifying
from vestibule.calendars import connections, sync, watching, worker
from vestibule.calendars.connections import Use
from vestibule.calendars.models import BusyInterval, CalendarSubscription, Connection
from vestibule.calendars.ports import Access
from vestibule.calendars.subscriptions import PATH, SELDOM, is_live, key_of, public_origin
from vestibule.integrations.microsoft365 import tokens
from vestibule.people import outside_accounts, rates
from vestibule.people.models import OutsideAccount
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "https://visits.example.org"


@dataclass
class Scene:
    """A provider whose Outlook calendar was read, and whose server tells of changes."""

    cloud: Microsoft
    graph: Notifying
    manager: Actor
    connection: Connection

    @property
    def row(self) -> CalendarSubscription:
        return CalendarSubscription.objects.get()

    @property
    def ref(self) -> str:
        """What Graph calls the one subscription there is."""
        (found,) = self.graph.subscriptions
        return found

    def work(self, after: timedelta = timedelta(seconds=3)) -> None:
        clock.advance(after.total_seconds())
        worker.sync_due()

    def readings(self) -> int:
        return sum("calendarView/delta" in one for one in self.cloud.asked)

    def busy(self) -> int:
        return BusyInterval.objects.filter(closes=False).count()

    def post(self, body: Any, hook: str = "", **query: str) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        address = f"{PATH}{hook or self.row.hook}"
        return Client().post(address, content, content_type="application/json", query_params=query).status_code


def door(address: str, body: Any) -> tuple[int, str]:
    """The product's own door, called from a thread of the stand-in."""
    assert address.startswith(f"{ORIGIN}/"), "it calls where we are"
    parts = urlsplit(address)
    kind = "text/plain; charset=utf-8" if body is None else "application/json"
    content = b"" if body is None else json.dumps(body).encode()
    try:
        answer = Client().post(f"{parts.path}?{parts.query}", content, content_type=kind)
        return answer.status_code, answer.content.decode()
    finally:
        if body is None:
            databases.close_all()


@pytest.fixture
def scene(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
    settings.PUBLIC_URL = ORIGIN
    rates.forget_all()
    clock.set_to(MONDAY + timedelta(hours=6))
    with microsoft() as cloud:
        graph = Notifying(door)
        cloud.parts.append(graph)
        business = make_business()
        manager = manager_of(business)
        outside_accounts.link(manager, business, "microsoft365", cloud.access)
        ada = make_provider(business=business)
        connection = connections.connect(manager, ada, "outlook", Access(MAILBOX), name="Outlook")
        worker.sync_due()
        worker.sync_due()
        yield Scene(cloud, graph, manager, connection)


def test_a_subscription_is_made_once_the_door_was_asked_and_changes_are_then_seen_at_once(scene: Scene) -> None:
    made = scene.graph.subscriptions[scene.ref]
    assert (scene.row.state, scene.row.external_id, scene.graph.asks) == ("live", scene.ref, 2)
    assert made["resource"] == f"users/{MAILBOX}/events"
    assert made["notificationUrl"] == made["lifecycleNotificationUrl"] == f"{ORIGIN}{PATH}{scene.row.hook}"
    assert len(made["clientState"]) <= 128
    scene.cloud.has("2030-03-05T09:00", "2030-03-05T10:00")
    assert scene.graph.tell(scene.ref) == (202, "")
    scene.work()
    assert scene.busy() == 1


def test_what_the_door_gives_back_is_plain_text_without_markup_and_only_while_one_is_made(scene: Scene) -> None:
    (status, text), *_more = scene.graph.answers
    assert (status, "<" in text, "&lt;b&gt;" in text) == (200, False, True)
    assert scene.post(b"", validationToken="<script>") == 409
    CalendarSubscription.objects.update(external_id="", leased_by="somebody")
    answer = Client().post(f"{PATH}{scene.row.hook}?validationToken=%3Cscript%3E", b"", content_type="text/plain")
    assert (answer.content, answer["Content-Type"]) == (b"&lt;script&gt;", "text/plain; charset=utf-8")
    assert scene.post(b"", validationToken="x" * 2049) == 422
    assert Client().get(f"{PATH}{scene.row.hook}").status_code == 405


def test_a_thousand_calls_make_one_reading(scene: Scene) -> None:
    before = scene.readings()
    body = {"value": [scene.graph.notification(scene.ref) for _ in range(50)]}
    for _ in range(20):
        assert scene.post(body) == 202
    scene.work()
    scene.work()
    assert scene.readings() == before + 1


def test_what_is_called_while_a_calendar_is_read_lets_it_be_read_again(scene: Scene) -> None:
    scene.graph.tell(scene.ref)
    clock.advance(3)
    (reading,) = worker.claim("me", most=1, lease=timedelta(minutes=3))
    outcome = sync.ask(sync.job_of(reading))
    scene.cloud.has("2030-03-05T09:00", "2030-03-05T10:00")
    scene.graph.tell(scene.ref)
    sync.write(outcome, "me")
    scene.work()
    assert scene.busy() == 1


def test_several_subscriptions_may_be_spoken_of_in_one_call(scene: Scene) -> None:
    provider = make_provider(business=scene.connection.business, name="Bo", slug="bo")
    connections.connect(scene.manager, provider, "outlook", Access(MAILBOX), name="Outlook")
    worker.sync_due()
    worker.sync_due()
    before = scene.readings()
    assert len(scene.graph.subscriptions) == 2
    scene.graph.tell(*scene.graph.subscriptions)
    scene.work()
    assert scene.readings() == before + 2


def nothing_follows(scene: Scene) -> bool:
    before = scene.readings()
    scene.work()
    return scene.readings() == before and scene.row.state == "live" and len(scene.graph.subscriptions) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"clientState": "guessed"},
        {"clientState": ""},
        {"clientState": None},
        {"clientState": "ключ"},
        {"clientState": "\ud800"},
        {"subscriptionId": "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"},
        {"subscriptionId": "\ud800"},
        {"subscriptionId": 7},
        {"lifecycleEvent": "exploded"},
        {"lifecycleEvent": ["missed"]},
        {"lifecycleEvent": "missed", "clientState": "guessed"},
        {"lifecycleEvent": "subscriptionRemoved", "clientState": "guessed"},
    ],
)
def test_what_is_forged_or_of_no_subscription_has_no_effect(scene: Scene, said: dict[str, Any]) -> None:
    assert scene.post({"value": [scene.graph.notification(scene.ref, **said)]}) == 202
    assert nothing_follows(scene)


def test_the_key_of_one_subscription_is_not_that_of_another(scene: Scene) -> None:
    stranger = CalendarSubscription(hook="another")
    assert key_of(stranger) != key_of(scene.row)
    other = scene.graph.notification(scene.ref, clientState=key_of(stranger))
    assert scene.post({"value": [other]}) == 202
    assert nothing_follows(scene)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"value": 1}', b'{"value": {}}', b"\xff\xfe", b"[" * 100_000, b'{"valeu": []}']
)
def test_what_is_no_call_is_said_so(scene: Scene, body: bytes) -> None:
    assert scene.post(body) == 422
    assert nothing_follows(scene)


def test_too_much_at_once_is_not_read(scene: Scene) -> None:
    assert scene.post(b" " * (1024 * 1024 + 1)) == 413


@tried(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["value", "subscriptionId", "clientState", "lifecycleEvent", "id"]), inner, max_size=5
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_posted_is_answered_and_changes_nothing(scene: Scene, value: Any) -> None:
    rates.forget_all()
    due = Connection.objects.values_list("next_at", flat=True).get()
    assert scene.post({"value": value}) in (202, 422)
    assert Connection.objects.values_list("next_at", flat=True).get() == due


def test_nobody_is_told_which_addresses_there_are_and_guessing_ends(scene: Scene) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    answers = [stranger.post(f"{PATH}guess{number}").status_code for number in range(62)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert scene.graph.tell(scene.ref)[0] == 202, "whoever was given one is heard all the same"


def test_one_that_is_asked_about_is_wanted_still(scene: Scene) -> None:
    scene.graph.tell_of_its_life(scene.ref, "reauthorizationRequired")
    scene.work()
    assert (scene.graph.reauthorized, scene.row.state, scene.row.is_asked) == ([scene.ref], "live", False)


def test_one_that_was_removed_is_made_anew_and_nothing_of_between_is_lost(scene: Scene) -> None:
    before, calls = scene.ref, scene.graph.notification(scene.ref, lifecycleEvent="subscriptionRemoved")
    scene.graph.tell_of_its_life(before, "subscriptionRemoved")
    del scene.graph.subscriptions[before]
    scene.cloud.has("2030-03-05T09:00", "2030-03-05T10:00")
    scene.work()
    scene.work()
    assert (scene.ref != before, scene.row.external_id, scene.busy()) == (True, scene.ref, 1)
    scene.post({"value": [calls, calls]})  # told again, late: it speaks of the one before
    assert nothing_follows(scene)


def test_after_missed_calls_a_calendar_is_read_from_its_beginning(scene: Scene) -> None:
    calendar = scene.connection.calendars.get()
    assert calendar.token
    scene.graph.tell_of_its_life(scene.ref, "missed")
    calendar.refresh_from_db()
    assert calendar.token == ""
    before = calendar.read_whole_at
    scene.work()
    calendar.refresh_from_db()
    assert before is not None
    assert calendar.read_whole_at is not None
    assert calendar.read_whole_at > before


def test_it_is_renewed_each_day_and_made_anew_where_it_is_gone(scene: Scene) -> None:
    ended = scene.graph.subscriptions[scene.ref]["expirationDateTime"]
    scene.work(timedelta(days=1, minutes=1))
    assert scene.graph.subscriptions[scene.ref]["expirationDateTime"] > ended
    before = scene.ref
    scene.graph.subscriptions.clear()
    scene.work(timedelta(days=1, minutes=1))
    worker.sync_due()
    assert (scene.ref != before, scene.row.state) == (True, "live")


def test_one_that_lasts_less_long_is_renewed_in_time(scene: Scene) -> None:
    scene.graph.longest = f"{clock.now() + timedelta(days=1, hours=10):%Y-%m-%dT%H:%M:%S}.0000000Z"
    scene.work(timedelta(days=1, minutes=1))
    row = scene.row
    assert row.expires_at is not None
    assert row.next_at < row.expires_at - timedelta(hours=5)


def test_calendars_are_looked_at_by_the_clock_all_the_same(scene: Scene) -> None:
    assert is_live(scene.connection)
    assert sync.usual(scene.connection) == SELDOM
    scene.cloud.has("2030-03-05T09:00", "2030-03-05T10:00")  # and nobody calls
    scene.work(timedelta(minutes=8))
    assert scene.busy() == 0
    scene.work(timedelta(minutes=26))
    assert scene.busy() == 1
    CalendarSubscription.objects.update(expires_at=clock.now() - timedelta(minutes=1))
    assert sync.usual(scene.connection) == sync.interval()


def test_an_answer_that_was_lost_makes_no_second_subscription(scene: Scene) -> None:
    scene.graph.tell_of_its_life(scene.ref, "subscriptionRemoved")
    scene.graph.subscriptions.clear()
    scene.cloud.faults = [Fault(cuts=True, on="POST /v1.0/subscriptions")]
    scene.work()
    assert scene.row.external_id == ""
    scene.work(timedelta(minutes=2))
    assert (scene.row.external_id, len(scene.graph.subscriptions)) == (scene.ref, 1)


def test_one_that_is_refused_says_why_and_calendars_go_on_by_the_clock(scene: Scene) -> None:
    scene.graph.tell_of_its_life(scene.ref, "subscriptionRemoved")
    scene.graph.subscriptions.clear()
    scene.cloud.faults = [Fault(403, "ErrorAccessDenied", on="POST /v1.0/subscriptions")]
    scene.work()
    assert scene.row.state == "failed"
    assert "403" in scene.row.problem
    assert sync.usual(scene.connection) == sync.interval()
    scene.work(timedelta(hours=7))
    worker.sync_due()
    assert scene.row.state == "live"


def test_it_is_taken_back_with_its_calendar(scene: Scene) -> None:
    connections.remove(scene.manager, scene.connection)
    scene.work()
    assert (scene.graph.subscriptions, CalendarSubscription.objects.count()) == ({}, 0)


def test_it_is_taken_back_where_a_calendar_is_of_no_use_any_more(scene: Scene) -> None:
    calendar = scene.connection.calendars.get()
    connections.change(scene.manager, scene.connection, {calendar.pk: Use(counts_busy=False)})
    scene.work()
    assert scene.graph.subscriptions == {}


def test_what_cannot_be_taken_back_now_is_later(scene: Scene) -> None:
    scene.cloud.faults = [Fault(500, "generalException", on="DELETE /v1.0/subscriptions")]
    connections.remove(scene.manager, scene.connection)
    scene.work()
    assert CalendarSubscription.objects.count() == 1
    scene.work(timedelta(minutes=2))
    assert (scene.graph.subscriptions, CalendarSubscription.objects.count()) == ({}, 0)


def leave_taken(scene: Scene) -> None:
    """Wait for what is done beside whoever removes or replaces an account."""
    for thread in threading.enumerate():
        if thread.name == watching.LEAVING:
            thread.join(30)


def test_with_the_account_subscriptions_are_taken_back(scene: Scene) -> None:
    account = OutsideAccount.objects.get()
    outside_accounts.unlink(scene.manager, account)
    leave_taken(scene)
    assert scene.graph.subscriptions == {}
    assert scene.post({"value": []}) == 202
    scene.work()
    assert scene.row.state == "failed", "without an account none is made"


def test_with_another_account_they_are_made_anew_and_what_the_old_ones_call_is_not_heard(scene: Scene) -> None:
    old, hook = scene.graph.notification(scene.ref), scene.row.hook
    OutsideAccount.objects.update(shown="another tenant")
    scene.cloud.faults = [Fault(500, "generalException", on="DELETE /v1.0/subscriptions")]  # it cannot be taken back
    outside_accounts.link(scene.manager, scene.connection.business, "microsoft365", scene.cloud.access)
    leave_taken(scene)
    scene.work()
    assert len(scene.graph.subscriptions) == 2
    assert scene.row.hook != hook
    assert scene.post({"value": [old]}, hook) == 404
    assert scene.post({"value": [old]}) == 202
    before = scene.readings()
    scene.work(timedelta(seconds=30))
    assert scene.readings() == before


def test_another_address_of_ours_is_told_to_graph(scene: Scene, settings: Settings) -> None:
    before = scene.ref
    settings.PUBLIC_URL = "https://elsewhere.example.org"
    scene.graph.deliver = lambda address, body: door(address.replace("elsewhere", "visits"), body)
    scene.work(timedelta(minutes=40))
    for _ in range(3):
        worker.sync_due()
    assert before not in scene.graph.subscriptions
    assert scene.graph.subscriptions[scene.ref]["notificationUrl"].startswith("https://elsewhere.example.org/")


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("https://visits.example.org", True),
        ("https://visits.example.org:8443", True),
        ("http://visits.example.org", False),
        ("https://localhost:8000", False),
        ("https://vestibule", False),
        ("https://vestibule.local", False),
        ("https://10.0.0.7", False),
        ("https://[fd00::1]", False),
        ("", False),
    ],
)
def test_nobody_is_asked_to_call_where_nobody_outside_can(address: str, is_open: bool, settings: Settings) -> None:
    settings.PUBLIC_URL = address
    assert bool(public_origin()) == is_open
