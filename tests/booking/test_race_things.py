"""Many people want more than one provider's time at once: a shared device, seats, any of many. On both databases."""

from collections import Counter

import httpx
import pytest

from tests.booking.crowds import Clinic, monday_ahead, outcomes, together

pytestmark = pytest.mark.slow
DAY = monday_ahead()


def got(answers: list[httpx.Response]) -> list[httpx.Response]:
    """Those that were not refused; refusals say that somebody was faster."""
    assert {one.json()["code"] for one in answers if not one.is_success} <= {"slot_taken", "resource_taken"}
    return [one for one in answers if one.is_success]


def test_of_fifty_who_need_the_one_device_at_once_one_gets_it(open_clinic: Clinic) -> None:
    answers, _seconds = together([open_clinic.booking("scan", f"{DAY}T09:00:00Z") for _number in range(50)])
    assert len(got(answers)) == 1, "there are five providers, and one device"


def test_one_device_serves_as_many_as_fit_one_after_another(open_clinic: Clinic) -> None:
    starts = [f"{DAY}T{hour}:{minute:02}:00Z" for hour in (10, 11) for minute in (0, 20, 40)]
    requests = [open_clinic.booking("scan", start) for start in starts for _number in range(8)]
    assert Counter(one.json()["start"] for one in got(together(requests)[0])) == dict.fromkeys(starts, 1)


def test_two_services_that_overlap_share_the_device(open_clinic: Clinic) -> None:
    wishes = [("scan", "13:00"), ("check", "13:10"), ("scan", "13:15"), ("check", "12:50")]
    requests = [open_clinic.booking(service, f"{DAY}T{time}:00Z") for service, time in wishes * 12]
    booked = sorted(one.json()["start"][11:16] for one in got(together(requests)[0]))
    assert len(booked) == 1, "any two of these overlap"


def test_who_keeps_a_time_keeps_the_device(open_clinic: Clinic) -> None:
    start = f"{DAY}T14:00:00Z"
    requests = [open_clinic.holding("scan", start) for _number in range(20)]
    requests[10:10] = [open_clinic.booking("check", start) for _number in range(20)]
    assert len(got(together(requests)[0])) == 1


def test_of_a_hundred_who_want_five_seats_five_sit(open_clinic: Clinic) -> None:
    answers, _seconds = together([open_clinic.booking("group", f"{DAY}T09:00:00Z") for _number in range(100)])
    assert outcomes(answers) == Counter({"201": 5, "409 slot_taken": 95})


def test_of_a_hundred_who_want_anybody_of_twenty_each_provider_gets_one(open_clinic: Clinic) -> None:
    answers, _seconds = together([open_clinic.booking("twenty", f"{DAY}T15:00:00Z") for _number in range(100)])
    assert outcomes(answers) == Counter({"201": 20, "409 slot_taken": 80})
    assert len({one.json()["provider"] for one in answers if one.is_success}) == 20
