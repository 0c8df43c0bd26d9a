"""How Bookings writes lengths, times, zones and prices, in every form that was met, and how we write them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.integrations.graph_contract import answer_faults
from vestibule.booking.ports import (
    TheirAppointment,
    TheirAvailability,
    TheirCustomer,
    TheirHours,
    TheirPolicy,
    TheirQuestion,
    TheirReminder,
    TheirService,
    TheirStaff,
)
from vestibule.integrations.microsoft365 import bookings_times as times
from vestibule.integrations.microsoft365 import bookings_values as values
from vestibule.integrations.microsoft365 import bookings_visits as visits

NINE = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Monday, nine in the morning at the clinic."""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT30M", 30),
        ("PT1H", 60),
        ("PT1H30M", 90),
        ("P1D", 1440),
        ("P365D", 525_600),
        ("P1DT2H", 1560),
        ("P2W", 20_160),
        ("PT0S", 0),
        ("PT90S", 1),
        ("-PT1H", -60),
        ("-P1D", -1440),
        ("0:30:00", 30),
        ("1:30:00", 90),
        ("1 day, 0:00:00", 1440),
        ("2 days, 1:00:00", 2940),
        ("1.00:00:00", 1440),
        ("", 7),
        ("P", 7),
        ("soon", 7),
        (None, 7),
        (30, 7),
        ("P9999D", 7),
        (f"PT{'9' * 5000}M", 7),
    ],
)
def test_lengths_are_read_in_every_form(text: object, minutes: int) -> None:
    assert times.minutes(text, 7) == minutes


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "PT0M"), (30, "PT30M"), (60, "PT1H"), (90, "PT1H30M"), (1440, "P1D"), (1500, "PT25H"), (-60, "-PT1H")],
)
def test_lengths_are_written_in_the_one_form_graph_takes(minutes: int, text: str) -> None:
    assert times.length(minutes) == text
    assert times.minutes(text, 7) == minutes


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("08:00:00.0000000", 480),
        ("08:00:00", 480),
        ("8:00", 480),
        ("23:59:59.9999999", 1439),
        ("00:00:00.0", 0),
        ("24:00", 1440),
        ("24:01", None),
        ("08:60", None),
        ("eight", None),
        (None, None),
    ],
)
def test_times_of_day_are_read_with_no_to_seven_decimals(text: object, minute: int | None) -> None:
    assert times.minute_of_day(text) == minute


@pytest.mark.parametrize("end", ["00:00:00.0000000", "23:59:00", "23:59:59.9999999", "24:00:00"])
def test_hours_that_end_at_midnight_end_with_the_day(end: str) -> None:
    told = [{"day": "Sunday", "timeSlots": [{"startTime": "20:00:00", "endTime": end}]}]
    assert times.hours(told) == (TheirHours(6, 1200, 1440),)
    assert times.hours(times.written_hours(times.hours(told))) == times.hours(told)


def test_hours_that_make_no_sense_are_left_out() -> None:
    slots = [{"startTime": "17:00", "endTime": "08:00"}, {"startTime": "09:00"}, "x", {}]
    assert times.hours([{"day": "monday", "timeSlots": slots}, {"day": "someday", "timeSlots": []}, None, 3]) == ()
    assert times.hours(None) == ()


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Customized Time Zone", ""),
        ("../etc/passwd", ""),
        (None, ""),
    ],
)
def test_zones_are_known_by_both_families_of_names(name: object, zone: str) -> None:
    assert times.zone(name) == zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-03-02T17:00:00.0000000Z", "UTC"),
        ("2026-03-02T17:00:00.0000000+00:00", "UTC"),
        ("2026-03-02T18:00:00+01:00", "UTC"),
        ("2026-03-02T09:00:00.0000000", "Pacific Standard Time"),
        ("2026-03-02T09:00", "America/Los_Angeles"),
        ("2026-03-02T17:00:00", ""),
        ("2026-03-02T17:00:00.123456789", None),
    ],
)
def test_instants_are_read_with_offsets_and_with_zones_of_both_families(text: str, zone: str | None) -> None:
    assert times.instant({"dateTime": text, "timeZone": zone}) == NINE


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-02T09:00:00Z", "2026-03-02", None, 5, [], "0001-01-01T00:00:00+23:00"]
)
def test_what_is_no_instant_is_none(text: object) -> None:
    assert times.instant({"dateTime": text}) is None


def test_our_reference_stands_on_a_line_of_its_own_and_leaves_what_others_wrote() -> None:
    told = visits.with_key("Bring your passport.\r\nThank you.", "a1:2")
    assert told == "Bring your passport.\nThank you.\n[ref a1:2]"
    assert visits.key_in(told) == "a1:2"
    assert visits.key_in(told.replace("\n", "\r\n") + "\r\nSee you") == "a1:2"
    assert visits.with_key(told, "b2") == "Bring your passport.\nThank you.\n[ref b2]"
    assert visits.with_key(told, "") == "Bring your passport.\nThank you."
    assert visits.key_in("see [ref a1] there") == ""
    with pytest.raises(ValueError, match="key"):
        visits.with_key("", "a]\n[ref b")


def test_what_is_written_fits_the_published_description() -> None:
    hours = (TheirHours(0, 540, 1440),)
    dated = TheirAvailability("closed", (), date(2026, 12, 24), date(2027, 1, 1))
    policy = TheirPolicy(15, 60, 43_200, False, TheirAvailability("hours", hours), (dated,))
    reminders = (
        TheirReminder(-60, frozenset({"customer"}), "How was it?"),
        TheirReminder(60, frozenset({"customer", "staff"})),
    )
    service = TheirService(
        "", "Visit", "", 45, 5, 10, 3, policy=policy, price=0.0, reminders=reminders, questions=(("q", True),)
    )
    written = values.written_service(service)
    assert answer_faults("microsoft.graph.bookingService", written) == []
    assert values.service(written | {"id": "s"}) == replace(service, id="s")
    person = TheirStaff("", "Ada", "ada@clinic.example", "guest", "Europe/Berlin", False, hours, False)
    assert answer_faults("microsoft.graph.bookingStaffMember", values.written_staff(person)) == []
    assert values.staff(values.written_staff(person)) == person
    asked = TheirQuestion("", "How old?", ("young", "old"))
    assert answer_faults("microsoft.graph.bookingCustomQuestion", values.written_question(asked)) == []
    assert values.question(values.written_question(asked)) == asked
    customer = TheirCustomer("Jordan Miller", "jordan@home.example", "+12065550199", zone="America/Chicago")
    visit = TheirAppointment("s", NINE, NINE, staff=("p",), customers=(customer,))
    told = visits.written_appointment(visit, {})
    assert answer_faults("microsoft.graph.bookingAppointment", told) == []
    assert answer_faults("microsoft.graph.bookingCustomer", visits.new_customer(customer)) == []


@pytest.mark.parametrize(
    ("kind", "amount", "price"),
    [
        ("fixedPrice", 10.0, 10.0),
        ("FIXEDPRICE", 10, 10.0),
        ("startingAt", 5.5, 5.5),
        ("free", 0.0, 0.0),
        ("callUs", 9.0, None),
        ("notSet", 0.0, None),
        ("fixedPrice", None, None),
        (None, 3.0, None),
        ("fixedPrice", 10**400, values.DEAREST),
        ("fixedPrice", float("inf"), values.DEAREST),
        ("fixedPrice", float("nan"), values.DEAREST),
    ],
)
def test_a_price_is_known_only_where_bookings_says_a_number(kind: object, amount: object, price: float | None) -> None:
    assert values.service({"defaultPriceType": kind, "defaultPrice": amount}).price == price


def test_an_empty_answer_is_read_as_what_bookings_would_assume() -> None:
    assert values.service({"id": "s"}).minutes == 30
    assert values.business({"id": "b"}).policy == TheirPolicy()
    assert visits.appointment({"id": "a"}) is None
