"""Before somebody books on our page, who is free is asked once more where the appointments are kept."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.booking.factories import holder_of, wish_for
from tests.booking.outside.scene import DOOR, NINE, Scene, make_scene
from vestibule.booking import lifecycle, series
from vestibule.booking.outside import asking, worker
from vestibule.people.errors import Refusal
from vestibule.people.permissions import PUBLIC, SYSTEM
from vestibule.store.transactions import writing

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)


@pytest.fixture
def scene(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Scene:
    settings.OUTSIDE_SCHEDULERS = DOOR
    monkeypatch.setattr(asking, "SECONDS", 30)
    asking.forget()
    return make_scene()


def test_a_time_taken_there_since_the_last_reading_is_refused_with_free_ones_nearby(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", NINE)
    with pytest.raises(Refusal) as refused:
        scene.book()
    assert refused.value.code == "slot_taken"
    assert refused.value.facts["nearest"]
    assert "2030-03-04T09:00:00Z" not in refused.value.facts["nearest"]


def test_a_colleague_takes_it_where_anybody_may(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", NINE)
    assert scene.book(provider=None).provider == scene.bo


def test_a_time_taken_there_is_refused_for_a_move_too_but_its_own_time_is_no_hindrance(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    scene.world.book("staff-ada", "service-visit", TEN)
    with pytest.raises(Refusal) as refused:
        lifecycle.move(holder_of(booked), booked, TEN)
    assert refused.value.code == "slot_taken"
    assert lifecycle.move(holder_of(booked), booked, NINE + timedelta(minutes=15)).version == 1


def test_of_a_series_every_date_is_asked_about_at_once(scene: Scene) -> None:
    scene.visit.most_occurrences = 4
    scene.visit.save()
    week = timedelta(days=7)
    scene.world.book("staff-ada", "service-visit", NINE + week)
    before = len(scene.world.asked)
    wish = wish_for(scene.visit, NINE, provider=scene.ada)
    with pytest.raises(Refusal) as refused:
        series.book(PUBLIC, wish, unit="week", step=1, starts=[NINE, NINE + week])
    assert refused.value.facts["start"] == "2030-03-11T09:00:00Z"
    assert len(scene.world.asked) == before + 1


def test_without_an_answer_the_booking_goes_on(scene: Scene) -> None:
    scene.world.is_down = True
    assert scene.book().start == NINE


def test_whoever_is_slow_is_not_waited_for_and_not_asked_again_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.05)
    scene.world.pause = threading.Event()
    before = len(scene.world.asked)
    try:
        assert scene.book().start == NINE
        assert scene.book(TEN).start == TEN
    finally:
        scene.world.pause.set()
    for waiting in list(asking._running):
        waiting.join(30)
    assert len(scene.world.asked) == before + 1


def test_staff_are_not_asked_for(scene: Scene) -> None:
    before = len(scene.world.asked)
    lifecycle.book(SYSTEM, wish_for(scene.visit, NINE, provider=scene.ada))
    assert len(scene.world.asked) == before


def test_nothing_is_asked_while_the_writers_turn_is_held(scene: Scene) -> None:
    before = len(scene.world.asked)
    with writing():
        scene.book()
    assert len(scene.world.asked) == before
