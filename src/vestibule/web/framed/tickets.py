"""The ticket a framed page carries: whose pages it shows, for which site, and the few cookies it would have elsewhere.

It stands in the page's own document and in what that page sends, never in an address. It is signed, so that nobody
writes one, and not secret to whom it was given: it holds what their own browser would hold.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.core import signing

FIELD = "_ticket"
HEADER = "Vestibule-Ticket"
AGE = timedelta(hours=12)
LONGEST = 4096
"""As many characters as a socket's `hello` takes."""
_SALT = "vestibule.framed"


@dataclass(frozen=True)
class Ticket:
    """What a frame is for: `business` by its name in addresses, `origin` "" in a web view, `theme` "" as it comes."""

    business: str
    kind: str
    origin: str = ""
    theme: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_app(self) -> bool:
        """Whether it was begun in a web view, which nothing may frame."""
        return not self.origin

    def signed(self) -> str:
        """Return it as text, good for twelve hours from now."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


class NoTicket(ValueError):
    """The text is no ticket, or was changed."""


class Expired(NoTicket):
    """It was a true one, `ticket`, and its twelve hours are over."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__("the ticket has expired")
        self.ticket = ticket


def read(text: str) -> Ticket:
    """Return the ticket that was signed as `text`. Raises Expired or NoTicket."""
    if not text or len(text) > LONGEST:
        raise NoTicket("no ticket has this length")
    try:
        ticket = Ticket(**signing.loads(text, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError) as false:
        raise NoTicket("this was not signed as a ticket, or by a release that wrote others") from false
    try:
        signing.loads(text, salt=_SALT, max_age=AGE)
    except signing.SignatureExpired as late:
        raise Expired(ticket) from late
    return ticket
