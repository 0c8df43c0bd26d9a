"""Asking for free starts: bounds, the next one, days of a reader's zone, and that every change shows at once."""

from datetime import date, timedelta

import pytest

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability
from vestibule.booking.errors import ProviderNotOffered, ServiceHidden
from vestibule.booking.models import Service
from vestibule.calendars.models import BusyInterval
from vestibule.people import masks
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sunday() -> None:
    clock.set_to(MONDAY - DAY)


def starts(service: Service) -> list[str]:
    return [f"{slot.start:%H:%M}" for slot in availability.free_starts(service, MONDAY, MONDAY + DAY)]


@pytest.mark.parametrize("length", [timedelta(0), -DAY, timedelta(days=62, hours=1, seconds=1)])
def test_a_stretch_is_of_at_most_62_days(length: timedelta) -> None:
    with pytest.raises(Invalid):
        availability.free_starts(make_service(), MONDAY, MONDAY + length)


def test_the_end_of_the_stretch_is_not_in_it() -> None:
    found = availability.free_starts(make_service(), at("08:00"), at("09:00"))
    assert [slot.start for slot in found] == [at("08:00"), at("08:30")]
    assert availability.free_starts(make_service(), at("08:00") + timedelta(seconds=1), at("08:30")) == []


def test_each_start_names_who_is_free() -> None:
    business = make_business()
    ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
    service = make_service(providers=[ada, bo])
    book(service, at("08:00"), provider=ada)
    first, second = availability.free_starts(service, at("08:00"), at("09:00"))
    assert (first.providers, second.providers) == ((bo.pk,), (ada.pk, bo.pk))
    assert [slot.start for slot in availability.free_starts(service, at("08:00"), at("09:00"), provider=ada)] == [
        at("08:30")
    ]


def test_the_next_free_start_may_be_weeks_away() -> None:
    service = make_service()
    provider = service.offers.get().provider
    BusyInterval.objects.create(
        business=service.business,
        provider=provider,
        start_minute=clock.to_minute(MONDAY),
        end_minute=clock.to_minute(MONDAY + 50 * DAY),
    )
    found = availability.next_free(service, MONDAY)
    assert found is not None
    assert found.start == at("08:00") + 50 * DAY
    Provider.objects.update(is_active=False)
    assert availability.next_free(service, MONDAY) is None


def test_days_are_those_of_the_reader() -> None:
    found = availability.days_with_free(make_service(), MONDAY, MONDAY + DAY, "Pacific/Auckland")
    assert found == {date(2030, 3, 4): 6, date(2030, 3, 5): 12}


def test_hidden_services_and_strangers_are_refused() -> None:
    with pytest.raises(ServiceHidden):
        starts(make_service(visibility="hidden"))
    with pytest.raises(ProviderNotOffered):
        availability.free_starts(make_service(), MONDAY, MONDAY + DAY, provider=make_provider())


def test_the_own_appointment_does_not_block_its_move() -> None:
    service = make_service()
    appointment = book(service, at("09:00"))
    found = availability.free_starts(service, MONDAY, MONDAY + DAY, moving=appointment)
    assert at("09:00") in [slot.start for slot in found]


def test_what_another_process_wrote_is_noticed() -> None:
    """Another process raises the version in its own transaction; this one has never heard of its change."""
    service = make_service()
    provider = service.offers.get().provider
    masks.raise_versions([provider.pk])
    assert "09:00" in starts(service)
    minute = clock.to_minute(at("09:00"))
    BusyInterval.objects.create(
        business=service.business, provider=provider, start_minute=minute, end_minute=minute + 30
    )
    assert "09:00" in starts(service)
    masks.raise_versions([provider.pk])
    assert "09:00" not in starts(service)


def test_a_clock_that_is_set_back_finds_what_was_then() -> None:
    service = make_service(window_days=1000)
    masks.raise_versions([service.offers.get().provider_id])
    book(service, at("09:00"))
    clock.set_to(MONDAY + 30 * DAY)
    availability.free_starts(service, MONDAY + 31 * DAY, MONDAY + 32 * DAY)
    clock.set_to(MONDAY - DAY)
    assert "09:00" not in starts(service)


def test_explain_says_what_each_rule_says() -> None:
    service = make_service()
    book(service, at("09:00"))
    told = availability.explain(service, at("09:00"))
    assert [one.code for one in told if not one.allows] == ["slot_taken"]
    assert all(one.sentence for one in told)
    with pytest.raises(Invalid):
        availability.explain(service, at("09:00") + timedelta(seconds=1))
