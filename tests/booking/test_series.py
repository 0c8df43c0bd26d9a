"""Appointments that recur: planned, booked all or none, cancelled from one on."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.booking.factories import at, book, holder_of, make_service, wish_for
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import again, holds, lifecycle, series
from vestibule.booking.errors import SlotTaken, TooManyOpen
from vestibule.booking.models import Appointment, Hold, Series, Service
from vestibule.booking.wishes import Helper
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid
from vestibule.people.permissions import PUBLIC
from vestibule.store import clock

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


@pytest.fixture
def service() -> Service:
    """May be booked for up to six dates at once; a week before the day the tests book on."""
    provider = make_provider()
    provider.email = "ada@clinic.example"
    provider.save()
    clock.set_to(at("09:00") - WEEK)
    return make_service(providers=[provider], most_occurrences=6)


def local(zone: str, unit: str, step: int, count: int, first: datetime) -> list[str]:
    there = ZoneInfo(zone)
    return [f"{one.astimezone(there):%a %-d %b %H:%M}" for one in series.starts(first, there, unit, step, count)]


def test_it_keeps_the_time_of_day_through_clock_changes() -> None:
    first = datetime(2030, 3, 25, 9, tzinfo=UTC)
    assert local("Europe/Zurich", "week", 1, 3, first) == ["Mon 25 Mar 10:00", "Mon 1 Apr 10:00", "Mon 8 Apr 10:00"]


def test_every_other_week_and_the_same_weekday_of_the_month() -> None:
    assert local("UTC", "week", 2, 3, at("10:00")) == ["Mon 4 Mar 10:00", "Mon 18 Mar 10:00", "Mon 1 Apr 10:00"]
    assert local("UTC", "month", 1, 3, at("10:00")) == ["Mon 4 Mar 10:00", "Mon 1 Apr 10:00", "Mon 6 May 10:00"]


def test_a_fifth_weekday_becomes_the_last_of_months_with_four() -> None:
    fifth = datetime(2030, 3, 29, 10, tzinfo=UTC)
    assert local("UTC", "month", 1, 4, fifth) == [
        "Fri 29 Mar 10:00",
        "Fri 26 Apr 10:00",
        "Fri 31 May 10:00",
        "Fri 28 Jun 10:00",
    ]


def test_a_plan_says_of_each_date_whether_it_is_free_and_what_is_near(service: Service) -> None:
    book(service, at("09:00") + WEEK)
    found = series.plan(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, count=3)
    assert [one.is_free for one in found] == [True, False, True]
    assert found[1].code == "slot_taken"
    assert at("09:30") + WEEK in found[1].alternatives
    assert Appointment.objects.count() == 1


def test_dates_beyond_the_window_are_refused_by_their_rule(service: Service) -> None:
    service.window_days = 10
    service.save()
    found = series.plan(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, count=2)
    assert [one.code for one in found] == ["", "too_far"]


def test_all_chosen_dates_are_booked_and_confirmed_by_one_mail(service: Service) -> None:
    dates = [at("09:00") + WEEK * number for number in (0, 1, 3)]
    made = series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)
    assert [one.start for one in made] == dates
    assert len({one.series_id for one in made}) == 1
    mails = OutboxMessage.objects.filter(state="queued", due_at__lte=clock.now()).order_by("pk")
    assert [mail.kind for mail in mails] == ["series_booked", "provider_series_booked"]
    sent = content.mail(mails[0], content.tokens_for(mails, clock.now()), clock.now())
    assert sent.calendar.count("BEGIN:VEVENT") == 3
    assert sent.calendar_method == "PUBLISH"
    assert "ATTENDEE" not in sent.calendar
    assert len(set(re.findall(r"/appointment\?v=\S+", sent.text))) == 3
    assert OutboxMessage.objects.filter(kind="reminder", to="cleo@example.org").count() == 3


def test_a_helper_hears_of_all_dates_by_one_mail(service: Service) -> None:
    dates = [at("09:00"), at("09:00") + WEEK]
    wish = wish_for(service, at("09:00"), helpers=(Helper("Ines", "ines@example.org"),))
    series.book(PUBLIC, wish, unit="week", step=1, starts=dates)
    row = OutboxMessage.objects.get(to="ines@example.org", kind="helper_invited")
    sent = content.mail(row, content.tokens_for([row], clock.now()), clock.now())
    assert "2: Monday 11 March 2030" in sent.text
    assert sent.calendar.count("BEGIN:VEVENT") == 2
    assert len(set(re.findall(r"/visit\?v=[\w-]+", sent.calendar.replace("\r\n ", "")))) == 2
    assert "/appointment?v=" not in sent.text


def test_one_date_that_is_taken_books_none(service: Service) -> None:
    book(service, at("09:00") + WEEK)
    dates = [at("09:00"), at("09:00") + WEEK]
    with pytest.raises(SlotTaken) as refusal:
        series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)
    assert refusal.value.facts["start"] == "2030-03-11T09:00:00Z"
    assert (Appointment.objects.count(), Series.objects.count()) == (1, 0)


def test_the_first_date_may_be_held(service: Service) -> None:
    kept = holds.hold(service, at("09:00"))
    dates = [at("09:00"), at("09:00") + WEEK]
    wish = wish_for(service, at("09:00"), hold=kept.ref)
    assert all(one.is_free for one in series.plan(PUBLIC, wish, unit="week", step=1, count=2))
    assert len(series.book(PUBLIC, wish, unit="week", step=1, starts=dates)) == 2
    assert Hold.objects.count() == 0


def test_all_of_it_counts_for_the_limit_of_a_consumer(service: Service) -> None:
    service.max_open_per_consumer = 2
    service.save()
    dates = [at("09:00") + WEEK * number for number in range(3)]
    with pytest.raises(TooManyOpen):
        series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)


def test_not_every_service_recurs_and_none_without_end(service: Service) -> None:
    wish = wish_for(service, at("09:00"))
    for count in (1, 7):
        with pytest.raises(Invalid):
            series.plan(PUBLIC, wish, unit="week", step=1, count=count)
    single = wish_for(make_service(business=make_business()), at("09:00"))
    with pytest.raises(Invalid):
        series.plan(PUBLIC, single, unit="week", step=1, count=2)


def test_cancelling_the_rest_leaves_what_came_before(service: Service) -> None:
    dates = [at("09:00") + WEEK * number for number in range(3)]
    made = series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)
    gone = series.cancel_rest(holder_of(made[1]), made[1], reason="Moving away")
    assert [one.pk for one in gone] == [made[1].pk, made[2].pk]
    assert [one.status for one in [made[0], *series.others(made[0])]] == ["booked", "cancelled", "cancelled"]


def test_one_date_moves_alone(service: Service) -> None:
    dates = [at("09:00"), at("09:00") + WEEK]
    made = series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)
    lifecycle.move(manager_of(service.business), made[0], at("14:00"))
    assert [one.start for one in series.others(made[0])] == [dates[1]]


def test_one_date_is_confirmed_again_by_itself(service: Service) -> None:
    dates = [at("09:00"), at("09:00") + WEEK]
    made = series.book(PUBLIC, wish_for(service, at("09:00")), unit="week", step=1, starts=dates)
    again.resend(manager_of(service.business), made[1])
    mail = OutboxMessage.objects.get(kind="confirmation")
    assert (mail.to, mail.facts["start_minute"]) == ("cleo@example.org", made[1].start_minute)
