"""One's own appointment, in every state: what can be done, what cannot, and what comes next."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.booking.factories import book, make_service
from tests.factories import make_business, make_provider
from tests.web.consumer.pages import MONDAY, holding, path_of, text_of, words_of
from vestibule.booking import documents, lifecycle, requests
from vestibule.booking.models import Appointment, Document, Location, Service
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.meetings.models import Participant
from vestibule.notifications.models import MessageEvent, OutboxMessage
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 a letter"
QUESTIONS: list[dict[str, Any]] = [
    {"id": "reason", "type": "text", "label": "Why?", "required": False, "help": "", "choices": []},
    {"id": "letter", "type": "file", "label": "The letter", "required": False, "help": "", "choices": []},
    {"id": "yes", "type": "consent", "label": "I agree", "text": "", "version": "1", "required": True},
]


@pytest.fixture(autouse=True)
def friday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=3))


def pdf(name: str = "letter.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def requested(**values: Any) -> Appointment:
    return book(make_service(needs_approval=True, **values), MONDAY)


class TestRequests:
    def test_a_request_says_that_it_waits_and_until_when(self, client: Client) -> None:
        page = words_of(holding(client, requested()).get("/appointment"))
        assert "Waiting for an answer" in page
        assert "You hear from us by then, either way." in page
        assert "Check camera" not in page
        assert "Add to calendar" not in page

    def test_a_request_can_be_withdrawn(self, client: Client) -> None:
        holding(client, requested())
        assert "Withdraw your request?" in words_of(client.get("/appointment/cancel"))
        page = client.post("/appointment/cancel", follow=True)
        assert "You withdrew this request" in words_of(page)

    def test_a_request_turned_down_offers_another_time(self, client: Client) -> None:
        appointment = requested()
        holding(client, appointment)
        requests.decline(SYSTEM, appointment, reason="Please see your doctor first")
        page = client.get("/appointment")
        assert "This time could not be confirmed" in words_of(page)
        assert "Please see your doctor first" in words_of(page)
        assert f'href="{path_of(appointment.service)}?provider=' in text_of(page)

    def test_an_approved_request_is_an_appointment_like_any_other(self, client: Client) -> None:
        appointment = requested()
        holding(client, appointment)
        requests.approve(SYSTEM, appointment)
        page = words_of(client.get("/appointment"))
        assert "Your appointment" in page
        assert "Check camera and microphone" in page


class TestChanging:
    def test_a_moved_appointment_says_so(self, client: Client) -> None:
        holding(client, book(make_service(), MONDAY))
        answer = client.post("/appointment/move", {"start": "2030-03-05T09:00:00Z"}, follow=True)
        assert "Your appointment is moved" in words_of(answer)

    def test_moving_keeps_the_length_and_does_not_ask_for_it(self, client: Client) -> None:
        service = make_service(lengths=[60])
        appointment = book(service, MONDAY, length_minutes=60)
        page = holding(client, appointment).get("/appointment/move")
        assert page.context["lengths"] == []
        client.post("/appointment/move", {"start": "2030-03-05T09:00:00Z"})
        appointment.refresh_from_db()
        assert appointment.end_minute - appointment.start_minute == 60

    def test_within_the_notice_one_can_still_say_that_one_cannot_come(self, client: Client) -> None:
        appointment = book(make_service(), MONDAY)
        holding(client, appointment)
        clock.set_to(MONDAY - timedelta(hours=1))
        assert "I cannot come" in words_of(client.get("/appointment"))
        assert "It is short notice" in words_of(client.get("/appointment/cancel"))
        client.post("/appointment/cancel", {"reason": "I am ill"})
        appointment.refresh_from_db()
        assert (appointment.status, appointment.cancelled_by, appointment.cancel_reason) == (
            "cancelled",
            "consumer",
            "I am ill",
        )

    def test_who_was_missed_is_led_to_another_time_with_the_same_person(self, client: Client) -> None:
        business_of_two = make_service()
        appointment = book(business_of_two, MONDAY)
        holding(client, appointment)
        clock.set_to(MONDAY + timedelta(minutes=20))
        lifecycle.no_show(SYSTEM, appointment)
        page = client.get("/appointment")
        assert "We missed you" in words_of(page)
        assert f"{path_of(business_of_two)}?provider={appointment.provider.slug}" in text_of(page)

    def test_a_service_that_is_gone_leads_to_all_services(self, client: Client) -> None:
        appointment = book(make_service(), MONDAY)
        lifecycle.cancel(SYSTEM, appointment)
        Service.objects.update(is_active=False)
        page = text_of(holding(client, appointment).get("/appointment"))
        assert f'href="/book/{appointment.business.slug}"' in page

    def test_calendars_on_the_web_are_told_no_secret(self, client: Client) -> None:
        page = holding(client, book(make_service(), MONDAY)).get("/appointment")
        hrefs = [one["href"] for one in page.context["calendars"]]
        assert "20300304T090000Z%2F20300304T093000Z" in hrefs[0]
        assert not any("v%3D" in href or "visit" in href for href in hrefs)


class TestAnswers:
    def test_answers_change_until_the_visit_and_consents_stay(self, client: Client) -> None:
        service = make_service(questions=QUESTIONS)
        appointment = book(service, MONDAY, answers={"yes": True})
        holding(client, appointment)
        assert "2 questions are open." in words_of(client.get("/appointment"))
        page = client.get("/appointment/answers")
        assert "answers.yes" not in text_of(page)
        sent = client.post("/appointment/answers", {"answers.reason": "A cough", "file.letter": pdf()}, follow=True)
        assert "Your answers are saved." in words_of(sent)
        appointment.refresh_from_db()
        document = Document.objects.get()
        assert appointment.answers == {"yes": True, "reason": "A cough", "letter": document.ref}
        assert document.appointment == appointment
        assert "letter.pdf" in words_of(client.get("/appointment/answers"))

    def test_an_answer_that_cannot_be_read_is_said_beside_it(self, client: Client) -> None:
        number = {"id": "age", "type": "number", "label": "Age", "required": False, "help": "", "choices": []}
        holding(client, book(make_service(questions=[number]), MONDAY))
        answer = client.post("/appointment/answers", {"answers.age": "old"})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["answers.age"]

    def test_after_the_end_nothing_is_asked(self, client: Client) -> None:
        holding(client, book(make_service(questions=QUESTIONS[:1]), MONDAY))
        clock.set_to(MONDAY + timedelta(hours=1))
        assert "Answer our questions" not in words_of(client.get("/appointment"))
        assert client.get("/appointment/answers").status_code == 302


class TestFiles:
    def test_a_file_is_sent_seen_downloaded_and_taken_away(self, client: Client) -> None:
        holding(client, book(make_service(), MONDAY))
        page = client.post("/appointment/documents", {"file": pdf("Überweisung.pdf")}, follow=True)
        assert "Überweisung.pdf" in words_of(page)
        document = Document.objects.get()
        read = client.get(f"/appointment/documents/{document.ref}")
        assert read.content == PDF
        assert read["Content-Disposition"].startswith("attachment")
        assert read["X-Content-Type-Options"] == "nosniff"
        client.post(f"/appointment/documents/{document.ref}/remove")
        assert not Document.objects.exists()

    @pytest.mark.parametrize("given", [{}, {"file": SimpleUploadedFile("x.exe", b"MZ\x90\x00\x03")}])
    def test_what_is_no_file_to_take_is_answered(self, client: Client, given: dict[str, Any]) -> None:
        holding(client, book(make_service(), MONDAY))
        assert client.post("/appointment/documents", given).status_code == 422
        assert not Document.objects.exists()

    def test_what_the_business_sent_stays(self, client: Client) -> None:
        appointment = book(make_service(), MONDAY)
        holding(client, appointment)
        sent = documents.add(SYSTEM, appointment, name="plan.pdf", media_type="", content=PDF)
        assert "Take away" not in words_of(client.get("/appointment/documents"))
        client.post(f"/appointment/documents/{sent.ref}/remove")
        assert Document.objects.count() == 1

    def test_the_file_of_another_appointment_is_not_there(self, client: Client) -> None:
        service = make_service()
        other = book(service, MONDAY + timedelta(days=1))
        foreign = documents.add(SYSTEM, other, name="plan.pdf", media_type="", content=PDF)
        holding(client, book(service, MONDAY))
        assert client.get(f"/appointment/documents/{foreign.ref}").status_code == 404
        client.post(f"/appointment/documents/{foreign.ref}/remove")
        assert Document.objects.count() == 1


class TestCompanions:
    def test_the_link_of_a_companion_is_shown_once(self, client: Client) -> None:
        appointment = book(make_service(), MONDAY)
        holding(client, appointment)
        answer = client.post("/appointment/helpers", {"name": "Omar", "email": "omar@example.org", "kind": "helper"})
        assert "Omar is invited" in words_of(answer)
        assert "/visit?v=" in text_of(answer)
        assert "/visit?v=" not in text_of(client.get("/appointment/helpers"))
        client.post("/appointment/helpers/0/remove")
        appointment.refresh_from_db()
        assert appointment.helpers == []

    @pytest.mark.parametrize(("field", "value"), [("name", ""), ("email", "nobody")])
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, client: Client, field: str, value: str) -> None:
        holding(client, book(make_service(), MONDAY))
        answer = client.post("/appointment/helpers", {"name": "Omar", "email": "omar@example.org", field: value})
        assert answer.status_code == 422
        assert answer.context["wrong"] == field
        assert "Omar" in text_of(answer) or field == "name"

    def test_nobody_is_brought_along_by_link_to_a_place(self, client: Client) -> None:
        service = make_service()
        service.location = Location.objects.create(business=service.business, kind="place", name="Surgery")
        service.save()
        assert "Bring somebody" not in words_of(holding(client, book(service, MONDAY)).get("/appointment"))


def test_who_is_called_gives_a_number_and_sees_it(client: Client) -> None:
    service = make_service()
    service.location = Location.objects.create(business=service.business, kind="phone", name="Telephone")
    service.save()
    form = {"start": "2030-03-04T09:00:00Z", "name": "Zoë", "email": "zoe@example.org"}
    missing = client.post(path_of(service) + "/details", form)
    assert list(missing.context["form"].errors) == ["phone"]
    page = client.post(path_of(service) + "/details", form | {"phone": "+41 44 555 01 00"}, follow=True)
    assert "We call you on +41 44 555 01 00." in words_of(page)


def test_whom_one_meets_together_is_named(client: Client) -> None:
    business = make_business()
    both = [make_provider(business=business, name="Dr Ada"), make_provider(business=business, name="Dr Bo")]
    service = make_service(providers=both, assignment="all")
    assert "You meet: Dr Ada, Dr Bo" in words_of(client.get(path_of(service)))
    page = words_of(holding(client, book(service, MONDAY)).get("/appointment"))
    assert "Together with Dr Bo" in page


@pytest.mark.parametrize("page", ["answers", "documents", "helpers", "earlier", "series/x", "documents/x"])
def test_without_a_link_no_page_shows_anything(client: Client, page: str) -> None:
    book(make_service(), MONDAY)
    answer = client.get(f"/appointment/{page}")
    assert answer.status_code == 404
    assert "Cleo" not in text_of(answer)


class TestComing:
    def test_looking_is_no_answer_and_one_press_is(self, client: Client) -> None:
        booked = book(make_service(), MONDAY)
        assert "Will you come?" in words_of(holding(client, booked).get("/appointment"))
        assert client.get("/appointment/confirm").status_code == 405
        booked.refresh_from_db()
        assert booked.confirmed_at is None
        OutboxMessage.objects.filter(kind="confirmation").update(state="done", sent_at=clock.now())
        assert client.post("/appointment/confirm").headers["Location"] == "/appointment#answer"
        assert [(one.what, one.words) for one in MessageEvent.objects.all()] == [("answered", "confirm")]
        assert "You said that you come" in words_of(client.get("/appointment"))
        booked.refresh_from_db()
        assert booked.confirmed_at is not None

    def test_a_cancelled_one_is_not_confirmed_and_says_why(self, client: Client) -> None:
        booked = book(make_service(), MONDAY)
        holding(client, booked)
        lifecycle.cancel(SYSTEM, booked)
        assert client.post("/appointment/confirm").status_code in (404, 409)
        booked.refresh_from_db()
        assert booked.confirmed_at is None

    def test_nobody_without_the_link_answers(self, client: Client) -> None:
        booked = book(make_service(), MONDAY)
        client.post("/appointment/confirm")
        booked.refresh_from_db()
        assert booked.confirmed_at is None

    def test_a_late_provider_is_said_on_the_page(self, client: Client) -> None:
        booked = book(make_service(), MONDAY)
        Appointment.objects.filter(pk=booked.pk).update(provider_late_minutes=20)
        assert "begins about 20 minutes later" in words_of(holding(client, booked).get("/appointment"))


class TestSurvey:
    def test_who_was_in_the_visit_says_how_it_was_from_the_page_of_the_appointment(self, client: Client) -> None:
        booked = self._over(make_service(), let_in=True)
        page = words_of(holding(client, booked).get("/appointment"))
        assert "How was your visit?" in page
        assert client.post("/appointment/survey", {"score": "5"}).headers["Location"] == "/appointment#survey"
        assert SurveyAnswer.objects.get().score == 5
        assert client.post("/appointment/survey", {"score": "9"}).status_code == 422

    def test_who_was_never_let_in_is_not_asked(self, client: Client) -> None:
        booked = self._over(make_service(), let_in=False)
        assert "How was your visit?" not in words_of(holding(client, booked).get("/appointment"))
        assert client.post("/appointment/survey", {"score": "5"}).status_code == 404
        assert not SurveyAnswer.objects.exists()

    @staticmethod
    def _over(service: Service, *, let_in: bool) -> Appointment:
        SurveyQuestion.objects.create(business=service.business, text="How was your visit?", kind="stars")
        booked = book(service, MONDAY)
        clock.set_to(MONDAY + timedelta(hours=1))
        Appointment.objects.filter(pk=booked.pk).update(status="completed")
        if let_in:
            seats = Participant.objects.filter(meeting=booked.meeting, kind="consumer")
            seats.update(admitted_at=MONDAY, state="left")
        booked.refresh_from_db()
        return booked
