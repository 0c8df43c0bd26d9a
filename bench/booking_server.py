"""A server process with the businesses of `booking_fill`, for the benchmarks that measure it from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from bench.processes import cpu_seconds
from tests.servers import free_port


class Measured:
    """A running server, and what its CPU was used for."""

    def __init__(self, origin: str, process: int) -> None:
        self.origin = origin
        self._process = process

    @contextmanager
    def cpu(self) -> Iterator[list[float]]:
        """Measure a block: afterwards the list holds CPU seconds of the server and wall seconds."""
        spent: list[float] = []
        before, began = cpu_seconds(self._process), time.perf_counter()
        yield spent
        spent += [cpu_seconds(self._process) - before, time.perf_counter() - began]


@contextmanager
def server(*, past: int = 0) -> Iterator[Measured]:
    """Make the businesses in a folder of their own and serve them on a free port."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        settings = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
        settings |= {"VESTIBULE_DATA": folder}
        for words in (["vestibule", "migrate"], ["bench.booking_fill", "--past", str(past)]):
            subprocess.run([sys.executable, "-m", *words], env=settings, check=True, stdout=subprocess.DEVNULL)
        with serving(settings) as running:
            yield running


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[Measured]:
    """Serve a folder that is filled, on a free port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "vestibule", "web", "--port", str(port)], env=settings)
    try:
        origin = f"http://127.0.0.1:{port}"
        _wait_until_ready(origin)
        yield Measured(origin, process.pid)
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_ready(origin: str) -> None:
    for _attempt in range(600):
        try:
            if httpx.get(origin + "/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(origin)
