"""A media server and a telephone service for tests: they carry nothing, remember everything, and can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Self

from vestibule.meetings.ports import (
    SOURCES,
    BackendError,
    BackendEvent,
    BadSignature,
    Capabilities,
    DialFailed,
    DialOrder,
    Health,
    JoinInfo,
    RoomRef,
)
from vestibule.store.configuration import Configuration

CAPABILITIES = Capabilities(max_participants=6, recording=True, remote_mute=True, remote_kick=True, simulcast=True)


@dataclass
class FakeMediaServer:
    """Fills the port `MeetingBackend` as a media server does. `calls` is what it was asked, in order."""

    name: str = "livekit"
    capabilities: Capabilities = CAPABILITIES
    silent: bool = False
    calls: list[str] = field(default_factory=list)
    inside: set[str] = field(default_factory=set)

    @classmethod
    def configured(cls, configuration: Configuration) -> Self:
        return cls()

    async def ensure_room(self, meeting: str, epoch: int) -> RoomRef:
        self._note(f"room {epoch}")
        return RoomRef(self.name, meeting, server="ws://media.example", epoch=epoch)

    async def join_info(
        self, room: RoomRef, participant: str, name: str, may_send: frozenset[str] = SOURCES
    ) -> JoinInfo:
        self._note(f"join {participant} {','.join(sorted(may_send))}")
        self.inside.add(participant)
        token = f"token of {participant}"
        return JoinInfo(
            self.name, room.room, _soon(), self.capabilities, url="ws://media.example", token=token, epoch=room.epoch
        )

    async def refresh(self, room: RoomRef, participant: str) -> JoinInfo:
        return JoinInfo(self.name, room.room, _soon(), self.capabilities, epoch=room.epoch)

    async def allow(self, room: RoomRef, participant: str, may_send: frozenset[str]) -> None:
        self._note(f"allow {participant} {','.join(sorted(may_send))}")

    async def remove(self, room: RoomRef, participant: str) -> None:
        self._note(f"remove {participant}")
        self.inside.discard(participant)

    async def mute(self, room: RoomRef, participant: str, source: str) -> None:
        self._note(f"mute {participant} {source}")

    async def end(self, room: RoomRef) -> None:
        self._note(f"end {room.epoch}")

    async def participants(self, room: RoomRef) -> frozenset[str]:
        return frozenset(self.inside)

    async def probe(self) -> Health:
        return Health(ok=not self.silent)

    async def start_recording(self, room: RoomRef, place: str) -> str:
        self._note(f"record {room.epoch}")
        return "REC_1"

    async def stop_recording(self, recording: str) -> None:
        self._note(f"stop {recording}")

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[BackendEvent]:
        raise BadSignature("the fake calls nobody back")

    def _note(self, call: str) -> None:
        if self.silent:
            raise BackendError("the fake is silent", permanent=False)
        self.calls.append(call)


def _soon() -> datetime:
    return datetime.fromtimestamp(4_000_000_000, UTC)


class FakeTelephone:
    """Fills the port `DialOut` in tests: it rings nobody, remembers each order, and fails when it is told to."""

    orders: ClassVar[list[DialOrder]] = []
    fails: ClassVar[bool] = False

    async def call(self, order: DialOrder) -> None:
        if self.fails:
            raise DialFailed("the line is engaged", permanent=False)
        self.orders.append(order)
