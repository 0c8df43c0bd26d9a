"""Booking over API v1: what is answered, by whom it may be changed, and that walls hold."""

import pytest
import time_machine
from django.test import Client

from tests.api.conftest import Caller
from tests.booking.factories import at, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import setup
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import ConsentEntry
from vestibule.people.models import Consumer
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock


def test_a_booking_answers_with_the_links_of_its_consumer(public: Caller, service: Service) -> None:
    answer = public.book(service)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["start"], told["end"], told["status"]) == ("2030-03-04T09:00:00Z", "2030-03-04T09:30:00Z", "booked")
    assert "/appointment?v=" in told["manage_url"]
    assert "/visit?v=" in told["visit_url"]
    assert told["provider"] == service.offers.get().provider.slug


def test_a_taken_start_names_free_ones_near_it(public: Caller, service: Service) -> None:
    public.book(service)
    answer = public.book(service)
    assert answer.status_code == 409
    told = answer.json()
    assert told["code"] == "slot_taken"
    assert told["type"] == "urn:vestibule:slot_taken"
    assert told["nearest"][:2] == ["2030-03-04T08:00:00Z", "2030-03-04T08:30:00Z"]


@pytest.mark.parametrize(
    ("time", "rules", "code"),
    [
        ("07:00", {}, "outside_hours"),
        ("09:10", {}, "off_grid"),
        ("09:00", {"notice_minutes": 600}, "too_soon"),
        ("09:00", {"window_type": "rolling_minutes", "window_minutes": 60}, "too_far"),
        ("09:00", {"visibility": "hidden"}, "service_hidden"),
        ("09:00", {"limits": {"max_minutes_per": {"day": 20}}}, "limit_reached"),
    ],
)
def test_each_rule_has_its_code(
    public: Caller, service: Service, time: str, rules: dict[str, object], code: str
) -> None:
    Service.objects.filter(pk=service.pk).update(**rules)
    answer = public.book(service, time)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail"]
    assert not Appointment.objects.exists()


def test_a_closed_day_is_closed(public: Caller, service: Service) -> None:
    setup.set_override(SYSTEM, service.business, at("09:00").date(), [])
    assert public.book(service).json()["code"] == "closed"


def test_who_does_not_offer_it_cannot_be_booked(public: Caller, service: Service) -> None:
    stranger = make_provider(business=service.business)
    assert public.book(service, provider=stranger.slug).json()["code"] == "provider_not_offered"
    assert public.book(service, provider="nobody").status_code == 404


def test_end_and_price_cannot_be_given(public: Caller, service: Service) -> None:
    for more in ({"end": "2030-03-04T11:00:00Z"}, {"price_minor": 1}, {"status": "completed"}):
        answer = public.book(service, **more)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert public.book(service, length_minutes=60).json()["code"] == "invalid"
    assert public.book(service, length_minutes=30).status_code == 201


class TestHolds:
    def hold(self, caller: Caller, time: str = "09:00") -> dict[str, str]:
        body = {"service": "visit", "start": f"2030-03-04T{time}:00Z"}
        answer = caller.send("POST", f"/businesses/{caller.business.slug}/holds", body)
        assert answer.status_code == 201, answer.content
        told: dict[str, str] = answer.json()
        return told

    def test_a_hold_keeps_the_start_for_who_has_it(self, public: Caller, service: Service) -> None:
        held = self.hold(public)
        assert held["expires_at"] == "2030-03-04T00:05:00Z"
        assert public.book(service).json()["code"] == "slot_taken"
        assert public.book(service, hold=held["id"]).status_code == 201

    def test_an_expired_or_made_up_hold_says_so(self, public: Caller, service: Service) -> None:
        held = self.hold(public)
        clock.advance(301)
        assert public.book(service, hold=held["id"]).json()["code"] == "hold_expired"
        assert public.book(service, hold="made up").json()["code"] == "hold_expired"


class TestIdempotency:
    def test_repeated_it_books_once_and_answers_the_same(self, public: Caller, service: Service) -> None:
        first, second = public.book(service, key="a"), public.book(service, key="a")
        assert first.json() == second.json()
        assert second["Idempotent-Replayed"] == "true"
        assert Appointment.objects.count() == 1

    def test_another_body_with_the_same_key_is_refused(self, public: Caller, service: Service) -> None:
        public.book(service, key="a")
        answer = public.book(service, "10:00", key="a")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")

    def test_two_people_may_choose_the_same_key(self, public: Caller, service: Service) -> None:
        public.book(service, key="1")
        other = {"name": "Samir", "email": "samir@example.org"}
        assert public.book(service, "10:00", key="1", consumer=other).status_code == 201

    def test_a_refusal_is_not_remembered(self, public: Caller, service: Service) -> None:
        assert public.book(service, "07:00", key="a").status_code == 422
        assert public.book(service, "09:00", key="a").status_code == 201

    def test_cancelling_twice_with_one_key_is_cancelling_once(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        consumer, path = public.as_consumer(booked), f"/appointments/{booked.json()['id']}/cancel"
        assert [consumer.send("POST", path, {}, key="c").status_code for _turn in range(2)] == [200, 200]
        assert consumer.send("POST", path, {}).json()["code"] == "already_cancelled"


class TestChanging:
    def test_the_holder_of_the_link_sees_moves_and_cancels(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        consumer, path = public.as_consumer(booked), f"/appointments/{booked.json()['id']}"
        shown = consumer.get(path).json()
        assert shown["consumer"]["email"] == "cleo@example.org"
        assert "manage_url" not in shown
        moved = consumer.send("POST", f"{path}/reschedule", {"start": "2030-03-04T11:00:00Z"})
        assert (moved.status_code, moved.json()["version"]) == (200, 1)
        late = consumer.send("PATCH", path, {"running_late_minutes": 10})
        assert late.json()["running_late_minutes"] == 10
        cancelled = consumer.send("POST", f"{path}/cancel", {"reason": "better now"})
        assert cancelled.json()["status"] == "cancelled"

    def test_within_the_notice_the_business_has_to_be_called(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        clock.set_to(at("08:30"))
        path = f"/appointments/{booked.json()['id']}/cancel"
        assert public.as_consumer(booked).send("POST", path).json()["code"] == "too_late_to_change"
        assert public.with_key().send("POST", path).status_code == 200

    def test_moving_onto_a_taken_start_is_refused(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        public.book(service, "11:00")
        path = f"/appointments/{booked.json()['id']}/reschedule"
        answer = public.as_consumer(booked).send("POST", path, {"start": "2030-03-04T11:00:00Z"})
        assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")

    def test_how_it_went_is_said_by_key_from_the_start_on(self, public: Caller, service: Service) -> None:
        booked = public.book(service)
        path, program = f"/appointments/{booked.json()['id']}", public.with_key()
        assert program.send("POST", f"{path}/no-show").status_code == 422
        clock.set_to(at("09:05"))
        assert public.as_consumer(booked).send("POST", f"{path}/complete").status_code == 403
        assert program.send("POST", f"{path}/no-show").json()["status"] == "no_show"
        assert program.send("POST", f"{path}/complete").json()["status"] == "completed"


class TestWalls:
    def test_without_key_or_link_nothing_is_shown(self, public: Caller, service: Service) -> None:
        path = f"/appointments/{public.book(service).json()['id']}"
        for caller in (public, Caller(public.business, "vst_" + "x" * 43), Caller(public.business, "y" * 22)):
            answer = caller.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
            assert answer["WWW-Authenticate"] == "Bearer"

    def test_a_link_opens_its_own_appointment_only(self, public: Caller, service: Service) -> None:
        first, second = public.book(service), public.book(service, "10:00")
        answer = public.as_consumer(first).get(f"/appointments/{second.json()['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_a_visit_link_manages_nothing(self, public: Caller, service: Service) -> None:
        booked = public.book(service).json()
        guest = Caller(public.business, booked["visit_url"].partition("v=")[2])
        assert guest.get(f"/appointments/{booked['id']}").status_code == 401

    def test_another_business_key_finds_nothing(self, public: Caller, service: Service) -> None:
        booked = public.book(service).json()
        stranger = Caller(make_business()).with_key()
        assert stranger.get(f"/appointments/{booked['id']}").status_code == 404
        assert stranger.send("POST", f"/appointments/{booked['id']}/cancel").status_code == 404
        assert stranger.get("/appointments").json()["appointments"] == []
        assert Caller(public.business, stranger.bearer).book(service, "10:00").status_code == 404

    def test_a_scope_allows_what_it_says(self, public: Caller, service: Service) -> None:
        booked = public.book(service).json()
        reader = public.with_key("appointments:read")
        assert reader.get(f"/appointments/{booked['id']}").status_code == 200
        assert reader.send("POST", f"/appointments/{booked['id']}/cancel").json()["code"] == "not_permitted"
        assert reader.get("/survey-answers").json()["code"] == "not_permitted"
        assert public.get("/customers").json()["code"] == "unauthorised"


class TestLists:
    def test_pages_go_on_where_the_last_one_ended(self, public: Caller, service: Service) -> None:
        for number, time in enumerate(("09:00", "09:30", "10:00", "10:30", "11:00")):
            public.book(service, time, consumer={"name": "C", "email": f"c{number}@example.org"})
        program, starts, cursor = public.with_key(), [], ""
        while True:
            told = program.get("/appointments", limit="2", cursor=cursor).json()
            starts += [one["start"][11:16] for one in told["appointments"]]
            if told["next"] is None:
                break
            cursor = told["next"]
        assert starts == ["09:00", "09:30", "10:00", "10:30", "11:00"]
        assert len(program.get("/customers", limit="200").json()["customers"]) == 5

    def test_filters_narrow_the_list(self, public: Caller, service: Service) -> None:
        public.book(service, "09:00")
        public.book(service, "10:00")
        program = public.with_key()
        query = {"from": "2030-03-04T09:30:00Z", "to": "2030-03-04T10:30:00Z", "status": "booked"}
        assert len(program.get("/appointments", **query).json()["appointments"]) == 1
        assert program.get("/appointments", status="cancelled").json()["appointments"] == []
        assert program.get("/appointments", provider="nobody").json()["appointments"] == []

    @pytest.mark.parametrize("query", [{"cursor": "made-up"}, {"limit": "0"}, {"limit": "9" * 23}, {"status": "odd"}])
    def test_made_up_cursors_and_limits_are_refused(self, public: Caller, query: dict[str, str]) -> None:
        answer = public.with_key().get("/appointments", **query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_services_of_one_business_cannot_be_booked_through_another(public: Caller) -> None:
    elsewhere = make_service(slug="elsewhere")
    assert public.book(elsewhere).status_code == 404
    assert not Consumer.objects.exists()


def test_who_writes_too_often_has_to_wait(public: Caller, service: Service) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    path = f"/api/v1/businesses/{public.business.slug}/holds"
    answers = [client.post(path, {}, content_type="application/json") for _turn in range(2)]
    assert {one.status_code for one in answers} == {422}
    good = {"service": "visit", "start": "2030-03-04T07:00:00Z"}
    clock.reset()
    with time_machine.travel(at("00:00"), tick=False):  # so many may take longer than a window
        answers = [client.post(path, good, content_type="application/json") for _turn in range(121)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


@pytest.mark.parametrize(("given", "takes", "kept"), [(True, True, 1), (False, False, 0), (None, True, 0)])
def test_consent_to_text_messages_is_kept_as_the_client_says(
    public: Caller, service: Service, given: bool | None, takes: bool, kept: int
) -> None:
    said = {} if given is None else {"sms_consent": given}
    consumer = {"name": "Cleo Baumann", "email": "cleo@example.org", "phone": "+41795550111", **said}
    booked = public.book(service, consumer=consumer)
    assert booked.status_code == 201
    assert Appointment.objects.get().takes_texts is takes
    entries = ConsentEntry.objects.filter(source="api", subject_ref=booked.json()["id"], agrees=True)
    assert [one.wording[:26] for one in entries] == ["Send me text messages abou"] * kept


def test_consent_is_said_with_true_or_false_alone(public: Caller, service: Service) -> None:
    consumer = {"name": "Cleo", "email": "cleo@example.org", "sms_consent": "perhaps"}
    assert public.book(service, consumer=consumer).status_code == 422


def test_the_description_tells_of_consent_to_text_messages(public: Caller) -> None:
    told = public.get("/openapi.json").json()["components"]["schemas"]["ConsumerIn"]
    assert "sms_consent" in told["properties"]
    assert "sms_consent" not in told["required"]
