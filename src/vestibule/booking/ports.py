"""What we need of a scheduler outside: what can be booked there, who is free, and the appointments themselves.

Values here know no framework. Instants are aware and in UTC, lengths are minutes. Ids are the scheduler's own and are
compared without regard to case. Adapters are opened for one account, and used by one thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


class SchedulerError(Exception):
    """The scheduler was not read or written. The text, in English, is for staff and logs: no secret, nothing personal.

    `code` names the fault for programs. `permanent` says that a person has to mend something. `maybe_done` says that
    the change may have been made, so that it has to be looked for before it is tried again. `is_missing`: what was
    asked for does not exist there (any more). `wait` is how many seconds were asked for, 0 if none.
    """

    def __init__(
        self,
        text: str,
        *,
        code: str = "",
        permanent: bool = False,
        maybe_done: bool = False,
        is_missing: bool = False,
        wait: float = 0,
    ) -> None:
        super().__init__(text)
        self.code, self.permanent, self.maybe_done = code, permanent, maybe_done
        self.is_missing, self.wait = is_missing, wait


@dataclass(frozen=True)
class TheirHours:
    """Open hours of one weekday (0 is Monday), as minutes of the local day, half-open; 1440 is midnight."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class TheirAvailability:
    """When a service may be booked: `kind` is `free` (as staff are), `closed` or `hours`; dates inclusive."""

    kind: str = "free"
    hours: tuple[TheirHours, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class TheirPolicy:
    """How a service may be booked: steps between starts, notice, and how far ahead."""

    step_minutes: int = 30
    notice_minutes: int = 24 * 60
    window_minutes: int = 365 * 24 * 60
    consumer_chooses_provider: bool = True
    availability: TheirAvailability = TheirAvailability()
    dated: tuple[TheirAvailability, ...] = ()


@dataclass(frozen=True)
class TheirReminder:
    """A reminder of a service: `minutes` before its start (negative: after), to `customer`, `staff` or both."""

    minutes: int
    to: frozenset[str]
    text: str = ""


@dataclass(frozen=True)
class TheirQuestion:
    """A question to consumers: `choices` where one of several is to be chosen, else free text."""

    id: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TheirStaff:
    """Somebody with whom can be booked. `hours` only where they keep their own (`keeps_business_hours` is False)."""

    id: str
    name: str
    email: str = ""
    role: str = ""
    zone: str = ""
    keeps_business_hours: bool = True
    hours: tuple[TheirHours, ...] = ()
    is_affected_by_calendar: bool = True


@dataclass(frozen=True)
class TheirService:
    """What can be booked there. `questions` are (id, whether an answer is required); `price` None: not said.

    One that is not `is_whole` was read without its reminders: nothing is known of them.
    """

    id: str
    name: str
    description: str = ""
    minutes: int = 30
    before: int = 0
    after: int = 0
    seats: int = 1
    is_online: bool = True
    is_hidden: bool = False
    consumers_manage: bool = True
    staff: tuple[str, ...] = ()
    questions: tuple[tuple[str, bool], ...] = ()
    policy: TheirPolicy | None = None
    price: float | None = None
    reminders: tuple[TheirReminder, ...] = ()
    sends_texts: bool = False
    is_whole: bool = True


@dataclass(frozen=True)
class TheirBusiness:
    """A business there. `page_url` is its public booking page, "" while that is not published."""

    id: str
    name: str
    zone: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    currency: str = ""
    page_url: str = ""
    is_published: bool = False
    hours: tuple[TheirHours, ...] = ()
    policy: TheirPolicy = TheirPolicy()


@dataclass(frozen=True)
class TheirSetup:
    """All that is set up in one business there."""

    business: TheirBusiness
    services: tuple[TheirService, ...] = ()
    staff: tuple[TheirStaff, ...] = ()
    questions: tuple[TheirQuestion, ...] = ()


@dataclass(frozen=True)
class TheirFree:
    """Whether somebody is free, half-open. `kind` is `free`, `busy` or `away`; time nobody speaks of is not free."""

    staff: str
    start: datetime
    end: datetime
    kind: str


@dataclass(frozen=True)
class TheirCustomer:
    """Who comes. `answers` are by question id."""

    name: str
    email: str = ""
    phone: str = ""
    notes: str = ""
    zone: str = ""
    id: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TheirAppointment:
    """Booked time there. `key` is our reference, "" for what was booked there; `id` is "" until it stands there.

    `changed` is when it was last changed there, by anybody; `join_url` is of the online meeting that Bookings made.
    `tells_customer` says whether they write to the customer about it.
    """

    service: str
    start: datetime
    end: datetime
    id: str = ""
    key: str = ""
    staff: tuple[str, ...] = ()
    customers: tuple[TheirCustomer, ...] = ()
    seats: int = 1
    is_online: bool = True
    tells_customer: bool = False
    notes: str = ""
    join_url: str = ""
    service_name: str = ""
    changed: datetime | None = None


class OutsideScheduler(Protocol):
    """One account at a scheduler. Raises SchedulerError and nothing else; each call ends within 45 seconds."""

    def businesses(self) -> Sequence[TheirBusiness]:
        """Return what businesses there are; of most only id and name."""
        ...

    def setup(self, business: str) -> TheirSetup:
        """Return all that is set up in a business."""
        ...

    def free(self, business: str, staff: Sequence[str], start: datetime, end: datetime) -> Sequence[TheirFree]:
        """Return when staff are free, busy or away between two instants."""
        ...

    def appointments(self, business: str, start: datetime, end: datetime) -> Sequence[TheirAppointment]:
        """Return all appointments that touch a stretch; what was cancelled is not among them."""
        ...

    def appointment(self, business: str, id: str) -> TheirAppointment:
        """Return one appointment."""
        ...

    def create(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Book, with `wanted.key` in it, and return what stands there now. Look for a key that was tried before."""
        ...

    def change(self, business: str, wanted: TheirAppointment) -> TheirAppointment:
        """Bring the appointment `wanted.id` to another time, staff or customer, and return what stands there now."""
        ...

    def cancel(self, business: str, id: str, words: str, *, tells: bool) -> None:
        """Cancel an appointment, telling its people `words` if it `tells`; one that is gone already is no error."""
        ...

    def put_setup(self, wanted: TheirSetup, known: TheirSetup | None) -> TheirSetup:
        """Bring what is set up in `wanted.business.id` to what is wanted, and return that with its ids; delete nothing.

        What has no id is made; one that begins with `?` stands for what is to be made in services that name it.
        """
        ...

    def publish(self, business: str, is_published: bool) -> TheirBusiness:
        """Publish, or take back, the public booking page."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
