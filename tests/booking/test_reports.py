"""Reports: each number here is worked out by hand, over clock changes and zones too."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from tests.booking.factories import make_service
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import holds, reports, setup, utilisation
from vestibule.booking.models import (
    Appointment,
    DateOverride,
    Occupancy,
    Schedule,
    Seat,
    Service,
    ServiceProvider,
    TimeOff,
    WeeklyHours,
)
from vestibule.booking.reports import Asked, Bucket
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business, Consumer, Provider
from vestibule.people.permissions import SYSTEM, Role
from vestibule.scheduling import zones
from vestibule.store import clock
from vestibule.store.clock import to_minute

pytestmark = pytest.mark.django_db
MONDAY, FRIDAY, SUNDAY = date(2030, 3, 4), date(2030, 3, 8), date(2030, 3, 10)
_numbers = count(1)


def note(
    service: Service,
    start: str,
    *,
    minutes: int = 30,
    made: str = "2030-01-01T12:00",
    provider: Provider | None = None,
    status: str = "completed",
    by: str = "",
) -> Appointment:
    """An appointment as it stands in the tables, with its time in use; times are UTC."""
    begin = to_minute(datetime.fromisoformat(start).replace(tzinfo=UTC))
    number = next(_numbers)
    who = Consumer.objects.create(business=service.business, name="Cleo", email_normal=f"c{number}@example.org")
    provider = provider or service.offers.order_by("pk")[0].provider
    appointment = Appointment.objects.create(
        business=service.business,
        service=service,
        consumer=who,
        provider=provider,
        status=status,
        cancelled_by=by,
        start_minute=begin,
        end_minute=begin + minutes,
        timezone="UTC",
        created_at=datetime.fromisoformat(made).replace(tzinfo=UTC),
    )
    if status != "cancelled":
        occupancy = Occupancy.objects.create(
            business=service.business,
            provider=provider,
            service=service,
            start_minute=begin,
            end_minute=begin + minutes,
            shown_start=begin,
            shown_end=begin + minutes,
        )
        Seat.objects.create(occupancy=occupancy, appointment=appointment)
    return appointment


def lines(business: Business, asked: Asked) -> list[tuple[str, int, int, int]]:
    """Each bucket as (first date, made, kept, cancelled)."""
    found = reports.counts(SYSTEM, business, asked)
    return [(f"{one.first:%m-%d}", one.made, one.kept, one.all_cancelled) for one in found]


def test_appointments_count_on_the_local_day_they_start() -> None:
    berlin = make_service(business=make_business(timezone="Europe/Berlin"))
    note(berlin, "2030-03-04T22:59", minutes=1)  # 23:59 on Monday in Berlin
    note(berlin, "2030-03-04T23:00")  # midnight: Tuesday
    note(berlin, "2030-03-05T22:30")
    assert lines(berlin.business, Asked(MONDAY, date(2030, 3, 6))) == [
        ("03-04", 0, 1, 0),
        ("03-05", 0, 2, 0),
        ("03-06", 0, 0, 0),
    ]


def test_days_of_23_and_25_hours_are_days() -> None:
    berlin = make_service(business=make_business(timezone="Europe/Berlin"))
    for start in ("2030-03-30T22:59", "2030-03-30T23:00", "2030-03-31T21:59", "2030-03-31T22:00"):
        note(berlin, start, minutes=1)  # the 31st lasts from 23:00 to 22:00
    for start in ("2030-10-26T21:59", "2030-10-26T22:00", "2030-10-27T22:59", "2030-10-27T23:00"):
        note(berlin, start, minutes=1)  # the 27th lasts from 22:00 to 23:00
    spring = lines(berlin.business, Asked(date(2030, 3, 30), date(2030, 4, 1)))
    autumn = lines(berlin.business, Asked(date(2030, 10, 26), date(2030, 10, 28)))
    assert [one[2] for one in spring] == [1, 2, 1]
    assert [one[2] for one in autumn] == [1, 2, 1]


def test_weeks_begin_as_the_business_says_and_months_with_the_first() -> None:
    service = make_service()
    note(service, "2030-03-10T09:00")
    note(service, "2030-03-11T09:00")
    stretch = (date(2030, 3, 6), date(2030, 4, 2))
    weeks = [one[0] for one in lines(service.business, Asked(*stretch, Bucket.WEEK))]
    months = lines(service.business, Asked(*stretch, Bucket.MONTH))
    assert weeks == ["03-06", "03-11", "03-18", "03-25", "04-01"]
    assert months == [("03-06", 0, 2, 0), ("04-01", 0, 0, 0)]
    Business.objects.filter(pk=service.business_id).update(week_start="sun")
    service.business.refresh_from_db()
    assert lines(service.business, Asked(*stretch, Bucket.WEEK))[1] == ("03-10", 0, 2, 0)


def test_what_became_of_them_is_told_apart() -> None:
    service = make_service()
    for status, by in (
        ("booked", ""),
        ("completed", ""),
        ("no_show", ""),
        ("requested", ""),
        ("cancelled", "consumer"),
        ("cancelled", "provider"),
        ("cancelled", "business"),
        ("cancelled", ""),
    ):
        note(service, f"2030-03-04T{next(_numbers) % 24:02}:00", status=status, by=by)
    (line,) = reports.counts(SYSTEM, service.business, Asked(MONDAY, MONDAY))
    assert (line.kept, line.completed, line.no_shows, line.requested) == (3, 1, 1, 1)
    assert line.cancelled == {"consumer": 1, "provider": 1, "business": 2}


def test_bookings_made_count_on_the_day_they_were_made() -> None:
    service = make_service(business=make_business(timezone="America/New_York"))
    note(service, "2030-05-01T15:00", made="2030-03-05T04:59")  # 23:59 on Monday in New York
    note(service, "2030-05-01T16:00", made="2030-03-05T05:00", status="cancelled", by="consumer")
    assert lines(service.business, Asked(MONDAY, date(2030, 3, 5))) == [("03-04", 1, 0, 0), ("03-05", 1, 0, 0)]


def test_one_provider_or_service_can_be_looked_at_alone() -> None:
    business = make_business()
    ada, bo = make_provider(business=business), make_provider(business=business)
    visit, check = make_service(providers=[ada, bo]), make_service(providers=[ada])
    note(visit, "2030-03-04T09:00", provider=ada)
    note(visit, "2030-03-04T09:00", provider=bo)
    note(check, "2030-03-04T10:00", provider=ada)
    assert lines(business, Asked(MONDAY, MONDAY, provider=ada.pk))[0][2] == 2
    assert lines(business, Asked(MONDAY, MONDAY, service=visit.pk))[0][2] == 2
    assert lines(business, Asked(MONDAY, MONDAY, provider=bo.pk, service=check.pk))[0][2] == 0


def test_nothing_of_another_business_is_counted() -> None:
    ours, theirs = make_service(), make_service()
    note(theirs, "2030-03-04T09:00")
    assert lines(ours.business, Asked(MONDAY, MONDAY)) == [("03-04", 0, 0, 0)]
    assert reports.lead_times(SYSTEM, ours.business, Asked(MONDAY, MONDAY)).count == 0
    with pytest.raises(NotFound):
        reports.counts(manager_of(theirs.business), ours.business, Asked(MONDAY, MONDAY))


def test_results_take_a_role_that_sees_them() -> None:
    service = make_service()
    provider = manager_of(service.business, role=Role.PROVIDER)
    for report in (reports.counts, reports.lead_times, utilisation.utilisation):
        with pytest.raises(NotPermitted):
            report(provider, service.business, Asked(MONDAY, MONDAY))


def test_a_stretch_has_its_bounds() -> None:
    for last in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=800)):
        with pytest.raises(Invalid):
            Asked(MONDAY, last)


def test_lead_times_are_counted_from_booking_to_start() -> None:
    service = make_service()
    for made in (
        "2030-03-04T09:05",  # noted five minutes after it began
        "2030-03-04T09:00",
        "2030-03-04T08:01",  # 59 minutes ahead
        "2030-03-04T08:00",
        "2030-03-03T09:00",
        "2030-02-02T09:00",  # 30 days
    ):
        note(service, "2030-03-04T09:00", made=made, provider=make_provider(business=service.business))
    note(service, "2030-03-04T11:00", made="2030-03-04T10:00", status="cancelled", by="consumer")
    found = reports.lead_times(SYSTEM, service.business, Asked(MONDAY, MONDAY))
    day = 24 * 60
    assert [(one.least, one.under, one.count) for one in found.bins] == [
        (None, 0, 1),
        (0, 60, 2),
        (60, 240, 1),
        (240, day, 0),
        (day, 3 * day, 1),
        (3 * day, 7 * day, 0),
        (7 * day, 14 * day, 0),
        (14 * day, 30 * day, 0),
        (30 * day, None, 1),
    ]
    assert (found.count, found.median) == (6, 0)


def percent(business: Business, asked: Asked) -> dict[str, tuple[int, int]]:
    """Minutes booked and offered, by provider and service."""
    found = utilisation.utilisation(SYSTEM, business, asked)
    return {one.slug: (one.booked, one.offered) for one in (*found.providers, *found.services)}


def test_utilisation_is_booked_of_offered_minutes() -> None:
    ada = make_provider(slug="ada")
    visit = make_service(providers=[ada], slug="visit")  # Monday to Friday, nine hours a day
    note(visit, "2030-03-04T09:00", minutes=45)
    note(visit, "2030-03-05T09:00", minutes=15, status="no_show")
    note(visit, "2030-03-06T09:00", status="cancelled", by="consumer")
    assert percent(ada.business, Asked(MONDAY, SUNDAY)) == {"ada": (60, 5 * 540), "visit": (60, 5 * 540)}
    whole = utilisation.utilisation(SYSTEM, ada.business, Asked(MONDAY, SUNDAY))
    assert (whole.booked, whole.offered) == (60, 2700)


def test_days_off_and_time_off_are_not_offered() -> None:
    ada = make_provider(slug="ada")
    make_service(providers=[ada], slug="visit")
    DateOverride.objects.create(business=ada.business, provider=ada, date=MONDAY, is_closed=True)
    DateOverride.objects.create(
        business=ada.business, provider=ada, date=FRIDAY, start_minute=600, end_minute=660
    )  # one hour
    noon = to_minute(datetime(2030, 3, 5, 12, tzinfo=UTC))
    for start, end, who in ((noon, noon + 60, ada), (noon + 30, noon + 90, None)):  # 90 minutes together
        TimeOff.objects.create(business=ada.business, provider=who, start_minute=start, end_minute=end)
    assert percent(ada.business, Asked(MONDAY, SUNDAY))["ada"] == (0, 540 - 90 + 540 + 540 + 60)


def test_a_night_shift_over_a_clock_change_is_as_long_as_it_lasts() -> None:
    ada = make_provider(business=make_business(timezone="Europe/Berlin"), slug="ada")
    make_service(providers=[ada], slug="night")
    WeeklyHours.objects.filter(business=ada.business).delete()
    WeeklyHours.objects.create(business=ada.business, weekday=5, start_minute=22 * 60, end_minute=6 * 60)
    spring = Asked(date(2030, 3, 30), date(2030, 3, 31))
    autumn = Asked(date(2030, 10, 26), date(2030, 10, 27))
    assert percent(ada.business, spring)["ada"] == (0, 7 * 60)
    assert percent(ada.business, autumn)["ada"] == (0, 9 * 60)


def test_the_stretch_cuts_what_lies_across_its_ends() -> None:
    ada = make_provider(slug="ada")
    night = make_service(providers=[ada], slug="night")
    WeeklyHours.objects.filter(business=ada.business).delete()
    WeeklyHours.objects.create(business=ada.business, weekday=6, start_minute=20 * 60, end_minute=4 * 60)
    note(night, "2030-03-03T23:30", minutes=60)  # Sunday night into Monday
    assert percent(ada.business, Asked(MONDAY, MONDAY)) == {"ada": (30, 240), "night": (30, 240)}


def test_hours_count_in_the_providers_zone_and_days_in_that_of_the_business() -> None:
    tokyo = make_provider(slug="yui")
    visit = make_service(providers=[tokyo], slug="visit")
    Provider.objects.filter(pk=tokyo.pk).update(timezone="Asia/Tokyo")  # 08 to 17 is 23 to 08 UTC
    assert visit.business.timezone == "UTC"
    assert percent(visit.business, Asked(MONDAY, MONDAY))["yui"] == (0, 8 * 60 + 60)
    assert percent(visit.business, Asked(FRIDAY, FRIDAY))["yui"] == (0, 8 * 60)


def test_a_pinned_schedule_is_what_its_service_offers() -> None:
    ada = make_provider(slug="ada")
    visit = make_service(providers=[ada], slug="visit")
    evening = Schedule.objects.create(business=ada.business, provider=ada, name="Evening")
    WeeklyHours.objects.create(
        business=ada.business, provider=ada, schedule=evening, weekday=0, start_minute=960, end_minute=1140
    )  # 16 to 19, the first hour of it usual as well
    ServiceProvider.objects.filter(service=visit).update(schedule=evening)
    assert percent(ada.business, Asked(MONDAY, MONDAY)) == {"ada": (0, 540 + 120), "visit": (0, 180)}


def test_a_service_offers_no_more_than_its_own_hours() -> None:
    ada = make_provider(slug="ada")
    weekly = [[0, 9 * 60, 11 * 60]]
    make_service(providers=[ada], slug="visit", availability={"general": "hours", "weekly": weekly})
    assert percent(ada.business, Asked(MONDAY, SUNDAY)) == {"ada": (0, 2700), "visit": (0, 120)}


def test_a_group_session_takes_its_minutes_once_and_tells_its_seats() -> None:
    ada = make_provider(slug="ada")
    group = make_service(providers=[ada], slug="group", seats=8)
    first = note(group, "2030-03-04T09:00", minutes=60)
    session = first.seats.get().occupancy
    other = note(group, "2030-03-04T09:00", minutes=60, provider=make_provider(business=ada.business))
    Occupancy.objects.filter(seats__appointment=other).delete()
    Seat.objects.create(occupancy=session, appointment=other, number=1)
    found = utilisation.utilisation(SYSTEM, ada.business, Asked(MONDAY, MONDAY)).services[0]
    assert (found.booked, found.seats_taken, found.seats_offered) == (60, 2, 8)


def test_what_is_only_held_is_not_booked() -> None:
    clock.set_to(datetime(2030, 3, 4, 6, tzinfo=UTC))
    ada = make_provider(slug="ada")
    visit = make_service(providers=[ada], slug="visit")
    holds.hold(visit, datetime(2030, 3, 4, 9, tzinfo=UTC))
    assert percent(ada.business, Asked(MONDAY, MONDAY))["ada"][0] == 0


def test_who_is_booked_and_offers_nothing_any_more_is_still_told() -> None:
    ada = make_provider(slug="ada")
    visit = make_service(providers=[ada], slug="visit")
    note(visit, "2030-03-04T09:00")
    setup.retire_service(SYSTEM, visit)
    assert percent(ada.business, Asked(MONDAY, MONDAY)) == {"ada": (30, 540), "visit": (30, 0)}


def test_the_first_minute_of_a_day_is_the_first_that_shows_it() -> None:
    havana = date(2030, 3, 10)  # clocks go from 23:59 on Saturday to 01:00 on Sunday
    assert reports.midnight(havana, "America/Havana") == to_minute(
        datetime(2030, 3, 10, 1, tzinfo=zones.zone("America/Havana"))
    )
