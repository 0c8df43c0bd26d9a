"""What differs between us and a scheduler outside is seen by the office, and dealt with there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.booking.outside.scene import DOOR, NINE, Scene, make_scene
from tests.factories import make_membership, make_user
from vestibule.booking import lifecycle
from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import asking, stating, worker
from vestibule.people.permissions import SYSTEM, Role
from vestibule.store import clock

pytestmark = pytest.mark.django_db
PAGE = "/manage/in-step"
TEN = NINE + timedelta(hours=1)


@pytest.fixture
def scene(settings: Any) -> Scene:
    settings.OUTSIDE_SCHEDULERS = DOOR
    asking.forget()
    return make_scene()


def office(scene: Scene, role: Role = Role.SCHEDULER) -> Client:
    """Somebody of the office, signed in."""
    member = make_membership(business=scene.business, user=make_user(), role=role)
    client = Client()
    client.force_login(member.user)
    return client


def text(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def test_where_all_is_in_step_the_page_says_so(scene: Scene) -> None:
    scene.book()
    worker.keep_in_step()
    assert "Nothing needs you" in text(office(scene))


def test_what_could_not_be_made_here_is_listed_until_somebody_has_seen_it(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-new", TEN, "Bea Brown")
    scene.later()
    client = office(scene)
    assert "Bea Brown" in text(client)
    assert "1 appointment differs from Bookings" in text(client, "/manage")
    (stray,) = scene.strays()
    assert client.post(PAGE, {"do": "seen", "kind": "stray", "ref": stray.ref}).status_code == 302
    scene.later()
    assert "Bea Brown" not in text(client)
    assert len(scene.strays()) == 1


def test_a_conflict_is_listed_and_said_at_its_appointment(scene: Scene) -> None:
    booked = scene.book()
    worker.keep_in_step()
    lifecycle.move(SYSTEM, booked, TEN)
    scene.world.move(scene.there(booked).id, TEN + timedelta(hours=1))
    scene.later()
    client = office(scene)
    assert "The time there holds" in text(client)
    assert "The time there holds" in text(client, f"/manage/appointments/{booked.ref}")
    client.post(PAGE, {"do": "seen", "kind": "conflict", "ref": booked.ref})
    scene.later()
    assert "The time there holds" not in text(client)
    assert "In step" in text(client, f"/manage/appointments/{booked.ref}")


def test_a_move_that_cannot_be_followed_is_said_once_not_at_every_reading(scene: Scene) -> None:
    first, _second = scene.book(), scene.book(TEN)
    worker.keep_in_step()
    scene.world.move(scene.there(first).id, TEN)
    scene.later()
    client = office(scene)
    client.post(PAGE, {"do": "seen", "kind": "conflict", "ref": first.ref})
    scene.later()
    assert stating.count(scene.business) == 0


def test_what_could_not_be_brought_there_is_tried_again_by_a_button(scene: Scene) -> None:
    booked = scene.book()
    scene.world.faults.append("refused")
    worker.keep_in_step()
    client = office(scene)
    assert "the scheduler says no" in text(client)
    client.post(PAGE, {"do": "again", "ref": booked.ref})
    worker.keep_in_step()
    assert scene.there(booked).start == NINE
    assert "Nothing needs you" in text(client)


def test_after_an_hour_without_a_reading_the_office_is_told_and_bookings_go_on(scene: Scene) -> None:
    scene.world.is_down = True
    for _ in range(14):
        scene.later(5)
    client = office(scene)
    assert "Bookings has not been read since" in text(client, "/manage")
    assert stating.behind() == [scene.link()]
    assert scene.book(TEN).start == TEN
    scene.world.is_down = False
    scene.later(6)
    scene.later(6)
    assert "Bookings has not been read since" not in text(client, "/manage")


def test_where_we_write_nothing_the_office_can_hand_on_the_link(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN, "Ann", email="")
    scene.world.book("staff-bo", "service-visit", TEN, "Ben")
    scene.later()
    ann, ben = (f"/manage/appointments/{scene.here(name).ref}" for name in ("Ann", "Ben"))
    assert "/visit?v=" in text(office(scene), ann)
    assert "/visit?v=" not in text(office(scene, Role.VIEWER), ann)
    assert "/visit?v=" not in text(office(scene), ben)
    answer = office(scene).post(f"{ann}/resend", follow=True)
    assert "No e-mail address is known" in answer.content.decode()


def test_who_booked_there_is_said_at_the_appointment(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN)
    scene.later()
    page = text(office(scene), f"/manage/appointments/{scene.here().ref}")
    assert "Microsoft Bookings" in page
    assert "in Microsoft Bookings" in page


def test_it_can_be_read_at_once(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-visit", TEN)
    office(scene).post(PAGE, {"do": "read"})
    assert scene.link().next_at <= clock.now()
    worker.keep_in_step()
    assert scene.here().start == TEN


def test_who_only_looks_changes_nothing_and_another_business_sees_nothing(scene: Scene) -> None:
    scene.world.book("staff-ada", "service-new", TEN, "Bea Brown")
    scene.later()
    (stray,) = scene.strays()
    viewer, stranger = office(scene, Role.VIEWER), office(make_scene())
    assert viewer.post(PAGE, {"do": "seen", "kind": "stray", "ref": stray.ref}).status_code == 403
    assert "Bea Brown" not in text(stranger)
    assert stranger.post(PAGE, {"do": "seen", "kind": "stray", "ref": stray.ref}).status_code == 404


def test_where_most_is_missing_there_somebody_decides(scene: Scene) -> None:
    scene.book()
    worker.keep_in_step()
    SchedulerLink.objects.update(held_back=12)
    looks, decides = office(scene, Role.VIEWER), office(scene)
    assert "12 appointments are missing in Bookings" in text(decides, "/manage")
    assert "cancel them here too" in text(decides)
    assert "cancel them here too" not in text(looks)
    assert looks.post(PAGE, {"do": "let_go"}).status_code == 403
    assert decides.post(PAGE, {"do": "let_go"}).status_code == 302
    assert SchedulerLink.objects.get().may_cancel
