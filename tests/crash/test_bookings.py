"""The server is killed while two hundred people book. Whoever was told yes is booked, once; nobody is half booked."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import pytest

from tests.invariants import broken_in
from tests.servers import RunningServer, running_server

pytestmark = [pytest.mark.crash, pytest.mark.slow]

BUSINESS, SERVICE = "lakeside-clinic", "first-visit"
BOOKINGS, CLIENTS = 200, 8
KILLED_AFTER = (60, 130)
Json = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """One booking somebody wants, with the key that says that a repetition is the same booking."""

    number: int
    start: str
    provider: str

    @property
    def body(self) -> Json:
        consumer = {"name": f"Guest {self.number}", "email": f"guest{self.number}@example.org", "phone": "+41795550111"}
        answers = {"reason": "A cough.", "consent": True}
        return {
            "service": SERVICE,
            "start": self.start,
            "provider": self.provider,
            "consumer": consumer,
            "answers": answers,
        }


@dataclass
class Crowd:
    """Several clients that book one wish after the other until none is left, or the server is gone."""

    origin: str
    key: str
    wishes: "Queue[Wanted]" = field(default_factory=Queue)
    told: dict[int, Json] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    unanswered: list[Wanted] = field(default_factory=list)
    kill_after: int = BOOKINGS + 1
    enough: threading.Event = field(default_factory=threading.Event)

    def book_all(self, server: RunningServer) -> None:
        """Book what is left; kill the server as soon as `kill_after` bookings are acknowledged."""
        self.enough.clear()
        threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if self.enough.wait(0.02):
                server.kill()
                break
        for thread in threads:
            thread.join(60)
        for wish in self.unanswered:
            self.wishes.put(wish)
        self.unanswered.clear()

    def _work(self) -> None:
        with httpx.Client(base_url=self.origin, headers={"Authorization": f"Bearer {self.key}"}, timeout=30) as client:
            while not self.enough.is_set():
                try:
                    wish = self.wishes.get_nowait()
                except Empty:
                    return
                if not self._book(client, wish):
                    return

    def _book(self, client: httpx.Client, wish: Wanted) -> bool:
        headers = {"Idempotency-Key": f"crash-{wish.number}"}
        try:
            answer = client.post(f"/api/v1/businesses/{BUSINESS}/appointments", json=wish.body, headers=headers)
        except httpx.TransportError:
            self.unanswered.append(wish)
            return False
        if answer.status_code != 201:
            self.unexpected.append(f"{wish}: {answer.status_code} {answer.text}")
            return True
        self.told[wish.number] = answer.json()
        if len(self.told) >= self.kill_after:
            self.enough.set()
        return True


def free_times(origin: str, most: int) -> Iterator[Wanted]:
    """Starts of different providers, spread so that no two are the same person's."""
    found = 0
    with httpx.Client(base_url=f"{origin}/api/v1/businesses/{BUSINESS}", timeout=30) as client:
        providers = [one["slug"] for one in client.get("/providers").raise_for_status().json()["providers"]]
        since = datetime.now(UTC) + timedelta(days=3)
        span = {"from": f"{since:%Y-%m-%dT00:00:00Z}", "to": f"{since + timedelta(days=7):%Y-%m-%dT00:00:00Z}"}
        for provider in providers:
            query = {"service": SERVICE, "provider": provider, **span}
            slots = client.get("/slots", params=query).raise_for_status().json()["slots"]
            for slot in slots[::2]:  # half an hour each, offered every quarter
                yield Wanted(found, slot["start"], provider)
                found += 1
                if found == most:
                    return


def stored(origin: str, key: str) -> list[Json]:
    """Every appointment of the business, by the API, page by page."""
    rows: list[Json] = []
    cursor: str | None = None
    with httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        while True:
            query = {"cursor": cursor} if cursor else {}
            page = client.get("/api/v1/appointments", params=query).raise_for_status().json()
            rows += page["appointments"]
            cursor = page.get("next")
            if not cursor:
                return rows


def crashes(folder: Path, env: dict[str, str]) -> None:
    """Book while the server is killed twice, then look at what is there."""
    crowd: Crowd | None = None
    for kill_after in (*KILLED_AFTER, BOOKINGS + 1):
        with running_server(folder, env=env) as server:
            if crowd is None:
                key = json.loads((folder / "demo.json").read_text())["businesses"][0]["api_key"]
                crowd = Crowd(server.origin, key)
                for wish in free_times(server.origin, BOOKINGS):
                    crowd.wishes.put(wish)
                assert crowd.wishes.qsize() == BOOKINGS
            crowd.origin, crowd.kill_after = server.origin, kill_after
            crowd.book_all(server)
    assert crowd is not None
    assert crowd.unexpected == []
    assert len(crowd.told) == BOOKINGS, "a repetition with the same key completes what got no answer"
    with running_server(folder, env=env) as server:
        rows = stored(server.origin, crowd.key)
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == len(rows) == BOOKINGS + 3, "each is there exactly once, besides the demonstration's three"
    for told in crowd.told.values():
        row = by_id[told["id"]]
        assert (row["start"], row["end"], row["status"]) == (told["start"], told["end"], "booked")
    assert broken_in(folder, env) == []


def test_every_booking_that_was_acknowledged_survives_on_the_embedded_database(tmp_path: Path) -> None:
    crashes(tmp_path, {})


@pytest.mark.postgres
def test_every_booking_that_was_acknowledged_survives_on_postgresql(tmp_path: Path, migrated_url: str) -> None:
    crashes(tmp_path, {"VESTIBULE_DATABASE_URL": migrated_url})
