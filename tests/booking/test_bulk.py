"""Somebody is ill: what could become of each appointment, and doing what was chosen."""

from datetime import datetime, timedelta

import pytest

from tests.booking.factories import at, book, make_service, open_on_weekdays
from tests.factories import make_business, make_provider, manager_of
from vestibule.booking import bulk, lifecycle
from vestibule.booking.bulk import Action, Choice, Proposal
from vestibule.booking.models import Appointment, Service
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class House:
    """Two people who offer the same half hour; Ada has nine and ten o'clock on Monday."""

    def __init__(self) -> None:
        clock.set_to(at("06:00"))
        self.business = make_business()
        open_on_weekdays(self.business)
        self.ada = make_provider(business=self.business, name="Ada", slug="ada")
        self.bo = make_provider(business=self.business, name="Bo", slug="bo")
        self.service: Service = make_service(providers=[self.ada, self.bo])
        self.nine = book(self.service, at("09:00"), provider=self.ada)
        self.ten = book(self.service, at("10:00"), provider=self.ada)

    @property
    def manager(self) -> Actor:
        return manager_of(self.business)

    def proposals(self, provider: Provider | None = None) -> list[Proposal]:
        return bulk.proposals(self.manager, provider or self.ada, at("00:00"), at("00:00") + DAY)

    def where(self) -> list[tuple[str, datetime, str]]:
        rows = Appointment.objects.select_related("provider").order_by("pk")
        return [(one.provider.name, one.start, one.status) for one in rows]


@pytest.fixture
def house() -> House:
    return House()


def test_who_is_free_at_the_same_time_is_proposed_first(house: House) -> None:
    book(house.service, at("10:00"), provider=house.bo)
    nine, ten = house.proposals()
    assert [one.name for one in nine.colleagues] == ["Bo"]
    assert nine.suggested is Action.REASSIGN
    assert (list(ten.colleagues), ten.suggested) == ([], Action.MOVE)


def test_other_times_lie_outside_the_absence_and_no_two_are_the_same(house: House) -> None:
    nine, ten = house.proposals()
    assert all(time >= at("00:00") + DAY for time in (*nine.times, *ten.times))
    assert nine.times[0] != ten.times[0]


def test_nobody_is_asked_to_come_sooner_while_there_are_later_times(house: House) -> None:
    book(house.service, at("08:00") + DAY, provider=house.ada)
    [tuesday] = bulk.proposals(house.manager, house.ada, at("00:00") + DAY, at("00:00") + 2 * DAY)
    assert tuesday.times[0] == at("08:00") + 2 * DAY


def test_what_has_begun_is_left_alone(house: House) -> None:
    clock.set_to(at("09:10"))
    assert [one.appointment.pk for one in house.proposals()] == [house.ten.pk]


def test_nothing_changes_while_it_is_only_proposed(house: House) -> None:
    before = house.where()
    house.proposals()
    assert house.where() == before


def test_each_is_done_by_itself_with_its_own_messages(house: House) -> None:
    OutboxMessage.objects.all().delete()
    nine, ten = house.proposals()
    outcomes = bulk.carry_out(
        house.manager,
        [
            Choice(nine.appointment, Action.REASSIGN, provider=house.bo),
            Choice(ten.appointment, Action.CANCEL, reason="Ada is ill"),
        ],
    )
    assert [one.refusal for one in outcomes] == [None, None]
    assert house.where() == [("Bo", at("09:00"), "booked"), ("Ada", at("10:00"), "cancelled")]
    assert set(OutboxMessage.objects.values_list("subject_ref", flat=True)) == {house.nine.ref, house.ten.ref}


def test_one_that_cannot_be_done_does_not_stop_the_others(house: House) -> None:
    nine, ten = house.proposals()
    choices = [
        Choice(nine.appointment, Action.REASSIGN, provider=house.bo),
        Choice(ten.appointment, Action.MOVE, start=ten.times[0]),
    ]
    book(house.service, at("09:00"), provider=house.bo)
    first, second = bulk.carry_out(house.manager, choices)
    assert first.refusal is not None
    assert first.refusal.code == "slot_taken"
    assert second.refusal is None
    assert house.where()[:2] == [("Ada", at("09:00"), "booked"), ("Ada", ten.times[0], "booked")]


def test_what_is_kept_is_not_touched(house: House) -> None:
    assert bulk.carry_out(house.manager, [Choice(house.nine, Action.KEEP)]) == []


def test_one_cancelled_meanwhile_is_refused_and_stays_so(house: House) -> None:
    nine = house.proposals()[0]
    lifecycle.cancel(house.manager, house.nine)
    outcome = bulk.carry_out(house.manager, [Choice(nine.appointment, Action.REASSIGN, provider=house.bo)])[0]
    assert outcome.refusal is not None
    assert outcome.refusal.code == "already_cancelled"


def test_a_provider_rearranges_only_the_own_day(house: House) -> None:
    own = manager_of(house.business, role=Role.PROVIDER, provider=house.ada)
    assert [list(one.colleagues) for one in bulk.proposals(own, house.ada, at("00:00"), at("00:00") + DAY)] == [[], []]
    with pytest.raises(NotPermitted):
        bulk.proposals(own, house.bo, at("00:00"), at("00:00") + DAY)


def test_an_absence_that_ends_before_it_begins_is_refused(house: House) -> None:
    with pytest.raises(Invalid):
        bulk.proposals(house.manager, house.ada, at("10:00"), at("09:00"))
