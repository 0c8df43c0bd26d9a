"""Connecting calendars in the browser, and what happens to those who may not."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tests.factories import make_provider
from tests.web.manager.office import Office, make_office, url
from vestibule.calendars import testing, worker
from vestibule.calendars.models import BusyInterval, Connection, LinkedCalendar, ShownAppointment
from vestibule.calendars.ports import CalendarError, Trouble
from vestibule.calendars.testing import World
from vestibule.people import brand, rates
from vestibule.people.models import AuditEntry, Provider
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock

ADDRESS = "https://calendar.example/secret-4711.ics"
FEED = {"url": ADDRESS, "name": "Outlook", "all_day_counts": "on", "tolerance_minutes": "60"}
ACCOUNT = {**FEED, "username": "ada", "password": "open-sesame"}
DOWN = CalendarError("cannot be reached", Trouble.UNREACHABLE, permanent=False)


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    settings.CALENDAR_ADAPTERS = dict.fromkeys(("ics", "caldav"), "vestibule.calendars.testing.FakeAccount")
    rates.forget_all()
    with testing.world(ADDRESS) as found:
        yield found


def add(client: Client, office: Office, kind: str = "address", **more: str) -> str:
    """Connect a calendar and return the text of the page that follows."""
    data = (FEED if kind == "address" else ACCOUNT) | more
    answer = client.post(url(f"provider-calendar-{kind}", office.ada.slug), data, follow=True)
    return answer.content.decode()


def one() -> Connection:
    found: Connection = Connection.objects.get()
    return found


def test_a_calendar_is_connected_by_its_address_and_read(office: Office, world: World) -> None:
    world.put("", (clock.to_minute(clock.now()) + 60, clock.to_minute(clock.now()) + 120))
    page = add(office.manager, office)
    assert "is connected and is being read" in page
    worker.sync_due()
    assert BusyInterval.objects.filter(provider=office.ada).count() == 1
    page = office.manager.get(url("provider-calendars", office.ada.slug)).content.decode()
    assert "Up to date" in page
    assert AuditEntry.objects.filter(action="calendar.connected").count() == 1


def test_it_can_be_tested_without_being_stored(office: Office, world: World) -> None:
    page = add(office.manager, office, test="1")
    assert "It works" in page
    assert not Connection.objects.exists()


@pytest.mark.parametrize("form", ["address", "account"])
def test_what_does_not_work_is_said_and_not_stored(office: Office, world: World, form: str) -> None:
    for kind, said in (
        (Trouble.CREDENTIALS, "did not let us in"),
        (Trouble.UNREACHABLE, "could not be reached"),
        (Trouble.REFUSED, "no calendar we may use"),
        (Trouble.TOO_BIG, "too big to read"),
        (Trouble.MALFORMED, "is not a calendar"),
    ):
        world.error = CalendarError("10.0.0.7 said no", kind, permanent=True)
        page = add(office.manager, office, form)
        assert said in page
        assert "10.0.0.7" not in page
    assert not Connection.objects.exists()


def test_what_was_stored_as_secret_is_on_no_page(office: Office, world: World) -> None:
    add(office.manager, office, "account")
    ref = one().ref
    for name in ("connection", "connection-access", "connection-remove"):
        page = office.manager.get(url(name, ref)).content.decode()
        assert "4711" not in page
        assert "open-sesame" not in page


def test_appointments_can_be_shown_in_an_account(office: Office, world: World) -> None:
    add(office.manager, office, "account")
    calendar = LinkedCalendar.objects.get()
    data = {"name": "Work", "tolerance_minutes": "never", "receives": str(calendar.pk), f"busy_{calendar.pk}": "on"}
    office.manager.post(url("connection", one().ref), data)
    calendar.refresh_from_db()
    assert (calendar.receives, calendar.counts_busy) == (True, True)
    assert (one().tolerance_minutes, one().all_day_counts, one().name) == (None, False, "Work")
    worker.sync_due()
    assert {entry.title.partition(" with ")[0] for entry in world.stored} == {"First visit"}
    assert len(world.stored) == 2


def test_a_feed_cannot_receive(office: Office, world: World) -> None:
    add(office.manager, office)
    LinkedCalendar.objects.update(can_write=False)
    assert "receives" not in office.manager.get(url("connection", one().ref)).context["form"].fields


def test_another_password_is_tested_before_it_replaces_the_old(office: Office, world: World) -> None:
    add(office.manager, office, "account")
    before = one().access
    data = {"url": ADDRESS, "username": "ada", "password": "changed"}
    world.error = CalendarError("no", Trouble.CREDENTIALS, permanent=True)
    assert office.manager.post(url("connection-access", one().ref), data).status_code == 422
    assert one().access == before
    world.error = None
    assert office.manager.post(url("connection-access", one().ref), data).status_code == 302
    assert one().access != before


def test_a_calendar_is_looked_at_on_demand_and_removed(office: Office, world: World) -> None:
    add(office.manager, office)
    worker.sync_due()
    assert worker.sync_due() == 0
    office.manager.post(url("connection-sync", one().ref))
    assert worker.sync_due() == 1
    office.manager.post(url("connection-remove", one().ref))
    assert not Connection.objects.exists()


def test_a_calendar_out_of_reach_is_said_where_somebody_sees_it(office: Office, world: World) -> None:
    add(office.manager, office)
    worker.sync_due()
    world.error = DOWN
    clock.advance(7200)
    worker.sync_due()
    today = office.manager.get(url("")).content.decode()
    desk = office.as_(Role.PROVIDER).get("/desk").content.decode()
    mine = office.manager.get(url("connection", one().ref)).content.decode()
    for page in (today, desk, mine):
        assert "cannot be booked" in page
    assert "cannot be booked" not in Client().get(f"/book/{office.business.slug}").content.decode()


def test_what_was_done_outside_is_shown(office: Office, world: World) -> None:
    add(office.manager, office, "account")
    ShownAppointment.objects.create(
        business=office.business,
        calendar=LinkedCalendar.objects.get(),
        appointment=office.booked.ref,
        differs="moved",
        differs_at=clock.now(),
    )
    page = office.manager.get(url("connection", one().ref)).content.decode()
    assert "Moved in the calendar" in page
    assert "Cleo Baumann" in page


def test_providers_connect_their_own_calendars_and_nobody_elses(office: Office, world: World) -> None:
    other = make_provider(business=office.business, slug="dr-bo-lund")
    client = office.as_(Role.PROVIDER)
    assert "is connected" in add(client, office)
    assert client.get(url("connections")).status_code == 403
    for name in ("provider-calendars", "provider-calendar-address", "provider-calendar-account"):
        assert client.get(url(name, other.slug)).status_code == 403
        assert client.post(url(name, other.slug), FEED).status_code == 403
    assert client.post(url("provider-feed", other.slug)).status_code == 403
    Connection.objects.update(provider=other)
    for name in ("connection", "connection-access", "connection-remove", "connection-sync"):
        assert client.post(url(name, one().ref)).status_code == 403


def test_strangers_find_nothing(office: Office, world: World) -> None:
    add(office.manager, office)
    stranger = make_office(slug="harbour-bank", name="Harbour Bank").manager
    for name in ("connection", "connection-access", "connection-remove", "connection-sync"):
        assert stranger.post(url(name, one().ref)).status_code == 404
    Provider.objects.filter(business=office.business).update(slug="only-here")
    assert stranger.post(url("provider-feed", "only-here")).status_code == 404
    assert stranger.post(url("provider-calendar-address", "only-here"), FEED).status_code == 404


def test_testing_addresses_is_limited(office: Office, world: World) -> None:
    answers = [
        office.manager.post(url("provider-calendar-address", office.ada.slug), FEED | {"test": "1"}) for _ in range(31)
    ]
    assert answers[-1].status_code in (422, 429)
    assert len(world.asked) == 30


def test_a_connection_that_was_never_read_says_so(office: Office, world: World) -> None:
    add(office.manager, office)
    assert "Reading" in office.manager.get(url("connections")).content.decode()


# Feeds.


def feed_address(client: Client, office: Office, **data: str) -> str:
    client.post(url("provider-feed", office.ada.slug), {"do": "make", **data})
    found = client.get(url("provider-calendars", office.ada.slug)).context["feed"]["address"]
    return str(urlsplit(found).path)


def feed(address: str, **headers: str) -> tuple[int, str]:
    answer = Client().get(address, headers=headers)
    return answer.status_code, answer.content.decode()


def test_a_feed_shows_coming_appointments_to_whoever_has_its_address(office: Office) -> None:
    status, text = feed(feed_address(office.manager, office))
    assert status == 200
    assert text.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:First visit with Cleo Baumann" in text
    assert "DTSTART:20300305T090000Z" in text
    assert "cleo@example.org" not in text
    assert "+4179" not in text


def test_programs_paint_a_feed_in_the_colour_of_the_business(office: Office) -> None:
    address = feed_address(office.manager, office)
    assert "X-APPLE-CALENDAR-COLOR:#065F61" in feed(address)[1]
    brand.change(SYSTEM, office.business, colour="#ffff00")
    assert "X-APPLE-CALENDAR-COLOR:#6F6F00" in feed(address)[1], "as it can be read"


def test_a_discreet_feed_says_neither_who_nor_what_for(office: Office) -> None:
    _status, text = feed(feed_address(office.manager, office, shows="discreet"))
    assert text.count("BEGIN:VEVENT") == 2
    for word in ("Cleo", "First visit", "/manage/"):
        assert word not in text


def test_a_feed_that_has_not_changed_is_not_sent_again(office: Office) -> None:
    address = feed_address(office.manager, office)
    first = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    clock.advance(timedelta(minutes=1).total_seconds())
    office.manager.post(url("appointment-cancel", office.booked.ref), {"reason": ""})
    assert feed(address, **{"If-None-Match": first["ETag"]})[1].count("BEGIN:VEVENT") == 1


def test_a_new_address_ends_the_old_and_stopping_ends_all(office: Office) -> None:
    old = feed_address(office.manager, office)
    new = feed_address(office.manager, office)
    assert (feed(old)[0], feed(new)[0]) == (404, 200)
    office.manager.post(url("provider-feed", office.ada.slug), {"do": "stop"})
    assert feed(new)[0] == 404


def test_a_feed_ends_with_the_access_of_its_provider(office: Office) -> None:
    address = feed_address(office.manager, office)
    member = office.staff[Role.PROVIDER]
    type(member).objects.filter(pk=member.pk).update(is_active=False)
    assert feed(address)[0] == 404
    type(member).objects.filter(pk=member.pk).update(is_active=True)
    Provider.objects.filter(pk=office.ada.pk).update(is_active=False)
    assert feed(address)[0] == 404


def test_the_feed_of_a_business_names_the_providers(office: Office) -> None:
    office.manager.post(url("feed"), {"do": "make"})
    address = office.manager.get(url("connections")).context["feed"]["address"]
    _status, text = feed(urlsplit(address).path)
    assert "SUMMARY:Dr Ada Blum: First visit with Cleo Baumann" in text
    assert office.as_(Role.SCHEDULER).post(url("feed"), {"do": "make"}).status_code == 403


def test_the_feed_of_one_holds_nothing_of_others(office: Office) -> None:
    other = make_provider(business=office.business, slug="dr-bo-lund")
    office.manager.post(url("provider-feed", other.slug), {"do": "make"})
    address = office.manager.get(url("provider-calendars", other.slug)).context["feed"]["address"]
    assert feed(urlsplit(address).path)[1].count("BEGIN:VEVENT") == 0


@pytest.fixture
def uncounted() -> Iterator[None]:
    rates.forget_all()
    yield
    rates.forget_all()


def test_guessing_addresses_is_limited(office: Office, uncounted: None) -> None:
    guesses = [feed(f"/feeds/{'A' * 20}{n:02}.ics")[0] for n in range(32)]
    assert guesses == [404] * 30 + [429] * 2


def test_reading_too_often_is_refused_without_telling_the_address_to_the_log(
    office: Office, uncounted: None, caplog: pytest.LogCaptureFixture
) -> None:
    address = feed_address(office.manager, office)
    answers = [Client().get(address) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert address not in caplog.text


def test_a_link_for_something_else_is_no_feed(office: Office) -> None:
    from vestibule.people import links
    from vestibule.people.models import CapabilityLink

    link = CapabilityLink.objects.filter(purpose="manage").first()
    assert link is not None
    assert feed(f"/feeds/{links.token(link)}.ics")[0] == 404


def test_no_page_offers_a_dead_end_to_somebody_without_calendars(office: Office) -> None:
    assert "No calendar is connected yet" in office.manager.get(url("connections")).content.decode()
    page = office.manager.get(url("provider-calendars", office.ada.slug)).content.decode()
    assert "Connect a calendar" in page
