"""Rules of a business, of services that follow it or have their own, and of providers."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, book, make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import availability, setup
from vestibule.booking.models import ProviderRules, Service, ServiceProvider
from vestibule.booking.setup import Offer, rule_groups
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    clock.set_to(MONDAY - timedelta(days=1))
    return make_business()


def add(business: Business, **values: Any) -> Service:
    """A service made by the verb, of one provider."""
    service = setup.add_service(
        manager_of(business), business, name="Visit", offers=[Offer(make_provider(business=business))], **values
    )
    service.refresh_from_db()
    return service


class TestFollowing:
    def test_a_new_service_follows_the_business_in_all_that_is_not_given(self, business: Business) -> None:
        service = add(business, notice_minutes=30)
        assert set(rule_groups.GROUPS) - set(service.follows) == {"notice"}

    def test_what_the_business_changes_is_written_to_who_follows(self, business: Business) -> None:
        follower, own = add(business), add(business, notice_minutes=30)
        setup.change_booking_rules(manager_of(business), business, notice_minutes=120, buffer_after_minutes=5)
        follower.refresh_from_db()
        own.refresh_from_db()
        assert (follower.notice_minutes, own.notice_minutes) == (120, 30)
        assert (follower.buffer_after_minutes, own.buffer_after_minutes) == (5, 5)

    def test_a_new_service_begins_with_the_rules_of_the_business(self, business: Business) -> None:
        setup.change_booking_rules(manager_of(business), business, window_type="range", window_from=date(2030, 5, 1))
        service = add(business)
        assert (service.window_type, service.window_from) == ("range", date(2030, 5, 1))

    def test_starts_follow_the_length_while_the_business_sets_no_interval(self, business: Business) -> None:
        service = add(business, duration_minutes=20)
        setup.change_service(manager_of(business), service, duration_minutes=50)
        service.refresh_from_db()
        assert service.interval_minutes == 50
        setup.change_booking_rules(manager_of(business), business, interval_minutes=15)
        service.refresh_from_db()
        assert service.interval_minutes == 15

    def test_setting_a_rule_leaves_its_group(self, business: Business) -> None:
        service = setup.change_service(manager_of(business), add(business), window_days=10)
        assert "window" not in service.follows
        assert "notice" in service.follows

    def test_following_again_takes_the_business_rule_over(self, business: Business) -> None:
        service = add(business, notice_minutes=30)
        setup.change_booking_rules(manager_of(business), business, notice_minutes=90)
        changed = setup.change_service(manager_of(business), service, follows=["notice"])
        assert (changed.notice_minutes, changed.follows) == (90, ["notice"])

    def test_a_rule_that_is_followed_cannot_be_set_too(self, business: Business) -> None:
        with pytest.raises(Invalid) as refused:
            setup.change_service(manager_of(business), add(business), follows=["notice"], notice_minutes=5)
        assert refused.value.facts["field"] == "notice_minutes"

    @pytest.mark.parametrize("follows", ["notice", ["weather"], [["notice"]], [1]])
    def test_only_groups_there_are_can_be_followed(self, business: Business, follows: Any) -> None:
        service = add(business)
        with pytest.raises((Invalid, TypeError)):
            setup.change_service(manager_of(business), service, follows=follows)

    def test_each_rule_is_in_one_group(self) -> None:
        named = [name for names in rule_groups.GROUPS.values() for name in names]
        assert len(named) == len(set(named))
        assert set(named) <= {field.name for field in Service._meta.get_fields()}

    def test_appointments_keep_their_time_when_rules_change(self, business: Business) -> None:
        service = make_service(business=business, follows=["buffers", "grid"], interval_minutes=30)
        booked = book(service, MONDAY + timedelta(hours=9, minutes=30))
        setup.change_booking_rules(manager_of(business), business, interval_minutes=60, alignment="clock")
        booked.refresh_from_db()
        assert booked.start == MONDAY + timedelta(hours=9, minutes=30)


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("rules", "field"),
        [
            ({"notice_minutes": -1}, "notice_minutes"),
            ({"notice_minutes": "10"}, "notice_minutes"),
            ({"notice_minutes": True}, "notice_minutes"),
            ({"interval_minutes": 0}, "interval_minutes"),
            ({"limits": {"max_per": {"hour": 3}}}, "limits.max_per"),
            ({"limits": "none"}, "limits"),
            ({"window_type": "range"}, "window_from"),
            ({"window_type": "rolling_minutes", "window_minutes": 0}, "window_minutes"),
            ({"duration_minutes": 30}, "duration_minutes"),
            ({"max_open_of_all_services": 0}, "max_open_of_all_services"),
            ({"buffer_rule": "none"}, "buffer_rule"),
        ],
    )
    def test_business_rules(self, business: Business, rules: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            setup.change_booking_rules(manager_of(business), business, **rules)
        assert refused.value.facts["field"] == field
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"lengths": [0]}, "lengths"),
            ({"lengths": "30"}, "lengths"),
            ({"lengths": list(range(1, 10))}, "lengths"),
            ({"most_occurrences": 0}, "most_occurrences"),
            ({"colour": "beige"}, "colour"),
            ({"assignment": "some"}, "team_size"),
            ({"needs_approval": True, "approval_minutes": 0}, "approval_minutes"),
        ],
    )
    def test_services(self, business: Business, values: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            add(business, **values)
        assert refused.value.facts["field"] == field

    def test_a_team_needs_as_many_people(self, business: Business) -> None:
        with pytest.raises(Invalid) as refused:
            add(business, assignment="some", team_size=2)
        assert refused.value.facts["field"] == "team_size"

    def test_only_managers_change_rules(self, business: Business) -> None:
        with pytest.raises(NotPermitted):
            setup.change_booking_rules(manager_of(business, role=Role.SCHEDULER), business, notice_minutes=5)
        with pytest.raises(NotFound):
            setup.change_booking_rules(manager_of(make_business()), business, notice_minutes=5)


class TestProviders:
    def test_own_buffers_count_in_every_service(self, business: Business) -> None:
        provider = make_provider(business=business)
        service = make_service(providers=[provider])
        book(service, MONDAY + timedelta(hours=9))
        setup.change_provider_rules(manager_of(business), provider, buffer_after_minutes=30)
        free = availability.free_starts(service, MONDAY, MONDAY + timedelta(days=1))
        assert MONDAY + timedelta(hours=8, minutes=30) not in [slot.start for slot in free]

    def test_a_limit_counts_all_services_and_has_no_scope(self, business: Business) -> None:
        provider = make_provider(business=business)
        stored = setup.change_provider_rules(manager_of(business), provider, limits={"max_per": {"day": 2}})
        assert stored.limits == {"max_per": {"day": 2}, "timezone": ""}

    def test_changing_them_tells_every_process(self, business: Business) -> None:
        provider = make_provider(business=business)
        setup.change_provider_rules(manager_of(business), provider, notice_minutes=60)
        assert Provider.objects.get(pk=provider.pk).mask_version != provider.mask_version
        setup.change_provider_rules(manager_of(business), provider, notice_minutes=None)
        assert ProviderRules.objects.get(provider=provider).notice_minutes is None

    def test_what_does_not_fit_names_its_field(self, business: Business) -> None:
        with pytest.raises(Invalid) as refused:
            setup.change_provider_rules(manager_of(business), make_provider(business=business), buffer_after_minutes=-5)
        assert refused.value.facts["field"] == "buffer_after_minutes"


class TestOffers:
    def test_who_stays_keeps_their_turn_and_who_joins_catches_nothing_up(self, business: Business) -> None:
        ada, bo = make_provider(business=business), make_provider(business=business)
        service = make_service(providers=[ada])
        ServiceProvider.objects.filter(service=service).update(turn=7000)
        setup.change_service(manager_of(business), service, offers=[Offer(ada, weight=2), Offer(bo)])
        rows = ServiceProvider.objects.filter(service=service)
        assert {row.provider_id: (row.turn, row.weight) for row in rows} == {ada.pk: (7000, 2), bo.pk: (7000, 1)}

    @pytest.mark.parametrize("weight", [0, 17, -1, "2"])
    def test_a_share_is_one_to_sixteen(self, business: Business, weight: Any) -> None:
        service = make_service(business=business)
        with pytest.raises(Invalid) as refused:
            setup.change_service(
                manager_of(business), service, offers=[Offer(make_provider(business=business), weight=weight)]
            )
        assert refused.value.facts["field"] == "weight"

    def test_a_slug_taken_in_between_is_a_refusal_and_no_fault(
        self, business: Business, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(business, slug="visit-here")
        monkeypatch.setattr("vestibule.booking.setup.values.require_free_slug", lambda wanted, taken: None)
        with pytest.raises(Invalid) as refused:
            add(business, slug="visit-here")
        assert refused.value.facts["field"] == "slug"
