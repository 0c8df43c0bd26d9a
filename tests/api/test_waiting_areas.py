"""Waiting areas and who waits, by API key: what it shows and changes, and for whom."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.factories import make_business, manager_of
from tests.meetings.scene import default_area, make_appointment, make_staff, make_visit
from vestibule.booking.models import Service
from vestibule.meetings import areas, waiting, walk_ins
from vestibule.meetings.walk_ins import Caller as Guest
from vestibule.people.models import AuditEntry


@pytest.fixture
def program(public: Caller, service: Service) -> Caller:
    """A program that may set up."""
    return public.with_key("setup:write")


def base(caller: Caller) -> str:
    return f"/businesses/{caller.business.slug}/waiting-areas"


def test_an_area_is_added_changed_closed_opened_and_taken_away(program: Caller, service: Service) -> None:
    who = service.offers.get().provider.slug
    made = program.send("POST", base(program), {"name": "Physiotherapy", "providers": [who], "takes_walk_ins": True})
    assert (made.status_code, made.json()["slug"], made.json()["is_open"]) == (201, "physiotherapy", True)
    address = f"{base(program)}/physiotherapy"
    changed = program.send("PATCH", address, {"amber_minutes": 2, "hours": [], "identity_fields": ["birth_date"]})
    assert (changed.json()["amber_minutes"], changed.json()["identity_fields"]) == (2, ["birth_date"])
    closed = program.send("POST", f"{address}/close", {"minutes": 30, "text": "Back at noon"}).json()
    assert (closed["is_open"], closed["closed_words"], closed["closed_until"] is not None) == (
        False,
        "Back at noon",
        True,
    )
    assert program.send("POST", f"{address}/open", {}).json()["is_open"]
    left = program.send("DELETE", address, {}).json()["areas"]
    assert [area["slug"] for area in left] == ["everybody"]
    assert AuditEntry.objects.filter(subject_kind="area", actor_kind="api_key").count() == 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"red_minutes": 1}, "red_minutes"),
        ({"providers": ["nobody"]}, "providers"),
        ({"hours": [{"day": 0, "start": 60, "end": 60}]}, "hours"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(program: Caller, body: dict[str, Any], field: str) -> None:
    answer = program.send("PATCH", f"{base(program)}/everybody", body)
    told = answer.json()
    assert (answer.status_code, told.get("field") or told["errors"][0]["field"]) == (422, field)


def test_the_area_for_everybody_stays(program: Caller) -> None:
    answer = program.send("DELETE", f"{base(program)}/everybody", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_who_waits_is_listed_longest_first_with_place_and_wait(public: Caller, service: Service, settings: Any) -> None:
    settings.MEETING_LISTENERS = []
    staff = make_staff(public.business)
    visit = make_visit(business=public.business, staff=staff, starts_in=timedelta(minutes=10))
    make_appointment(visit)
    waiting.enter_waiting(visit.consumer.ref)
    areas.change(manager_of(public.business), "everybody", takes_walk_ins=True)
    came = walk_ins.come_by(walk_ins.front_door(public.business.slug), Guest("Cleo", reason="A rash"), who="x")
    waiting.enter_waiting(came.seat.ref)
    waiting.hold(manager_of(public.business), came.seat.ref)
    reader = public.with_key("appointments:read")
    address = f"/businesses/{public.business.slug}/waiting"
    first, second = reader.get(address).json()["waiting"]
    assert (first["name"], first["kind"], first["host"], first["ahead"]) == ("Ada Ng", "scheduled", staff[1].slug, 0)
    assert first["expected_minutes"] in (10, 11)
    assert (second["kind"], second["appointment"], second["reason"], second["on_hold"]) == (
        "walk_in",
        None,
        "A rash",
        True,
    )
    assert [one["name"] for one in reader.get(f"{address}?provider={staff[1].slug}").json()["waiting"]] == ["Ada Ng"]
    assert reader.get(f"{address}?area=surgery").json()["waiting"] == []


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("setup:read", "POST", "waiting-areas"),
        ("setup:read", "POST", "waiting-areas/everybody/close"),
        ("appointments:write", "PATCH", "waiting-areas/everybody"),
        ("setup:write", "GET", "waiting"),
        ("results:read", "GET", "waiting-areas"),
    ],
)
def test_a_key_does_what_its_scopes_say(public: Caller, service: Service, scope: str, method: str, path: str) -> None:
    caller = public.with_key(scope)
    address = f"/businesses/{public.business.slug}/{path}"
    answer = (
        caller.get(address)
        if method == "GET"
        else caller.send(method, address, {} if path.endswith("close") else {"name": "Mine"})
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


def test_strangers_and_other_businesses_see_nothing(public: Caller, program: Caller) -> None:
    other = make_business()
    for path in ("waiting", "waiting-areas"):
        assert public.get(f"/businesses/{public.business.slug}/{path}").status_code == 401
    assert program.get(f"/businesses/{other.slug}/waiting-areas").status_code == 404
    assert program.send("POST", f"/businesses/{other.slug}/waiting-areas/everybody/close", {}).status_code == 404
    assert not areas.is_stored(default_area(other))
