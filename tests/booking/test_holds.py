"""A time kept for somebody who is still typing."""

from datetime import timedelta

import pytest
import time_machine

from tests.booking.factories import at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, holds
from vestibule.booking.errors import HoldExpired, SlotTaken, TooManyHolds
from vestibule.booking.models import Hold, Occupancy, Seat, Service
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def offers_nine(service: Service, holder: str = "") -> bool:
    found = availability.free_starts(service, at("09:00"), at("09:01"), holder=holder)
    return [slot.start for slot in found] == [at("09:00")]


@pytest.fixture(autouse=True)
def _sunday() -> None:
    clock.set_to(at("00:00") - timedelta(hours=12))


def test_it_blocks_everybody_but_its_holder() -> None:
    service = make_service()
    held = holds.hold(service, at("09:00"))
    assert not offers_nine(service)
    assert offers_nine(service, held.ref)
    with pytest.raises(SlotTaken):
        book(service, at("09:00"))
    with pytest.raises(SlotTaken):
        holds.hold(service, at("09:00"))


def test_its_holder_books_it_and_it_is_gone() -> None:
    service = make_service()
    held = holds.hold(service, at("09:00"))
    book(service, at("09:00"), hold=held.ref)
    assert not Hold.objects.exists()
    assert Occupancy.objects.count() == 1
    assert not offers_nine(service)


def test_it_ends_to_the_second() -> None:
    service = make_service()
    held = holds.hold(service, at("09:00"))
    clock.reset()
    with time_machine.travel(held.expires_at - timedelta(seconds=1), tick=False):
        assert not offers_nine(service)
    with time_machine.travel(held.expires_at, tick=False):
        assert offers_nine(service)
        with pytest.raises(HoldExpired):
            book(service, at("09:00"), hold=held.ref)
        assert book(service, at("09:00")).start == at("09:00")
    assert not Hold.objects.exists()


def test_it_books_its_own_start_only() -> None:
    service = make_service()
    held = holds.hold(service, at("09:00"))
    with pytest.raises(HoldExpired):
        book(service, at("10:00"), hold=held.ref)
    with pytest.raises(HoldExpired):
        book(make_service(), at("09:00"), hold=held.ref)


def test_given_up_it_blocks_no_more() -> None:
    service = make_service()
    holds.release(holds.hold(service, at("09:00")).ref)
    holds.release("unknown")
    assert offers_nine(service)


def test_a_client_keeps_at_most_three() -> None:
    service = make_service()
    for time in ("09:00", "09:30", "10:00"):
        holds.hold(service, at(time), client="203.0.113.7")
    with pytest.raises(TooManyHolds):
        holds.hold(service, at("10:30"), client="203.0.113.7")
    holds.hold(service, at("10:30"), client="203.0.113.8")
    clock.advance(holds.SECONDS)
    holds.hold(service, at("11:00"), client="203.0.113.7")


def test_with_two_providers_two_may_hold_one_start() -> None:
    business = make_business()
    service = make_service(providers=[make_provider(business=business), make_provider(business=business)])
    first, _second = holds.hold(service, at("09:00")), holds.hold(service, at("09:00"))
    with pytest.raises(SlotTaken):
        book(service, at("09:00"))
    book(service, at("09:00"), hold=first.ref)


def test_who_is_held_is_who_is_booked() -> None:
    business = make_business()
    ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
    service = make_service(providers=[ada, bo])
    held = holds.hold(service, at("09:00"), provider=bo)
    assert book(service, at("09:00"), hold=held.ref).provider == bo


def test_in_a_group_it_keeps_one_seat() -> None:
    service = make_service(seats=2)
    held = holds.hold(service, at("09:00"))
    book(service, at("09:00"))
    with pytest.raises(SlotTaken):
        book(service, at("09:00"))
    book(service, at("09:00"), hold=held.ref)
    assert sorted(Seat.objects.values_list("number", flat=True)) == [0, 1]
    assert Occupancy.objects.count() == 1


def test_what_is_left_of_old_ones_is_deleted() -> None:
    service = make_service()
    held = holds.hold(service, at("09:00"))
    clock.set_to(held.expires_at + timedelta(hours=1))
    assert holds.purge() == 1
    assert not Occupancy.objects.exists()


def test_an_own_hold_gives_way_to_a_new_one_of_the_same_start() -> None:
    service = make_service()
    first = holds.hold(service, at("09:00"))
    again = holds.hold(service, at("09:00"), instead_of=first.ref)
    assert list(Hold.objects.values_list("ref", flat=True)) == [again.ref]


def test_an_own_hold_stays_when_the_new_start_cannot_be_kept() -> None:
    service = make_service()
    first = holds.hold(service, at("09:00"))
    book(service, at("10:00"))
    with pytest.raises(SlotTaken):
        holds.hold(service, at("10:00"), instead_of=first.ref)
    assert list(Hold.objects.values_list("ref", flat=True)) == [first.ref]
