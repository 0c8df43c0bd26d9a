"""What LiveKit tells us: callbacks signed with a token that holds the hash of their body."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vestibule.integrations.livekit import tokens
from vestibule.integrations.livekit.names import meeting_of
from vestibule.meetings.ports import BackendEvent, BadSignature

TOLERANCE_SECONDS = 300
"""How old an event may be: one that is told again for longer says nothing that is still true."""
_KINDS = {
    "participant_joined": "joined",
    "participant_left": "left",
    "participant_connection_aborted": "left",
    "room_finished": "room_ended",
    "egress_started": "recording_started",
    "egress_ended": "recording_ended",
}
_COMPLETE = "EGRESS_COMPLETE"


def read(body: bytes, headers: Mapping[str, str], key: str, secret: str) -> list[BackendEvent]:
    """Return what a callback says, nothing for kinds we have no use for. Raises BadSignature."""
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    now = time.time()
    try:
        claims = tokens.verify(given.removeprefix("Bearer ").strip(), key, secret, now)
    except tokens.TokenRefused as refused:
        raise BadSignature(f"LiveKit's callback: {refused}") from refused
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if not hmac.compare_digest(digest.encode(), str(claims.get("sha256", "")).encode()):
        raise BadSignature("LiveKit's callback: the body is not the one that was signed")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise BadSignature("LiveKit's callback: not JSON") from broken
    event = _event(told) if isinstance(told, dict) else None
    if event is None:
        return []
    if abs(now - event.at.timestamp()) > TOLERANCE_SECONDS:
        raise BadSignature("LiveKit's callback: too old")
    return [event]


def _event(told: dict[str, Any]) -> BackendEvent | None:
    kind = _KINDS.get(_text(told, "event"))
    egress = _object(told, "egressInfo")
    room = _text(_object(told, "room"), "name") or _text(egress, "roomName")
    meeting, epoch = meeting_of(room)
    if kind is None or not meeting or not _text(told, "id"):
        return None
    file = next((one for one in egress.get("fileResults") or [] if isinstance(one, dict)), {})
    failed = kind == "recording_ended" and _text(egress, "status") != _COMPLETE
    return BackendEvent(
        id=_text(told, "id"),
        kind=kind,
        at=datetime.fromtimestamp(_whole(told, "createdAt"), UTC),
        meeting=meeting,
        epoch=epoch,
        participant=_text(_object(told, "participant"), "identity"),
        recording=_text(egress, "egressId"),
        place=_text(file, "filename"),
        size=_whole(file, "size"),
        seconds=_whole(file, "duration") // 1_000_000_000,
        error=(_text(egress, "error") or _text(egress, "status") or "unknown") if failed else "",
    )


def _object(told: dict[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value[:300] if isinstance(value, str) else ""


def _whole(told: dict[str, Any], name: str) -> int:
    """Return a whole number; 64-bit ones come as text."""
    value = told.get(name, 0)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if type(value) is int and 0 <= value < 2**63 else 0
