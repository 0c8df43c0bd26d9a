"""What clients may say: the shape of each message, checked before anything acts on it."""

from collections.abc import Mapping

import orjson

from vestibule.web.live import shapes
from vestibule.web.live.shapes import ID, NAME, SEAT, SLUG, Message, Shape

MAX_FRAME = 16 * 1024
MAX_SIGNAL = 64 * 1024


class BadMessage(Exception):
    """A frame that cannot be acted upon: `code` of the protocol, the client's `ref` and the `field`, if known."""

    def __init__(self, code: str, *, ref: str = "", field: str = "") -> None:
        super().__init__(code)
        self.code, self.ref, self.field = code, ref, field


_REF = "ref"
_is_ref = shapes.text(64)
_WORDS = shapes.text(300)
_DEVICE = shapes.one_of("ok", "denied", "missing", "busy", "silent", "off", "unknown")

HELLO: Shape = {
    "v": (lambda value: value == 1 and type(value) is int, True),
    "ticket": (shapes.text(4096, 1), False),
    "meeting": (ID, False),
    "business": (shapes.text(60, 1), False),
    "resume": (ID, False),
    "last": (shapes.integer(0), False),
    "day": (shapes.day, False),
}
_STAFF: Mapping[str, Shape] = {
    "admit": {**SEAT, "confirmed": (shapes.boolean, False)},
    "remove": SEAT,
    "deny": {**SEAT, "text": (shapes.text(500), False)},
    "notice": {**SEAT, "text": (shapes.text(500, 1), True), "client_id": (shapes.text(40, 1), False)},
    "get_notices": SEAT,
    "call_done": SEAT,
    "hold": SEAT,
    "back_to_queue": SEAT,
    "transfer": {**SEAT, "provider": (SLUG, False), "area": (SLUG, False)},
    "confirm_identity": SEAT,
    "unlock": SEAT,
}
VISIT: Mapping[str, Shape] = {
    "ping": {"last": (shapes.integer(0), True)},
    "set_name": {"name": (NAME, True)},
    "devices": {
        "mic": (_DEVICE, False),
        "cam": (_DEVICE, False),
        "speaker": (shapes.one_of("ok", "failed", "unknown"), False),
        "network": (shapes.one_of("direct", "relay", "blocked", "unknown"), False),
        "bandwidth": (shapes.one_of("video", "audio", "phone", "unknown"), False),
        "browser": (shapes.one_of("chrome", "edge", "firefox", "safari", "ios", "android", "other"), False),
    },
    "enter_waiting": {"name": (NAME, False)},
    "leave_waiting": {},
    "give_identity": {"fields": (shapes.texts, True)},
    "get_ice": {},
    "join_call": {"media": (shapes.media, True), "keep": (shapes.seat, False)},
    "leave_call": {"reason": (shapes.text(64), False)},
    "media": {"mic": (shapes.boolean, True), "cam": (shapes.boolean, True), "screen": (shapes.boolean, True)},
    "signal": {
        "to": (ID, True),
        "to_join": (ID, False),
        "epoch": (shapes.integer(0), True),
        "data": (shapes.is_object, True),
    },
    **_STAFF,
    "end_for_all": {},
    "make_again": {},
    "meet_here": {},
}
DESK: Mapping[str, Shape] = {
    "ping": {"last": (shapes.integer(0), True)},
    "show_day": {"day": (shapes.day, True)},
    **_STAFF,
    "start": {"meeting": (ID, True), "confirmed": (shapes.boolean, False)},
    "close_area": {"area": (SLUG, True), "minutes": (shapes.integer(1, 10_080), False), "text": (_WORDS, False)},
    "open_area": {"area": (SLUG, True)},
    "call_now": SEAT,
    "step_away": {"text": (shapes.text(120), False)},
    "come_back": {},
    "end_for_all": {"meeting": (ID, True)},
    "make_again": {"meeting": (ID, True)},
    "meet_here": {"meeting": (ID, True)},
}
ALONE = frozenset({"ping", "signal", "typing", "media"})
"""Messages whose success is never answered."""


def read(frame: str, known: Mapping[str, Shape]) -> Message:
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
    shape = known.get(kind)
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
