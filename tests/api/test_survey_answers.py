"""Answers to the survey, as a program reads them."""

from datetime import timedelta
from urllib.parse import quote

from tests.api.conftest import Caller
from tests.booking.factories import at, book
from tests.experience.survey.people import ask, say, several, stars
from vestibule.booking.models import Service
from vestibule.meetings.models import Participant
from vestibule.store import clock


def test_each_answer_says_what_was_asked_and_about_whom(public: Caller, service: Service) -> None:
    how, what = ask(public.business, stars(), several())
    (works,) = ask(public.business, stars("How was the picture?"), of="provider")
    booked = book(service, at("09:00"))
    Participant.objects.filter(meeting=booked.meeting).update(admitted_at=clock.now())
    seats = {seat.kind: seat for seat in Participant.objects.filter(meeting=booked.meeting)}
    say(seats["consumer"], how, 4, comment="Kind")
    say(seats["consumer"], what, None, "time")
    say(seats["provider"], works, 5)
    program = public.with_key("results:read")
    first, second, third = program.get("/survey-answers").json()["answers"]
    assert first == first | {
        "audience": "consumer",
        "question": "How was your visit?",
        "question_id": how.ref,
        "kind": "stars",
        "score": 4,
        "chosen": [],
        "comment": "Kind",
        "service": service.slug,
        "provider": booked.provider.slug,
        "appointment": booked.ref,
        "visit": seats["consumer"].meeting.ref,
    }
    assert (second["score"], second["chosen"]) == (None, ["time"])

    def told(query: str) -> list[str]:
        return [one["question_id"] for one in program.get(f"/survey-answers?{query}").json()["answers"]]

    later = quote((clock.now() + timedelta(hours=1)).isoformat())
    assert told("audience=provider") == [third["question_id"]] == [works.ref]
    assert len(told(f"service={service.slug}&provider={booked.provider.slug}&to={later}")) == 3
    assert told("service=nothing-like-it") == told(f"from={later}") == []
    assert program.get("/survey-answers?audience=nobody").status_code in (400, 422)
