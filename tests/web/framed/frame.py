"""A frame as its script drives it: each step is posted with the ticket of the page before, and no cookie counts."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin

from django.http import HttpResponse
from django.test import Client

from vestibule.experience.models import EmbedRules
from vestibule.people.models import Business

SITE = "https://clinic.example"


def allow(business: Business, *origins: str) -> None:
    """Let these sites show the pages of a business; `SITE` unless said otherwise."""
    EmbedRules.objects.update_or_create(business=business, defaults={"origins": list(origins or (SITE,))})


class Frame:
    """One frame of `business` inside `SITE`, in a browser that checks for forgery as the real one does."""

    def __init__(self, business: Business, kind: str = "book", client: Client | None = None, **asked: str) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.answer: Any = None
        self.ticket = ""
        query = urlencode({"origin": SITE, **asked})
        self.take(self.client.get(f"/embed/{business.slug}/{kind}?{query}"))

    def take(self, answer: Any) -> HttpResponse:
        """Look at a page, and keep what it brings."""
        self.answer = answer
        self.ticket = self.meta("ticket") or self.ticket
        return self.answer  # type: ignore[no-any-return]  # the test client's answers have no type of their own

    def open(self, path: str) -> HttpResponse:
        """Open a link of the page."""
        return self.take(self.client.post(self._at(path), {"_ticket": self.ticket, "_method": "GET"}))

    def send(self, path: str, form: dict[str, Any] | None = None) -> HttpResponse:
        """Send a form of the page."""
        return self.take(self.client.post(self._at(path), {"_ticket": self.ticket, **(form or {})}))

    def fetch(self, path: str, form: dict[str, Any] | None = None, **headers: str) -> Any:
        """Ask as a script does; the ticket that comes back is the next."""
        given = {"Vestibule-Ticket": self.ticket, **headers}
        ask = self.client.get if form is None else self.client.post
        answer: Any = ask(path, form, headers=given)
        self.ticket = answer.get("Vestibule-Ticket", self.ticket)
        return answer

    def meta(self, name: str) -> str:
        """Return what the page says of itself, "" for nothing."""
        found = re.search(rf'<meta name="vestibule-{name}" content="([^"]*)">', self.text)
        return unescape(found[1]) if found else ""

    @property
    def text(self) -> str:
        """What is on the page."""
        return "" if getattr(self.answer, "streaming", False) else str(self.answer.content.decode(errors="replace"))

    @property
    def event(self) -> dict[str, Any]:
        """What the page around is told."""
        return json.loads(self.meta("event") or "{}")  # type: ignore[no-any-return]

    def _at(self, path: str) -> str:
        return urljoin(self.meta("address") or "/", path)


def ancestors(answer: Any) -> str:
    """Return who may have an answer around it, as its policy says."""
    found = re.search(r"frame-ancestors ([^;]*)", answer.get("Content-Security-Policy", ""))
    return found[1] if found else ""
