"""Writing down what was read of a scheduler outside, while people here go on."""

from typing import Any

import pytest
from django.db.models.signals import post_init

from tests.booking.outside.scene import DOOR, make_scene
from vestibule.booking.models import OutsideAppointment
from vestibule.booking.outside import taking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _door(settings: Any) -> None:
    settings.OUTSIDE_SCHEDULERS = DOOR


def test_what_is_noted_by_its_booking_just_then_is_taken_up_once() -> None:
    scene = make_scene()
    booked = scene.book()
    OutsideAppointment.objects.all().delete()
    link = scene.link()

    def noted_meanwhile(**_signal: Any) -> None:
        post_init.disconnect(noted_meanwhile, OutsideAppointment)
        OutsideAppointment.objects.create(business=scene.business, link=link, appointment=booked)

    post_init.connect(noted_meanwhile, OutsideAppointment)
    try:
        taking._take_up(link)
    finally:
        post_init.disconnect(noted_meanwhile, OutsideAppointment)
    assert scene.row(booked).state == "queued"
