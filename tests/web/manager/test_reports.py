"""The pages of reports: filters in the address, tables beside plots, and files that are safe to open."""

import csv
from io import StringIO

import pytest

from tests.booking.factories import at, book
from tests.factories import make_provider
from tests.web.manager.office import Office, make_office, url
from vestibule.booking.models import ServiceProvider
from vestibule.people.models import Provider
from vestibule.people.permissions import Role
from vestibule.web.manager.plots import Series, plot_of

pytestmark = pytest.mark.django_db
WEEK = {"since": "2030-03-04", "until": "2030-03-10"}


@pytest.fixture
def office() -> Office:
    return make_office()


def shown(office: Office, **query: str) -> str:
    answer = office.manager.get(url("reports", **{**WEEK, **query}))
    assert answer.status_code == 200
    return answer.content.decode()


def table(office: Office, name: str, **query: str) -> list[list[str]]:
    answer = office.manager.get(url("report-file", name, **{**WEEK, **query}))
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_page_counts_what_is_booked(office: Office) -> None:
    page = shown(office)
    assert "<strong>2</strong>" in page, "appointments in this period"
    assert "Took place or to come (2)" in page


def test_without_dates_the_last_thirty_days_are_shown(office: Office) -> None:
    page = office.manager.get(url("reports")).content.decode()
    assert 'value="2030-02-03"' in page
    assert 'value="2030-03-04"' in page


def test_the_bookings_file_has_a_line_for_each_day(office: Office) -> None:
    rows = table(office, "bookings")
    assert rows[0][:4] == ["From", "Until", "Bookings made", "Appointments"]
    assert [row[:4] for row in rows[1:3]] == [
        ["2030-03-04", "2030-03-04", "2", "0"],
        ["2030-03-05", "2030-03-05", "0", "2"],
    ]
    assert len(rows) == 8


def test_the_utilisation_files_tell_minutes(office: Office) -> None:
    assert table(office, "providers")[1] == ["Dr Ada Blum", "60", "2700", "2.2"]
    assert table(office, "services")[1] == ["First visit", "60", "2700", "2.2", "", ""]
    assert table(office, "providers", provider="dr-ada-blum")[1:] == [["Dr Ada Blum", "60", "2700", "2.2"]]


def test_a_name_that_looks_like_a_formula_is_text_in_the_file(office: Office) -> None:
    Provider.objects.filter(pk=office.ada.pk).update(name='=HYPERLINK("https://example.org")')
    assert table(office, "providers")[1][0] == '\'=HYPERLINK("https://example.org")'


def test_lead_times_are_in_a_file_as_well(office: Office) -> None:
    assert sum(int(row[2]) for row in table(office, "lead-times")[1:]) == 2


def test_a_wrong_stretch_is_said_at_its_field(office: Office) -> None:
    answer = office.manager.get(url("reports", since="2030-03-10", until="2030-03-04"))
    assert answer.status_code == 422
    assert "the earlier date first" in answer.content.decode()
    assert office.manager.get(url("report-file", "bookings", since="soon")).status_code == 404


def test_only_those_who_see_results_see_reports(office: Office) -> None:
    assert office.as_(Role.VIEWER).get(url("reports")).status_code == 200
    assert office.as_(Role.PROVIDER).get(url("reports")).status_code == 403
    assert office.as_(Role.PROVIDER).get(url("report-file", "bookings")).status_code == 403


def test_nothing_of_another_business_is_counted(office: Office) -> None:
    stranger = make_office(slug="harbour-bank", name="Harbour Bank")
    assert [row[0] for row in table(stranger, "providers")[1:]] == ["Dr Ada Blum"]
    bo = make_provider(business=office.business, slug="bo", name="Bo")
    ServiceProvider.objects.create(service=office.visit, provider=bo)
    book(office.visit, at("13:00"))
    assert sum(int(row[3]) for row in table(stranger, "bookings")[1:]) == 2


def test_columns_stack_from_the_bottom_and_fill_the_height() -> None:
    plot = plot_of(["Mon", "Tue"], (Series("a", "kept", [3, 0]), Series("b", "missed", [1, 2])))
    assert [(box.sign, box.x, box.y, box.height) for box in plot.boxes] == [
        ("a", 1, "25.00", "75.00"),
        ("b", 1, "0.00", "25.00"),
        ("b", 11, "50.00", "50.00"),
    ]
