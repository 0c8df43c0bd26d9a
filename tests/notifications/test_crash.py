"""A worker's process is killed while it sends; others go on. Nothing is lost, and no key is acted upon twice."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.notifications import crashes
from tests.servers import put_tables

MESSAGES = 200
FILL = """
import django
django.setup()
from tests.notifications.letters import queue
for number in range({messages}):
    queue(channel="sms", to=f"+44770090{{number:04}}")
"""
STATES = """
import django
django.setup()
from collections import Counter
from vestibule.notifications.models import OutboxMessage
print(__import__("json").dumps(Counter(OutboxMessage.objects.values_list("state", flat=True))))
"""


class Gateway:
    """Takes each key once, as real gateways do, and counts how often it was told."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.url = ""


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a gateway that takes a moment for each message."""
    made = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert body["id"] == self.headers["Idempotency-Key"]
            with made.lock:
                made.told[body["id"]] += 1
            time.sleep(0.05)
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation of the test's own."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
    own = {
        "DJANGO_SETTINGS_MODULE": "vestibule.settings",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "VESTIBULE_DATA": str(tmp_path),
    }
    if request.param == "postgres":
        own["VESTIBULE_DATABASE_URL"] = request.getfixturevalue("migrated_url")
    else:
        put_tables(tmp_path)
    return {**clean, **own}


def python(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def worker(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", "vestibule", "worker"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def has_told(sms: Gateway, so_many: int) -> bool:
    return len(sms.told) >= so_many


def soon(is_so: Callable[[], bool], within: float) -> bool:
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.crash
@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_repeats_nothing(environment: dict[str, str]) -> None:
    with gateway() as sms:
        environment = {**environment, "VESTIBULE_SMS_URL": sms.url}
        python(FILL.format(messages=MESSAGES), environment)
        for so_many in (20, 90):
            with worker(environment) as process:
                assert soon(partial(has_told, sms, so_many), 300)
                process.kill()
        with worker(environment):
            assert soon(lambda: len(sms.told) == MESSAGES, 300), f"{MESSAGES - len(sms.told)} messages lost"
            states = {"done": MESSAGES}
            assert soon(lambda: json.loads(python(STATES, environment)) == states, 300)
    # What was in the air when a worker died is handed over again under the same key, which the gateway takes once.
    repeated = sum(times - 1 for times in sms.told.values())
    assert len(sms.told) == MESSAGES
    assert repeated <= 2 * 8, "more was repeated than two workers can have had in the air"


@pytest.mark.crash
def test_of_many_killed_workers_each_repeats_one_mail_at_most(tmp_path: Path) -> None:
    told = crashes.kill_again_and_again(tmp_path, kills=6, messages=400)
    assert (len(told.mails), len(told.texts)) == (200, 200), "messages are lost"
    assert max(told.repeats.values(), default=0) <= 1, f"mails repeated by crash: {told.repeats}"


@pytest.mark.crash
@pytest.mark.parametrize("when", ["begun", "taken", "any"])
def test_a_worker_that_stood_still_for_longer_than_its_lease_sends_nothing_again(when: str, tmp_path: Path) -> None:
    told = crashes.stop_and_resume(tmp_path, seconds=2, lease=1, messages=400, when=when)
    assert (len(told.mails), len(told.texts)) == (200, 200), "messages are lost"
    # No lease can call back what was looked at just before the process stood still, and leaves with its next step.
    assert told.since_resumed <= (1 if when == "any" else 0)
    under_its_key = sum(told.texts.values()) - 200
    assert under_its_key <= 2 * 8, "texts are told again only under their key, and only what one worker had in the air"
    again = sum(told.mails.values()) - 200
    assert again <= 1, "more than the one mail between the worker and the server was sent by the other worker too"
    assert again or when != "taken", "a mail that was taken without an answer has to be sent by the other"
