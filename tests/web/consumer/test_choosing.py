"""Choosing a time: how long, with whom, on which day, in whose zone; and what to do where nothing is free."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.booking.factories import book, make_service
from tests.factories import make_business, make_provider
from tests.web.consumer.pages import MONDAY, path_of, rfc3339, starts_on, text_of, words_of
from vestibule.booking.models import Hold, Service, TimeOff, WeeklyHours
from vestibule.people import masks
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sunday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=1))


def shut(service: Service) -> None:
    WeeklyHours.objects.filter(business=service.business).delete()


def test_the_length_is_chosen_first_and_decides_which_starts_there_are(client: Client) -> None:
    service = make_service(lengths=[60])
    short = client.get(path_of(service), {"day": "2030-03-04"})
    long = client.get(path_of(service), {"day": "2030-03-04", "length": "60"})
    assert [one["minutes"] for one in short.context["lengths"]] == [30, 60]
    assert "2030-03-04T16:30:00Z" in starts_on(short)
    assert "2030-03-04T16:30:00Z" not in starts_on(long)


def test_the_chosen_length_is_what_is_kept(client: Client) -> None:
    service = make_service(lengths=[60])
    client.post(path_of(service) + "/hold?length=60", {"start": rfc3339(MONDAY)})
    hold = Hold.objects.get()
    assert hold.end_minute - hold.start_minute == 60


def test_a_length_that_is_not_offered_counts_as_not_chosen(client: Client) -> None:
    page = client.get(path_of(make_service()), {"length": "45"})
    assert page.context["choice"].length is None


def test_who_has_no_choice_of_provider_is_not_asked(client: Client) -> None:
    business = make_business()
    two = [make_provider(business=business), make_provider(business=business)]
    asked = client.get(path_of(make_service(providers=two)))
    free = client.get(path_of(make_service(providers=two, consumer_chooses_provider=False)))
    assert "No preference" in text_of(asked)
    assert 'name="provider"' not in text_of(free).split("<form", 1)[0]
    assert "No preference" not in text_of(free)


def test_each_start_says_both_times_where_the_zones_differ(client: Client) -> None:
    page = client.get(path_of(make_service()), {"day": "2030-03-04", "timezone": "Asia/Tokyo"})
    slots = [slot for part in page.context["slot_parts"] for slot in part.slots]
    assert (slots[0].label, slots[0].offset, slots[0].there) == ("17:00", "+09:00", "08:00")


def test_a_start_on_another_day_at_the_business_names_that_day(client: Client) -> None:
    page = client.get(path_of(make_service()), {"day": "2030-03-05", "timezone": "Asia/Tokyo"})
    early = page.context["slot_parts"][0].slots[0]
    assert (early.label, early.there) == ("00:00", "Mon 15:00")


def test_an_hour_that_clocks_show_twice_carries_its_offset(client: Client) -> None:
    clock.set_to(MONDAY.replace(month=10, day=25))
    service = make_service(business=make_business(timezone="Europe/Berlin"))
    WeeklyHours.objects.update(weekday=6, start_minute=0, end_minute=300)
    page = client.get(path_of(service), {"day": "2030-10-27"})
    twice = [slot.offset for part in page.context["slot_parts"] for slot in part.slots if slot.label == "02:00"]
    assert twice == ["+02:00", "+01:00"]
    assert "UTC+01:00" in text_of(page)


def test_who_looks_in_the_zone_of_the_business_stays_in_it(client: Client) -> None:
    client.cookies["vestibule_zone"] = "Asia/Tokyo"
    service = make_service()
    page = client.get(path_of(service), {"timezone": "UTC"})
    assert page.context["zone"] == "UTC"
    assert all(
        "timezone=UTC" in cell.href for week in page.context["month"].weeks for cell in week if cell and cell.href
    )


def test_one_pages_from_a_free_day_to_the_next_even_into_the_next_month(client: Client) -> None:
    page = client.get(path_of(make_service()), {"day": "2030-03-29"})
    assert page.context["earlier_day"]["date"].isoformat() == "2030-03-28"
    assert page.context["later_day"]["date"].isoformat() == "2030-04-01"


def test_a_group_says_how_many_places_are_left(client: Client) -> None:
    service = make_service(seats=4)
    book(service, MONDAY)
    page = client.get(path_of(service), {"day": "2030-03-04"})
    left = {slot.label: slot.seats_left for part in page.context["slot_parts"] for slot in part.slots}
    assert (left["09:00"], left["09:30"]) == (3, 4)
    assert "3 places left" in words_of(page)


def test_who_is_away_names_who_stands_in(client: Client) -> None:
    business = make_business()
    ada, bo = make_provider(business=business, name="Dr Ada"), make_provider(business=business, name="Dr Bo")
    service = make_service(providers=[ada, bo])
    day = clock.to_minute(MONDAY.replace(hour=0))
    TimeOff.objects.create(business=business, provider=ada, start_minute=day, end_minute=day + 1440, redirect_to=bo)
    masks.raise_versions([ada.pk])
    page = client.get(path_of(service), {"day": "2030-03-04", "provider": ada.slug})
    assert "Dr Ada is away at times on this day. Then Dr Bo stands in." in words_of(page)
    assert {slot.stand_in for part in page.context["slot_parts"] for slot in part.slots} == {"Dr Bo"}


def test_where_nothing_is_free_there_is_a_way_on(client: Client) -> None:
    service = make_service(has_waitlist=True)
    service.business.phone = "+41445550100"
    service.business.save()
    shut(service)
    page = text_of(client.get(path_of(service)))
    assert "No free times at the moment" in page
    assert f"{path_of(service)}/waitlist" in page
    assert "tel:+41445550100" in page


def test_where_one_person_has_nothing_free_others_are_offered(client: Client) -> None:
    business = make_business()
    ada, bo = make_provider(business=business, name="Dr Ada"), make_provider(business=business)
    service = make_service(providers=[ada, bo])
    shut(service)
    page = client.get(path_of(service), {"provider": ada.slug})
    assert "Dr Ada has no free time at the moment" in words_of(page)
    assert page.context["anyone_url"] == path_of(service)


def test_the_waiting_list_is_offered_only_where_there_is_one(client: Client) -> None:
    assert "Join the waiting list" in text_of(client.get(path_of(make_service(has_waitlist=True))))
    assert "Join the waiting list" not in text_of(client.get(path_of(make_service())))


@pytest.mark.parametrize(
    ("price", "currency", "said"), [(8050, "CHF", "CHF 80.50"), (900, "JPY", "JPY 900"), (0, "EUR", "")]
)
def test_a_price_is_said_before_anything_is_chosen(client: Client, price: int, currency: str, said: str) -> None:
    service = make_service(price_minor=price, currency=currency)
    for path in (f"/book/{service.business.slug}", path_of(service)):
        assert said in words_of(client.get(path))
        assert bool(said) == (currency in words_of(client.get(path)))


def test_few_services_stand_in_one_list(client: Client) -> None:
    service = make_service()
    page = client.get(f"/book/{service.business.slug}")
    assert [group["name"] for group in page.context["groups"]] == [""]
    assert 'type="search"' not in text_of(page)


def test_many_services_can_be_searched_without_script(client: Client) -> None:
    business = make_business()
    for number in range(9):
        make_service(business=business, name=f"Beratung {number}")
    make_service(business=business, name="Grundstücksverkehrsgenehmigungsverfahren")
    page = client.get(f"/book/{business.slug}", {"q": "VERKEHR"})
    assert [line["service"].name for group in page.context["groups"] for line in group["lines"]] == [
        "Grundstücksverkehrsgenehmigungsverfahren"
    ]
    assert 'type="search"' in text_of(page)


def test_a_search_without_a_find_shows_the_way_back(client: Client) -> None:
    business = make_business()
    for number in range(9):
        make_service(business=business, name=f"Beratung {number}")
    assert "Show everything" in text_of(client.get(f"/book/{business.slug}", {"q": "zzz"}))


def test_a_business_without_services_says_how_to_reach_it(client: Client) -> None:
    business = make_business()
    business.email = "hello@example.org"
    business.save()
    page = text_of(client.get(f"/book/{business.slug}"))
    assert "Nothing can be booked here yet" in page
    assert "mailto:hello@example.org" in page


def test_zones_with_the_same_clocks_are_shown_once(client: Client) -> None:
    service = make_service(business=make_business(timezone="Europe/Berlin"))
    page = client.get(path_of(service), {"timezone": "Europe/Zurich"})
    assert "All times are Zurich time." in words_of(page)
    assert "Times shown in" not in words_of(page)
