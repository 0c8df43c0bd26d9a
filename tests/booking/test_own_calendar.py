"""What stands in a provider's calendar is read as fast after years of appointments as on the first day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.booking.factories import MONDAY, at, make_service, wish_for
from tests.factories import manager_of
from vestibule.booking import lifecycle
from vestibule.booking.own_calendar import entries, events
from vestibule.people.permissions import SYSTEM
from vestibule.store.clock import to_minute

pytestmark = pytest.mark.django_db
FIRST, LAST = to_minute(MONDAY), to_minute(MONDAY + timedelta(days=1))


def test_appointments_of_other_years_are_not_looked_through() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite plans a query alike however few rows there are")
    service = make_service()
    provider = service.offers.get().provider
    with CaptureQueriesContext(connection) as asked:
        entries.between(manager_of(service.business), provider, FIRST, LAST)
    (query,) = (one["sql"] for one in asked.captured_queries if 'FROM "booking_appointment"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        (found,) = (how for *_numbers, how in cursor.fetchall() if "booking_appointment" in how)
    assert "start_minute>? AND start_minute<?" in found


def test_what_began_before_and_goes_on_is_there_and_what_touches_the_edges_is_not() -> None:
    service = make_service()
    provider = service.offers.get().provider
    made = lifecycle.book(SYSTEM, wish_for(service, at("09:00")))
    start, end = made.start_minute, made.end_minute

    def there(first: int, last: int) -> list[str]:
        return [one.id for one in entries.between(SYSTEM, provider, first, last)]

    assert there(start + 10, end) == there(start, start + 1) == [made.ref]
    assert there(start - 60, start) == there(end, end + 60) == []


def test_everything_programs_put_there_is_taken_out_however_much_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "CLEARED_AT_ONCE", 2)
    provider = make_service().offers.get().provider
    staff = manager_of(provider.business)
    for hour in range(9, 14):
        wish = events.Wish(title="Busy", start=at(f"{hour:02}:00"), end=at(f"{hour:02}:30"))
        events.put_down(staff, provider, wish)
    assert events.clear(staff, provider) == 5
    assert entries.between(staff, provider, FIRST, LAST) == []
