"""Two installations, one of which uses the other as it would Microsoft 365: our own client against our own server.

The other one runs as a process of its own, with its demonstration; what is opened here finds it by the two settings
that say where Microsoft is, and knows nothing else of it.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.graph.listening import listening
from tests.calendars.contracts import ENTRY, TargetContract
from tests.calendars.kit import reading
from tests.integrations.contracts import MAIL
from tests.servers import RunningServer, run_module, running_server
from vestibule.booking.ports import (
    TheirAppointment,
    TheirAvailability,
    TheirCustomer,
    TheirHours,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirSetup,
    TheirStaff,
)
from vestibule.calendars.ports import Access, Entry, News, SubscriptionGone
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.account import Microsoft365
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.bookings import Bookings
from vestibule.integrations.microsoft365.graph import Graph, of_user
from vestibule.integrations.microsoft365.mail import GraphMail
from vestibule.integrations.microsoft365.outlook import Outlook
from vestibule.integrations.microsoft365.subscriptions import Subscriptions
from vestibule.integrations.microsoft365.teams import Teams
from vestibule.meetings import outside_links
from vestibule.meetings.ports import PlaceOrder, PlaceSeat
from vestibule.notifications.ports import Around
from vestibule.people.applications import GRANTS
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.slow

NOW = clock.from_minute(ENTRY.start) - timedelta(hours=2)
CALENDAR = "calendar"


@dataclass(frozen=True)
class Other:
    """The other installation, and as whom it is asked."""

    server: RunningServer
    access: dict[str, str]
    people: list[str]

    @property
    def ada(self) -> str:
        return self.people[0]

    def graph(self) -> Graph:
        return Graph.opened(Application.read(self.access, ()), ())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    folder: Path = tmp_path_factory.mktemp("other")
    with running_server(folder) as server:
        server.move_clock(set=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
        done = run_module("tests.api.graph.register_program", "lakeside-clinic", *GRANTS, data=folder)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        people = told.pop("people")
        yield Other(server, {**told, "cloud": "", "organizer": people[0]}, people)


@pytest.fixture
def other(running: Other, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Other]:
    there = {"VESTIBULE_GRAPH_BASE_URL": f"{running.server.origin}/graph/v1.0"}
    there["VESTIBULE_ENTRA_AUTHORITY"] = f"{running.server.origin}/graph"
    settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", **there})
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with clock.standing_at(NOW):
        yield running


def test_the_account_is_found_whole(other: Other) -> None:
    account = Microsoft365.connected(other.access, ())
    found = {one.code: one.state for one in account.look()}
    assert {code: state for code, state in found.items() if state not in ("ok", "unknown")} == {}
    assert (found["sign_in"], found["bookings"], found["access_policy"]) == ("ok", "ok", "ok")


def test_a_business_may_type_where_the_other_one_is(other: Other) -> None:
    home = f"{other.server.origin}/graph"
    typed = {**other.access, "cloud": "other", "authority": home, "graph": f"{home}/v1.0/"}
    allowed = (f"localhost:{other.server.port}",)
    found = {one.code: one.state for one in Microsoft365.connected(typed, allowed).look()}
    assert found["sign_in"] == "ok"
    with pytest.raises(NotConnected):
        Microsoft365.connected({**typed, "graph": f"{home};v2"}, allowed)


# --- calendars ----------------------------------------------------------------------------------------------------


def outlook(other: Other, mailbox: str = "", **values: Any) -> Outlook:
    return Outlook(Access(mailbox or other.ada, account=other.access, **values), other.graph())


class Owner:
    """The provider there, by another program."""

    def __init__(self, other: Other, mailbox: str) -> None:
        self._graph, self._mailbox = other.graph(), mailbox

    def move(self, ref: str, to: Entry) -> None:
        times = {"start": to.start, "end": to.end}
        moved = {
            name: {"dateTime": f"{clock.from_minute(at):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
            for name, at in times.items()
        }
        self._graph.patch(f"{of_user(self._mailbox)}/events/{ref}", moved)

    def remove(self, ref: str) -> None:
        self._graph.delete(f"{of_user(self._mailbox)}/events/{ref}")


class TestItsCalendar(TargetContract):
    @pytest.fixture
    def account(self, other: Other) -> Iterator[Outlook]:
        account = outlook(other, other.people[1])
        yield account
        account.delete(CALENDAR, ENTRY.uid, None)

    @pytest.fixture
    def calendar(self) -> str:
        return CALENDAR

    @pytest.fixture
    def owner(self, other: Other) -> Owner:
        return Owner(other, other.people[1])

    def changes(self, account: Any, calendar: str, token: str = "") -> Any:
        """Leave out what the demonstration has booked there."""
        found = super().changes(account, calendar, token)
        return replace(found, items=tuple(one for one in found.items if one.ours is not None))


def test_a_calendar_there_takes_appointments_of_ours(other: Other) -> None:
    (found,) = outlook(other).calendars()
    assert (found.address, found.can_write) == (CALENDAR, True)


def test_what_is_booked_there_makes_busy_here_and_only_what_is_new_is_read_again(other: Other) -> None:
    account = outlook(other)
    first = account.changes(CALENDAR, "", reading())
    assert first.is_whole
    start = book(other)
    second = account.changes(CALENDAR, first.token, reading())
    assert (second.is_whole, [item.busy for item in second.items]) == (False, [((start, start + 30),)])
    assert account.changes(CALENDAR, second.token, reading()).items == ()


def test_whoever_shows_times_alone_is_busy_all_the_same(other: Other) -> None:
    start = book(other)
    (found,) = outlook(other, only_times=True).changes(CALENDAR, "", reading()).items
    assert any(first <= start and last >= start + 30 for first, last in found.busy)


def book(other: Other) -> int:
    """Book Ada's next free half hour there, as anybody may, and return when it begins."""
    at, provider = f"{other.server.origin}/api/v1/businesses/lakeside-clinic", "dr-ada-blum"
    days = {"from": f"{NOW:%Y-%m-%d}", "to": f"{NOW + timedelta(days=7):%Y-%m-%d}"}
    asked = {"service": "first-visit", "provider": provider, **days}
    slot = httpx.get(f"{at}/slots", params=asked, timeout=60).raise_for_status().json()["slots"][0]["start"]
    consumer = {"name": "Cleo Baumann", "email": "cleo@example.org"}
    answers = {"reason": "A rash", "consent": True}
    wish = {"service": "first-visit", "start": slot, "provider": provider, "consumer": consumer, "answers": answers}
    booked = httpx.post(f"{at}/appointments", json=wish, timeout=60)
    assert booked.status_code == 201, booked.text
    return clock.to_minute(datetime.fromisoformat(slot))


# --- being told ---------------------------------------------------------------------------------------------------


def test_it_tells_us_of_a_change_that_we_asked_to_be_told_of(other: Other) -> None:
    subscriptions = Subscriptions(Access(other.ada, account=other.access), other.graph())
    with listening() as door:
        made = subscriptions.subscribe(CALENDAR, f"{door.origin}/hook", "our-key", is_again=False)
        assert made.until > NOW
        again = subscriptions.subscribe(CALENDAR, f"{door.origin}/hook", "our-key", is_again=True)
        assert again.external_id == made.external_id
        subscriptions.reauthorize(made.external_id)
        book(other)
        assert door.came.wait(60)
        assert (door.heard[0].subscription, door.heard[0].key, door.heard[0].news) == (
            made.external_id,
            "our-key",
            News.CHANGED,
        )
        subscriptions.unsubscribe(made.external_id)
    with pytest.raises(SubscriptionGone):
        subscriptions.renew(made.external_id)


# --- meetings -----------------------------------------------------------------------------------------------------

NINE = datetime(2026, 3, 5, 9, tzinfo=UTC)


def order(other: Other) -> PlaceOrder:
    return PlaceOrder(
        key="meeting23456789a",
        title="First visit",
        start=NINE,
        end=NINE + timedelta(minutes=30),
        opens=NINE - timedelta(minutes=30),
        closes=NINE + timedelta(minutes=90),
        organizer=other.ada,
        seats=(PlaceSeat("aaaa", "consumer", ""), PlaceSeat("bbbb", "presenter", "Dr Bo Lund", other.people[1])),
    )


def test_a_visit_is_held_there_found_again_moved_and_taken_away(other: Other) -> None:
    teams = Teams.opened(other.access, ())
    wanted = order(other)
    made = teams.put(wanted, None)
    assert teams.put(wanted, None).external_id == made.external_id
    moved = teams.put(replace(wanted, start=NINE + timedelta(hours=1), end=NINE + timedelta(hours=2)), made)
    assert (moved.external_id, moved.join_url, moved.number) == (made.external_id, made.join_url, made.number)
    assert httpx.get(made.join_url, follow_redirects=True, timeout=60).status_code == 200
    teams.take_away(made, other.ada)
    teams.take_away(made, other.ada)
    assert httpx.get(made.join_url, follow_redirects=True, timeout=60).status_code == 404


def test_people_here_are_shown_the_way_there(other: Other) -> None:
    teams = Teams.opened(other.access, ())
    made = teams.put(order(other), None)
    links = outside_links.of(made)
    assert (links.join_url, links.number, links.passcode) == (made.join_url, made.number, made.passcode)
    assert links.consumer_url == made.join_url
    teams.take_away(made, other.ada)


# --- Bookings -----------------------------------------------------------------------------------------------------


def test_what_is_set_up_there_is_read(other: Other) -> None:
    scheduler = Bookings.opened(other.access, ())
    try:
        (business,) = scheduler.businesses()
        found = scheduler.setup(business.id)
    finally:
        scheduler.close()
    assert found.business.name == "Lakeside Clinic"
    assert {one.email for one in found.staff} >= set(other.people)
    assert "First visit" in {one.name for one in found.services}


def test_what_is_set_up_here_is_put_there_and_read_back_the_same(other: Other) -> None:
    scheduler = Bookings.opened(other.access, ())
    try:
        (business,) = scheduler.businesses()
        before = scheduler.setup(business.id)
        dana = TheirStaff(
            "?d", "Dana Swope", "dana@home.example", zone="America/Chicago", keeps_business_hours=False,
            hours=(TheirHours(0, 540, 720), TheirHours(4, 600, 1440)),
        )  # fmt: skip
        wanted = TheirService(
            "",
            "Eye test",
            description="Bring your glasses.",
            minutes=25,
            after=5,
            seats=3,
            staff=("?d",),
            questions=(("?q", True),),
            policy=TheirPolicy(25, 120, 30 * 1440, False, TheirAvailability("hours", (TheirHours(0, 540, 700),))),
            price=12.5,
            reminders=(
                TheirReminder(120, frozenset({"customer"}), "Bring them"),
                TheirReminder(-60, frozenset({"staff"})),
            ),
        )
        question = TheirQuestion("?q", "Which glasses?", ("Near", "Far"))
        made = scheduler.put_setup(TheirSetup(before.business, (wanted,), (dana,), (question,)), before)
        there = scheduler.setup(business.id)
        (eyes,) = [one for one in there.services if one.id == made.services[0].id]
        assert replace(eyes, sends_texts=False) == made.services[0]
        (back,) = [one for one in there.staff if one.id == made.staff[0].id]
        assert replace(back, is_affected_by_calendar=True) == replace(made.staff[0], role="guest")
        assert made.questions[0] in there.questions
        assert scheduler.put_setup(made, there) == made
        assert scheduler.publish(business.id, False).is_published is False
        assert scheduler.publish(business.id, True).page_url.endswith("/book/lakeside-clinic")
    finally:
        scheduler.close()


def test_an_appointment_is_booked_there_moved_and_cancelled(other: Other) -> None:
    scheduler = Bookings.opened(other.access, ())
    try:
        (business,) = scheduler.businesses()
        there = scheduler.setup(business.id)
        service = next(one for one in there.services if one.name == "Follow-up")
        bo = next(one for one in there.staff if one.email == other.people[1])
        free = scheduler.free(business.id, [bo.id], NOW, NOW + timedelta(days=7))
        start = next(one.start for one in free if one.kind == "free" and one.start > NOW + timedelta(days=1))
        customer = TheirCustomer("Jordan Miller", "jordan@home.example", "+12065550199", zone="America/Chicago")
        wanted = TheirAppointment(
            service.id, start, start + timedelta(minutes=30), key="a1", staff=(bo.id,), customers=(customer,)
        )
        made = scheduler.create(business.id, wanted)
        assert (made.start, made.key, made.staff) == (start, "a1", (bo.id,))
        assert scheduler.create(business.id, wanted).id == made.id
        later = start + timedelta(minutes=30)
        moved = scheduler.change(business.id, replace(made, start=later, end=later + timedelta(minutes=30)))
        assert (moved.id, moved.start) == (made.id, later)
        assert made.id in {one.id for one in scheduler.appointments(business.id, NOW, later + timedelta(days=1))}
        scheduler.cancel(business.id, made.id, "Another time.", tells=True)
        assert made.id not in {one.id for one in scheduler.appointments(business.id, NOW, later + timedelta(days=1))}
    finally:
        scheduler.close()


# --- mail ---------------------------------------------------------------------------------------------------------


def test_mail_of_ours_leaves_by_a_mailbox_there(other: Other) -> None:
    GraphMail.connected({}, other.ada, Around(host="clinic.example", account=other.access)).send(MAIL)
    until = time.monotonic() + 60
    while not (sent := [one for one in other.server.outbox() if one["to"] == MAIL.to and one["sent_at"]]):
        assert time.monotonic() < until, "it never left"
    assert (sent[0]["subject"], MAIL.text.strip() in str(sent[0]["text"])) == (MAIL.subject, True)
