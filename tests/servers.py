"""The real server as people run it: `vestibule serve` as a process of its own, on a free port."""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

import django
import httpx

ROOT = Path(__file__).parents[1]
DATABASE = "vestibule.sqlite3"
READY_WITHIN = 300.0


@dataclass(frozen=True)
class RunningServer:
    """Where a server answers, its process, and the folder its data and its log (`server.log`) are in."""

    origin: str
    port: int
    process: "subprocess.Popen[bytes]"
    data: Path

    def move_clock(self, **change: str | int) -> None:
        """Move the product's now: `advance_seconds=3600`, or `set="2026-03-02T09:00:00Z"`. Needs the test clock."""
        httpx.post(f"{self.origin}/dev/clock", json=change, timeout=60).raise_for_status()

    def outbox(self) -> list[dict[str, object]]:
        """Every message kept in the outbox, as `/dev/outbox.json` shows them."""
        kept: list[dict[str, object]] = (
            httpx.get(f"{self.origin}/dev/outbox.json", timeout=60).raise_for_status().json()
        )
        return kept

    def command(self, *words: str) -> str:
        """Run another `vestibule` command on the same data and return what it printed."""
        return run_vestibule(*words, data=self.data, public_url=self.origin).stdout

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait(10)


def _ports_in_turn() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw") or 0)
    first = 20_000 + worker % 12 * 1_000
    start = secrets.randbelow(1_000)
    return cycle([first + (start + number) % 1_000 for number in range(1_000)])


_PORTS = _ports_in_turn()


def free_port() -> int:
    """Return a port of this machine that nobody uses, neither for TCP nor for UDP.

    Each worker has a thousand of its own, below those that the system gives to connections: what is free now is taken
    neither by one of them nor by another worker's test before a server has it.
    """
    return next(port for port in _PORTS if _is_free(port))


def listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until a process of the test's own takes connections at a port; False if it ends, or never does."""
    until = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        time.sleep(0.05)
    return False


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                return False
    return True


def run_vestibule(
    *words: str, data: Path, public_url: str = "", env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run one `vestibule` command to its end, on the data in `data`."""
    return run_module(
        "vestibule", *words, data=data, env={"VESTIBULE_PUBLIC_URL": public_url, **(env or {})}, check=False
    )


def run_module(
    module: str, *words: str, data: Path, env: dict[str, str] | None = None, check: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Run a Python module to its end with the product's settings, on the data in `data`.

    Raises RuntimeError with what it said when it fails, unless `check` is off.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=_environment(data, env or {}),
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
        check=False,
    )
    if check and done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
    return done


@contextmanager
def running_server(
    folder: Path,
    *,
    demo: bool = True,
    test_clock: bool = True,
    port: int | None = None,
    tls_port: int | None = None,
    command: str = "serve",
    env: dict[str, str] | None = None,
    from_nothing: bool = False,
) -> Iterator[RunningServer]:
    """Start `vestibule serve` on a free port with its data in `folder`; stop it at the end.

    An empty folder gets a database with every table and no row, as making one takes seconds; `from_nothing` leaves
    that to the server. Raises RuntimeError with the end of its log when it is not ready within five minutes.
    """
    port = port or free_port()
    words = [command, "--port", str(port), *(["--demo"] if demo else []), *(["--test-clock"] if test_clock else [])]
    words += ["--tls-port", str(tls_port)] if tls_port else []
    folder.mkdir(parents=True, exist_ok=True)
    if not from_nothing and "VESTIBULE_DATABASE_URL" not in (env or {}):
        put_tables(folder)
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "vestibule", *words],
            env=_environment(folder, {"VESTIBULE_PUBLIC_URL": f"http://localhost:{port}", **(env or {})}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = RunningServer(f"http://localhost:{port}", port, process, folder)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        _stop(process)


def put_tables(folder: Path) -> None:
    """Put a database with every table and no row into a data folder that has none, and need not be there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / DATABASE).exists():
        shutil.copy(empty_database(), folder / DATABASE)


@cache
def empty_database() -> Path:
    """Where one is kept that `vestibule migrate` made, for whoever shares the temporary folder; by what it did."""
    done = hashlib.sha256(django.__version__.encode())
    for what in ("migrations/*.py", "guards.py"):
        for path in sorted((ROOT / "src").rglob(what)):
            done.update(path.read_bytes())
    kept = Path(tempfile.gettempdir()) / f"vestibule-empty-{os.getuid()}-{done.hexdigest()[:24]}.sqlite3"
    with kept.with_suffix(".lock").open("w") as turn:  # workers that begin at once want it at once
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not kept.exists():
            with tempfile.TemporaryDirectory() as folder:
                run_module("vestibule", "migrate", data=Path(folder))
                made = Path(shutil.copy(Path(folder) / DATABASE, kept.with_suffix(f".{os.getpid()}")))
                made.rename(kept)
    return kept


def _environment(data: Path, more: dict[str, str]) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
    given = {name: text for name, text in more.items() if text}
    return {**inherited, "VESTIBULE_DATA": str(data), "PYTHONUNBUFFERED": "1", **given}


def _wait_until_ready(server: RunningServer) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if httpx.get(f"{server.origin}/readyz", timeout=10).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    log = (server.data / "server.log").read_text("utf-8", errors="replace")
    raise RuntimeError(f"the server did not become ready:\n{log[-3000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
