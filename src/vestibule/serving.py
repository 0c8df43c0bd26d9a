"""Runs the whole product in one process: database brought up to date, worker thread, web and sockets."""

import asyncio
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import uvicorn

DEMO_TLS_PORT = 8443
BESIDE = (
    "vestibule.housekeeping",
    "vestibule.calendars.worker",
    "vestibule.booking.outside.worker",
    "vestibule.meetings.outside_worker",
    "vestibule.meetings.outside_keeping",
    "vestibule.subscriptions.worker",
)
"""What works in the background, wherever that is: in `vestibule serve` and in `vestibule worker`."""


def serve(*, host: str, port: int, demo: bool, with_worker: bool, tls_port: int | None = None) -> int:
    """Serve until interrupted; returns the exit code. Where nobody can listen, it says so before anything is made.

    At `tls_port` the same is served by HTTPS, with a certificate of the local authority; a demonstration takes 8443,
    or any free port where that is taken, so that programs find its API in the shape of Communication Services.
    """
    import django

    if problem := _why_not_here(host, port, tls_port):
        sys.stderr.write(problem)
        return 1
    django.setup()
    if not _has_its_tables():
        return 1
    secured = _listening(host, tls_port) if tls_port is not None or demo else None
    _tell_where_programs_ask(secured)
    if demo:
        from vestibule.demo import story

        story.prepare(sys.stdout)
    else:
        sys.stdout.write(f"Vestibule listens at {host}, port {port}. Ctrl+C stops it.\n")
        sys.stdout.flush()
    stop = threading.Event()
    helpers = _start_helpers(stop) if with_worker else []
    try:
        _serve_web(host, port, secured)
    finally:
        stop.set()
        for helper in helpers:
            helper.join(timeout=10)
    return 0


def _has_its_tables() -> bool:
    """Bring the database up to date; tell whether it is one of this release, and say so where it is not."""
    from vestibule.booking import guards
    from vestibule.store import migrating

    migrating.bring_up_to_date()
    if missing := migrating.missing():
        sys.stderr.write(f"vestibule: {migrating.OF_ANOTHER_TIME.format(missing=missing)}\n")
        return False
    guards.require()
    return True


def _why_not_here(host: str, port: int, tls_port: int | None) -> str:
    """Return what to say where one of the ports cannot be had, or nothing."""
    for option, wanted in (("--port", port), ("--tls-port", tls_port)):
        if wanted is not None and (problem := _cannot_listen(host, wanted)):
            return (
                f"vestibule: cannot listen at {host}, port {wanted}: {problem}.\n"
                f"Stop what runs there, or choose another port: {option} {wanted + 1}\n"
            )
    return ""


def _cannot_listen(host: str, port: int) -> str:
    """Return why this process cannot listen there, or nothing."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address, family=family).close()
    except OSError as problem:
        return (problem.strerror or str(problem)).partition(" (")[0]  # without the address, which is said already
    return ""


def _listening(host: str, wanted: int | None) -> socket.socket:
    """Return a socket that listens for HTTPS: at the wanted port, else at the usual one or any that is free."""
    family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    if wanted is None:
        with suppress(OSError):
            return socket.create_server((host, DEMO_TLS_PORT), family=family)
    return socket.create_server((host, wanted or 0), family=family)


def _tell_where_programs_ask(secured: socket.socket | None) -> None:
    """Let connection strings name the port for HTTPS, unless programs have an address of their own."""
    from django.conf import settings

    if secured is not None and not settings.ACS_URL:
        settings.PROGRAMS_URL = (
            f"https://{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}:{secured.getsockname()[1]}"
        )


def start_beside(stop: threading.Event) -> list[threading.Thread]:
    """Start all that works beside whoever sends messages, each in threads of its own, until `stop` is set."""
    return [import_module(name).start(stop) for name in BESIDE]


def _start_helpers(stop: threading.Event) -> list[threading.Thread]:
    from vestibule.notifications import worker

    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return [thread, *start_beside(stop)]


def _serve_web(host: str, port: int, secured: socket.socket | None) -> None:
    import uvicorn

    config = uvicorn.Config("vestibule.asgi:application", host=host, port=port, **_manners())
    doors: list[tuple[uvicorn.Server, list[socket.socket] | None]] = [(uvicorn.Server(config), None)]
    if secured is not None:
        doors.append((uvicorn.Server(_tls(config, secured.getsockname()[1])), [secured]))
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_open(doors))


def _tls(config: "uvicorn.Config", port: int) -> "uvicorn.Config":
    """Return how the same is served by HTTPS, by the same application."""
    import uvicorn
    from django.conf import settings

    from vestibule.store import certificates

    everywhere = ("0.0.0.0", "::")  # noqa: S104  (compared with, not listened at)
    made = certificates.ensure(settings.DATA, [config.host] if config.host not in everywhere else [])
    sys.stdout.write(f"By HTTPS at port {port}; trust {made.files.authority} (`vestibule certs` tells how).\n")
    sys.stdout.flush()
    chain, key = str(made.files.chain), str(made.files.key)
    return uvicorn.Config(
        "vestibule.asgi:secured",
        host=config.host,
        port=port,
        ssl_certfile=chain,
        ssl_keyfile=key,
        lifespan="off",
        **_manners(),
    )


async def _open(doors: list[tuple["uvicorn.Server", list[socket.socket] | None]]) -> None:
    """Serve at all doors on one loop until a signal; the others open once the first has started the application."""
    (first, at), *others = doors
    with first.capture_signals():
        beside = [asyncio.create_task(_beside(first, other, there)) for other, there in others]
        await first._serve(at)  # `serve` would take the signals once for each door
        for other, _there in others:
            other.should_exit = True
        await asyncio.gather(*beside)


async def _beside(first: "uvicorn.Server", other: "uvicorn.Server", at: list[socket.socket] | None) -> None:
    while not first.started:
        if first.should_exit:
            return
        await asyncio.sleep(0.01)
    await other._serve(at)


def _manners() -> dict[str, Any]:
    from django.conf import settings

    from vestibule.web.connections import BoundedHttp

    proxies = settings.CONFIGURATION.items("TRUSTED_PROXIES")
    return {
        "http": BoundedHttp,
        "log_level": "warning",
        "access_log": False,
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": proxies or None,
        "ws_max_size": 64 * 1024,
        "ws_per_message_deflate": False,  # costs each socket 300 KB, and more time than these small messages save
        "timeout_graceful_shutdown": 5,
        "server_header": False,
    }
