"""What stands in a provider's calendar is read as fast after years of appointments as on the first day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.booking.factories import MONDAY, at, make_service, wish_for
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import lifecycle
from vestibule.booking.models import DiaryEvent, DiaryReading
from vestibule.booking.own_calendar import changes, entries, events
from vestibule.calendars.models import BusyInterval
from vestibule.meetings.models import VisitRules
from vestibule.people.models import Provider
from vestibule.people.permissions import SYSTEM, Actor
from vestibule.store import clock
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


@pytest.fixture
def calendar() -> Iterator[tuple[Actor, Provider]]:
    """Who may write, and into whose calendar."""
    clock.set_to(at("06:00"))
    provider = make_service().offers.get().provider
    yield manager_of(provider.business), provider
    clock.reset()


def put(calendar: tuple[Actor, Provider], title: str, time: str = "12:00") -> entries.Entry:
    start = at(time)
    return events.put_down(*calendar, events.Wish(title=title, start=start, end=start + timedelta(hours=1)))


def begun(calendar: tuple[Actor, Provider], last: int = LAST) -> changes.Page:
    return changes.begun(*calendar, FIRST, last, size=10, in_full=True)


def since(calendar: tuple[Actor, Provider], reading: str) -> changes.Page:
    return changes.since(*calendar, reading, size=10, in_full=True)


def version(provider: Provider) -> int:
    found: int = Provider.objects.get(pk=provider.pk).mask_version
    return found


def test_free_times_are_worked_out_anew_only_where_the_time_is_another(calendar: tuple[Actor, Provider]) -> None:
    actor, provider = calendar
    lunch = put(calendar, "Lunch")
    (busy,) = BusyInterval.objects.filter(provider=provider)
    before = version(provider)
    for wish in (
        events.Wish(text="Soup", place="Canteen"),
        events.Wish(start=at("12:00"), end=at("13:00")),
        events.Wish(shows="oof"),
        events.Wish(title="Brunch"),
    ):
        lunch = events.change(actor, provider, lunch, wish)
    (same,) = BusyInterval.objects.filter(provider=provider)
    assert (same.pk, same.summary, version(provider)) == (busy.pk, "Brunch", before)
    lunch = events.change(actor, provider, lunch, events.Wish(end=at("13:30")))
    assert BusyInterval.objects.get(provider=provider).end_minute == to_minute(at("13:30"))
    moved = version(provider)
    assert moved != before
    lunch = events.change(actor, provider, lunch, events.Wish(shows="free"))
    assert (BusyInterval.objects.filter(provider=provider).exists(), version(provider) == moved) == (False, False)
    opened = version(provider)
    events.change(actor, provider, lunch, events.Wish(title="Supper", start=at("18:00"), end=at("19:00")))
    assert (BusyInterval.objects.filter(provider=provider).exists(), version(provider)) == (False, opened)


def test_a_reading_goes_on_while_nothing_changes(calendar: tuple[Actor, Provider]) -> None:
    put(calendar, "Lunch")
    first = begun(calendar)
    again = begun(calendar)
    assert (again, DiaryReading.objects.count()) == (first, 1)
    for _poll in range(5):
        clock.advance(60)
        page = since(calendar, first.reading)
        assert (page.there, page.gone, page.reading, page.after) == ((), (), first.reading, None)
    assert DiaryReading.objects.count() == 1
    put(calendar, "Tea", "15:00")
    second = since(calendar, first.reading)
    assert ([one.title for one in second.there], DiaryReading.objects.count()) == (["Tea"], 2)
    repeated = since(calendar, first.reading)
    assert (repeated, DiaryReading.objects.count()) == (second, 2)


def test_a_reading_that_is_gone_on_from_is_kept(calendar: tuple[Actor, Provider]) -> None:
    first = begun(calendar)
    left = begun(calendar, LAST + 1)
    for _week in range(6):
        clock.advance(7 * 24 * 3600)
        assert since(calendar, first.reading).reading == first.reading
    assert changes.purge() == 1
    with pytest.raises(changes.TooOld):
        since(calendar, left.reading)


def test_of_too_many_readings_those_not_used_give_way(
    calendar: tuple[Actor, Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_KEPT", 3)
    used, *others = [begun(calendar, LAST + more) for more in range(3)]
    clock.advance(7200)
    since(calendar, used.reading)
    begun(calendar, LAST + 9)
    assert DiaryReading.objects.count() == 3
    assert since(calendar, used.reading).reading == used.reading
    with pytest.raises(changes.TooOld):
        since(calendar, others[0].reading)


def test_events_go_when_the_business_keeps_what_people_wrote_no_longer(
    calendar: tuple[Actor, Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "CLEARED_AT_ONCE", 2)
    _actor, provider = calendar
    VisitRules.objects.create(business=provider.business, chat_days=30)
    for hour in ("08:00", "10:00", "12:00"):
        put(calendar, "Lunch", hour)
    put((manager_of((other := make_provider(business=make_business(name="Harbour"))).business), other), "Theirs")
    put(calendar, "Late", "20:00")
    clock.set_to(at("14:00") + timedelta(days=30))
    assert events.forget_old() == 3
    assert sorted(DiaryEvent.objects.values_list("title", flat=True)) == ["Late", "Theirs"]
    assert BusyInterval.objects.count() == 2
    assert events.forget_old() == 0
