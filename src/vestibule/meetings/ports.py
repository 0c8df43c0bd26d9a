"""What meetings need from outside: something that carries media, and a bus between server processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Capabilities:
    """What a backend can do; what it cannot is shown greyed out with the reason. `max_participants` counts everyone."""

    max_participants: int
    recording: bool = False
    remote_mute: bool = False
    remote_kick: bool = False
    simulcast: bool = False
    e2ee: bool = False


@dataclass(frozen=True)
class RoomRef:
    """Where a call is carried. `epoch` rises each time a live call moves to another backend or server."""

    backend: str
    room: str
    server: str = ""
    epoch: int = 1


@dataclass(frozen=True)
class IceServer:
    """One entry of a browser's `RTCConfiguration.iceServers`."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return it as browsers take it."""
        shown: dict[str, Any] = {"urls": list(self.urls)}
        if self.username:
            shown |= {"username": self.username, "credential": self.credential}
        return shown


@dataclass(frozen=True)
class JoinInfo:
    """What one participant needs to join once. Secret, short-lived, made only after admission.

    `outside` says where and as whom a call is joined that somebody else carries; `url` is then of the script for it.
    """

    kind: str
    room: str
    expires_at: datetime
    capabilities: Capabilities
    ice_servers: tuple[IceServer, ...] = ()
    url: str = ""
    token: str = field(default="", repr=False)
    epoch: int = 1
    outside: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return what the browser's call session is told, ICE servers apart."""
        shown: dict[str, Any] = {"kind": self.kind, "room": self.room, "epoch": self.epoch}
        shown |= {"outside": dict(self.outside)} if self.outside else {}
        return shown | ({"url": self.url, "token": self.token} if self.url else {})


@dataclass(frozen=True)
class Health:
    """Whether a backend can take calls. `load` is 0 to 1; a draining one takes no new rooms."""

    ok: bool
    load: float = 0.0
    draining: bool = False
    words: str = ""


@dataclass(frozen=True)
class BackendEvent:
    """One thing a media server told us: `kind` is of `KINDS`, `id` its own and the same when it tells again.

    `meeting` is the reference of the meeting; `recording` the server's name of a recording, `place` its file below
    the folder of recordings, `size` in bytes, `seconds` its length; `error` why one failed.
    """

    KINDS = ("joined", "left", "room_ended", "recording_started", "recording_ended")

    id: str
    kind: str
    at: datetime
    meeting: str
    epoch: int = 1
    participant: str = ""
    recording: str = ""
    place: str = ""
    size: int = 0
    seconds: int = 0
    error: str = ""


class BackendError(Exception):
    """A backend did not do what it was asked. `permanent` tells whether asking again is useless."""

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class BadSignature(BackendError):
    """A callback was not sent by whom it claims, or was changed on the way."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, permanent=True)


SOURCES = frozenset({"mic", "cam", "screen"})
"""What somebody in a call can send."""


class MeetingBackend(Protocol):
    """Carries the media of a meeting. Raises BackendError and nothing else."""

    name: str
    capabilities: Capabilities

    async def ensure_room(self, meeting: str, epoch: int) -> RoomRef:
        """Make the room of `meeting` (a reference) unless it exists, and return where it is."""
        ...

    async def join_info(
        self, room: RoomRef, participant: str, name: str, may_send: frozenset[str] = SOURCES
    ) -> JoinInfo:
        """Return what `participant` (a reference; already admitted) needs to join `room` and to send `may_send`."""
        ...

    async def refresh(self, room: RoomRef, participant: str) -> JoinInfo:
        """Return fresh credentials of the network path, before an ICE restart; no token for the room."""
        ...

    async def allow(self, room: RoomRef, participant: str, may_send: frozenset[str]) -> None:
        """Change what somebody in the room may send; what they send beyond it ends."""
        ...

    async def remove(self, room: RoomRef, participant: str) -> None:
        """Put `participant` out of the room, if they are in it."""
        ...

    async def mute(self, room: RoomRef, participant: str, source: str) -> None:
        """Silence one source (`mic`, `cam`, `screen`) of `participant`."""
        ...

    async def end(self, room: RoomRef) -> None:
        """Close the room for everyone."""
        ...

    async def participants(self, room: RoomRef) -> frozenset[str]:
        """Return the references of who is connected, as far as the backend knows."""
        ...

    async def probe(self) -> Health:
        """Say whether calls can be taken now."""
        ...

    async def start_recording(self, room: RoomRef, place: str) -> str:
        """Begin to record the room into the file `place` below the folder of recordings; return its name there."""
        ...

    async def stop_recording(self, recording: str) -> None:
        """End a recording. What it became is told by a callback."""
        ...

    def verify_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[BackendEvent]:
        """Return the events of a callback. Raises BadSignature unless it was signed with our secret, lately."""
        ...


@dataclass(frozen=True)
class RelayAnswer:
    """What the TURN relay at `url` did when it was asked for an allocation; `milliseconds` it took, if it gave one."""

    url: str
    ok: bool
    milliseconds: int | None = None
    words: str = ""


class RelayProbe(Protocol):
    """Asks a TURN relay for a real allocation: a relay that answers pings may still relay nothing."""

    async def ask(self, server: IceServer) -> list[RelayAnswer]:
        """Return an answer for each address of `server`, within a few seconds; never raises."""
        ...


@dataclass(frozen=True)
class DialOrder:
    """One telephone call to place: `number` (E.164) is rung in the name of `business`.

    `key` stays the same when the same call is asked for again, so that nobody is rung twice for one press.
    `meeting` and `participant` are references.
    """

    key: str
    number: str
    business: str
    meeting: str
    participant: str


class DialFailed(Exception):
    """The call was not placed. `permanent` tells whether asking again is useless, as with a number that is none."""

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class DialOut(Protocol):
    """Rings people on the telephone and joins them to the sound of a meeting. Raises DialFailed and nothing else."""

    async def call(self, order: DialOrder) -> None:
        """Begin to ring. Returns when the service has taken the call, not when somebody answers it."""
        ...


@dataclass(frozen=True)
class PlaceSeat:
    """Somebody who takes part in a meeting held outside. `role` is one of ours: presenter, collaborator, attendee,
    consumer. `email` is "" where it must not be told, as a consumer's mostly.
    """

    ref: str
    role: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class PlaceOrder:
    """A meeting as it is to stand outside. `key` (the meeting's reference) never changes: asking twice makes one.

    `organizer` is the e-mail address of who holds it, where the vendor wants one. `opens` and `closes` are when people
    may come in at all.
    """

    key: str
    title: str
    start: datetime
    end: datetime
    opens: datetime
    closes: datetime
    organizer: str = ""
    seats: tuple[PlaceSeat, ...] = ()


@dataclass(frozen=True)
class PlaceMade:
    """Where a meeting stands outside. `join_url` is for whoever joins by the vendor's own means; `number` and
    `passcode` where the vendor gives them; `chat` names its conversation there. `details` is what the adapter needs
    to find it again; neither secret.
    """

    external_id: str
    join_url: str = ""
    number: str = ""
    passcode: str = field(default="", repr=False)
    chat: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class PlaceError(Exception):
    """A place was not made, changed or taken away. The text, in English, is for staff and logs: no secret, no address.

    Its first line is a sentence marked for translation, a second one what whoever mends it needs. `permanent` says that
    a person has to mend something, and that nothing new was left behind; `wait` is how many seconds the vendor asked
    for, 0 if none. `nothing_there`: who is to hold the place is not there either, so nothing of theirs is.
    """

    def __init__(self, text: str, *, permanent: bool, wait: float = 0, nothing_there: bool = False) -> None:
        super().__init__(text)
        self.permanent, self.wait, self.nothing_there = permanent, wait, nothing_there


class OutsidePlaces(Protocol):
    """Holds meetings outside, by one account of a business. Doing the same twice changes nothing. Raises PlaceError and
    nothing else; each call ends within a minute.
    """

    def put(self, order: PlaceOrder, known: PlaceMade | None) -> PlaceMade:
        """Make the place, or bring the `known` one to what is ordered, and return where it stands now."""
        ...

    def take_away(self, known: PlaceMade, organizer: str) -> None:
        """Take the place away; one that is gone already is no error."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


@dataclass(frozen=True)
class CallToken:
    """What lets one person's browser join a call by a vendor's own means, as `identity` and nobody else. Short-lived,
    made only after admission, never stored.
    """

    identity: str
    expires_at: datetime
    token: str = field(default="", repr=False)


class CallTokens(Protocol):
    """Makes identities for people in calls that a vendor carries, and tokens for them, by one account of a business.

    Raises PlaceError and nothing else; each call ends within half a minute. What is gone already is no error.
    """

    def issue(self, known: str, *, with_chat: bool = False) -> CallToken:
        """Return a fresh token, for an hour, that may join a call and no more; for the identity `known`, or for a new
        one where that is "" or not there any more. `with_chat`: it may write in the call's conversation, too.
        """
        ...

    def revoke(self, identity: str) -> None:
        """Let no token that was issued so far count any more."""
        ...

    def delete(self, identity: str) -> None:
        """Take the identity away, and with it every token of it."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


@dataclass(frozen=True)
class PlaceEvent:
    """One thing that a vendor told of a call it carried: `kind` is of `KINDS`, `id` its own and the same again.

    `place` is the `PlaceMade.external_id` it happened in, `call` names the call itself; a vendor may tell only one of
    them. `identity` is who came or went, `seconds` how long it was, `reason` a code or word of the vendor. They come in
    any order, and more than once.
    """

    KINDS = ("call_started", "call_ended", "call_joined", "call_left", "call_recorded")

    id: str
    kind: str
    at: datetime
    place: str = ""
    call: str = ""
    identity: str = ""
    seconds: int = 0
    reason: str = ""


class LiveBus(Protocol):
    """Carries live messages between server processes. At most once, in order per channel and sender.

    All methods are called on the event loop. `publish` and `subscribe` return at once and never raise: when the bus
    is down, people in one process still meet, and the adapter connects again by itself.
    """

    async def start(self, receive: Callable[[str, bytes], None]) -> None:
        """Connect; `receive(channel, message)` is then called on the loop for subscribed channels."""
        ...

    async def stop(self) -> None:
        """Disconnect; nothing is received afterwards."""
        ...

    def publish(self, channel: str, message: bytes) -> None:
        """Hand `message` to every subscriber of `channel` in every process, this one perhaps included."""
        ...

    def subscribe(self, channel: str) -> None:
        """Begin to receive `channel`."""
        ...

    def unsubscribe(self, channel: str) -> None:
        """Stop receiving `channel`."""
        ...
