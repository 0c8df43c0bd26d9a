"""What the tests of the consumer's pages share."""

import re
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from vestibule.booking import links
from vestibule.booking.models import Appointment, Service
from vestibule.booking.series import Occurrence

MONDAY = datetime(2030, 3, 4, 9, tzinfo=UTC)
ZOE = {"name": "Zoë Müller", "email": "zoe@example.org", "phone": ""}


def path_of(service: Service) -> str:
    return f"/book/{service.business.slug}/{service.slug}"


def rfc3339(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")


def words_of(answer: Any) -> str:
    """The page as read: no markup, single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(answer)))


def holding(client: Client, appointment: Appointment) -> Client:
    """The client after its link was opened."""
    client.get(links.addresses(appointment).manage.replace("http://localhost:8000", ""))
    return client


def starts_on(answer: Any) -> list[str]:
    """The starts a page offers, as its buttons send them."""
    return re.findall(r'name="start" value="([^"]+)"', text_of(answer))


def is_free(planned: list[Occurrence]) -> list[bool]:
    return [one.is_free for one in planned]
