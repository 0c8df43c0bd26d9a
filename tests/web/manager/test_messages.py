"""What the office sees of messages: each one's story, filters, what people wrote back, addresses, numbers."""

import csv
import io
from datetime import timedelta

from django.test import Client

from tests.web.manager.office import Office, make_office, url
from vestibule.booking import answers
from vestibule.booking.models import Appointment
from vestibule.notifications import by_program_mails, consent
from vestibule.notifications.by_program_letter import Letter
from vestibule.notifications.models import Address, Gateway, IncomingText, MessageEvent, OutboxMessage
from vestibule.notifications.ports import MailFile, Named
from vestibule.people.models import AuditEntry
from vestibule.people.permissions import Actor, ActorKind, Permission, Role
from vestibule.store import clock

PHONE, PERSON = "+41795550111", "jo@example.org"


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split("<main", 1)[1].split())


def confirmation(office: Office) -> OutboxMessage:
    found: OutboxMessage = OutboxMessage.objects.get(kind="confirmation", subject_ref=office.booked.ref)
    return found


def make(message: OutboxMessage, **values: object) -> OutboxMessage:
    OutboxMessage.objects.filter(pk=message.pk).update(**values)
    message.refresh_from_db()
    return message


def texted(office: Office, text: str, sender: str = PHONE) -> IncomingText:
    number = str(IncomingText.objects.count())
    return answers.take(office.business, external_id=number, sender=sender, receiver="", text=text)


def own_gateway(office: Office, name: str = "Our texts") -> Gateway:
    row: Gateway = Gateway.objects.create(
        business=office.business, channel="sms", kind="http", name=name, sender="x", access=""
    )
    return row


def test_an_appointment_tells_the_story_of_each_message_and_of_each_answer(office: Office) -> None:
    message = make(confirmation(office), state="done", gateway="smtp", sent_at=clock.now(), delivery="delivered")
    MessageEvent.objects.create(message=message, what="refused", gateway="First", words="421 try later")
    MessageEvent.objects.create(message=message, what="fell_back", gateway="Second")
    MessageEvent.objects.create(message=message, what="delivered", gateway="Second")
    make(message, channel="sms", to=PHONE)
    texted(office, "C")
    page = read(office.manager, url("appointment", office.booked.ref))
    steps = ["Not taken", "by “First”: 421 try later", "Handed to the next gateway", "by “Second”", "Delivered"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    for words in ("(consumer)", "“C”", "understood as: comes", "Answered: Thank you.", "<strong>Answered</strong>"):
        assert words in page
    assert [one.words for one in MessageEvent.objects.filter(what="answered")] == ["confirm"]


def test_what_a_program_sent_is_called_so_and_shown_as_it_was_written(office: Office) -> None:
    held = frozenset({Permission.CHANGE_APPOINTMENTS})
    program = Actor(ActorKind.API_KEY, "primary access key", office.business.pk, permissions=held)
    files = (MailFile("letter.pdf", "application/pdf", b"%PDF"),)
    letter = Letter("desk@clinic.example", "Your results", (Named(PERSON),), text="They <are> in.", files=files)
    begun = by_program_mails.send(program, letter)
    listed = read(office.manager, f"{url('messages')}?kind=program")
    assert "Sent by a program" in listed
    assert PERSON in listed
    page = read(office.manager, url("message", OutboxMessage.objects.get(subject_ref=begun.id).ref))
    for words in ("Sent by a program", "Your results", "They &lt;are&gt; in.", "With it: letter.pdf"):
        assert words in page
    assert "sent messages" in read(office.manager, url("activity"))


def test_what_came_too_late_says_what_kept_it(office: Office) -> None:
    message = make(confirmation(office), state="dropped", last_error="not sent in time", not_after=clock.now())
    page = url("message", message.ref)
    assert "Nothing was sent at that time, and afterwards it was too late to be of use." in read(office.manager, page)
    MessageEvent.objects.create(message=message, what="put_off", words="quiet hours")
    assert "It was put off until it was too late to be of use." in read(office.manager, page)
    MessageEvent.objects.create(message=message, what="refused", gateway="First", words="421 try later")
    assert "No gateway took it before it was too late: 421 try later" in read(office.manager, page)


def test_a_provider_reads_the_story_without_addresses_of_others(office: Office) -> None:
    message = OutboxMessage.objects.filter(subject_ref=office.booked.ref, audience="provider").earliest("pk")
    make(message, to="private@colleague.example", to_name="")
    page = read(office.as_(Role.PROVIDER), url("appointment", office.booked.ref))
    assert "somebody else" in page
    assert "private@colleague.example" not in page
    assert "private@colleague.example" in read(office.manager, url("messages"))


def test_messages_are_found_by_state_way_kind_gateway_and_day(office: Office) -> None:
    own = own_gateway(office)
    message = make(
        confirmation(office), state="done", sent_at=clock.now(), used_gateway=own, gateway="http", delivery="failed"
    )
    OutboxMessage.objects.exclude(pk=message.pk).filter(kind="confirmation").update(
        state="dropped", last_error="its owner wants no more messages"
    )
    reminder = OutboxMessage.objects.filter(kind="reminder", channel="email").earliest("pk")
    make(reminder, next_at=reminder.due_at + timedelta(hours=8))
    MessageEvent.objects.create(message=reminder, what="put_off", words="quiet hours")

    def found(**query: str) -> list[int]:
        answer = office.manager.get(url("messages", **query))
        return [told.message.pk for told in answer.context["rows"]]

    assert found(state="undelivered") == found(gateway=own.ref) == [message.pk]
    assert found(state="put_off") == [reminder.pk]
    assert message.pk not in found(state="held_back", kind="confirmation")
    assert len(found(state="held_back", kind="confirmation")) == 1
    texts = {row.pk: row.due_at for row in OutboxMessage.objects.filter(business=office.business, channel="sms")}
    day = min(texts.values()).date()
    assert set(found(channel="sms")) == set(texts)
    assert set(found(channel="sms", day=f"{day}")) == {pk for pk, due in texts.items() if due.date() == day} != set()
    assert found(day="2031-01-01") == []
    page = read(office.manager, url("messages", state="put_off"))
    assert "quiet hours" in page
    assert "its owner wants no more messages" in read(office.manager, url("messages", state="held_back"))


def test_what_is_tried_again_now_is_due_and_not_put_off(office: Office) -> None:
    message = make(confirmation(office), attempts=2, last_error="421 try later", next_at=clock.now())
    page = read(office.manager, url("message", message.ref))
    assert "Tried 2 times: 421 try later" in page
    assert "Put off" not in page
    assert not office.manager.get(url("messages", state="put_off")).context["rows"]


def test_a_message_says_what_it_said_but_opens_nothing(office: Office) -> None:
    message = confirmation(office)
    kept = "Join: http://localhost/visit?v=SECRET-TOKEN soon"
    page = read(office.manager, url("message", make(message, sent={"subject": "Booked", "text": kept}).ref))
    assert "Join: http://localhost/visit?… soon" in page
    assert "SECRET-TOKEN" not in page
    page = read(office.manager, url("message", make(message, sent={}, state="done", sent_at=clock.now()).ref))
    assert "First visit" in page
    assert "?v=" not in page


def test_the_words_of_a_sign_in_are_never_shown(office: Office) -> None:
    message = make(confirmation(office), kind="sign_in", facts={"subject": "Code", "text": "ABCD-2345"})
    page = read(office.manager, url("message", message.ref))
    assert "are not kept" in page
    assert "ABCD-2345" not in page


def test_all_that_one_gateway_refused_is_tried_again_and_noted(office: Office) -> None:
    rows = list(OutboxMessage.objects.filter(business=office.business).order_by("pk")[:3])
    for row in rows:
        make(row, state="failed", attempts=30, last_error="401 wrong key")
    for row in rows[:2]:
        MessageEvent.objects.create(message=row, what="refused", gateway="Our texts", words="401 wrong key")
    make(rows[1], not_after=clock.now() - timedelta(minutes=1))
    assert "Try all again" in read(office.manager, url("messages", state="failed"))
    office.manager.post(url("messages-retry"), {"gateway": "Our texts"})
    states = [OutboxMessage.objects.get(pk=row.pk).state for row in rows]
    assert states == ["queued", "failed", "failed"]
    assert MessageEvent.objects.filter(message=rows[0], what="retried").count() == 1
    entry = AuditEntry.objects.get(action="message.all_retried")
    assert entry.details == {"count": 1, "gateway": "Our texts"}
    assert office.as_(Role.VIEWER).post(url("messages-retry"), {"gateway": ""}).status_code == 403


def test_another_business_messages_are_not_tried_again(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    row = OutboxMessage.objects.filter(business=theirs.business).earliest("pk")
    make(row, state="failed")
    office.manager.post(url("messages-retry"), {"gateway": ""})
    assert OutboxMessage.objects.get(pk=row.pk).state == "failed"


def test_what_people_wrote_is_marked_until_it_is_seen(office: Office) -> None:
    known, unknown = texted(office, "Can I bring my dog?"), texted(office, "Hello?", "+447700900123")
    page = read(office.manager, url("incoming"))
    assert "Can I bring my dog?" in page
    assert "A number of no appointment" in page
    assert "2 text messages wait to be read" in read(office.manager, url(""))
    office.manager.post(url("incoming-seen"), {"text": [known.pk, unknown.pk, "x", 10**30]})
    assert IncomingText.objects.filter(seen_at=None).count() == 0
    assert "wait to be read" not in read(office.manager, url(""))
    assert "Hello?" not in read(office.manager, url("incoming", show="new"))
    assert AuditEntry.objects.get(action="texts.seen").details == {"count": 2}


def test_texts_to_another_business_are_not_there(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    text = texted(theirs, "Mortgage?")
    assert "Mortgage?" not in read(office.manager, url("incoming"))
    office.manager.post(url("incoming-seen"), {"text": text.pk})
    assert IncomingText.objects.get().seen_at is None


def test_an_address_that_came_back_is_right_again_but_a_stop_stays(office: Office) -> None:
    consent.record(office.business, "sms", PHONE, agrees=False, source="text", wording="STOP please")
    consent.bounced(office.business, "sms", PHONE, "unknown subscriber")
    page = read(office.manager, url("addresses"))
    for words in ("+41 79 555 01 11", "STOP please", "unknown subscriber"):
        assert words in page
    row = Address.objects.get()
    assert "Is +41795550111 right again?" in read(office.manager, url("address-right", row.pk))
    answer = office.manager.post(url("address-right", row.pk), follow=True).content.decode()
    assert "its owner wants no more" in answer
    row.refresh_from_db()
    assert (row.bounced_at, row.stopped_at is not None) == (None, True)
    assert AuditEntry.objects.filter(action="address.mended").count() == 1
    assert office.manager.post(url("address-right", row.pk)).status_code == 404


def test_consents_are_a_file_that_runs_nothing(office: Office) -> None:
    consent.record(office.business, "sms", PHONE, agrees=True, source="text", wording='=HYPERLINK("http://evil")')
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    consent.record(theirs.business, "sms", "+447700900123", agrees=True, source="text", wording="START")
    answer = office.manager.get(url("consents-file"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # it streams
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2
    assert rows[1][5].startswith("'=HYPERLINK")
    assert rows[1][1].endswith(PHONE)
    assert AuditEntry.objects.filter(action="data.exported", summary="consents").count() == 1


def test_the_next_days_are_shown_with_the_reason_for_what_stays(office: Office) -> None:
    consent.bounced(office.business, "email", office.booked.email, "550")
    answer = office.manager.get(url("messages-ahead"))
    assert answer.status_code == 200
    page = " ".join(answer.content.decode().split())
    assert "it does not exist: an earlier message came back" in page
    assert "They are kept here and reach nobody" in page
    stays = [tile.value for tile in answer.context["tiles"] if str(tile.label) == "will not go out"]
    assert int(stays[0]) >= 1
    only = office.manager.get(url("messages-ahead", only="problems"))
    assert {row.label for day in only.context["days"] for row in day.rows} <= {"Will not go out", "Goes out later"}


def test_rates_are_counted_drawn_and_downloaded(office: Office) -> None:
    message = make(confirmation(office), state="done", channel="sms", to=PHONE, gateway="http", sent_at=clock.now())
    make(message, delivery="delivered")
    texted(office, "X")
    Appointment.objects.filter(pk=office.appointments[1].pk).update(
        status="no_show", start_minute=clock.to_minute(clock.now())
    )
    answer = office.manager.get(url("message-report", by="kind"))
    line = next(row["line"] for row in answer.context["rows"] if row["label"] == "Confirmation")
    assert (line.sent, line.delivered, line.answers) == (1, 1, {"confirm": 0, "cancel": 1, "late": 0})
    assert "of 1 others" in answer.content.decode()
    file = office.manager.get(url("message-report-file", by="kind"))
    text = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # it streams
    rows = {row[0]: row for row in csv.reader(io.StringIO(text))}
    assert rows["Confirmation"][1:3] == ["1", "1"]
    assert office.manager.get(url("message-report", since="2030-03-05", until="2030-03-01")).status_code == 422
    assert office.manager.get(url("message-report-file", since="2030-03-05", until="2030-03-01")).status_code == 404


def test_a_gateway_that_fails_is_named_on_the_pages_of_messages(office: Office) -> None:
    own = own_gateway(office)
    Gateway.objects.filter(pk=own.pk).update(failing_since=clock.now(), problem="503 no capacity")
    for name in ("messages", "messages-ahead", "incoming", "addresses"):
        assert "“Our texts” takes no messages" in read(office.as_(Role.VIEWER), url(name))
    assert "See why" in read(office.manager, url("messages"))
