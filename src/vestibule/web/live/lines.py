"""The queues of businesses in this process: read once for everybody who waits, and shown to whom it changes something.

One reading at a time for each business; what happens meanwhile becomes one more. So a hundred people who come at once
cost a few readings, not a hundred times a hundred.
"""

import asyncio
from typing import TYPE_CHECKING

from vestibule.meetings import queue
from vestibule.meetings.queue import Board
from vestibule.store import clock
from vestibule.web.live import at_the_door

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

MANY = 50
PAUSE_SECONDS = 0.3
"""How long a long queue rests between two readings."""


class Lines:
    """Places of everybody who waits, by business, for one event loop."""

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self.boards: dict[int, Board] = {}
        self._wanted: set[int] = set()
        self._reading: set[int] = set()

    def changed(self, business_id: int) -> None:
        """Somebody came, left or was seen, or a provider did: work the places out again, soon."""
        self._wanted.add(business_id)
        if business_id not in self._reading:
            self._reading.add(business_id)
            self.hub.spawn(self._read(business_id))

    def changed_everywhere(self) -> None:
        """Time has passed: waits are shorter."""
        for business_id in {room.business_id for room in self.hub.rooms.values() if room.is_waited_in}:
            self.changed(business_id)

    async def _read(self, business_id: int) -> None:
        try:
            while business_id in self._wanted:
                self._wanted.discard(business_id)
                rooms = [room for room in self.hub.rooms.values() if room.business_id == business_id]
                if not any(room.is_waited_in for room in rooms):
                    continue
                board = await self.hub.run(queue.board, business_id, clock.now())
                self._show(business_id, board)
                if len(board.places) > MANY:
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._reading.discard(business_id)

    def _show(self, business_id: int, board: Board) -> None:
        for room in list(self.hub.rooms.values()):
            if room.business_id == business_id and room.is_waited_in:
                at_the_door.show_places(room, board)
