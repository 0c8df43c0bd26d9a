"""10,000 reminders due in the same minute, and stand-in gateways in a process of their own that take them.

Half are mails to an SMTP server on the loopback, half text messages to an HTTP gateway there that needs 50 ms for each.
"""

import asyncio
import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from typing import Any

REMINDERS = 10_000
GATEWAY_SECONDS = 0.05
GIVE_UP_SECONDS = 300.0
FILL = """
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
call_command("migrate", verbosity=0)
from vestibule.notifications.facts import AppointmentFacts, Kind
from vestibule.notifications.outbox import Message, enqueue_all
from vestibule.notifications.models import MessageRules
from vestibule.people.models import Business
from vestibule.people import links
from vestibule.store import clock
from vestibule.store.transactions import writing

now = clock.now()
business = Business.objects.create(slug="lakeside-clinic", name="Lakeside Clinic", timezone="Europe/Zurich")
MessageRules.objects.create(business=business, quiet_from=0, quiet_to=0, sms_per_day=COUNT, sms_per_prefix=COUNT)
start = clock.to_minute(now) + 60
def message(number, channel):
    ref = f"reminder{number:08}"
    purpose = links.Purpose.VISIT
    link = links.issue(business_id=business.pk, purpose=purpose, role="consumer", subject=ref,
                       expires_at=now + timedelta(days=1))
    facts = AppointmentFacts(
        appointment=ref, version=0, business_slug=business.slug, business_name=business.name,
        business_timezone=business.timezone, business_phone="+41 44 555 01 00", service="First visit",
        provider="Dr Ada Blum", provider_timezone="Europe/Zurich", consumer=f"Jo Smith {number}",
        start_minute=start, end_minute=start + 30, visit_link=link.pk, manage_link=link.pk,
    )
    to = f"jo{number}@example.org" if channel == "email" else f"+4477{number:08}"
    return Message(key=f"{ref}:{channel}", business_id=business.pk, subject_ref=ref, kind=Kind.REMINDER,
                   channel=channel, to=to, to_name=facts.consumer, language="en", timezone="Europe/London",
                   facts=facts, due_at=now, not_after=now + timedelta(hours=1))
for first in range(0, COUNT, 500):
    with writing():
        enqueue_all([message(n, "email" if n % 2 else "sms") for n in range(first, first + 500)])
"""


class _Sink:
    """Counts the reminders both gateways take; what bookings say meanwhile is taken too."""

    def __init__(self, mails: "Synchronized[int]", texts: "Synchronized[int]") -> None:
        self.mails, self.texts = mails, texts

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("jo"):
            with self.mails.get_lock():
                self.mails.value += 1
        return "250 taken"

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                told = json.loads(await reader.readexactly(length))
                await asyncio.sleep(GATEWAY_SECONDS)
                if told["to"].startswith("+4477"):
                    with self.texts.get_lock():
                        self.texts.value += 1
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _serve(
    mails: "Synchronized[int]", texts: "Synchronized[int]", ports: "multiprocessing.Queue[tuple[int, int]]"
) -> None:
    from aiosmtpd.smtp import SMTP

    os.nice(10)  # gateways are other machines: what they take of this one must not slow down who books

    async def both() -> None:
        sink = _Sink(mails, texts)
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: SMTP(sink, hostname="bench"), "127.0.0.1", 0)
        http = await asyncio.start_server(sink.http, "127.0.0.1", 0)
        ports.put((smtp.sockets[0].getsockname()[1], http.sockets[0].getsockname()[1]))
        await asyncio.Event().wait()

    asyncio.run(both())


@contextmanager
def gateways() -> Iterator[tuple[dict[str, str], "Synchronized[int]", "Synchronized[int]"]]:
    spawn = multiprocessing.get_context("spawn")
    mails, texts = spawn.Value("i", 0), spawn.Value("i", 0)
    ports: multiprocessing.Queue[tuple[int, int]] = spawn.Queue()
    process = spawn.Process(target=_serve, args=(mails, texts, ports), daemon=True)
    process.start()
    smtp, http = ports.get(timeout=30)
    settings = {
        "VESTIBULE_EMAIL_URL": f"smtp://127.0.0.1:{smtp}",
        "VESTIBULE_SMS_URL": f"http://127.0.0.1:{http}/send",
    }
    try:
        yield settings, mails, texts
    finally:
        process.kill()
        process.join()


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of this machine's own installation."""
    return {name: text for name, text in os.environ.items() if not name.startswith("VESTIBULE_")}
