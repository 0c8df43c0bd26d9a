"""Numbers of messages: each belongs to one line, and what nobody was meant to get is in none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import make_business, manager_of
from vestibule.booking import message_reports
from vestibule.booking.message_reports import By, Report
from vestibule.booking.reports import Asked
from vestibule.notifications import trying_out
from vestibule.notifications.models import MessageEvent, OutboxMessage
from vestibule.notifications.trying_out import Wording
from vestibule.people.models import Business
from vestibule.store import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clinic() -> Business:
    clock.set_to(NOON)
    return make_business(timezone="Pacific/Auckland")


def message(clinic: Business, **values: Any) -> OutboxMessage:
    given: dict[str, Any] = {"kind": "reminder", "channel": "email", "to": "jo@example.org", "state": "done"}
    number = OutboxMessage.objects.count()
    row: OutboxMessage = OutboxMessage.objects.create(business=clinic, key=f"a:{number}", **{**given, **values})
    return row


def report(clinic: Business, by: By, day: int = 3) -> Report:
    on = NOON.date().replace(day=day)
    return message_reports.report(manager_of(clinic), clinic, Asked(on, on), by)


def test_a_test_of_words_is_in_no_number(clinic: Business) -> None:
    message(clinic)
    trying_out.send(manager_of(clinic), clinic, Wording(("reminder", "consumer", "email"), "en"), "me@example.org")
    OutboxMessage.objects.update(state="done")
    assert report(clinic, By.KIND).whole.sent == 1


def test_a_message_belongs_to_the_day_it_is_due_by_the_clocks_of_the_business(clinic: Business) -> None:
    message(clinic)  # one in the morning of the next day there
    assert [report(clinic, By.DAY, day).whole.sent for day in (2, 3)] == [0, 1]


def test_who_refused_last_has_what_was_given_up_and_nobody_what_was_held_back(clinic: Business) -> None:
    dead = message(clinic, state="failed")
    for name in ("First", "Second"):
        MessageEvent.objects.create(message=dead, what="refused", gateway=name)
    message(clinic, state="dropped", last_error="its owner wants no more messages")
    message(clinic, state="dropped")
    lines = {line.label: (line.failed, line.held_back) for line in report(clinic, By.GATEWAY).lines}
    assert lines == {"Second": (1, 0), message_reports.NOBODY: (0, 1)}


def test_a_message_answered_twice_the_same_counts_once(clinic: Business) -> None:
    asked = message(clinic, channel="sms", delivery="delivered")
    for words in ("confirm", "confirm", "late"):
        MessageEvent.objects.create(message=asked, what="answered", words=words)
    whole = report(clinic, By.CHANNEL).whole
    assert (whole.sent, whole.delivered, whole.answers) == (1, 1, {"confirm": 1, "cancel": 0, "late": 1})
