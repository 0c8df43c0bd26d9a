"""Setting a business up in the browser, down to what the database holds."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.factories import make_business, make_membership, make_provider
from tests.web.manager.forms import DETAILS, RULES, window
from tests.web.manager.office import Office, url
from vestibule.booking.models import DateOverride, Location, Service, TimeOff, WeeklyHours
from vestibule.people.models import AuditEntry, Provider
from vestibule.people.permissions import Role
from vestibule.store.clock import from_minute
from vestibule.web.manager.activity import SAYINGS

SOURCE = Path(__file__).parents[3] / "src"


def hours_of(office: Office, provider: Provider | None = None) -> list[tuple[int, int, int]]:
    rows = WeeklyHours.objects.filter(business=office.business, provider=provider)
    return [(row.weekday, row.start_minute, row.end_minute) for row in rows]


def test_business_details_are_saved_and_said(office: Office) -> None:
    answer = office.manager.post(url("business"), DETAILS, follow=True)
    office.business.refresh_from_db()
    assert (office.business.name, office.business.tagline) == ("Lakeside Clinic & Friends", "By the lake")
    assert (office.business.timezone, office.business.phone) == ("Europe/Zurich", "+41445550100")
    assert "The business was saved" in answer.content.decode()


def test_a_refusal_of_the_verb_lands_on_its_question(office: Office) -> None:
    answer = office.manager.post(url("business"), DETAILS | {"phone": "call me"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["phone"][0].startswith("This is not a phone number")
    office.business.refresh_from_db()
    assert office.business.name == "Lakeside Clinic"


def test_opening_hours_take_several_windows_and_nights(office: Office) -> None:
    data = window(0, 0, "08:00", "12:00") | window(0, 1, "13:00", "17:00") | window(4, 0, "22:00", "02:00")
    assert office.manager.post(url("hours"), data).status_code == 302
    assert hours_of(office) == [(0, 480, 720), (0, 780, 1020), (4, 1320, 120)]


def test_midnight_to_midnight_is_round_the_clock(office: Office) -> None:
    office.manager.post(url("hours"), window(2, 0, "00:00", "00:00"))
    assert hours_of(office) == [(2, 0, 1440)]


def test_a_window_more_is_offered_without_script_and_nothing_saved(office: Office) -> None:
    before = hours_of(office)
    page = office.manager.post(url("hours"), window(0, 0, "09:00", "12:00") | {"add": "0"})
    assert page.status_code == 200
    assert 'name="d0_1_from"' in page.content.decode()
    assert hours_of(office) == before


def test_monday_is_copied_to_the_other_weekdays_without_script(office: Office) -> None:
    data = window(0, 0, "09:00", "12:00") | window(3, 0, "10:00", "11:00") | window(5, 0, "10:00", "11:00")
    page = office.manager.post(url("hours"), data | {"copy": "weekdays"})
    days = {
        day.name: [(row.opens.value(), row.closes.value()) for row in day.rows] for day in page.context["form"].days()
    }
    assert days["Thursday"] == days["Monday"] == [("09:00", "12:00")]
    assert days["Saturday"] == [("10:00", "11:00")]


def test_half_a_window_is_sent_back_with_what_was_typed(office: Office) -> None:
    before = hours_of(office)
    page = office.manager.post(url("hours"), window(1, 0, "09:00", ""))
    assert page.status_code == 422
    assert "Give both times of this window" in page.content.decode()
    assert 'value="09:00"' in page.content.decode()
    assert hours_of(office) == before


def test_the_coming_week_is_drawn_as_typed_and_nothing_stored(office: Office) -> None:
    before = hours_of(office)
    drawn = office.manager.post(url("hours", draw=1), window(1, 0, "09:00", "11:30")).content.decode()
    assert "09:00–11:30" in drawn
    assert drawn.count("Closed") == 6
    assert hours_of(office) == before


def test_a_provider_gets_hours_of_their_own_and_follows_the_business_again(office: Office) -> None:
    address = url("provider-hours", office.ada.slug)
    office.manager.post(address, {"whose": "own"} | window(6, 0, "10:00", "14:00"))
    office.ada.refresh_from_db()
    assert (hours_of(office, office.ada), office.ada.uses_business_hours) == ([(6, 600, 840)], False)
    office.manager.post(address, {"whose": "business"})
    office.ada.refresh_from_db()
    assert (hours_of(office, office.ada), office.ada.uses_business_hours) == ([], True)


def test_providers_change_their_own_hours_and_nobody_elses(office: Office) -> None:
    other = make_provider(business=office.business, name="Dr Bo Lund", slug="dr-bo-lund")
    client = office.as_(Role.PROVIDER)
    data = {"whose": "own"} | window(6, 0, "10:00", "14:00")
    assert client.post(url("provider-hours", office.ada.slug), data).status_code == 302
    assert client.post(url("provider-hours", other.slug), data).status_code == 403
    assert client.post(url("hours"), data).status_code == 403
    assert hours_of(office, other) == []


def test_a_day_is_closed_and_given_its_hours_back_after_asking(office: Office) -> None:
    data = {"form": "day", "day-date": "2030-12-25", "day-kind": "closed", "day-note": "Christmas"}
    assert office.manager.post(url("days"), data).status_code == 302
    row = DateOverride.objects.get(business=office.business)
    assert (row.date, row.is_closed, row.provider) == (date(2030, 12, 25), True, None)
    question = office.manager.get(url("day-remove", row.ref)).content.decode()
    assert "Give Wednesday 25 December its weekly hours back?" in question
    assert DateOverride.objects.exists()
    office.manager.post(url("day-remove", row.ref))
    assert not DateOverride.objects.exists()


def test_a_day_gets_two_windows(office: Office) -> None:
    data = {"form": "day", "day-date": "2030-12-24", "day-kind": "hours", "day-first_from": "09:00"}
    data |= {"day-first_to": "12:00", "day-second_from": "13:00", "day-second_to": "15:00"}
    office.manager.post(url("provider-days", office.ada.slug), data)
    rows = DateOverride.objects.filter(provider=office.ada).values_list("start_minute", "end_minute")
    assert list(rows) == [(540, 720), (780, 900)]


def test_whole_days_off_are_meant_where_no_time_is_given(office: Office) -> None:
    data = {"form": "off", "off-first_day": "2030-07-01", "off-last_day": "2030-07-02", "off-reason": "Holiday"}
    assert office.manager.post(url("provider-days", office.ada.slug), data).status_code == 302
    row = TimeOff.objects.get(provider=office.ada)
    assert (row.end_minute - row.start_minute, row.reason) == (2 * 24 * 60, "Holiday")
    office.manager.post(url("off-remove", row.ref))
    assert not TimeOff.objects.exists()


def test_time_off_of_somebody_elsewhere_is_said_in_their_zone(office: Office) -> None:
    Provider.objects.filter(pk=office.ada.pk).update(timezone="America/New_York")
    data = {"form": "off", "off-first_day": "2030-07-01", "off-first_time": "09:00", "off-last_day": "2030-07-01"}
    page = office.manager.post(url("provider-days", office.ada.slug), data | {"off-last_time": "12:00"}, follow=True)
    row = TimeOff.objects.get(provider=office.ada)
    assert from_minute(row.start_minute).hour == 13
    assert "Monday 1 July, 09:00 – 12:00 (New York time)" in page.content.decode()


def test_time_off_that_ends_before_it_begins_is_sent_back(office: Office) -> None:
    data = {"form": "off", "off-first_day": "2030-07-02", "off-last_day": "2030-07-01"}
    page = office.manager.post(url("days"), data)
    assert page.status_code == 422
    assert "Time off ends after it begins" in page.content.decode()


def test_a_location_in_use_stays_and_the_page_says_why(office: Office) -> None:
    place = Location.objects.get(business=office.business)
    page = office.manager.post(url("location-remove", place.ref))
    assert page.status_code == 422
    assert "Services still take place here" in page.content.decode()
    Service.objects.update(location=None)
    office.manager.post(url("location-remove", place.ref))
    assert not Location.objects.exists()


def test_a_location_in_person_needs_its_address(office: Office) -> None:
    page = office.manager.post(url("locations"), {"name": "Main street", "kind": "place", "address": ""})
    assert page.context["form"].errors["address"] == ["Enter the address, so that people find the way."]
    data = {"name": "Main street", "kind": "place", "address": "Main street 1"}
    assert office.manager.post(url("locations"), data).status_code == 302
    assert Location.objects.filter(address="Main street 1").exists()


def test_a_new_service_is_offered_by_everybody_and_shows_its_rules(office: Office) -> None:
    data = {"name": "Follow-up", "description": "", "duration_minutes": "15", "everybody": "on"}
    answer = office.manager.post(url("service-new"), data)
    service = Service.objects.get(name="Follow-up")
    assert answer["Location"] == url("service-rules", service.slug)
    assert [offer.provider for offer in service.offers.all()] == [office.ada]
    assert (service.duration_minutes, service.interval_minutes, service.notice_minutes) == (15, 15, 1440)


def test_rules_are_saved_with_their_units(office: Office) -> None:
    assert office.manager.post(url("service-rules", "first-visit"), RULES).status_code == 302
    saved = Service.objects.get(pk=office.visit.pk)
    assert (saved.duration_minutes, saved.buffer_after_minutes, saved.alignment) == (45, 10, "clock")
    assert (saved.notice_minutes, saved.change_notice_minutes, saved.window_days) == (120, 1440, 90)
    assert saved.limits["max_per"] == {"day": 8}
    assert saved.limits["max_minutes_per"] == {"week": 600}
    assert saved.limits["scope"] == "service"


def test_rules_shown_are_rules_saved(office: Office) -> None:
    address = url("service-rules", "first-visit")
    office.manager.post(address, RULES)
    form = office.manager.get(address).context["form"]
    assert {name: str(form[name].value() or "") for name in RULES} == RULES


def test_a_preview_shows_what_the_rules_would_do_and_stores_nothing(office: Office) -> None:
    before = office.manager.get(url("service-rules", "first-visit")).content.decode()
    assert "18 starts, 08:00 to 16:30" in before
    page = office.manager.post(url("service-rules", "first-visit"), RULES | {"preview": "1"})
    drawn = office.manager.post(url("service-rules", "first-visit", draw=1), RULES).content.decode()
    for shown in (page.content.decode(), drawn):
        assert "18 starts" not in shown
        assert "08:00 to 16:15" in shown
    assert Service.objects.get(pk=office.visit.pk).duration_minutes == 30


def test_a_window_between_two_dates_needs_a_date(office: Office) -> None:
    page = office.manager.post(url("service-rules", "first-visit"), RULES | {"window_type": "range"})
    assert page.status_code == 422
    assert page.context["form"].errors["window_from"] == ["Enter the first or the last bookable date."]


def test_details_keep_the_price_in_its_smallest_part(office: Office) -> None:
    data = {"name": "First visit", "description": "", "location": "", "visibility": "hidden", "position": "3"}
    office.manager.post(url("service", "first-visit"), data | {"price": "12.5", "currency": "eur"})
    saved = Service.objects.get(pk=office.visit.pk)
    assert (saved.price_minor, saved.currency, saved.visibility, saved.location) == (1250, "EUR", "hidden", None)
    office.manager.post(url("service", "first-visit"), data | {"price": "1200", "currency": "JPY"})
    assert Service.objects.get(pk=office.visit.pk).price_minor == 1200


def test_a_service_is_taken_off_after_asking_and_offered_again(office: Office) -> None:
    question = office.manager.get(url("service-retire", "first-visit")).content.decode()
    assert "2 appointments already booked stay" in question
    office.manager.post(url("service-retire", "first-visit"))
    assert not Service.objects.get(pk=office.visit.pk).is_active
    office.manager.post(url("service-restore", "first-visit"))
    assert Service.objects.get(pk=office.visit.pk).is_active


def test_who_offers_a_service_and_how_they_are_assigned(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund")
    data = {"assignment": "mixed", "consumer_chooses_provider": "", "offer": [office.ada.ref, bo.ref]}
    data |= {f"role-{office.ada.ref}": "fixed", f"role-{bo.ref}": "one_of", f"group-{bo.ref}": "nurse"}
    assert office.manager.post(url("service-offers", "first-visit"), data).status_code == 302
    saved = {offer.provider: (offer.role, offer.group) for offer in office.visit.offers.select_related("provider")}
    assert saved == {office.ada: ("fixed", ""), bo: ("one_of", "nurse")}
    assert Service.objects.get(pk=office.visit.pk).assignment == "mixed"


def test_somebody_of_another_business_cannot_offer_a_service(office: Office) -> None:
    stranger = make_provider()
    data = {"assignment": "any", "offer": [stranger.ref]}
    assert office.manager.post(url("service-offers", "first-visit"), data).status_code == 422
    assert list(office.visit.offers.values_list("provider", flat=True)) == [office.ada.pk]


def test_questions_are_added_changed_ordered_and_removed_without_script(office: Office) -> None:
    client = office.manager
    first = {"label": "What is it about?", "type": "long_text", "choices": "", "help": "", "required": "on"}
    second = {"label": "How long?", "type": "choice", "choices": "A day\n\nA week\n", "help": "About", "required": ""}
    client.post(url("question-new", "first-visit"), first)
    client.post(url("question-new", "first-visit"), second)
    asked = Service.objects.get(pk=office.visit.pk).questions
    assert [(one["id"], one["required"], one["choices"]) for one in asked] == [
        ("what_is_it_about", True, []),
        ("how_long", False, ["A day", "A week"]),
    ]
    client.post(url("question-move", "first-visit", "how_long"), {"by": "earlier"})
    client.post(url("question", "first-visit", "how_long"), second | {"label": "Since when?"})
    client.post(url("question-remove", "first-visit", "what_is_it_about"))
    asked = Service.objects.get(pk=office.visit.pk).questions
    assert [(one["id"], one["label"]) for one in asked] == [("how_long", "Since when?")]


def test_a_question_says_which_field_its_answer_confirms(office: Office) -> None:
    born = {"label": "Born", "type": "date", "choices": "", "help": "", "confirms": "birth_date"}
    office.manager.post(url("question-new", "first-visit"), born)
    assert Service.objects.get(pk=office.visit.pk).questions[0]["confirms"] == "birth_date"
    assert 'value="birth_date" selected' in office.manager.get(url("question", "first-visit", "born")).content.decode()
    page = office.manager.post(url("question", "first-visit", "born"), born | {"confirms": "postcode"})
    assert page.context["form"].errors["confirms"]


def test_a_choice_without_choices_is_sent_back_to_that_question(office: Office) -> None:
    data = {"label": "How long?", "type": "choice", "choices": "", "help": ""}
    page = office.manager.post(url("question-new", "first-visit"), data)
    assert page.context["form"].errors["choices"] == ["This question needs 1 to 30 choices."]


def test_a_provider_is_added_offers_something_and_leaves(office: Office) -> None:
    data = {"name": "Dr Bo Lund", "title": "Family medicine", "email": "bo@example.org", "phone": "", "timezone": ""}
    answer = office.manager.post(url("provider-new"), data)
    bo = Provider.objects.get(name="Dr Bo Lund")
    assert answer["Location"] == url("provider-offers", bo.slug)
    office.manager.post(url("provider-offers", bo.slug), {"service": [office.visit.ref]})
    assert [offer.service for offer in bo.offers.all()] == [office.visit]
    office.manager.post(url("provider-offers", bo.slug), {})
    assert not bo.offers.exists()
    office.manager.post(url("provider-deactivate", bo.slug))
    assert not Provider.objects.get(pk=bo.pk).is_active
    office.manager.post(url("provider-reactivate", bo.slug))
    assert Provider.objects.get(pk=bo.pk).is_active


def test_choosing_what_a_provider_offers_leaves_others_as_they_are(office: Office) -> None:
    bo = make_provider(business=office.business, name="Dr Bo Lund")
    office.manager.post(url("provider-offers", bo.slug), {"service": [office.visit.ref]})
    assert set(office.visit.offers.values_list("provider", flat=True)) == {office.ada.pk, bo.pk}


def test_every_change_is_in_the_activity_in_plain_words(office: Office) -> None:
    office.manager.post(url("hours"), window(2, 0, "08:00", "12:00"))
    office.manager.post(url("service-rules", "first-visit"), RULES)
    page = office.manager.get(url("activity")).content.decode()
    assert "changed working hours" in page
    assert "changed a service" in page
    assert f"manager@{office.business.slug}.example" in page
    unknown = {entry.action for entry in AuditEntry.objects.all()} - set(SAYINGS)
    assert unknown == set()


def test_whatever_is_noted_has_plain_words() -> None:
    noted = re.compile(r'(?:record|_log)\(\s*[^"]{0,160}?"([a-z_]+\.[a-z_]+)"')
    actions = {action for path in SOURCE.rglob("*.py") for action in noted.findall(path.read_text("utf-8"))}
    assert len(actions) > 50
    assert actions - set(SAYINGS) == set()


def test_settings_are_found_by_what_people_call_them(office: Office) -> None:
    page = office.manager.get(url("setup", q="holiday")).content.decode().split("<main", 1)[1]
    assert "Closed days and exceptions" in page
    assert "API keys" not in page
    assert "No setting is called that" in office.manager.get(url("setup", q="zebra")).content.decode()


@pytest.mark.parametrize("name", ["services", "providers", "locations", "appointments", "messages", "results", "keys"])
def test_an_empty_list_says_what_belongs_there(office: Office, name: str) -> None:
    business = make_business(slug="brand-new")
    office.staff[Role.OWNER] = make_membership(business=business, role=Role.OWNER)
    page = office.as_(Role.OWNER).get(url(name)).content.decode()
    assert 'class="empty"' in page


def test_a_new_business_is_led_to_its_first_booking(office: Office) -> None:
    business = make_business(slug="brand-new")
    office.staff[Role.OWNER] = make_membership(business=business, role=Role.OWNER)
    page = office.as_(Role.OWNER).get(url("")).content.decode()
    assert "Get ready for your first booking" in page
    assert 'href="/book/brand-new"' in page
