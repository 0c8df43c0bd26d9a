"""Setting up by API key: what is stored, what is refused by its field, and who may."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.booking.factories import at
from tests.factories import make_business
from vestibule.booking.models import Resource, Schedule, Service, ServiceProvider, TimeOff, Trip, WeeklyHours
from vestibule.people.models import AuditEntry, Business


@pytest.fixture
def program(public: Caller, service: Service) -> Caller:
    """A program that may set up."""
    return public.with_key("setup:write")


def base(caller: Caller) -> str:
    return f"/businesses/{caller.business.slug}"


def field_of(answer: Any) -> str:
    told = answer.json()
    return str(told.get("field") or told["errors"][0]["field"])


class TestRules:
    def test_what_the_business_says_reaches_who_follows(self, program: Caller, service: Service) -> None:
        Service.objects.update(follows=["notice"])
        answer = program.send("PATCH", f"{base(program)}/rules", {"notice_minutes": 90, "buffer_rule": "max"})
        assert answer.status_code == 200
        assert answer.json()["rules"]["notice_minutes"] == 90
        told = program.get(f"{base(program)}/services/visit/rules").json()["rules"]
        assert (told["notice_minutes"], told["follows"]) == (90, ["notice"])
        assert Business.objects.get(pk=program.business.pk).buffer_rule == "max"

    def test_a_service_leaves_a_group_by_its_own_rule_and_comes_back(self, program: Caller, service: Service) -> None:
        address = f"{base(program)}/services/visit/rules"
        program.send("PATCH", address, {"follows": ["notice", "window"]})
        told = program.send("PATCH", address, {"window_days": 10, "lengths": [60], "limits": {"max_per": {"day": 2}}})
        rules = told.json()["rules"]
        assert (rules["follows"], rules["window_days"], rules["lengths"]) == (["notice"], 10, [60])
        assert rules["limits"]["max_per"] == {"day": 2}
        assert program.send("PATCH", address, {"limits": None}).json()["rules"]["limits"] == {}

    def test_people_schedules_needs_and_seasons(self, program: Caller, service: Service) -> None:
        who = service.offers.get().provider
        made = program.send("POST", f"{base(program)}/providers/{who.slug}/schedules", {"name": "Evening"})
        schedule = made.json()["id"]
        program.send("POST", f"{base(program)}/resources", {"name": "Room 2", "quantity": 2})
        body = {
            "offers": [{"provider": who.slug, "schedule": schedule, "weight": 3}],
            "needs": [{"resource": "room-2"}],
            "availability": {"ranges": [{"from": "2030-08-01", "to": "2030-08-31", "kind": "closed"}]},
        }
        answer = program.send("PATCH", f"{base(program)}/services/visit/rules", body)
        assert answer.status_code == 200, answer.content
        rules = answer.json()["rules"]
        assert rules["offers"] == [
            {"provider": who.slug, "role": "one_of", "group": "", "schedule": schedule, "weight": 3}
        ]
        assert rules["needs"] == [{"resource": "room-2", "quantity": 1, "group": ""}]
        assert rules["availability"]["ranges"][0]["from"] == "2030-08-01"
        assert ServiceProvider.objects.get(service=service).schedule == Schedule.objects.get()

    def test_a_provider_has_rules_of_their_own(self, program: Caller, service: Service) -> None:
        address = f"{base(program)}/providers/{service.offers.get().provider.slug}/rules"
        answer = program.send("PATCH", address, {"buffer_after_minutes": 10, "limits": {"max_per": {"week": 5}}})
        assert answer.json()["rules"]["buffer_after_minutes"] == 10
        assert program.get(address).json()["rules"]["limits"]["max_per"] == {"week": 5}
        assert program.send("PATCH", address, {"buffer_after_minutes": None}).json()["rules"] == {
            "buffer_before_minutes": None,
            "buffer_after_minutes": None,
            "notice_minutes": None,
            "limits": {"max_per": {"week": 5}, "timezone": ""},
        }

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("rules", {"notice_minutes": -1}, "notice_minutes"),
            ("rules", {"notice_minutes": "10"}, "notice_minutes"),
            ("rules", {"notice_minutes": 10**9}, "notice_minutes"),
            ("rules", {"window_type": "range"}, "window_from"),
            ("rules", {"limits": {"max_per": {"hour": 1}}}, "limits.max_per.hour.[key]"),
            ("rules", {"alignment_timezone": "Mars/Olympus"}, "alignment_timezone"),
            ("rules", {"alignment_timezone": "a\0b"}, "alignment_timezone"),
            ("rules", {"colour": "red"}, "colour"),
            ("services/visit/rules", {"follows": ["weather"]}, "follows"),
            ("services/visit/rules", {"follows": ["notice"], "notice_minutes": 5}, "notice_minutes"),
            ("services/visit/rules", {"lengths": [0]}, "lengths"),
            ("services/visit/rules", {"assignment": "some"}, "team_size"),
            ("services/visit/rules", {"offers": [{"provider": "nobody"}]}, "offers.0.provider"),
            ("services/visit/rules", {"needs": [{"resource": "nothing"}]}, "needs.0.resource"),
            ("services/visit/rules", {"availability": {"general": "hours"}}, "availability.weekly"),
            ("services/visit/rules", {"duration_minutes": None}, "duration_minutes"),
        ],
    )
    def test_each_refusal_names_its_field(
        self, program: Caller, service: Service, path: str, body: dict[str, Any], field: str
    ) -> None:
        answer = program.send("PATCH", f"{base(program)}/{path}", body)
        assert answer.status_code == 422, answer.content
        assert field_of(answer) == field
        assert not AuditEntry.objects.filter(subject_kind__in=("service", "business")).exists()


class TestHours:
    def test_weekly_hours_and_dates_that_differ(self, program: Caller, service: Service) -> None:
        address = f"{base(program)}/hours"
        told = program.send("PUT", address, {"weekly": [[0, 540, 720], [0, 780, 1020]]}).json()
        assert told["weekly"] == [[0, 540, 720], [0, 780, 1020]]
        told = program.send("PUT", f"{address}/2030-12-24", {"windows": [[540, 720]], "note": "Eve"}).json()
        assert told["dates"] == [{"date": "2030-12-24", "windows": [[540, 720]], "note": "Eve"}]
        assert program.send("DELETE", f"{address}/2030-12-24").json()["dates"] == []

    def test_those_of_a_schedule_are_apart(self, program: Caller, service: Service) -> None:
        who = service.offers.get().provider
        address = f"{base(program)}/providers/{who.slug}"
        schedule = program.send("POST", f"{address}/schedules", {"name": "Evening"}).json()["id"]
        program.send("PUT", f"{address}/hours?schedule={schedule}", {"weekly": [[0, 1080, 1200]]})
        assert program.get(f"{address}/hours").json()["weekly"] == []
        assert WeeklyHours.objects.get(provider=who).schedule == Schedule.objects.get()
        assert program.send("DELETE", f"{address}/schedules/{schedule}").status_code == 200

    def test_time_off_travel_and_holidays(self, program: Caller, service: Service) -> None:
        who = service.offers.get().provider
        stretch = {"start": f"{at('09:00'):%Y-%m-%dT%H:%M:%SZ}", "end": f"{at('12:00'):%Y-%m-%dT%H:%M:%SZ}"}
        made = program.send("POST", f"{base(program)}/time-off?provider={who.slug}", stretch)
        assert (made.status_code, TimeOff.objects.get().provider) == (201, who)
        assert program.send("DELETE", f"{base(program)}/time-off/{made.json()['id']}").status_code == 200
        trip = {"first": "2030-06-01", "last": "2030-06-09", "timezone": "Asia/Tokyo"}
        made = program.send("POST", f"{base(program)}/providers/{who.slug}/trips", trip)
        assert Trip.objects.get().ref == made.json()["id"]
        answer = program.send("PATCH", f"{base(program)}/holidays", {"country": "CH", "region": "ZH", "open": []})
        assert answer.json()["rules"]["country"] == "CH"
        assert any(day["name"] == "Good Friday" for day in answer.json()["rules"]["days"])

    @pytest.mark.parametrize(
        ("method", "path", "body", "field"),
        [
            ("PUT", "hours", {"weekly": [[7, 0, 60]]}, "weekly.0.0"),
            ("PUT", "hours", {"weekly": [[0, 0]]}, "weekly.0.2"),
            ("POST", "time-off", {"start": "2030-03-04T09:00:00Z", "end": "2030-03-04T09:00:00Z"}, "end"),
            ("PATCH", "holidays", {"country": "XX"}, "country"),
            ("PATCH", "holidays", {"country": "CH", "open": ["2030-03-05"]}, "open"),
        ],
    )
    def test_each_refusal_names_its_field(
        self, program: Caller, method: str, path: str, body: dict[str, Any], field: str
    ) -> None:
        answer = program.send(method, f"{base(program)}/{path}", body)
        assert answer.status_code == 422, answer.content
        assert field_of(answer) == field


class TestResources:
    def test_one_is_added_changed_closed_and_retired(self, program: Caller) -> None:
        address = f"{base(program)}/resources"
        assert program.send("POST", address, {"name": "Scanner", "kind": "device"}).json() == {"id": "scanner"}
        assert program.send("PATCH", f"{address}/scanner", {"quantity": 3, "note": "New"}).status_code == 200
        stretch = {"start": "2030-03-04T09:00:00Z", "end": "2030-03-04T12:00:00Z", "reason": "Repair"}
        closure = program.send("POST", f"{address}/scanner/closures", stretch).json()["id"]
        shown = program.get(address).json()["items"][0]
        assert (shown["quantity"], shown["closures"][0]["reason"]) == (3, "Repair")
        program.send("DELETE", f"{address}/scanner/closures/{closure}")
        program.send("PATCH", f"{address}/scanner", {"is_active": False})
        assert not Resource.objects.get().is_active

    def test_repeated_with_its_key_it_is_added_once(self, program: Caller) -> None:
        for _turn in range(2):
            program.send("POST", f"{base(program)}/resources", {"name": "Scanner"}, key="one")
        assert Resource.objects.count() == 1


class TestWhoMay:
    def test_a_key_that_reads_changes_nothing(self, public: Caller, service: Service) -> None:
        reader = public.with_key("setup:read")
        assert reader.get(f"{base(reader)}/services/visit/rules").status_code == 200
        answer = reader.send("PATCH", f"{base(reader)}/rules", {"notice_minutes": 5})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")

    def test_nobody_without_a_key_sees_rules(self, public: Caller, service: Service) -> None:
        for path in ("rules", "services/visit/rules", "hours", "resources", "holidays", "time-off"):
            assert public.get(f"{base(public)}/{path}").status_code == 401

    def test_another_business_is_not_there(self, program: Caller) -> None:
        other = make_business(slug="harbour-bank")
        for path in ("rules", "hours", "resources", "holidays"):
            assert program.get(f"/businesses/{other.slug}/{path}").status_code == 404
        assert program.send("PATCH", f"/businesses/{other.slug}/rules", {"notice_minutes": 5}).status_code == 404
