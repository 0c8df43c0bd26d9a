"""What carries events to addresses, and what puts them into the words of whoever listens there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from vestibule.people.errors import Refusal
from vestibule.subscriptions.kinds import Kind


class Unreachable(Exception):
    """No answer came. The text, in English, goes on after "it": it holds nothing of the address."""


@dataclass(frozen=True)
class Request:
    """What is asked of an address; of a post, `events` are the ids of those it tells."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    events: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Reply:
    """A whole answer; header names are lower case. `wait` is how long it asks to be left alone."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    wait: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Poster(Protocol):
    """Asks addresses that people typed; used by several threads at once."""

    def refusal(self, url: str) -> str:
        """Return a code for why nothing is ever sent to an address as it is written; "" for one that may be tried.

        `not_https`, `other_port`, `no_address` (not one at all, with a user name or a fragment in it, or too long).
        """
        ...

    def shown(self, url: str) -> str:
        """Return what of an address may be seen: its origin."""
        ...

    def ask(self, request: Request, *, seconds: float) -> Reply:
        """Ask for at most so long and return the answer, whatever its status; redirects are not followed.

        Raises Unreachable, and nothing else.
        """
        ...


@dataclass(frozen=True)
class Addressee:
    """A subscription as shapes know it.

    At `life_address` it is told of its own life ("": nowhere); at `confirm_url` a person may confirm it ("": nobody can
    come there).
    """

    guid: UUID
    name: str
    business_id: int
    address: str = field(repr=False)
    life_address: str = field(default="", repr=False)
    client_state: str = field(default="", repr=False)
    wants: tuple[str, ...] = ()
    resource: str = ""
    expires_at: datetime | None = None
    validation_code: str = field(default="", repr=False)
    confirm_url: str = field(default="", repr=False)


@dataclass(frozen=True)
class Told:
    """An event as it was written down."""

    id: UUID
    kind: Kind
    subject: str
    facts: Mapping[str, Any] = field(repr=False)
    at: datetime


class Agreed(Enum):
    """What an address answered when it was asked whether it wants to be told."""

    YES = "yes"
    LATER = "later"
    NO = "no"


class Unknown(Refusal):
    """Something is wanted that a shape cannot tell of; `facts["names"]` says what."""

    code = "unknown_event"


class Shape(Protocol):
    """Puts events into the words of one kind of listener. May read tables; talks to nobody."""

    lasts: timedelta
    """For how long an event is tried."""
    asks_seconds: float
    """How long an address has to say that it wants to be told."""
    confirms_later: timedelta | None
    """For how long somebody may confirm by hand; None: it is now or never."""

    def names(self) -> Sequence[str]:
        """Return all that may be wanted."""
        ...

    def kinds(self, wants: Sequence[str], resource: str) -> list[Kind]:
        """Return what of ours is behind the names in `wants`, or behind `resource`. Raises Unknown."""
        ...

    def asking(self, to: Addressee) -> Request:
        """Return what asks an address whether it wants to be told."""
        ...

    def agreed(self, to: Addressee, reply: Reply) -> Agreed:
        """Return what its answer says."""
        ...

    def posts(self, to: Addressee, events: Sequence[Told]) -> list[Request]:
        """Return what tells of `events`, in as many requests as it takes; none where nothing of it is wanted."""
        ...
