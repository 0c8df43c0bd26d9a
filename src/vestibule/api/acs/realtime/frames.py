"""The packets that the browser's library exchanges: the first protocol of socket.io, on a WebSocket or in long polls.

A packet is `kind:id:endpoint:data`. Several travel in one long poll, each after its length between two marks.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

DISCONNECT, HEARTBEAT, MESSAGE, EVENT, ACKNOWLEDGEMENT = 0, 2, 3, 5, 6
CONNECTED: Final = "1::"
NOTHING: Final = "8::"
"""A packet that says nothing: it shows that the other side is still there."""
_PACKET = re.compile(r"([0-8]):(\d{0,9})(\+?):[^:]*(?::(.*))?", re.DOTALL)
_MARK: Final = "\ufffd"
MOST_IN_A_PAYLOAD: Final = 200


class Unreadable(Exception):
    """Something that is no packet."""


@dataclass(frozen=True)
class Packet:
    """One packet as it came; with `wants_answer` its sender waits for an acknowledgement of `id`."""

    kind: int
    data: str = ""
    id: str = ""
    wants_answer: bool = False

    def json(self) -> dict[str, Any]:
        """Return its data. Raises Unreadable for anything but a JSON object."""
        try:
            read = orjson.loads(self.data)
        except orjson.JSONDecodeError as wrong:
            raise Unreadable from wrong
        if not isinstance(read, dict):
            raise Unreadable
        return read


def read(text: str) -> Packet:
    """Return the packet that `text` is. Raises Unreadable."""
    found = _PACKET.fullmatch(text)
    if found is None:
        raise Unreadable
    return Packet(int(found[1]), found[4] or "", found[2], bool(found[2] and found[3]))


def event(name: str, **facts: Any) -> str:
    """Return an event that the library knows by `name`, with one argument."""
    return f"{EVENT}:::" + orjson.dumps({"name": name, "args": [facts]}).decode()


def acknowledged(number: str) -> str:
    """Return the answer to the packet that came as `number`."""
    return f"{ACKNOWLEDGEMENT}:::{number}+[]"


def goodbye(reason: str = "") -> str:
    """Return what ends a connection; for `unauthorized` the library asks its program for another token."""
    return f"{DISCONNECT}::" + (":" + orjson.dumps({"reason": reason}).decode() if reason else "")


def packed(packets: list[str]) -> str:
    """Return several packets as one payload."""
    if len(packets) == 1:
        return packets[0]
    return "".join(f"{_MARK}{_length(one)}{_MARK}{one}" for one in packets)


def unpacked(payload: str) -> list[str]:
    """Return the packets of a payload, which may be one. Raises Unreadable, for more than 200 too."""
    if not payload.startswith(_MARK):
        return [payload]
    units = payload.encode("utf-16-le", "surrogatepass")
    mark, at = _MARK.encode("utf-16-le"), 0
    packets: list[str] = []
    while at < len(units) and len(packets) < MOST_IN_A_PAYLOAD:
        end = units.find(mark, at + 2)
        told = units[at + 2 : end].decode("utf-16-le", "replace")
        if units[at : at + 2] != mark or end < 0 or not re.fullmatch(r"\d{1,6}", told, re.ASCII):
            raise Unreadable
        at = end + 2 + 2 * int(told)
        packets.append(units[end + 2 : at].decode("utf-16-le", "replace"))
    if at != len(units):
        raise Unreadable
    return packets


def _length(text: str) -> int:
    """Return how long JavaScript takes `text` for."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
