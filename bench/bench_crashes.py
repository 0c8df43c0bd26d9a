"""100 × kill -9 of the sender, and one of two workers stopped for a minute: what is lost, what is sent again.

The gateways are real servers on the loopback: SMTP, which knows no keys, and HTTP, which is given one with each text.
"""

import tempfile
from pathlib import Path

from bench import Row
from tests.notifications import crashes

KILLS = 100
MESSAGES = 3000
STOPPED_SECONDS = 60.0
LEASE_SECONDS = 10.0


def run() -> list[Row]:
    """Kill, then stop and resume; each with a database of its own."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        killed = crashes.kill_again_and_again(Path(folder), KILLS, MESSAGES)
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        stopped = crashes.stop_and_resume(Path(folder), STOPPED_SECONDS, LEASE_SECONDS, 400)
    lost = MESSAGES - len(killed.mails) - len(killed.texts)
    under_its_key = sum(killed.texts.values()) - len(killed.texts)
    most = max(killed.repeats.values(), default=0)
    return [
        Row(f"messages lost by {KILLS} kill -9", lost, "messages", 0),
        Row("mails repeated by one crash, at most", most, "mails", 1, note="SMTP takes no key"),
        Row("mails repeated by all crashes", sum(killed.repeats.values()), "mails", KILLS),
        Row("texts told again under their key", under_its_key, "texts", note="the gateway acts on a key once"),
        Row("mails sent by a worker stopped for 60 s when it went on", stopped.since_resumed, "mails", 0),
    ]
