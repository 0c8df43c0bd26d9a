"""A clinic on real server processes, and a crowd that asks for one thing at once."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.db import connections

from tests.invariants import broken_in
from tests.servers import put_tables, run_module, running_server
from vestibule.people.errors import Refusal


@dataclass(frozen=True)
class Request:
    """One request of the crowd."""

    method: str
    address: str
    body: dict[str, Any] | None
    bearer: str = ""
    key: str = ""


@dataclass(frozen=True)
class Clinic:
    """Where the clinic answers: by one process or several."""

    origins: list[str]
    data: Path
    settings: dict[str, str]
    _numbers: list[int] = field(default_factory=lambda: [0])

    def booking(self, service: str, start: str, **more: Any) -> Request:
        """A request of a new consumer to book `start` (RFC 3339), sent to the processes in turn."""
        self._numbers[0] += 1
        number = self._numbers[0]
        consumer = {"name": f"Consumer {number}", "email": f"c{number}@example.org"}
        origin = self.origins[number % len(self.origins)]
        body = {"service": service, "start": start, "consumer": consumer, **more}
        return Request("POST", f"{origin}/api/v1/businesses/clinic/appointments", body)

    def holding(self, service: str, start: str) -> Request:
        """A request of somebody to keep `start` while they fill the form."""
        self._numbers[0] += 1
        origin = self.origins[self._numbers[0] % len(self.origins)]
        return Request("POST", f"{origin}/api/v1/businesses/clinic/holds", {"service": service, "start": start})

    def broken(self) -> list[str]:
        """What is wrong in the database of the clinic."""
        return broken_in(self.data, self.settings)

    def moving(self, appointment: dict[str, Any], start: str) -> Request:
        """A request of the consumer who holds the link to move `appointment` to `start`."""
        self._numbers[0] += 1
        origin = self.origins[self._numbers[0] % len(self.origins)]
        token = appointment["manage_url"].partition("v=")[2]
        address = f"{origin}/api/v1/appointments/{appointment['id']}/reschedule"
        return Request("POST", address, {"start": start}, token)

    def book(self, service: str, start: str, **more: Any) -> dict[str, Any]:
        """Book and return the appointment."""
        answers, _seconds = together([self.booking(service, start, **more)])
        booked: dict[str, Any] = answers[0].raise_for_status().json()
        return booked


@contextmanager
def clinic(folder: Path, *, database_url: str = "", processes: int = 1) -> Iterator[Clinic]:
    """Serve a clinic in which Ada offers for-30, for-45 and for-20, and Ada or Bo anybody. No notice.

    A database that is named has its tables already.
    """
    settings = {"VESTIBULE_DATABASE_URL": database_url}
    (folder / "web").mkdir()
    if not database_url:
        put_tables(folder / "web")
    run_module("tests.booking.fill", data=folder / "web", env=settings)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                running_server(folder / "web", demo=False, test_clock=False, command="web", env=settings)
            )
            for _number in range(processes)
        ]
        yield Clinic([server.origin for server in servers], folder / "web", settings)


def together(requests: Sequence[Request]) -> tuple[list[httpx.Response], float]:
    """Send requests all at once over connections that are open already; return the answers and the seconds taken."""
    clients = [httpx.Client(timeout=30, verify=False) for _request in requests]  # loopback; a CA store each is slow
    try:
        with ThreadPoolExecutor(len(requests)) as pool:
            for client, request in zip(clients, requests, strict=True):
                client.get(request.address.partition("/api/")[0].removesuffix("/healthz") + "/healthz")
            began = time.perf_counter()
            answers = list(pool.map(_send, clients, requests))
        return answers, time.perf_counter() - began
    finally:
        for client in clients:
            client.close()


def outcomes(answers: Sequence[httpx.Response]) -> Counter[str]:
    """Count answers by status, refusals also by code: {"201": 1, "409 slot_taken": 99}."""
    return Counter(
        str(one.status_code) if one.is_success else f"{one.status_code} {one.json()['code']}" for one in answers
    )


def monday_ahead() -> str:
    """The date of a Monday within the booking window."""
    days = int(time.time() // 86400) + 30
    return time.strftime("%Y-%m-%d", time.gmtime((days + (4 - days) % 7) * 86400))


def _send(client: httpx.Client, request: Request) -> httpx.Response:
    headers = {"Authorization": f"Bearer {request.bearer}"} if request.bearer else {}
    headers |= {"Idempotency-Key": request.key} if request.key else {}
    return client.request(request.method, request.address, json=request.body, headers=headers)


Work = Callable[[], object]


def at_once(works: Sequence[Work]) -> list[object]:
    """Do everything at once; return results, or the refusals."""

    def guarded(work: Work) -> object:
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(guarded, works))


def told(outcomes: Sequence[object]) -> Counter[str]:
    """Count what came of it: "done", or the code of the refusal."""
    return Counter(one.code if isinstance(one, Refusal) else "done" for one in outcomes)
