"""What answers come to: figures of each kind, of those who came, narrowed to a time, an audience, a service."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, make_service
from tests.experience.survey.people import ask, say, seat, several, stars
from tests.factories import make_business, manager_of
from vestibule.booking.models import Appointment
from vestibule.booking.reports import Asked
from vestibule.experience import survey, visit_reports
from vestibule.experience.models import SurveyAnswer
from vestibule.experience.survey import Chosen, Wanted, results, rows
from vestibule.meetings.models import Participant
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db


def test_stars_have_a_mean_and_choices_are_counted_in_their_order() -> None:
    business = make_business()
    how, what = ask(business, stars(), several())
    for score in (5, 2):
        say(seat(business), how, score)
    say(seat(business), what, None, "people", "time")
    say(seat(business), what, None, "time")
    first, second = survey.summaries(manager_of(business), business)
    assert (first.answers, first.mean, first.by_score) == (2, 3.5, [(1, 0), (2, 1), (3, 0), (4, 0), (5, 1)])
    assert (second.answers, second.by_choice, second.recommendation) == (2, [("people", 1), ("time", 2)], None)


@pytest.mark.parametrize(
    ("scores", "figure"),
    [([10, 9], 100), ([0, 6], -100), ([10, 8, 7, 3], 0), ([10, 10, 5], 33), ([7, 8], 0), ([], None)],
)
def test_a_recommendation_is_those_who_would_less_those_who_would_not(scores: list[int], figure: int | None) -> None:
    business = make_business()
    (asked,) = ask(business, Wanted("nps", "Would you recommend us?"))
    for score in scores:
        say(seat(business), asked, score)
    (summary,) = survey.summaries(manager_of(business), business)
    assert summary.recommendation == figure


def test_of_those_who_came_some_answered_however_many_questions() -> None:
    business = make_business()
    how, what = ask(business, stars(), several())
    guest = seat(business)
    say(guest, how, 5)
    say(guest, what, None, "time")
    for _number in range(2):
        seat(business)
    seat(business, let_in=False)
    seat(business, "provider")
    told = results.response(manager_of(business), business, "consumer")
    assert (told.came, told.answered, told.percent) == (3, 1, 33)
    nobody = results.response(manager_of(business), business, "provider", Chosen(until=clock.now() - timedelta(days=1)))
    assert nobody.percent is None


def test_answers_are_narrowed_by_time_audience_service_and_provider() -> None:
    service = make_service()
    business = service.business
    (how,) = ask(business, stars())
    (works,) = ask(business, Wanted("thumbs", "Did it work?"), of="provider")
    booked = book(service, at("09:00"))
    Participant.objects.filter(meeting=booked.meeting).update(admitted_at=clock.now())
    say(Participant.objects.get(meeting=booked.meeting, kind="consumer"), how, 5)
    say(seat(business), how, 1)
    say(seat(business, "provider"), works, 1)
    actor = manager_of(business)

    def counted(chosen: Chosen) -> int:
        return survey.answers(actor, business, chosen).count()

    assert counted(Chosen()) == 3
    assert counted(Chosen(audience="provider")) == 1
    assert counted(Chosen(service=service.pk)) == counted(Chosen(provider=booked.provider_id)) == 1
    assert (
        counted(Chosen(since=clock.now() + timedelta(minutes=1)))
        == counted(Chosen(until=clock.now() - timedelta(minutes=1)))
        == 0
    )
    assert [one.answers for one in survey.summaries(actor, business, Chosen(service=service.pk))] == [1, 0]


def test_only_who_sees_results_reads_them_and_only_the_own() -> None:
    business = make_business()
    (how,) = ask(business, stars())
    say(seat(business), how, 5)
    with pytest.raises(NotPermitted):
        survey.summaries(manager_of(business, role=Role.PROVIDER), business)
    with pytest.raises(NotFound):
        survey.summaries(manager_of(make_business(slug="other")), business)


def test_a_line_of_a_spreadsheet_runs_nothing() -> None:
    business = make_business()
    how, what = ask(business, stars("=1+1"), several())
    guest = seat(business)
    say(guest, how, 5, comment='=HYPERLINK("https://evil.example")')
    say(guest, what, None, "people", "time")
    head, first, second = rows.lines(SurveyAnswer.objects.order_by("pk"))
    assert head.startswith("\ufeffat,audience,question_id,question,kind,score,chosen,comment,")
    assert ",'=1+1,stars,5,,\"'=HYPERLINK(" in first
    assert ",many,,people time,," in second


def test_satisfaction_in_reports_counts_stars_and_thumbs_of_consumers_alone() -> None:
    service = make_service()
    business = service.business
    how, recommend = ask(business, stars(), Wanted("nps", "Would you recommend us?"))
    (works,) = ask(business, stars("How was the picture?"), of="provider")
    booked = book(service, at("09:00"))
    Participant.objects.filter(meeting=booked.meeting).update(admitted_at=clock.now())
    seats = {one.kind: one for one in Participant.objects.filter(meeting=booked.meeting)}
    say(seats["consumer"], how, 4)
    say(seats["consumer"], recommend, 10)
    say(seats["provider"], works, 1)
    silent = Participant.objects.create(
        meeting=seats["consumer"].meeting, kind="helper", name="Hal", admitted_at=clock.now()
    )
    say(silent, how, comment="No stars from me")
    clock.set_to(at("09:00") + timedelta(days=1))
    Appointment.objects.filter(pk=booked.pk).update(status="completed")
    day = at("09:00").date()
    told = visit_reports.report(manager_of(business), business, Asked(day, day)).whole.satisfaction
    assert (told.answers, told.happy) == (1, 1)
