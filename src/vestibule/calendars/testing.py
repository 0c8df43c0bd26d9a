"""A calendar account in memory, for tests of whatever uses the ports."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from vestibule.calendars.ports import (
    Access,
    Changes,
    Conflict,
    Entry,
    Found,
    Item,
    OurEntry,
    Reading,
    Stored,
)
from vestibule.store.configuration import Configuration


@dataclass
class World:
    """What stands in the account's one calendar, and how it answers: `error` for everything, `asked` counts."""

    items: dict[str, Item] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)
    stored: list[Entry] = field(default_factory=list)

    def put(self, ref: str, *busy: tuple[int, int], ours: OurEntry | None = None) -> None:
        """Store something, as its owner would."""
        self.history.append(ref)
        self.items[ref] = Item(ref, f"e{len(self.history)}", tuple(busy), ours)

    def remove(self, ref: str) -> None:
        """Take something away, as its owner would."""
        self.history.append(ref)
        del self.items[ref]


class FakeAccount:
    """An adapter of both ports; worlds are found by the address of the access."""

    worlds: ClassVar[dict[str, World]] = {}

    def __init__(self, access: Access) -> None:
        self.world = self.worlds[access.url]

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for one account."""
        return cls(access)

    def close(self) -> None:
        """Do nothing."""

    def calendars(self) -> Sequence[Found]:
        """Return the one calendar."""
        self._ask("calendars")
        return [Found("/office/", "Work")]

    def changes(self, calendar: str, token: str, reading: Reading) -> Changes:
        """Return what changed since `token`, a number of changes."""
        self._ask(f"changes {token}")
        now = str(len(self.world.history))
        if not token:
            return Changes(now, tuple(self.world.items.values()), is_whole=True)
        touched = dict.fromkeys(self.world.history[int(token) :])
        there = tuple(self.world.items[ref] for ref in touched if ref in self.world.items)
        return Changes(now, there, tuple(ref for ref in touched if ref not in self.world.items))

    def put(self, calendar: str, entry: Entry, known: Stored | None) -> Stored:
        """Store an entry."""
        ref = known.ref if known and known.ref else f"/office/{entry.uid}.ics"
        self._ask(f"put {ref}")
        self._guard(ref, known)
        self.world.put(ref, ours=OurEntry(entry.uid, entry.start, entry.end))
        self.world.stored.append(replace(entry))
        return Stored(ref, self.world.items[ref].etag)

    def delete(self, calendar: str, uid: str, known: Stored | None) -> None:
        """Take an entry out."""
        ref = known.ref if known and known.ref else f"/office/{uid}.ics"
        self._ask(f"delete {ref}")
        if ref in self.world.items:
            if known is not None:
                self._guard(ref, known)
            self.world.remove(ref)

    def _ask(self, what: str) -> None:
        self.world.asked.append(what)
        if self.world.error is not None:
            raise self.world.error

    def _guard(self, ref: str, known: Stored | None) -> None:
        there = self.world.items[ref].etag if ref in self.world.items else ""
        if there != (known.etag if known else ""):
            raise Conflict(there)


@contextmanager
def world(address: str) -> Iterator[World]:
    """Let a world answer at `address`."""
    FakeAccount.worlds[address] = World()
    try:
        yield FakeAccount.worlds[address]
    finally:
        del FakeAccount.worlds[address]
