"""The embedded backend: browsers connect to each other; this server only introduces them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

from vestibule.meetings import turn
from vestibule.meetings.ports import (
    SOURCES,
    BackendError,
    BackendEvent,
    BadSignature,
    Capabilities,
    Health,
    JoinInfo,
    RoomRef,
)
from vestibule.store.configuration import Configuration


class PeerToPeer:
    """WebRTC between browsers, for up to four people: a fifth would cost everybody a fifth upload."""

    name = "p2p"
    capabilities = Capabilities(max_participants=4, e2ee=True)

    def __init__(self, turn_urls: tuple[str, ...] = (), turn_secret: str = "") -> None:
        self._urls = turn_urls
        self._secret = turn_secret

    @classmethod
    def configured(cls, configuration: Configuration) -> Self:
        """Return the backend with the TURN server of the settings, if there is one."""
        return cls(tuple(configuration.items("TURN_URLS")), configuration["TURN_SECRET"])

    async def ensure_room(self, meeting: str, epoch: int) -> RoomRef:
        return RoomRef(self.name, meeting, epoch=epoch)

    async def join_info(
        self, room: RoomRef, participant: str, name: str, may_send: frozenset[str] = SOURCES
    ) -> JoinInfo:
        return self._info(room, participant)

    async def refresh(self, room: RoomRef, participant: str) -> JoinInfo:
        return self._info(room, participant)

    async def allow(self, room: RoomRef, participant: str, may_send: frozenset[str]) -> None:
        """Nothing to do: browsers of the others show only what the roster says may be sent."""

    async def remove(self, room: RoomRef, participant: str) -> None:
        """Nothing to do: the others close their connections when the roster no longer names the participant."""

    async def mute(self, room: RoomRef, participant: str, source: str) -> None:
        raise BackendError("Nobody can be muted from outside in a peer-to-peer call.", permanent=True)

    async def end(self, room: RoomRef) -> None:
        """Nothing to do: there is no server to tell."""

    async def participants(self, room: RoomRef) -> frozenset[str]:
        return frozenset()

    async def probe(self) -> Health:
        return Health(ok=True, words="" if self._urls else "no TURN server: some networks will not connect")

    async def start_recording(self, room: RoomRef, place: str) -> str:
        raise BackendError("A peer-to-peer call passes no server that could record it.", permanent=True)

    async def stop_recording(self, recording: str) -> None:
        raise BackendError("A peer-to-peer call is never recorded.", permanent=True)

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[BackendEvent]:
        raise BadSignature("Browsers call nobody back.")

    def _info(self, room: RoomRef, participant: str) -> JoinInfo:
        # The TURN server reads the machine's clock, so a moved test clock must not count here.
        real_now = datetime.fromtimestamp(time.time(), UTC)
        servers, expires_at = turn.ice_servers(self._urls, self._secret, participant, real_now)
        return JoinInfo(self.name, room.room, expires_at, self.capabilities, servers, epoch=room.epoch)
