"""Somebody is ill; requests, follow-ups and the waitlist; files in and out: as the office sees them."""

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.booking.factories import at, book
from tests.factories import make_provider
from tests.web.manager.office import Office, url
from vestibule.booking.models import Appointment, Service, ServiceProvider, TimeOff, WaitlistEntry
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import AuditEntry, Consumer, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

TUESDAY = timedelta(days=1)
AWAY = {"provider": "dr-ada-blum", "since": "2030-03-05", "until": "2030-03-05"}
CONTACT = {"name": "Nora Lind", "email": "nora@example.org", "phone": "", "timezone": "", "note": ""}


def colleague(office: Office) -> Provider:
    bo = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    return bo


def where(office: Office) -> list[tuple[str, str]]:
    rows = Appointment.objects.filter(pk__in=[one.pk for one in office.appointments]).order_by("pk")
    return [(one.provider.name, one.status) for one in rows.select_related("provider")]


def test_an_absence_is_looked_at_before_anything_happens(office: Office) -> None:
    colleague(office)
    page = office.manager.get(url("absence", **AWAY)).content.decode()
    assert "2 appointments with Dr Ada Blum" in page
    assert page.count('<option value="with:dr-bo-lund" selected>') == 2
    assert where(office) == [("Dr Ada Blum", "booked")] * 2


def test_an_absence_moves_cancels_and_takes_the_days_off_in_one_go(office: Office) -> None:
    colleague(office)
    nine, ten = office.appointments
    chosen = {f"do-{nine.ref}": "with:dr-bo-lund", f"do-{ten.ref}": "cancel", "time_off": "on", "reason": "Ill"}
    page = office.manager.post(url("absence", **AWAY), chosen).content.decode()
    assert "2 appointments were changed" in page
    assert where(office) == [("Dr Bo Lund", "booked"), ("Dr Ada Blum", "cancelled")]
    assert TimeOff.objects.filter(provider=office.ada).count() == 1
    ten.refresh_from_db()
    assert ten.cancel_reason == "Ill"


def test_what_could_not_be_done_is_named_with_its_reason(office: Office) -> None:
    bo = colleague(office)
    nine, ten = office.appointments
    book(office.visit, at("09:00") + TUESDAY, provider=bo)
    chosen = {f"do-{nine.ref}": "with:dr-bo-lund", f"do-{ten.ref}": "with:nobody"}
    page = office.manager.post(url("absence", **AWAY), chosen).content.decode()
    assert "2 could not be changed" in page
    assert "is taken, so nothing was booked or changed" in page
    assert "not here any more" in page
    assert where(office) == [("Dr Ada Blum", "booked")] * 2


def test_a_provider_cannot_rearrange_a_colleagues_day(office: Office) -> None:
    colleague(office)
    client = office.as_(Role.PROVIDER)
    assert client.get(url("absence", **AWAY | {"provider": "dr-bo-lund"})).status_code == 422
    assert client.get(url("absence", **AWAY)).status_code == 200


def ask_for(office: Office) -> Appointment:
    Service.objects.filter(pk=office.visit.pk).update(needs_approval=True)
    office.visit.refresh_from_db()
    return book(office.visit, at("14:00") + TUESDAY)


def test_requests_wait_on_today_until_they_are_answered(office: Office) -> None:
    asked = ask_for(office)
    assert asked.status == "requested"
    page = office.manager.get(url("")).content.decode()
    assert "Cleo Baumann asks for an appointment" in page
    office.manager.post(url("appointment-approve", asked.ref), {"back": "today"})
    asked.refresh_from_db()
    assert asked.status == "booked"
    assert "asks for an appointment" not in office.manager.get(url("")).content.decode()


def test_a_request_is_declined_with_a_reason_the_consumer_reads(office: Office) -> None:
    asked = ask_for(office)
    office.manager.post(url("appointment-decline", asked.ref), {"reason": "Please call us"})
    asked.refresh_from_db()
    assert (asked.status, asked.cancel_reason) == ("cancelled", "Please call us")


def test_a_viewer_answers_no_request(office: Office) -> None:
    asked = ask_for(office)
    assert office.as_(Role.VIEWER).post(url("appointment-approve", asked.ref)).status_code == 403
    asked.refresh_from_db()
    assert asked.status == "requested"


def test_a_follow_up_is_one_step_from_the_appointment(office: Office) -> None:
    address = url("appointment-follow-up", office.booked.ref)
    start = office.manager.get(address).context["starts"][0]
    office.manager.post(address, {"start": start.isoformat()})
    made = Appointment.objects.get(follow_up_of=office.booked)
    assert (made.start, made.consumer_id) == (start, office.booked.consumer_id)
    assert "Followed by" in office.manager.get(url("appointment", office.booked.ref)).content.decode()


def test_a_follow_up_is_one_step_from_the_end_of_a_visit(office: Office) -> None:
    meeting = office.booked.meeting
    assert meeting is not None
    clock.set_to(at("09:20") + TUESDAY)
    client = office.as_(Role.PROVIDER)
    page = client.get(f"/desk/visit/{meeting.ref}/ended")
    start = page.context["follow_ups"][0].isoformat()
    answer = client.post(url("appointment-follow-up", office.booked.ref), {"start": start, "back": "desk"})
    assert answer["Location"] == f"/desk/visit/{meeting.ref}/ended"
    assert Appointment.objects.filter(follow_up_of=office.booked).count() == 1
    again = client.get(f"/desk/visit/{meeting.ref}/ended")
    assert "Follow-up booked" in again.content.decode()
    assert not again.context["follow_ups"]


def test_the_office_books_any_length_and_a_series(office: Office) -> None:
    address = url("book-contact", "first-visit", start="2030-03-06T09:00:00Z", length=45)
    office.manager.post(address, CONTACT | {"start": "2030-03-06T09:00:00Z", "length": "45"})
    made = Appointment.objects.get(email="nora@example.org")
    assert made.end_minute - made.start_minute == 45
    weekly = CONTACT | {"start": "2030-03-12T09:00:00Z", "email": "s@example.org", "repeat": "week:1", "count": "3"}
    page = office.manager.post(address, weekly)
    assert not Appointment.objects.filter(email="s@example.org").exists()
    starts = [one.start.isoformat() for one in page.context["occurrences"] if one.is_free]
    assert len(starts) == 3
    office.manager.post(address, weekly | {"starts": starts})
    assert Appointment.objects.filter(email="s@example.org").count() == 3


def test_whoever_waits_is_listed_booked_by_hand_and_then_waits_no_longer(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(has_waitlist=True)
    entry = WaitlistEntry.objects.create(
        business=office.business,
        service=office.visit,
        length_minutes=30,
        name="Wanda Wait",
        email="wanda@example.org",
        timezone="UTC",
        first=date(2030, 3, 5),
        last=date(2030, 3, 8),
        day_parts=["morning"],
    )
    assert "1 person waits for a time" in office.manager.get(url("")).content.decode()
    assert "Wanda Wait" in office.manager.get(url("waitlist")).content.decode()
    address = url("book-contact", "first-visit", start="2030-03-06T10:00:00Z", waitlist=entry.ref)
    assert 'value="Wanda Wait"' in office.manager.get(address).content.decode()
    office.manager.post(address, CONTACT | {"start": "2030-03-06T10:00:00Z"})
    assert "Wanda Wait" not in office.manager.get(url("waitlist")).content.decode()


def test_a_file_is_looked_at_then_taken_in(office: Office) -> None:
    text = b"Date;Start;Service;Name;E-mail\n2030-03-06;09:00;First visit;Nora Lind;nora@example.org\n;;;;\nx;y;z;;\n"
    upload = SimpleUploadedFile("list.csv", text, "text/csv")
    page = office.manager.post(url("transfer-import"), {"kind": "appointments", "provider": "", "file": upload})
    assert "1 line can be taken in" in page.content.decode()
    assert not Appointment.objects.filter(email="nora@example.org").exists()
    kept = {"kept": page.context["kept"].ref, "kind": "appointments"}
    office.manager.post(url("transfer-import"), kept)
    assert Appointment.objects.get(email="nora@example.org").start == at("09:00") + 2 * TUESDAY
    assert office.manager.post(url("transfer-import"), kept).status_code == 404


def test_a_file_that_cannot_be_read_says_why(office: Office) -> None:
    for content in (b"", b"\x00\x01\x02", b"Name\nNora\n", b"x" * (5 * 1024 * 1024 + 1)):
        upload = SimpleUploadedFile("list.csv", content)
        answer = office.manager.post(url("transfer-import"), {"kind": "consumers", "provider": "", "file": upload})
        assert answer.status_code == 422
    assert AuditEntry.objects.filter(action__startswith="data.").count() == 0


def test_consumers_go_out_inert_and_it_is_written_down(office: Office) -> None:
    Consumer.objects.update(name="@SUM(A1)")
    answer: Any = office.manager.get(url("transfer-consumers"))
    text = b"".join(answer.streaming_content).decode()
    assert "'@SUM(A1),cleo@example.org" in text
    assert AuditEntry.objects.get(action="data.exported").summary == "consumers"


def test_a_calendar_of_a_stretch_goes_out(office: Office) -> None:
    answer = office.manager.get(
        url("transfer-calendar", since="2030-03-05", until="2030-03-05", provider="dr-ada-blum")
    )
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer.content.count(b"BEGIN:VEVENT") == 2


def test_conflicts_after_a_rule_change_are_listed_with_their_reason(office: Office) -> None:
    office.business.weekly_hours.filter(weekday=1).delete()
    before = OutboxMessage.objects.count()
    assert "2 appointments no longer fit the rules" in office.manager.get(url("")).content.decode()
    listed = office.manager.get(url("appointments", needs="rules"))
    assert [bool(row.why) for row in listed.context["page"]] == [True, True]
    assert (where(office), OutboxMessage.objects.count()) == ([("Dr Ada Blum", "booked")] * 2, before)
    clock.set_to(at("06:00"))
