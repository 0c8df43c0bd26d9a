"""What a booking over HTTP costs the server, and how many it takes a second: outbox, audit, idempotency included."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx

from bench import Row
from bench.booking_server import Measured, server

BOOKINGS = 1000
CLIENTS = 8


def run() -> list[Row]:
    """Book from eight clients at once, each start of forty providers once; then refuse taken ones."""
    with server() as running:
        address = f"{running.origin}/api/v1/businesses/rush/appointments"
        starts = _starts(running, BOOKINGS + 100)
        _all(address, starts[:100])
        with running.cpu() as spent:
            _all(address, starts[100:])
        full = [starts[0][:10] + "T09:00:00Z"] * 40
        _all(address, full, accept=(201, 409))
        with running.cpu() as refused:
            _all(address, full * 10, accept=(409,))
    return [
        Row("booking", spent[0] / BOOKINGS * 1000, "ms CPU", 5.0),
        Row("bookings", BOOKINGS / spent[1], "/s", 150.0, more_is_better=True, note=f"{CLIENTS} clients, one process"),
        Row("refusing a taken start", refused[0] / 400 * 1000, "ms CPU"),
    ]


def _starts(running: Measured, most: int) -> list[str]:
    """Return free starts of the coming weeks, each no more often than there are providers."""
    since = (datetime.now(UTC) + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
    span = {"from": since.isoformat(), "to": (since + timedelta(days=30)).isoformat()}
    answer = httpx.get(
        f"{running.origin}/api/v1/businesses/rush/slots", params={"service": "visit", **span}, timeout=60
    )
    found = [slot["start"] for slot in answer.raise_for_status().json()["slots"] for _one in slot["providers"][:10]]
    assert len(found) >= most
    return found[:most]


def _all(address: str, starts: list[str], *, accept: tuple[int, ...] = (201,)) -> None:
    """Book all `starts`, from several clients at once."""
    numbers, local = count(), threading.local()

    def one(start: str) -> None:
        if not hasattr(local, "client"):
            local.client = httpx.Client(timeout=60)
        number = next(numbers)
        consumer = {"name": f"Consumer {number}", "email": f"{uuid4().hex}@example.org", "phone": "+41795550111"}
        body = {"service": "visit", "start": start, "consumer": consumer}
        answer = local.client.post(address, json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code in accept, answer.text

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, starts))
