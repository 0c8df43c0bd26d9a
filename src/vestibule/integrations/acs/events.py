"""What Azure Event Grid posts about a whole resource: messages as for a gateway, and calls in rooms.

Shapes are those of the types of @azure/eventgrid; the documentation writes some flatter, and both are read.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise
from typing import Any

from django.utils.html import strip_tags

from vestibule.chat.ports import SaidOutside
from vestibule.integrations.acs.callbacks import EventGrid, events_of
from vestibule.integrations.acs.threads import NUMBER
from vestibule.meetings.ports import PlaceEvent
from vestibule.notifications.ports import Callback, Told

KINDS = {
    "Microsoft.Communication.CallStarted": "call_started",
    "Microsoft.Communication.CallEnded": "call_ended",
    "Microsoft.Communication.CallParticipantAdded": "call_joined",
    "Microsoft.Communication.CallParticipantRemoved": "call_left",
    "Microsoft.Communication.RecordingFileStatusUpdated": "call_recorded",
}
LONGEST = 200
SAID = "Microsoft.Communication.ChatMessageReceivedInThread"
OF_CALL = "serverCallId"


class Events:
    """Reads events of a resource; its subscription proves itself by the key in the address it posts to."""

    def read(self, callback: Callback, *, key: str) -> Told:
        """Return what a callback says of messages. Raises NotGenuine and Unreadable."""
        return EventGrid().read(callback, key=key, access={})

    def happened(self, callback: Callback) -> tuple[PlaceEvent, ...]:
        """Return what a callback, read before, says of calls. What makes no sense is left out."""
        return tuple(one for one in map(_event, events_of(callback.body)) if one is not None)

    def said(self, callback: Callback) -> tuple[SaidOutside, ...]:
        """Return what a callback, read before, says that people wrote."""
        return tuple(one for one in map(_message, events_of(callback.body)) if one is not None)


def _message(event: Mapping[str, Any]) -> SaidOutside | None:
    """Return what somebody wrote; None for what is none, or was said by us: our messages carry their number."""
    kind, data = event.get("eventType") or event.get("type"), event.get("data")
    if kind != SAID or not isinstance(data, dict):
        return None
    facts = data.get("metadata")
    body = data.get("messageBody")
    name, thread = _text(data, "messageId"), _text(data, "threadId")
    if not isinstance(body, str) or not name or not thread or (isinstance(facts, dict) and NUMBER in facts):
        return None
    words = unescape(strip_tags(body)) if str(data.get("type", "")).lower() == "html" else body
    words = words.encode(errors="ignore").decode()
    return SaidOutside(name, thread, _identity(data.get("senderCommunicationIdentifier")), words.replace("\0", ""))


def _event(event: Mapping[str, Any]) -> PlaceEvent | None:
    kind, data = event.get("eventType") or event.get("type"), event.get("data")
    name, at = _text(event, "id"), _instant(event.get("eventTime") or event.get("time"))
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(data, dict) or not name or at is None:
        return None
    call = _text(data, OF_CALL) or _call_of(_text(event, "subject"))
    room, ended = data.get("room"), data.get("reason")
    return PlaceEvent(
        id=name,
        kind=KINDS[kind],
        at=at,
        place=_text(room, "id") if isinstance(room, dict) else "",
        call=hashlib.sha256(call.encode()).hexdigest()[:32] if call else "",
        identity=_identity(data.get("user")),
        seconds=_seconds(data),
        reason=_text(ended, "phrase") if isinstance(ended, dict) else _text(data, "sessionEndReason"),
    )


def _call_of(subject: str) -> str:
    """Return the call that the subject of a recording names: /recording/call/{}/serverCallId/{}/recordingId/{}."""
    parts = subject.split("/")
    named = dict(pairwise(parts))
    return named.get(OF_CALL, "")


def _identity(given: Any) -> str:
    """Return whose identity it is: in `communicationIdentifier`, or beside it."""
    if not isinstance(given, dict):
        return ""
    inner = given.get("communicationIdentifier")
    return _text(inner, "rawId") if isinstance(inner, dict) else _text(given, "rawId")


def _seconds(data: Mapping[str, Any]) -> int:
    for name, unit in (("callDurationInSeconds", 1), ("durationOfCall", 1), ("recordingDurationMs", 1000)):
        value = data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9:
            return int(value / unit)
    return 0


def _instant(given: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or "\0" in value:
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return ""
    return value[:2000] if name in (OF_CALL, "subject") else value[:LONGEST]
