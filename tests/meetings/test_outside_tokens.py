"""Tokens for calls that a vendor carries: for whom staff let in, and taken back from everybody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.meetings import call_tokens
from tests.meetings.call_tokens import Vendor
from tests.meetings.scene import Visit, joined, make_visit
from vestibule.meetings import calls, outside, outside_rows, outside_tokens, waiting
from vestibule.meetings.errors import MeetingOver, NoCallToken, NotAdmitted
from vestibule.meetings.models import OutsideIdentity, OutsidePlace
from vestibule.meetings.ports import PlaceError
from vestibule.people import outside_accounts, secrets
from vestibule.people.errors import TooMany
from vestibule.people.models import OutsideAccount
from vestibule.store import clock

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def vendor(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    settings.CALL_TOKENS = {"acs": "tests.meetings.call_tokens.VendorTokens"}
    monkeypatch.setattr(call_tokens, "vendor", Vendor())
    yield call_tokens.vendor
    clock.reset()


@pytest.fixture
def visit(vendor: Vendor) -> Visit:
    made = make_visit()
    access = secrets.encrypt(outside_accounts.PURPOSE, b"{}")
    OutsideAccount.objects.create(business=made.meeting.business, kind="acs", access=access)
    return joined(made)


def room(visit: Visit, *, chat: str = "", **seats: str) -> None:
    details = {f"seat:{ref}": identity for ref, identity in seats.items()}
    OutsidePlace.objects.create(
        business=visit.meeting.business,
        meeting=visit.meeting,
        kind=OutsidePlace.Kind.ACS_ROOM,
        made={"external_id": "991", "chat": chat, "details": details},
    )


def test_who_was_let_in_gets_a_token_and_nothing_of_it_is_stored(vendor: Vendor, visit: Visit) -> None:
    given = outside_tokens.for_seat(visit.consumer.ref)
    row = OutsideIdentity.objects.get()
    assert (row.external_id, row.participant_id, row.kind) == (given.identity, visit.consumer.pk, "acs")
    assert row.expires_at == given.expires_at
    assert given.token not in str(OutsideIdentity.objects.values())


def test_a_fresh_token_is_for_the_same_identity(vendor: Vendor, visit: Visit) -> None:
    first = outside_tokens.for_seat(visit.consumer.ref)
    assert outside_tokens.for_seat(visit.consumer.ref).identity == first.identity
    assert outside_tokens.for_seat(visit.provider.ref).identity != first.identity


def test_who_waits_was_turned_away_or_comes_after_the_end_gets_none(vendor: Vendor, visit: Visit) -> None:
    with pytest.raises(NotAdmitted):
        outside_tokens.for_seat("nobody")
    waiting.remove(visit.host, visit.consumer.ref)
    with pytest.raises(NotAdmitted):
        outside_tokens.for_seat(visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    with pytest.raises(MeetingOver):
        outside_tokens.for_seat(visit.provider.ref)
    assert vendor.asked == []


def test_who_is_taken_out_while_the_token_is_made_does_not_get_it(vendor: Vendor, visit: Visit) -> None:
    vendor.meanwhile = [lambda: waiting.remove(visit.host, visit.consumer.ref)]
    with pytest.raises(NotAdmitted):
        outside_tokens.for_seat(visit.consumer.ref)
    outside_tokens.take_back_due()
    assert vendor.asked[-1].startswith("revoke ")


def test_two_pages_of_one_person_join_as_one_identity(vendor: Vendor, visit: Visit) -> None:
    vendor.meanwhile = [lambda: outside_tokens.for_seat(visit.consumer.ref)]
    given = outside_tokens.for_seat(visit.consumer.ref)
    assert vendor.identities == {given.identity}
    assert OutsideIdentity.objects.get().external_id == given.identity


def test_in_a_room_people_join_as_whom_it_knows(vendor: Vendor, visit: Visit) -> None:
    vendor.identities = {"8:acs:ada"}
    room(visit, chat="19:thread", **{visit.consumer.ref: "8:acs:ada"})
    assert outside_tokens.for_seat(visit.consumer.ref).identity == "8:acs:ada"
    assert vendor.asked == ["issue 8:acs:ada with chat"]


def test_whom_the_room_knows_anew_joins_as_that_one(vendor: Vendor, visit: Visit) -> None:
    vendor.identities = {"8:acs:ada"}
    room(visit, **{visit.consumer.ref: "8:acs:ada"})
    outside_tokens.for_seat(visit.consumer.ref)
    vendor.identities = {"8:acs:ada-again"}
    OutsidePlace.objects.update(made={"details": {f"seat:{visit.consumer.ref}": "8:acs:ada-again"}})
    assert outside_tokens.for_seat(visit.consumer.ref).identity == "8:acs:ada-again"
    assert OutsideIdentity.objects.get().external_id == "8:acs:ada-again"
    assert vendor.identities == {"8:acs:ada-again"}


def test_whom_the_room_invites_is_replaced_by_nobody(vendor: Vendor, visit: Visit) -> None:
    room(visit, **{visit.consumer.ref: "8:acs:gone"})
    with pytest.raises(NoCallToken):
        outside_tokens.for_seat(visit.consumer.ref)
    assert vendor.identities == set()


def test_whom_the_room_does_not_know_yet_is_asked_to_wait(vendor: Vendor, visit: Visit) -> None:
    room(visit)
    with pytest.raises(NoCallToken):
        outside_tokens.for_seat(visit.consumer.ref)
    assert vendor.asked == []


def test_a_vendor_that_does_not_answer_and_no_account_are_said_to_be_passing(vendor: Vendor, visit: Visit) -> None:
    vendor.fails = [PlaceError("Azure answered 503", permanent=False)]
    with pytest.raises(NoCallToken):
        outside_tokens.for_seat(visit.consumer.ref)
    OutsideAccount.objects.all().delete()
    with pytest.raises(NoCallToken):
        outside_tokens.for_seat(visit.consumer.ref)


def test_nobody_asks_for_tokens_without_end(vendor: Vendor, visit: Visit) -> None:
    def without_end() -> None:
        for _time in range(2 * outside_tokens.TIMES + 1):  # a new window may begin in between
            outside_tokens.for_seat(visit.consumer.ref)

    with pytest.raises(TooMany):
        without_end()


def test_tokens_of_whoever_was_taken_out_are_revoked_once(vendor: Vendor, visit: Visit) -> None:
    given = outside_tokens.for_seat(visit.consumer.ref)
    outside_tokens.for_seat(visit.provider.ref)
    vendor.asked.clear()
    assert outside_tokens.take_back_due() == 0
    waiting.remove(visit.host, visit.consumer.ref)
    assert (outside_tokens.take_back_due(), outside_tokens.take_back_due()) == (1, 0)
    assert vendor.asked == [f"revoke {given.identity}"]


def test_whoever_is_sent_back_to_wait_keeps_no_token_until_let_in_anew(vendor: Vendor) -> None:
    visit = make_visit()
    access = secrets.encrypt(outside_accounts.PURPOSE, b"{}")
    OutsideAccount.objects.create(business=visit.meeting.business, kind="acs", access=access)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    given = outside_tokens.for_seat(visit.consumer.ref)
    assert outside_tokens.take_back_due() == 0
    waiting.back_to_queue(visit.host, visit.consumer.ref)
    assert (outside_tokens.take_back_due(), outside_tokens.take_back_due()) == (1, 0)
    assert vendor.asked[-1] == f"revoke {given.identity}"
    clock.advance(1)
    waiting.admit(visit.host, visit.consumer.ref)
    outside_tokens.for_seat(visit.consumer.ref)
    assert outside_tokens.take_back_due() == 0, "the new one counts"


def test_whoever_left_keeps_a_token_as_long_as_they_may_come_back(vendor: Vendor, visit: Visit) -> None:
    given = outside_tokens.for_seat(visit.consumer.ref)
    outside_tokens.for_seat(visit.provider.ref)
    for seat in (visit.consumer, visit.provider):
        calls.leave_call(seat.ref)
    assert outside_tokens.take_back_due() == 0
    clock.advance(121)
    assert (outside_tokens.take_back_due(), outside_tokens.take_back_due()) == (1, 0)
    assert vendor.asked[-1] == f"revoke {given.identity}", "staff may come back at any time"


def test_after_the_visit_no_identity_is_left(vendor: Vendor, visit: Visit) -> None:
    for seat in (visit.consumer, visit.provider):
        outside_tokens.for_seat(seat.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    assert outside_tokens.take_back_due() == 2
    assert vendor.identities == set()
    assert not OutsideIdentity.objects.filter(deleted_at=None).exists()


def test_a_visit_nobody_ended_is_over_a_day_later(vendor: Vendor, visit: Visit) -> None:
    outside_tokens.for_seat(visit.consumer.ref)
    clock.advance(26 * HOUR)
    assert outside_tokens.take_back_due() == 1


def test_what_fails_is_tried_again_later_and_is_no_harm_to_others(vendor: Vendor, visit: Visit) -> None:
    for seat in (visit.consumer, visit.provider):
        outside_tokens.for_seat(seat.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    vendor.fails = [PlaceError("Azure answered 429", permanent=False, wait=90)]
    assert outside_tokens.take_back_due() == 1
    [late] = OutsideIdentity.objects.filter(deleted_at=None)
    assert late.next_at - clock.now() > timedelta(seconds=60)
    assert late.problem == "Azure answered 429"
    clock.advance(100)
    assert outside_tokens.take_back_due() == 1


def test_a_fault_of_ours_with_one_identity_leaves_the_others_their_turn(vendor: Vendor, visit: Visit) -> None:
    for seat in (visit.consumer, visit.provider):
        outside_tokens.for_seat(seat.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    vendor.fails = [ValueError("no such thing")]
    assert outside_tokens.take_back_due() == 1
    [late] = OutsideIdentity.objects.filter(deleted_at=None)
    assert (late.attempts, late.problem) == (1, "cannot be taken back: ValueError")


def test_who_is_put_out_again_loses_the_new_token_at_once_whatever_failed_before(vendor: Vendor, visit: Visit) -> None:
    outside_tokens.for_seat(visit.consumer.ref)
    OutsideIdentity.objects.update(attempts=9, next_at=clock.now() + timedelta(hours=1))
    outside_tokens.for_seat(visit.consumer.ref)
    waiting.remove(visit.host, visit.consumer.ref)
    assert outside_tokens.take_back_due() == 1


def test_without_the_account_there_is_nothing_left_to_take_back(vendor: Vendor, visit: Visit) -> None:
    outside_tokens.for_seat(visit.consumer.ref)
    waiting.end_for_all(visit.host, visit.meeting.ref)
    OutsideAccount.objects.all().delete()
    assert outside_tokens.take_back_due() == 0
    assert OutsideIdentity.objects.get().deleted_at is not None


def test_whoever_is_taken_out_loses_the_seat_in_the_room_and_gets_it_back_when_let_in_anew(
    vendor: Vendor, visit: Visit
) -> None:
    room(visit)
    place = OutsidePlace.objects.filter(meeting=visit.meeting)
    place.update(order=outside_rows.written(outside._ordered(visit.meeting, OutsidePlace.Kind.ACS_ROOM, None)))

    def seats() -> set[str]:
        return {one["ref"] for one in place.get().order["seats"]}

    both = {visit.consumer.ref, visit.provider.ref}
    assert seats() == both
    waiting.remove(visit.host, visit.consumer.ref)
    assert seats() == {visit.provider.ref}
    assert place.get().wanted == 2, "the worker is told"
    waiting.admit(visit.host, visit.consumer.ref)
    assert seats() == both


def test_whoever_is_sent_back_to_wait_loses_the_seat_in_the_room_until_let_in_anew(vendor: Vendor) -> None:
    visit = make_visit()
    room(visit)
    place = OutsidePlace.objects.filter(meeting=visit.meeting)
    place.update(order=outside_rows.written(outside._ordered(visit.meeting, OutsidePlace.Kind.ACS_ROOM, None)))

    def is_seated() -> bool:
        return visit.consumer.ref in {one["ref"] for one in place.get().order["seats"]}

    waiting.enter_waiting(visit.consumer.ref)
    waiting.hold(visit.host, visit.consumer.ref)
    waiting.back_to_queue(visit.host, visit.consumer.ref)
    assert is_seated(), "who was never let in has a seat ready, and no token for it"
    waiting.admit(visit.host, visit.consumer.ref)
    waiting.back_to_queue(visit.host, visit.consumer.ref)
    assert not is_seated()
    waiting.admit(visit.host, visit.consumer.ref)
    assert is_seated()
