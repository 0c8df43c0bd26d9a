"""Copies of conversations at a vendor: which of them go, and when; what stands in them is tested with the vendor."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.meetings.scene import make_visit
from vestibule.meetings import outside_chat
from vestibule.meetings.models import Meeting, OutsideThread
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import Business, OutsideAccount
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _usual_clock() -> Iterator[None]:
    yield
    clock.reset()


def copy_of(business: Business, days_ago: int) -> OutsideThread:
    """A copy, of which nothing stands at the vendor yet, of a visit that ended so many days ago."""
    meeting = make_visit(business=business).meeting
    ended = clock.now() - timedelta(days=days_ago)
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.ENDED, ended_at=ended)
    return OutsideThread.objects.create(business=business, meeting=meeting, kind="acs")


def test_a_copy_goes_in_its_time_however_many_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_chat, "MOST_ENDED", 1)
    business = make_visit().meeting.business
    access = secrets.encrypt(outside_accounts.PURPOSE, json.dumps({"keeps_chat": "1"}).encode())
    OutsideAccount.objects.create(business=business, kind="acs", access=access)
    kept, old = copy_of(business, 30), copy_of(business, 400)
    assert outside_chat.forget_due() == 1
    assert list(OutsideThread.objects.filter(deleted_at=None)) == [kept]
    assert OutsideThread.objects.get(pk=old.pk).deleted_at is not None
