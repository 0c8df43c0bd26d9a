"""HTTP to addresses that people typed: never into the server's own network, never longer or more than it may.

The name is looked up once for each connection, what it leads to is checked, and that very address is connected to: an
answer of the name server that changes in between changes nothing. Redirects are new connections and checked like any.
Not a vendor: every adapter for addresses typed by people goes out through here.
"""

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

from vestibule.calendars.ports import CalendarError, Trouble

PORTS = frozenset({80, 443})
MOST_REDIRECTS = 5
LARGEST = 10 * 1024 * 1024
ONE_STEP = 10.0
_CHUNK = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_NAT64 = ip_network("64:ff9b::/96")
_GIVEN_OUT = ip_network("2000::/3")  # all that the internet has of IPv6; elsewhere translators of the own network are
_OF_MANY = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})  # before a country's letters
_OF_CLOUDS = ("168.63.129.16/32", "192.0.0.0/24")
"""Looks like the internet, and is what Azure and Oracle tell their machines about themselves by."""
_NEVER = [
    ip_network(net)
    for net in (
        *("::/96", "2002::/16", "2001::/32", "3fff::/20", "64:ff9b:1::/48", "fec0::/10", "192.88.99.0/24"),
        *_OF_CLOUDS,
    )
]

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class PrivateHosts:
    """Hosts of the own network that may be reached all the same: names, `name:port`, addresses or networks."""

    entries: tuple[str, ...] = ()

    def names(self, host: str, port: int) -> bool:
        """Tell whether `host` is named, alone or with this port."""
        host = host.lower()
        return any(entry.lower() in (host, f"{host}:{port}") for entry in self.entries)

    def holds(self, address: Address) -> bool:
        """Tell whether `address` lies in a network that is named."""
        return any(address in network for network in _networks(self.entries))


@dataclass(frozen=True)
class Answer:
    """A whole answer; `url` is where it came from in the end."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    url: httpx.URL = field(repr=False)


class Guarded:
    """A client for one account, for `seconds` in all."""

    def __init__(
        self,
        private: PrivateHosts | None = None,
        *,
        seconds: float,
        largest: int = LARGEST,
        resolver: "Resolver | None" = None,
    ) -> None:
        self._private = private or PrivateHosts()
        self._largest = largest
        self._until = time.monotonic() + seconds
        transport = httpx.HTTPTransport(verify=_tls(), trust_env=False)
        transport._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=2,
            network_backend=_Backend(self._private, self._until, resolver or look_up),
        )
        self._http = httpx.Client(transport=transport, timeout=ONE_STEP, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Let connections go."""
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        auth: httpx.Auth | None = None,
        family_of: httpx.URL | None = None,
    ) -> Answer:
        """Ask, following at most five redirects, and return the whole answer, whatever its status.

        `auth`, and what is PUT, go to hosts of the same family as `family_of` (or `url`) only, never from https to
        http.
        Raises CalendarError.
        """
        at = self._checked(url)
        begun = family_of or at
        for _step in range(MOST_REDIRECTS + 1):
            is_own = is_family(begun, at)
            if method == "PUT" and not is_own:
                words = "appointments are not handed on to the server that this address leads to"
                raise CalendarError(words, Trouble.REFUSED, permanent=True)
            may_sign_in = auth if is_own else None
            answer = self._once(method, at, {"Accept-Encoding": "gzip", **(headers or {})}, content, may_sign_in)
            target = answer.headers.get("Location", "")
            if answer.status not in _MOVED or not target:
                return answer
            at = self._checked(str(at.join(target)))
            if answer.status == 303:
                method, content = "GET", None
        raise CalendarError("the address leads round in circles", Trouble.REFUSED, permanent=True)

    def is_private(self, url: httpx.URL) -> bool:
        """Tell whether `url` names a host the operator vouches for."""
        return self._private.names(url.host, _port(url))

    def _checked(self, url: str) -> httpx.URL:
        try:
            found = httpx.URL(url.strip())
            port = _port(found)
        except (httpx.InvalidURL, ValueError, TypeError) as wrong:
            raise CalendarError("this is no web address", Trouble.REFUSED, permanent=True) from wrong
        if found.scheme not in ("http", "https") or not found.host or found.userinfo:
            words = "only http and https addresses are read, without a user name in them"
            raise CalendarError(words, Trouble.REFUSED, permanent=True)
        if port not in PORTS and not self._private.names(found.host, port):
            raise CalendarError("only the ports 80 and 443 are used", Trouble.REFUSED, permanent=True)
        return found

    def _once(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes | None, auth: httpx.Auth | None
    ) -> Answer:
        try:
            with self._http.stream(method, url, headers=headers, content=content, auth=auth) as answer:
                return Answer(answer.status_code, answer.headers, self._body(answer), url)
        except httpx.TimeoutException as slow:
            raise unreachable("the calendar's server did not answer in time") from slow
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, ssl.SSLError, UnicodeError) as failure:
            raise unreachable(f"the calendar's server cannot be reached ({type(failure).__name__})") from failure

    def _body(self, answer: httpx.Response) -> bytes:
        inflate = _inflater(answer.headers.get("Content-Encoding", ""))
        parts, size = [], 0
        for chunk in answer.iter_raw(_CHUNK):
            if time.monotonic() > self._until:
                raise unreachable("the calendar's server took too long")
            part = inflate(chunk, self._largest + 1 - size)
            parts.append(part)
            size += len(part)
            if size > self._largest:
                words = f"the calendar is too big: more than {self._largest // 1024 // 1024} MB"
                raise CalendarError(words, Trouble.TOO_BIG, permanent=True)
        return b"".join(parts)


def unreachable(words: str) -> CalendarError:
    """Return the error that a server could not be reached this time."""
    return CalendarError(words, Trouble.UNREACHABLE, permanent=False)


def is_family(one: httpx.URL, other: httpx.URL) -> bool:
    """Tell whether credentials for `one` may go to `other`: the same origin, or by https below the same domain."""
    if (one.scheme, one.host, _port(one)) == (other.scheme, other.host, _port(other)):
        return True
    if other.scheme != "https" or _port(other) != 443:
        return False
    domain = ".".join(one.host.split(".")[1:])
    if domain.count(".") == 1 and len(domain.rpartition(".")[2]) == 2 and domain.partition(".")[0] in _OF_MANY:
        return one.host == other.host  # such as co.uk, below which everybody has their own
    return one.host == other.host or ("." in domain and not _is_address(one.host) and other.host.endswith(f".{domain}"))


def is_allowed(address: str, private: PrivateHosts | None = None) -> bool:
    """Tell whether an IP address is of the open internet, or in a network the operator vouches for."""
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(given, IPv6Address):
        if given.ipv4_mapped is not None:
            return is_allowed(str(given.ipv4_mapped), private)
        if given in _NAT64:
            return is_allowed(str(IPv4Address(int(given) & 0xFFFFFFFF)), private)
    if private is not None and private.holds(given):
        return True
    if isinstance(given, IPv6Address) and given not in _GIVEN_OUT:
        return False
    return given.is_global and not given.is_multicast and not any(given in net for net in _NEVER)


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses `host` has. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing last beyond `until` of the monotonic clock."""

    def __init__(self, private: PrivateHosts, until: float, resolver: Resolver) -> None:
        self._private, self._until, self._resolver = private, until, resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: "Iterable[httpcore.SOCKET_OPTION] | None" = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port)[:4]:
            try:
                limit = _left(self._until, timeout)
                return _Stream(self._sockets.connect_tcp(address, port, limit, local_address), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                failure = refused
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        found = self._looked_up(host, port)
        if not found:
            raise unreachable("the calendar's server is not known by this name")
        if not self._private.names(host, port) and not all(is_allowed(one, self._private) for one in found):
            words = "this address leads into the network of this server, which calendars are not read from"
            raise CalendarError(words, Trouble.REFUSED, permanent=True)
        return found

    def _looked_up(self, host: str, port: int) -> list[str]:
        """Look a name up in a thread of its own, since that cannot be told to stop."""
        found: list[list[str]] = []

        def look() -> None:
            try:
                found.append(self._resolver(host, port))
            except (OSError, UnicodeError):
                found.append([])

        thread = threading.Thread(target=look, name="look-up", daemon=True)
        thread.start()
        thread.join(_left(self._until, ONE_STEP))
        if not found:
            raise unreachable("the calendar's server could not be looked up in time")
        return found[0]


class _Stream(httpcore.NetworkStream):
    """A connection on which no step lasts beyond `until`, however little comes at a time."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(self._until, timeout)), self._until)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this calendar is used up")
    return min(left, timeout or ONE_STEP)


def _inflater(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what undoes an encoding, giving at most so many bytes for a chunk. Raises CalendarError for others."""
    if encoding.strip().lower() in ("", "identity"):
        return lambda chunk, most: chunk
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise CalendarError("the calendar is packed in a way that is not read", Trouble.MALFORMED, permanent=True)
    unpack = zlib.decompressobj(wbits=31)

    def inflate(chunk: bytes, most: int) -> bytes:
        try:
            return unpack.decompress(chunk, most)
        except zlib.error as wrong:
            raise CalendarError("the calendar's packing is broken", Trouble.MALFORMED, permanent=False) from wrong

    return inflate


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@lru_cache(maxsize=16)
def _networks(entries: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    found: list[IPv4Network | IPv6Network] = []
    for entry in entries:
        try:
            found.append(ip_network(entry, strict=False))
        except ValueError:
            continue
    return found


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
