"""The calendar file, read by two parsers that know nothing of each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject

from tests.notifications.letters import NINE, facts
from vestibule.notifications.facts import Audience
from vestibule.notifications.invitation import invitation
from vestibule.store import clock

LINK = "https://visits.example.org/visit?v=Jx0c6hUo3mZQ2pM1yq8sAw"
SENT = datetime(2026, 2, 27, 12, tzinfo=UTC)


def made(zone: str = "Europe/Zurich", link: str = LINK, to_name: str = "Jo Smith", **changes: Any) -> str:
    return invitation(
        facts(**changes),
        host="visits.example.org",
        zone=zone,
        to="jo@example.org",
        to_name=to_name,
        organiser="appointments@example.org",
        link=link,
        now=SENT,
    )


def event(text: str) -> icalendar.Event:
    [found] = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert isinstance(found, icalendar.Event)
    return found


def other_event(text: str) -> Any:
    return vobject.readOne(text).vevent


def test_both_parsers_read_the_same_appointment() -> None:
    text = made()
    one, other = event(text), other_event(text)
    assert one["uid"] == other.uid.value == "abcdefgh23456789@visits.example.org"
    assert one.decoded("dtstart") == other.dtstart.value == NINE
    assert one.decoded("dtend") == other.dtend.value == NINE + timedelta(minutes=30)
    assert one["summary"] == other.summary.value == "First visit with Dr Ada Blum"
    assert one["location"] == other.location.value == LINK
    assert one["url"] == other.url.value == LINK
    assert one["organizer"] == other.organizer.value == "mailto:appointments@example.org"
    assert one["attendee"] == other.attendee.value == "mailto:jo@example.org"


def test_the_times_carry_the_rules_of_their_zone() -> None:
    text = made("America/New_York")
    [zone] = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    assert zone["tzid"] == "America/New_York"
    assert "DTSTART;TZID=America/New_York:20260302T040000" in text


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/London", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2027, 1, 1, 0, 0, tzinfo=UTC)),
        ("Africa/Casablanca", datetime(2026, 2, 15, 3, 0, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 6, 1, 3, 0, tzinfo=UTC)),
        ("UTC", datetime(2026, 6, 1, 3, 0, tzinfo=UTC)),
    ],
)
def test_the_rules_of_the_zone_alone_give_the_instant(zone: str, start: datetime) -> None:
    """vobject takes offsets from the file, not from a zone database."""
    text = made(zone, start_minute=clock.to_minute(start), end_minute=clock.to_minute(start) + 30)
    assert event(text).decoded("dtstart").astimezone(UTC) == start
    assert other_event(text).dtstart.value.astimezone(UTC) == start


def test_a_move_keeps_the_entry_and_raises_its_sequence() -> None:
    first, moved = event(made()), event(made(version=1, start_minute=facts().start_minute + 60))
    assert (first["uid"], first["sequence"], moved["sequence"]) == (moved["uid"], 0, 1)
    assert icalendar.Calendar.from_ical(made())["method"] == "REQUEST"
    assert moved["status"] == "CONFIRMED"


def test_a_cancellation_takes_the_entry_out() -> None:
    text = made(version=2, status="cancelled", reason="Dr Blum is ill")
    assert icalendar.Calendar.from_ical(text)["method"] == "CANCEL"
    assert (event(text)["status"], event(text)["sequence"]) == ("CANCELLED", 2)
    assert "Reason: Dr Blum is ill" in str(event(text)["description"])


def test_the_provider_sees_the_consumer() -> None:
    assert event(made(audience=Audience.PROVIDER))["summary"] == "First visit with Jo Smith"


AWKWARD = "Zoë; “Ωmega”, 谷崎 \\ 1:2 ü" + "ß" * 90


def test_awkward_names_arrive_as_they_are() -> None:
    text = made(provider=AWKWARD, service="One, two; three", to_name=AWKWARD)
    for summary in (event(text)["summary"], other_event(text).summary.value):
        assert summary == f"One, two; three with {AWKWARD}"


def test_lines_are_folded_at_75_octets_and_end_as_the_standard_says() -> None:
    text = made(provider=AWKWARD, to_name=AWKWARD, business_name=AWKWARD)
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_name_cannot_add_a_line() -> None:
    evil = 'Jo"\r\nATTENDEE:mailto:eve@example.org\r\nX'
    text = made(consumer=evil, provider=evil, service=evil, business_name=evil, to_name=evil, location_text=evil)
    lines = text.replace("\r\n ", "").split("\r\n")
    assert [line for line in lines if line.startswith("ATTENDEE")] == [
        line for line in lines if line.endswith("mailto:jo@example.org")
    ]
    assert other_event(text).attendee.value == "mailto:jo@example.org"


def test_a_visit_in_person_names_the_place() -> None:
    text = made(location_kind="place", location_text="Seestrasse 12\n8002 Zürich")
    assert event(text)["location"] == other_event(text).location.value == "Seestrasse 12\n8002 Zürich"


def test_what_is_only_asked_for_is_published_as_tentative() -> None:
    asked = made(status="requested")
    assert "METHOD:PUBLISH" in asked
    assert "STATUS:TENTATIVE" in asked
    assert "ATTENDEE" not in asked
