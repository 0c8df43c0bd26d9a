"""Which providers have a desk or a visit open, in whichever process: closing one says nothing while another is open."""

from typing import TYPE_CHECKING

from vestibule.meetings import presence

if TYPE_CHECKING:
    from vestibule.web.live.hub import Hub

HEARD_SECONDS = 40.0
"""For how long the word of another process counts; it repeats it every fifteen seconds."""
LISTENS_SECONDS = 20.0
"""How long this process listens to a business before it says that somebody is at no desk at all."""
SETTLE_SECONDS = 15.0


class Attendance:
    """Who is at a desk, for one event loop; the other processes' word of it comes over the bus."""

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self._began = hub.loop.time()
        self._listens: dict[int, float] = {}
        self._elsewhere: dict[int, dict[str, tuple[float, frozenset[int]]]] = {}

    def here(self, business_id: int) -> frozenset[int]:
        """Return the providers with a desk, or the page of a visit, open in this process.

        Lost lines count within their grace.
        """
        desk = self.hub.desks.get(business_id)
        rooms = [room for room in self.hub.rooms.values() if room.business_id == business_id]
        staff = (one.provider_id for room in rooms for one in room.staff())
        in_visits = frozenset(provider_id for provider_id in staff if provider_id is not None)
        return in_visits | (desk.providers() if desk is not None else frozenset())

    def of(self, business_id: int) -> frozenset[int]:
        """Return the providers of a business with a desk open in any process."""
        now = self.hub.loop.time()
        heard = self._elsewhere.get(business_id, {}).values()
        return self.here(business_id).union(*(who for at, who in heard if now - at <= HEARD_SECONDS))

    def announce(self, business_id: int) -> None:
        """Tell the other processes who is at a desk here."""
        self.hub.publish(business_id, "at_desk", providers=sorted(self.here(business_id)))

    def heard(self, business_id: int, origin: str, providers: list[int]) -> None:
        """Another process said who is at its desks."""
        self._elsewhere.setdefault(business_id, {})[origin] = self.hub.loop.time(), frozenset(providers)

    def listens(self, business_id: int, *, on: bool) -> None:
        """This process begins, or stops, to hear of a business. What was heard last is kept for its time."""
        if on:
            self._listens[business_id] = self.hub.loop.time()
        else:
            self._listens.pop(business_id, None)

    async def settle(self) -> None:
        """Put right what is stored of those whose going nobody could tell of, as when a process was killed."""
        now = self.hub.loop.time()
        if self.hub.is_alone:
            if now - self._began < self.hub.grace_seconds:  # desks that were open come back within it
                return
            looked_at = {*self.hub.desks, *(room.business_id for room in self.hub.rooms.values())}
            everybody = frozenset().union(*(self.here(one) for one in looked_at))
            changed = await self.hub.run(presence.settle, everybody)
        else:
            sure = [one for one, since in self._listens.items() if now - since >= LISTENS_SECONDS]
            if not sure:
                return
            everybody = frozenset().union(*(self.of(one) for one in sure))
            changed = await self.hub.run(presence.settle, everybody, sure)
        for business_id in changed:
            self.hub.setting_changed(business_id)
