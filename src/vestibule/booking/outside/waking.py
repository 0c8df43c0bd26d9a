"""Telling the worker of this process that something may be due; workers elsewhere look by themselves."""

import threading

_due = threading.Event()


def wake() -> None:
    """Let the worker look now."""
    _due.set()


def wait(seconds: float) -> None:
    """Wait until `wake` is called, at most `seconds`; the call is used up by it."""
    _due.wait(seconds)
    _due.clear()
