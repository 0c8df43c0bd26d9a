"""The demonstration: what it makes, at whatever hour it is started, and what a second start does."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client, override_settings

from vestibule.booking import availability, lifecycle
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Contact, Wish
from vestibule.demo import story
from vestibule.experience import survey
from vestibule.meetings import areas, prepared
from vestibule.people import brand
from vestibule.people.errors import Refusal
from vestibule.people.links import Purpose, resolve
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock

Start = Callable[[], str]
ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture
def start(db: None, tmp_path: Path) -> Iterator[Start]:
    """Start the demonstration on a folder of this test; returns what it prints."""

    def prepare() -> str:
        out = StringIO()
        story.prepare(out)
        return out.getvalue()

    with override_settings(DATA=tmp_path, PUBLIC_URL="http://localhost:8000"):
        yield prepare


def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return found


def test_the_clinic_asks_one_thing_in_one_look_and_the_bank_more_in_its_own(start: Start) -> None:
    start()
    clinic, bank = (Business.objects.get(slug=slug) for slug in ("lakeside-clinic", "harbour-bank"))
    assert [row.kind for row in survey.of(clinic, "consumer")] == ["stars"]
    assert [row.kind for row in survey.of(bank, "consumer")] == ["stars", "many", "issues"]
    assert [row.kind for row in survey.of(bank, "provider")] == ["thumbs"]
    assert [brand.of(one).colour for one in (clinic, bank)] == ["", "#8a1538"]
    assert [one.logo_id is None for one in (clinic, bank)] == [True, False]


def test_demo_json_has_the_shape_that_programs_rely_on(start: Start, tmp_path: Path) -> None:
    start()
    found = facts(tmp_path)
    assert set(found) == {"origin", "businesses", "accounts", "appointments", "acs", "graph", "outbox_url"}
    assert found["origin"] == "http://localhost:8000"
    assert [set(row) for row in found["businesses"]] == [{"slug", "name", "book_url", "api_key"}] * 2
    assert {frozenset(row) for row in found["accounts"]} == {frozenset({"business", "role", "email", "password"})}
    assert [set(row) for row in found["appointments"]] == [
        {"business", "id", "consumer_url", "provider_url", "start"}
    ] * 3


def test_the_two_businesses_have_the_size_they_are_said_to_have(start: Start) -> None:
    start()
    sizes = {one.slug: (one.providers.count(), one.services.count()) for one in Business.objects.all()}
    assert sizes == {"lakeside-clinic": (20, 6), "harbour-bank": (6, 4)}


def test_one_visit_at_a_time_uses_the_shared_device(start: Start) -> None:
    clock.set_to(datetime(2026, 3, 2, 8, tzinfo=UTC))
    start()
    service = Service.objects.select_related("business").get(slug="skin-check")
    elif_, liam = Provider.objects.filter(slug__in=["dr-elif-yilmaz", "dr-liam-byrne"]).order_by("slug")
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    contact = Contact("Cleo", "cleo@example.org")
    lifecycle.book(PUBLIC, Wish(service=service, start=at, contact=contact, provider=elif_))
    with pytest.raises(Refusal) as refused:
        lifecycle.book(PUBLIC, Wish(service=service, start=at, contact=contact, provider=liam))
    assert refused.value.code == "resource_taken"


def test_each_business_keeps_the_holidays_of_its_country(start: Start) -> None:
    clock.set_to(datetime(2026, 7, 20, 8, tzinfo=UTC))
    start()
    service = Service.objects.select_related("business").get(slug="first-visit")
    since, until = (datetime(2026, 7, 31, 22, tzinfo=UTC) + timedelta(days=days) for days in (0, 1))
    assert availability.free_starts(service, since, until) == [], "the first of August, a Saturday, is Swiss"


def test_the_clinic_takes_people_without_an_appointment_and_says_so_on_its_link(start: Start) -> None:
    start()
    clinic = Business.objects.get(slug="lakeside-clinic")
    assert [area.name for area in areas.areas_of(clinic)] == ["Waiting room", "Walk-in clinic"]
    assert len(prepared.texts_of(clinic)) == 3
    assert "See somebody now" in Client().get("/walk-in/lakeside-clinic/walk-in-clinic").content.decode()


def test_each_role_of_each_business_can_sign_in(start: Start, tmp_path: Path) -> None:
    start()
    accounts = facts(tmp_path)["accounts"]
    assert {(one["business"], one["role"]) for one in accounts} == {
        (business, role)
        for business in ("lakeside-clinic", "harbour-bank")
        for role in ("owner", "manager", "scheduler", "provider", "viewer")
    }
    for account in (accounts[0], accounts[-1]):
        answer = Client().post("/signin", {"login": account["email"], "password": account["password"]})
        assert answer.status_code == 302, answer.content


def test_every_link_opens_what_it_is_for(start: Start, tmp_path: Path) -> None:
    start()
    for row in facts(tmp_path)["appointments"]:
        assert Appointment.objects.filter(ref=row["id"], business__slug=row["business"]).exists()
        for address, role in ((row["consumer_url"], "collaborator"), (row["provider_url"], "presenter")):
            link = resolve(parse_qs(urlsplit(address).query)["v"][0], Purpose.VISIT)
            assert link is not None
            assert link.role == role


@pytest.mark.parametrize(
    "now", ["2026-11-20T10:21", "2026-11-22T03:07", "2026-11-20T20:00", "2026-11-20T21:50", "2026-03-28T22:15"]
)
def test_three_visits_are_today_at_whatever_hour_it_starts(start: Start, tmp_path: Path, now: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    clock.set_to(moment)
    start()
    starts = [datetime.fromisoformat(row["start"]) for row in facts(tmp_path)["appointments"]]
    assert {one.astimezone(ZURICH).date() for one in starts} == {moment.astimezone(ZURICH).date()}
    assert (min(starts) - moment).total_seconds() <= 30 * 60, "the waiting room of the first is open"


def test_a_second_start_changes_nothing_and_says_the_same(start: Start, tmp_path: Path) -> None:
    first, kept = start(), (tmp_path / "demo.json").read_bytes()
    assert start() == first
    assert (tmp_path / "demo.json").read_bytes() == kept
    assert Business.objects.count() == 2


def test_a_start_on_another_port_tells_the_new_addresses(start: Start, tmp_path: Path) -> None:
    start()
    before = facts(tmp_path)
    with override_settings(PUBLIC_URL="http://localhost:80"):
        said = start()
    after = facts(tmp_path)
    assert ":8000" not in said
    assert after["accounts"] == before["accounts"]
    assert [row["consumer_url"] for row in after["appointments"]] == [
        row["consumer_url"].replace(":8000/", ":80/") for row in before["appointments"]
    ]


def test_two_demonstrations_share_no_secret(start: Start, tmp_path: Path) -> None:
    point = transaction.savepoint()
    start()
    before = facts(tmp_path)
    transaction.savepoint_rollback(point)
    start()
    after = facts(tmp_path)
    assert not {one["password"] for one in before["accounts"]} & {one["password"] for one in after["accounts"]}
    assert not {one["api_key"] for one in before["businesses"]} & {one["api_key"] for one in after["businesses"]}


def test_only_its_owner_may_read_the_secrets(start: Start, tmp_path: Path) -> None:
    start()
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_start_that_breaks_off_leaves_nothing_behind(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(story, "_write_secret", breaks)
        with pytest.raises(KeyboardInterrupt):
            start()
    assert Business.objects.count() == 0
    assert "Lakeside Clinic" in start()
