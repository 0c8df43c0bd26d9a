"""The frame a request comes from: its ticket, and what happened that the page around is told."""

import json
import secrets
from dataclasses import dataclass, field

from django.http import HttpRequest

from vestibule.people.models import Business
from vestibule.web.framed import places
from vestibule.web.framed.tickets import Ticket


@dataclass
class Frame:
    """One frame while a request of its is answered: the ticket as it will be, and where it has got to.

    Pages show `mark` where their ticket belongs, which is only known when all of them is written.
    """

    ticket: Ticket
    origins: tuple[str, ...] = ()
    mark: str = field(default_factory=lambda: f"ticket-{secrets.token_hex(12)}")
    fragment: str = ""
    by_script: bool = False
    events: list[str] = field(default_factory=list)

    @property
    def theme(self) -> str:
        """The scheme that was asked for; "" for the page's own."""
        return self.ticket.theme

    @property
    def origin(self) -> str:
        """Whom the page talks to: an origin, or "app"."""
        return self.ticket.origin or "app"

    def page(self, request: HttpRequest) -> str:
        """Return what the page is, as the page around is told."""
        return places.kind_of(request.path_info, self.ticket.business)

    def address(self, request: HttpRequest) -> str:
        """Return the page's own address, without what somebody's link brought in it."""
        is_link = "v" in request.GET or self.page(request) in ("visit", "survey")
        path = request.path if is_link else request.get_full_path()
        return f"{path}#{self.fragment}" if self.fragment else path


def of(request: HttpRequest) -> Frame | None:
    """Return the frame a request comes from, None for a page in a window of its own."""
    frame: Frame | None = getattr(request, "framed", None)
    return frame


def is_elsewhere(request: HttpRequest, business: Business) -> bool:
    """Tell whether a request comes from a frame for another business, which opens nothing of this one."""
    frame = of(request)
    return frame is not None and frame.ticket.business != business.slug


def tell(request: HttpRequest, kind: str, detail: dict[str, str] | None = None) -> None:
    """Tell the page around that something happened, with the next page shown; nothing without a page around.

    `detail` is what docs/reference/embed.md says of `kind`, and nothing about the person.
    """
    frame = of(request)
    if frame is not None:
        frame.events.append(json.dumps({"type": kind, "detail": detail or {}}))
