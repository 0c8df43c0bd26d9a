"""How visits went: each number here is worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import pytest

from tests.booking.factories import make_service
from tests.booking.visits import NINE, happened
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import visit_reports
from vestibule.booking.models import Appointment, Service
from vestibule.booking.reports import Asked
from vestibule.booking.visit_reports import By, VisitLine
from vestibule.chat.models import Thread
from vestibule.meetings.models import Meeting, VisitRecord, WaitingArea
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.models import Business, Consumer, Provider
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock
from vestibule.store.clock import to_minute

pytestmark = pytest.mark.django_db
DAY = date(2030, 3, 4)


@pytest.fixture
def service() -> Service:
    clock.set_to(NINE + timedelta(days=35))
    return make_service(business=make_business(timezone="UTC"))


def whole(service: Service, *, first: date = DAY, last: date = DAY, **asked: Any) -> VisitLine:
    return visit_reports.report(SYSTEM, service.business, Asked(first, last, **asked)).whole


def by(service: Service, what: By, *, last: date = DAY) -> dict[str, int]:
    """Visits by the label of each line."""
    lines = visit_reports.report(SYSTEM, service.business, Asked(DAY, last), what).lines
    return {line.label: line.visits for line in lines}


def test_what_became_of_each_visit(service: Service) -> None:
    for status in ("completed", "completed", "completed", "no_show", "not_seen", "booked", "cancelled"):
        happened(service, status)
    line = whole(service)
    assert (line.visits, line.seen, line.no_shows, line.left) == (6, 3, 1, 1)


def test_a_walk_in_counts_by_what_happened(service: Service) -> None:
    happened(service, None, waited_from=0, seen_at=4, wait_seconds=240, result="seen")
    happened(service, None, waited_from=0, result="not_seen")
    line = whole(service)
    assert (line.visits, line.walk_ins, line.seen, line.left, line.no_shows) == (2, 2, 1, 1, 0)
    assert (line.consumer_late.count, line.staff_late.count) == (0, 0)


def test_half_waited_at_most_the_median_and_nine_in_ten_at_most_the_other(service: Service) -> None:
    for minutes in range(1, 11):
        happened(service, waited_from=-10, seen_at=-10 + minutes, wait_seconds=60 * minutes)
    happened(service, "not_seen", waited_from=0, wait_seconds=9999)
    waits = whole(service).waits
    assert (waits.count, waits.median, waits.most_of_them, waits.longest) == (10, 300, 540, 600)


def test_each_side_is_late_by_its_own_clock(service: Service) -> None:
    happened(service, waited_from=-5, seen_at=0)  # nobody was late
    happened(service, waited_from=-5, seen_at=3)  # staff, by 3 minutes
    happened(service, waited_from=10, seen_at=11)  # the consumer by 10, staff by 1 after that
    line = whole(service)
    assert sorted(line.staff_late.each) == [60, 180]
    assert line.consumer_late.each == [600]


def test_a_length_is_from_both_coming_together_to_their_parting(service: Service) -> None:
    happened(service, joined_at=0, both_at=2, parted_at=22, ended_at=90)
    happened(service, joined_at=0, both_at=0, parted_at=40)
    happened(service, joined_at=0)
    line = whole(service)
    assert sorted(line.lengths.each) == [1200, 2400]
    assert sorted(line.beyond.each) == [-600, 600]


def test_trouble_counts_a_visit_once_for_each_cause(service: Service) -> None:
    happened(service, failures={"connection": ["a", "b"], "device": ["a"]})
    happened(service, failures={"connection": ["c"]})
    happened(service, failures={})
    line = whole(service)
    assert line.failed == 2
    assert line.failures == {"connection": 2, "relay": 0, "media_server": 0, "device": 1}


def test_by_provider_whoever_took_over_counts(service: Service) -> None:
    other = make_provider(business=service.business, name="Cy Vance")
    happened(service)
    happened(service, host=other)
    happened(service, None, host=other, result="seen", seen_at=1)
    usual = service.offers.order_by("pk")[0].provider.name
    assert by(service, By.PROVIDER) == {usual: 1, "Cy Vance": 2}
    assert whole(service, provider=other.pk).visits == 2


def test_by_area_whoever_has_none_waits_in_the_default_one(service: Service) -> None:
    business = service.business
    WaitingArea.objects.filter(business=business).delete()
    default = WaitingArea.objects.create(business=business, slug="all", name="Everybody", is_default=True)
    teeth = WaitingArea.objects.create(business=business, slug="teeth", name="Teeth", position=1)
    happened(service)
    happened(service, area=teeth)
    assert by(service, By.AREA) == {"Everybody": 1, "Teeth": 1}
    assert (whole(service, area=default.pk).visits, whole(service, area=teeth.pk).visits) == (1, 1)


def test_by_service_and_walk_ins_apart(service: Service) -> None:
    happened(service)
    happened(service, None, result="seen", seen_at=1)
    assert by(service, By.SERVICE) == {service.name: 1, "": 1}


def test_a_day_is_one_of_the_business(service: Service) -> None:
    Business.objects.filter(pk=service.business_id).update(timezone="America/New_York")
    service.business.refresh_from_db()
    happened(service, start=datetime(2030, 3, 10, 4, 30, tzinfo=UTC))  # the 9th, 23:30; clocks change in that night
    happened(service, start=datetime(2030, 3, 11, 3, 30, tzinfo=UTC))  # the 10th, 23:30 in summer time
    found = by(service, By.DAY, last=date(2030, 3, 11))
    assert {day: visits for day, visits in found.items() if visits} == {"2030-03-09": 1, "2030-03-10": 1}
    assert len(found) == 8
    assert sum(by(service, By.MONTH, last=date(2030, 3, 11)).values()) == 2


def test_what_is_to_come_does_not_count_yet(service: Service) -> None:
    clock.set_to(NINE + timedelta(minutes=10))
    happened(service, "in_visit")
    happened(service, "booked", start=NINE + timedelta(hours=1))
    assert whole(service).visits == 1


def test_nobody_else_reads_it(service: Service) -> None:
    asked = Asked(DAY, DAY)
    with pytest.raises(NotFound):
        visit_reports.report(manager_of(make_business()), service.business, asked)
    with pytest.raises(NotPermitted):
        visit_reports.report(manager_of(service.business, role=Role.PROVIDER), service.business, asked)


def test_counting_costs_little_for_each_visit(service: Service) -> None:
    business, provider = service.business, service.offers.order_by("pk")[0].provider
    fill(business, service, provider, 1_000)
    began = process_time()
    report = visit_reports.report(SYSTEM, business, Asked(DAY, date(2030, 4, 1)))
    assert report.whole.visits == 1_000
    assert process_time() - began < 0.15  # twenty thousand, a busy month, in 0.6 s


def fill(business: Business, service: Service, provider: Provider, number: int) -> None:
    who = Consumer.objects.create(business=business, name="Cleo", email_normal="many@example.org")
    threads = Thread.objects.bulk_create([Thread(business=business) for _ in range(number)], batch_size=5000)
    starts = [NINE + timedelta(minutes=2 * one) for one in range(number)]
    meetings = Meeting.objects.bulk_create(
        [
            Meeting(
                business=business,
                thread=thread,
                title="A visit",
                starts_at=start,
                ends_at=start + timedelta(minutes=30),
                opens_at=start,
                closes_at=start,
            )
            for thread, start in zip(threads, starts, strict=True)
        ],
        batch_size=2000,
    )
    Appointment.objects.bulk_create(
        [
            Appointment(
                business=business,
                service=service,
                consumer=who,
                provider=provider,
                meeting=meeting,
                status="completed",
                start_minute=to_minute(meeting.starts_at),
                end_minute=to_minute(meeting.starts_at) + 30,
                timezone="UTC",
            )
            for meeting in meetings
        ],
        batch_size=1000,
    )
    VisitRecord.objects.bulk_create(
        [
            VisitRecord(
                business=business,
                meeting=meeting,
                starts_at=meeting.starts_at,
                waited_from=meeting.starts_at,
                seen_at=meeting.starts_at,
                both_at=meeting.starts_at,
                parted_at=meeting.ends_at,
            )
            for meeting in meetings
        ],
        batch_size=2000,
    )
