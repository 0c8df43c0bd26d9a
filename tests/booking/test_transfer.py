"""Files in and out: each line gets a verdict before anything is written, and nothing that comes out can run."""

import pytest

from tests.booking.factories import at, book, make_service, open_on_weekdays
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import diaries
from vestibule.booking.models import Appointment
from vestibule.booking.transfer import busy, exporting, importing, tables
from vestibule.booking.transfer.lines import Plan
from vestibule.calendars.models import BusyInterval
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Consumer
from vestibule.people.permissions import Actor, Role
from vestibule.store import clock
from vestibule.store.clock import to_minute

pytestmark = pytest.mark.django_db
HEADING = "Date,Start,Service,Name,E-mail,Provider\n"


class House:
    """A clinic on a Monday at six with Dr Ada Blum, who offers "First visit", half an hour."""

    def __init__(self) -> None:
        clock.set_to(at("06:00"))
        diaries.forget()
        self.business = make_business(slug="lakeside-clinic")
        open_on_weekdays(self.business)
        self.ada = make_provider(business=self.business, slug="dr-ada-blum")
        self.service = make_service(providers=[self.ada], name="First visit", slug="first-visit")

    @property
    def manager(self) -> Actor:
        return manager_of(self.business)

    def plan(self, text: str, encoding: str = "utf-8") -> Plan:
        return importing.plan_appointments(self.manager, self.business, text.encode(encoding))

    def verdicts(self, *lines: str) -> list[str]:
        return [str(line.state) for line in self.plan(HEADING + "\n".join(lines)).lines]


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_however_it_was_saved(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Name", "E-Mail"]) + "\r\n" + delimiter.join(["Zoë Müller", "zoe@example.org"]) + "\r\n"
    table = tables.read(text.encode(encoding), importing.KNOWN)
    assert table.rows == [(2, {"Name": "Zoë Müller", "E-mail": "zoe@example.org"})]


def test_cells_keep_their_delimiters_and_line_breaks() -> None:
    table = tables.read(b'Name;Note\n"Lind; Nora";"two\nlines"\n', importing.KNOWN)
    assert table.rows == [(2, {"Name": "Lind; Nora", "Note": "two\nlines"})]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01", b"Name\n" + b"x\n" * 5001, b"x" * (5 * 1024 * 1024 + 1)],
    ids=["nothing", "a picture", "too many lines", "too large"],
)
def test_what_is_no_table_or_too_much_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        tables.read(content, importing.KNOWN)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_that_comes_out_is_a_formula_and_it_comes_back_as_it_was(cell: str) -> None:
    lines = list(tables.written(["Name"], [[cell]]))
    assert lines[0] == "\ufeffName\r\n"
    assert lines[1].lstrip('"').startswith("'")
    back = tables.read("".join(lines).encode(), importing.KNOWN)
    assert [cells["Name"] for _number, cells in back.rows] == [cell.rstrip() if cell.strip() else cell]


def test_a_free_time_is_new_and_planning_writes_nothing(house: House) -> None:
    plan = house.plan(HEADING + "2030-03-05,09:00,First visit,Nora Lind,nora@example.org,Dr Ada Blum\n")
    assert [line.title for line in plan.new] == ["Nora Lind, 2030-03-05 09:00"]
    assert not Appointment.objects.exists()


def test_each_line_says_why_it_cannot_be(house: House) -> None:
    plan = house.plan(
        HEADING
        + "2030-03-05,09:00,Nothing,Nora Lind,nora@example.org,\n"
        + "2030-03-05,09:00,First visit,Nora Lind,nobody,\n"
        + "05/03/2030,09:00,First visit,Nora Lind,nora@example.org,\n"
        + "2030-03-05,22:00,First visit,Nora Lind,nora@example.org,\n"
        + "2030-03-05,09:00,First visit,Nora Lind,nora@example.org,Dr Who\n"
    )
    said = [line.sentence for line in plan.lines]
    assert [line.state for line in plan.lines] == ["refused"] * 5
    assert "no service called" in said[0]
    assert "e-mail address" in said[1]
    assert "is no date" in said[2]
    assert "working hours" in said[3]
    assert "nobody called" in said[4]


def test_two_lines_for_one_time_clash_in_the_plan(house: House) -> None:
    one = "2030-03-05,09:00,First visit,Nora Lind,nora@example.org,Dr Ada Blum"
    other = "2030-03-05,09:00,First visit,Ben Ott,ben@example.org,Dr Ada Blum"
    assert house.verdicts(one, other) == ["new", "refused"]


def test_what_is_here_already_or_over_is_skipped(house: House) -> None:
    book(house.service, at("09:00"))
    here = Appointment.objects.get()
    plan = house.plan(
        "Reference,Date,Start,Service,Name,E-mail,Status\n"
        f"{here.ref},2030-03-09,09:00,First visit,Cleo,cleo@example.org,booked\n"
        ",2030-03-04,09:00,First visit,Cleo Baumann,CLEO@example.org,booked\n"
        ",2030-03-05,09:00,First visit,Cleo Baumann,cleo@example.org,cancelled\n"
        ",2029-03-05,09:00,First visit,Cleo Baumann,cleo@example.org,booked\n"
    )
    assert [line.state for line in plan.lines] == ["skipped"] * 4


def test_taking_in_books_like_anybody_with_messages_and_an_audit_entry(house: House) -> None:
    plan = house.plan(
        "Datum;Beginn;Ende;Leistung;Name;E-Mail;Label\n"
        "05.03.2030;09:00;10:00;first-visit;Nora Lind;nora@example.org;New patient\n"
    )
    importing.take_appointments(house.manager, house.business, plan)
    booked = Appointment.objects.get()
    assert (booked.name, booked.end - booked.start, booked.booked_via) == (
        "Nora Lind",
        booked.end - booked.start,
        "import",
    )
    assert (booked.end_minute - booked.start_minute, booked.label) == (60, "New patient")
    assert OutboxMessage.objects.filter(kind="confirmation", to="nora@example.org").exists()
    assert AuditEntry.objects.get(action="data.imported").details == {"new": 1, "skipped": 0, "refused": 0}


def test_a_time_taken_between_plan_and_import_is_refused_and_the_others_go_on(house: House) -> None:
    plan = house.plan(
        HEADING
        + "2030-03-05,09:00,First visit,Nora Lind,nora@example.org,\n"
        + "2030-03-05,10:00,First visit,Ben Ott,ben@example.org,\n"
    )
    book(house.service, at("09:00").replace(day=5))
    done = importing.take_appointments(house.manager, house.business, plan)
    assert [line.state for line in done.lines] == ["refused", "new"]
    assert Appointment.objects.filter(name="Ben Ott").count() == 1


def test_a_file_may_be_taken_in_twice(house: House) -> None:
    text = HEADING + "2030-03-05,09:00,First visit,Nora Lind,nora@example.org,\n"
    importing.take_appointments(house.manager, house.business, house.plan(text))
    assert [line.state for line in house.plan(text).lines] == ["skipped"]


def test_what_comes_out_goes_in_again_and_changes_nothing(house: House) -> None:
    book(house.service, at("09:00"))
    rows = Appointment.objects.select_related("service", "provider")
    text = "".join(exporting.appointment_lines(rows, "UTC"))
    assert [line.state for line in house.plan(text).lines] == ["skipped"]


def test_consumers_are_known_by_their_address(house: House) -> None:
    book(house.service, at("09:00"))
    text = b"Name,E-mail\nCleo,CLEO@example.org\nNora Lind,nora@example.org\nNora again,nora@example.org\n"
    plan = importing.plan_consumers(house.manager, house.business, text)
    assert [line.state for line in plan.lines] == ["skipped", "new", "skipped"]
    importing.take_consumers(house.manager, house.business, plan)
    assert sorted(Consumer.objects.values_list("name", flat=True)) == ["Cleo Baumann", "Nora Lind"]
    assert not OutboxMessage.objects.filter(to="nora@example.org").exists()


def test_busy_times_close_the_time_until_they_are_taken_out(house: House) -> None:
    plan = busy.plan_table(
        house.manager, house.business, b"Provider,Date,Start,End\nDr Ada Blum,2030-03-05,08:00,17:00\n"
    )
    busy.take(house.manager, house.business, plan)
    assert house.verdicts("2030-03-05,09:00,First visit,Nora Lind,nora@example.org,") == ["refused"]
    assert [(one.slug, many) for one, many in busy.taken_in(house.manager, house.business)] == [("dr-ada-blum", 1)]
    assert busy.take_out(house.manager, house.ada) == 1
    assert house.verdicts("2030-03-05,09:00,First visit,Nora Lind,nora@example.org,") == ["new"]


def test_a_busy_line_without_times_is_the_whole_day(house: House) -> None:
    plan = busy.plan_table(house.manager, house.business, b"Date\n2030-03-05\n", house.ada)
    what = plan.new[0].what
    assert (what["start_minute"], what["end_minute"] - what["start_minute"]) == (to_minute(at("00:00")) + 1440, 1440)


CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y//EN\r
BEGIN:VEVENT\r
UID:1@x\r
DTSTAMP:20300301T000000Z\r
DTSTART:20300305T090000Z\r
DTEND:20300305T100000Z\r
RRULE:FREQ=DAILY;COUNT=3\r
SUMMARY:Conference\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@x\r
DTSTAMP:20300301T000000Z\r
DTSTART:20300306T120000Z\r
DTEND:20300306T130000Z\r
TRANSP:TRANSPARENT\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_calendar_comes_in_as_busy_time_once(house: House) -> None:
    plan = busy.plan_calendar(house.manager, house.business, CALENDAR, house.ada)
    assert len(plan.new) == 3
    busy.take(house.manager, house.business, plan)
    assert BusyInterval.objects.filter(source="import").count() == 3
    again = busy.plan_calendar(house.manager, house.business, CALENDAR, house.ada)
    assert [line.state for line in again.lines] == ["skipped"] * 3


def test_what_is_no_calendar_is_refused_with_a_sentence(house: House) -> None:
    with pytest.raises(Invalid):
        busy.plan_calendar(house.manager, house.business, b"Name,E-mail\n", house.ada)


def test_a_calendar_comes_out_with_the_references_of_invitations(house: House) -> None:
    booked = book(house.service, at("09:00"))
    text = exporting.calendar(house.manager, house.business, at("00:00"), at("23:00"), house.ada).decode()
    assert f"UID:{booked.ref}@" in text
    assert "DTSTART:20300304T090000Z" in text
    assert (
        "BEGIN:VEVENT" not in exporting.calendar(house.manager, house.business, at("10:00"), at("23:00"), None).decode()
    )


def test_a_kept_file_is_there_for_its_own_business_only(house: House) -> None:
    kept = importing.keep(house.manager, house.business, b"Name,E-mail\n")
    assert importing.kept(house.manager, kept.ref) == b"Name,E-mail\n"
    with pytest.raises(NotFound):
        importing.kept(manager_of(make_business()), kept.ref)
    importing.forget(house.manager, kept.ref)
    with pytest.raises(NotFound):
        importing.kept(house.manager, kept.ref)


def test_whoever_may_not_change_appointments_takes_nothing_in_or_out(house: House) -> None:
    viewer = manager_of(house.business, role=Role.VIEWER)
    for attempt in (
        lambda: importing.plan_consumers(viewer, house.business, b"Name,E-mail\n"),
        lambda: importing.plan_appointments(viewer, house.business, b"Name\n"),
        lambda: busy.plan_table(viewer, house.business, b"Date\n"),
        lambda: busy.take(viewer, house.business, Plan([])),
        lambda: exporting.consumer_lines(viewer),
        lambda: exporting.calendar(viewer, house.business, at("00:00"), at("23:00"), None),
    ):
        with pytest.raises(NotPermitted):
            attempt()
