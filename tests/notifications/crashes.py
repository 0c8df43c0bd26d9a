"""Workers that are killed or stopped while they send, and real gateways that count what they are told.

`python -m tests.notifications.crashes MESSAGES LEASE` is the process the workers are forked from: it does as it is told
on its standard input, so that who counts knows what came before and after.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import put_tables

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope

ROOT = Path(__file__).parents[2]
SECONDS_EACH = 0.02
PATIENCE = 120.0
LONG_LEASE = 60.0
"""Seconds: whoever works keeps what they have, also where the machine stands still for a while."""


class Hold:
    """Lets the mail server fall silent once a few mails have come, so that a worker is stopped at a known moment.

    With the `begun` nobody's mail is between the worker and the server: those under way are through, the others are at
    their first line. A `taken` one is there and has no answer. At `any` moment the server is not silent at all.
    """

    def __init__(self) -> None:
        self.when, self.after = "", 10
        self.is_reached, self.is_stopped, self.is_over = (threading.Event() for _ in range(3))
        self.under_way: set[object] = set()

    async def begun(self, mails: int, session: object) -> None:
        """Be silent at the first line of a mail, unless it comes when the worker stands still: then it is another's."""
        if mails >= self.after and self.when == "any":
            self.is_reached.set()
        if mails >= self.after and self.when == "begun" and not self.is_stopped.is_set():
            await self._silence(lambda: not self.under_way)
        self.under_way.add(session)

    async def taken(self, mails: int, session: object) -> None:
        """Be silent about one mail that is there."""
        if mails >= self.after and self.when == "taken" and not self.is_reached.is_set():
            await self._silence(lambda: True)
        self.under_way.discard(session)

    async def _silence(self, is_moment: Callable[[], bool]) -> None:
        while not self.is_over.is_set():
            if is_moment():
                self.is_reached.set()
            await asyncio.sleep(0.01)


@dataclass
class Told:
    """What the gateways were told, by message; `repeats` are those told again after the crash of that number."""

    texts: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    crash: int = 0
    repeats: Counter[int] = field(default_factory=Counter)
    since_resumed: int = 0
    hold: Hold = field(default_factory=Hold)
    lines: int = 0  # open to the mail server
    _last: dict[str, int] = field(default_factory=dict)

    def mail(self, ref: str) -> None:
        self.mails[ref] += 1
        if self.mails[ref] > 1:
            self.repeats[self._last[ref]] += 1
        self._last[ref] = self.crash
        self.since_resumed += 1

    def text(self, ref: str) -> None:
        self.texts[ref] += 1


class _Gateways:
    """An SMTP server, which knows no keys, and an HTTP gateway, which does; both take a moment for each message."""

    def __init__(self, told: Told) -> None:
        self.told = told

    async def handle_MAIL(
        self, server: object, session: object, envelope: "Envelope", address: str, options: list[str]
    ) -> str:
        await self.told.hold.begun(len(self.told.mails), session)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 go on"

    async def handle_DATA(self, server: object, session: object, envelope: "Envelope") -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        head = content.partition(b"\r\n\r\n")[0]
        [ref] = [line.split(b"<")[1] for line in head.split(b"\r\n") if line.startswith(b"Message-ID")]
        self.told.mail(ref.decode())
        await self.told.hold.taken(len(self.told.mails), session)
        return "250 taken"

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                named = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
                body = json.loads(await reader.readexactly(int(named[b"content-length"])))
                assert body["id"] == named[b"idempotency-key"].decode()
                self.told.text(body["id"])
                await asyncio.sleep(SECONDS_EACH)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@contextmanager
def gateways() -> Iterator[tuple[Told, dict[str, str]]]:
    """Run both gateways in a thread; yields what they are told, and the settings that lead to them."""
    from aiosmtpd.smtp import SMTP

    told, loop, ports, ready = Told(), asyncio.new_event_loop(), list[int](), threading.Event()

    class Counted(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            told.lines += 1
            super().connection_made(transport)

        def eof_received(self) -> bool:
            super().eof_received()
            return False  # whoever was there was killed: the line is closed here, too

        def connection_lost(self, error: Exception | None) -> None:
            told.hold.under_way.discard(self.session)
            super().connection_lost(error)
            told.lines -= 1

    async def both() -> None:
        sink = _Gateways(told)
        smtp = await loop.create_server(lambda: Counted(sink, hostname="gateway"), "127.0.0.1", 0)
        http = await asyncio.start_server(sink.http, "127.0.0.1", 0)
        ports.extend(server.sockets[0].getsockname()[1] for server in (smtp, http))
        ready.set()

    loop.create_task(both())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    settings = {
        "VESTIBULE_EMAIL_URL": f"smtp://127.0.0.1:{ports[0]}",
        "VESTIBULE_SMS_URL": f"http://127.0.0.1:{ports[1]}/",
    }
    try:
        yield told, settings
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


class Driver:
    """The process that workers are forked from; `lease` in seconds is that of the first, others have a long one.

    With the one that is killed, its leases end.
    """

    def __init__(self, environment: dict[str, str], messages: int, lease: float) -> None:
        command = [sys.executable, "-m", "tests.notifications.crashes", str(messages), str(lease)]
        self._process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ask("begin")

    def ask(self, what: str) -> dict[str, int]:
        """Have one thing done and return what is said to it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        said: dict[str, int] = json.loads(self._process.stdout.readline())
        return said

    def close(self) -> None:
        """End it and all workers."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)


@contextmanager
def driver(settings: dict[str, str], folder: Path, messages: int, lease: float) -> Iterator[Driver]:
    """Run a driver with a database of its own that holds so many due messages, half of them mails."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
    own = {"DJANGO_SETTINGS_MODULE": "vestibule.settings", "VESTIBULE_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    put_tables(folder)
    made = Driver({**clean, **own, **settings}, messages, lease)
    try:
        yield made
    finally:
        made.close()


def kill_again_and_again(folder: Path, kills: int, messages: int) -> Told:
    """Kill the only worker `kills` times while it sends, let the last one finish, and return what gateways heard."""
    dice = random.Random(kills)
    with gateways() as (told, settings), driver(settings, folder, messages, LONG_LEASE) as workers:
        for number in range(kills):
            before = _heard(told)
            workers.ask("start")
            _wait(partial(_has_heard_more, told, before), "nothing was left to be sent when it was to be killed")
            time.sleep(dice.uniform(0, 0.05))
            workers.ask("kill")
            _wait(lambda: not told.lines, "what was written to the sockets is read to its end")
            told.crash = number + 1
        workers.ask("start")
        _finish(workers, messages)
    return told


def stop_and_resume(folder: Path, seconds: float, lease: float, messages: int, when: str = "taken") -> Told:
    """Stop one of two workers for `seconds` when `Hold` says, and return what gateways heard.

    It is resumed when the other has sent everything; `since_resumed` counts the mails heard from then on.
    """
    with gateways() as (told, settings), driver(settings, folder, messages, lease) as workers:
        told.hold.when = when
        workers.ask("start")
        assert told.hold.is_reached.wait(PATIENCE), "nothing was sent when it was to be stopped"
        workers.ask("stop")
        told.hold.is_stopped.set()
        stopped_at = time.monotonic()
        workers.ask("start")
        _finish(workers, messages)
        time.sleep(max(seconds - (time.monotonic() - stopped_at), 0))
        told.since_resumed = 0
        workers.ask("resume")
        told.hold.is_over.set()
        time.sleep(2)
    return told


def _heard(told: Told) -> int:
    return sum(told.mails.values()) + sum(told.texts.values())


def _has_heard_more(told: Told, than: int) -> bool:
    return _heard(told) > than


def _wait(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, what
        time.sleep(0.002)


def _finish(workers: Driver, messages: int) -> None:
    until = time.monotonic() + PATIENCE
    while workers.ask("states").get("done", 0) < messages:
        assert time.monotonic() < until, "messages are lost"
        time.sleep(0.2)


def main(messages: int, lease: float) -> None:
    """Do what is asked for, line by line."""
    import django

    django.setup()
    from django.db import connections

    from tests.notifications.letters import queue
    from vestibule.notifications.models import OutboxMessage
    from vestibule.store.transactions import writing

    children: list[int] = []
    for line in sys.stdin:
        match line.strip():
            case "begin":
                with writing():
                    for number in range(messages // 2):
                        queue(to=f"jo{number}@example.org")
                        queue(channel="sms", to=f"+44770090{number:04}")
            case "start":
                connections.close_all()
                if (child := os.fork()) == 0:
                    _work(timedelta(seconds=LONG_LEASE if children else lease))
                children.append(child)
            case "kill":
                os.kill(children[-1], signal.SIGKILL)
                os.waitpid(children.pop(), 0)
                with writing():  # as time does
                    OutboxMessage.objects.filter(state="leased").update(leased_until=datetime.now(UTC))
            case "stop":
                _stop(children[0])
            case "resume":
                os.kill(children[0], signal.SIGCONT)
        print(json.dumps(Counter(OutboxMessage.objects.values_list("state", flat=True))), flush=True)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _stop(child: int) -> None:
    """Stop a process while it is not writing: SQLite has one writer, and would wait for it for as long."""
    import sqlite3

    from django.conf import settings

    while True:
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)  # until all its threads stand still: one might begin to write meanwhile
        try:
            with sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0, isolation_level=None) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            os.kill(child, signal.SIGCONT)
            time.sleep(0.003)


def _work(lease: timedelta) -> None:
    """Send what is due, as a process of its own; never returns."""
    from vestibule.notifications import gateways, senders, worker

    worker.REAP_SECONDS = 0.1
    senders.HURRIED_SECONDS = 5.0  # both gateways are quick; that a busy machine makes them slow is not what is asked
    stop, carriers = threading.Event(), gateways.configured()
    threads = [
        threading.Thread(target=worker.Worker(channel, carriers, lease=lease).run, args=(stop,))
        for channel in ("email", "sms")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
