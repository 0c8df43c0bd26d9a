"""How the process asks the system for memory, where that is glibc's to say."""

import ctypes
import os
from contextlib import suppress

_ARENA_MAX = -8
"""`M_ARENA_MAX` of mallopt(3)."""


def share() -> None:
    """Let all threads take their memory from one heap; to be called before there is more than one.

    glibc gives threads heaps of their own so that they need not wait for each other. Python's threads seldom ask at the
    same time, and what one of them gave back serves no other: 4 MB of a process at rest. What `MALLOC_ARENA_MAX` says
    stands; another C library, which has no such heaps, is left as it is.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
