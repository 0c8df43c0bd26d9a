"""What is kept in step with a vendor while visits go on: tokens taken back, conversations copied and forgotten."""

import logging
import threading
from collections.abc import Callable

from django.db import connections as databases

from vestibule.meetings import outside_chat, outside_tokens

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
JOBS: tuple[Callable[[], int], ...] = (
    outside_tokens.take_back_due,
    outside_chat.mirror_due,
    outside_chat.forget_due,
)


def start(stop: threading.Event) -> threading.Thread:
    """Do what is due in a thread of its own, until `stop` is set. No fault ends it."""

    def run() -> None:
        while not stop.wait(EVERY_SECONDS):
            once()
        databases.close_all()

    thread = threading.Thread(target=run, name="outside-keeping", daemon=True)
    thread.start()
    return thread


def once() -> int:
    """Do everything that is due, and return how much that was; what fails is tried again next time."""
    done = 0
    for job in JOBS:
        try:
            done += job()
        except Exception:  # a fault in one job must not keep the others from being done
            log.exception("something outside cannot be kept in step; trying again")
            databases.close_all()
    return done
