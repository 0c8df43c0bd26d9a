"""Whose requests are answered now: of a few threads nobody has more than a share, and who has least at work is next.

Somebody is the address they come from until their business is known, and then that business. So one business that
asks much, or what takes long, keeps nobody else waiting, in whatever dialect.
"""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

ADDRESS = "address "
"""What somebody begins with whose business is not known yet."""
THREADS = 6
SHARE = 4
"""Threads that one business, or one address before that, may have at once."""
MOST_WAITING = 100
"""Requests of each that wait for a thread. Each holds its body: at most 256 KB, and six in all larger ones."""
MOST_UNKNOWN_WAITING = 500
"""Requests of all addresses that wait, as long as their business is not known: with 256 KB each, 128 MB.

One who asks may have addresses without number. Businesses are not: theirs have no such bound, and a flood of addresses
takes no place of theirs. Where this is reached, whoever has fewer waiting takes a place of whoever has most.
"""
WAIT_SECONDS = 30.0


class NotYet(Exception):
    """The business that asks turned out to have its share at work; it waits for a turn as `who`."""

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who


class Crowded(Exception):
    """As many requests of this one, or of all addresses, wait as may; or this one has waited for too long."""


@dataclass
class Turn:
    """A thread that one request has, and for whom it counts."""

    who: str


@dataclass(eq=False)
class _Waiting:
    """A request in line: called when it has its `turn`, or with none where another took its place.

    Its loop may be another than that of who calls it.
    """

    loop: asyncio.AbstractEventLoop
    called: asyncio.Event
    turn: Turn | None = None

    def call(self) -> None:
        self.loop.call_soon_threadsafe(self.called.set)


class Turns:
    """Gives out `threads` turns. Those who wait are called by who has least at work, and each in their order."""

    def __init__(
        self,
        threads: int = THREADS,
        share: int = SHARE,
        most_waiting: int = MOST_WAITING,
        most_unknown: int = MOST_UNKNOWN_WAITING,
    ) -> None:
        self._share, self._most_waiting, self._most_unknown = share, most_waiting, most_unknown
        self._lock = threading.Lock()
        self._free = threads
        self._at_work: Counter[str] = Counter()
        self._lines: dict[str, deque[_Waiting]] = {}

    async def take(self, who: str, seconds: float = WAIT_SECONDS) -> Turn:
        """Wait for a turn and return it, to be given back by `give`. Raises Crowded."""
        with self._lock:
            if self._free and self._at_work[who] < self._share:
                return self._begun(who)
            self._make_room(who)
            waiting = _Waiting(asyncio.get_running_loop(), asyncio.Event())
            self._lines.setdefault(who, deque()).append(waiting)
        try:
            async with asyncio.timeout(seconds):
                await waiting.called.wait()
        except TimeoutError:
            if self._left(who, waiting) is None:
                raise Crowded from None
        except asyncio.CancelledError:
            if (unused := self._left(who, waiting)) is not None:
                self.give(unused)
            raise
        if waiting.turn is None:
            raise Crowded
        return waiting.turn

    def give(self, turn: Turn) -> None:
        """Give a turn back: the next in line gets it."""
        with self._lock:
            self._ended(turn.who)
            self._free += 1
            self._call()

    def move(self, turn: Turn, who: str) -> None:
        """Let a turn count for somebody else from now on. Raises NotYet for who has their share already."""
        if turn.who == who:
            return
        with self._lock:
            if self._at_work[who] >= self._share:
                raise NotYet(who)
            self._ended(turn.who)
            self._at_work[who] += 1
            turn.who = who
            self._call()

    def _make_room(self, who: str) -> None:
        """Let one more wait as `who`. The lock is held. Raises Crowded."""
        mine = len(self._lines.get(who, ()))
        if mine >= self._most_waiting:
            raise Crowded
        if not who.startswith(ADDRESS):
            return
        unknown = {one: len(line) for one, line in self._lines.items() if one.startswith(ADDRESS)}
        if sum(unknown.values()) < self._most_unknown:
            return
        longest = max(unknown, key=unknown.__getitem__)
        if unknown[longest] <= mine + 1:
            raise Crowded
        self._lines[longest].pop().call()

    def _left(self, who: str, waiting: _Waiting) -> Turn | None:
        """Take who waits out of the line, and return the turn they were given at the last moment."""
        with self._lock:
            line = self._lines.get(who, deque())
            if waiting in line:
                line.remove(waiting)
                if not line:
                    del self._lines[who]
            return waiting.turn

    def _begun(self, who: str) -> Turn:
        self._free -= 1
        self._at_work[who] += 1
        return Turn(who)

    def _ended(self, who: str) -> None:
        self._at_work[who] -= 1
        if not self._at_work[who]:
            del self._at_work[who]

    def _call(self) -> None:
        """Give what is free to those in line. The lock is held."""
        while self._free:
            ready = [who for who in self._lines if self._at_work[who] < self._share]
            if not ready:
                return
            who = min(ready, key=lambda one: self._at_work[one])
            line = self._lines.pop(who)
            waiting = line.popleft()
            if line:
                self._lines[who] = line  # behind all others: of those who have as much at work it is the last
            waiting.turn = self._begun(who)
            waiting.call()


TURNS = Turns()
_mine: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def working(turn: Turn) -> Iterator[None]:
    """Let `belongs_to` know, in this thread, whose turn this is."""
    before = _mine.set(turn)
    try:
        yield
    finally:
        _mine.reset(before)


def belongs_to(business_id: int | None) -> None:
    """Say which business (None: no one's) the request is of that this thread answers; before anything is done for it.

    Raises NotYet where that has its share at work: the request is answered later, from its beginning.
    """
    turn = _mine.get()
    if turn is not None and business_id is not None:
        TURNS.move(turn, f"business {business_id}")
