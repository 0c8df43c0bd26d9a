"""The windows that `rates` counts in, for tests that count up to a limit on a running clock."""

from vestibule.store import clock


def at_a_new_window(seconds: int) -> None:
    """Go to where a window of `rates` begins, so that none ends among what a test counts."""
    clock.advance(seconds - clock.now().timestamp() % seconds)
