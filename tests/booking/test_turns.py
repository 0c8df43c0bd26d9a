"""Who gets an appointment: by turn, by weight, whom one knows, who stands in, and teams of some."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import MONDAY, at, book, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, holds, lifecycle, setup
from vestibule.booking.errors import Closed, SlotTaken
from vestibule.booking.models import (
    Appointment,
    Occupancy,
    ProviderRules,
    Seat,
    Service,
    ServiceProvider,
    TimeOff,
)
from vestibule.people import masks
from vestibule.people.errors import Refusal
from vestibule.people.models import Provider
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sunday() -> None:
    clock.set_to(MONDAY - DAY)


def team(count: int, **values: Any) -> tuple[Service, list[Provider]]:
    """A service that `count` providers offer, a quarter of an hour long."""
    business = make_business()
    people = [make_provider(business=business, name=f"Person {number}") for number in range(count)]
    service = make_service(providers=people, **{"duration_minutes": 15, "interval_minutes": 15, **values})
    masks.raise_versions_of(business)
    return service, people


def weigh(service: Service, *weights: int) -> None:
    for offer, weight in zip(service.offers.order_by("pk"), weights, strict=True):
        ServiceProvider.objects.filter(pk=offer.pk).update(weight=weight)


def books(service: Service, count: int, since: int = 0) -> list[int]:
    """Book one start after the other, and return who got each."""
    days = [MONDAY + DAY * (number // 36) for number in range(since, since + count)]
    times = [timedelta(hours=8, minutes=15 * (number % 36)) for number in range(since, since + count)]
    return [book(service, day + time).provider_id for day, time in zip(days, times, strict=True)]


def members(appointment: Appointment) -> set[int]:
    return set(Seat.objects.filter(appointment=appointment).values_list("occupancy__provider_id", flat=True))


class TestWeights:
    def test_without_weights_the_one_least_recently_booked_comes_next(self) -> None:
        service, people = team(3)
        assert books(service, 6) == [one.pk for one in people] * 2
        assert not ServiceProvider.objects.exclude(turn=0).exists()

    def test_everybody_gets_a_share_in_proportion(self) -> None:
        service, (ada, bo) = team(2)
        weigh(service, 3, 1)
        assert Counter(books(service, 24)) == {ada.pk: 18, bo.pk: 6}

    def test_who_joins_has_nothing_to_catch_up_on(self) -> None:
        service, _people = team(2)
        weigh(service, 2, 1)
        books(service, 24)
        newcomer = make_provider(business=service.business)
        everybody = [(one.provider, one.weight) for one in service.offers.order_by("pk")] + [(newcomer, 1)]
        offers = [setup.Offer(provider, weight=weight) for provider, weight in everybody]
        setup.change_service(SYSTEM, service, offers=offers)
        assert Counter(books(service, 16, since=24))[newcomer.pk] == 4

    def test_nor_has_who_was_away_for_long(self) -> None:
        service, (ada, bo) = team(2)
        weigh(service, 2, 1)
        away = TimeOff.objects.create(
            business=service.business,
            provider=bo,
            start_minute=clock.to_minute(MONDAY),
            end_minute=clock.to_minute(at("17:00")),
        )
        masks.raise_versions([bo.pk])
        assert set(books(service, 36)) == {ada.pk}
        away.delete()
        masks.raise_versions([bo.pk])
        assert Counter(books(service, 18, since=36))[bo.pk] <= 7

    def test_moving_an_appointment_is_not_taking_one(self) -> None:
        service, _people = team(2)
        weigh(service, 2, 1)
        appointment = book(service, at("09:00"))
        before = list(ServiceProvider.objects.order_by("pk").values_list("turn", flat=True))
        lifecycle.move(SYSTEM, appointment, at("10:00"))
        assert list(ServiceProvider.objects.order_by("pk").values_list("turn", flat=True)) == before


class TestWhomOneKnows:
    def test_a_returning_consumer_sees_their_person_first(self) -> None:
        service, (_ada, bo) = team(2, prefers_known_provider=True)
        book(service, at("09:00"), provider=bo)
        clock.set_to(MONDAY + DAY)
        assert book(service, at("09:00") + DAY).provider_id == bo.pk
        assert book(service, at("09:15") + DAY).provider_id == bo.pk

    def test_whoever_is_free_if_that_person_is_not(self) -> None:
        service, (ada, bo) = team(2, prefers_known_provider=True)
        book(service, at("09:00"), provider=bo)
        clock.set_to(MONDAY + DAY)
        book(service, at("09:00") + DAY, provider=bo)
        assert book(service, at("09:00") + DAY).provider_id == ada.pk

    def test_the_hold_of_another_does_not_stand_in_the_way(self) -> None:
        service, (_ada, bo) = team(2, prefers_known_provider=True)
        book(service, at("09:00"), provider=bo)
        clock.set_to(MONDAY + DAY)
        kept = holds.hold(service, at("09:00") + DAY)
        assert book(service, at("09:00") + DAY, hold=kept.ref).provider_id == bo.pk

    def test_an_appointment_still_ahead_or_cancelled_is_no_meeting(self) -> None:
        service, (ada, bo) = team(2, prefers_known_provider=True)
        lifecycle.cancel(SYSTEM, book(service, at("09:00"), provider=bo))
        book(service, at("10:00") + 3 * DAY, provider=bo)
        clock.set_to(MONDAY + DAY)
        assert book(service, at("09:00") + DAY).provider_id == ada.pk


class TestWhoStandsIn:
    def away(self, service: Service, who: Provider, other: Provider) -> None:
        TimeOff.objects.create(
            business=service.business,
            provider=who,
            start_minute=clock.to_minute(at("09:00")),
            end_minute=clock.to_minute(at("10:00")),
            redirect_to=other,
        )
        masks.raise_versions([who.pk])

    def asked(self, service: Service, who: Provider) -> dict[str, tuple[int, ...]]:
        found = availability.free_starts(service, at("08:30"), at("10:15"), provider=who)
        return {f"{slot.start:%H:%M}": slot.providers for slot in found}

    def test_who_asks_for_somebody_away_is_shown_the_colleague(self) -> None:
        service, (ada, bo) = team(2, interval_minutes=30)
        self.away(service, ada, bo)
        assert self.asked(service, ada) == {
            "08:30": (ada.pk,),
            "09:00": (bo.pk,),
            "09:30": (bo.pk,),
            "10:00": (ada.pk,),
        }
        appointment = book(service, at("09:30"), provider=ada)
        assert appointment.provider_id == bo.pk
        assert "09:30" not in self.asked(service, ada)
        with pytest.raises(SlotTaken):
            book(service, at("09:30"), provider=ada)
        told = availability.explain(service, at("09:30"), provider=ada)
        assert [one.code for one in told if not one.allows] == ["slot_taken"]

    def test_a_colleague_who_does_not_offer_it_stands_in_for_nobody(self) -> None:
        service, (ada,) = team(1)
        self.away(service, ada, make_provider(business=service.business))
        assert "09:00" not in self.asked(service, ada)
        with pytest.raises(Closed):
            book(service, at("09:00"), provider=ada)

    def test_the_first_free_start_may_be_the_colleagues(self) -> None:
        service, (ada, bo) = team(2)
        self.away(service, ada, bo)
        found = availability.next_free(service, at("09:00"), provider=ada)
        assert found is not None
        assert (found.start, found.providers) == (at("09:00"), (bo.pk,))


class TestSomeTogether:
    def test_as_many_as_asked_take_part_those_whose_turn_it_is(self) -> None:
        service, people = team(4, assignment="some", team_size=2)
        ids = [one.pk for one in people]
        assert members(book(service, at("09:00"))) == set(ids[:2])
        assert members(book(service, at("09:00"))) == set(ids[2:])
        assert at("09:00") not in [slot.start for slot in availability.free_starts(service, MONDAY, MONDAY + DAY)]
        with pytest.raises(SlotTaken):
            book(service, at("09:00"))
        assert members(book(service, at("10:00"))) == set(ids[:2])

    def test_of_thousands_of_teams_the_one_whose_turn_it_is(self) -> None:
        service, people = team(16, assignment="some", team_size=6)
        Provider.objects.filter(pk__in=[one.pk for one in people[:10]]).update(last_booked_at=clock.now())
        assert members(book(service, at("09:00"))) == {one.pk for one in people[10:]}
        assert members(book(service, at("09:00"))) <= {one.pk for one in people[:10]}

    def test_of_each_group_the_one_whose_turn_it_is(self) -> None:
        service, people = team(12, assignment="mixed")
        for one in people:
            service.offers.filter(provider=one).update(group="left" if one in people[:6] else "right")
        Provider.objects.exclude(pk__in=[people[5].pk, people[11].pk]).update(last_booked_at=clock.now())
        assert members(book(service, at("09:00"))) == {people[5].pk, people[11].pk}
        for _number in range(5):
            assert len(members(book(service, at("09:00")))) == 2
        with pytest.raises(SlotTaken):
            book(service, at("09:00"))

    def test_who_is_asked_for_takes_part(self) -> None:
        service, people = team(4, assignment="some", team_size=2)
        last = people[-1]
        assert last.pk in members(book(service, at("09:00"), provider=last))
        found = availability.free_starts(service, at("09:00"), at("09:15"), provider=last)
        assert found == []

    def test_too_few_are_no_team(self) -> None:
        service, _people = team(2, assignment="some", team_size=3)
        assert availability.free_starts(service, MONDAY, MONDAY + DAY) == []
        with pytest.raises(Refusal):
            book(service, at("09:00"))

    @pytest.mark.parametrize("assignment", ["mixed", "all"])
    def test_of_other_teams_too_who_is_asked_for_takes_part(self, assignment: str) -> None:
        service, people = team(3, assignment=assignment)
        last = people[-1]
        assert last.pk in members(book(service, at("09:00"), provider=last))
        assert availability.free_starts(service, at("09:00"), at("09:15"), provider=last) == []


class TestOwnRules:
    """What a provider has set counts for that provider in place of the service's rules."""

    def starts(self, service: Service, who: Provider | None = None) -> list[str]:
        found = availability.free_starts(service, at("08:00"), at("10:00"), provider=who)
        return [f"{slot.start:%H:%M}" for slot in found]

    def test_own_buffers(self) -> None:
        service, (ada, bo) = team(2)
        ProviderRules.objects.create(provider=ada, buffer_before_minutes=15, buffer_after_minutes=30)
        for who in (ada, bo):
            book(service, at("09:00"), provider=who)
        assert self.starts(service, bo) == ["08:00", "08:15", "08:30", "08:45", "09:15", "09:30", "09:45"]
        assert self.starts(service, ada) == ["08:00"]
        with pytest.raises(SlotTaken):
            book(service, at("09:45"), provider=ada)
        kept = Occupancy.objects.get(provider=ada)
        assert (kept.buffer_before, kept.buffer_after) == (15, 30)
        assert kept.end_minute - kept.start_minute == 60

    def test_own_notice_which_staff_need_not_keep(self) -> None:
        service, (ada, bo) = team(2)
        ProviderRules.objects.create(provider=ada, notice_minutes=60)
        clock.set_to(at("08:00"))
        assert self.starts(service, ada)[0] == "09:00"
        assert self.starts(service)[0] == "08:00"
        assert book(service, at("08:15")).provider_id == bo.pk
        found = availability.free_starts(service, at("08:00"), at("09:00"), provider=ada, as_staff=True)
        assert found[0].start == at("08:00")

    def test_own_limits_count_every_service(self) -> None:
        service, (ada,) = team(1)
        other = make_service(providers=[ada])
        ProviderRules.objects.create(provider=ada, limits={"max_per": {"day": 2}})
        book(service, at("09:00"))
        assert self.starts(service) != []
        book(other, at("10:00"))
        assert self.starts(service) == []
        with pytest.raises(Refusal) as refusal:
            book(service, at("11:00"))
        assert refusal.value.code == "limit_reached"

    def test_limits_look_back_as_far_as_they_count(self) -> None:
        service, (ada,) = team(1)
        ProviderRules.objects.create(provider=ada, limits={"max_per": {"month": 1}})
        book(service, at("09:00"))
        clock.set_to(MONDAY + 20 * DAY)
        later = MONDAY + 21 * DAY
        assert availability.free_starts(service, later, later + DAY) == []


class TestLengths:
    def test_any_of_the_lengths_may_be_asked_for_held_and_booked(self) -> None:
        service, _people = team(1, lengths=[30, 60])
        assert availability.lengths_of(service) == (15, 30, 60)
        book(service, at("09:00"))
        found = availability.free_starts(service, at("08:00"), at("10:00"), length=60)
        assert [f"{slot.start:%H:%M}" for slot in found] == ["08:00", "09:15", "09:30", "09:45"]
        assert found[0].end == at("09:00")
        kept = holds.hold(service, at("08:00"), length=60)
        assert availability.free_starts(service, at("08:00"), at("09:00")) == []
        appointment = book(service, at("08:00"), hold=kept.ref, length_minutes=60)
        assert (appointment.start, appointment.end) == (at("08:00"), at("09:00"))
        moved = lifecycle.move(SYSTEM, appointment, at("10:00"))
        assert moved.end == at("11:00")

    @pytest.mark.parametrize("length", [0, 16, 45, -15])
    def test_other_lengths_are_refused(self, length: int) -> None:
        service, _people = team(1, lengths=[30])
        for ask in (
            lambda: availability.free_starts(service, at("08:00"), at("10:00"), length=length),
            lambda: availability.next_free(service, at("08:00"), length=length),
            lambda: availability.days_with_free(service, at("08:00"), at("10:00"), "UTC", length=length),
            lambda: availability.explain(service, at("08:00"), length=length),
            lambda: holds.hold(service, at("08:00"), length=length),
            lambda: book(service, at("08:00"), length_minutes=length),
        ):
            with pytest.raises(Refusal) as refusal:
                ask()
            assert refusal.value.facts["field"] == "length_minutes"

    def test_those_of_a_group_share_the_length_of_their_session(self) -> None:
        service, _people = team(1, lengths=[30], seats=3)
        assert availability.lengths_of(service) == (15,)
        for as_staff in (False, True):
            with pytest.raises(Refusal):
                availability.free_starts(service, at("08:00"), at("10:00"), length=30, as_staff=as_staff)


class TestSeatsLeft:
    def left(self, service: Service, **asked: Any) -> Sequence[int | None]:
        return [slot.seats_left for slot in availability.free_starts(service, at("09:00"), at("09:15"), **asked)]

    def test_an_appointment_of_one_has_none_to_tell(self) -> None:
        assert self.left(team(1)[0]) == [None]

    def test_seats_are_counted_down_holds_included(self) -> None:
        service, _people = team(1, seats=3)
        assert self.left(service) == [3]
        book(service, at("09:00"))
        assert self.left(service) == [2]
        kept = holds.hold(service, at("09:00"))
        assert (self.left(service), self.left(service, holder=kept.ref)) == ([1], [2])
        clock.advance(holds.SECONDS + 1)
        assert self.left(service) == [2]
        book(service, at("09:00"))
        book(service, at("09:00"))
        assert self.left(service) == []

    def test_of_several_providers_each_has_a_session(self) -> None:
        service, (ada, _bo) = team(2, seats=3)
        book(service, at("09:00"))
        assert (self.left(service), self.left(service, provider=ada)) == ([5], [2])
