"""Runs the whole product in one process: database brought up to date, worker thread, web and sockets."""

import asyncio
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn

BESIDE = (
    "vestibule.housekeeping",
    "vestibule.calendars.worker",
    "vestibule.booking.outside.worker",
    "vestibule.meetings.outside_worker",
    "vestibule.meetings.outside_keeping",
)
"""What works in the background, wherever that is: in `vestibule serve` and in `vestibule worker`."""


def serve(*, host: str, port: int, demo: bool, with_worker: bool, tls_port: int | None = None) -> int:
    """Serve until interrupted; returns the exit code. Where nobody can listen, it says so before anything is made.

    At `tls_port` the same is served by HTTPS, with a certificate of the local authority.
    """
    import django

    for option, wanted in (("--port", port), ("--tls-port", tls_port)):
        if wanted is not None and (problem := _cannot_listen(host, wanted)):
            sys.stderr.write(
                f"vestibule: cannot listen at {host}, port {wanted}: {problem}.\n"
                f"Stop what runs there, or choose another port: {option} {wanted + 1}\n"
            )
            return 1
    django.setup()
    from vestibule.booking import guards
    from vestibule.store import migrating

    migrating.bring_up_to_date()
    if missing := migrating.missing():
        sys.stderr.write(f"vestibule: {migrating.OF_ANOTHER_TIME.format(missing=missing)}\n")
        return 1
    guards.require()
    if demo:
        from vestibule.demo import story

        story.prepare(sys.stdout)
    else:
        sys.stdout.write(f"Vestibule listens at {host}, port {port}. Ctrl+C stops it.\n")
        sys.stdout.flush()
    stop = threading.Event()
    helpers = _start_helpers(stop) if with_worker else []
    try:
        _serve_web(host, port, tls_port)
    finally:
        stop.set()
        for helper in helpers:
            helper.join(timeout=10)
    return 0


def _cannot_listen(host: str, port: int) -> str:
    """Return why this process cannot listen there, or nothing."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        socket.create_server(address, family=family).close()
    except OSError as problem:
        return (problem.strerror or str(problem)).partition(" (")[0]  # without the address, which is said already
    return ""


def start_beside(stop: threading.Event) -> list[threading.Thread]:
    """Start all that works beside whoever sends messages, each in threads of its own, until `stop` is set."""
    return [import_module(name).start(stop) for name in BESIDE]


def _start_helpers(stop: threading.Event) -> list[threading.Thread]:
    from vestibule.notifications import worker

    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return [thread, *start_beside(stop)]


def _serve_web(host: str, port: int, tls_port: int | None) -> None:
    import uvicorn

    config = uvicorn.Config("vestibule.asgi:application", host=host, port=port, **_manners())
    doors = [uvicorn.Server(config)]
    if tls_port is not None:
        doors.append(uvicorn.Server(_tls(config, tls_port)))
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
        config.app, host=config.host, port=port, ssl_certfile=chain, ssl_keyfile=key, lifespan="off", **_manners()
    )


async def _open(doors: list["uvicorn.Server"]) -> None:
    """Serve at all doors on one loop until a signal; the others open once the first has started the application."""
    first, *others = doors
    with first.capture_signals():
        beside = [asyncio.create_task(_beside(first, other)) for other in others]
        await first._serve()  # `serve` would take the signals once for each door
        for other in others:
            other.should_exit = True
        await asyncio.gather(*beside)


async def _beside(first: "uvicorn.Server", other: "uvicorn.Server") -> None:
    while not first.started:
        if first.should_exit:
            return
        await asyncio.sleep(0.01)
    await other._serve()


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
