"""Whatever is set up: what is offered can be booked, and what is not is refused with the code explain names first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.booking.factories import book, make_resource, make_service
from tests.factories import make_business, make_provider
from vestibule.booking import availability, diaries, holds, resources
from vestibule.booking.models import (
    DateOverride,
    ProviderRules,
    Schedule,
    Service,
    ServiceProvider,
    ServiceResource,
    TimeOff,
    Trip,
    WeeklyHours,
)
from vestibule.people import masks, rates
from vestibule.people.errors import Refusal
from vestibule.people.models import Business, Provider
from vestibule.store import clock
from vestibule.store.clock import to_minute

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAYS = 4
DAY = timedelta(days=1)
# An ordinary Monday, the Friday before Berlin's clocks go forward, and the day before Labour Day.
BEGINNINGS = [datetime(2030, 3, 4, tzinfo=UTC), datetime(2030, 3, 29, tzinfo=UTC), datetime(2030, 4, 30, tzinfo=UTC)]
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
OPENS, CLOSES = (st.integers(*hours).map(lambda quarter: quarter * 15 % 1440) for hours in ((28, 44), (56, 104)))
LIMITS = st.sampled_from([{}, {}, {"max_per": {"day": 1}}, {"max_minutes_per": {"week": 60}, "scope": "service"}])
AVAILABILITY = st.sampled_from(
    [
        {},
        {},
        {},
        {"general": "hours", "weekly": [[day, 540, 900] for day in range(7)]},
        {
            "general": "free",
            "ranges": [{"from": "2030-03-05", "to": "2030-03-30", "kind": "closed"}],
        },
        {
            "general": "closed",
            "ranges": [{"from": "2030-01-01", "to": "2030-12-31", "kind": "hours", "weekly": [[1, 600, 1200]]}],
        },
    ]
)


class World:
    """A business set up at random by what `draw` says."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.begin: datetime = draw(st.sampled_from(BEGINNINGS))
        rates.forget_all()
        clock.set_to(self.begin - DAY)
        self.business = make_business(timezone=self.one_of(ZONES))
        Business.objects.update(
            buffer_rule=self.one_of(Business.BufferRule.values),
            holiday_country=self.one_of(["", "DE"]),
            open_holidays=self.one_of([[], ["2030-05-01"]]),
        )
        self.business.refresh_from_db()
        self.people = [self.person() for _number in range(self.number(1, 3))]
        self.service = self.offering()
        self.other = make_service(providers=self.people[:1], duration_minutes=self.one_of([30, 50]))
        if self.chance():
            self.needs()
        for one in self.people:
            self.life_of(one)
        masks.raise_versions_of(self.business)
        self.service = Service.objects.select_related("business").get(pk=self.service.pk)
        self.taken: list[datetime] = []
        self.take()

    def one_of(self, values: Any) -> Any:
        return self.draw(st.sampled_from(list(values)))

    def number(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def chance(self) -> bool:
        return bool(self.draw(st.booleans()))

    def rarely(self) -> bool:
        return self.number(0, 2) == 2

    def person(self) -> Provider:
        one = make_provider(business=self.business)
        one.timezone, one.uses_business_hours = self.one_of(["", *ZONES]), self.chance()
        one.save()
        return one

    def window(self, **values: Any) -> None:
        """Hours from the morning on, perhaps past midnight."""
        start, end = self.draw(OPENS), self.draw(CLOSES)
        WeeklyHours.objects.create(business=self.business, start_minute=start, end_minute=end or 1440, **values)

    def offering(self) -> Service:
        seats = self.one_of([1, 1, 1, 2])
        return make_service(
            providers=self.people,
            duration_minutes=self.one_of([15, 30, 45]),
            lengths=[60],
            interval_minutes=self.one_of([15, 20, 30]),
            alignment=self.one_of(Service.Alignment.values),
            buffer_before_minutes=self.one_of([0, 0, 10]),
            buffer_after_minutes=self.one_of([0, 0, 15]),
            notice_minutes=self.one_of([0, 0, 0, 36 * 60]),
            window_type=self.one_of(["none", "none", "rolling_days", "rolling_available_days"]),
            window_days=self.one_of([2, 30, 30]),
            limits=self.draw(LIMITS),
            seats=seats,
            assignment=self.one_of(["any", "any", "all", "mixed", "some"]),
            team_size=self.number(0, 2),
            availability=self.draw(AVAILABILITY),
        )

    def needs(self) -> None:
        resource = make_resource(business=self.business, quantity=self.number(1, 2))
        for service in (self.service, self.other):
            ServiceResource.objects.create(service=service, resource=resource, quantity=self.one_of([1, 1, 2]))

    def life_of(self, one: Provider) -> None:
        """Hours, a schedule, days, a trip, time off and rules of one's own."""
        own = {"business": self.business, "provider": one}
        day = (self.begin + DAY * self.number(0, DAYS)).date()
        for weekday in range(self.number(5, 7)):
            self.window(weekday=weekday, provider=one)
        offers = ServiceProvider.objects.filter(service=self.service, provider=one)
        offers.update(role=self.one_of(ServiceProvider.Role.values), weight=self.number(1, 3))
        if self.rarely():
            schedule = Schedule.objects.create(**own, name="Evening")
            for weekday in range(self.number(0, 7)):
                self.window(weekday=weekday, provider=one, schedule=schedule)
            offers.update(schedule=schedule)
        if self.rarely():
            times = {"start_minute": self.draw(OPENS), "end_minute": self.draw(CLOSES), "is_closed": self.chance()}
            DateOverride.objects.create(**own, date=day, **times)
        if self.rarely():
            Trip.objects.create(**own, first=day, last=self.one_of([None, day]), timezone=self.one_of(ZONES))
        if self.rarely():
            start = self.minute()
            colleague = self.one_of([None, *self.people])
            TimeOff.objects.create(**own, start_minute=start, end_minute=start + 240, redirect_to=colleague)
        if self.chance():
            self.rules_of(one)

    def rules_of(self, one: Provider) -> None:
        ProviderRules.objects.create(
            provider=one,
            buffer_before_minutes=self.one_of([None, 0, 20]),
            buffer_after_minutes=self.one_of([None, 0, 20]),
            notice_minutes=self.one_of([None, None, 48 * 60]),
            limits=self.one_of([{}, {"max_per": {"day": 1}}]),
        )

    def minute(self) -> int:
        return to_minute(self.begin) + 5 * self.number(0, DAYS * 288 - 1)

    def take(self) -> None:
        """Book and hold some of what is free."""
        for service in (self.service, self.other, self.service, self.other):
            free = availability.free_starts(service, self.begin, self.begin + DAYS * DAY)
            if free:
                start = self.one_of(free[:4]).start
                self.taken.append(start)
                if self.rarely():
                    holds.hold(service, start)
                else:
                    book(service, start)


@contextmanager
def undone() -> Iterator[None]:
    """Do something and undo it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(service: Service, start: datetime, **asked: Any) -> str:
    """What booking is refused with; "" if it works."""
    try:
        with undone():
            book(service, start, provider=asked["provider"], length_minutes=asked["length"])
    except Refusal as refusal:
        return refusal.code
    return ""


@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],  # shrinking takes minutes; the draws are printed
)
def test_offers_bookings_and_explanations_agree(data: st.DataObject) -> None:
    diaries.forget()
    resources.forget()
    with undone():
        world = World(data.draw)
        service = world.service
        lengths = [None, *availability.lengths_of(service)]
        asked = {"provider": world.one_of([None, None, *world.people]), "length": world.one_of(lengths)}
        free = availability.free_starts(service, world.begin, world.begin + DAYS * DAY, **asked)
        offered = {slot.start for slot in free}
        days = availability.days_with_free(service, world.begin, world.begin + DAYS * DAY, "UTC", **asked)
        assert sum(days.values()) == len(offered)
        first = availability.next_free(service, world.begin, **asked)
        assert (first.start if first and first.start < world.begin + DAYS * DAY else None) == min(offered, default=None)
        some = [world.one_of(sorted(offered)) for _number in range(3 if offered else 0)]
        others = [clock.from_minute(world.minute()) for _number in range(3)]
        for start in dict.fromkeys([*some, *others, *world.taken]):
            told = availability.explain(service, start, **asked)
            code = next((one.code for one in told if not one.allows), "")
            assert (code == "") is (start in offered), (start, told)
            assert outcome(service, start, **asked) == code, (start, told)
            assert all(one.sentence and one.plain for one in told)
            event(code or "offered")


def test_the_beginnings_are_what_they_are_meant_to_be() -> None:
    assert [one.date().weekday() for one in BEGINNINGS] == [0, 4, 1]
    assert date(2030, 3, 31).weekday() == 6
