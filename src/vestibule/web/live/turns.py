"""The commands of one session, one after another; one that takes long holds up those after it, never the pings."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 1.0
"""So long the reading of a socket waits for a command: longer, and its pings would stay unanswered."""


class Turns:
    """Whatever asks a media server can take seconds. A session keeps its turns over the loss of a socket."""

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None
        self._refs: set[str] = set()

    async def take(self, ref: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` after everything taken before; return when it is done, or is known to take long.

        A `ref` that is at work or waits, sent again over a new socket, is not done twice.
        """
        if ref and ref in self._refs:
            return
        self._refs.add(ref)
        before = self._last
        at_work = before is not None and not before.done()
        self._last = asyncio.get_running_loop().create_task(self._run(before if at_work else None, ref, work))
        if not at_work:
            await asyncio.wait({self._last}, timeout=PATIENCE_SECONDS)

    async def _run(self, before: "asyncio.Task[None] | None", ref: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            if before is not None:
                await asyncio.wait({before})
            await work()
        finally:
            self._refs.discard(ref)
