"""What clients may say: the shape of each message, checked before anything acts on it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

Check = Callable[[Any], bool]
Message = dict[str, Any]
Shape = Mapping[str, tuple[Check, bool]]
MAX_FRAME = 16 * 1024
MAX_SIGNAL = 64 * 1024
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class BadMessage(Exception):
    """A frame that cannot be acted upon: `code` of the protocol, the client's `ref` and the `field`, if known."""

    def __init__(self, code: str, *, ref: str = "", field: str = "") -> None:
        super().__init__(code)
        self.code, self.ref, self.field = code, ref, field


def _text(longest: int, shortest: int = 0) -> Check:
    return lambda value: isinstance(value, str) and shortest <= len(value) <= longest and "\0" not in value


def _integer(smallest: int, largest: int = 2**31 - 1) -> Check:
    return lambda value: type(value) is int and smallest <= value <= largest


def _one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _media(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), bool) for key in ("mic", "cam", "screen"))


def _day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


_ID = _text(64, 1)
_REF = "ref"
_is_ref = _text(64)
_DEVICE = _one_of("ok", "denied", "missing", "busy", "silent", "off", "unknown")
_SEAT: Shape = {"participant": (_ID, True)}
_NAME = _text(120, 1)

HELLO: Shape = {
    "v": (lambda value: value == 1 and type(value) is int, True),
    "ticket": (_text(4096, 1), False),
    "meeting": (_ID, False),
    "business": (_text(60, 1), False),
    "resume": (_ID, False),
    "last": (_integer(0), False),
    "day": (_day, False),
}
_STAFF: Mapping[str, Shape] = {
    "admit": _SEAT,
    "remove": _SEAT,
    "deny": {**_SEAT, "text": (_text(500), False)},
    "notice": {**_SEAT, "text": (_text(500, 1), True), "client_id": (_text(40, 1), False)},
    "get_notices": _SEAT,
}
VISIT: Mapping[str, Shape] = {
    "ping": {"last": (_integer(0), True)},
    "set_name": {"name": (_NAME, True)},
    "devices": {
        "mic": (_DEVICE, False),
        "cam": (_DEVICE, False),
        "speaker": (_one_of("ok", "failed", "unknown"), False),
        "network": (_one_of("direct", "relay", "blocked", "unknown"), False),
    },
    "enter_waiting": {"name": (_NAME, False)},
    "leave_waiting": {},
    "get_ice": {},
    "join_call": {"media": (_media, True)},
    "leave_call": {"reason": (_text(64), False)},
    "media": {"mic": (_boolean, True), "cam": (_boolean, True), "screen": (_boolean, True)},
    "signal": {
        "to": (_ID, True),
        "to_join": (_ID, False),
        "epoch": (_integer(0), True),
        "data": (_object, True),
    },
    "chat_send": {"client_id": (_text(40, 1), True), "text": (_text(4000, 1), True)},
    "typing": {"on": (_boolean, True)},
    "chat_read": {"number": (_integer(0), True)},
    "get_chat": {"before": (_integer(1), False), "limit": (_integer(1, 100), False)},
    **_STAFF,
    "end_for_all": {},
}
DESK: Mapping[str, Shape] = {
    "ping": {"last": (_integer(0), True)},
    "show_day": {"day": (_day, True)},
    **_STAFF,
    "start": {"meeting": (_ID, True)},
    "end_for_all": {"meeting": (_ID, True)},
}
ALONE = frozenset({"ping", "signal", "typing", "media"})
"""Messages whose success is never answered."""


def read(frame: str, shapes: Mapping[str, Shape]) -> Message:
    """Return the message in `frame`; its known fields have the right types and sizes.

    Raises BadMessage for everything else, and nothing but that.
    """
    message = _decoded(frame)
    ref = message.get(_REF, "")
    if not _is_ref(ref):
        raise BadMessage("bad_message", field=_REF)
    kind = message.get("type")
    if not isinstance(kind, str):
        raise BadMessage("bad_message", ref=ref, field="type")
    shape = shapes.get(kind)
    if shape is None:
        raise BadMessage("unknown_type", ref=ref)
    if len(frame) > MAX_FRAME and kind != "signal":
        raise BadMessage("too_big", ref=ref)
    for field, (check, required) in shape.items():
        if required if field not in message else not check(message[field]):
            raise BadMessage("bad_message", ref=ref, field=field)
    return message


def _decoded(frame: str) -> Message:
    if len(frame) > MAX_FRAME and ('"signal"' not in frame or len(frame) > MAX_SIGNAL):
        raise BadMessage("too_big")
    try:
        message = orjson.loads(frame)
    except (ValueError, RecursionError) as broken:
        raise BadMessage("bad_message") from broken
    if not isinstance(message, dict):
        raise BadMessage("bad_message")
    return message
