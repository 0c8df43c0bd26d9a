"""How many heaps the threads of a process take their memory from."""

import os
import platform
import subprocess
import sys

import pytest

HEAPS = """
import ctypes
import sys
import threading

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
if "share" in sys.argv:
    from vestibule.store import heap

    heap.share()
at_once = threading.Barrier(4)


def take():
    at_once.wait()
    for _ in range(100):
        assert libc.malloc(5000)
    at_once.wait()


threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.stdout.flush()
libc.fopen.restype = ctypes.c_void_p
told = libc.fopen(b"/dev/stdout", b"w")
assert libc.malloc_info(0, ctypes.c_void_p(told)) == 0
libc.fclose(ctypes.c_void_p(told))
"""


def heaps(*words: str, **environment: str) -> int:
    """So many heaps a process with four threads has afterwards."""
    mine = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"} | environment
    told = subprocess.run(
        [sys.executable, "-c", HEAPS, *words], env=mine, capture_output=True, text=True, timeout=60, check=True
    )
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such heaps")
def test_threads_share_one_heap_unless_who_runs_it_says_otherwise() -> None:
    assert heaps() > 1, "what glibc does by itself"
    assert heaps("share") == 1
    assert heaps("share", MALLOC_ARENA_MAX="3") in {2, 3}
