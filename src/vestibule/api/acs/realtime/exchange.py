"""The places of this process, and how events reach them: from any thread, and from other processes over the bus.

Made when the first browser comes, or where several processes serve, when there is first something to tell them.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.api.acs.realtime.events import Event
from vestibule.api.acs.realtime.loop import Here
from vestibule.api.acs.realtime.passes import Ticket
from vestibule.api.acs.realtime.places import Place, Polls
from vestibule.meetings.ports import LiveBus
from vestibule.people import communication, identities
from vestibule.people.identities import Bearer, TokenRefused
from vestibule.store.threads import fresh_connection, let_go

log = logging.getLogger(__name__)
T = TypeVar("T")
LOOK_SECONDS: Final = 3.0
KEPT_SECONDS: Final = 120.0
SILENT_POLLS_SECONDS: Final = 40.0
MOST_OF_ONE: Final = 20
MOST_OF_BUSINESS: Final = 5000
"""How many places one identity, and all of a business, may have in one process."""
THREADS: Final = 2


class Full(Exception):
    """An identity or a business has as many places as it may."""


class Exchange:
    """Places by name and by whose they are."""

    def __init__(self, bus: LiveBus | None) -> None:
        self.loop = asyncio.get_running_loop()
        self.places: dict[str, Place] = {}
        self._of: dict[int, dict[str, list[Place]]] = {}
        self._count: dict[int, int] = {}
        self._origin = secrets.token_hex(6)
        self._bus = bus
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="realtime")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._looking = False
        if bus is not None:
            self._spawn(bus.start(self._on_bus))

    async def stop(self) -> None:
        """Stop all work and let go of the database; the web server has closed the connections."""
        for task in list(self._tasks):
            task.cancel()
        if self._bus is not None:
            await self._bus.stop()
        await asyncio.to_thread(let_go, self._pool, THREADS)

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work`, which may use the database, in a thread."""
        return await self.loop.run_in_executor(self._pool, _with_fresh_connection, work)

    def has_listeners(self, business_id: int) -> bool:
        """Tell whether anybody of a business may want to know: here, or in another process."""
        return business_id in self._of or self._bus is not None

    def has_room(self, business_id: int, key: str) -> bool:
        """Tell whether an identity may have one place more."""
        theirs = len(self._of.get(business_id, {}).get(key, ()))
        return theirs < MOST_OF_ONE and self._count.get(business_id, 0) < MOST_OF_BUSINESS

    def place(self, ticket: Ticket, bearer: Bearer) -> Place:
        """Return the place a ticket is for, new where this process has none. Raises Full, also for another's."""
        known = self.places.get(ticket.place)
        if known is not None and known.key == bearer.key and known.business_id == bearer.resource.business_id:
            known.bearer, known.token = bearer, ticket.token
            return known
        if known is not None or not self.has_room(bearer.resource.business_id, bearer.key):
            raise Full
        made = Place(ticket.place, bearer, ticket.program, ticket.token, missed=ticket.again)
        self.places[made.name] = made
        theirs = self._of.setdefault(made.business_id, {})
        if len(theirs) == 0 and self._bus is not None:
            self._bus.subscribe(_channel(made.business_id))
        theirs.setdefault(made.key, []).append(made)
        self._count[made.business_id] = self._count.get(made.business_id, 0) + 1
        if not self._looking:
            self._looking = True
            self._spawn(self._look_after())
        return made

    def forget(self, place: Place, reason: str = "") -> None:
        """Say goodbye to a place for good."""
        if self.places.get(place.name) is not place:
            return
        del self.places[place.name]
        place.end(reason)
        theirs = self._of[place.business_id]
        theirs[place.key].remove(place)
        self._count[place.business_id] -= 1
        if not theirs[place.key]:
            del theirs[place.key]
        if not theirs:
            del self._of[place.business_id], self._count[place.business_id]
            if self._bus is not None:
                self._bus.unsubscribe(_channel(place.business_id))

    def forget_program(self, bearer: Bearer, program: str) -> None:
        """A library says that it has stopped: forget what it had."""
        for place in list(self._of.get(bearer.resource.business_id, {}).get(bearer.key, ())):
            if place.program == program:
                self.forget(place)

    def tell(self, business_id: int, keys: Sequence[str], event: Event) -> None:
        """Tell identities by their keys of an event, in every process."""
        self._tell_here(business_id, keys, event)
        if self._bus is not None:
            told = {"origin": self._origin, "to": keys, "before": event.before, "after": event.after}
            self._bus.publish(_channel(business_id), orjson.dumps(told))

    def _tell_here(self, business_id: int, keys: Iterable[str], event: Event) -> None:
        theirs = self._of.get(business_id)
        if theirs is not None:
            for key in keys:
                for place in theirs.get(key, ()):
                    place.tell(event)

    def _on_bus(self, channel: str, raw: bytes) -> None:
        told = orjson.loads(raw)
        if told["origin"] != self._origin:
            event = Event(told["before"], told["after"])
            self._tell_here(int(channel.rpartition(".")[2]), told["to"], event)

    async def _look_after(self) -> None:
        """While there are places: forget those left for long, those who fell silent and those whose token ended."""
        while self.places:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                self._forget_left()
                now = await self.run(lambda: _still(list(self.places.values())))
                for place, bearer in now:
                    if bearer is None:
                        self.forget(place, "unauthorized")
                    elif bearer.ends_at >= place.bearer.ends_at:
                        place.bearer = bearer
            except Exception:  # nobody would notice that tokens are not looked at any more
                log.exception("looking after realtime connections failed and is tried again")
        self._looking = False

    def _forget_left(self) -> None:
        now = self.loop.time()
        for place in list(self.places.values()):
            line = place.line
            if isinstance(line, Polls) and now - line.heard_at > SILENT_POLLS_SECONDS:
                line.close()
                place.disconnect(line, now)
            if place.left_at is not None and now - place.left_at > KEPT_SECONDS:
                self.forget(place)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def here() -> Exchange:
    """Return the exchange of the running loop, made at the first call."""
    loop = asyncio.get_running_loop()
    if Here.exchange is None or Here.exchange.loop is not loop:
        Here.loop, Here.exchange = loop, Exchange(_bus())
    return Here.exchange


def has_listeners(business_id: int) -> bool:
    """Tell whether anybody of a business may want to know what happens in its threads. From any thread."""
    exchange = Here.exchange
    if exchange is None:
        return Here.loop is not None and bool(settings.LIVE_BUS)
    return exchange.has_listeners(business_id)


def has_room(bearer: Bearer, place: str) -> bool:
    """Tell whether this process has room for `place` of `bearer`, or has it already. From any thread."""
    exchange = Here.exchange
    return exchange is None or place in exchange.places or exchange.has_room(bearer.resource.business_id, bearer.key)


def tell(business_id: int, keys: Sequence[str], event: Event) -> None:
    """Tell identities of a business of an event; from any thread, and nothing where no server runs."""
    if keys:
        _on_loop(lambda exchange: exchange.tell(business_id, keys, event))


def forget_program(bearer: Bearer, program: str) -> None:
    """Forget what a library that has stopped had in this process; from any thread."""
    _on_loop(lambda exchange: exchange.forget_program(bearer, program))


def _on_loop(do: Callable[[Exchange], None]) -> None:
    loop = Here.loop
    if loop is not None:
        with suppress(RuntimeError):  # the server has just stopped
            loop.call_soon_threadsafe(lambda: do(here()))


def _still(places: Sequence[Place]) -> list[tuple[Place, Bearer | None]]:
    """Return who still may be told what happens: with a token that has not ended, and None for who may not."""
    answering = communication.answering()
    generations = identities.generations(place.bearer.identity for place in places)
    return [(place, _still_held(place, answering, generations)) for place in places]


def _still_held(place: Place, answering: Any, generations: Any) -> Bearer | None:
    held = place.bearer
    resource = answering.get(held.resource.resource)
    is_good = generations.get(held.identity.pk) == held.identity.generation and not held.has_ended
    if resource is None or "chat" not in resource.services or not is_good:
        return None
    if resource == held.resource:
        return held
    try:
        return identities.bearer(place.token)  # a key was renewed: perhaps the one this token was got by
    except TokenRefused:
        return None


def _with_fresh_connection(work: Callable[[], T]) -> T:
    with fresh_connection():
        return work()


def _bus() -> LiveBus | None:
    if not settings.LIVE_BUS:
        return None
    return cast(LiveBus, import_string(settings.LIVE_BUS).configured(settings.CONFIGURATION))


def _channel(business_id: int) -> str:
    return f"vestibule.realtime.{business_id}"
