"""Hours as tables say them: named schedules, trips, public holidays, when a service can be booked at all."""

from datetime import date, datetime, timedelta

import pytest

from tests.booking.factories import MONDAY, at, book, make_service, open_on_weekdays
from tests.factories import make_business, make_provider
from vestibule.booking import availability
from vestibule.booking.errors import Closed
from vestibule.booking.models import DateOverride, Schedule, Service, Trip, WeeklyHours
from vestibule.people import masks
from vestibule.people.models import Business, Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sunday() -> None:
    clock.set_to(MONDAY - DAY)


def starts(service: Service, day: datetime = MONDAY) -> list[str]:
    return [f"{slot.start:%H:%M}" for slot in availability.free_starts(service, day, day + DAY)]


def pinned(service: Service, *windows: tuple[int, int, int]) -> Schedule:
    """Pin the service's provider to a schedule of its own: weekday, from, to."""
    offer = service.offers.get()
    schedule = Schedule.objects.create(business=service.business, provider=offer.provider, name="Evening clinic")
    for weekday, start, end in windows:
        WeeklyHours.objects.create(
            business=service.business,
            provider=offer.provider,
            schedule=schedule,
            weekday=weekday,
            start_minute=start,
            end_minute=end,
        )
    service.offers.update(schedule=schedule)
    return schedule


def test_a_pinned_service_keeps_its_schedule_and_others_the_usual_hours() -> None:
    evening = make_service()
    provider = evening.offers.get().provider
    usual = make_service(providers=[provider])
    pinned(evening, (0, 1080, 1140))
    masks.raise_versions([provider.pk])
    assert starts(evening) == ["18:00", "18:30"]
    assert starts(usual)[0] == "08:00"
    assert starts(usual)[-1] == "16:30"


def test_own_usual_hours_do_not_mix_with_a_schedule() -> None:
    evening = make_service()
    provider = evening.offers.get().provider
    usual = make_service(providers=[provider])
    Provider.objects.filter(pk=provider.pk).update(uses_business_hours=False)
    WeeklyHours.objects.create(
        business=provider.business, provider=provider, weekday=0, start_minute=600, end_minute=660
    )
    pinned(evening, (0, 1080, 1140))
    assert (starts(evening), starts(usual)) == (["18:00", "18:30"], ["10:00", "10:30"])


def test_a_schedule_without_hours_is_never_open() -> None:
    service = make_service()
    pinned(service)
    assert starts(service) == []


def test_used_time_counts_in_every_schedule_at_once() -> None:
    evening = make_service()
    provider = evening.offers.get().provider
    usual = make_service(providers=[provider])
    pinned(evening, (0, 480, 600))
    masks.raise_versions([provider.pk])
    assert starts(evening) == ["08:00", "08:30", "09:00", "09:30"]
    book(usual, at("08:30"))
    assert starts(evening) == ["08:00", "09:00", "09:30"]
    book(evening, at("09:00"))
    assert "09:00" not in starts(usual)


def test_a_day_of_a_schedule_is_not_one_of_the_usual_hours() -> None:
    evening = make_service()
    provider = evening.offers.get().provider
    usual = make_service(providers=[provider])
    schedule = pinned(evening, (0, 1080, 1140))
    DateOverride.objects.create(
        business=provider.business, provider=provider, schedule=schedule, date=date(2030, 3, 4), is_closed=True
    )
    DateOverride.objects.create(
        business=provider.business, provider=provider, date=date(2030, 3, 5), start_minute=720, end_minute=750
    )
    assert starts(evening) == []
    assert starts(usual)[0] == "08:00"
    assert starts(usual, MONDAY + DAY) == ["12:00"]


def test_the_closed_day_of_a_business_closes_schedules_too() -> None:
    service = make_service()
    pinned(service, (0, 1080, 1140))
    DateOverride.objects.create(business=service.business, date=date(2030, 3, 4), is_closed=True)
    assert starts(service) == []
    with pytest.raises(Closed):
        book(service, at("18:00"))


def test_on_a_trip_hours_are_kept_in_the_other_zone() -> None:
    service = make_service()
    provider = service.offers.get().provider
    Trip.objects.create(
        business=service.business,
        provider=provider,
        first=date(2030, 3, 4),
        last=date(2030, 3, 4),
        timezone="America/New_York",
    )
    assert (starts(service)[0], starts(service)[-1]) == ("13:00", "21:30")
    assert starts(service, MONDAY + DAY)[0] == "08:00"


class TestPublicHolidays:
    """Labour Day of 2030 is a Wednesday."""

    FIRST_OF_MAY = datetime(2030, 5, 1, tzinfo=MONDAY.tzinfo)

    def service(self, **values: object) -> Service:
        business = make_business()
        Business.objects.filter(pk=business.pk).update(**{"holiday_country": "DE", "holiday_region": "BY", **values})
        return make_service(business=business, providers=[make_provider(business=business)])

    def test_the_whole_business_is_closed(self) -> None:
        service = self.service()
        assert starts(service, self.FIRST_OF_MAY) == []
        with pytest.raises(Closed):
            book(service, self.FIRST_OF_MAY + timedelta(hours=9))
        assert starts(service, self.FIRST_OF_MAY + DAY)[0] == "08:00"

    def test_a_region_has_its_own(self) -> None:
        corpus_christi = datetime(2030, 6, 20, tzinfo=MONDAY.tzinfo)
        assert starts(self.service(), corpus_christi) == []
        assert starts(self.service(holiday_region="HH"), corpus_christi) != []

    def test_a_day_that_is_switched_off_is_open(self) -> None:
        assert starts(self.service(open_holidays=["2030-05-01"]), self.FIRST_OF_MAY)[0] == "08:00"

    def test_hours_of_that_day_win(self) -> None:
        service = self.service()
        provider = service.offers.get().provider
        DateOverride.objects.create(
            business=service.business, provider=provider, date=date(2030, 5, 1), start_minute=600, end_minute=630
        )
        assert starts(service, self.FIRST_OF_MAY) == ["10:00"]

    def test_hours_of_the_business_on_that_day_win_for_who_follows_them(self) -> None:
        service = self.service()
        DateOverride.objects.create(business=service.business, date=date(2030, 5, 1), start_minute=600, end_minute=630)
        assert starts(service, self.FIRST_OF_MAY) == ["10:00"]
        Provider.objects.update(uses_business_hours=False)
        assert starts(service, self.FIRST_OF_MAY) == []

    @pytest.mark.parametrize("place", [{"holiday_country": "XX"}, {"holiday_region": "nowhere"}])
    def test_a_place_nobody_knows_keeps_none(self, place: dict[str, str]) -> None:
        assert starts(self.service(**place), self.FIRST_OF_MAY)[0] == "08:00"


class TestWhenAServiceCanBeBooked:
    @pytest.mark.parametrize("availability", [{}, {"general": "free"}, {"general": "free", "ranges": []}])
    def test_whenever_staff_are_free(self, availability: dict[str, object]) -> None:
        assert starts(make_service(availability=availability))[0] == "08:00"

    def test_not_at_all(self) -> None:
        service = make_service(availability={"general": "closed"})
        assert starts(service) == []
        with pytest.raises(Closed):
            book(service, at("09:00"))

    def test_in_weekly_hours_of_the_zone_of_the_business(self) -> None:
        business = make_business(timezone="America/New_York")
        provider = make_provider(business=business)
        Provider.objects.filter(pk=provider.pk).update(timezone="UTC")
        open_on_weekdays(business)
        service = make_service(
            business=business, providers=[provider], availability={"general": "hours", "weekly": [[0, 540, 600]]}
        )
        assert starts(service) == ["14:00", "14:30"]
        assert starts(service, MONDAY + DAY) == []

    def test_the_last_range_that_holds_counts(self) -> None:
        ranges = [
            {"from": "2030-03-04", "to": "2030-03-08", "kind": "closed"},
            {"from": "2030-03-05", "to": "2030-03-05", "kind": "hours", "weekly": [[1, 600, 660]]},
            {"from": "2030-03-06", "to": "2030-03-06", "kind": "free"},
        ]
        service = make_service(availability={"general": "free", "ranges": ranges})
        assert starts(service) == []
        assert starts(service, MONDAY + DAY) == ["10:00", "10:30"]
        assert starts(service, MONDAY + 2 * DAY)[0] == "08:00"
        assert starts(service, MONDAY + 3 * DAY) == []
        assert starts(service, MONDAY + 7 * DAY)[0] == "08:00"

    def test_a_range_for_good_counts_for_good(self) -> None:
        ranges = [{"from": "2030-03-05", "to": "2199-12-31", "kind": "closed"}]
        service = make_service(availability={"general": "free", "ranges": ranges})
        assert starts(service) != []
        assert starts(service, MONDAY + DAY) == []
        assert starts(service, MONDAY + 300 * DAY) == []

    def test_a_day_outside_a_range_of_openings_is_closed(self) -> None:
        ranges = [{"from": "2030-03-04", "to": "2030-03-04", "kind": "free"}]
        service = make_service(availability={"general": "closed", "ranges": ranges})
        assert starts(service)[0] == "08:00"
        assert starts(service, MONDAY + DAY) == []
