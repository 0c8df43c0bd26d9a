"""Booking, moving and cancelling: what is stored, what is freed, who may."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service, starts, wish_for
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import lifecycle, links
from vestibule.booking.errors import (
    AlreadyCancelled,
    InvalidContact,
    LimitReached,
    OffGrid,
    OutsideHours,
    ProviderNotOffered,
    ServiceHidden,
    SlotTaken,
    TooFar,
    TooLateToChange,
    TooSoon,
    WrongStatus,
)
from vestibule.booking.models import Appointment, Occupancy, StatusChange
from vestibule.booking.wishes import Contact
from vestibule.meetings.models import Meeting
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, CapabilityLink, Consumer
from vestibule.people.permissions import PUBLIC, SYSTEM, Role, staff_actor
from vestibule.store import clock

pytestmark = pytest.mark.django_db


class TestBooking:
    def test_a_booked_start_is_offered_no_more(self) -> None:
        service = make_service()
        book(service, at("09:00"))
        assert "09:00" not in starts(service)
        assert "09:30" in starts(service)

    def test_end_and_price_are_computed(self) -> None:
        service = make_service(duration_minutes=45, interval_minutes=15, price_minor=9000, currency="EUR")
        appointment = book(service, at("09:00"))
        assert appointment.end == at("09:45")
        assert (appointment.price_minor, appointment.currency) == (9000, "EUR")

    def test_the_same_start_cannot_be_booked_twice(self) -> None:
        service = make_service()
        book(service, at("09:00"))
        with pytest.raises(SlotTaken) as refusal:
            book(service, at("09:00"))
        assert refusal.value.facts["nearest"][:2] == ["2030-03-04T08:00:00Z", "2030-03-04T08:30:00Z"]
        assert Appointment.objects.count() == 1

    def test_buffers_of_both_appointments_are_kept_free(self) -> None:
        service = make_service(interval_minutes=5, buffer_before_minutes=5, buffer_after_minutes=10)
        book(service, at("09:00"))
        assert {"09:30", "09:40"} & set(starts(service)) == set()
        assert "09:45" in starts(service)

    @pytest.mark.parametrize(
        ("time", "refusal"),
        [("07:30", OutsideHours), ("16:45", OutsideHours), ("09:10", OffGrid), ("03:00", OutsideHours)],
    )
    def test_only_starts_that_are_offered_can_be_booked(self, time: str, refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            book(make_service(), at(time))

    def test_notice_and_horizon_are_kept(self) -> None:
        clock.set_to(at("08:30"))
        service = make_service(notice_minutes=60, window_days=7)
        with pytest.raises(TooSoon):
            book(service, at("09:00"))
        book(service, at("10:00"))
        with pytest.raises(TooFar):
            book(service, at("09:00") + timedelta(days=8))

    def test_staff_book_within_the_notice_but_never_an_overlap(self) -> None:
        clock.set_to(at("08:30"))
        service = make_service(notice_minutes=1440)
        staff = manager_of(service.business)
        lifecycle.book(staff, wish_for(service, at("09:00")))
        with pytest.raises(SlotTaken):
            lifecycle.book(staff, wish_for(service, at("09:00")))

    def test_limits_count_what_is_booked(self) -> None:
        service = make_service(limits={"max_per": {"day": 1}, "timezone": "", "scope": "staff"})
        first = book(service, at("09:00"))
        with pytest.raises(LimitReached):
            book(service, at("11:00"))
        lifecycle.cancel(SYSTEM, first)
        book(service, at("11:00"))

    def test_hidden_and_retired_services_are_not_for_the_public(self) -> None:
        hidden = make_service(visibility="hidden")
        with pytest.raises(ServiceHidden):
            book(hidden, at("09:00"))
        lifecycle.book(manager_of(hidden.business), wish_for(hidden, at("09:00")))
        retired = make_service(is_active=False)
        with pytest.raises(ServiceHidden):
            lifecycle.book(manager_of(retired.business), wish_for(retired, at("09:00")))

    def test_a_meeting_with_both_sides_comes_about(self) -> None:
        appointment = book(make_service(), at("09:00"))
        meeting = Meeting.objects.get(appointment=appointment)
        assert [one.kind for one in meeting.participants.all()] == ["consumer", "provider"]
        assert meeting.opens_at == at("08:30")
        assert meeting.closes_at == at("10:30")

    def test_one_link_to_manage_and_one_visit_link_each(self) -> None:
        appointment = book(make_service(), at("09:00"))
        assert sorted(CapabilityLink.objects.values_list("purpose", "role")) == [
            ("manage", "consumer"),
            ("visit", "collaborator"),
            ("visit", "presenter"),
        ]
        addresses = links.addresses(appointment)
        assert "/appointment?v=" in addresses.manage
        assert "/visit?v=" in addresses.visit
        assert links.provider_visit(appointment) not in ("", addresses.visit)

    def test_who_booked_is_on_record(self) -> None:
        appointment = book(make_service(), at("09:00"))
        entry = AuditEntry.objects.get(action="appointment.booked")
        assert (entry.subject_ref, entry.actor_kind) == (appointment.ref, "public")
        assert StatusChange.objects.get().status == "booked"

    def test_somebody_elses_business_is_not_found(self) -> None:
        service = make_service()
        with pytest.raises(NotFound):
            lifecycle.book(manager_of(make_business()), wish_for(service, at("09:00")))

    def test_a_provider_books_with_nobody_else(self) -> None:
        service = make_service()
        own = service.offers.get().provider
        me = manager_of(service.business, role=Role.PROVIDER, provider=own)
        with pytest.raises(NotPermitted):
            lifecycle.book(me, wish_for(service, at("09:00")))
        lifecycle.book(me, wish_for(service, at("09:00"), provider=own))


class TestWhoIsChosen:
    def test_any_goes_to_whoever_was_booked_longest_ago(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        service = make_service(providers=[ada, bo])
        clock.set_to(at("00:00") - timedelta(days=1))
        chosen = []
        for time in ("09:00", "09:30", "10:00"):
            clock.advance(60)
            chosen.append(book(service, at(time)).provider)
        assert chosen == [ada, bo, ada]

    def test_any_takes_whoever_is_free(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        service = make_service(providers=[ada, bo])
        booked = {book(service, at("09:00")).provider, book(service, at("09:00")).provider}
        assert booked == {ada, bo}
        with pytest.raises(SlotTaken):
            book(service, at("09:00"))

    def test_a_wish_for_one_person_is_kept(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        service = make_service(providers=[ada, bo])
        assert book(service, at("09:00"), provider=bo).provider == bo
        with pytest.raises(SlotTaken):
            book(service, at("09:00"), provider=bo)
        with pytest.raises(ProviderNotOffered):
            book(service, at("09:00"), provider=make_provider(business=business))

    def test_all_takes_everybody_at_once(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        both = make_service(providers=[ada, bo], assignment="all")
        alone = make_service(business=business, providers=[bo])
        book(alone, at("09:00"))
        assert "09:00" not in starts(both)
        book(both, at("10:00"))
        assert "10:00" not in starts(alone)
        with pytest.raises(SlotTaken):
            book(both, at("09:00"))

    def test_mixed_takes_the_fixed_and_one_of_the_group(self) -> None:
        business = make_business()
        device, ada, bo = (make_provider(business=business, name=name) for name in ("Device", "Ada", "Bo"))
        service = make_service(providers=[device, ada, bo], assignment="mixed")
        service.offers.filter(provider=device).update(role="fixed")
        service.offers.exclude(provider=device).update(group="doctors")
        appointment = book(service, at("09:00"))
        used = set(Occupancy.objects.filter(seats__appointment=appointment).values_list("provider__name", flat=True))
        assert len(used) == 2
        assert "Device" in used
        with pytest.raises(SlotTaken):
            book(service, at("09:00"))


class TestGroups:
    def test_seats_are_booked_until_full(self) -> None:
        service = make_service(seats=2)
        book(service, at("09:00"))
        assert "09:00" in starts(service)
        book(service, at("09:00"))
        assert "09:00" not in starts(service)
        with pytest.raises(SlotTaken):
            book(service, at("09:00"))

    def test_a_cancelled_seat_is_free_for_another(self) -> None:
        service = make_service(seats=2)
        first, second = book(service, at("09:00")), book(service, at("09:00"))
        lifecycle.cancel(SYSTEM, first)
        book(service, at("09:00"))
        lifecycle.cancel(SYSTEM, second)
        assert Occupancy.objects.filter(is_active=True).count() == 1

    def test_a_session_blocks_other_services_until_its_last_seat_is_given_back(self) -> None:
        service = make_service(seats=2)
        other = make_service(business=service.business, providers=[service.offers.get().provider])
        first, second = book(service, at("09:00")), book(service, at("09:00"))
        lifecycle.cancel(SYSTEM, first)
        assert "09:00" not in starts(other)
        lifecycle.cancel(SYSTEM, second)
        assert "09:00" in starts(other)


class TestContacts:
    @pytest.mark.parametrize("name", ["", "   ", "...", "a\0b", "x" * 121, "Ada\u202eBlum", "line\nbreak", "\ud800x"])
    def test_names_that_cannot_be_shown_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidContact) as refusal:
            book(make_service(), at("09:00"), contact=Contact(name=name, email="ada@example.org"))
        assert refusal.value.facts["field"] == "name"
        assert not Consumer.objects.exists()

    @pytest.mark.parametrize(
        "email",
        ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\r\nBcc: x@y.org", "a" * 250 + "@b.co"],
    )
    def test_addresses_that_cannot_be_written_to_are_refused(self, email: str) -> None:
        with pytest.raises(InvalidContact) as refusal:
            book(make_service(), at("09:00"), contact=Contact(name="Ada", email=email))
        assert refusal.value.facts["field"] == "email"

    @pytest.mark.parametrize("phone", ["12", "call me", "+999123", "+44 20 7946 0018 ext 5", "1" * 41])
    def test_numbers_that_cannot_be_called_are_refused(self, phone: str) -> None:
        with pytest.raises(InvalidContact):
            book(make_service(), at("09:00"), contact=Contact(name="Ada", email="ada@example.org", phone=phone))

    def test_a_number_without_country_is_one_of_the_business_own(self) -> None:
        service = make_service()
        service.business.phone = "+41445550100"
        service.business.save()
        contact = Contact(name="Ada", email="ada@example.org", phone="079 555 01 11")
        assert book(service, at("09:00"), contact=contact).phone == "+41795550111"

    def test_who_books_with_a_known_address_changes_nothing_about_its_owner(self) -> None:
        service = make_service()
        book(service, at("09:00"), contact=Contact(name="Cleo", email="Cleo@Example.org", phone="+41795550111"))
        second = book(service, at("10:00"), contact=Contact(name="Mallory", email="cleo@example.org"))
        assert second.name == "Mallory"
        assert Consumer.objects.get().name == "Cleo"

    def test_markup_stays_text(self) -> None:
        appointment = book(make_service(), at("09:00"), contact=Contact("<b>Ada</b>", "ada@example.org"))
        assert appointment.name == "<b>Ada</b>"


class TestAnswers:
    QUESTIONS = [
        {"id": "why", "type": "text", "label": "Why?", "required": True, "help": "", "choices": []},
        {"id": "how", "type": "choice", "label": "How?", "required": False, "help": "", "choices": ["a", "b"]},
        {"id": "age", "type": "number", "label": "Age?", "required": False, "help": "", "choices": []},
    ]

    def test_answers_are_kept(self) -> None:
        service = make_service(questions=self.QUESTIONS)
        appointment = book(service, at("09:00"), answers={"why": " cough ", "how": "b", "age": "41"})
        assert appointment.answers == {"why": "cough", "how": "b", "age": 41}

    def test_none_at_all_is_a_number_too(self) -> None:
        questions = [{**self.QUESTIONS[2], "required": True}]
        assert book(make_service(questions=questions), at("09:00"), answers={"age": 0}).answers == {"age": 0}

    @pytest.mark.parametrize(
        ("answers", "field"),
        [
            ({}, "answers.why"),
            ({"why": "  "}, "answers.why"),
            ({"why": ["x"]}, "answers.why"),
            ({"why": "x" * 201}, "answers.why"),
            ({"why": "x", "how": "c"}, "answers.how"),
            ({"why": "x", "age": "old"}, "answers.age"),
            ({"why": "x", "age": float("nan")}, "answers.age"),
            ({"why": "x", "other": "y"}, "answers"),
        ],
    )
    def test_answers_that_do_not_fit_are_refused(self, answers: dict[str, object], field: str) -> None:
        with pytest.raises(Invalid) as refusal:
            book(make_service(questions=self.QUESTIONS), at("09:00"), answers=answers)
        assert refusal.value.facts["field"] == field
        assert not Appointment.objects.exists()


class TestMoving:
    def test_the_old_time_is_free_and_the_new_one_taken(self) -> None:
        service = make_service()
        appointment = book(service, at("09:00"))
        moved = lifecycle.move(SYSTEM, appointment, at("11:00"))
        assert (moved.start, moved.version) == (at("11:00"), 1)
        assert "09:00" in starts(service)
        assert "11:00" not in starts(service)
        assert Meeting.objects.get().starts_at == at("11:00")

    def test_it_may_overlap_the_time_it_leaves(self) -> None:
        service = make_service(duration_minutes=60, interval_minutes=30)
        moved = lifecycle.move(SYSTEM, book(service, at("09:00")), at("09:30"))
        assert moved.start == at("09:30")

    def test_onto_taken_time_it_is_refused_and_stays(self) -> None:
        service = make_service()
        appointment = book(service, at("09:00"))
        book(service, at("11:00"))
        with pytest.raises(SlotTaken):
            lifecycle.move(SYSTEM, appointment, at("11:00"))
        appointment.refresh_from_db()
        assert appointment.start == at("09:00")
        assert "09:00" not in starts(service)

    def test_to_another_provider_the_first_is_free(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        service = make_service(providers=[ada, bo])
        appointment = book(service, at("09:00"), provider=ada)
        moved = lifecycle.move(SYSTEM, appointment, at("09:00"), provider=bo)
        assert moved.provider == bo
        assert book(service, at("09:00")).provider == ada
        hosts = Meeting.objects.get(appointment=appointment).participants.filter(kind="provider")
        assert [host.provider for host in hosts] == [bo]

    def test_nobody_outside_chooses_a_person_where_the_business_assigns_one(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        service = make_service(providers=[ada, bo], consumer_chooses_provider=False)
        appointment = book(service, at("09:00"))
        other = bo if appointment.provider == ada else ada
        with pytest.raises(ProviderNotOffered):
            lifecycle.move(holder_of(appointment), appointment, at("10:00"), provider=other)
        same = lifecycle.move(holder_of(appointment), appointment, at("10:00"), provider=appointment.provider)
        assert same.start == at("10:00")

    def test_a_provider_moves_nothing_into_the_day_of_a_colleague(self) -> None:
        business = make_business()
        ada, bo = make_provider(business=business, name="Ada"), make_provider(business=business, name="Bo")
        appointment = book(make_service(providers=[ada, bo]), at("09:00"), provider=ada)
        own = staff_actor(user_id=1, label="Ada", business_id=business.pk, role=Role.PROVIDER, provider_id=ada.pk)
        with pytest.raises(NotPermitted):
            lifecycle.move(own, appointment, at("10:00"), provider=bo)
        assert lifecycle.move(own, appointment, at("10:00")).provider == ada

    def test_links_live_on(self) -> None:
        appointment = book(make_service(), at("09:00"))
        before = links.addresses(appointment)
        moved = lifecycle.move(SYSTEM, appointment, at("09:00") + timedelta(days=30))
        assert links.addresses(moved) == before
        assert CapabilityLink.objects.filter(expires_at__gt=moved.end).count() == 3

    def test_consumers_keep_the_notice_staff_need_not(self) -> None:
        service = make_service(change_notice_minutes=120)
        appointment = book(service, at("11:00"))
        clock.set_to(at("09:00") + timedelta(seconds=1))
        with pytest.raises(TooLateToChange):
            lifecycle.move(holder_of(appointment), appointment, at("15:00"))
        with pytest.raises(TooLateToChange):
            lifecycle.cancel(holder_of(appointment), appointment)
        lifecycle.move(manager_of(service.business), appointment, at("15:00"))

    def test_only_who_holds_the_link_may(self) -> None:
        appointment = book(make_service(), at("09:00"))
        other = book(make_service(), at("09:00"))
        for stranger in (PUBLIC, holder_of(other), manager_of(make_business())):
            with pytest.raises(NotFound):
                lifecycle.move(stranger, appointment, at("10:00"))
        with pytest.raises(NotPermitted):
            lifecycle.move(manager_of(appointment.business, role=Role.VIEWER), appointment, at("10:00"))
        lifecycle.move(holder_of(appointment), appointment, at("10:00"))


class TestCancelling:
    def test_the_time_is_free_at_once(self) -> None:
        service = make_service()
        appointment = book(service, at("09:00"))
        cancelled = lifecycle.cancel(holder_of(appointment), appointment, reason="ill")
        assert (cancelled.status, cancelled.cancelled_by, cancelled.version) == ("cancelled", "consumer", 1)
        assert "09:00" in starts(service)
        book(service, at("09:00"))

    def test_nobody_can_come_in_any_more(self) -> None:
        appointment = book(make_service(), at("09:00"))
        lifecycle.cancel(SYSTEM, appointment)
        assert Meeting.objects.get().state == "cancelled"
        live = CapabilityLink.objects.filter(revoked_at=None, expires_at__gt=clock.now())
        assert [link.purpose for link in live] == ["manage"]

    def test_twice_is_refused(self) -> None:
        appointment = book(make_service(), at("09:00"))
        lifecycle.cancel(SYSTEM, appointment)
        with pytest.raises(AlreadyCancelled):
            lifecycle.cancel(SYSTEM, appointment)
        with pytest.raises(AlreadyCancelled):
            lifecycle.move(SYSTEM, appointment, at("10:00"))


class TestConcluding:
    def test_only_from_the_start_on_and_only_by_staff(self) -> None:
        appointment = book(make_service(), at("09:00"))
        staff = manager_of(appointment.business)
        with pytest.raises(Invalid):
            lifecycle.no_show(staff, appointment)
        clock.set_to(at("09:10"))
        with pytest.raises(NotPermitted):
            lifecycle.no_show(holder_of(appointment), appointment)
        assert lifecycle.no_show(staff, appointment).status == "no_show"
        assert lifecycle.complete(staff, appointment).status == "completed"

    def test_what_is_over_cannot_be_cancelled(self) -> None:
        appointment = book(make_service(), at("09:00"))
        clock.set_to(at("09:40"))
        lifecycle.complete(SYSTEM, appointment)
        with pytest.raises(WrongStatus):
            lifecycle.cancel(SYSTEM, appointment)


def test_being_late_is_said_in_minutes() -> None:
    appointment = book(make_service(), at("09:00"))
    assert lifecycle.running_late(holder_of(appointment), appointment, 10).running_late_minutes == 10
    for minutes in (0, 121):
        with pytest.raises(Invalid):
            lifecycle.running_late(holder_of(appointment), appointment, minutes)
