"""Schedules under a name, travel, stand-ins, public holidays, and when a service can be booked at all."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import availability, setup
from vestibule.booking.models import DateOverride, Schedule, Service, TimeOff, Trip, WeeklyHours
from vestibule.booking.setup import Hours, Offer, clean_availability
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Role, staff_actor
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Provider:
    clock.set_to(MONDAY - timedelta(days=1))
    return make_provider(business=make_business())


@pytest.fixture
def manager(ada: Provider) -> Actor:
    return manager_of(ada.business)


def starts(service: Service, day: int = 0) -> list[str]:
    service.refresh_from_db()
    begin = MONDAY + timedelta(days=day)
    return [f"{slot.start:%H:%M}" for slot in availability.free_starts(service, begin, begin + timedelta(days=1))]


class TestSchedules:
    def test_a_service_pinned_to_one_goes_by_its_hours_alone(self, ada: Provider, manager: Actor) -> None:
        service = make_service(providers=[ada])
        evening = setup.add_schedule(manager, ada, "Evening clinic")
        setup.set_hours(manager, ada.business, [Hours(0, 1080, 1140)], provider=ada, schedule=evening)
        setup.change_service(manager, service, offers=[Offer(ada, schedule=evening)])
        assert starts(service) == ["18:00", "18:30"]
        assert ada.uses_business_hours
        assert not WeeklyHours.objects.filter(provider=ada, schedule=None).exists()

    def test_it_has_days_of_its_own(self, ada: Provider, manager: Actor) -> None:
        evening = setup.add_schedule(manager, ada, "Evening clinic")
        setup.set_override(manager, ada.business, date(2030, 3, 4), [], provider=ada, schedule=evening)
        setup.set_override(manager, ada.business, date(2030, 3, 4), [(600, 660)], provider=ada)
        setup.remove_override(manager, ada.business, date(2030, 3, 4), provider=ada)
        assert DateOverride.objects.get().schedule == evening

    def test_names_are_taken_once_a_person(self, ada: Provider, manager: Actor) -> None:
        setup.add_schedule(manager, ada, "Evening clinic")
        with pytest.raises(Invalid) as refused:
            setup.add_schedule(manager, ada, "Evening clinic")
        assert refused.value.facts["field"] == "name"
        setup.add_schedule(manager, make_provider(business=ada.business), "Evening clinic")

    def test_one_in_use_is_not_removed(self, ada: Provider, manager: Actor) -> None:
        evening = setup.add_schedule(manager, ada, "Evening clinic")
        service = make_service(providers=[ada])
        setup.change_service(manager, service, offers=[Offer(ada, schedule=evening)])
        with pytest.raises(Invalid) as refused:
            setup.remove_schedule(manager, evening)
        assert refused.value.facts["field"] == "schedule"
        setup.change_service(manager, service, offers=[Offer(ada)])
        setup.remove_schedule(manager, evening)
        assert not Schedule.objects.exists()

    def test_nobody_is_pinned_to_somebody_elses(self, ada: Provider, manager: Actor) -> None:
        evening = setup.add_schedule(manager, ada, "Evening clinic")
        bo = make_provider(business=ada.business)
        with pytest.raises(Invalid):
            setup.change_service(manager, make_service(providers=[bo]), offers=[Offer(bo, schedule=evening)])
        with pytest.raises(NotFound):
            setup.set_hours(manager, ada.business, [], provider=bo, schedule=evening)

    def test_providers_keep_their_own_and_no_others(self, ada: Provider) -> None:
        own = staff_actor(user_id=1, label="Ada", business_id=ada.business_id, role=Role.PROVIDER, provider_id=ada.pk)
        assert setup.rename_schedule(own, setup.add_schedule(own, ada, "Evening"), "Night").name == "Night"
        with pytest.raises(NotPermitted):
            setup.add_schedule(own, make_provider(business=ada.business), "Evening")


class TestTravel:
    def test_hours_move_with_the_clocks_there(self, ada: Provider, manager: Actor) -> None:
        service = make_service(providers=[ada])
        setup.add_trip(manager, ada, date(2030, 3, 4), date(2030, 3, 4), "Asia/Tokyo")
        assert starts(service)[:1] != ["08:00"]
        assert starts(service, 1)[:1] == ["08:00"]
        setup.remove_trip(manager, Trip.objects.get())
        assert starts(service)[:1] == ["08:00"]

    @pytest.mark.parametrize(
        ("first", "last", "zone", "field"),
        [
            (date(2030, 3, 4), date(2030, 3, 3), "Asia/Tokyo", "last"),
            (date(2030, 3, 4), None, "Mars/Olympus", "timezone"),
            ("2030-03-04", None, "Asia/Tokyo", "first"),
            (date(2030, 6, 9), date(2030, 6, 20), "Asia/Tokyo", "first"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, ada: Provider, manager: Actor, first: Any, last: Any, zone: str, field: str
    ) -> None:
        setup.add_trip(manager, ada, date(2030, 6, 1), date(2030, 6, 9), "Asia/Tokyo")
        with pytest.raises(Invalid) as refused:
            setup.add_trip(manager, ada, first, last, zone)
        assert refused.value.facts["field"] == field
        assert Trip.objects.count() == 1


class TestStandIns:
    def test_a_colleague_stands_in(self, ada: Provider, manager: Actor) -> None:
        bo = make_provider(business=ada.business)
        setup.add_time_off(manager, ada.business, at("08:00"), at("12:00"), provider=ada, redirect_to=bo)
        assert TimeOff.objects.get().redirect_to == bo

    def test_only_a_colleague_who_can_be_booked_may(self, ada: Provider, manager: Actor) -> None:
        gone = make_provider(business=ada.business)
        Provider.objects.filter(pk=gone.pk).update(is_active=False)
        gone.refresh_from_db()
        for other in (ada, gone):
            with pytest.raises(Invalid) as refused:
                setup.add_time_off(manager, ada.business, at("08:00"), at("12:00"), provider=ada, redirect_to=other)
            assert refused.value.facts["field"] == "redirect_to"
        with pytest.raises(NotFound):
            setup.add_time_off(
                manager, ada.business, at("08:00"), at("12:00"), provider=ada, redirect_to=make_provider()
            )


class TestHolidays:
    def test_the_business_is_closed_on_them_unless_it_opens(self, ada: Provider, manager: Actor) -> None:
        service, easter_monday = make_service(providers=[ada]), 49
        assert starts(service, easter_monday)
        business = setup.keep_holidays(manager, ada.business, "CH", "ZH")
        assert not starts(service, easter_monday)
        setup.open_on_holiday(manager, business, date(2030, 4, 22), is_open=True)
        assert starts(service, easter_monday)

    def test_only_holidays_are_opened(self, ada: Provider, manager: Actor) -> None:
        business = setup.keep_holidays(manager, ada.business, "CH", "ZH")
        with pytest.raises(Invalid) as refused:
            setup.open_on_holiday(manager, business, date(2030, 4, 23), is_open=True)
        assert refused.value.facts["field"] == "date"

    @pytest.mark.parametrize(("country", "region"), [("XX", ""), ("CH", "BY"), ("C" * 300, ""), ("\0", ""), ("", "ZH")])
    def test_a_place_nobody_knows_is_refused(self, ada: Provider, manager: Actor, country: str, region: str) -> None:
        with pytest.raises(Invalid):
            setup.keep_holidays(manager, ada.business, country, region)
        assert Business.objects.get(pk=ada.business_id).holiday_country == ""


SEASON = {"from": "2030-03-05", "to": "2030-03-05", "kind": "closed"}


class TestGeneralAvailability:
    def test_hours_of_its_own_narrow_those_of_staff(self, ada: Provider, manager: Actor) -> None:
        service = make_service(providers=[ada])
        hours = {"general": "hours", "weekly": [[0, 600, 660], [1, 600, 660]], "ranges": [SEASON]}
        setup.change_service(manager, service, availability=hours)
        assert starts(service) == ["10:00", "10:30"]
        assert starts(service, 1) == []

    def test_a_range_opens_what_is_closed(self, ada: Provider, manager: Actor) -> None:
        service = make_service(providers=[ada])
        setup.change_service(
            manager, service, availability={"general": "closed", "ranges": [SEASON | {"kind": "free"}]}
        )
        assert starts(service) == []
        assert starts(service, 1)

    def test_whenever_staff_are_free_is_stored_as_nothing(self) -> None:
        assert clean_availability({"general": "free"}) == {}
        assert clean_availability({}) == {}

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ([], "availability"),
            ({"general": "often"}, "availability.general"),
            ({"general": "hours"}, "availability.weekly"),
            ({"general": "hours", "weekly": [[7, 0, 60]]}, "availability.weekly"),
            ({"general": "hours", "weekly": [[0, 60, 60]]}, "availability.weekly"),
            ({"general": "hours", "weekly": [[0, True, 60]]}, "availability.weekly"),
            ({"ranges": [SEASON] * 51}, "availability.ranges"),
            ({"ranges": [SEASON | {"to": "2030-03-04"}]}, "availability.ranges.0.to"),
            ({"ranges": [SEASON | {"from": "soon"}]}, "availability.ranges.0.from"),
            ({"ranges": [SEASON | {"from": 5}]}, "availability.ranges.0.from"),
            ({"ranges": [SEASON, SEASON | {"kind": "hours"}]}, "availability.ranges.1.weekly"),
            ({"ranges": [{**SEASON, "why": "x"}]}, "availability.ranges.0"),
            ({"colour": "red"}, "availability"),
        ],
    )
    def test_what_does_not_fit_names_its_part(self, given: Any, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            clean_availability(given)
        assert refused.value.facts["field"] == field
