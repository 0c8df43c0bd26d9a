"""Sessions of a group service change as a whole: everybody's appointment, or nobody's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.booking.factories import at, book, make_service, starts, wish_for
from tests.factories import manager_of
from vestibule.booking import lifecycle, sessions
from vestibule.booking.errors import SlotTaken
from vestibule.booking.models import Appointment, Occupancy, Service
from vestibule.booking.wishes import Contact
from vestibule.people.errors import NotPermitted
from vestibule.people.permissions import PUBLIC, Actor
from vestibule.store import clock

S = Appointment.Status


@pytest.fixture(autouse=True)
def _monday(db: None) -> Iterator[None]:
    clock.set_to(at("07:00"))
    yield
    clock.reset()


@pytest.fixture
def group() -> Service:
    return make_service(seats=3)


@pytest.fixture
def office(group: Service) -> Actor:
    return manager_of(group.business)


def both(office: Actor, group: Service, time: str) -> list[Appointment]:
    first = wish_for(group, at(time))
    dora = Contact("Dora", "dora@example.org")
    return sessions.book(office, [first, replace(first, contact=dora)])


def test_those_who_take_part_share_a_session_and_its_time(group: Service, office: Actor) -> None:
    made = both(office, group, "09:00")
    joined = book(group, at("09:00"))
    assert {one.session for one in (*made, joined)} == {made[0].session}
    assert Occupancy.objects.count() == 1
    assert book(group, at("10:00")).session != made[0].session
    assert book(make_service(), at("09:00")).session == ""
    assert [one.pk for one in sessions.live_of(made[0].session, group.business_id)] == [
        *(one.pk for one in made),
        joined.pk,
    ]


def test_one_too_many_books_nobody(group: Service, office: Actor) -> None:
    wish = wish_for(group, at("09:00"))
    with pytest.raises(SlotTaken):
        sessions.book(office, [wish] * 4)
    assert not Appointment.objects.exists()
    assert "09:00" in starts(group)


def test_it_moves_even_into_its_own_time(group: Service, office: Actor) -> None:
    Service.objects.filter(pk=group.pk).update(interval_minutes=10)
    made = both(office, Service.objects.get(pk=group.pk), "09:00")
    moved = sessions.move(office, made, at("09:10"))
    assert {(one.start, one.session) for one in moved} == {(at("09:10"), made[0].session)}
    assert Occupancy.objects.count() == 1


def test_a_move_that_one_of_them_cannot_make_moves_nobody(group: Service, office: Actor) -> None:
    made = both(office, group, "09:00")
    for _number in range(2):
        book(group, at("10:00"))
    with pytest.raises(SlotTaken):
        sessions.move(office, made, at("10:00"))
    assert {one.start for one in sessions.live_of(made[0].session, group.business_id)} == {at("09:00")}


def test_whoever_leaves_for_another_time_leaves_the_session(group: Service, office: Actor) -> None:
    first, second = both(office, group, "09:00")
    moved = lifecycle.move(office, first, at("11:00"))
    assert moved.session not in ("", second.session)


def test_it_ends_for_everybody(group: Service, office: Actor) -> None:
    made = both(office, group, "09:00")
    sessions.cancel(office, made, is_told=False)
    assert set(Appointment.objects.values_list("status", flat=True)) == {S.CANCELLED}
    assert "09:00" in starts(group)
    with pytest.raises(NotPermitted):
        lifecycle.cancel(PUBLIC, book(group, at("10:00")), is_told=False)
