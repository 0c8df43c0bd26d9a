"""Rate limits: how often somebody may do something.

Counted in fixed windows, so that at the border of two windows twice the number may pass. One process on the embedded
database counts in memory, which a restart forgets; on PostgreSQL, where several processes serve, a small table counts.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from vestibule.people.errors import TooMany
from vestibule.store import clock
from vestibule.store.transactions import is_pretending

LOCAL = frozenset({"127.0.0.1", "::1"})
KEPT = 5_000
"""Of one scope, so that whoever asks from many addresses makes no limit of another kind forget."""
_from_here: ContextVar[bool] = ContextVar("from_here", default=False)
_lock = threading.Lock()
_counts: dict[str, dict[str, tuple[int, int, int]]] = {}
"""By scope and who: the window, how often, when it ends."""


def limit(scope: str, who: str, times: int, seconds: int) -> None:
    """Count one use of `scope` by `who` and let it pass, at most `times` in `seconds`.

    Raises TooMany beyond that, with `retry_after` in whole seconds, at least 1.
    """
    if is_pretending():
        return
    now = clock.now_seconds()
    window = now // seconds
    count = _count_stored if connection.vendor == "postgresql" else _count_in_memory
    if count(scope, who, window, (window + 1) * seconds) <= times:
        return
    wait = max(1, (window + 1) * seconds - now)
    raise TooMany(
        _("That was tried too often, so it was not done this time. Wait %(wait)d seconds and try again.")
        % {"wait": wait},
        retry_after=wait,
    )


def limit_others(scope: str, who: str, times: int, seconds: int) -> None:
    """Count and limit as `limit` does, but nobody whose request comes from the machine itself.

    Behind a proxy that is not trusted everybody does, and a limit meant for one stranger would shut all of them out.
    """
    if not _from_here.get():
        limit(scope, who, times, seconds)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Let `limit_others` know, while `request` is answered, whether it comes from the machine itself."""
    with answering_address(client_address(request)):
        yield


@contextmanager
def answering_address(address: str) -> Iterator[None]:
    """Do as `answering` for a request that is known to come from `address`."""
    before = _from_here.set(address in LOCAL)
    try:
        yield
    finally:
        _from_here.reset(before)


def is_local(request: HttpRequest) -> bool:
    """Tell whether `request` comes from the machine itself, or through a proxy on it that is not trusted."""
    return client_address(request) in LOCAL


def client_key(request: HttpRequest) -> str:
    """Return who to count for somebody without an account: the address, of IPv6 the /64 a household has."""
    return household(client_address(request))


def client_address(request: HttpRequest) -> str:
    """Return the address `request` came from.

    `X-Forwarded-For` is believed only from an address in VESTIBULE_TRUSTED_PROXIES, read from its trusted end.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while forwarded and _is_trusted(address):
        address = forwarded.pop()
    return address


def forget_all() -> None:
    """Forget what was counted in memory; for tests."""
    with _lock:
        _counts.clear()


def purge() -> int:
    """Delete stored counts of windows that are over; return how many."""
    from vestibule.people.models import RateCount

    return RateCount.objects.filter(ends_at__lte=clock.now_seconds()).delete()[0]


def _count_in_memory(scope: str, who: str, window: int, ends_at: int) -> int:
    with _lock:
        counts = _counts.setdefault(scope, {})
        before, used, _end = counts.get(who, (window, 0, 0))
        used = used + 1 if before == window else 1
        counts[who] = (window, used, ends_at)
        if len(counts) > KEPT:
            _forget_past(counts, clock.now_seconds())
        return used


def _forget_past(counts: dict[str, tuple[int, int, int]], now: int) -> None:
    for name in [name for name, (_window, _used, ends_at) in counts.items() if ends_at <= now]:
        del counts[name]
    while len(counts) > KEPT:
        del counts[next(iter(counts))]


def _count_stored(scope: str, who: str, window: int, ends_at: int) -> int:
    from vestibule.people.models import RateCount

    table = RateCount._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS kept (scope, who, time_window, used, ends_at) VALUES (%s, %s, %s, 1, %s)"  # noqa: S608 (the table's own name)
            " ON CONFLICT (scope, who) DO UPDATE SET time_window = excluded.time_window, ends_at = excluded.ends_at,"
            " used = CASE WHEN kept.time_window = excluded.time_window THEN kept.used + 1 ELSE 1 END RETURNING used",
            [scope, who, window, ends_at],
        )
        used: int = cursor.fetchone()[0]
        return used


def _is_trusted(address: str) -> bool:
    try:
        given = ip_address(address)
    except ValueError:
        return False
    return any(given in ip_network(entry, strict=False) for entry in _networks())


def _networks() -> list[str]:
    return [entry for entry in settings.CONFIGURATION.items("TRUSTED_PROXIES") if _is_network(entry)]


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True


def household(address: str) -> str:
    """Return who to count for an address: itself, of IPv6 the /64 a household has."""
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64] or "unknown"
    if given.version == 4:
        return str(given)
    return str(given.ipv4_mapped or ip_network((given, 64), strict=False))
