"""What happened, as the events of Communication Services say it: names, subjects and data as in @azure/eventgrid.

Of each kind there is one event for the thread, call or message as a whole, and of chats another for each reader.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from vestibule.people import identities
from vestibule.subscriptions.kinds import Kind

PREFIX = "Microsoft.Communication."
Json = dict[str, Any]
Facts = Mapping[str, Any]
EMAIL_STATUSES = {
    "delivered": "Delivered",
    "bounced": "Bounced",
    "failed": "Failed",
    "filtered": "FilteredSpam",
    "quarantined": "Quarantined",
    "suppressed": "Suppressed",
    "expanded": "Expanded",
}


@dataclass(frozen=True)
class Said:
    """One event in the vendor's words; `to` is the reader it is for, "" for all. `type` goes without its prefix."""

    type: str
    subject: str
    data: Json
    to: str = ""


@dataclass(frozen=True)
class Namer:
    """Puts keys of people into the identities of one resource, and instants into texts."""

    resource: UUID

    def raw(self, key: str) -> str:
        """Return the raw id of somebody."""
        return identities.mri(self.resource, key)

    def of(self, key: str) -> Json:
        """Return the identifier of somebody."""
        raw = self.raw(key)
        return {"rawId": raw, "kind": "communicationUser", "communicationUser": {"id": raw}}


Writer = Callable[[Namer, Facts], Iterator[Said]]


def instant(given: Any) -> str | None:
    """Return an instant (aware, or as it was stored) as events write it; None for none."""
    if not given:
        return None
    at = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def _known(data: Json) -> Json:
    return {name: value for name, value in data.items() if value is not None}


def _number(given: Any) -> int:
    return int(given) if str(given or "").isdigit() else 0


def _message(name: str, namer: Namer, facts: Facts) -> Iterator[Said]:
    thread, author = facts["thread"], str(facts.get("author", ""))
    data = _known(
        {
            "messageId": facts["message"],
            "senderCommunicationIdentifier": namer.of(author),
            "senderDisplayName": facts.get("author_name", ""),
            "composeTime": instant(facts.get("written_at")),
            "type": "Html" if facts.get("type") == "html" else "Text",
            "version": _number(facts.get("version")),
            "messageBody": facts.get("text"),
            "metadata": facts.get("metadata", {}) if name != "ChatMessageDeleted" else None,
            "editTime": instant(facts.get("edited_at")),
            "deleteTime": instant(facts.get("deleted_at")),
            "threadId": thread,
            "transactionId": facts["message"],
        }
    )
    subject = f"thread/{thread}/sender/{namer.raw(author)}"
    yield Said(f"{name}InThread", subject, data)
    yield from _for_each(name, subject, data, namer, facts)


def _for_each(name: str, subject: str, data: Json, namer: Namer, facts: Facts) -> Iterator[Said]:
    """Yield the event that each reader has of their own."""
    for reader in facts.get("readers", ()):
        recipient = namer.of(reader)
        whole = f"{subject}/recipient/{recipient['rawId']}"
        yield Said(name, whole, {**data, "recipientCommunicationIdentifier": recipient}, recipient["rawId"])


def _thread(facts: Facts) -> Json:
    return _known(
        {
            "createTime": instant(facts.get("created_at")),
            "version": _number(facts.get("version")),
            "threadId": facts["thread"],
            "transactionId": str(facts.get("version", "")),
        }
    )


def _member(namer: Namer, member: Facts) -> Json:
    return {
        "displayName": member.get("name", ""),
        "participantCommunicationIdentifier": namer.of(str(member["key"])),
        "metadata": member.get("metadata", {}),
    }


def _created(namer: Namer, facts: Facts) -> Iterator[Said]:
    data = {
        **_thread(facts),
        "createdByCommunicationIdentifier": namer.of(facts.get("by", "")),
        "properties": {"topic": facts.get("topic", "")},
        "metadata": facts.get("metadata", {}),
        "participants": [_member(namer, one) for one in facts.get("members", ())],
    }
    subject = f"thread/{facts['thread']}/createdby/{namer.raw(facts.get('by', ''))}"
    yield Said("ChatThreadCreated", subject, data)
    yield from _for_each("ChatThreadCreatedWithUser", subject, data, namer, facts)


def _updated(namer: Namer, facts: Facts) -> Iterator[Said]:
    data = {
        **_thread(facts),
        "editedByCommunicationIdentifier": namer.of(facts.get("by", "")),
        "editTime": instant(facts.get("updated_at")),
        "properties": {"topic": facts.get("topic", "")},
        "metadata": facts.get("metadata", {}),
    }
    subject = f"thread/{facts['thread']}/editedby/{namer.raw(facts.get('by', ''))}"
    yield Said("ChatThreadPropertiesUpdated", subject, data)
    yield from _for_each("ChatThreadPropertiesUpdatedPerUser", subject, data, namer, facts)


def _deleted(namer: Namer, facts: Facts) -> Iterator[Said]:
    data = {
        **_thread(facts),
        "deletedByCommunicationIdentifier": namer.of(facts.get("by", "")),
        "deleteTime": instant(facts.get("deleted_at")),
    }
    subject = f"thread/{facts['thread']}/deletedby/{namer.raw(facts.get('by', ''))}"
    yield Said("ChatThreadDeleted", subject, data)
    yield from _for_each("ChatThreadWithUserDeleted", subject, data, namer, facts)


def _membership(is_added: bool, namer: Namer, facts: Facts) -> Iterator[Said]:
    """Yield an event for each who came or went: they have no list of them."""
    word, by = ("Added", "addedBy") if is_added else ("Removed", "removedBy")
    way = "ToThread" if is_added else "FromThread"
    for member in facts.get("members", ()):
        data = {
            **_thread(facts),
            "time": instant(facts.get("at")),
            f"{by}CommunicationIdentifier": namer.of(facts.get("by", "")),
            f"participant{word}": _member(namer, member),
        }
        subject = f"thread/{facts['thread']}/participant{word.lower()}/{namer.raw(member['key'])}"
        yield Said(f"ChatThreadParticipant{word}", subject, data)
        yield from _for_each(f"ChatParticipant{word}{way}WithUser", subject, data, namer, facts)


def _sms(namer: Namer, facts: Facts) -> Iterator[Said]:
    data = {
        "messageId": facts["message"],
        "from": facts.get("from", ""),
        "to": facts.get("to", ""),
        "message": facts.get("text", ""),
        "receivedTimestamp": instant(facts.get("received_at")),
        "segmentCount": int(facts.get("segments") or 1),
    }
    yield Said("SMSReceived", f"/phonenumber/{str(data['to']).removeprefix('+')}", _known(data))


def _sms_report(namer: Namer, facts: Facts) -> Iterator[Said]:
    data = {
        "messageId": facts["message"],
        "from": facts.get("from", ""),
        "to": facts.get("to", ""),
        "deliveryStatus": "Delivered" if facts.get("status") == "delivered" else "Failed",
        "deliveryStatusDetails": facts.get("details", ""),
        "deliveryAttempts": [_attempt(one) for one in facts.get("attempts", ())],
        "receivedTimestamp": instant(facts.get("received_at")),
        "tag": facts.get("tag"),
    }
    yield Said("SMSDeliveryReportReceived", f"/phonenumber/{str(data['to']).removeprefix('+')}", _known(data))


def _attempt(one: Facts) -> Json:
    return {
        "timestamp": instant(one.get("at")),
        "segmentsSucceeded": int(one.get("arrived") or 0),
        "segmentsFailed": int(one.get("failed") or 0),
    }


def _email_report(namer: Namer, facts: Facts) -> Iterator[Said]:
    details = _known({"statusMessage": facts.get("details", ""), "recipientMailServerHostName": facts.get("server")})
    data = {
        "sender": facts.get("sender", ""),
        "recipient": facts.get("recipient", ""),
        "messageId": facts["message"],
        "internetMessageId": facts.get("internet_message_id"),
        "status": EMAIL_STATUSES.get(str(facts.get("status")), "Failed"),
        "deliveryStatusDetails": details,
        "deliveryAttemptTimeStamp": instant(facts.get("tried_at")),
    }
    yield Said("EmailDeliveryReportReceived", f"sender/{data['sender']}/message/{data['messageId']}", _known(data))


def _call(namer: Namer, facts: Facts) -> Json:
    room = str(facts.get("room") or "")
    return _known(
        {
            "startedBy": _person(namer, str(facts.get("by", "")), facts.get("by_role")),
            "serverCallId": facts["call"],
            "room": {"id": room} if room else None,
            "isTwoParty": False,
            "isRoomsCall": bool(room),
            "correlationId": facts["call"],
        }
    )


def _person(namer: Namer, key: str, role: Any) -> Json | None:
    return _known({"communicationIdentifier": namer.of(key), "role": role or None}) if key else None


def _started(namer: Namer, facts: Facts) -> Iterator[Said]:
    yield Said("CallStarted", _call_subject(namer, facts), _call(namer, facts))


def _call_subject(namer: Namer, facts: Facts) -> str:
    by = str(facts.get("by", ""))
    return f"/call/{facts['call']}" + (f"/startedBy/{namer.raw(by)}" if by else "")


def _ended(namer: Namer, facts: Facts) -> Iterator[Said]:
    by = _person(namer, str(facts.get("by", "")), facts.get("by_role"))
    data = {
        **_call(namer, facts),
        "endedBy": by,
        "reason": {"code": 0, "subCode": 0, "phrase": facts.get("reason", "")},
        "callDurationInSeconds": facts.get("seconds"),
    }
    yield Said("CallEnded", _call_subject(namer, facts), _known(data))


def _seat(name: str, namer: Namer, facts: Facts) -> Iterator[Said]:
    key = str(facts.get("key", ""))
    data = {
        **_call(namer, facts),
        "user": _person(namer, key, facts.get("role")),
        "displayName": facts.get("name", ""),
        "participantId": str(facts.get("participant", "")),
        "userAgent": facts.get("user_agent"),
    }
    yield Said(name, f"/call/{facts['call']}/participant/{namer.raw(key)}", _known(data))


def _recording(namer: Namer, facts: Facts) -> Iterator[Said]:
    chunks = [_chunk(place, one, facts) for place, one in enumerate(facts.get("files", ()))]
    seconds = facts.get("seconds")
    data = {
        "recordingStorageInfo": {"recordingChunks": chunks},
        "recordingStartTime": instant(facts.get("started_at")),
        "recordingDurationMs": int(seconds * 1000) if seconds is not None else None,
        "recordingContentType": "AudioVideo",
        "recordingChannelType": "Mixed",
        "recordingFormatType": "Mp4",
        "sessionEndReason": facts.get("reason", ""),
    }
    call = facts["call"]
    subject = f"/recording/call/{call}/serverCallId/{call}/recordingId/{facts.get('recording', '')}"
    yield Said("RecordingFileStatusUpdated", subject, _known(data))


def _chunk(place: int, one: Facts, facts: Facts) -> Json:
    return {
        "documentId": str(one.get("id", "")),
        "index": place,
        "endReason": facts.get("reason", ""),
        "contentLocation": str(one.get("content", "")),
        "metadataLocation": str(one.get("metadata", "")),
        "deleteLocation": str(one.get("removal", "")),
    }


def _both(name: str) -> Sequence[str]:
    return f"{name}InThread", name


WRITERS: Mapping[Kind, tuple[Sequence[str], Writer]] = {
    Kind.MESSAGE_RECEIVED: (_both("ChatMessageReceived"), partial(_message, "ChatMessageReceived")),
    Kind.MESSAGE_EDITED: (_both("ChatMessageEdited"), partial(_message, "ChatMessageEdited")),
    Kind.MESSAGE_DELETED: (_both("ChatMessageDeleted"), partial(_message, "ChatMessageDeleted")),
    Kind.THREAD_CREATED: (("ChatThreadCreated", "ChatThreadCreatedWithUser"), _created),
    Kind.THREAD_UPDATED: (("ChatThreadPropertiesUpdated", "ChatThreadPropertiesUpdatedPerUser"), _updated),
    Kind.THREAD_DELETED: (("ChatThreadDeleted", "ChatThreadWithUserDeleted"), _deleted),
    Kind.MEMBER_ADDED: (
        ("ChatThreadParticipantAdded", "ChatParticipantAddedToThreadWithUser"),
        partial(_membership, True),
    ),
    Kind.MEMBER_REMOVED: (
        ("ChatThreadParticipantRemoved", "ChatParticipantRemovedFromThreadWithUser"),
        partial(_membership, False),
    ),
    Kind.SMS_RECEIVED: (("SMSReceived",), _sms),
    Kind.SMS_REPORTED: (("SMSDeliveryReportReceived",), _sms_report),
    Kind.EMAIL_REPORTED: (("EmailDeliveryReportReceived",), _email_report),
    Kind.CALL_STARTED: (("CallStarted",), _started),
    Kind.CALL_ENDED: (("CallEnded",), _ended),
    Kind.CALL_JOINED: (("CallParticipantAdded",), partial(_seat, "CallParticipantAdded")),
    Kind.CALL_LEFT: (("CallParticipantRemoved",), partial(_seat, "CallParticipantRemoved")),
    Kind.RECORDING_UPDATED: (("RecordingFileStatusUpdated",), _recording),
}
"""Of each kind, the types of events it makes, and what makes them. Appointments are told in Graph's words alone."""
