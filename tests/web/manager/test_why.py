"""Why a time is missing: the page says what each rule says, and its strip agrees with what is offered."""

from datetime import timedelta

import pytest

from tests.booking.factories import at
from tests.web.manager.office import Office, make_office, url
from vestibule.booking import availability, missing
from vestibule.booking.models import Service, TimeOff
from vestibule.people.models import Provider
from vestibule.people.permissions import Role
from vestibule.store.clock import to_minute
from vestibule.web.manager import why

pytestmark = pytest.mark.django_db
TUESDAY = timedelta(days=1)


@pytest.fixture
def office() -> Office:
    return make_office()


def page(office: Office, time: str, role: Role = Role.MANAGER, **query: str) -> str:
    asked = {"service": office.visit.slug, "day": "2030-03-05", "time": time, **query}
    answer = office.as_(role).get(url("why", **asked))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def parts(office: Office, day: int = 1) -> list[tuple[str, str, str, int]]:
    """Tuesday's parts as (from, to, rule, starts)."""
    first = to_minute(at("00:00") + timedelta(days=day))
    shown = missing.parts(office.visit, first, first + 1440)
    return [(_clock(one.first - first), _clock(one.last - first), one.rule, one.starts) for one in shown]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def test_the_day_is_covered_by_what_decides(office: Office) -> None:
    assert parts(office) == [
        ("00:00", "08:00", "hours", 0),
        ("08:00", "09:00", "free", 2),
        ("09:00", "09:30", "busy", 1),
        ("09:30", "10:00", "free", 1),
        ("10:00", "10:30", "busy", 1),
        ("10:30", "17:00", "free", 13),
        ("17:00", "24:00", "hours", 0),
    ]


def test_a_closed_day_is_one_part(office: Office) -> None:
    assert parts(office, day=5) == [("00:00", "24:00", "hours", 0)]


def test_the_parts_that_are_free_are_what_is_offered(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(interval_minutes=5, buffer_after_minutes=10)
    office.visit.refresh_from_db()
    first = at("00:00") + TUESDAY
    offered = {to_minute(one.start) for one in availability.free_starts(office.visit, first, first + TUESDAY)}
    shown = missing.parts(office.visit, to_minute(first), to_minute(first) + 1440)
    free = {
        minute for part in shown if part.rule == missing.FREE for minute in range(part.first, part.last) if part.starts
    }
    assert offered == {minute for minute in free if minute % 5 == 0}


def test_a_taken_time_names_the_rule_and_leads_to_the_calendar(office: Office) -> None:
    shown = page(office, "09:00")
    assert "is not offered" in shown
    assert 'href="/manage/calendar?date=2030-03-05' in shown
    assert "Nearest free times" in shown


def test_a_free_time_says_so(office: Office) -> None:
    assert "can be booked" in page(office, "08:30")


def test_time_off_leads_to_the_days_of_that_provider(office: Office) -> None:
    start = to_minute(at("12:00") + TUESDAY)
    TimeOff.objects.create(business=office.business, provider=office.ada, start_minute=start, end_minute=start + 60)
    assert 'href="/manage/setup/providers/dr-ada-blum/days"' in page(office, "12:00", provider="dr-ada-blum")


def test_a_hidden_service_is_explained_as_well(office: Office) -> None:
    Service.objects.filter(pk=office.visit.pk).update(visibility="hidden")
    assert "for staff only" in page(office, "08:30")


def test_without_anything_asked_the_page_shows_the_next_morning(office: Office) -> None:
    shown = office.manager.get(url("why")).content.decode()
    assert 'value="2030-03-05"' in shown
    assert 'value="09:00"' in shown


def test_a_provider_sees_the_own_days_only(office: Office) -> None:
    other = Provider.objects.create(business=office.business, slug="bo", name="Bo")
    office.visit.offers.create(provider=other)
    shown = page(office, "09:00", role=Role.PROVIDER)
    assert "Dr Ada Blum" in shown
    assert ">Bo<" not in shown


def test_a_provider_who_asks_for_anybody_sees_the_own_day(office: Office) -> None:
    other = Provider.objects.create(business=office.business, slug="bo", name="Bo")
    office.visit.offers.create(provider=other)
    assert "can be booked" in page(office, "09:00"), "Bo is free"
    assert "is not offered" in page(office, "09:00", role=Role.PROVIDER)


def test_what_belongs_to_others_is_not_explained(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    Service.objects.filter(pk=theirs.visit.pk).update(slug="mortgage-talk", name="Mortgage talk")
    Provider.objects.filter(pk=theirs.ada.pk).update(slug="amelia-stone", name="Amelia Stone")
    shown = office.manager.get(url("why", service="mortgage-talk", day="2030-03-05", time="09:00")).content.decode()
    assert "First visit" in shown, "their service is not there, so the own first one is shown"
    assert "Mortgage talk" not in shown
    assert "Amelia Stone" not in shown
    asked = url("why", service=office.visit.slug, provider="amelia-stone", day="2030-03-05", time="09:00")
    assert office.manager.get(asked).status_code == 422


def test_a_time_that_is_no_time_is_asked_for_again(office: Office) -> None:
    answer = office.manager.get(url("why", service=office.visit.slug, day="soon", time="09:00"))
    assert answer.status_code == 422


def test_the_address_of_a_start_opens_its_explanation(office: Office) -> None:
    start = at("09:00") + TUESDAY
    address = why.address(office.visit.slug, start.date(), 9 * 60, provider=office.ada.slug)
    assert "is not offered" in office.manager.get(address).content.decode()


def test_who_does_not_offer_a_service_is_said_to(office: Office) -> None:
    Provider.objects.create(business=office.business, slug="bo", name="Bo")
    assert "There is nothing to explain" in page(office, "09:00", provider="bo")


def test_a_provider_alone_is_explained_by_a_service_they_offer(office: Office) -> None:
    first = Service.objects.create(business=office.business, slug="a-first", name="A first", position=0)
    Service.objects.filter(pk=office.visit.pk).update(position=5)
    assert first.offers.count() == 0
    shown = office.manager.get(url("why", provider="dr-ada-blum", day="2030-03-05")).content.decode()
    assert '<option value="first-visit" selected>' in shown
