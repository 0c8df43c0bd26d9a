"""Rules, availability, schedules, holidays and resources in the browser: each shows its effect before it is saved."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.booking.factories import at, book
from tests.factories import make_provider, manager_of
from tests.web.manager.forms import HOUSE_RULES, RULES, window
from tests.web.manager.office import Office, url
from vestibule.booking import setup
from vestibule.booking.models import (
    ProviderRules,
    Resource,
    ResourceClosure,
    Schedule,
    Service,
    ServiceProvider,
    TimeOff,
    Trip,
)
from vestibule.booking.setup import Need, rule_groups
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Role


def page(office: Office, address: str, data: dict[str, Any] | None = None) -> str:
    answer = office.manager.get(address) if data is None else office.manager.post(address, data)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text


def follow(*groups: str) -> dict[str, str]:
    return {f"follow_{group}": "on" for group in groups}


def saved(office: Office) -> Service:
    return Service.objects.get(pk=office.visit.pk)


class TestPreview:
    def test_it_tells_what_comes_and_goes_and_stores_nothing(self, office: Office) -> None:
        before = AuditEntry.objects.count()
        drawn = page(office, url("service-rules", "first-visit", draw=1), RULES | {"duration_minutes": "30"})
        assert "starts are added" in drawn
        assert "preview__added" in drawn
        shorter = page(office, url("service-rules", "first-visit", draw=1), RULES | {"alignment": "window"})
        assert "goes away" in shorter or "go away" in shorter
        assert "<s>" in shorter
        assert AuditEntry.objects.count() == before
        assert saved(office).interval_minutes == 30

    def test_half_typed_is_not_drawn(self, office: Office) -> None:
        answer = office.manager.post(url("service-rules", "first-visit", draw=1), RULES | {"duration_minutes": ""})
        assert answer.status_code == 422

    def test_what_does_not_fit_together_is_said(self, office: Office) -> None:
        drawn = page(office, url("service-rules", "first-visit", draw=1), RULES | {"window_type": "range"})
        assert "Enter the first or the last bookable date." in drawn

    def test_a_new_service_shows_its_week_before_it_is_there(self, office: Office) -> None:
        data = {"name": "Talk", "description": "", "duration_minutes": "60", "everybody": "on"}
        assert "9 starts, 08:00 to 16:00" in page(office, url("service-new", draw=1), data)
        assert "Nobody offers this yet" in page(office, url("service-new", draw=1), data | {"everybody": ""})
        assert not Service.objects.filter(name="Talk").exists()

    def test_opening_hours_show_what_they_do_to_a_service(self, office: Office) -> None:
        drawn = page(office, url("hours", draw=1), window(0, 0, "08:00", "10:00"))
        assert "08:00–10:00" in drawn
        assert "Free in the coming week: First visit" in drawn
        assert "starts go away" in drawn

    def test_a_persons_time_off_shows_that_persons_times(self, office: Office) -> None:
        setup.change_service(
            manager_of(office.business),
            office.visit,
            offers=[setup.Offer(office.ada), setup.Offer(make_provider(business=office.business))],
        )
        data = {"form": "off", "off-first_day": "2030-03-06", "off-last_day": "2030-03-06"}
        drawn = page(office, url("provider-days", office.ada.slug, draw=1), data)
        assert f"First visit with {office.ada.name}" in drawn
        assert "18 starts go away" in drawn
        assert not TimeOff.objects.exists()

    def test_a_day_far_ahead_shows_its_own_week(self, office: Office) -> None:
        data = {"form": "day", "day-date": "2030-12-24", "day-kind": "closed"}
        drawn = page(office, url("days", draw=1), data)
        assert "Free in the week from 24 December on" in drawn
        assert "18 starts go away" in drawn

    def test_a_viewer_has_nothing_to_draw(self, office: Office) -> None:
        assert office.as_(Role.VIEWER).post(url("hours", draw=1), {}).status_code == 403


class TestRules:
    def test_the_business_rules_reach_who_follows(self, office: Office) -> None:
        Service.objects.filter(pk=office.visit.pk).update(follows=["notice"])
        assert office.manager.post(url("rules"), HOUSE_RULES).status_code == 302
        assert (saved(office).notice_minutes, saved(office).interval_minutes) == (120, 30)
        assert Business.objects.get(pk=office.business.pk).max_open_per_consumer == 3

    def test_they_show_their_effect_on_a_service_that_follows(self, office: Office) -> None:
        Service.objects.filter(pk=office.visit.pk).update(follows=["grid"])
        drawn = page(office, url("rules", draw=1), HOUSE_RULES)
        assert "starts are added" in drawn
        assert Business.objects.get(pk=office.business.pk).booking_rules == {}

    def test_a_service_takes_a_group_over_and_has_the_rest_itself(self, office: Office) -> None:
        setup.change_booking_rules(manager_of(office.business), office.business, notice_minutes=45)
        data = RULES | follow("notice") | {"notice": "nonsense that nobody sees"}
        assert office.manager.post(url("service-rules", "first-visit"), data).status_code == 302
        assert (saved(office).follows, saved(office).notice_minutes) == (["notice"], 45)
        assert saved(office).interval_minutes == 15

    def test_what_the_business_says_stands_beside_each_box(self, office: Office) -> None:
        setup.change_booking_rules(
            manager_of(office.business), office.business, notice_minutes=45, needs_approval=True, window_days=10
        )
        text = page(office, url("service-rules", "first-visit"))
        assert "Up to 45 minutes before" in text
        assert "10 days ahead" in text
        assert "Asked for, and answered within 1 day" in text
        assert text.count('name="follow_') == len(rule_groups.GROUPS)

    def test_further_lengths_are_typed_with_commas(self, office: Office) -> None:
        office.manager.post(url("service-rules", "first-visit"), RULES | {"lengths": "90, 60"})
        assert saved(office).lengths == [60, 90]
        answer = office.manager.post(url("service-rules", "first-visit"), RULES | {"lengths": "an hour"})
        assert answer.context["form"].errors["lengths"]

    def test_a_provider_has_rules_of_their_own_or_none(self, office: Office) -> None:
        data = {"buffer_before_minutes": "", "buffer_after_minutes": "15", "notice": "2", "notice_unit": "60"}
        office.manager.post(url("provider-rules", office.ada.slug), data | {"max_day": "3"})
        rules = ProviderRules.objects.get(provider=office.ada)
        assert (rules.buffer_before_minutes, rules.buffer_after_minutes, rules.notice_minutes) == (None, 15, 120)
        assert rules.limits["max_per"] == {"day": 3}
        office.manager.post(url("provider-rules", office.ada.slug), {"notice_unit": "60"})
        rules.refresh_from_db()
        assert (rules.buffer_after_minutes, rules.notice_minutes, rules.limits) == (None, None, {})


class TestAvailability:
    def test_hours_of_its_own_and_a_season(self, office: Office) -> None:
        address = url("service-availability", "first-visit")
        data = {"kind": "hours"} | window(1, 0, "09:00", "10:00")
        assert "starts go away" in page(office, f"{address}?draw=1", data)
        assert office.manager.post(address, data).status_code == 302
        season = {"first": "2030-08-01", "last": "2030-08-31", "kind": "closed"}
        assert office.manager.post(url("service-range", "first-visit"), season).status_code == 302
        assert saved(office).availability == {
            "general": "hours",
            "weekly": [[1, 540, 600]],
            "ranges": [{"from": "2030-08-01", "to": "2030-08-31", "kind": "closed", "weekly": []}],
        }
        office.manager.post(url("service-range-remove", "first-visit", "2030-08-01_2030-08-31"))
        assert saved(office).availability["ranges"] == []

    def test_hours_that_are_none_are_sent_back(self, office: Office) -> None:
        answer = office.manager.post(url("service-availability", "first-visit"), {"kind": "hours"})
        assert answer.status_code == 422
        assert saved(office).availability == {}


class TestPeople:
    def test_schedule_share_and_team_are_chosen_where_a_service_is_offered(self, office: Office) -> None:
        bo = make_provider(business=office.business)
        evening = Schedule.objects.create(business=office.business, provider=bo, name="Evening")
        data = {"assignment": "some", "team_size": "2", "offer": [office.ada.ref, bo.ref]}
        data |= {f"schedule-{bo.ref}": evening.ref, f"weight-{bo.ref}": "3"}
        assert office.manager.post(url("service-offers", "first-visit"), data).status_code == 302
        offer = ServiceProvider.objects.get(service=office.visit, provider=bo)
        assert (offer.schedule, offer.weight, saved(office).team_size) == (evening, 3, 2)

    def test_a_share_that_is_none_is_sent_back(self, office: Office) -> None:
        data = {"assignment": "any", "offer": [office.ada.ref], f"weight-{office.ada.ref}": "99"}
        assert office.manager.post(url("service-offers", "first-visit"), data).status_code == 422

    def test_choosing_what_somebody_offers_keeps_how_they_do(self, office: Office) -> None:
        ServiceProvider.objects.filter(service=office.visit).update(weight=4)
        bo = make_provider(business=office.business)
        office.manager.post(url("provider-offers", bo.slug), {"service": [office.visit.ref]})
        assert ServiceProvider.objects.get(service=office.visit, provider=office.ada).weight == 4

    def test_a_schedule_is_added_filled_renamed_and_removed(self, office: Office) -> None:
        client, slug = office.as_(Role.PROVIDER), office.ada.slug
        answer = client.post(url("schedules", slug), {"name": "Evening"})
        evening = Schedule.objects.get()
        assert answer["Location"] == url("schedule", slug, evening.ref)
        address = url("schedule", slug, evening.ref)
        assert client.post(address, {"form": "week"} | window(0, 0, "18:00", "20:00")).status_code == 302
        day = {"form": "day", "day-date": "2030-12-24", "day-kind": "closed"}
        assert client.post(address, day).status_code == 302
        assert client.post(address, {"form": "name", "name": "Night"}).status_code == 302
        row = evening.date_overrides.get()
        assert client.post(url("schedule-day-remove", slug, evening.ref, row.ref)).status_code == 302
        evening.refresh_from_db()
        hours = [(one.weekday, one.start_minute) for one in evening.weekly_hours.all()]
        assert (evening.name, hours, evening.date_overrides.count()) == ("Night", [(0, 1080)], 0)
        assert client.post(url("schedule-remove", slug, evening.ref)).status_code == 302
        assert not Schedule.objects.exists()

    def test_time_off_leads_to_a_colleague_and_travel_to_another_zone(self, office: Office) -> None:
        bo, address = make_provider(business=office.business), url("provider-days", office.ada.slug)
        off = {"form": "off", "off-first_day": "2030-03-06", "off-last_day": "2030-03-07", "off-redirect_to": bo.ref}
        assert office.manager.post(address, off).status_code == 302
        trip = {"form": "trip", "trip-first": "2030-04-01", "trip-last": "", "trip-timezone": "Asia/Tokyo"}
        assert office.manager.post(address, trip).status_code == 302
        assert (TimeOff.objects.get().redirect_to, Trip.objects.get().timezone) == (bo, "Asia/Tokyo")
        text = page(office, address)
        assert f"{bo.name} stands in" in text
        assert "Tokyo time" in text


class TestHolidays:
    def test_they_are_chosen_by_place_and_opened_one_by_one(self, office: Office) -> None:
        assert (
            office.manager.post(url("holidays"), {"holiday_country": "CH", "holiday_region": "ZH"}).status_code == 302
        )
        text = page(office, url("holidays"))
        assert "Easter Monday" in text
        office.manager.post(url("holidays"), {"form": "open", "date": "2030-04-22", "is_open": "1"})
        assert Business.objects.get(pk=office.business.pk).open_holidays == ["2030-04-22"]

    def test_the_effect_is_shown_in_the_week_of_the_next_one(self, office: Office) -> None:
        drawn = page(office, url("holidays", draw=1), {"holiday_country": "CH", "holiday_region": "ZH"})
        assert "Free in the week from 19 April on" in drawn
        assert "36 starts go away" in drawn
        assert Business.objects.get(pk=office.business.pk).holiday_country == ""

    def test_another_country_drops_the_region(self, office: Office) -> None:
        setup.keep_holidays(manager_of(office.business), office.business, "CH", "ZH")
        office.manager.post(url("holidays"), {"holiday_country": "GB", "holiday_region": "ZH"})
        stored = Business.objects.get(pk=office.business.pk)
        assert (stored.holiday_country, stored.holiday_region) == ("GB", "")

    @pytest.mark.parametrize("day", ["2030-04-23", "", "tomorrow", "9999-99-99", "\0"])
    def test_a_day_that_is_none_changes_nothing(self, office: Office, day: str) -> None:
        setup.keep_holidays(manager_of(office.business), office.business, "CH", "ZH")
        office.manager.post(url("holidays"), {"form": "open", "date": day, "is_open": "1"})
        assert Business.objects.get(pk=office.business.pk).open_holidays == []


class TestResources:
    def test_one_is_added_needed_closed_and_retired(self, office: Office) -> None:
        office.manager.post(url("resource-new"), {"name": "Room 2", "kind": "room", "quantity": "2", "note": ""})
        room = Resource.objects.get()
        needs = {"need": [room.ref], f"quantity-{room.ref}": "1", f"group-{room.ref}": "rooms"}
        assert office.manager.post(url("service-needs", "first-visit"), needs).status_code == 302
        assert [(need.quantity, need.group) for need in office.visit.needs.all()] == [(1, "rooms")]
        address = url("resource", room.ref)
        closure = {"form": "closure", "closure-first_day": "2030-03-06", "closure-last_day": "2030-03-06"}
        assert "18 starts go away" in page(office, f"{address}?draw=1", closure)
        assert office.manager.post(address, closure).status_code == 302
        refused = office.manager.post(url("resource-retire", room.ref))
        assert "First visit" in refused.content.decode()
        office.manager.post(url("closure-remove", room.ref, ResourceClosure.objects.get().ref))
        office.manager.post(url("service-needs", "first-visit"), {})
        office.manager.post(url("resource-retire", room.ref))
        assert not Resource.objects.get().is_active
        office.manager.post(url("resource-restore", room.ref))
        assert Resource.objects.get().is_active

    def test_needing_one_shows_what_is_left(self, office: Office) -> None:
        room = setup.add_resource(manager_of(office.business), office.business, name="Room 2")
        setup.retire_resource(manager_of(office.business), room)
        setup.restore_resource(manager_of(office.business), room)
        drawn = page(
            office, url("service-needs", "first-visit", draw=1), {"need": [room.ref], f"quantity-{room.ref}": "2"}
        )
        assert "starts go away" in drawn
        assert not office.visit.needs.exists()

    def test_fewer_units_show_what_goes(self, office: Office) -> None:
        room = setup.add_resource(manager_of(office.business), office.business, name="Room 2", quantity=2)
        setup.change_service(manager_of(office.business), office.visit, needs=[Need(room, 2)])
        data = {"form": "details", "name": "Room 2", "kind": "room", "quantity": "1", "note": "", "position": "0"}
        assert "starts go away" in page(office, url("resource", room.ref, draw=1), data)


class TestQuestions:
    def test_a_consent_has_a_text_whose_version_goes_up(self, office: Office) -> None:
        consent = {"label": "I agree", "type": "consent", "text": "We keep it a year.", "required": "on"}
        office.manager.post(url("question-new", "first-visit"), consent)
        address = url("question", "first-visit", "i_agree")
        office.manager.post(address, consent | {"help": "Read it"})
        assert saved(office).questions[0]["version"] == "1"
        office.manager.post(address, consent | {"text": "We keep it two years."})
        assert saved(office).questions[0]["version"] == "2"

    def test_a_question_is_shown_as_consumers_see_it(self, office: Office) -> None:
        file = {"label": "Your referral", "type": "file", "choices": "", "text": "", "help": ""}
        drawn = page(office, url("question-new", "first-visit", draw=1), file)
        assert "Your referral" in drawn
        assert 'type="file"' in drawn
        assert saved(office).questions == []


def test_what_no_longer_fits_is_listed_with_a_way_to_each(office: Office) -> None:
    setup.set_override(manager_of(office.business), office.business, date(2030, 3, 5), [])
    text = page(office, url("hours"))
    assert "2 appointments no longer fit" in text
    assert url("appointment", office.booked.ref) in text
    bo = make_provider(business=office.business)
    assert "no longer fit" not in page(office, url("provider-hours", bo.slug))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("approval", "Booking rules"),
        ("canton", "Public holidays"),
        ("device", "Rooms and devices"),
        ("travel", "Providers"),
        ("waitlist", "Services"),
    ],
)
def test_new_settings_are_found_by_what_people_call_them(office: Office, words: str, title: str) -> None:
    assert title in page(office, url("setup", q=words)).split("<main", 1)[1]


class TestZones:
    def test_the_zone_of_a_person_shows_its_effect(self, office: Office) -> None:
        data = {"name": office.ada.name, "title": "", "email": "", "phone": "", "timezone": "Asia/Tokyo"}
        drawn = page(office, url("provider", office.ada.slug, draw=1), data | {"position": "0"})
        assert "starts are added" in drawn
        office.ada.refresh_from_db()
        assert office.ada.timezone == ""

    def test_the_rule_of_buffers_shows_its_effect(self, office: Office) -> None:
        setup.change_service(
            manager_of(office.business), office.visit, buffer_after_minutes=30, buffer_before_minutes=30
        )
        office.visit.refresh_from_db()
        book(office.visit, at("13:00") + timedelta(days=1))
        house = {name: getattr(office.business, name) for name in ("name", "timezone", "language")}
        drawn = page(office, url("business", draw=1), house | {"week_start": "mon", "buffer_rule": "max"})
        assert "start is added" in drawn or "starts are added" in drawn

    def test_a_day_of_a_schedule_shows_its_effect(self, office: Office) -> None:
        manager = manager_of(office.business)
        evening = setup.add_schedule(manager, office.ada, "Evening")
        setup.set_hours(manager, office.business, [setup.Hours(0, 1080, 1140)], provider=office.ada, schedule=evening)
        setup.change_service(manager, office.visit, offers=[setup.Offer(office.ada, schedule=evening)])
        address = url("schedule", office.ada.slug, evening.ref)
        drawn = page(office, f"{address}?draw=1", {"form": "day", "day-date": "2030-03-11", "day-kind": "closed"})
        assert "2 starts go away" in drawn
        assert not evening.date_overrides.exists()
