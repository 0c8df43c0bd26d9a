"""Runs the whole product in one process: database brought up to date, worker thread, web and sockets."""

import socket
import sys
import threading


def serve(*, host: str, port: int, demo: bool, with_worker: bool) -> int:
    """Serve until interrupted; returns the exit code. Where nobody can listen, it says so before anything is made."""
    import django

    if problem := _cannot_listen(host, port):
        sys.stderr.write(
            f"vestibule: cannot listen at {host}, port {port}: {problem}.\n"
            f"Stop what runs there, or choose another port: --port {port + 1}\n"
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
        _serve_web(host, port)
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


def _start_helpers(stop: threading.Event) -> list[threading.Thread]:
    from vestibule import housekeeping
    from vestibule.calendars import worker as calendars
    from vestibule.meetings import outside_tokens, outside_worker
    from vestibule.notifications import worker

    thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return [
        thread,
        housekeeping.start(stop),
        calendars.start(stop),
        outside_worker.start(stop),
        outside_tokens.start(stop),
    ]


def _serve_web(host: str, port: int) -> None:
    import uvicorn
    from django.conf import settings

    from vestibule.web.connections import BoundedHttp

    proxies = settings.CONFIGURATION.items("TRUSTED_PROXIES")
    uvicorn.run(
        "vestibule.asgi:application",
        host=host,
        port=port,
        http=BoundedHttp,
        log_level="warning",
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,  # costs each socket 300 KB, and more time than these small messages save
        timeout_graceful_shutdown=5,
        server_header=False,
    )
