"""What we need of calendars outside: where people are busy, and a place to show appointments.

Values here know no framework. Minutes are UTC minutes since 1970, half-open. Adapters are opened from an `Access`, for
one account at a time, and may be used by one thread; each of their calls ends within the limits the adapter states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Trouble(StrEnum):
    """Why a calendar could not be used."""

    CREDENTIALS = "credentials"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TOO_BIG = "too_big"
    MALFORMED = "malformed"


class CalendarError(Exception):
    """The calendar was not read or written. The text is for logs and managers: no secret, no address with a token.

    `permanent` says that trying again will not help by itself: a person has to mend something.
    """

    def __init__(self, text: str, kind: Trouble, *, permanent: bool) -> None:
        super().__init__(text)
        self.kind, self.permanent = kind, permanent


class Conflict(CalendarError):
    """An entry was changed outside since we last saw it; `etag` is what it has now ("" if it is gone)."""

    def __init__(self, etag: str) -> None:
        super().__init__("the entry was changed in the calendar meanwhile", Trouble.REFUSED, permanent=False)
        self.etag = etag


@dataclass(frozen=True)
class Access:
    """How to get in. Secret as a whole: an address of a feed is often all that is needed to read it.

    `account` is what the business has at the vendor, where the calendar is asked with that (`people.ports.Vendor`).
    With `only_times` no entry is to be read, only when the owner is free.
    """

    url: str = field(repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    account: Mapping[str, str] = field(default_factory=dict, repr=False)
    only_times: bool = False


@dataclass(frozen=True)
class Reading:
    """How events are to be understood: `first` to `last` minute are looked at.

    `zone` is the owner's IANA zone, for all-day and floating times; `addresses` are the owner's e-mail addresses in
    small letters, to know what they declined; `host` marks entries of ours, whose UID ends with it.
    """

    first: int
    last: int
    zone: str
    addresses: frozenset[str] = frozenset()
    all_day_counts: bool = True
    host: str = ""


@dataclass(frozen=True)
class OurEntry:
    """One of our appointments as the calendar shows it: it never makes anybody busy."""

    uid: str
    start: int
    end: int
    cancelled: bool = False


@dataclass(frozen=True)
class Item:
    """What one thing in a calendar comes to: `ref` is its name there, `busy` are (start, end), sorted and merged."""

    ref: str
    etag: str = ""
    busy: tuple[tuple[int, int], ...] = ()
    ours: OurEntry | None = None


@dataclass(frozen=True)
class Changes:
    """What is new since the token that was given.

    `is_whole`: `items` is everything there is, and what is not among them is gone. Otherwise `gone` names what was
    removed. `token` is to be given next time. Nothing new: not whole, no items, nothing gone.

    A big calendar may come in parts (`is_part`), to be asked on for soon. `remains` comes with the last of them: by
    `tokens.short`, the names of all there is beside `items`; what is in neither is gone.
    """

    token: str
    items: tuple[Item, ...] = ()
    gone: tuple[str, ...] = ()
    is_whole: bool = False
    is_part: bool = False
    remains: frozenset[str] | None = None


@dataclass(frozen=True)
class Found:
    """A calendar of an account. `address` names it there; `can_write` is as far as the server tells."""

    address: str
    name: str
    can_write: bool = True


@dataclass(frozen=True)
class Entry:
    """An appointment as it is to stand in a calendar. `uid` is for ever the same, `sequence` grows with each change."""

    uid: str
    sequence: int
    start: int
    end: int
    title: str
    text: str = ""
    place: str = ""
    url: str = ""
    stamp: int = 0


@dataclass(frozen=True)
class Stored:
    """Where an entry stands in a calendar ("": where a new one of its UID would), and in which state we left it."""

    ref: str
    etag: str = ""


class BusySource(Protocol):
    """Tells when somebody is busy. Raises CalendarError, and nothing else."""

    def calendars(self) -> Sequence[Found]:
        """Return the calendars there are; a feed is a single one. Also the way to test an access."""
        ...

    def changes(self, calendar: str, token: str, reading: Reading) -> Changes:
        """Return what changed in a calendar since `token` ("": everything)."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


@runtime_checkable
class CalendarTarget(Protocol):
    """Shows appointments. Doing the same twice changes nothing. Raises Conflict, CalendarError, and nothing else."""

    def put(self, calendar: str, entry: Entry, known: Stored | None) -> Stored:
        """Store `entry`, new or over `known`, and return where it stands now."""
        ...

    def delete(self, calendar: str, uid: str, known: Stored | None) -> None:
        """Take an entry out, wherever it would stand if `known` is None; one that is gone already is no error."""
        ...


class SubscriptionGone(CalendarError):
    """The server knows no such subscription (any more): it ended, or belongs to another account."""

    def __init__(self) -> None:
        super().__init__("the calendar's server no longer tells us of changes", Trouble.REFUSED, permanent=False)


class Unreadable(Exception):
    """What was called to us is nothing a calendar's server says."""


class News(StrEnum):
    """What a calendar's server tells us."""

    CHANGED = "changed"
    ASKS = "asks"
    """It wants to hear from us before it goes on telling."""
    ENDED = "ended"
    """It tells nothing more."""
    MISSED = "missed"
    """It could not tell everything: the calendar is to be read from its beginning."""


@dataclass(frozen=True)
class Said:
    """One thing that was called to us, true or not: `subscription` and `key` are what the caller gave as such."""

    subscription: str
    key: str = field(repr=False)
    news: News = News.CHANGED


@dataclass(frozen=True)
class Heard:
    """All that came with one call. `answer` is text to give back, as it was given, while a subscription is made."""

    said: tuple[Said, ...] = ()
    answer: str | None = None


@dataclass(frozen=True)
class Watched:
    """A subscription that was made: how its server calls it, and until when it lasts (aware)."""

    external_id: str
    until: datetime


class Notifies(Protocol):
    """Has a calendar's server tell us of changes. Raises CalendarError, and nothing else."""

    def subscribe(self, calendar: str, address: str, key: str, *, is_again: bool) -> Watched:
        """Have changes of `calendar` called to `address` together with `key`. The server calls there before it answers.

        With `is_again` one that was made before, and whose making we never heard of, is taken over.
        """
        ...

    def renew(self, external_id: str) -> Watched:
        """Let it last as long as it may. Raises SubscriptionGone."""
        ...

    def reauthorize(self, external_id: str) -> None:
        """Tell the server that we still want it. Raises SubscriptionGone."""
        ...

    def unsubscribe(self, external_id: str) -> None:
        """Take it back; one that is gone already is no error."""
        ...

    @classmethod
    def heard(cls, query: Mapping[str, str], body: bytes) -> Heard:
        """Return what a call says, none of which is believed yet. Raises Unreadable."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
