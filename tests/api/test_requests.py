"""Requests, consents, helpers' links and series, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import at, book
from vestibule.booking.models import Service
from vestibule.store import clock

pytestmark = pytest.mark.django_db
CONSENT = {
    **{"id": "privacy", "type": "consent", "label": "I agree", "required": True, "help": "", "choices": []},
    **{"text": "We keep what you tell us.", "version": "3"},
}


def changed(service: Service, **values: Any) -> None:
    for name, value in values.items():
        setattr(service, name, value)
    service.save()


class TestRequests:
    def test_a_service_that_needs_approval_answers_with_a_request(self, public: Caller, service: Service) -> None:
        changed(service, needs_approval=True, approval_minutes=60)
        answer = public.book(service)
        assert answer.status_code == 201
        told = answer.json()
        assert (told["status"], told["visit_url"]) == ("requested", None)
        assert told["request_expires_at"][:16] == "2030-03-04T01:00"

    def test_a_key_approves_and_the_consumer_may_not(self, public: Caller, service: Service) -> None:
        changed(service, needs_approval=True)
        booked = public.book(service)
        path = f"/appointments/{booked.json()['id']}"
        assert public.as_consumer(booked).send("POST", f"{path}/approve").status_code == 403
        key = public.with_key()
        assert key.get("/appointments", status="requested").json()["appointments"][0]["id"] == booked.json()["id"]
        answer = key.send("POST", f"{path}/approve")
        assert (answer.status_code, answer.json()["status"]) == (200, "booked")
        again = key.send("POST", f"{path}/approve")
        assert (again.status_code, again.json()["code"]) == (409, "wrong_status")

    def test_a_declined_one_says_why(self, public: Caller, service: Service) -> None:
        changed(service, needs_approval=True)
        booked = public.book(service)
        path = f"/appointments/{booked.json()['id']}"
        answer = public.with_key().send("POST", f"{path}/decline", {"reason": "Fully booked"})
        assert (answer.json()["status"], answer.json()["cancel_reason"]) == ("cancelled", "Fully booked")

    def test_one_whose_time_is_over_is_not_believed(self, public: Caller, service: Service) -> None:
        changed(service, needs_approval=True, approval_minutes=60)
        booked = public.book(service)
        clock.advance(3601)
        told = public.as_consumer(booked).get(f"/appointments/{booked.json()['id']}").json()
        assert told["status"] == "cancelled"

    def test_somebody_who_has_enough_ahead_is_refused(self, public: Caller, service: Service) -> None:
        changed(service, max_open_per_consumer=1)
        public.book(service)
        answer = public.book(service, "10:00")
        assert (answer.status_code, answer.json()["code"], answer.json()["most"]) == (422, "limit_reached", 1)


class TestConsents:
    @pytest.mark.parametrize(
        "given",
        [
            {"consents": ["privacy"]},
            {"consents": ["privacy@3"]},
            {"consents": [{"id": "privacy", "version": "3"}]},
            {"answers": {"privacy": True}},
        ],
    )
    def test_what_was_agreed_to_is_kept_with_its_text_and_time(
        self, public: Caller, service: Service, given: dict[str, Any]
    ) -> None:
        changed(service, questions=[CONSENT])
        (kept,) = public.book(service, **given).json()["consents"]
        assert kept["at"].startswith("2030-03-04T00:00")
        assert (kept["id"], kept["version"], kept["text"]) == ("privacy", "3", "We keep what you tell us.")

    @pytest.mark.parametrize("given", [["privacy@2"], ["marketing"], []])
    def test_another_text_another_consent_or_none_is_refused(
        self, public: Caller, service: Service, given: list[str]
    ) -> None:
        changed(service, questions=[CONSENT])
        answer = public.book(service, consents=given)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


class TestHelpers:
    def test_an_interpreter_gets_an_address_of_their_own(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        path = f"/appointments/{booked.json()['id']}/links"
        answer = public.as_consumer(booked).send("POST", path, {"role": "interpreter", "name": "Ines"})
        assert answer.status_code == 201
        told = answer.json()
        assert "/visit?v=" in told["url"]
        assert told["url"] != booked.json()["visit_url"]
        assert told["expires_at"] == "2030-03-05T09:30:00Z"
        shown = public.as_consumer(booked).get(f"/appointments/{booked.json()['id']}").json()
        assert shown["helpers"] == [{"name": "Ines", "kind": "interpreter"}]

    def test_nobody_without_key_or_link_makes_one(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        path = f"/appointments/{booked.json()['id']}/links"
        assert public.send("POST", path, {"role": "helper", "name": "Ines"}).status_code == 401


class TestSeries:
    def test_every_date_is_booked(self, public: Caller, service: Service) -> None:
        changed(service, most_occurrences=4)
        answer = public.book(service, repeat={"every": "fortnight", "count": 3})
        assert answer.status_code == 201
        dates = answer.json()["occurrences"]
        assert [one["start"][:10] for one in dates] == ["2030-03-04", "2030-03-18", "2030-04-01"]
        assert all(one["booked"] and one["manage_url"] for one in dates)
        assert answer.json()["series"]

    def test_one_date_that_is_taken_books_none_or_the_others(self, public: Caller, service: Service) -> None:
        changed(service, most_occurrences=4)
        book(service, at("09:00") + timedelta(weeks=1))
        answer = public.book(service, repeat={"every": "week", "count": 3})
        assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
        assert answer.json()["start"] == "2030-03-11T09:00:00Z"
        answer = public.book(service, repeat={"every": "week", "count": 3, "policy": "free"})
        assert [one["booked"] for one in answer.json()["occurrences"]] == [True, False, True]
        assert answer.json()["occurrences"][1]["code"] == "slot_taken"
        assert answer.json()["occurrences"][1]["nearest"]

    def test_the_rest_is_cancelled_together(self, public: Caller, service: Service) -> None:
        changed(service, most_occurrences=4)
        booked = public.book(service, repeat={"every": "week", "count": 3})
        second = booked.json()["occurrences"][1]["id"]
        key = public.with_key()
        assert key.send("POST", f"/appointments/{second}/cancel", {"rest": True}).json()["status"] == "cancelled"
        rows = key.get("/appointments").json()["appointments"]
        assert [row["status"] for row in rows] == ["booked", "cancelled", "cancelled"]

    def test_a_service_that_does_not_recur_says_so(self, public: Caller, service: Service) -> None:
        answer = public.book(service, repeat={"every": "week", "count": 2})
        assert (answer.status_code, answer.json()["field"]) == (422, "count")


def test_a_label_and_a_length_are_for_staff(public: Caller, service: Service) -> None:
    changed(service, lengths=[60])
    booked = public.book(service)
    path = f"/appointments/{booked.json()['id']}"
    key, consumer = public.with_key(), public.as_consumer(booked)
    assert key.send("PATCH", path, {"label": "First visit"}).json()["label"] == "First visit"
    assert consumer.send("PATCH", path, {"label": "x"}).status_code == 403
    assert "label" not in consumer.get(path).json()
    longer = {"start": "2030-03-04T10:00:00Z", "length_minutes": 60}
    assert consumer.send("POST", f"{path}/reschedule", longer).status_code == 403
    assert key.send("POST", f"{path}/reschedule", longer).json()["end"] == "2030-03-04T11:00:00Z"
    assert consumer.send("PATCH", path, {}).status_code == 422


def test_who_cannot_come_says_so_within_the_notice(public: Caller, service: Service) -> None:
    booked = public.book(service)
    consumer = public.as_consumer(booked)
    path = f"/appointments/{booked.json()['id']}"
    clock.set_to(at("08:50"))
    assert consumer.send("POST", f"{path}/cancel").json()["code"] == "too_late_to_change"
    assert consumer.send("POST", f"{path}/cannot-come", {"reason": "Ill"}).json()["status"] == "cancelled"


def test_one_key_of_two_businesses_books_in_both(public: Caller, service: Service) -> None:
    from tests.booking.factories import make_service

    other = make_service(slug="visit")
    assert public.book(service, key="one").status_code == 201
    elsewhere = Caller(other.business).book(other, key="one")
    assert (elsewhere.status_code, elsewhere.json()["business"]) == (201, other.business.slug)
