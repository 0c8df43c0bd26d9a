"""Bringing changes to the scheduler outside, where something is wrong with us rather than with it."""

from typing import Any

import pytest

from tests.booking.outside.scene import DOOR, NINE, make_scene
from vestibule.booking.outside import delivery, worker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _door(settings: Any) -> None:
    settings.OUTSIDE_SCHEDULERS = DOOR


def test_an_appointment_that_we_cannot_tell_of_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = make_scene()
    odd, sound = scene.book(), scene.book(NINE.replace(hour=11))
    errand = delivery._errand

    def with_a_fault(row: Any, *given: Any, **more: Any) -> Any:
        if row.appointment_id == odd.pk:
            raise ValueError("no such thing")
        return errand(row, *given, **more)

    monkeypatch.setattr(delivery, "_errand", with_a_fault)
    worker.keep_in_step()
    assert scene.row(sound).state == "done"
    assert (scene.row(odd).state, scene.row(odd).problem) == ("failed", delivery.BROKEN)
