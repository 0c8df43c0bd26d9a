"""Setting a business up: what is accepted, what is refused, and that it counts at once."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import availability, setup
from vestibule.booking.errors import InvalidContact
from vestibule.booking.models import DateOverride, Location, Service, WeeklyHours
from vestibule.booking.setup import Hours, Offer
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business, Provider
from vestibule.people.permissions import SYSTEM, Role

pytestmark = pytest.mark.django_db


def starts(service: Service) -> list[str]:
    found = availability.free_starts(service, MONDAY, MONDAY + timedelta(days=1))
    return [f"{slot.start:%H:%M}" for slot in found]


class TestBusiness:
    def test_a_new_one_is_open_on_weekdays_from_eight_to_five(self) -> None:
        business = setup.create_business(SYSTEM, slug="lake", name="Lake")
        provider = setup.add_provider(SYSTEM, business, name="Ada")
        service = setup.add_service(SYSTEM, business, name="Visit", window_days=1100, offers=[Offer(provider)])
        monday = MONDAY - timedelta(days=364 * 3)
        found = availability.free_starts(service, monday, monday + timedelta(days=7))
        assert [f"{slot.start:%a %H:%M}" for slot in (found[0], found[-1])] == ["Mon 08:00", "Fri 16:30"]
        assert (service.duration_minutes, service.interval_minutes, service.notice_minutes) == (30, 30, 1440)

    def test_only_the_system_makes_businesses(self) -> None:
        with pytest.raises(NotPermitted):
            setup.create_business(manager_of(make_business()), slug="lake", name="Lake")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"timezone": "../etc/passwd"}, "timezone"),
            ({"name": ""}, "name"),
            ({"name": "a\0b"}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"week_start": "wed"}, "week_start"),
            ({"privacy_url": "javascript:alert(1)"}, "privacy_url"),
            ({"accent": '"><script>'}, "accent"),
            ({"buffer_rule": "none"}, "buffer_rule"),
            ({"slug": "other"}, "slug"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, change: dict[str, Any], field: str) -> None:
        business = make_business()
        with pytest.raises(Invalid) as refusal:
            setup.change_business(manager_of(business), business, **change)
        assert refusal.value.facts["field"] == field
        assert not AuditEntry.objects.exists()

    def test_an_address_has_to_be_one(self) -> None:
        business = make_business()
        with pytest.raises(InvalidContact):
            setup.change_business(manager_of(business), business, email="nobody")

    def test_slugs_are_taken_once(self) -> None:
        make_business(slug="lake")
        with pytest.raises(Invalid):
            setup.create_business(SYSTEM, slug="lake", name="Lake")


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.VIEWER, Role.SCHEDULER, Role.PROVIDER])
    def test_only_managers_and_owners_change_the_set_up(self, role: Role) -> None:
        business = make_business()
        with pytest.raises(NotPermitted):
            setup.add_service(manager_of(business, role=role), business, name="Visit")
        with pytest.raises(NotPermitted):
            setup.set_hours(manager_of(business, role=role), business, [])

    def test_providers_change_their_own_hours(self) -> None:
        provider = make_provider()
        me = manager_of(provider.business, role=Role.PROVIDER, provider=provider)
        setup.set_hours(me, provider.business, [Hours(0, 480, 600)], provider=provider)
        other = make_provider(business=provider.business)
        with pytest.raises(NotPermitted):
            setup.set_hours(me, provider.business, [], provider=other)

    def test_another_business_is_not_there(self) -> None:
        service = make_service()
        with pytest.raises(NotFound):
            setup.change_service(manager_of(make_business()), service, name="Mine")
        with pytest.raises(NotFound):
            setup.change_service(manager_of(service.business), service, offers=[Offer(make_provider())])
        elsewhere = Location.objects.create(business=make_business(), name="Elsewhere")
        with pytest.raises(NotFound):
            setup.change_service(manager_of(service.business), service, location=elsewhere)


class TestServices:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"duration_minutes": 0}, "duration_minutes"),
            ({"duration_minutes": 1441}, "duration_minutes"),
            ({"duration_minutes": True}, "duration_minutes"),
            ({"duration_minutes": "30"}, "duration_minutes"),
            ({"interval_minutes": -5}, "interval_minutes"),
            ({"notice_minutes": 10**12}, "notice_minutes"),
            ({"seats": 0}, "seats"),
            ({"slug": "Not a slug"}, "slug"),
            ({"limits": {"max_per": {"hour": 1}}}, "limits.max_per"),
            ({"limits": {"max_per": {"day": 0}}}, "limits.max_per.day"),
            ({"limits": {"max_per": {"day": 1}, "timezone": "Nowhere"}}, "limits.timezone"),
            ({"window_type": "range"}, "window_from"),
            ({"window_type": "range", "window_from": date(2030, 2, 1), "window_to": date(2030, 1, 1)}, "window_to"),
            ({"price_minor": 100}, "currency"),
            ({"questions": [{"id": "x", "type": "riddle", "label": "?"}]}, "questions.0.type"),
            ({"questions": [{"id": "x", "type": "choice", "label": "?", "choices": []}]}, "questions.0.choices"),
            ({"no_such_rule": 1}, "no_such_rule"),
        ],
    )
    def test_rules_that_make_no_sense_are_refused(self, change: dict[str, Any], field: str) -> None:
        service = make_service()
        with pytest.raises(Invalid) as refusal:
            setup.change_service(manager_of(service.business), service, **change)
        assert refusal.value.facts["field"] == field

    def test_names_make_slugs_that_differ(self) -> None:
        business = make_business()
        names = ["Crème brûlée", "Dr Elif Yılmaz", "First visit", "First visit", "診察"]
        slugs = [setup.add_service(SYSTEM, business, name=name).slug for name in names]
        assert slugs == ["creme-brulee", "dr-elif-yilmaz", "first-visit", "first-visit-2", "item"]

    def test_a_change_counts_at_once_and_is_on_record(self) -> None:
        service = make_service()
        assert "08:30" in starts(service)
        changed = setup.change_service(manager_of(service.business), service, interval_minutes=60)
        assert starts(changed)[:2] == ["08:00", "09:00"]
        entry = AuditEntry.objects.get(action="service.changed")
        assert entry.details == {"interval_minutes": [30, 60]}

    def test_a_retired_service_keeps_its_appointments(self) -> None:
        service = make_service()
        appointment = book(service, at("09:00"))
        assert setup.retire_service(manager_of(service.business), service).is_active is False
        appointment.refresh_from_db()
        assert appointment.status == "booked"


class TestHours:
    def hours(self, service: Service, *windows: tuple[int, int]) -> list[str]:
        business = service.business
        setup.set_hours(SYSTEM, business, [Hours(0, start, end) for start, end in windows])
        return starts(service)

    def test_new_hours_count_at_once(self) -> None:
        service = make_service()
        assert starts(service)[0] == "08:00"
        assert self.hours(service, (600, 660)) == ["10:00", "10:30"]

    def test_touching_and_overlapping_windows_are_joined(self) -> None:
        service = make_service(duration_minutes=60, interval_minutes=60)
        assert self.hours(service, (600, 660), (630, 690), (690, 720)) == ["10:00", "11:00"]
        assert WeeklyHours.objects.count() == 1

    def test_hours_may_run_past_midnight_and_to_its_end(self) -> None:
        service = make_service(duration_minutes=60, interval_minutes=60)
        assert self.hours(service, (1320, 60))[-1] == "23:00"
        assert self.hours(service, (1320, 1440)) == ["22:00", "23:00"]

    @pytest.mark.parametrize("hours", [Hours(7, 0, 60), Hours(0, -1, 60), Hours(0, 0, 1441), Hours(0, 1440, 60)])
    def test_times_that_no_clock_shows_are_refused(self, hours: Hours) -> None:
        business = make_business()
        with pytest.raises(Invalid):
            setup.set_hours(SYSTEM, business, [hours])

    def test_own_hours_replace_the_business_until_given_up(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        setup.set_hours(SYSTEM, service.business, [Hours(0, 600, 630)], provider=provider)
        assert starts(service) == ["10:00"]
        setup.follow_business_hours(SYSTEM, provider)
        assert starts(service)[0] == "08:00"

    def test_a_date_may_have_other_hours_or_none(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        setup.set_override(SYSTEM, service.business, MONDAY.date(), [(540, 600)])
        assert starts(service) == ["09:00", "09:30"]
        setup.set_override(SYSTEM, service.business, MONDAY.date(), [(660, 690)], provider=provider)
        assert starts(service) == ["11:00"]
        setup.remove_override(SYSTEM, service.business, MONDAY.date(), provider=provider)
        setup.set_override(SYSTEM, service.business, MONDAY.date(), [])
        assert starts(service) == []
        assert DateOverride.objects.get().is_closed
        setup.remove_override(SYSTEM, service.business, MONDAY.date())
        assert starts(service)[0] == "08:00"

    def test_a_closed_day_of_the_business_closes_those_with_own_hours_too(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        setup.set_hours(SYSTEM, service.business, [Hours(0, 600, 660)], provider=provider)
        setup.set_override(SYSTEM, service.business, MONDAY.date(), [(480, 540)])
        assert starts(service) == ["10:00", "10:30"]
        setup.set_override(SYSTEM, service.business, MONDAY.date(), [])
        assert starts(service) == []

    def test_time_off_blocks_one_or_all(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        mine = setup.add_time_off(SYSTEM, service.business, at("08:00"), at("16:00"), provider=provider)
        assert starts(service)[0] == "16:00"
        setup.remove_time_off(SYSTEM, mine)
        setup.add_time_off(SYSTEM, service.business, at("08:00"), at("16:30"))
        assert starts(service) == ["16:30"]
        with pytest.raises(Invalid):
            setup.add_time_off(SYSTEM, service.business, at("09:00"), at("09:00"))


class TestProviders:
    def test_who_is_inactive_is_not_offered(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        setup.change_provider(SYSTEM, provider, is_active=False)
        assert starts(service) == []

    def test_the_zone_of_a_provider_is_that_of_the_hours(self) -> None:
        service = make_service()
        provider = service.offers.get().provider
        setup.change_provider(SYSTEM, provider, timezone="America/New_York")
        assert starts(service)[0] == "13:00"

    def test_changes_are_refused_with_their_field(self) -> None:
        provider = make_provider()
        for change in ({"timezone": "Nowhere"}, {"position": -1}, {"slug": "Ä"}, {"is_active": "yes"}):
            with pytest.raises(Invalid) as refusal:
                setup.change_provider(SYSTEM, provider, **change)
            assert refusal.value.facts["field"] in change
        assert Provider.objects.get().timezone == ""


def test_locations_that_are_used_stay() -> None:
    business = make_business()
    place = setup.add_location(SYSTEM, business, name="Main street", kind="place", address="Main street 1")
    service = setup.add_service(SYSTEM, business, name="Visit", location=place)
    with pytest.raises(Invalid):
        setup.remove_location(SYSTEM, place)
    setup.change_service(SYSTEM, service, location=None)
    setup.remove_location(SYSTEM, place)
    with pytest.raises(Invalid):
        setup.add_location(SYSTEM, business, name="Somewhere", kind="place")
    assert Business.objects.get().locations.count() == 0
