"""The next appointment, from the desk in one step."""

from datetime import timedelta

import pytest

from tests.booking.factories import at, book, holder_of, make_service, wish_for
from tests.factories import make_provider, manager_of
from vestibule.booking import follow_up, lifecycle
from vestibule.booking.errors import SlotTaken
from vestibule.people.errors import NotFound, NotPermitted
from vestibule.people.permissions import PUBLIC, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def test_the_same_time_in_one_two_and_four_weeks_is_suggested_or_the_nearest_free() -> None:
    service = make_service()
    clock.set_to(at("08:00"))
    first = book(service, at("10:00"))
    book(service, at("10:00") + 2 * WEEK)
    found = follow_up.suggest(manager_of(service.business), first)
    assert found == [at("10:00") + WEEK, at("09:30") + 2 * WEEK, at("10:00") + 4 * WEEK]


def test_consumer_service_provider_and_length_stay() -> None:
    asked = [{"id": "reason", "type": "text", "label": "Reason", "required": True, "help": "", "choices": []}]
    provider = make_provider()
    service = make_service(
        providers=[make_provider(business=provider.business), provider],
        questions=asked,
        lengths=[60],
        max_open_per_consumer=1,
    )
    clock.set_to(at("08:00"))
    first = book(service, at("10:00"), provider=provider, length_minutes=60, answers={"reason": "Knee"})
    own = manager_of(service.business, role=Role.PROVIDER, provider=provider)
    made = follow_up.book(own, first, at("10:00") + WEEK)
    assert (made.provider, made.consumer, made.answers) == (provider, first.consumer, {"reason": "Knee"})
    assert (made.follow_up_of, made.end - made.start) == (first, timedelta(hours=1))
    with pytest.raises(SlotTaken):
        follow_up.book(own, first, at("10:00") + WEEK)


def test_a_consent_is_of_its_time_and_not_taken_over() -> None:
    asked = [{"id": "ok", "type": "consent", "label": "Agreed", "required": True, "help": "", "choices": []}]
    service = make_service(questions=asked)
    clock.set_to(at("08:00"))
    first = book(service, at("10:00"), answers={"ok": True})
    made = follow_up.book(manager_of(service.business), first, at("10:00") + WEEK)
    assert ([one["id"] for one in first.consents], made.consents, made.answers) == (["ok"], [], {})


def test_consumers_book_for_themselves() -> None:
    service = make_service()
    clock.set_to(at("08:00"))
    first = lifecycle.book(PUBLIC, wish_for(service, at("10:00")))
    with pytest.raises(NotPermitted):
        follow_up.book(holder_of(first), first, at("10:00") + WEEK)
    with pytest.raises(NotFound):
        follow_up.suggest(manager_of(make_service().business), first)
