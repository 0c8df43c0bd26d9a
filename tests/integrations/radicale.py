"""A real CalDAV server, Radicale, as a process of its own with its data in a folder of the test."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from passlib.hash import sha256_crypt  # type: ignore[import-untyped]  # has no stubs

from tests.servers import free_port
from vestibule.calendars.ports import Access

USER, PASSWORD = "ada", "open-sesame-4711"


@dataclass
class Radicale:
    """Where it answers, and hands to change its calendars from outside."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/"

    @property
    def access(self) -> Access:
        return Access(self.url, USER, PASSWORD)

    def start(self) -> None:
        """Start it (again), and wait until it answers."""
        config = self.folder / "config"
        users = self.folder / "users"
        if not users.exists():
            users.write_text(f"{USER}:{sha256_crypt.using(rounds=1000).hash(PASSWORD)}\n")
        config.write_text(
            f"[server]\nhosts = {self.host}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {users}\n"
            f"htpasswd_encryption = autodetect\ndelay = 0\n[storage]\nfilesystem_folder = {self.folder / 'data'}\n"
            "[logging]\nlevel = error\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(1_200):
            try:
                httpx.get(self.url, trust_env=False, timeout=60)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("Radicale does not start")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def ask(self, method: str, path: str, content: str = "", **headers: str) -> httpx.Response:
        """Do something as another program of the account's owner would."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = self.url + path.lstrip("/")
        return httpx.request(
            method, address, content=content, headers=named, auth=(USER, PASSWORD), trust_env=False, timeout=60
        )

    def make_calendar(self, name: str = "work") -> str:
        """Make a calendar and return its address."""
        self.ask("MKCALENDAR", f"{USER}/{name}/").raise_for_status()
        return f"{self.url}{USER}/{name}/"

    def store(self, calendar: str, name: str, event: bytes) -> None:
        """Store an event under a name, new or over another."""
        path = calendar.removeprefix(self.url) + f"{name}.ics"
        self.ask("PUT", path, event.decode(), Content_Type="text/calendar").raise_for_status()

    def remove(self, calendar: str, name: str) -> None:
        """Take an entry away."""
        self.ask("DELETE", calendar.removeprefix(self.url) + f"{name}.ics").raise_for_status()

    def entries(self, calendar: str) -> dict[str, str]:
        """Every entry of a calendar, by its name."""
        folder = self.folder / "data" / "collection-root" / calendar.removeprefix(self.url)
        return {path.stem: path.read_text("utf-8") for path in folder.glob("*.ics")}


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """Run a server with one account, `ada`."""
    server = Radicale(folder)
    folder.mkdir(parents=True, exist_ok=True)
    server.start()
    try:
        yield server
    finally:
        server.kill()
