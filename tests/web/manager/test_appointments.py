"""Appointments in the office: found, looked at, booked for somebody, moved, cancelled, settled."""

from datetime import timedelta
from typing import Any

from tests.booking.factories import at, book
from tests.factories import make_provider
from tests.web.manager.office import Office, url
from vestibule.booking.models import Appointment, Service, ServiceProvider, TimeOff
from vestibule.notifications.models import OutboxMessage
from vestibule.people.models import Provider
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.store.clock import to_minute

TUESDAY = timedelta(days=1)
CONTACT = {"name": "Nora Lind", "email": "nora@example.org", "phone": "", "timezone": "", "note": "Rang us"}


def names(page: Any) -> list[str]:
    return [row.name for row in page.context["page"]]


def test_coming_appointments_come_in_order_and_past_ones_the_latest_first(office: Office) -> None:
    Appointment.objects.filter(pk=office.appointments[1].pk).update(name="Samir Khan")
    assert names(office.manager.get(url("appointments"))) == ["Cleo Baumann", "Samir Khan"]
    assert names(office.manager.get(url("appointments", when="past"))) == []
    clock.set_to(at("12:00") + TUESDAY)
    assert names(office.manager.get(url("appointments", when="past"))) == ["Samir Khan", "Cleo Baumann"]


def test_filters_narrow_the_list(office: Office) -> None:
    Appointment.objects.filter(pk=office.appointments[1].pk).update(name="Samir Khan", status="no_show")

    def found(**query: str) -> list[str]:
        return names(office.manager.get(url("appointments", when="all", **query)))

    assert found(q="SAMIR") == found(status="no_show") == ["Samir Khan"]
    assert found(q="cleo@example.org", status="booked") == ["Cleo Baumann"]
    assert found(since="2030-03-06") == found(until="2030-03-04") == []
    assert len(found(since="2030-03-05", until="2030-03-05", provider="dr-ada-blum", service="first-visit")) == 2


def test_the_file_says_the_same_and_runs_nowhere(office: Office) -> None:
    Appointment.objects.filter(pk=office.booked.pk).update(name="=HYPERLINK(1)")
    answer: Any = office.manager.get(url("appointments-file", when="all"))
    text = b"".join(answer.streaming_content).decode()
    assert answer["Content-Type"].startswith("text/csv")
    assert text.count("\r\n") == 3
    assert "2030-03-05,09:00,09:30,UTC,First visit,Dr Ada Blum,'=HYPERLINK(1),cleo@example.org" in text


def test_providers_see_their_own_appointments_only(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    theirs = book(office.visit, at("09:00") + TUESDAY, provider=bo)
    client = office.as_(Role.PROVIDER)
    assert names(client.get(url("appointments"))) == ["Cleo Baumann", "Cleo Baumann"]
    assert client.get(url("appointment", theirs.ref)).status_code == 404
    assert "Dr Bo Lund" not in client.get(url("calendar", date="2030-03-05")).content.decode()


def test_an_appointment_tells_its_story(office: Office) -> None:
    office.manager.post(url("appointment-cancel", office.booked.ref), {"reason": "The doctor is ill."})
    page = office.manager.get(url("appointment", office.booked.ref)).content.decode()
    for words in ("A consumer", "Cancelled", "The doctor is ill.", "Confirmation", "No longer wanted", "+41795550111"):
        assert words in page, words


def test_cancelling_asks_first_and_tells_both_sides(office: Office) -> None:
    address = url("appointment-cancel", office.booked.ref)
    assert "This cannot be undone" in office.manager.get(address).content.decode()
    assert Appointment.objects.get(pk=office.booked.pk).status == "booked"
    office.manager.post(address, {"reason": "The doctor is ill."})
    cancelled = Appointment.objects.get(pk=office.booked.pk)
    assert (cancelled.status, cancelled.cancel_reason, cancelled.cancelled_by) == (
        "cancelled",
        "The doctor is ill.",
        "business",
    )
    assert OutboxMessage.objects.filter(subject_ref=cancelled.ref, kind="cancelled").exists()
    assert office.manager.post(address, {"reason": ""}).status_code == 422


def test_an_appointment_is_moved_to_a_time_shown(office: Office) -> None:
    address = url("appointment-move", office.booked.ref, day="2030-03-06")
    page = office.manager.get(address).content.decode()
    assert 'value="2030-03-06T08:00:00Z"' in page
    office.manager.post(address, {"start": "2030-03-06T08:00:00Z"})
    assert Appointment.objects.get(pk=office.booked.pk).start == at("08:00") + 2 * TUESDAY
    told = office.manager.get(url("appointment", office.booked.ref)).context["changes"]
    assert [(one.status, one.previous, one.start) for one in told] == [
        ("booked", None, None),
        ("", office.booked.start, at("08:00") + 2 * TUESDAY),
    ]


def test_the_own_time_does_not_stand_in_the_way_of_a_move(office: Office) -> None:
    Service.objects.update(interval_minutes=15)
    page = office.manager.get(url("appointment-move", office.booked.ref, day="2030-03-05")).content.decode()
    assert 'value="2030-03-05T09:15:00Z"' in page
    assert 'value="2030-03-05T10:15:00Z"' not in page


def test_a_move_onto_somebody_else_is_refused_with_what_is_free(office: Office) -> None:
    address = url("appointment-move", office.booked.ref, day="2030-03-05")
    page = office.manager.post(address, {"start": "2030-03-05T10:00:00Z"})
    assert page.status_code == 409
    assert "is taken, so nothing was booked or changed" in page.content.decode()
    assert Appointment.objects.get(pk=office.booked.pk).start == at("09:00") + TUESDAY


def test_somebody_else_takes_an_appointment_over(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    address = url("appointment-move", office.booked.ref, day="2030-03-05", provider="dr-bo-lund")
    office.manager.post(address, {"start": "2030-03-05T10:00:00Z"})
    moved = Appointment.objects.get(pk=office.booked.pk)
    assert (moved.provider, moved.start) == (bo, at("10:00") + TUESDAY)


def test_an_appointment_of_somebody_who_left_goes_to_somebody_who_is_there(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    Provider.objects.filter(pk=office.ada.pk).update(is_active=False)
    address = url("appointment-move", office.booked.ref)
    page = office.manager.get(address)
    assert (page.status_code, page.context["provider"]) == (200, bo)
    office.manager.post(address, {"start": "2030-03-05T09:00:00Z"})
    moved = Appointment.objects.get(pk=office.booked.pk)
    assert (moved.provider, moved.start) == (bo, at("09:00") + TUESDAY)


def test_a_visit_is_settled_from_today_and_corrected(office: Office) -> None:
    clock.set_to(at("12:00") + TUESDAY)
    assert "Did Cleo Baumann come?" in office.manager.get(url("")).content.decode()
    answer = office.manager.post(url("appointment-no-show", office.booked.ref), {"back": "today"})
    assert answer["Location"] == url("")
    assert Appointment.objects.get(pk=office.booked.pk).status == "no_show"
    office.manager.post(url("appointment-complete", office.booked.ref))
    assert Appointment.objects.get(pk=office.booked.pk).status == "completed"


def test_what_waits_for_the_office_stands_on_today(office: Office) -> None:
    start = to_minute(at("08:00") + TUESDAY)
    TimeOff.objects.create(business=office.business, provider=office.ada, start_minute=start, end_minute=start + 100)
    OutboxMessage.objects.filter(kind="confirmation").update(state="failed", last_error="550 no such mailbox")
    page = office.manager.get(url("")).content.decode()
    assert "1 appointment no longer fits the rules" in page
    assert "2 messages could not be sent" in page
    assert len(names(office.manager.get(url("appointments", needs="rules")))) == 1
    Provider.objects.filter(pk=office.ada.pk).update(is_active=False)
    assert "2 appointments are with somebody who left" in office.manager.get(url("")).content.decode()


def test_booking_for_somebody_takes_service_time_and_contact(office: Office) -> None:
    client = office.manager
    assert url("book-time", "first-visit") in client.get(url("book")).content.decode()
    times = client.get(url("book-time", "first-visit", day="2030-03-06")).content.decode()
    link = url("book-contact", "first-visit") + "?start=2030-03-06T08%3A30%3A00Z"
    assert link in times
    assert "Wednesday 6 March, 08:30" in client.get(link).content.decode()
    answer = client.post(link, CONTACT | {"start": "2030-03-06T08:30:00Z"}, follow=True)
    booked = Appointment.objects.get(email="nora@example.org")
    assert (booked.start, booked.booked_via, booked.note) == (at("08:30") + 2 * TUESDAY, "manage", "Rang us")
    assert "A confirmation goes to nora@example.org" in answer.content.decode()


def test_a_time_taken_meanwhile_offers_others_and_keeps_what_was_typed(office: Office) -> None:
    address = url("book-contact", "first-visit")
    page = office.manager.post(address, CONTACT | {"start": "2030-03-05T09:00:00Z"})
    text = page.content.decode()
    assert page.status_code == 409
    assert 'value="Nora Lind"' in text
    assert "Rang us" in text
    assert 'type="radio" name="start" value="2030-03-05T09:30:00Z"' in text
    assert office.manager.post(address, CONTACT | {"start": "2030-03-05T09:30:00Z"}).status_code == 302
    assert Appointment.objects.get(email="nora@example.org").start == at("09:30") + TUESDAY


def test_the_office_books_what_consumers_may_not(office: Office) -> None:
    Service.objects.update(visibility="hidden", notice_minutes=7 * 24 * 60)
    link = url("book-contact", "first-visit")
    office.manager.post(link, CONTACT | {"start": "2030-03-04T08:00:00Z"})
    assert Appointment.objects.get(email="nora@example.org").start == at("08:00")


def test_a_wrong_address_is_sent_back_to_its_question(office: Office) -> None:
    data = CONTACT | {"start": "2030-03-06T08:30:00Z", "email": "nora at example"}
    page = office.manager.post(url("book-contact", "first-visit"), data)
    assert page.status_code == 422
    assert page.context["form"].errors["email"][0].startswith("This is not an e-mail address")
    assert not Appointment.objects.filter(name="Nora Lind").exists()


def test_what_the_service_asks_is_asked_of_the_office_too(office: Office) -> None:
    question = {"id": "reason", "type": "text", "label": "Why?", "help": "", "required": True, "choices": []}
    Service.objects.update(questions=[question])
    data = CONTACT | {"start": "2030-03-06T08:30:00Z"}
    assert office.manager.post(url("book-contact", "first-visit"), data).status_code == 422
    office.manager.post(url("book-contact", "first-visit"), data | {"answers.reason": "Cough <b>"})
    booked = Appointment.objects.get(email="nora@example.org")
    assert booked.answers == {"reason": "Cough <b>"}
    assert "Cough &lt;b&gt;" in office.manager.get(url("appointment", booked.ref)).content.decode()


def test_somebody_who_was_here_before_is_found(office: Office) -> None:
    address = url("book-contact", "first-visit", start="2030-03-06T08:30:00Z", who="cleo")
    page = office.manager.get(address).content.decode()
    ref = office.booked.consumer.ref
    assert f"consumer={ref}" in page
    page = office.manager.get(f"{address}&consumer={ref}").content.decode()
    assert 'value="cleo@example.org"' in page


def test_providers_book_themselves_and_nobody_else(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    client, data = office.as_(Role.PROVIDER), CONTACT | {"start": "2030-03-06T08:30:00Z"}
    address = url("book-contact", "first-visit")
    assert client.post(address, data | {"provider": "dr-bo-lund"}).status_code == 404
    assert client.post(address, data).status_code == 403
    assert client.post(address, data | {"provider": "dr-ada-blum"}).status_code == 302


def test_the_confirmation_is_sent_again_with_the_same_links(office: Office) -> None:
    office.manager.post(url("appointment-resend", office.booked.ref))
    office.manager.post(url("appointment-resend", office.booked.ref))
    told = OutboxMessage.objects.filter(subject_ref=office.booked.ref, kind="confirmation").order_by("pk")
    assert len({message.key for message in told}) == 3
    assert len({message.facts["manage_link"] for message in told}) == 1


def test_a_day_shows_who_comes_to_whom_and_a_week_what_comes_when(office: Office) -> None:
    day = office.manager.get(url("calendar", date="2030-03-05"))
    (column,) = day.context["columns"]
    assert [(block.clock, block.title) for block in column.blocks] == [
        ("09:00", "Cleo Baumann"),
        ("10:00", "Cleo Baumann"),
    ]
    assert [(one.start, one.end) for one in column.open] == [(480, 1020)]
    week = office.manager.get(url("calendar", date="2030-03-05", view="week")).context["columns"]
    assert [len(column.blocks) for column in week] == [0, 2, 0, 0, 0, 0, 0]
    assert [bool(column.open) for column in week] == [True] * 5 + [False] * 2


def test_a_free_hour_of_the_calendar_leads_to_booking_it(office: Office) -> None:
    page = office.manager.get(url("calendar", date="2030-03-05")).content.decode()
    assert 'href="/manage/book?day=2030-03-05&amp;provider=dr-ada-blum"' in page
    assert "week__free" not in office.as_(Role.VIEWER).get(url("calendar", date="2030-03-05")).content.decode()


def test_time_off_and_closed_days_show_in_the_calendar(office: Office) -> None:
    start = to_minute(at("12:00") + TUESDAY)
    TimeOff.objects.create(
        business=office.business, provider=office.ada, start_minute=start, end_minute=start + 60, reason="Dentist"
    )
    (column,) = office.manager.get(url("calendar", date="2030-03-05")).context["columns"]
    assert [(block.title, block.look) for block in column.blocks if not block.href] == [("Dentist", "busy")]
