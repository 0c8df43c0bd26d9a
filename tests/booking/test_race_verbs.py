"""What the office, consumers and the waitlist do at once never meets in one provider's time. On both databases."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.booking.crowds import Work, at_once, told
from tests.booking.factories import MONDAY, at, make_service, wish_for
from tests.factories import make_business, make_provider, manager_of
from tests.invariants import broken
from vestibule.booking import lifecycle, series, waitlist, waitlist_offers
from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact, Wish
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store import clock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("each_database")]
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def on_monday_morning() -> None:
    clock.set_to(MONDAY)


def wish(service: Service, start: datetime, number: int) -> Wish:
    """A wish of one consumer of many."""
    return wish_for(service, start, contact=Contact(f"Consumer {number}", f"c{number}@example.org"))


def booking(service: Service, start: datetime, number: int) -> Work:
    return partial(lifecycle.book, PUBLIC, wish(service, start, number))


def starts() -> list[datetime]:
    rows = Appointment.objects.exclude(status="cancelled").order_by("start_minute")
    return [one.start for one in rows]


def test_a_series_gets_all_its_times_or_none() -> None:
    service = make_service(most_occurrences=4)
    weekly = [at("09:00") + number * WEEK for number in range(4)]
    works: list[Work] = [
        partial(series.book, PUBLIC, wish(service, weekly[0], number), unit="week", step=1, starts=weekly)
        for number in range(3)
    ]
    works[1:1] = [booking(service, weekly[2], number) for number in range(10, 14)]
    outcomes = at_once(works)
    assert told(outcomes) == {"done": 1, "slot_taken": 6}
    assert starts() in (weekly, [weekly[2]])
    assert broken() == []


def test_appointments_dragged_to_one_time_do_not_meet_there() -> None:
    service = make_service(interval_minutes=15)
    office = manager_of(service.business)
    times = ("08:00", "09:00", "10:00", "11:00", "12:00", "13:00")
    booked = [lifecycle.book(SYSTEM, wish(service, at(time), number)) for number, time in enumerate(times)]
    goals = ("15:00", "15:15", "15:00", "15:15", "15:00", "15:15")
    works = [partial(lifecycle.move, office, one, at(goal)) for one, goal in zip(booked, goals, strict=True)]
    assert told(at_once(works)) == {"done": 1, "slot_taken": 5}
    assert broken() == []


def test_one_grows_into_the_time_that_another_is_moved_to() -> None:
    for attempt in range(3):
        service = make_service(interval_minutes=15, lengths=[60])
        office = manager_of(service.business)
        first = lifecycle.book(SYSTEM, wish(service, at("09:00"), 2 * attempt))
        second = lifecycle.book(SYSTEM, wish(service, at("12:00"), 2 * attempt + 1))
        outcomes = at_once(
            [partial(lifecycle.resize, office, first, 60), partial(lifecycle.move, office, second, at("09:30"))]
        )
        assert told(outcomes) == {"done": 1, "slot_taken": 1}
    assert broken() == []


def test_handed_to_one_colleague_only_one_of_two_is() -> None:
    business = make_business()
    people = [make_provider(business=business) for _number in range(3)]
    service = make_service(providers=people)
    office = manager_of(business)
    booked = [
        lifecycle.book(SYSTEM, wish_for(service, at("09:00"), provider=one, contact=Contact("C", f"{one.pk}@x.org")))
        for one in people[:2]
    ]
    works = [partial(lifecycle.move, office, one, at("09:00"), provider=people[2]) for one in booked]
    assert told(at_once(works)) == {"done": 1, "slot_taken": 1}
    assert broken() == []


def test_time_offered_to_who_waits_is_theirs_or_somebody_elses() -> None:
    service = make_service(has_waitlist=True, window_type="range", window_from=MONDAY.date(), window_to=MONDAY.date())
    full = [at("08:00") + timedelta(minutes=30 * number) for number in range(18)]
    booked = [lifecycle.book(SYSTEM, wish(service, start, number)) for number, start in enumerate(full)]
    for number in range(3):
        contact = Contact(f"Waiting {number}", f"w{number}@example.org")
        waitlist.join(PUBLIC, service, contact, first=MONDAY.date(), last=MONDAY.date())
    works: list[Work] = [partial(lifecycle.cancel, SYSTEM, one) for one in booked[4:7]]
    works += [booking(service, full[number], 100 + number) for number in (4, 5, 6, 4, 5, 6)]
    works += [partial(waitlist_offers.offer_next, service.business_id) for _number in range(3)]
    at_once(works)
    waitlist_offers.offer_next(service.business_id)  # what the tick does with what is left
    offered = list(WaitlistEntry.objects.filter(status="offered").values_list("offered_start", flat=True))
    assert len(offered) == len(set(offered))
    accepted = at_once([partial(_accept, one) for one in WaitlistEntry.objects.filter(status="offered")])
    assert set(told(accepted)) <= {"done"}, "what is offered is kept for them"
    assert starts() == full, "every time that became free is taken, each once"
    assert broken() == []


def _accept(entry: WaitlistEntry) -> object:
    return waitlist.accept(SYSTEM, entry)


def test_nobody_has_more_open_bookings_than_allowed() -> None:
    business = make_business()
    service = make_service(
        providers=[make_provider(business=business) for _number in range(4)], max_open_per_consumer=2
    )
    works = [
        partial(lifecycle.book, PUBLIC, wish_for(service, at("09:00") + timedelta(minutes=30 * number)))
        for number in range(12)
    ]
    assert told(at_once(works)) == {"done": 2, "limit_reached": 10}
    assert broken() == []
