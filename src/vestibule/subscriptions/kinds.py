"""What subscribers may be told of, in our own words; each shape puts it into its own.

Facts are JSON, where a time may be an aware datetime. People are given as chat knows them, by opaque keys: `acs:` and
the hex of an identity's guid, `user:…`, a seat's or consumer's key; a shape turns those into its identities. What is
not known may be left out.
"""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What can happen."""

    MESSAGE_RECEIVED = "chat.message.received"
    MESSAGE_EDITED = "chat.message.edited"
    MESSAGE_DELETED = "chat.message.deleted"
    THREAD_CREATED = "chat.thread.created"
    THREAD_UPDATED = "chat.thread.updated"
    THREAD_DELETED = "chat.thread.deleted"
    MEMBER_ADDED = "chat.member.added"
    MEMBER_REMOVED = "chat.member.removed"
    SMS_RECEIVED = "sms.received"
    SMS_REPORTED = "sms.reported"
    EMAIL_REPORTED = "email.reported"
    CALL_STARTED = "call.started"
    CALL_ENDED = "call.ended"
    CALL_JOINED = "call.participant.added"
    CALL_LEFT = "call.participant.removed"
    RECORDING_UPDATED = "recording.updated"
    APPOINTMENT_CREATED = "appointment.created"
    APPOINTMENT_UPDATED = "appointment.updated"
    APPOINTMENT_DELETED = "appointment.deleted"
    MISSED = "subscription.missed"


_MESSAGE = {
    "thread": "the thread's name on the wire",
    "message": "the message's stamp, as text",
    "version": "the stamp of what was changed last; that of the message while nothing was",
    "author": "key of who wrote it",
    "author_name": "their name",
    "type": "text or html",
    "text": "what it says; not for one that was deleted",
    "metadata": "names and texts, as its author gave them",
    "written_at": "when it was written",
    "readers": "keys of all who are in the thread",
}
_THREAD = {
    "thread": "the thread's name on the wire",
    "version": "a stamp that rises with each change of the thread",
    "topic": "what it is about",
    "metadata": "names and texts",
    "created_at": "when it began",
    "by": "key of who did it",
    "readers": "keys of all who are in the thread; of a removed member's event, the removed as well",
}
_CALL = {
    "call": "the call's name: another one each time the room is used anew",
    "room": "the number of the room, as text",
    "by": "key of who began or ended it",
    "by_role": "their role: Presenter, Collaborator, Attendee, Consumer",
}

FACTS: Mapping[Kind, Mapping[str, str]] = {
    Kind.MESSAGE_RECEIVED: _MESSAGE,
    Kind.MESSAGE_EDITED: {**_MESSAGE, "edited_at": "when"},
    Kind.MESSAGE_DELETED: {**_MESSAGE, "deleted_at": "when"},
    Kind.THREAD_CREATED: {**_THREAD, "members": "[{key, name, shared_from?, metadata?}]"},
    Kind.THREAD_UPDATED: {**_THREAD, "updated_at": "when"},
    Kind.THREAD_DELETED: {**_THREAD, "deleted_at": "when"},
    Kind.MEMBER_ADDED: {**_THREAD, "at": "when", "members": "[{key, name, shared_from?, metadata?}]: who was added"},
    Kind.MEMBER_REMOVED: {**_THREAD, "at": "when", "members": "[{key, name}]: who was removed"},
    Kind.SMS_RECEIVED: {
        "message": "id",
        "from": "E.164",
        "to": "E.164, or a sender's name",
        "text": "what it says",
        "received_at": "when",
        "segments": "how many texts carried it (1)",
    },
    Kind.SMS_REPORTED: {
        "message": "id",
        "from": "E.164, or a sender's name",
        "to": "E.164",
        "status": "delivered or failed",
        "details": "what the gateway said",
        "attempts": "[{at, arrived, failed}]: how many texts of it arrived at a try",
        "received_at": "when the report came",
        "tag": "what the sender called it",
    },
    Kind.EMAIL_REPORTED: {
        "message": "the operation's id",
        "sender": "address",
        "recipient": "address",
        "internet_message_id": "what the mail calls itself",
        "status": "delivered, bounced, failed, filtered, quarantined, suppressed or expanded",
        "details": "what the server said",
        "server": "name of the recipient's server",
        "tried_at": "when",
    },
    Kind.CALL_STARTED: _CALL,
    Kind.CALL_ENDED: {**_CALL, "seconds": "how long it lasted", "reason": "why it ended, in words"},
    Kind.CALL_JOINED: {
        **_CALL,
        "participant": "name of the seat",
        "key": "who it is",
        "name": "their name",
        "role": "as `by_role`",
    },
    Kind.CALL_LEFT: {
        **_CALL,
        "participant": "name of the seat",
        "key": "who it is",
        "name": "their name",
        "role": "as `by_role`",
        "reason": "why, in words",
    },
    Kind.RECORDING_UPDATED: {
        **_CALL,
        "recording": "id",
        "started_at": "when",
        "seconds": "how long it is",
        "reason": "why it ended, in words",
        "files": "[{id, content, metadata, removal}]: one for each part, its addresses",
    },
    Kind.APPOINTMENT_CREATED: {"appointment": "ref", "provider": "ref", "version": "rises with each change"},
    Kind.APPOINTMENT_UPDATED: {"appointment": "ref", "provider": "ref", "version": "rises with each change"},
    Kind.APPOINTMENT_DELETED: {"appointment": "ref", "provider": "ref", "version": "rises with each change"},
    Kind.MISSED: {},
}
"""What each kind's facts are called, and mean.

Subjects are paths: `threads/<thread>`, `calls/<call>`, `phones/<number>`, `mails/<message>`, and for appointments
`providers/<ref>/appointments/<ref>`, one event for each provider. That something was missed is told by what delivers,
to the subscription that did.
"""
