"""Messages that try out words: about an example, with addresses that open nothing, marked when they are sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from vestibule.notifications.choices import Words
from vestibule.notifications.letters import Letter
from vestibule.notifications.models import OutboxMessage

MANAGE, VISIT, WAITLIST = -1, -2, -3
TOKENS = {MANAGE: "example", VISIT: "example", WAITLIST: "example"}
"""No link has such an id: the addresses of an example look like real ones, and open nothing."""
KEYS = "trial:"
"""How the key of each begins; no appointment's does."""


@dataclass(frozen=True)
class Trial:
    """What a trial says instead of what is stored; None: what is stored. `is_marked`: somebody will get it."""

    words: Words | None
    is_marked: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the trial as facts of a row hold it, under "trial"."""
        return {"words": asdict(self.words) if self.words is not None else None, "is_marked": self.is_marked}


def of(message: OutboxMessage) -> Trial | None:
    """Return the trial a message is; None for a real message."""
    stored: Mapping[str, Any] | None = message.facts.get("trial")
    if stored is None:
        return None
    return Trial(Words(**stored["words"]) if stored["words"] is not None else None, bool(stored["is_marked"]))


def marked_letter(letter: Letter) -> Letter:
    """Return a mail that says that it is a test, outside and at its end."""
    note = _("This is a test: the appointment is an example, and its addresses open nothing.")
    return replace(letter, subject=marked(letter.subject), footer=(*letter.footer, note))


def marked(said: str) -> str:
    """Return a subject or text message that begins by saying that it is a test."""
    # Translators: begins the subject of a message that was sent to try its words out.
    return f"{_('[Test]')} {said}"
