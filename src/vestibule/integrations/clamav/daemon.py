"""clamd, asked over its own socket: one connection a file, the bytes in chunks (INSTREAM)."""

import socket
from collections.abc import Iterable
from contextlib import closing
from typing import Self

from vestibule.chat.ports import ScannerError, Verdict
from vestibule.store.configuration import Configuration

SECONDS = 60.0
CONNECT_SECONDS = 5.0
CHUNK = 256 * 1024
LONGEST_ANSWER = 4096


class ClamAv:
    """A ClamAV daemon at a local socket (a path) or at `host:port`."""

    def __init__(self, address: str | tuple[str, int], *, seconds: float = SECONDS) -> None:
        self._address = address
        self._seconds = seconds

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the daemon the settings name, or None. Raises ValueError for an address that cannot be read."""
        told = configuration["CLAMAV"].strip()
        return cls(_address(told)) if told else None

    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        """Return what clamd says of the file in `pieces`. Raises ScannerError."""
        answer = self._ask(b"zINSTREAM\0", pieces)
        if answer.endswith(": OK"):
            return Verdict()
        if answer.endswith(" FOUND"):
            return Verdict(answer.removeprefix("stream: ").removesuffix(" FOUND") or "unnamed")
        raise ScannerError(f"clamd answered {answer[:200]!r}")

    def version(self) -> str:
        """Return clamd's version and that of its signatures. Raises ScannerError."""
        return self._ask(b"zVERSION\0")

    def _ask(self, command: bytes, pieces: Iterable[bytes] | None = None) -> str:
        try:
            with closing(self._connect()) as line:
                line.sendall(command)
                if pieces is not None:
                    _send(line, pieces)
                return _answer(line)
        except (OSError, UnicodeError) as failure:
            raise ScannerError(f"clamd at {self._shown()}: {failure}") from failure

    def _connect(self) -> socket.socket:
        if isinstance(self._address, tuple):
            line = socket.create_connection(self._address, timeout=CONNECT_SECONDS)
        else:
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(CONNECT_SECONDS)
            try:
                line.connect(self._address)
            except OSError:
                line.close()
                raise
        line.settimeout(self._seconds)
        return line

    def _shown(self) -> str:
        return self._address if isinstance(self._address, str) else ":".join(map(str, self._address))


def _send(line: socket.socket, pieces: Iterable[bytes]) -> None:
    """Send the file in chunks, each after its length; a chunk without bytes ends it."""
    try:
        for piece in pieces:
            for start in range(0, len(piece), CHUNK):
                chunk = piece[start : start + CHUNK]
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
        line.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        pass  # clamd hung up early, over its own limit for instance: what it said is read next


def _answer(line: socket.socket) -> str:
    told = bytearray()
    while b"\0" not in told and len(told) < LONGEST_ANSWER:
        more = line.recv(LONGEST_ANSWER)
        if not more:
            break
        told += more
    return told.split(b"\0")[0].decode().strip()


def _address(told: str) -> str | tuple[str, int]:
    if told.startswith("/"):
        return told
    host, colon, port = told.removeprefix("tcp://").rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"VESTIBULE_CLAMAV is neither the path of a socket nor host:port: {told!r}")
    return host.strip("[]"), int(port)
