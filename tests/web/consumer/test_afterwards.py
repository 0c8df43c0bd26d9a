"""After the visit, for whoever came: the truth about how it ended, the way back, the next one, the telephone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book, make_service
from tests.factories import manager_of
from vestibule.booking import links
from vestibule.booking.models import Appointment
from vestibule.experience import survey
from vestibule.meetings import areas, call_requests, calls, identity, visit_rules, waiting
from vestibule.meetings.housekeeping import end_forgotten
from vestibule.meetings.models import CallRequest, Participant
from vestibule.people import rates
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    rates.forget_all()
    clock.set_to(at("08:00") - timedelta(days=3))
    made = book(make_service(), at("10:00"))
    clock.set_to(at("09:55"))
    return made


@pytest.fixture
def seat(appointment: Appointment) -> Participant:
    return Participant.objects.get(meeting=appointment.meeting, kind="consumer")


@pytest.fixture
def browser(appointment: Appointment) -> Client:
    """The consumer's, after the link was opened."""
    client = Client()
    address = links.addresses(appointment).visit
    client.get(address[address.index("/visit") :])
    return client


def page_of(browser: Client, path: str = "/visit/ended") -> str:
    return " ".join(str(browser.get(path).content, "utf-8").split())


def came(seat: Participant) -> None:
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref)


def joined(seat: Participant) -> None:
    came(seat)
    waiting.admit(SYSTEM, seat.ref)
    calls.join_call(seat.ref)


def met(seat: Participant) -> None:
    joined(seat)
    host = seat.meeting.participants.get(kind="provider")
    waiting.arrive(host.ref)
    calls.join_call(host.ref)
    calls.leave_call(host.ref)


def left(seat: Participant) -> None:
    joined(seat)
    calls.leave_call(seat.ref)


def lost(seat: Participant) -> None:
    joined(seat)
    waiting.gone(seat.ref)


def removed(seat: Participant) -> None:
    joined(seat)
    waiting.remove(SYSTEM, seat.ref)


def denied(seat: Participant) -> None:
    came(seat)
    waiting.deny(SYSTEM, seat.ref, "Please call us first.")


def ended(seat: Participant) -> None:
    met(seat)
    waiting.end_for_all(manager_of(seat.meeting.business), seat.meeting.ref)


def forgotten(seat: Participant) -> None:
    met(seat)
    stood_up(seat)


def alone(seat: Participant) -> None:
    joined(seat)
    waiting.end_for_all(manager_of(seat.meeting.business), seat.meeting.ref)


def stood_up(seat: Participant) -> None:
    joined(seat)
    calls.leave_call(seat.ref)
    clock.set_to(seat.meeting.closes_at)
    end_forgotten()


def given_up(seat: Participant) -> None:
    came(seat)
    clock.set_to(seat.meeting.closes_at)
    end_forgotten()


@pytest.mark.parametrize(
    ("happens", "words", "way_back"),
    [
        (left, "You left the visit", "Go back to the visit"),
        (lost, "The connection was lost", "Go back to the visit"),
        (removed, "Staff ended your part in this visit", ""),
        (denied, "You were not let in", ""),
        (ended, "ended the visit", ""),
        (forgotten, "nobody was in it any more", ""),
        (alone, "nobody came", ""),
        (stood_up, "nobody came", ""),
        (given_up, "nobody saw you", ""),
    ],
)
def test_the_page_tells_the_truth(
    browser: Client, seat: Participant, happens: Callable[[Participant], None], words: str, way_back: str
) -> None:
    happens(seat)
    page = page_of(browser)
    assert words in page
    assert (">Go back to the visit<" in page) == bool(way_back)


def test_whom_nobody_met_is_neither_thanked_nor_asked_how_it_was_and_may_choose_anew(
    browser: Client, seat: Participant, appointment: Appointment
) -> None:
    business = appointment.business
    survey.put(manager_of(business), business, "consumer", [survey.Wanted("stars", "How was it?")])
    alone(seat)
    page = page_of(browser)
    assert "Thank you" not in page
    assert "How was it?" not in page
    assert "Choose a new time" in page
    start = page.split('name="start" value="')[1].split('"')[0]
    assert browser.post("/visit/ended/next", {"start": start}).status_code == 302


def test_who_was_telephoned_instead_was_met(browser: Client, seat: Participant) -> None:
    joined(seat)
    call_requests.ask(seat.ref, "+44 20 7946 0018")
    call_requests.done(manager_of(seat.meeting.business), seat.ref)
    waiting.end_for_all(manager_of(seat.meeting.business), seat.meeting.ref)
    assert "The visit is over" in page_of(browser)


def test_two_minutes_long_one_goes_straight_back(browser: Client, seat: Participant) -> None:
    left(seat)
    clock.set_to(at("09:56") + timedelta(seconds=45))
    assert "Go back to the visit" in page_of(browser)
    assert calls.join_call(seat.ref).state == "in_call"


def test_after_two_minutes_staff_let_one_in_anew(browser: Client, seat: Participant) -> None:
    left(seat)
    clock.set_to(at("09:58"))
    page = page_of(browser)
    assert "Come to the waiting room" in page
    with pytest.raises(Exception, match="not in the meeting yet"):
        calls.join_call(seat.ref)
    came(seat)
    seat.refresh_from_db()
    assert seat.state == "waiting"
    waiting.admit(SYSTEM, seat.ref)
    assert calls.join_call(seat.ref).state == "in_call"


def test_the_next_appointment_takes_one_press(browser: Client, seat: Participant, appointment: Appointment) -> None:
    ended(seat)
    clock.set_to(at("10:20"))
    page = page_of(browser)
    start = page.split('name="start" value="')[1].split('"')[0]
    assert browser.post("/visit/ended/next", {"start": start}).status_code == 302
    booked = Appointment.objects.get(follow_up_of=appointment)
    assert (booked.name, booked.provider, booked.service) == (
        appointment.name,
        appointment.provider,
        appointment.service,
    )
    assert "Your next appointment" in page_of(browser)


@pytest.mark.parametrize("start", ["", "soon", "2030-03-04T10:00:00", "2030-03-02T03:00:00Z"])
def test_a_time_that_was_not_offered_is_not_booked(browser: Client, seat: Participant, start: str) -> None:
    ended(seat)
    assert browser.post("/visit/ended/next", {"start": start}).status_code in (409, 422)
    assert not Appointment.objects.filter(follow_up_of__isnull=False).exists()


@pytest.mark.parametrize("how", ["before", "waiting", "in_call", "removed", "denied"])
def test_who_was_not_seen_to_the_end_books_nothing_by_the_link_of_the_visit(
    browser: Client, seat: Participant, how: str
) -> None:
    if how in ("waiting", "denied"):
        came(seat)
    if how in ("in_call", "removed"):
        joined(seat)
    if how in ("removed", "denied"):
        {"removed": waiting.remove, "denied": waiting.deny}[how](SYSTEM, seat.ref)
    assert browser.post("/visit/ended/next", {"start": "2030-03-05T10:00:00+00:00"}).status_code == 404
    assert not Appointment.objects.filter(follow_up_of__isnull=False).exists()


def test_a_helper_books_nothing(browser: Client, seat: Participant) -> None:
    ended(seat)
    Participant.objects.filter(pk=seat.pk).update(kind="helper")
    assert browser.post("/visit/ended/next", {"start": "2030-03-05T10:00:00+00:00"}).status_code == 404


def test_being_called_can_be_asked_for_without_script(
    browser: Client, seat: Participant, appointment: Appointment
) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(phone="+442079460018")
    assert 'value="+442079460018"' in page_of(browser, "/visit/by-phone")
    assert browser.post("/visit/by-phone", {"phone": "+44 20 7946 0018"}).status_code == 302
    assert CallRequest.objects.get().participant == seat
    assert "We call you" in page_of(browser, "/visit/by-phone")


def test_a_number_somebody_is_to_be_recognised_by_is_not_told_first(
    browser: Client, seat: Participant, appointment: Appointment
) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(phone="+442079460018")
    areas.change(manager_of(appointment.business), "", identity_fields=["phone"])
    for page in ("/visit", "/visit/by-phone"):
        assert "442079460018" not in page_of(browser, page)
    came(seat)
    identity.give(seat.ref, {"phone": "+44 20 7946 0018"})
    assert 'value="+442079460018"' in page_of(browser, "/visit/by-phone")


def test_a_name_somebody_is_to_be_recognised_by_is_not_told_first(
    browser: Client, seat: Participant, appointment: Appointment
) -> None:
    assert 'data-name="Cleo Baumann"' in page_of(browser, "/visit")
    areas.change(manager_of(appointment.business), "", identity_fields=["name"])
    for page in ("/visit", "/visit/by-phone", "/test-call"):
        assert "Baumann" not in page_of(browser, page)
    came(seat)
    identity.give(seat.ref, {"name": "Cleo Baumann"})
    assert 'data-name="Cleo Baumann"' in page_of(browser, "/visit")


def test_a_number_that_cannot_be_is_said_at_the_field(browser: Client) -> None:
    answer: Any = browser.post("/visit/by-phone", {"phone": "call me maybe"})
    assert answer.status_code == 422
    assert 'value="call me maybe"' in str(answer.content, "utf-8")


def test_the_number_to_dial_in_is_shown(browser: Client, seat: Participant) -> None:
    rules = visit_rules.of(seat.meeting.business_id)
    rules.dial_in, rules.dial_in_code = "+442079460000", "1234"
    rules.save()
    page = page_of(browser, "/visit/by-phone")
    assert "tel:+442079460000" in page
    assert "<strong>1234</strong>" in page


def test_a_helper_is_not_shown_the_consumers_number(
    browser: Client, seat: Participant, appointment: Appointment
) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(phone="+442079460018")
    Participant.objects.filter(pk=seat.pk).update(kind="helper")
    assert "+442079460018" not in page_of(browser, "/visit/by-phone")
