"""Server CPU of one month of free starts over HTTP, for 1, 20 and 100 providers with 200 busy intervals each."""

from datetime import UTC, datetime, timedelta

import httpx

from bench import Row
from bench.booking_fill import SIZES
from bench.booking_server import Measured, server

BUDGETS = {"one": 1.0, "twenty": 2.0, "hundred": 8.0}
REQUESTS = {"one": 1500, "twenty": 800, "hundred": 300}
PAST = 1_000_000


def run() -> list[Row]:
    """Measure, then again with a million past appointments."""
    with server() as fresh:
        plain = {size: _cost(fresh, size) for size in SIZES}
    with server(past=PAST) as old:
        burdened = {size: _cost(old, size) for size in SIZES}
    rows = [
        Row(f"month of slots, {SIZES[size]} providers", cost, "ms CPU", BUDGETS[size]) for size, cost in plain.items()
    ]
    ratio = sum(burdened.values()) / sum(plain.values())
    return [*rows, Row("the same with a million past appointments", ratio, "×", 1.3)]


def _cost(running: Measured, size: str) -> float:
    """Return server CPU milliseconds per request; every request asks another month, so no answer can be reused."""
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    address = f"{running.origin}/api/v1/businesses/{size}/slots"

    def ask(client: httpx.Client, number: int) -> None:
        since = first + timedelta(minutes=number)
        span = {"from": since.isoformat(), "to": (since + timedelta(days=30)).isoformat()}
        client.get(address, params={"service": "visit", **span}).raise_for_status()

    with httpx.Client(timeout=60) as client:
        for number in range(20):
            ask(client, number)
        with running.cpu() as spent:
            for number in range(REQUESTS[size]):
                ask(client, number)
    return spent[0] / REQUESTS[size] * 1000
