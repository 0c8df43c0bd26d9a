"""Connections of gateways: to hosts that businesses typed, never into the server's own network, never for too long.

A name is looked up, what it leads to is checked, and that very address is connected to, as `guarded` does it.
Not a vendor: every gateway goes out through here.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from vestibule.integrations.guarded import PrivateHosts, is_allowed, look_up
from vestibule.notifications.ports import DeliveryError

MAILBOX = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
"""One e-mail address that every web interface takes as it is."""
LARGEST = 256 * 1024
LONGEST_WAIT = timedelta(hours=1)
LOOK_UP_SECONDS = 5.0
UNKNOWN_NAME = "no server is known by this name"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_limits = threading.local()

Resolver = Callable[[str, int], list[str]]


class NotAllowed(OSError):
    """A host typed by a business leads where gateways may not go."""


class Unanswered(Exception):
    """No answer came. The text goes on after the name of who was asked; `maybe_done` when the request had left."""

    def __init__(self, text: str, *, maybe_done: bool) -> None:
        super().__init__(text)
        self.maybe_done = maybe_done

    def as_error(self, who: str) -> DeliveryError:
        """Return what a gateway raises for it."""
        return DeliveryError(f"{who} {self}", permanent=False, of_gateway=True, maybe_taken=self.maybe_done)


@dataclass(frozen=True)
class Answer:
    """A whole answer of a web service."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the JSON object of the answer; empty when it holds none."""
        try:
            told = httpx.Response(200, content=self.body).json()
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


class Web:
    """Asks web services, each for at most `seconds` in all. Used by several threads; keeps connections open.

    `reach` says which hosts of the own network may be reached; None: all, for addresses no business typed. `largest` is
    the largest answer in bytes. `tls` says whom to trust, where that is not the usual.
    """

    def __init__(
        self,
        reach: PrivateHosts | None,
        *,
        seconds: float = 10.0,
        largest: int = LARGEST,
        resolver: Resolver = look_up,
        transport: httpx.BaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds, self._largest = seconds, largest
        transport = transport or httpx.HTTPTransport(verify=tls or _tls(), trust_env=False)
        if reach is not None and isinstance(transport, httpx.HTTPTransport):
            transport._pool = httpcore.ConnectionPool(
                ssl_context=tls or _tls(),
                max_connections=16,
                max_keepalive_connections=8,
                keepalive_expiry=5.0,
                network_backend=_Backend(reach, resolver),
            )
        # Answers are read as they come: packed ones could be a thousand times as big as what was received.
        self._http = httpx.Client(
            transport=transport,
            timeout=seconds,
            headers={"Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Let connections go."""
        self._http.close()

    def ask(self, method: str, url: str, *, seconds: float | None = None, **request: Any) -> Answer:
        """Ask and return the whole answer, whatever its status; what httpx takes may be given. Raises Unanswered.

        `seconds` is for a shorter limit than the usual.
        """
        try:
            with (
                _within(min(seconds or self._seconds, self._seconds)),
                self._http.stream(method, url, **request) as answer,
            ):
                return Answer(answer.status_code, answer.headers, self._body(answer))
        except NotAllowed as refused:
            raise Unanswered(str(refused), maybe_done=False) from None
        except httpx.TimeoutException as slow:
            raise Unanswered("did not answer in time", maybe_done=not isinstance(slow, _NOT_SENT)) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, ssl.SSLError, UnicodeError) as failure:
            is_sent = isinstance(failure, httpx.HTTPError) and not isinstance(failure, _NOT_SENT)
            raise Unanswered(f"cannot be reached: {_why(failure)}", maybe_done=is_sent) from None

    def _body(self, answer: httpx.Response) -> bytes:
        until, parts, size = time.monotonic() + self._seconds, [], 0
        for chunk in [answer.content] if answer.is_stream_consumed else answer.iter_raw(16 * 1024):
            parts.append(chunk)
            size += len(chunk)
            if size > self._largest or time.monotonic() > until:
                raise httpx.ReadTimeout("the answer is too long")
        return b"".join(parts)


def causes(failure: BaseException) -> list[BaseException]:
    """Return an error and what led to it, the nearest first, in whatever way libraries hand it on; at most 20."""
    found: list[BaseException] = []
    look = [failure]
    while look and len(found) < 20:
        one = look.pop(0)
        found.append(one)
        inner = (*one.args, getattr(one, "reason", None), getattr(one, "inner_exception", None), one.__cause__)
        look += [other for other in inner if isinstance(other, BaseException) and other not in found]
    return found


def never_left(failure: BaseException) -> bool:
    """Tell whether no connection was made, of an error by a library that asks over urllib3."""
    from urllib3 import exceptions

    never = (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError)
    return any(isinstance(one, never) for one in causes(failure))


def refused(who: str, answer: Answer, *, code: str = "") -> DeliveryError:
    """Return what a gateway raises for a status that says no, where its own error codes do not say more."""
    status, words = answer.status, f"{who} answered {answer.status}"
    words += f" ({code})" if code else ""
    if status in (401, 403, 404, 405, 407):
        return DeliveryError(words, permanent=False, of_gateway=True)
    if status in (408, 425, 429, 503) or 300 <= status < 400:
        return DeliveryError(words, permanent=False, of_gateway=True, wait=wait_of(answer.headers))
    if status >= 500:  # it broke, perhaps after it had taken the message
        return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=True)
    return DeliveryError(words, permanent=True)


def wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long `Retry-After` asks to wait, at most an hour; None when it does not, or not readably."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text) if text.isdigit() else _seconds_to(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(timedelta(seconds=min(max(seconds, 0), 86_400)), LONGEST_WAIT) if text else None


def _seconds_to(date: str) -> float:
    return (parsedate_to_datetime(date) - datetime.fromtimestamp(time.time(), UTC)).total_seconds()


class GuardedSmtp(smtplib.SMTP):
    """Connects to checked addresses only, and can be ended by another thread whatever it is at."""

    def __init__(self, host: str, reach: PrivateHosts, timeout: float) -> None:
        self._reach, self._is_cut = reach, False
        self._leash: socket.socket | None = None
        super().__init__(timeout=timeout)
        self._host = host  # what the certificate must name

    def cut(self) -> None:
        """End the connection, or the one being made. The socket itself is out of reach while TLS begins on it."""
        self._is_cut, leash = True, self._leash
        if leash is not None:
            with suppress(OSError):
                leash.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let the connection go."""
        super().close()
        leash, self._leash = self._leash, None
        if leash is not None:
            leash.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = connected(host, port, self._reach, timeout)
        self._leash = found.dup()
        if self._is_cut:
            found.close()
            raise TimeoutError("timed out")
        return found


class _SmtpOverTls(GuardedSmtp):
    """The same, by TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(found, server_hostname=self._host)


def smtp(host: str, *, is_tls: bool, reach: PrivateHosts, timeout: float) -> GuardedSmtp:
    """Return what connects to a mail server a business named, not yet connected: that is to be limited, too.

    Its `connect` raises OSError, NotAllowed among them.
    """
    return (_SmtpOverTls if is_tls else GuardedSmtp)(host, reach, timeout)


def connected(host: str, port: int, reach: PrivateHosts, timeout: float) -> socket.socket:
    """Return a socket to a checked address of `host`. Raises OSError, NotAllowed among them."""
    failure: OSError = OSError("no address")
    for address in addresses(host, port, reach, look_up)[:3]:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as refusal:
            failure = refusal
    raise failure


def addresses(host: str, port: int, reach: PrivateHosts, resolver: Resolver) -> list[str]:
    """Return what `host` leads to. Raises NotAllowed for the own network, OSError for a name nobody knows."""
    found = _looked_up(host, port, resolver)
    if not found:
        raise OSError(UNKNOWN_NAME)
    if not reach.names(host, port) and not all(is_allowed(one, reach) for one in found):
        raise NotAllowed("leads into the network of this server, where businesses' gateways may not go")
    return found


def _looked_up(host: str, port: int, resolver: Resolver) -> list[str]:
    """Look a name up in a thread of its own, since that cannot be told to stop."""
    found: list[list[str]] = []

    def look() -> None:
        try:
            found.append(resolver(host, port))
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=look, name="look-up", daemon=True)
    thread.start()
    thread.join(LOOK_UP_SECONDS)
    return found[0] if found else []


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses only; no step lasts beyond the limit of the request it is for."""

    def __init__(self, reach: PrivateHosts, resolver: Resolver) -> None:
        self._reach, self._resolver = reach, resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: "Iterable[httpcore.SOCKET_OPTION] | None" = None,
    ) -> httpcore.NetworkStream:
        try:
            found = addresses(host, port, self._reach, self._resolver)
        except NotAllowed:
            raise
        except OSError as unknown:
            raise httpcore.ConnectError(str(unknown)) from unknown
        failure: Exception = httpcore.ConnectError("no address")
        for address in found[:3]:
            try:
                return _Stream(self._sockets.connect_tcp(address, port, _left(timeout), local_address))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refusal:
                failure = refusal
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which no step lasts beyond the limit of its request, however little comes at a time."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Limit all that this thread reads and writes meanwhile; a request is carried by the thread that asks."""
    _limits.until = time.monotonic() + seconds
    try:
        yield
    finally:
        del _limits.until


def _left(timeout: float | None) -> float | None:
    until = getattr(_limits, "until", None)
    if until is None:
        return timeout
    left: float = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this request is used up")
    return min(left, timeout or left)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _why(failure: Exception) -> str:
    """Say what failed in words that hold no address: those of the system, or the kind of failure."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME:
            return UNKNOWN_NAME
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return UNKNOWN_NAME if str(failure).startswith(UNKNOWN_NAME) else type(failure).__name__
