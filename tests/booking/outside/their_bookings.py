"""A scheduler outside, in memory: what its users do there, what it answers to us, and how it fails.

It knows no more of us than the port says. Faults are queued: `down` (nothing was done), `lost` (it was done and the
answer did not arrive), `refused` (a person has to mend something), each for one call.
"""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from vestibule.booking.ports import (
    SchedulerError,
    TheirAppointment,
    TheirBusiness,
    TheirCustomer,
    TheirFree,
    TheirSetup,
)

BUSINESS = "practice@bookings.example"
HALF_HOUR = timedelta(minutes=30)


@dataclass
class World:
    """One business there. Staff work from 08:00 to 17:00 UTC on weekdays, and have private `events`."""

    staff: list[str] = field(default_factory=list)
    standing: dict[str, TheirAppointment] = field(default_factory=dict)
    events: list[TheirFree] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    is_deleted: bool = False
    hides: set[str] = field(default_factory=set)
    pause: threading.Event | None = None
    made: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    # What its users do.

    def book(self, staff: str, service: str, start: datetime, name: str = "Bea Brown", **more: Any) -> str:
        """Somebody books there, or staff do; return the id."""
        customer = TheirCustomer(name, **{"email": "bea@example.org", "phone": "+41795550122", **more})
        wanted = TheirAppointment(service, start, start + HALF_HOUR, staff=(staff,), customers=(customer,))
        return self._stand(wanted).id

    def move(self, id: str, start: datetime, staff: str = "") -> None:
        """Staff there move an appointment, or give it to a colleague."""
        one = self.standing[id]
        self.standing[id] = replace(
            one, start=start, end=start + (one.end - one.start), staff=(staff,) if staff else one.staff
        )

    def rename(self, id: str, **contact: Any) -> None:
        """Staff there correct who comes."""
        one = self.standing[id]
        self.standing[id] = replace(one, customers=(replace(one.customers[0], **contact),))

    def cancel(self, id: str) -> None:
        """Staff there cancel an appointment."""
        del self.standing[id]

    def is_free(self, staff: str, start: datetime, end: datetime) -> bool:
        """Whether a Bookings user may take that time: none of its pages lets somebody be booked twice."""
        return not any(staff in one.staff and one.start < end and start < one.end for one in self.standing.values())

    def with_key(self, key: str) -> list[TheirAppointment]:
        """What stands there for one appointment of ours."""
        return [one for one in self.standing.values() if one.key == key]

    # How it works.

    def _stand(self, wanted: TheirAppointment) -> TheirAppointment:
        with self.lock:
            self.made += 1
            stands = replace(wanted, id=f"AAMk{self.made}=", changed=wanted.start)
            self.standing[stands.id] = stands
            return stands

    @contextmanager
    def asking(self, what: str, *, writes: bool = False) -> Iterator[None]:
        """Answer one request, or fail at it as the next fault says."""
        with self.lock:
            self.asked.append(what)
            fault = "down" if self.is_down else (self.faults.popleft() if self.faults else "")
        if self.pause is not None:
            self.pause.wait(30)
        if fault == "down" or (fault == "lost" and not writes):
            raise SchedulerError("the scheduler does not answer", code="away")
        if fault == "refused":
            raise SchedulerError("the scheduler says no", code="refused", permanent=True)
        if self.is_deleted:
            raise SchedulerError("there is no such mailbox", code="missing", permanent=True, is_missing=True)
        with self.lock:
            yield
        if fault == "lost":
            raise SchedulerError("the answer did not arrive", code="away", maybe_done=True)


WORLDS: dict[str, World] = {}


class Door:
    """The adapter that settings name: opened with an account that names its world."""

    def __init__(self, world: World) -> None:
        self.world = world

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return what speaks with the world of an account."""
        return cls(WORLDS[access["tenant"]])

    def close(self) -> None:
        """Nothing is kept open."""

    def businesses(self) -> Sequence[TheirBusiness]:
        """The one there is."""
        with self.world.asking("businesses"):
            return [TheirBusiness(BUSINESS, "Practice")]

    def setup(self, business: str) -> TheirSetup:
        """Nothing is set up by these tests."""
        return TheirSetup(TheirBusiness(business, "Practice"))

    def put_setup(self, wanted: TheirSetup, known: TheirSetup | None) -> TheirSetup:
        """Nothing is set up by these tests."""
        return wanted

    def publish(self, business: str, is_published: bool) -> TheirBusiness:
        """Nothing is set up by these tests."""
        return TheirBusiness(business, "Practice", is_published=is_published)

    def free(self, business: str, staff: Sequence[str], start: datetime, end: datetime) -> Sequence[TheirFree]:
        """Free in hours, busy where something stands; of nights nothing is said."""
        with self.world.asking("free"):
            return [part for one in staff for part in self._free(one, start, end)]

    def appointments(self, business: str, start: datetime, end: datetime) -> Sequence[TheirAppointment]:
        """All that touch the stretch, but what is not shown yet."""
        with self.world.asking("appointments"):
            shown = self.world.standing.values()
            return [one for one in shown if one.start < end and start < one.end and one.id not in self.world.hides]

    def appointment(self, business: str, id: str) -> TheirAppointment:
        """One of them."""
        with self.world.asking("appointment"):
            return self._known(id)

    def create(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Make one. Nobody there looks whether it was made already."""
        with self.world.asking("create", writes=True):
            made = self.world._stand(wanted)
            self._tell("booked", made)
        return made

    def change(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Change one."""
        with self.world.asking("change", writes=True):
            self._known(wanted.id)
            self.world.standing[wanted.id] = wanted
            self._tell("changed", wanted)
        return wanted

    def cancel(self, business: str, id: str, words: str, *, tells: bool) -> None:
        """Take one out."""
        with self.world.asking("cancel", writes=True):
            gone = self.world.standing.pop(id, None)
            if gone is not None and tells:
                self.world.told.append(f"cancelled {gone.customers[0].name}: {words}")

    def _known(self, id: str) -> TheirAppointment:
        if id not in self.world.standing:
            raise SchedulerError("there is no such appointment", code="missing", permanent=True, is_missing=True)
        return self.world.standing[id]

    def _tell(self, what: str, one: TheirAppointment) -> None:
        if one.tells_customer:
            self.world.told.append(f"{what} {one.customers[0].name}")

    def _free(self, staff: str, start: datetime, end: datetime) -> Iterator[TheirFree]:
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day < end:
            if day.weekday() < 5:
                yield TheirFree(staff, day.replace(hour=8), day.replace(hour=17), "free")
            day += timedelta(days=1)
        for one in self.world.standing.values():
            if staff in one.staff and one.start < end and start < one.end:
                yield TheirFree(staff, one.start, one.end, "busy")
        yield from (one for one in self.world.events if one.staff == staff)
