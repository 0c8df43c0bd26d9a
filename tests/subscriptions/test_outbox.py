"""Things that happen are written down for whoever asked, and cost nothing where nobody did."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_business
from tests.subscriptions.told import happens, subscribed
from vestibule.store import clock
from vestibule.store.transactions import pretending, writing
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import FACTS, Kind
from vestibule.subscriptions.models import Delivery
from vestibule.subscriptions.outbox import Event
from vestibule.subscriptions.testing import FakePoster

pytestmark = pytest.mark.django_db


def test_each_subscription_gets_what_it_asked_for_by_one_id(poster: FakePoster) -> None:
    business = make_business()
    all_of_it = subscribed(business, name="everything")
    calls = subscribed(business, name="calls", wants=("CallStarted",))
    messages = subscribed(business, name="messages", wants=("ChatMessageReceivedInThread", "SMSReceived"))
    assert happens(business) == 2
    told = Delivery.objects.all()
    assert {one.subscription_id for one in told} == {all_of_it.pk, messages.pk}
    assert len({one.event for one in told}) == 1
    assert not calls.deliveries.exists()


def test_subjects_are_told_by_how_they_begin(poster: FakePoster) -> None:
    business = make_business()
    one = subscribed(business, name="graph", shape="graph", subject="providers/ada/", resource="users/ada/events")
    for provider in ("ada", "bob"):
        happens(business, Kind.APPOINTMENT_CREATED, f"providers/{provider}/appointments/1")
    assert [told.subject for told in one.deliveries.all()] == ["providers/ada/appointments/1"]


def test_another_business_hears_nothing(poster: FakePoster) -> None:
    listens, speaks = make_business(), make_business()
    row = subscribed(listens)
    assert happens(speaks) == 0
    assert not row.deliveries.exists()


def test_where_nobody_asked_facts_are_not_made_and_the_database_is_asked_once(poster: FakePoster) -> None:
    business = make_business()

    def made() -> dict[str, Any]:
        raise AssertionError("nobody wants to know")

    with (
        writing(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        for _ in range(100):
            outbox.tell(business.pk, Event(Kind.MESSAGE_RECEIVED, "threads/a", made, clock.now()))
    # A machine that stands still for a second looks again; a hundred times it does not.
    assert 1 <= len([one for one in asked if "subscriptions" in one["sql"]]) < 10


def test_who_subscribes_a_moment_later_is_told_the_next_thing(poster: FakePoster) -> None:
    business = make_business()
    assert happens(business) == 0
    subscribed(business)
    assert happens(business) == 1


def test_what_is_undone_is_not_told(poster: FakePoster) -> None:
    row = subscribed()

    def told_and_failed() -> None:
        with writing():
            outbox.tell(row.business_id, Event(Kind.MESSAGE_RECEIVED, "threads/a", {}, clock.now()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        told_and_failed()
    assert not Delivery.objects.exists()


def test_what_is_only_pretended_teaches_nothing(poster: FakePoster) -> None:
    business = make_business()
    with pretending():
        assert happens(business) == 0
    assert not outbox._nobody.has(business.pk)


def test_facts_are_made_for_whoever_asked_and_only_for_the_kinds_they_asked_for(poster: FakePoster) -> None:
    row = subscribed(wants=("CallStarted",))
    assert outbox.is_heard(row.business_id, Kind.CALL_STARTED)
    assert not outbox.is_heard(row.business_id, Kind.CALL_ENDED, Kind.SMS_RECEIVED)


def test_the_facts_of_every_kind_are_written_down() -> None:
    assert set(FACTS) == set(Kind)
