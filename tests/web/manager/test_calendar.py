"""The calendar of the office: what stands where, in which colour, for whom; and what a change would meet."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.factories import at, book
from tests.factories import make_provider
from tests.web.manager.office import Office, url
from vestibule.booking.models import (
    Appointment,
    DateOverride,
    Resource,
    ResourceClosure,
    ResourceUnit,
    ResourceUse,
    Seat,
    Service,
    ServiceProvider,
    TimeOff,
)
from vestibule.calendars.models import BusyInterval
from vestibule.people import masks
from vestibule.people.models import AuditEntry, Business, Provider
from vestibule.people.permissions import Role
from vestibule.store.clock import to_minute

TUESDAY = timedelta(days=1)
DATE = "2030-03-05"
AS_DATA = {"accept": "application/json"}


def colleague(office: Office, number: int = 1) -> Provider:
    """Somebody else who offers the same."""
    bo = make_provider(business=office.business, name=f"Dr Bo Lund {number}", slug=f"dr-bo-lund-{number}")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    return bo


def columns(client: Client, **query: Any) -> list[Any]:
    answer = client.get(url("calendar", **{"date": DATE, **query}))
    assert answer.status_code == 200
    found: list[Any] = answer.context["columns"]
    return found


def titles(client: Client, **query: Any) -> list[str]:
    return [block.title for column in columns(client, **query) for block in column.blocks if block.is_booked]


def check(client: Client, office: Office, **where: Any) -> dict[str, Any]:
    """What the server says about a change of Cleo's appointment, Tuesday at nine with Ada."""
    place = {"on": DATE, "at": "09:00", "length": 30, "provider": office.ada.slug} | where
    found: dict[str, Any] = client.get(url("calendar-check", ref=office.booked.ref, **place)).json()
    return found


def change(client: Client, office: Office, **where: Any) -> Any:
    place = {"on": DATE, "at": "09:00", "length": 30, "provider": office.ada.slug} | where
    return client.post(url("appointment-time", office.booked.ref), place, headers=AS_DATA)


def test_a_week_of_everybody_shows_what_is_parallel_side_by_side(office: Office) -> None:
    for number in range(1, 5):
        book(office.visit, at("09:00") + TUESDAY, provider=colleague(office, number))
    tuesday = columns(office.manager, view="week")[1]
    nine = [block for block in tuesday.blocks if block.start == 540]
    assert [block.lanes for block in nine] == [5] * 5
    assert sorted(block.lane for block in nine) == [0, 1, 2, 3, 4]
    assert all(block.ref for block in nine)
    assert tuesday.crowd == 5


def test_too_many_people_for_one_sheet_are_paged_and_said_so(office: Office) -> None:
    for number in range(1, 12):
        colleague(office, number)
    page = office.manager.get(url("calendar", date=DATE, columns=2))
    assert len(page.context["columns"]) == 4
    assert "9–12 of 12" in page.content.decode()


def test_who_left_keeps_a_column_while_something_is_booked(office: Office) -> None:
    Provider.objects.filter(pk=office.ada.pk).update(is_active=False)
    colleague(office)
    assert "Dr Ada Blum" in [column.title for column in columns(office.manager)]
    assert "Dr Ada Blum" not in [column.title for column in columns(office.manager, date="2030-03-07")]


def test_colours_are_of_the_service_or_of_the_label_and_the_label_is_written_too(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(colour="plum")
    Appointment.objects.filter(pk=office.booked.pk).update(label="New patient")
    page = office.manager.get(url("calendar", date=DATE)).content.decode()
    assert page.count('data-accent="plum" href') == 2
    assert "New patient</span>" in page
    by_label = [block.colour for block in columns(office.manager, colours="label")[0].blocks]
    assert [bool(colour) for colour in by_label] == [True, False]


def test_a_colour_nobody_knows_is_not_drawn(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(colour='red" onclick="x')
    assert [block.colour for block in columns(office.manager)[0].blocks] == ["", ""]


def test_a_request_looks_and_reads_like_one(office: Office) -> None:
    Appointment.objects.filter(pk=office.booked.pk).update(status="requested")
    page = office.manager.get(url("calendar", date=DATE)).content.decode()
    assert "block--requested" in page
    assert "Waiting for approval · First visit" in page


def test_filters_by_status_label_and_service(office: Office) -> None:
    Appointment.objects.filter(pk=office.booked.pk).update(label="VIP", name="Vera", status="arrived")
    assert titles(office.manager, label="VIP") == titles(office.manager, status="arrived") == ["Vera"]
    assert titles(office.manager, status="waiting") == []
    assert len(titles(office.manager, service="first-visit")) == 2


def test_the_address_keeps_what_was_chosen(office: Office) -> None:
    page = office.manager.get(url("calendar", date=DATE, view="week", provider="dr-ada-blum", colours="label"))
    text = page.content.decode()
    assert "view=week&amp;date=2030-03-11&amp;provider=dr-ada-blum&amp;colours=label" in text
    assert 'href="?date=2030-03-04&amp;provider=dr-ada-blum&amp;colours=label"' in text


def test_time_off_other_calendars_and_closed_days_are_shown(office: Office) -> None:
    start = to_minute(at("13:00") + TUESDAY)
    TimeOff.objects.create(
        business=office.business, provider=office.ada, start_minute=start, end_minute=start + 60, reason="Dentist"
    )
    BusyInterval.objects.create(
        business=office.business, provider=office.ada, start_minute=start + 60, end_minute=start + 120
    )
    busy = [(block.start, block.title) for block in columns(office.manager)[0].blocks if not block.is_booked]
    assert busy == [(780, "Dentist"), (840, "Busy elsewhere")]
    DateOverride.objects.create(business=office.business, date="2030-03-06", is_closed=True, note="Staff day")
    assert [column.closed for column in columns(office.manager, view="week")][2:7] == [
        "Staff day",
        "",
        "",
        *["Closed"] * 2,
    ]


def test_a_week_of_several_says_who_is_away(office: Office) -> None:
    bo = colleague(office)
    start = to_minute(at("08:00") + TUESDAY)
    TimeOff.objects.create(business=office.business, provider=bo, start_minute=start, end_minute=start + 600)
    assert [column.line for column in columns(office.manager, view="week")][:3] == ["", "Away: Dr Bo Lund 1", ""]


def test_a_calendar_that_cannot_be_reached_is_told_from_a_busy_one(office: Office) -> None:
    start = to_minute(at("13:00") + TUESDAY)
    BusyInterval.objects.create(
        business=office.business, provider=office.ada, start_minute=start, end_minute=start + 60, closes=True
    )
    assert "Calendar cannot be reached" in office.manager.get(url("calendar", date=DATE)).content.decode()


def test_public_holidays_are_named(office: Office) -> None:
    Business.objects.filter(pk=office.business.pk).update(holiday_country="CH", language="en")
    masks.raise_versions_of(office.business)
    assert columns(office.manager, date="2030-01-01")[0].closed.startswith("New Year")


def room(office: Office) -> Resource:
    """A room with two units, the first used by Cleo's appointment."""
    made = Resource.objects.create(business=office.business, slug="room-1", name="Room 1")
    units = [ResourceUnit.objects.create(resource=made, number=number) for number in (1, 2)]
    seat = Seat.objects.get(appointment=office.booked)
    span = {"start_minute": office.booked.start_minute, "end_minute": office.booked.end_minute}
    ResourceUse.objects.create(occupancy=seat.occupancy, unit=units[0], **span)
    return made


def test_by_room_an_appointment_stands_in_the_column_of_what_it_uses(office: Office) -> None:
    used = room(office)
    start = to_minute(at("12:00") + TUESDAY)
    ResourceClosure.objects.create(resource=used, start_minute=start, end_minute=start + 60, reason="Painting")
    column = columns(office.manager, by="resource")[0]
    assert [(block.title, block.line) for block in column.blocks] == [
        ("Cleo Baumann", "First visit · Dr Ada Blum"),
        ("Painting", ""),
    ]
    assert len(titles(office.manager, by="resource", view="week", resource="room-1")) == 1


def test_a_month_counts_each_day_and_names_the_first(office: Office) -> None:
    page = office.manager.get(url("calendar", date=DATE, view="month"))
    cell = next(cell for week in page.context["weeks"] for cell in week if cell.on.isoformat() == DATE)
    assert (cell.count, [entry.at for entry in cell.entries]) == (2, ["09:00", "10:00"])
    assert "2 appointments" in page.content.decode()
    assert {len(week) for week in page.context["weeks"]} == {7}


def test_a_free_hour_leads_to_booking_at_that_hour(office: Office) -> None:
    href = dict(columns(office.manager)[0].free)[660]
    service = office.manager.get(href).content.decode()
    link = next(part.split('"')[0] for part in service.split('href="') if part.startswith("/manage/book/first-visit"))
    answer = office.manager.get(link.replace("&amp;", "&"))
    assert answer.status_code == 302
    assert answer["Location"].endswith("provider=dr-ada-blum&start=2030-03-05T11%3A00%3A00Z")


def test_an_hour_that_is_taken_says_so_and_shows_the_day(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(duration_minutes=60)
    page = office.manager.get(url("book-time", "first-visit", day=DATE, provider="dr-ada-blum", time="09:00"))
    assert page.status_code == 200
    assert "This hour has no free start" in page.content.decode()


def test_what_a_change_would_meet_is_said_before_it_is_made(office: Office) -> None:
    free = check(office.manager, office, at="14:00")
    assert (free["ok"], free["title"]) == (True, "Move Cleo Baumann?")
    taken = check(office.manager, office, at="10:00")
    assert (taken["ok"], taken["code"]) == (False, "slot_taken")
    assert len(taken["nearest"]) == 4
    late = check(office.manager, office, at="22:00")
    assert (late["code"], late["nearest"][-1]["words"]) == ("outside_hours", "Tuesday 5 March, 16:30 (UTC)")
    assert check(office.manager, office, length=90)["code"] == "slot_taken"
    assert check(office.manager, office, at="14:00", length=90)["ok"]


def test_what_is_free_in_the_check_can_be_done_and_what_is_not_is_refused_with_its_code(office: Office) -> None:
    for clock in ("08:00", "09:15", "09:30", "10:00", "14:00", "16:45"):
        said = check(office.manager, office, at=clock)
        before = AuditEntry.objects.count()
        answer = change(office.manager, office, at=clock)
        assert answer.json()["ok"] == said["ok"], clock
        if said["ok"]:
            change(office.manager, office)
        else:
            assert AuditEntry.objects.count() == before


def test_checking_changes_nothing(office: Office) -> None:
    before = AuditEntry.objects.count()
    check(office.manager, office, at="14:00")
    office.booked.refresh_from_db()
    assert (office.booked.start, AuditEntry.objects.count()) == (at("09:00") + TUESDAY, before)


def test_the_free_starts_of_everybody_in_sight_come_at_once(office: Office) -> None:
    bo = colleague(office)
    answer = office.manager.get(
        url("calendar-starts", ref=office.booked.ref, date=DATE, providers=f"dr-ada-blum,{bo.slug}")
    ).json()
    assert answer["free"]["dr-ada-blum"][DATE][:4] == [480, 510, 540, 570]
    assert 600 in answer["free"][bo.slug][DATE]
    assert 600 not in answer["free"]["dr-ada-blum"][DATE]


def test_a_change_moves_resizes_and_reassigns_and_tells_how_to_undo_it(office: Office) -> None:
    bo = colleague(office)
    done = change(office.manager, office, at="13:00", length=60, provider=bo.slug).json()
    office.booked.refresh_from_db()
    assert (office.booked.start, office.booked.end) == (at("13:00") + TUESDAY, at("14:00") + TUESDAY)
    assert office.booked.provider_id == bo.pk
    assert done["undo"] == {"on": DATE, "at": "09:00", "length": 30, "provider": "dr-ada-blum"}
    change(office.manager, office, **done["undo"])
    office.booked.refresh_from_db()
    assert (office.booked.start, office.booked.provider_id) == (at("09:00") + TUESDAY, office.ada.pk)


def test_a_conflict_changes_nothing_and_offers_what_is_near(office: Office) -> None:
    answer = change(office.manager, office, at="10:00")
    office.booked.refresh_from_db()
    assert (answer.status_code, answer.json()["ok"]) == (409, False)
    assert answer.json()["nearest"][0]["words"].startswith("Tuesday 5 March")
    assert office.booked.start == at("09:00") + TUESDAY


def test_the_page_does_the_same_without_script(office: Office) -> None:
    address = url("appointment-time", office.booked.ref)
    place = {"on": DATE, "at": "10:00", "length": "30", "provider": "dr-ada-blum"}
    refused = office.manager.post(address, place)
    assert refused.status_code == 409
    assert 'type="radio" name="start" value="2030-03-05T09:00:00Z"' in refused.content.decode()
    taken = office.manager.post(address, place | {"start": "2030-03-05T11:00:00Z"}, follow=True)
    assert "now Tuesday 5 March, 11:00 – 11:30" in taken.content.decode()


def test_a_wall_clock_time_that_is_left_out_is_refused(office: Office) -> None:
    Business.objects.filter(pk=office.business.pk).update(timezone="Europe/Zurich")
    said = check(office.manager, office, on="2030-03-31", at="02:30")
    assert (said["ok"], "no such time" in said["said"]) == (False, True)


@pytest.mark.parametrize("what", [{"at": "x"}, {"on": "9999-99-99"}, {"length": "-1"}, {"provider": "nobody"}])
def test_nonsense_is_no_place(office: Office, what: dict[str, str]) -> None:
    assert check(office.manager, office, **what)["ok"] is False
    assert change(office.manager, office, **what).status_code == 422


def test_providers_move_the_own_appointments_only(office: Office) -> None:
    bo = colleague(office)
    theirs = book(office.visit, at("09:00") + TUESDAY, provider=bo)
    client = office.as_(Role.PROVIDER)
    assert change(client, office, at="14:00").json()["ok"]
    assert client.post(url("appointment-time", theirs.ref), {}, headers=AS_DATA).status_code == 404
    refused = change(client, office, at="14:00", provider=bo.slug)
    assert refused.status_code in (403, 422)


def test_a_team_member_may_change_what_they_take_part_in(office: Office) -> None:
    bo = colleague(office)
    Service.objects.filter(pk=office.visit.pk).update(assignment="all")
    office.visit.refresh_from_db()
    joint = book(office.visit, at("14:00") + TUESDAY)
    first = joint.provider_id
    other = bo if first == office.ada.pk else office.ada
    Provider.objects.filter(membership=office.staff[Role.PROVIDER]).update(membership=None)
    Provider.objects.filter(pk=other.pk).update(membership=office.staff[Role.PROVIDER])
    page = office.as_(Role.PROVIDER).get(url("appointment-time", joint.ref))
    assert page.status_code == 200


def test_a_label_is_set_and_taken_away(office: Office) -> None:
    address = url("appointment-label", office.booked.ref)
    office.manager.post(address, {"label": "New patient"})
    office.booked.refresh_from_db()
    assert office.booked.label == "New patient"
    assert office.manager.get(url("appointments", q="new pat")).context["page"].paginator.count == 1
    office.manager.post(address, {"label": ""})
    office.booked.refresh_from_db()
    assert office.booked.label == ""


def test_search_finds_by_whatever_somebody_remembers(office: Office) -> None:
    def found(words: str) -> int:
        count: int = office.manager.get(url("appointments", q=words)).context["page"].paginator.count
        return count

    Appointment.objects.filter(pk=office.booked.pk).update(
        name="Vera Lind", email="vera@example.org", phone="+41795550199"
    )
    assert found("vera") == found("VERA@example") == found("079 555 01 99") == found(office.booked.ref) == 1
    assert found("first vis") == 2
    assert found("nobody at all") == 0
