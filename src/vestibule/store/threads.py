"""Threads that use the database: work that goes on until the server stops, and pools that let go of connections."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from django.db import close_old_connections, connections

log = logging.getLogger(__name__)
PAUSE_AFTER_ERROR = 5.0


def go_on(step: Callable[[], object], stop: threading.Event, failing: str) -> None:
    """Do `step` again and again until `stop` is set. No fault ends it: nobody would notice.

    `failing` says in the log what does not go on for a moment. The thread has no connection afterwards.
    """
    try:
        while not stop.is_set():
            try:
                step()
            except Exception:
                log.exception("%s; trying again", failing)
                connections.close_all()
                stop.wait(PAUSE_AFTER_ERROR)
    finally:
        connections.close_all()


def begin(run: Callable[[threading.Event], None], stop: threading.Event, name: str) -> threading.Thread:
    """Do `run` in a thread of its own, which does not hold up the end of the process."""
    thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()
    return thread


@contextmanager
def fresh_connection() -> Iterator[None]:
    """Let work in a pool's thread use the database, which may have been restarted since the last."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def let_go(pool: ThreadPoolExecutor, threads: int) -> None:
    """End a pool of so many threads, once what they have begun is done, with the connections they have."""
    meet = Barrier(threads)  # so that each thread closes its own

    def close() -> None:
        meet.wait()  # without a limit: the end of the pool waits for the same threads anyway
        connections.close_all()

    for _ in range(threads):
        pool.submit(close)
    pool.shutdown()
