"""Many people want one time at once: over HTTP, against a real server process, on both databases."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.booking.crowds import Clinic, monday_ahead, outcomes, together

pytestmark = pytest.mark.slow
DAY = monday_ahead()
LONE_WINNER = Counter({"201": 1, "409 slot_taken": 99})


@pytest.mark.alone
def test_of_a_hundred_who_want_one_start_exactly_one_gets_it(open_clinic: Clinic) -> None:
    taken = []
    for start in (f"{DAY}T09:00:00Z", f"{DAY}T09:30:00Z", f"{DAY}T10:50:00Z"):
        answers, seconds = together([open_clinic.booking("for-30", start) for _number in range(100)])
        assert outcomes(answers) == LONE_WINNER
        refused = next(one.json() for one in answers if one.status_code == 409)
        assert refused["nearest"]
        assert start not in refused["nearest"]
        taken.append(seconds)
    assert min(taken) <= 1.0, "all are answered within a second; the best of three, as the machine may be shared"


def test_overlapping_services_of_different_length_share_one_provider(open_clinic: Clinic) -> None:
    wishes = [("for-20", "10:30"), ("for-30", "10:20"), ("for-45", "10:00"), ("for-20", "10:35")]
    requests = [open_clinic.booking(service, f"{DAY}T{time}:00Z") for service, time in wishes * 25]
    answers, _seconds = together(requests)
    assert outcomes(answers) == LONE_WINNER


def test_any_is_given_out_once_to_each_who_is_free(open_clinic: Clinic) -> None:
    answers, _seconds = together([open_clinic.booking("anybody", f"{DAY}T11:30:00Z") for _number in range(50)])
    assert outcomes(answers) == Counter({"201": 2, "409 slot_taken": 48})
    assert {one.json()["provider"] for one in answers if one.is_success} == {"ada", "bo"}


def test_a_move_and_bookings_want_one_start(open_clinic: Clinic) -> None:
    appointment = open_clinic.book("for-30", f"{DAY}T13:00:00Z")
    goal = f"{DAY}T14:00:00Z"
    requests = [open_clinic.booking("for-30", goal) for _number in range(30)]
    requests[15:15] = [open_clinic.moving(appointment, goal)]
    found = outcomes(together(requests)[0])
    assert found["409 slot_taken"] == 30
    assert found["200"] + found["201"] == 1


def test_two_appointments_moved_to_one_start_do_not_meet_there(open_clinic: Clinic) -> None:
    first = open_clinic.book("for-30", f"{DAY}T15:00:00Z")
    second = open_clinic.book("for-30", f"{DAY}T15:30:00Z")
    requests = [open_clinic.moving(one, f"{DAY}T16:15:00Z") for one in (first, second)]
    assert outcomes(together(requests)[0]) == Counter({"200": 1, "409 slot_taken": 1})


def test_one_request_sent_many_times_at_once_books_once(open_clinic: Clinic) -> None:
    request = replace(open_clinic.booking("for-30", f"{DAY}T12:15:00Z"), key="only-once")
    answers, _seconds = together([request] * 20)
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 1
