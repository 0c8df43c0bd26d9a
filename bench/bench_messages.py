"""10,000 reminders due in one minute, handed over while bookings go on.

Half are mails to a stand-in SMTP server on the loopback, half text messages to a stand-in HTTP gateway there that needs
50 ms for each; both run in a process of their own. The worker is the product's own, as is the web process that takes
bookings; all on SQLite with its default durability.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from uuid import uuid4

import httpx

from bench import Row
from bench.booking_server import serving
from bench.messages_gateways import FILL, GIVE_UP_SECONDS, REMINDERS, clean_environment, gateways
from bench.processes import cpu_seconds

BOOKINGS_EACH_SECOND = 5.0
QUIET_SECONDS = 30.0


class Booker(threading.Thread):
    """Books at an even pace, as people do, whatever the server takes; `seconds` is what each booking took."""

    def __init__(self, origin: str, starts: Iterator[str]) -> None:
        super().__init__(daemon=True)
        self.seconds: list[float] = []
        self._address, self._starts = f"{origin}/api/v1/businesses/rush/appointments", starts
        self._over = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=60) as client:
            due = time.perf_counter()
            while not self._over.is_set():
                self._book(client)
                due += 1 / BOOKINGS_EACH_SECOND
                time.sleep(max(due - time.perf_counter(), 0))

    def _book(self, client: httpx.Client) -> None:
        who = {"name": "Consumer", "email": f"{uuid4().hex}@example.org", "phone": "+41795550111"}
        body = {"service": "visit", "start": next(self._starts), "consumer": who}
        began = time.perf_counter()
        answer = client.post(self._address, json=body, headers={"Idempotency-Key": uuid4().hex})
        self.seconds.append(time.perf_counter() - began)
        assert answer.status_code == 201, answer.text

    def end(self) -> list[float]:
        """Stop booking and return the seconds of each."""
        self._over.set()
        self.join(60)
        return self.seconds


def run() -> list[Row]:
    """Book without messages, then with; the worker starts when 10,000 are due."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder, gateways() as (addresses, mails, texts):
        settings = {**clean_environment(), "VESTIBULE_DATA": folder}
        for words in (["vestibule", "migrate"], ["bench.booking_fill"]):
            subprocess.run([sys.executable, "-m", *words], env=settings, check=True, stdout=subprocess.DEVNULL)
        with serving(settings) as running:
            starts = iter(_starts(running.origin))
            alone = _booked(running.origin, starts)
            fill = {**settings, "DJANGO_SETTINGS_MODULE": "vestibule.settings"}
            subprocess.run([sys.executable, "-c", FILL.replace("COUNT", str(REMINDERS))], env=fill, check=True)
            with _worker({**settings, **addresses}) as worker:
                booker, spent = Booker(running.origin, starts), cpu_seconds(worker)
                booker.start()
                seconds = _until(lambda: mails.value + texts.value >= REMINDERS)
                spent = cpu_seconds(worker) - spent
                beside = booker.end()
    unhurt, hurt = _p95(alone), _p95(beside)
    return [
        Row("10,000 due reminders handed over while bookings go on", seconds, "s", 60.0, note="stand-ins on loopback"),
        Row("worker CPU per 1,000 messages", spent / REMINDERS * 1000, "s"),
        Row("booking without messages, 95 %", unhurt * 1000, "ms", note=f"{len(alone)} bookings"),
        Row("booking beside messages, 95 %", hurt * 1000, "ms", unhurt * 1200, note=f"{len(beside)} bookings"),
        Row("reminders handed over more or less than once", abs(mails.value + texts.value - REMINDERS), "messages", 0),
    ]


def _booked(origin: str, starts: Iterator[str]) -> list[float]:
    warm = Booker(origin, starts)
    warm.start()
    time.sleep(5)
    warm.end()
    booker = Booker(origin, starts)
    booker.start()
    time.sleep(QUIET_SECONDS)
    return booker.end()


@contextmanager
def _worker(environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "vestibule", "worker"], env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _until(is_so: Callable[[], bool]) -> float:
    """Return the seconds until something is so, process start included."""
    began = time.monotonic()
    while not is_so() and time.monotonic() - began < GIVE_UP_SECONDS:
        time.sleep(0.02)
    return time.monotonic() - began


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _starts(origin: str) -> list[str]:
    since = (datetime.now(UTC) + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    span = {"from": since.isoformat(), "to": (since + timedelta(days=30)).isoformat()}
    answer = httpx.get(f"{origin}/api/v1/businesses/rush/slots", params={"service": "visit", **span}, timeout=60)
    return [slot["start"] for slot in answer.raise_for_status().json()["slots"] for _one in slot["providers"][:10]]
