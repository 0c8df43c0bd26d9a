"""The details form: every kind of question, errors beside their fields, and nothing typed or sent is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.booking.factories import book, make_service
from tests.web.consumer.pages import MONDAY, ZOE, path_of, rfc3339, text_of, words_of
from vestibule.booking import holds
from vestibule.booking.models import Appointment, Document, Hold, Service
from vestibule.store import clock

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4 a letter"
REQUIRED = {"required": True, "help": "", "choices": []}
EVERY_KIND: list[dict[str, Any]] = [
    {"id": "short", "type": "text", "label": "Your insurance", **REQUIRED},
    {"id": "long", "type": "long_text", "label": "What brings you here?", **REQUIRED},
    {"id": "one", "type": "choice", "label": "How long?", **REQUIRED | {"choices": ["Days", "Weeks"]}},
    {"id": "some", "type": "many", "label": "Which of these?", **REQUIRED | {"choices": ["Cough", "Fever", "Rash"]}},
    {"id": "weight", "type": "number", "label": "Your weight", **REQUIRED},
    {"id": "born", "type": "date", "label": "Date of birth", **REQUIRED},
    {"id": "letter", "type": "file", "label": "The letter", **REQUIRED},
    {"id": "yes", "type": "consent", "label": "I agree", "text": "We keep it ten years.", "version": "2", **REQUIRED},
]
ANSWERS: dict[str, Any] = {
    "answers.short": "Krankenkasse",
    "answers.long": "A cough\nfor a week",
    "answers.one": "Weeks",
    "answers.some": ["Cough", "Rash"],
    "answers.weight": "70.5",
    "answers.born": "1980-05-31",
    "answers.yes": "on",
    "version.yes": "2",
}


@pytest.fixture(autouse=True)
def sunday_before() -> None:
    clock.set_to(MONDAY - timedelta(days=1))


def letter(name: str = "letter.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def send(client: Client, service: Service, **given: Any) -> Any:
    return client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY), **ZOE, **given})


def keep(service: Service) -> Hold:
    return holds.hold(service, MONDAY)


def test_every_kind_of_question_is_asked_answered_and_stored(client: Client) -> None:
    service = make_service(questions=EVERY_KIND)
    answer = send(client, service, **ANSWERS, **{"file.letter": letter()})
    assert answer.status_code == 302, words_of(answer)
    booked = Appointment.objects.get()
    document = Document.objects.get()
    assert (document.appointment, document.question, document.name) == (booked, "letter", "letter.pdf")
    assert booked.answers == {
        "short": "Krankenkasse",
        "long": "A cough\nfor a week",
        "one": "Weeks",
        "some": ["Cough", "Rash"],
        "weight": 70.5,
        "born": "1980-05-31",
        "letter": document.ref,
        "yes": True,
    }


def test_what_was_agreed_to_is_kept_with_its_version_and_text(client: Client) -> None:
    service = make_service(questions=EVERY_KIND[-1:])
    send(client, service, **{"answers.yes": "on", "version.yes": "2"})
    (agreed,) = Appointment.objects.get().consents
    assert (agreed["id"], agreed["version"], agreed["text"]) == ("yes", "2", "We keep it ten years.")


def test_a_text_that_changed_while_somebody_read_it_is_read_again(client: Client) -> None:
    service = make_service(questions=EVERY_KIND[-1:])
    answer = send(client, service, **{"answers.yes": "on", "version.yes": "1"})
    assert answer.status_code == 422
    assert "has changed" in words_of(answer)
    assert 'name="version.yes" value="2"' in text_of(answer)


def test_each_unanswered_question_is_named_on_top_and_beside_it(client: Client) -> None:
    service = make_service(questions=EVERY_KIND)
    answer = send(client, service)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {f"answers.{one['id']}" for one in EVERY_KIND}
    assert words_of(answer).count("What brings you here?") == 2
    assert "Check your details" in text_of(answer)


def test_an_error_loses_neither_words_nor_the_file(client: Client) -> None:
    service = make_service(questions=EVERY_KIND)
    given = {**ANSWERS, "email": "nobody"}
    wrong = send(client, service, **given, **{"file.letter": letter()})
    assert wrong.status_code == 422
    kept = Document.objects.get()
    assert kept.ref in text_of(wrong)
    assert "letter.pdf" in words_of(wrong)
    assert "A cough" in text_of(wrong)
    right = send(client, service, **ANSWERS, **{"answers.letter": kept.ref})
    assert right.status_code == 302
    assert Document.objects.get().appointment == Appointment.objects.get()


def test_a_file_that_cannot_be_taken_is_refused_beside_its_question(client: Client) -> None:
    service = make_service(questions=EVERY_KIND)
    answer = send(client, service, **ANSWERS, **{"file.letter": letter("run.exe", b"MZ\x90\x00\x03 not a document")})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["answers.letter"]
    assert not Document.objects.exists()


def test_a_file_of_somebody_else_is_not_named(client: Client) -> None:
    service = make_service(questions=EVERY_KIND[6:7])
    foreign = Document.objects.create(
        business=make_service().business,
        name="secret.pdf",
        media_type="application/pdf",
        size=3,
        content=b"x",
        question="letter",
    )
    answer = send(client, service, email="nobody", **{"answers.letter": foreign.ref})
    assert "secret.pdf" not in text_of(answer)


def test_the_language_is_asked_only_where_the_service_wants_to_know(client: Client) -> None:
    asking = make_service(asks_language_need=True)
    send(client, asking, language_need="Arabic, with an interpreter")
    assert Appointment.objects.get().language_need == "Arabic, with an interpreter"
    assert "language_need" not in text_of(client.get(path_of(make_service()) + "/details", {"start": rfc3339(MONDAY)}))


def test_somebody_may_be_brought_along(client: Client) -> None:
    send(client, make_service(), helper_name="Omar", helper_email="omar@example.org")
    (helper,) = Appointment.objects.get().helpers
    assert (helper["name"], helper["email"]) == ("Omar", "omar@example.org")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"helper_email": "omar@example.org"}, "helper_name"),
        ({"helper_name": "Omar"}, "helper_email"),
        ({"helper_name": "Omar", "helper_email": "x"}, "helper_email"),
    ],
)
def test_what_is_wrong_about_a_companion_is_said_there(client: Client, given: dict[str, str], field: str) -> None:
    answer = send(client, make_service(), **given)
    assert list(answer.context["form"].errors) == [field]
    assert '<details class="fold" open>' in text_of(answer)


def test_the_kept_time_is_counted_down(client: Client) -> None:
    service = make_service()
    page = client.get(path_of(service) + "/details", {"hold": keep(service).ref})
    assert holds.SECONDS - 10 < page.context["draft"].kept_seconds <= holds.SECONDS
    assert "data-kept-seconds=" in text_of(page)
    assert "This time is kept for you until 09:05" in words_of(page)


def test_a_lapsed_hold_still_books_a_time_that_is_free(client: Client) -> None:
    service = make_service()
    hold = keep(service)
    clock.advance(holds.SECONDS + 1)
    answer = send(client, service, hold=hold.ref)
    assert answer.status_code == 302
    assert Appointment.objects.get().start == MONDAY


def test_a_lapsed_hold_can_be_taken_again_without_typing_again(client: Client) -> None:
    service = make_service()
    hold = keep(service)
    clock.advance(holds.SECONDS + 1)
    page = client.get(path_of(service) + "/details", {"hold": hold.ref})
    assert "The five minutes have passed" in words_of(page)
    again = send(client, service, hold=hold.ref, instead=rfc3339(MONDAY))
    assert again.status_code == 200
    assert "Zoë Müller" in text_of(again)
    assert again.context["draft"].is_kept


def test_a_time_taken_meanwhile_is_answered_with_others_that_are_kept_at_a_tap(client: Client) -> None:
    service = make_service()
    book(service, MONDAY)
    answer = send(client, service)
    assert answer.status_code == 409
    other = answer.context["nearest"][0]
    chosen = send(client, service, lost=rfc3339(MONDAY), instead=rfc3339(other))
    assert chosen.context["draft"].starts == (other,)
    assert Hold.objects.get().start_minute == clock.to_minute(other)


def test_asking_for_an_appointment_says_so_in_every_word(client: Client) -> None:
    service = make_service(needs_approval=True, approval_minutes=120)
    form = words_of(client.get(path_of(service) + "/details", {"start": rfc3339(MONDAY)}))
    assert "Ask for this appointment" in form
    assert "answers within 2 hours" in form
    assert "Book this appointment" not in form
    done = client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY), **ZOE}, follow=True)
    said = words_of(done)
    assert "You have asked for this time" in said
    assert "It is not booked yet" in said
    assert "The time is kept for you until Sunday 3 March, 11:00" in said
    assert "You are booked" not in said


def test_the_length_goes_with_the_form(client: Client) -> None:
    service = make_service(lengths=[60])
    send(client, service, length="60")
    booked = Appointment.objects.get()
    assert booked.end_minute - booked.start_minute == 60


def test_a_time_that_became_too_soon_while_somebody_typed_is_exchanged_for_another(client: Client) -> None:
    service = make_service(notice_minutes=60)
    clock.set_to(MONDAY - timedelta(minutes=58))
    refused = send(client, service)
    assert refused.status_code == 409
    assert "too soon" in words_of(refused)
    other = refused.context["nearest"][0]
    assert other > MONDAY
    again = send(client, service, lost=rfc3339(MONDAY), instead=rfc3339(other))
    assert "Zoë Müller" in text_of(again)
    assert again.context["draft"].starts == (other,)


def test_who_has_too_many_open_is_not_offered_other_times(client: Client) -> None:
    service = make_service(max_open_per_consumer=1)
    send(client, service)
    refused = client.post(path_of(service) + "/details", {"start": rfc3339(MONDAY + timedelta(hours=1)), **ZOE})
    assert refused.status_code == 422
    assert refused.context["nearest"] == []
