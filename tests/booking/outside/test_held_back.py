"""When most of what stood in a scheduler outside is missing at once, nothing is cancelled before somebody says so."""

from datetime import timedelta
from typing import Any

import pytest

from tests.booking.outside.scene import DOOR, NINE, Scene, make_scene
from tests.factories import manager_of
from tests.invariants import broken
from vestibule.booking.models import Appointment, SchedulerLink
from vestibule.booking.outside import reading, stating, worker
from vestibule.people.errors import NotFound

pytestmark = pytest.mark.django_db
S = Appointment.Status


@pytest.fixture
def scene(settings: Any) -> Scene:
    settings.OUTSIDE_SCHEDULERS = DOOR
    return make_scene()


def vanish(scene: Scene, booked: list[Appointment]) -> dict[str, Any]:
    """Let appointments be there no more, as when Bookings shows an empty calendar; return what stood there."""
    stood = dict(scene.world.standing)
    for one in booked:
        scene.world.standing.pop(scene.there(one).id)
    return stood


def test_most_of_it_missing_at_once_cancels_nothing_and_follows_when_it_is_back(scene: Scene) -> None:
    booked = [scene.book(NINE + number * timedelta(minutes=30)) for number in range(reading.MANY + 2)]
    worker.keep_in_step()
    stood = vanish(scene, booked)
    scene.later()
    scene.later()
    assert stating.held_back(scene.business) == len(booked)
    assert not Appointment.objects.filter(status=S.CANCELLED).exists()
    scene.world.standing = stood
    scene.later()
    assert stating.held_back(scene.business) == 0
    assert not Appointment.objects.filter(status=S.CANCELLED).exists()
    assert not broken()


def test_what_was_meant_is_cancelled_once_somebody_says_so_and_only_that(scene: Scene) -> None:
    booked = [scene.book(NINE + number * timedelta(minutes=30)) for number in range(reading.MANY + 2)]
    kept = scene.book(NINE + timedelta(days=1))
    worker.keep_in_step()
    vanish(scene, booked)
    scene.later()
    stating.let_go(manager_of(scene.business), scene.business)
    worker.keep_in_step()
    assert Appointment.objects.filter(status=S.CANCELLED).count() == len(booked)
    kept.refresh_from_db()
    assert kept.status == S.BOOKED
    scene.later()
    assert not SchedulerLink.objects.get().may_cancel, "the next time it is asked again"
    with pytest.raises(NotFound):
        stating.let_go(manager_of(scene.business), scene.business)


def test_a_few_of_many_are_cancelled_as_ever(scene: Scene) -> None:
    booked = [scene.book(NINE + number * timedelta(minutes=30)) for number in range(reading.MANY + 2)]
    worker.keep_in_step()
    vanish(scene, booked[:3])
    scene.later()
    assert stating.held_back(scene.business) == 0
    assert Appointment.objects.filter(status=S.CANCELLED).count() == 3
