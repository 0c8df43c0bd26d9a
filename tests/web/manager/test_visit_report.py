"""The report of how visits went: a page, a file and an API that say the same."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from tests.booking.factories import make_service
from tests.booking.visits import NINE, happened
from tests.factories import make_business, make_membership, make_user
from vestibule.booking.models import Service
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.meetings.models import Meeting, Participant
from vestibule.people.permissions import Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
QUERY = "?since=2030-03-04&until=2030-03-04"


@pytest.fixture
def service() -> Service:
    clock.set_to(NINE + timedelta(days=1))
    return make_service(business=make_business(timezone="UTC"))


def signed_in(service: Service, role: Role) -> Client:
    membership = make_membership(business=service.business, user=make_user(), role=role)
    browser = Client()
    browser.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def answered(meeting: Meeting, score: int, *, kind: str = "consumer") -> None:
    question, _made = SurveyQuestion.objects.get_or_create(business=meeting.business, text="How was it?", kind="stars")
    seat = Participant.objects.create(meeting=meeting, kind=kind, role="attendee", name="Cleo", admitted_at=NINE)
    SurveyAnswer.objects.create(
        business=meeting.business, question=question, question_text="How was it?", participant=seat, score=score
    )


@pytest.fixture
def a_day(service: Service) -> Service:
    """Two visits, one after a wait of 2 minutes; one who did not come, one who gave up."""
    liked = happened(service, waited_from=0, seen_at=2, wait_seconds=120, both_at=2, parted_at=32)
    answered(liked, 5)
    answered(liked, 1, kind="provider")
    answered(happened(service, failures={"relay": ["a"]}), 3)
    happened(service, "no_show")
    happened(service, "not_seen", waited_from=0)
    return service


def test_the_page_shows_the_numbers(a_day: Service) -> None:
    answer = signed_in(a_day, Role.MANAGER).get(f"/manage/reports/visits{QUERY}")
    page = " ".join(str(answer.content, "utf-8").split())
    for tile in ("<strong>4</strong>", "<strong>2 min</strong>", "<strong>25 %</strong>", "<strong>50 %</strong>"):
        assert tile in page
    assert "Relay refused" in page


def test_the_file_says_the_same_in_the_same_words(a_day: Service) -> None:
    answer = signed_in(a_day, Role.MANAGER).get(f"/manage/reports/visits.csv{QUERY}")
    told = next(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert (told["Visits"], told["Did not come"], told["Left before being seen"]) == ("4", "1", "1")
    assert (told["Answers"], told["Satisfied"]) == ("2", "1")


@pytest.mark.parametrize("by", ["", "provider", "service", "area"])
def test_it_is_told_by_anything(a_day: Service, by: str) -> None:
    assert signed_in(a_day, Role.MANAGER).get(f"/manage/reports/visits{QUERY}&by={by}").status_code == 200


def test_a_provider_reads_no_report(a_day: Service) -> None:
    assert signed_in(a_day, Role.PROVIDER).get(f"/manage/reports/visits{QUERY}").status_code == 403


def test_an_empty_stretch_says_so(service: Service) -> None:
    page = str(signed_in(service, Role.MANAGER).get(f"/manage/reports/visits{QUERY}").content, "utf-8")
    assert "No visits in this period." in page
