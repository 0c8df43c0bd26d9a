"""Whatever is done on both sides, in whatever order, and whatever fails meanwhile: once it is quiet, both are equal."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.booking.factories import MONDAY
from tests.booking.outside.scene import DOOR, Scene, make_scene
from tests.invariants import broken
from vestibule.booking import lifecycle
from vestibule.booking.models import Appointment, OutsideAppointment
from vestibule.booking.outside import settling, worker
from vestibule.booking.outside.deciding import PARTS
from vestibule.booking.outside.standing import Names, theirs
from vestibule.booking.ports import TheirAppointment
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.people.permissions import SYSTEM
from vestibule.store import clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TUESDAY = MONDAY + timedelta(days=1, hours=9)
STAFF = ("staff-ada", "staff-bo")
OURS = ("book", "book", "move", "move", "cancel")
THEIRS = ("they book", "they book", "they move", "they move", "they cancel", "they rename", "they swap")
BETWEEN = ("keep in step", "keep in step", "read", "lose", "fail", "go down", "come up", "kill", "two", "set back")
Step = tuple[str, int, int]
steps = st.tuples(st.sampled_from((*OURS, *THEIRS, *BETWEEN)), st.integers(0, 7), st.integers(0, 5))


class Town:
    """A scene to which things happen, and what is to be true of each appointment in the end."""

    def __init__(self) -> None:
        rates.forget_all()
        self.scene = make_scene()
        self.cancelled: set[str] = set()
        self.booked_there: set[str] = set()

    def do(self, step: Step) -> None:
        """Do one thing; what cannot be done is not."""
        kind, which, slot = step
        at = TUESDAY + timedelta(minutes=30 * slot)
        match kind:
            case "book" | "move" | "cancel":
                self._ours(kind, which, at)
            case "they book" | "they move" | "they cancel" | "they rename" | "they swap":
                self._theirs(kind, which, at)
            case _:
                self._between(kind)

    def _ours(self, kind: str, which: int, at: Any) -> None:
        provider = (self.scene.ada, self.scene.bo)[which % 2]
        mine = list(Appointment.objects.filter(business=self.scene.business, status="booked").order_by("pk"))
        try:
            if kind == "book":
                self.scene.book(at, provider=provider)
            elif mine and kind == "move":
                lifecycle.move(SYSTEM, mine[which % len(mine)], at, provider=provider)
            elif mine:
                one = mine[which % len(mine)]
                lifecycle.cancel(SYSTEM, one)
                self.cancelled.add(one.ref)
        except Refusal:
            pass

    def _theirs(self, kind: str, which: int, at: Any) -> None:
        """Do what a user there does. What has our reference and is not known to us by its id yet is not cancelled:
        nobody could tell that from one that was never made."""
        world, staff = self.scene.world, STAFF[which % 2]
        known = set(
            OutsideAppointment.objects.filter(business=self.scene.business).values_list("external_id", flat=True)
        )
        ids = [id for id in world.standing if not world.standing[id].key or id in known]
        if kind == "they book" and world.is_free(staff, at, at + timedelta(minutes=30)):
            self.booked_there.add(world.book(staff, "service-visit", at, f"Bea {len(self.booked_there)}"))
        if not ids:
            return
        id = ids[which % len(ids)]
        one = world.standing[id]
        if kind == "they move" and world.is_free(staff, at, at + timedelta(minutes=30)):
            world.move(id, at, staff)
        elif kind == "they rename":
            world.rename(id, name=f"{one.customers[0].name} B", phone="+41795550777")
        elif kind == "they cancel":
            world.cancel(id)
            row = OutsideAppointment.objects.filter(external_id=id, business=self.scene.business).first()
            self.cancelled.add(row.appointment.ref if row is not None else id)
        elif kind == "they swap" and len(ids) > 1:
            other = ids[(which + 1) % len(ids)]
            there = world.standing[other]
            world.move(id, there.start, there.staff[0])
            world.move(other, one.start, one.staff[0])

    def _between(self, kind: str) -> None:
        scene = self.scene
        match kind:
            case "keep in step":
                worker.keep_in_step()
            case "read":
                scene.later()
            case "lose" | "fail":
                scene.world.faults.append({"lose": "lost", "fail": "down"}[kind])
            case "go down" | "come up":
                scene.world.is_down = kind == "go down"
            case "kill" | "two":
                self._workers(kind)
            case "set back":
                clock.advance(-20 * 60)

    def _workers(self, kind: str) -> None:
        """Let a worker die before it writes down what it did, or two of them look at the same moment."""
        jobs = [(name, worker.claim(name, most=1)) for name in ("one", "two")]
        for name, taken in reversed(jobs):
            for job in taken:
                outcome = worker.do(job)
                if kind == "two":
                    worker.write(outcome, name)
        if kind == "kill":
            self.scene.leave_no_lease()

    def be_quiet(self) -> None:
        """Nothing happens and nothing fails, until everything was read a few times."""
        self.scene.world.is_down = False
        self.scene.world.faults.clear()
        self.scene.leave_no_lease()
        for _ in range(4):
            self.scene.later(8)


@given(st.lists(steps, min_size=3, max_size=14))
@example([("book", 0, 0), ("lose", 0, 0), ("keep in step", 0, 0), ("move", 0, 3), ("read", 0, 0)])
@example([("book", 0, 0), ("book", 1, 1), ("read", 0, 0), ("they swap", 0, 0), ("read", 0, 0)])
@example([("they book", 0, 0), ("book", 0, 0), ("read", 0, 0), ("they move", 0, 2), ("kill", 0, 0)])
@settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_both_sides_come_to_agree_and_nothing_is_lost_or_doubled(settings: Any, steps: list[Step]) -> None:
    settings.OUTSIDE_SCHEDULERS = DOOR
    with transaction.atomic():
        town = Town()
        for step in steps:
            town.do(step)
        town.be_quiet()
        assert differences(town.scene) == []
        assert wrong_ends(town) == []
        assert broken() == []
        transaction.set_rollback(True)


def differences(scene: Scene) -> list[str]:
    """What differs between the sides, but for times that somebody else has here: those are shown to staff."""
    found = []
    active = Appointment.objects.filter(business=scene.business, status__in=Appointment.ACTIVE)
    rows = {row.external_id: row for row in OutsideAppointment.objects.filter(appointment__in=active)}
    strays = {one.external_id for one in scene.strays()}
    for one in active:
        if not any(row.appointment_id == one.pk and id in scene.world.standing for id, row in rows.items()):
            found.append(f"{one.ref} stands only here")
    for id, there in scene.world.standing.items():
        if (id in rows) == (id in strays):
            found.append(f"{id} stands there, and here {'twice' if id in rows else 'nowhere'}")
        if id in rows:
            found += [f"{id} differs in {part}" for part in _parts(rows[id], there, scene)]
    return found


def _parts(row: OutsideAppointment, there: TheirAppointment, scene: Scene) -> list[str]:
    """What differs of one; its time may, where two people stand there at once since both sides booked."""
    here = settling.standing(settling.read(row), Names.of(row.link_id), None)
    assert here is not None
    differ = [part for part in PARTS if here.part(part) != theirs(there).part(part)]
    is_doubled = any(
        one.id != there.id and set(one.staff) & set(there.staff) and one.start < there.end and there.start < one.end
        for one in scene.world.standing.values()
    )
    return [part for part in differ if not (part == "time" and is_doubled)]


def wrong_ends(town: Town) -> list[str]:
    """Whatever somebody cancelled is cancelled, and nothing else is."""
    found = []
    rows = {row.external_id: row.appointment.ref for row in OutsideAppointment.objects.select_related("appointment")}
    for one in Appointment.objects.filter(business=town.scene.business):
        was_cancelled = one.ref in town.cancelled or any(rows.get(id) == one.ref for id in town.cancelled)
        if (one.status == "cancelled") != was_cancelled:
            found.append(f"{one.ref} is {one.status}")
    strays = {one.external_id for one in town.scene.strays()}
    for id in town.booked_there - town.cancelled:
        if id not in rows and id not in strays:
            found.append(f"{id} was booked there and is lost")
    doubled = [
        key for key, count in Counter(one.key for one in town.scene.world.standing.values()).items() if count > 1
    ]
    return found + [f"{key} stands there twice" for key in doubled if key]
