"""An appointment that repeats: every date is listed before anything is booked."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import book, make_service
from tests.web.consumer.pages import MONDAY, ZOE, holding, is_free, path_of, rfc3339, text_of, words_of
from vestibule.booking.models import Appointment, Hold, Service
from vestibule.store import clock

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def sunday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=1))


@pytest.fixture
def service() -> Service:
    return make_service(most_occurrences=6)


def weekly(client: Client, service: Service, **more: str) -> Any:
    query = {"start": rfc3339(MONDAY), "repeat": "week", "times": "3", **more}
    return client.get(path_of(service) + "/repeat", query)


def details(client: Client, service: Service, *starts: Any, **more: str) -> Any:
    given = {"at": [rfc3339(start) for start in starts], "repeat": "week", "times": "3", **ZOE, **more}
    return client.post(path_of(service) + "/details", given)


def test_repeating_is_asked_only_where_it_is_possible(client: Client, service: Service) -> None:
    assert 'name="repeat"' in text_of(client.get(path_of(service)))
    assert 'name="repeat"' not in text_of(client.get(path_of(make_service())))


def test_a_chosen_time_leads_to_the_list_of_dates(client: Client, service: Service) -> None:
    answer = client.post(path_of(service) + "/hold?repeat=week&times=3", {"start": rfc3339(MONDAY)}, follow=True)
    assert answer.redirect_chain[0][0].startswith(f"{path_of(service)}/repeat?hold={Hold.objects.get().ref}")
    assert [one.start for one in answer.context["occurrences"]] == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]
    assert "All of them are free" in words_of(answer)


def test_a_date_that_is_taken_is_listed_with_why_and_what_is_free_near_it(client: Client, service: Service) -> None:
    book(service, MONDAY + WEEK)
    page = weekly(client, service)
    assert is_free(page.context["occurrences"]) == [True, False, True]
    assert "2 of 3 are free" in words_of(page)
    assert "Taken" in words_of(page)
    assert page.context["occurrences"][1].alternatives


def test_at_most_as_many_as_the_service_allows_are_planned(client: Client, service: Service) -> None:
    assert len(weekly(client, service, times="500").context["occurrences"]) == 6


def test_the_chosen_dates_are_booked_together(client: Client, service: Service) -> None:
    answer = details(client, service, MONDAY, MONDAY + 2 * WEEK)
    assert answer.status_code == 302, words_of(answer)
    first, second = Appointment.objects.all()
    assert (first.start, second.start) == (MONDAY, MONDAY + 2 * WEEK)
    assert first.series_id == second.series_id is not None
    page = client.get("/appointment?booked=1")
    assert "This date and one more are yours." in words_of(page)
    assert f"/appointment/series/{second.ref}" in text_of(page)


def test_one_date_of_several_may_be_lost_and_left_out(client: Client, service: Service) -> None:
    book(service, MONDAY + WEEK)
    lost = details(client, service, MONDAY, MONDAY + WEEK)
    assert lost.status_code == 409
    assert not Appointment.objects.filter(name="Zoë Müller").exists()
    assert lost.context["lost"] == MONDAY + WEEK
    left = details(client, service, MONDAY, MONDAY + WEEK, drop=rfc3339(MONDAY + WEEK))
    assert left.context["draft"].starts == (MONDAY,)
    assert "Zoë Müller" in text_of(left)


def test_one_date_leads_to_the_others_and_to_nobody_elses(client: Client, service: Service) -> None:
    details(client, service, MONDAY, MONDAY + WEEK)
    second = Appointment.objects.latest("start_minute")
    stranger = book(service, MONDAY + timedelta(days=1))
    assert client.get(f"/appointment/series/{stranger.ref}").status_code == 404
    client.get(f"/appointment/series/{second.ref}")
    assert client.get("/appointment").context["appointment"] == second


def test_this_one_or_all_that_follow_are_cancelled(client: Client, service: Service) -> None:
    details(client, service, MONDAY + WEEK, MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)
    first, second, third = Appointment.objects.all()
    holding(client, second)
    assert "This one and the one after it" in words_of(client.get("/appointment/cancel"))
    client.post("/appointment/cancel", {"which": "rest"})
    assert list(Appointment.objects.values_list("status", flat=True)) == ["booked", "cancelled", "cancelled"]
    holding(client, first)
    assert "Which ones?" not in text_of(client.get("/appointment/cancel"))
    assert third.series_id == first.series_id


@pytest.mark.parametrize("query", ["", "repeat=week", "start=soon&repeat=week", "start=2030-03-04T09:00:00Z"])
def test_an_address_that_says_too_little_leads_back(client: Client, service: Service, query: str) -> None:
    assert client.get(f"{path_of(service)}/repeat?{query}").status_code == 302
