"""The waitlist: who wants a time that becomes free is offered one, in the order they came, for a while.

An offer is a real hold. It goes to the next when it lapses or is turned down.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from vestibule.booking.models import Appointment, Service, WaitlistEntry
from vestibule.booking.wishes import Contact
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor

OFFER = timedelta(minutes=30)


def join(
    actor: Actor,
    service: Service,
    contact: Contact,
    *,
    first: date,
    last: date,
    provider: Provider | None = None,
    day_parts: Sequence[str] = (),
    length: int | None = None,
    appointment: Appointment | None = None,
) -> WaitlistEntry:
    """Put somebody on the waitlist and mail them the link that leaves it again.

    `first` to `last` are local dates of the contact's zone, both included, at most a year on. With `appointment`, one
    of the actor's own: they want an earlier time, which will move it; `contact` is then passed over. Joining again
    for the same service changes the entry there is.
    Raises Invalid naming `service` (no waitlist), `first`, `last`, `day_parts` or `length_minutes`, InvalidContact,
    ServiceHidden, ProviderNotOffered.
    """
    raise NotImplementedError


def leave(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    """Take somebody off the waitlist; a time that is being offered goes to the next. Twice is once."""
    raise NotImplementedError


def accept(
    actor: Actor,
    entry: WaitlistEntry,
    *,
    answers: Mapping[str, Any] | None = None,
    consents: Sequence[str] = (),
) -> Appointment:
    """Take the time that is offered: the linked appointment moves there, or a new one is booked.

    Answers to the service's questions may follow later (`lifecycle.answer`), but for required consents.
    Raises HoldExpired when nothing is offered (any more), Invalid naming `consents` or `answers.<id>`.
    """
    raise NotImplementedError


def decline(actor: Actor, entry: WaitlistEntry) -> WaitlistEntry:
    """Let the offered time pass, to the next who waits, and wait on. Raises HoldExpired when nothing is offered."""
    raise NotImplementedError


def of_link(token: str) -> tuple[Actor, WaitlistEntry] | None:
    """Return who holds the waitlist link `token` (purpose `waitlist`, page `/waitlist?v=…`) and the entry it opens."""
    raise NotImplementedError


def entry_of(actor: Actor) -> WaitlistEntry:
    """Return the entry that the holder of a waitlist link may see. Raises NotFound."""
    raise NotImplementedError


def entries_of(appointment: Appointment) -> list[WaitlistEntry]:
    """Return the entries that wait for an earlier time than `appointment`."""
    raise NotImplementedError


def offer_next(business_id: int, *, service: Service | None = None) -> int:
    """Offer what is free now to who waits, in the order they came; return how many offers were made.

    Called when time becomes free and by the tick. Never a time within the notice.
    """
    raise NotImplementedError


def tick() -> int:
    """Pass on offers that lapsed, end entries whose last date is over, offer what is free; return how many changed."""
    raise NotImplementedError
