"""Calls carried by a LiveKit server: rooms, tokens made at admission, removing and muting on the server, recording."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from vestibule.integrations.livekit import tokens, webhooks
from vestibule.integrations.livekit.names import room_name
from vestibule.integrations.livekit.twirp import Twirp, TwirpError
from vestibule.meetings import turn
from vestibule.meetings.ports import (
    SOURCES,
    BackendError,
    BackendEvent,
    Capabilities,
    Health,
    JoinInfo,
    RoomRef,
)
from vestibule.store.configuration import Configuration

LIFETIME_SECONDS = 300
"""How long a token admits: as long as a slow phone needs to come in, and no longer. Inside, the server renews it."""
EMPTY_SECONDS, DEPARTURE_SECONDS = 300, 60
MOST_PEOPLE = 30
_SOURCES = {"mic": ("microphone",), "cam": ("camera",), "screen": ("screen_share", "screen_share_audio")}
_TRACKS = {"mic": {"MICROPHONE"}, "cam": {"CAMERA"}, "screen": {"SCREEN_SHARE", "SCREEN_SHARE_AUDIO"}}


class LiveKit:
    """A LiveKit server, or several that share a Redis: any of them answers for every room."""

    name = "livekit"

    def __init__(
        self,
        address: str,
        key: str,
        secret: str,
        *,
        turn_urls: tuple[str, ...] = (),
        turn_secret: str = "",
        records_to: str = "",
    ) -> None:
        """`records_to` is the folder of recordings as Egress sees it; empty: it cannot record.

        Raises ValueError for an address that is neither ws(s) nor http(s).
        """
        parts = urlsplit(address)
        if parts.scheme not in {"ws", "wss", "http", "https"} or not parts.hostname:
            raise ValueError("the LiveKit server must be given as wss://host")
        rest = parts.netloc + parts.path.rstrip("/")
        secure = parts.scheme in {"wss", "https"}
        self.url = f"{'wss' if secure else 'ws'}://{rest}"
        self._twirp = Twirp(f"{'https' if secure else 'http'}://{rest}", key, secret)
        self._key, self._secret = key, secret
        self._turn_urls, self._turn_secret = turn_urls, turn_secret
        self._records_to = records_to.rstrip("/")
        self.capabilities = Capabilities(
            max_participants=MOST_PEOPLE,
            recording=bool(records_to),
            remote_mute=True,
            remote_kick=True,
            simulcast=True,
        )

    @classmethod
    def configured(cls, configuration: Configuration) -> Self:
        """Return the server of the settings."""
        return cls(
            configuration["LIVEKIT_URL"],
            configuration["LIVEKIT_KEY"],
            configuration["LIVEKIT_SECRET"],
            turn_urls=tuple(configuration.items("TURN_URLS")),
            turn_secret=configuration["TURN_SECRET"],
            records_to=configuration["LIVEKIT_RECORDS_TO"] or configuration["RECORDINGS"],
        )

    async def ensure_room(self, meeting: str, epoch: int) -> RoomRef:
        room = RoomRef(self.name, meeting, server=self.url, epoch=epoch)
        wanted = {
            "name": room_name(room),
            "emptyTimeout": EMPTY_SECONDS,
            "departureTimeout": DEPARTURE_SECONDS,
            "maxParticipants": MOST_PEOPLE + 5,  # a page that loads again is there twice for a moment
        }
        await self._twirp.ask("RoomService/CreateRoom", wanted, {"roomCreate": True})
        return room

    async def join_info(
        self, room: RoomRef, participant: str, name: str, may_send: frozenset[str] = SOURCES
    ) -> JoinInfo:
        now = int(time.time())  # LiveKit reads the machine's clock, so a moved test clock must not count here
        claims = {
            "iss": self._key,
            "sub": participant,
            "name": name,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "video": {
                "room": room_name(room),
                "roomJoin": True,
                "canSubscribe": True,
                "canPublishData": True,
                "canUpdateOwnMetadata": False,
                **_permission(may_send),
            },
        }
        token, ice = tokens.sign(claims, self._secret), self._ice(participant)
        expires_at = datetime.fromtimestamp(now + LIFETIME_SECONDS, UTC)
        return JoinInfo(
            self.name, room.room, expires_at, self.capabilities, ice, url=self.url, token=token, epoch=room.epoch
        )

    async def refresh(self, room: RoomRef, participant: str) -> JoinInfo:
        expires_at = datetime.fromtimestamp(int(time.time()) + LIFETIME_SECONDS, UTC)
        return JoinInfo(self.name, room.room, expires_at, self.capabilities, self._ice(participant), epoch=room.epoch)

    async def allow(self, room: RoomRef, participant: str, may_send: frozenset[str]) -> None:
        sources = [source.upper() for source in _permission(may_send)["canPublishSources"]]
        permission = {
            "canSubscribe": True,
            "canPublishData": True,
            "canPublish": bool(sources),
            "canPublishSources": sources,
        }
        await self._of_one("UpdateParticipant", room, participant, permission=permission)

    async def remove(self, room: RoomRef, participant: str) -> None:
        await self._of_one("RemoveParticipant", room, participant)

    async def mute(self, room: RoomRef, participant: str, source: str) -> None:
        found = await self._of_one("GetParticipant", room, participant)
        for track in found.get("tracks", []):
            if track.get("source") in _TRACKS[source] and not track.get("muted"):
                await self._of_one("MutePublishedTrack", room, participant, trackSid=track["sid"], muted=True)

    async def end(self, room: RoomRef) -> None:
        try:
            await self._twirp.ask("RoomService/DeleteRoom", {"room": room_name(room)}, {"roomCreate": True})
        except TwirpError as refused:
            if refused.code != "not_found":
                raise

    async def participants(self, room: RoomRef) -> frozenset[str]:
        try:
            told = await self._ask_about(room, "ListParticipants", {"room": room_name(room)})
        except TwirpError as refused:
            if refused.code == "not_found":
                return frozenset()
            raise
        people = [one for one in told.get("participants", []) if one.get("kind", "STANDARD") == "STANDARD"]
        return frozenset(one["identity"] for one in people)

    async def probe(self) -> Health:
        try:
            await self._twirp.ask("RoomService/ListRooms", {"names": [PROBE]}, {"roomList": True})
            status = await self._twirp.get("/")
        except BackendError as failure:
            return Health(ok=False, words=str(failure))
        # A node answers 406 once it has not heard from itself for a while.
        return Health(ok=status == 200, words="" if status == 200 else f"the node says {status}")

    async def start_recording(self, room: RoomRef, place: str) -> str:
        if not self._records_to:
            raise BackendError("No folder for recordings is set.", permanent=True)
        wanted = {
            "roomName": room_name(room),
            "layout": "grid",
            "fileOutputs": [
                {"fileType": "MP4", "filepath": f"{self._records_to}/{place}", "disableManifest": True},
            ],
        }
        told = await self._twirp.ask("Egress/StartRoomCompositeEgress", wanted, {"roomRecord": True})
        return str(told.get("egressId", ""))

    async def stop_recording(self, recording: str) -> None:
        try:
            await self._twirp.ask("Egress/StopEgress", {"egressId": recording}, {"roomRecord": True})
        except TwirpError as refused:
            if refused.code not in {"not_found", "failed_precondition"}:  # it is over already
                raise

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[BackendEvent]:
        return webhooks.read(body, headers, self._key, self._secret)

    def _ice(self, participant: str) -> tuple[Any, ...]:
        now = datetime.fromtimestamp(time.time(), UTC)
        return turn.ice_servers(self._turn_urls, self._turn_secret, participant, now)[0]

    async def _of_one(self, method: str, room: RoomRef, participant: str, **more: Any) -> dict[str, Any]:
        """Ask about one participant; whoever is not there needs nothing done."""
        try:
            return await self._ask_about(room, method, {"room": room_name(room), "identity": participant, **more})
        except TwirpError as refused:
            if refused.code == "not_found":
                return {}
            raise

    async def _ask_about(self, room: RoomRef, method: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._twirp.ask(f"RoomService/{method}", body, {"roomAdmin": True, "room": room_name(room)})


PROBE = "vestibule-probe"


def _permission(may_send: frozenset[str]) -> dict[str, Any]:
    sources = [name for source in ("mic", "cam", "screen") if source in may_send for name in _SOURCES[source]]
    return {"canPublish": bool(sources), "canPublishSources": sources}
