"""A server with the businesses of `scheduling_fill`, and what its everyday requests cost it."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx

from bench.booking_server import Measured, serving
from bench.scheduling_work import Work
from vestibule.store.clock import to_minute


@dataclass(frozen=True)
class Served:
    """A running server; `sizes` are its businesses."""

    running: Measured
    sizes: Sequence[int]
    password: str

    def month(self, size: int, work: Work, *, times: int) -> float:
        """CPU milliseconds of one answer to `work`; each request begins a minute earlier, so none can be kept."""
        with httpx.Client(timeout=120) as client:
            self._slots(client, size, work, 0)
            with self.running.cpu() as spent:
                for number in range(times):
                    self._slots(client, size, work, number)
        return spent[0] / times * 1000

    def starts(self, size: int, work: Work) -> dict[int, list[int]]:
        """Each provider's starts as the HTTP answer tells them, as UTC minutes."""
        found: dict[int, list[int]] = {number: [] for number in range(size)}
        with httpx.Client(timeout=120) as client:
            for slot in self._slots(client, size, work, 0).json()["slots"]:
                start = to_minute(datetime.fromisoformat(slot["start"]))
                for name in slot["providers"]:
                    found[int(name.removeprefix("p-"))].append(start)
        return found

    def bookings(self, size: int, times: int) -> float:
        """CPU milliseconds of one booking of a free start, with whoever is free."""
        address = f"{self.running.origin}/api/v1/businesses/of-{size}/appointments"
        since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        query = {"service": "visit", "from": since.isoformat(), "to": (since + timedelta(days=14)).isoformat()}
        with httpx.Client(timeout=120) as client:
            answer = client.get(f"{address.rpartition('/')[0]}/slots", params=query).raise_for_status()
            starts = [slot["start"] for slot in answer.json()["slots"]] * times
            numbers = count()

            def book() -> None:
                number = next(numbers)
                consumer = {"name": "B", "email": f"{uuid4().hex}@example.org", "phone": "+41795550111"}
                body = {"service": "visit", "start": starts[number], "consumer": consumer}
                client.post(address, json=body, headers={"Idempotency-Key": uuid4().hex}).raise_for_status()

            for _ in range(5):
                book()
            with self.running.cpu() as spent:
                for _ in range(times):
                    book()
        return spent[0] / times * 1000

    def listing(self, times: int) -> float:
        """CPU milliseconds of the list of appointments: what comes, and what is past, the latest first."""
        return self._pages(["/manage/appointments?when=coming", "/manage/appointments?when=past"] * (times // 2))

    def reports(self, times: int) -> float:
        """CPU milliseconds of the reports on the last thirty days: every row of the history is in them."""
        return self._pages(["/manage/reports"] * times)

    def _pages(self, addresses: Sequence[str]) -> float:
        """CPU milliseconds of a page, read by a manager who has signed in and read it before."""
        with httpx.Client(timeout=120, base_url=self.running.origin, follow_redirects=True) as client:
            page = client.get("/signin").raise_for_status().text
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            assert token is not None
            given = {"login": "manager@bench.example", "password": self.password, "csrfmiddlewaretoken": token[1]}
            client.post("/signin", data=given).raise_for_status()
            client.get(addresses[0]).raise_for_status()
            with self.running.cpu() as spent:
                for address in addresses:
                    client.get(address).raise_for_status()
        return spent[0] / len(addresses) * 1000

    def _slots(self, client: httpx.Client, size: int, work: Work, earlier: int) -> httpx.Response:
        since = work.since - timedelta(minutes=earlier)
        span = {"from": since.isoformat(), "to": work.until.isoformat()}
        address = f"{self.running.origin}/api/v1/businesses/of-{size}/slots"
        return client.get(address, params={"service": "visit", **span}).raise_for_status()


@contextmanager
def served(sizes: Sequence[int], *, past: int = 0, customers: int = 1) -> Iterator[Served]:
    """Make the businesses in a folder of their own and serve them on a free port."""
    password = secrets.token_urlsafe(18)
    words = ["--past", str(past), "--customers", str(customers), "--password", password]
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        settings = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
        settings |= {"VESTIBULE_DATA": folder}
        for command in (["vestibule", "migrate"], ["bench.scheduling_fill", *words, "--sizes", *map(str, sizes)]):
            subprocess.run([sys.executable, "-m", *command], env=settings, check=True, stdout=subprocess.DEVNULL)
        with serving(settings) as running:
            yield Served(running, sizes, password)
